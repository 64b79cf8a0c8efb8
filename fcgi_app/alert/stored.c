/*
 * DESIGN.  1,000 rules must not be felt by the digest.  So a rule says which
 * causes can set it off (rule.causes), and an event is first a mask of causes:
 * of a known issue it is CAUSE_EVENT alone, and a rule for new issues costs one
 * comparison.  Rules that only count cost the digest nothing but one row a
 * minute and issue (alert_due), however many they are; the chore evaluates
 * them.  A rule that has fired for an issue is silent for a while, which each
 * process remembers, so that a flood does not ask the database each time.
 *
 * Rejected: evaluating everything in the chore.  It would have to read events
 * back that the digest has in its hands, and be late.
 */


#include "alert/alert_work.h"

#include "util/fnv.h"


struct stored {
    struct alerts *al;
    struct db *db;
    struct arena *a;
    struct salvo salvo;
    struct dues dues;
    struct memo *memo;
    struct alert_match *matches; /* users to count */
    size_t nmatches;
    size_t matches_size;
    struct alert_tag *tags; /* new ones, of any change */
    size_t ntags;
    size_t *tag_of;  /* the change that brought it */
    bool *new_there; /* by change: the issue is new in the environment */
};


/*
 * One rule and one event; what it is about stands in f.  Filters that only
 * look at the event's columns cost less than to look up a silence, which is
 * somewhere in memory, so they come first.
 */
static void
try(struct stored *s, const struct rule *r, struct facts *f)
{
    bool caused = (r->causes & f->causes) != 0;
    unsigned blocks = rule_blocks(r);
    enum verdict v;

    if (!rule_wants(r, f->ev->environment)
        || (r->light_filters && (blocks = rule_passes(r, f, blocks)) == 0)
        || (blocks =
                alerts_awake(s->al, r->row->id, f->issue_id, f->at, blocks))
               == 0
        || (!caused && !(r->counts_alone && r->looks_at_event))) {
        return;
    }
    v = caused ? rule_fires(r, f) : LATER;
    if (v == NO
        || (!r->light_filters && (blocks = rule_passes(r, f, blocks)) == 0)) {
        return;
    }
    if (v == YES) {
        salvo_add(&s->salvo, r, f, blocks);

    } else {
        dues_add(&s->dues, f, r, blocks);
    }
}


static bool
environment_is_known(struct alerts *al, int64_t issue, struct str environment)
{
    uint64_t h = fnv_text(FNV_START ^ (uint64_t) issue, environment) | 1;
    uint64_t *slot;

    slot = &al->environments[(h ^ h >> 32) & (SILENT_SIZE - 1)];
    if (*slot == h) {
        return true;
    }
    *slot = h;
    return false;
}


/* Which issues are new in their environment: for rules that have one. */
static enum status
find_environments(struct stored *s, const struct batch_change *c, size_t n)
{
    int64_t *issues = arena_array(s->a, n, sizeof(int64_t));
    int64_t *minutes = arena_array(s->a, n, sizeof(int64_t));
    struct str *names = arena_array(s->a, n, sizeof(struct str));
    size_t *change = arena_array(s->a, n, sizeof(size_t));
    size_t *fresh, nfresh, k = 0;
    enum status st;

    s->new_there = arena_array(s->a, n, sizeof(bool));
    for (size_t i = 0; i < n; i++) {
        struct str name =
            str_null(c[i].ev->environment) ? STR("") : c[i].ev->environment;

        if (!environment_is_known(s->al, c[i].issue_id, name)) {
            issues[k] = c[i].issue_id;
            names[k] = name;
            minutes[k] =
                c[i].ev->received_at - c[i].ev->received_at % US_PER_MINUTE;
            change[k++] = i;
        }
    }
    if (k == 0) {
        return ST_OK;
    }
    st = alert_new_environments(s->db, s->a, issues, names, minutes, k, &fresh,
                                &nfresh);
    for (size_t i = 0; st == ST_OK && i < nfresh; i++) {
        s->new_there[change[fresh[i]]] = true;
    }
    return st;
}


/* Values of the tags that rules of their project wait for. */
static enum status
find_tags(struct stored *s, const struct batch_change *c, size_t n)
{
    struct alert_tag *tags = NULL;
    size_t *of = NULL, k = 0, size = 0, *fresh, nfresh;
    struct ruleset rules = { .n = 0 };
    int64_t project = 0;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        const struct batch_event *ev = c[i].ev;

        if (ev->project_id != project) {
            project = ev->project_id;
            rules = alerts_of(s->al, s->a, ev->organization_id, project);
        }
        if ((rules.causes & CAUSE_TAG) == 0) {
            continue;
        }
        for (size_t r = 0; r < rules.n; r++) {
            for (size_t m = 0; m < rules.v[r]->nconditions; m++) {
                const struct alert_node *node = &rules.v[r]->conditions[m];

                if (node->type->causes != CAUSE_TAG) {
                    continue;
                }
                for (size_t t = 0; t < ev->ntags; t++) {
                    if (!str_ieq(ev->tags[t].key, alert_tag_key(node))) {
                        continue;
                    }
                    if (k == size) {
                        size_t more = size == 0 ? 64 : size * 2;

                        tags = arena_grow(s->a, tags, size * sizeof(*tags),
                                          more * sizeof(*tags));
                        of = arena_grow(s->a, of, size * sizeof(*of),
                                        more * sizeof(*of));
                        size = more;
                    }
                    of[k] = i;
                    tags[k++] = (struct alert_tag){
                        .organization_id = ev->organization_id,
                        .project_id = ev->project_id,
                        .key = ev->tags[t].key,
                        .value = ev->tags[t].value,
                        .at = ev->received_at - ev->received_at % US_PER_MINUTE,
                    };
                }
            }
        }
    }
    if (k == 0) {
        return ST_OK;
    }
    st = alert_new_tags(s->db, s->a, tags, k, &fresh, &nfresh);
    s->tags = arena_array(s->a, nfresh, sizeof(*s->tags));
    s->tag_of = arena_array(s->a, nfresh, sizeof(*s->tag_of));
    for (size_t i = 0; st == ST_OK && i < nfresh; i++) {
        s->tags[s->ntags] = tags[fresh[i]];
        s->tag_of[s->ntags++] = of[fresh[i]];
    }
    return st;
}


/* The rule counts users of events like this one; rules with the same filters
 * do it together. */
static void
match(struct stored *s, const struct rule *r, struct facts *f)
{
    for (size_t i = s->nmatches; i-- > 0 && s->matches[i].ev == f->ev;) {
        if (s->matches[i].match == r->match) {
            return;
        }
    }
    if (f->ev->user_tag.n == 0 || !rule_matches(r, f)) {
        return;
    }
    if (s->nmatches == s->matches_size) {
        size_t size = s->matches_size == 0 ? 64 : s->matches_size * 2;

        s->matches =
            arena_grow(s->a, s->matches, s->matches_size * sizeof(*s->matches),
                       size * sizeof(*s->matches));
        s->matches_size = size;
    }
    s->matches[s->nmatches++] =
        (struct alert_match){ f->issue_id, r->match, f->ev };
}


static void
look_at(struct stored *s, const struct batch_change *c, size_t i,
        const struct ruleset *rules)
{
    const struct batch_event *ev = c->ev;
    struct facts f = {
        .a = s->a,
        .db = s->db,
        .at = ev->received_at - ev->received_at % US_PER_MINUTE,
        .organization_id = ev->organization_id,
        .project_id = ev->project_id,
        .issue_id = c->issue_id,
        .memo = s->memo,
        .ev = ev,
    };
    bool there = s->new_there != NULL && s->new_there[i];

    if (rules->plain_counts) {
        dues_add(&s->dues, &f, NULL, 0);
    }
    for (size_t r = 0; r < rules->n; r++) {
        const struct rule *rule = rules->v[r];

        f.is_new = rule->row->nenvironments > 0 ? there : c->fresh;
        f.causes = CAUSE_EVENT | (f.is_new ? CAUSE_NEW : 0u);
        if (rule->match != 0) {
            match(s, rule, &f);
        }
        if ((rule->causes & f.causes) != 0
            || (rule->counts_alone && rule->looks_at_event)) {
            try(s, rule, &f);
        }
        for (size_t t = 0; t < s->ntags; t++) {
            if (s->tag_of[t] == i && (rule->causes & CAUSE_TAG) != 0) {
                f.causes = CAUSE_TAG;
                f.tag = &s->tags[t];
                try(s, rule, &f);
            }
        }
    }
}


enum status
alerts_stored(void *context, struct db *db, struct arena *a,
              const struct batch_change *changes, size_t n)
{
    struct alerts *al = context;
    struct stored s = { .al = al,
                        .db = db,
                        .a = a,
                        .salvo = { .a = a },
                        .dues = { .a = a },
                        .memo = memo_new(a) };
    struct ruleset rules = { .n = 0 };
    int64_t project = 0;
    enum status st;

    if (al->nrules == 0) {
        return ST_OK;
    }
    if ((al->wants_environments
         && (st = find_environments(&s, changes, n)) != ST_OK)
        || ((al->causes & CAUSE_TAG) != 0
            && (st = find_tags(&s, changes, n)) != ST_OK)) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        const struct batch_event *ev = changes[i].ev;

        if (ev->project_id != project) {
            project = ev->project_id;
            rules = alerts_of(al, a, ev->organization_id, project);
        }
        if (rules.n > 0) {
            look_at(&s, &changes[i], i, &rules);
        }
    }
    if ((st = alert_match_add(db, a, s.matches, s.nmatches)) != ST_OK
        || (st = dues_write(db, &s.dues)) != ST_OK || s.salvo.n == 0) {
        return st;
    }
    return salvo_fire(al, db, &s.salvo);
}
