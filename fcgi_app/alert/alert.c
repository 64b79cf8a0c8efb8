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

#include "alert/alert.h"

#include <stdlib.h>

#include "model/outbox.h"
#include "util/hex.h"
#include "util/log.h"

#define REFRESH_US (2 * US_PER_SECOND)

/* Snoozes end by themselves: rules are read again after so long. */
#define RELOAD_US US_PER_MINUTE

/* (rule, issue) pairs that are known to be silent; a power of two. */
#define SILENT_SIZE 65536

/* Minutes of issues that one turn counts. */
#define DUE_MAX 200


struct place {
    int64_t project_id;      /* or, of rules for all projects, 0 */
    int64_t organization_id; /* of rules for all projects */
    struct rule *rule;
};

struct silence {
    int64_t rule_id;
    int64_t issue_id;
    int64_t until; /* minute */
};

struct alerts {
    struct arena *arena;
    int64_t version;
    int64_t looked_at; /* monotonic; 0: never */
    int64_t loaded_at;
    struct rule *rules; /* by id */
    size_t nrules;
    struct place *places; /* by project, then organisation */
    size_t nplaces;
    unsigned causes;         /* of all rules */
    bool wants_environments; /* one asks what is new in its environment */
    struct silence *silent;
    uint64_t
        *environments; /* hashes of (issue, environment) seen; SILENT_SIZE */
};


struct alerts *
alerts_new(void)
{
    struct alerts *al = calloc(1, sizeof(*al));

    if (al == NULL) {
        abort();
    }
    al->arena = arena_new();
    al->silent = calloc(SILENT_SIZE, sizeof(*al->silent));
    al->environments = calloc(SILENT_SIZE, sizeof(*al->environments));
    if (al->silent == NULL || al->environments == NULL) {
        abort();
    }
    return al;
}


void
alerts_free(struct alerts *al)
{
    if (al == NULL) {
        return;
    }
    arena_free(al->arena);
    free(al->silent);
    free(al->environments);
    free(al);
}


/* the rules */

static int
by_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->project_id != b->project_id) {
        return a->project_id < b->project_id ? -1 : 1;
    }
    if (a->organization_id != b->organization_id) {
        return a->organization_id < b->organization_id ? -1 : 1;
    }
    return (a->rule > b->rule) - (a->rule < b->rule);
}


static void
place_rules(struct alerts *al)
{
    size_t n = 0;

    for (size_t i = 0; i < al->nrules; i++) {
        const struct alert_rule *row = al->rules[i].row;

        n += row->all_projects ? 1 : row->nprojects;
    }
    al->places = arena_array(al->arena, n, sizeof(*al->places));
    al->nplaces = 0;
    for (size_t i = 0; i < al->nrules; i++) {
        struct rule *r = &al->rules[i];

        if (r->row->all_projects) {
            al->places[al->nplaces++] =
                (struct place){ 0, r->row->organization_id, r };
            continue;
        }
        for (size_t k = 0; k < r->row->nprojects; k++) {
            al->places[al->nplaces++] =
                (struct place){ r->row->projects[k], 0, r };
        }
    }
    if (al->nplaces > 0) {
        qsort(al->places, al->nplaces, sizeof(*al->places), by_place);
    }
}


static enum status
load(struct alerts *al, struct db *db)
{
    struct arena *a = arena_new();
    struct alert_rule *rows;
    const char *fault;
    enum status st;
    size_t n;

    if ((st = alert_rules_active(db, a, time_now(), &rows, &n)) != ST_OK) {
        arena_free(a);
        return st;
    }
    arena_free(al->arena);
    al->arena = a;
    al->rules = arena_array(a, n, sizeof(*al->rules));
    al->nrules = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].metric) {
            continue;
        }
        if (rule_read(a, &rows[i], &al->rules[al->nrules], &fault)) {
            al->nrules++;

        } else {
            log_warning("alert rule %lld is left out: %s",
                        (long long) rows[i].id, fault);
        }
    }
    place_rules(al);
    al->causes = 0;
    al->wants_environments = false;
    for (size_t i = 0; i < al->nrules; i++) {
        al->causes |= al->rules[i].causes;
        al->wants_environments = al->wants_environments
                                 || (al->rules[i].row->nenvironments > 0
                                     && (al->rules[i].causes & CAUSE_NEW) != 0);
    }
    return ST_OK;
}


enum status
alerts_refresh(struct alerts *al, struct db *db)
{
    int64_t now = time_monotonic(), version;
    struct arena *a;
    enum status st;

    if (al->looked_at != 0 && now - al->looked_at < REFRESH_US) {
        return ST_OK;
    }
    a = arena_new();
    st = alert_version(db, a, &version);
    arena_free(a);
    if (st != ST_OK) {
        return st;
    }
    if (al->looked_at == 0 || version != al->version
        || now - al->loaded_at > RELOAD_US) {
        if ((st = load(al, db)) != ST_OK) {
            return st;
        }
        al->version = version;
        al->loaded_at = now;
    }
    al->looked_at = now;
    return ST_OK;
}


const struct rule *
alerts_rule(const struct alerts *al, int64_t id)
{
    size_t low = 0, high = al->nrules;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (al->rules[middle].row->id == id) {
            return &al->rules[middle];
        }
        if (al->rules[middle].row->id < id) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return NULL;
}


/* The first place not before this one. */
static size_t
first_place(const struct alerts *al, int64_t project, int64_t organization)
{
    struct place key = { project, organization, NULL };
    size_t low = 0, high = al->nplaces;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (by_place(&al->places[middle], &key) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return low;
}


/* The rules of a project: its own, then those for all projects. */
struct ruleset {
    const struct rule **v;
    size_t n;
    unsigned causes;
    bool plain_counts; /* one counts without looking at the event */
};


static void
add_rules(const struct alerts *al, int64_t project, int64_t organization,
          struct ruleset *out)
{
    for (size_t i = first_place(al, project, organization);
         i < al->nplaces && al->places[i].project_id == project
         && al->places[i].organization_id == organization;
         i++) {
        const struct rule *r = al->places[i].rule;

        out->v[out->n++] = r;
        out->causes |= r->causes;
        out->plain_counts =
            out->plain_counts || (r->counts_alone && !r->looks_at_event);
    }
}


static struct ruleset
rules_of(const struct alerts *al, struct arena *a, int64_t organization,
         int64_t project)
{
    struct ruleset out = { .n = 0 };

    out.v = arena_array(a, al->nplaces, sizeof(*out.v));
    add_rules(al, project, 0, &out);
    add_rules(al, 0, organization, &out);
    return out;
}


/* silence */

static struct silence *
silence_of(const struct alerts *al, int64_t rule_id, int64_t issue_id)
{
    uint64_t h = ((uint64_t) rule_id * UINT64_C(0x9E3779B97F4A7C15))
                 ^ ((uint64_t) issue_id * UINT64_C(0xC2B2AE3D27D4EB4F));

    return &al->silent[(h ^ h >> 32) & (SILENT_SIZE - 1)];
}


static bool
is_silent(const struct alerts *al, int64_t rule_id, int64_t issue_id,
          int64_t at)
{
    const struct silence *s = silence_of(al, rule_id, issue_id);

    return s->rule_id == rule_id && s->issue_id == issue_id && at < s->until;
}


/* firing */

struct salvo {
    struct arena *a;
    struct alert_fire *v;
    size_t n;
    size_t size;
};


static void
add_fire(struct salvo *s, const struct rule *r, const struct facts *f)
{
    const struct alert_node *node = f->measured.node;
    struct alert_fire *fire;

    if (s->n == s->size) {
        size_t size = s->size == 0 ? 16 : s->size * 2;

        s->v = arena_grow(s->a, s->v, s->size * sizeof(*s->v),
                          size * sizeof(*s->v));
        s->size = size;
    }
    fire = &s->v[s->n++];
    *fire = (struct alert_fire){
        .organization_id = f->organization_id,
        .rule_id = r->row->id,
        .project_id = f->project_id,
        .issue_id = f->issue_id,
        .event_id = f->ev != NULL ? hex_encode(s->a, f->ev->id, 16) : STR_NULL,
        .at = f->at,
        .interval = r->interval,
        .cause = node != NULL ? alert_measured_words(s->a, &f->measured)
                              : rule_words(s->a, r),
        .value = f->measured.value,
        .threshold = f->measured.threshold,
        .window = f->measured.window,
        .environment = f->ev != NULL ? f->ev->environment : STR_NULL,
    };
}


/* Earliest first of each rule and issue. */
static int
by_pair(const void *left, const void *right)
{
    const struct alert_fire *a = left, *b = right;

    if (a->rule_id != b->rule_id) {
        return a->rule_id < b->rule_id ? -1 : 1;
    }
    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->at > b->at) - (a->at < b->at);
}


static int
by_issue(const void *left, const void *right)
{
    const struct alert_fire *a = left, *b = right;

    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}


static struct outbox_row
route_of(struct arena *a, const struct alert_fire *fires, size_t n)
{
    struct buf data = buf_in(a);

    buf_text(&data, "{\"fires\":[");
    for (size_t i = 0; i < n; i++) {
        buf_addf(&data, "%s%lld", i > 0 ? "," : "", (long long) fires[i].id);
    }
    buf_text(&data, "]}");
    return (struct outbox_row){
        .organization_id = fires[0].organization_id,
        .project_id = fires[0].project_id,
        .issue_id = fires[0].issue_id > 0 ? fires[0].issue_id : 0,
        .rule_id = fires[0].rule_id,
        .fire_id = fires[0].id,
        .cause = STR("issue"),
        .channel = STR("route"),
        .data = buf_view(&data),
        .key = str_printf(a, "fires:%lld", (long long) fires[0].id),
    };
}


/* One row of the outbox an issue: the receivers of several rules get one. */
static enum status
post(struct db *db, struct arena *a, struct alert_fire *fires, size_t n)
{
    struct outbox_row *rows = arena_array(a, n, sizeof(*rows));
    size_t fired = 0, nrows = 0;

    for (size_t i = 0; i < n; i++) {
        if (fires[i].id != 0) {
            fires[fired++] = fires[i];
        }
    }
    if (fired > 0) {
        qsort(fires, fired, sizeof(*fires), by_issue);
    }
    for (size_t i = 0, from = 0; i < fired; i++) {
        if (i + 1 == fired || fires[i + 1].issue_id != fires[i].issue_id) {
            rows[nrows++] = route_of(a, fires + from, i + 1 - from);
            from = i + 1;
        }
    }
    return outbox_add(db, a, rows, nrows);
}


/*
 * Fires what is not silent.  Of one rule and issue the earliest first; what
 * comes after its silence in the same salvo gets a round of its own.
 */
static enum status
fire(struct alerts *al, struct db *db, struct salvo *s)
{
    struct alert_fire *round = arena_array(s->a, s->n, sizeof(*round));
    struct alert_fire *rest = s->v;
    size_t nrest = s->n;
    enum status st = ST_OK;

    if (nrest > 0) {
        qsort(rest, nrest, sizeof(*rest), by_pair);
    }
    while (st == ST_OK && nrest > 0) {
        size_t n = 0, left = 0;

        for (size_t i = 0; i < nrest; i++) {
            struct alert_fire *last = n > 0 ? &round[n - 1] : NULL;
            bool same = last != NULL && last->rule_id == rest[i].rule_id
                        && last->issue_id == rest[i].issue_id;

            if (!same) {
                round[n++] = rest[i];

            } else if (rest[i].at >= last->at + last->interval) {
                rest[left++] = rest[i];
            }
        }
        st = alert_fire_add(db, s->a, round, n);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            *silence_of(al, round[i].rule_id, round[i].issue_id) =
                (struct silence){ round[i].rule_id, round[i].issue_id,
                                  round[i].id != 0
                                      ? round[i].at + round[i].interval
                                      : round[i].at + US_PER_MINUTE };
        }
        if (st == ST_OK) {
            st = post(db, s->a, round, n);
        }
        nrest = left;
    }
    return st;
}


/* due */

struct dues {
    struct arena *a;
    struct alert_due *v;
    size_t n;
    size_t size;
};


/* The entry of an issue and minute; those of a batch are few. */
static struct alert_due *
due_of(struct dues *d, const struct facts *f)
{
    struct alert_due *due;

    for (size_t i = d->n; i-- > 0;) {
        if (d->v[i].issue_id == f->issue_id && d->v[i].minute == f->at) {
            return &d->v[i];
        }
        if (d->n - i > 64) {
            break; /* a second entry is merged below */
        }
    }
    if (d->n == d->size) {
        size_t size = d->size == 0 ? 64 : d->size * 2;

        d->v = arena_grow(d->a, d->v, d->size * sizeof(*d->v),
                          size * sizeof(*d->v));
        d->size = size;
    }
    due = &d->v[d->n++];
    *due = (struct alert_due){
        .organization_id = f->organization_id,
        .project_id = f->project_id,
        .issue_id = f->issue_id,
        .minute = f->at,
    };
    return due;
}


static void
add_due(struct dues *d, const struct facts *f, const struct rule *r)
{
    struct alert_due *due = due_of(d, f);

    if (f->ev != NULL) {
        due->event_id = hex_encode(d->a, f->ev->id, 16);
    }
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < due->nrules; i++) {
        if (due->rules[i] == r->row->id) {
            return;
        }
    }
    due->rules = arena_grow(d->a, due->rules, due->nrules * sizeof(*due->rules),
                            (due->nrules + 1) * sizeof(*due->rules));
    due->rules[due->nrules++] = r->row->id;
}


static int
by_due(const void *left, const void *right)
{
    const struct alert_due *a = left, *b = right;

    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->minute > b->minute) - (a->minute < b->minute);
}


static enum status
write_dues(struct db *db, struct dues *d)
{
    size_t n = 0;

    if (d->n == 0) {
        return ST_OK;
    }
    if (d->n > 0) {
        qsort(d->v, d->n, sizeof(*d->v), by_due);
    }
    for (size_t i = 0; i < d->n; i++) {
        struct alert_due *last = n > 0 ? &d->v[n - 1] : NULL;
        struct alert_due *due = &d->v[i];

        if (last == NULL || by_due(last, due) != 0) {
            d->v[n++] = *due;
            continue;
        }
        last->rules =
            arena_grow(d->a, last->rules, last->nrules * sizeof(*last->rules),
                       (last->nrules + due->nrules) * sizeof(*last->rules));
        for (size_t k = 0; k < due->nrules; k++) {
            last->rules[last->nrules++] = due->rules[k];
        }
    }
    return alert_due_add(db, d->a, d->v, n);
}


/* the digest */

struct stored {
    struct alerts *al;
    struct db *db;
    struct arena *a;
    struct salvo salvo;
    struct dues dues;
    struct alert_tag *tags; /* new ones, of any change */
    size_t ntags;
    size_t *tag_of;  /* the change that brought it */
    bool *new_there; /* by change: the issue is new in the environment */
};


/* One rule and one event; what it is about stands in f. */
static void
try(struct stored *s, const struct rule *r, struct facts *f)
{
    enum verdict v;

    if (!rule_wants(r, f->ev->environment)
        || is_silent(s->al, r->row->id, f->issue_id, f->at)) {
        return;
    }
    if ((r->causes & f->causes) != 0) {
        v = rule_fires(r, f);
        if (v == NO || !rule_passes(r, f)) {
            return;
        }
        if (v == YES) {
            add_fire(&s->salvo, r, f);

        } else {
            add_due(&s->dues, f, r);
        }

    } else if (r->counts_alone && r->looks_at_event && rule_passes(r, f)) {
        add_due(&s->dues, f, r);
    }
}


static bool
environment_is_known(struct alerts *al, int64_t issue, struct str environment)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t) issue;
    uint64_t *slot;

    for (size_t i = 0; i < environment.n; i++) {
        h = (h ^ (unsigned char) environment.p[i]) * UINT64_C(1099511628211);
    }
    h |= 1;
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
            rules = rules_of(s->al, s->a, ev->organization_id, project);
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
        .ev = ev,
    };
    bool there = s->new_there != NULL && s->new_there[i];

    if (rules->plain_counts) {
        add_due(&s->dues, &f, NULL);
    }
    for (size_t r = 0; r < rules->n; r++) {
        const struct rule *rule = rules->v[r];

        f.is_new = rule->row->nenvironments > 0 ? there : c->fresh;
        f.causes = CAUSE_EVENT | (f.is_new ? CAUSE_NEW : 0u);
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
    struct stored s = {
        .al = al, .db = db, .a = a, .salvo = { .a = a }, .dues = { .a = a }
    };
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
            rules = rules_of(al, a, ev->organization_id, project);
        }
        if (rules.n > 0) {
            look_at(&s, &changes[i], i, &rules);
        }
    }
    if ((st = write_dues(db, &s.dues)) != ST_OK || s.salvo.n == 0) {
        return st;
    }
    return fire(al, db, &s.salvo);
}


/* counters */

struct counted {
    int64_t issue_id;
    int64_t from;
    int64_t to;
    enum alert_unit unit;
    const struct str *environments; /* of the rule: the same pointer */
    int64_t n;
    struct counted *next;
};

struct alert_counter {
    struct counted *slots[1024];
};


struct alert_counter *
alert_counter_new(struct arena *a)
{
    return arena_new_of(a, struct alert_counter);
}


enum status
alert_counter_count(struct facts *f, enum alert_unit unit, int64_t from,
                    int64_t to, int64_t *out)
{
    struct alert_counter *counter = f->counter;
    const struct str *environments =
        f->nenvironments > 0 ? f->environments : NULL;
    uint64_t h = (uint64_t) f->issue_id * 31 + (uint64_t) (from / US_PER_MINUTE)
                 + (uint64_t) unit;
    struct counted **slot = &counter->slots[(h ^ h >> 10) % 1024];
    struct counted *c;
    enum status st;

    for (c = *slot; c != NULL; c = c->next) {
        if (c->issue_id == f->issue_id && c->from == from && c->to == to
            && c->unit == unit && c->environments == environments) {
            *out = c->n;
            return ST_OK;
        }
    }
    st = alert_count(f->db, f->a, f->issue_id, unit, f->environments,
                     f->nenvironments, from, to, out);
    if (st == ST_OK) {
        c = arena_new_of(f->a, struct counted);
        *c = (struct counted){ f->issue_id,  from, to,   unit,
                               environments, *out, *slot };
        *slot = c;
    }
    return st;
}


static bool
named(const struct alert_due *due, int64_t rule_id)
{
    for (size_t i = 0; i < due->nrules; i++) {
        if (due->rules[i] == rule_id) {
            return true;
        }
    }
    return false;
}


static enum status
count_due(struct alerts *al, struct db *db, struct arena *a,
          const struct alert_due *due, struct alert_counter *counter,
          struct salvo *salvo)
{
    struct ruleset rules =
        rules_of(al, a, due->organization_id, due->project_id);
    struct batch_event ev = { .environment = STR_NULL };
    struct facts f = {
        .a = a,
        .db = db,
        .causes = CAUSE_COUNT,
        .at = due->minute,
        .organization_id = due->organization_id,
        .project_id = due->project_id,
        .issue_id = due->issue_id,
        .count = alert_counter_count,
        .counter = counter,
    };
    const struct alert_issue *is = facts_issue(&f);

    if (is == NULL || is->status != 0) {
        return f.st; /* resolved and archived issues fire nothing */
    }
    for (size_t i = 0; f.st == ST_OK && i < rules.n; i++) {
        const struct rule *r = rules.v[i];
        bool chosen = named(due, r->row->id);

        if (!r->counts || (!chosen && (!r->counts_alone || r->looks_at_event))
            || is_silent(al, r->row->id, due->issue_id, due->minute)) {
            continue;
        }
        /* a rule that was named has had its filters asked, with the event */
        if (rule_fires(r, &f) == YES && (chosen || rule_passes(r, &f))) {
            f.ev = uuid_parse(due->event_id, ev.id) ? &ev : NULL;
            add_fire(salvo, r, &f);
            f.ev = NULL;
        }
    }
    return f.st;
}


enum status
alerts_count_turn(struct alerts *al, struct db *db, struct arena *a, bool *more)
{
    struct alert_counter *counter = alert_counter_new(a);
    struct salvo salvo = { .a = a };
    struct alert_due *due;
    enum status st;
    size_t n = 0;

    if ((st = alerts_refresh(al, db)) != ST_OK
        || (st = db_begin(db)) != ST_OK) {
        return st;
    }
    st = alert_due_take(db, a, DUE_MAX, &due, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = count_due(al, db, a, &due[i], counter, &salvo);
    }
    if (st == ST_OK) {
        st = fire(al, db, &salvo);
    }
    *more = n == DUE_MAX;
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* projects */

static enum status
watch(struct alerts *al, struct db *db, struct arena *a, const struct rule *r,
      int64_t project_id, int64_t at, double waiting, struct salvo *salvo)
{
    struct facts f = {
        .a = a,
        .db = db,
        .causes = CAUSE_PROJECT,
        .at = at,
        .organization_id = r->row->organization_id,
        .project_id = project_id,
        .issue_id = -project_id, /* whose silence it is */
        .waiting = waiting,
    };

    if (is_silent(al, r->row->id, f.issue_id, at)) {
        return ST_OK;
    }
    if (rule_fires(r, &f) == YES) {
        /* filters are about issues; only the time can be asked */
        add_fire(salvo, r, &f);
    }
    return f.st;
}


enum status
alerts_watch_turn(struct alerts *al, struct db *db, struct arena *a,
                  double waiting)
{
    int64_t at = time_now() / US_PER_MINUTE * US_PER_MINUTE;
    struct salvo salvo = { .a = a };
    enum status st;

    if ((st = alerts_refresh(al, db)) != ST_OK
        || (st = db_begin(db)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; st == ST_OK && i < al->nrules; i++) {
        const struct rule *r = &al->rules[i];
        const int64_t *projects = r->row->projects;
        size_t n = r->row->nprojects;

        if ((r->causes & CAUSE_PROJECT) == 0) {
            continue;
        }
        if (r->row->all_projects) {
            st = alert_projects(db, a, r->row->organization_id, &projects, &n);
        }
        for (size_t k = 0; st == ST_OK && k < n; k++) {
            st = watch(al, db, a, r, projects[k], at, waiting, &salvo);
        }
    }
    if (st == ST_OK) {
        st = fire(al, db, &salvo);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* history */

unsigned
alerts_cause_of(struct str kind)
{
    static const struct {
        const char *kind;
        unsigned cause;
    } causes[] = {
        { "regressed", CAUSE_REGRESSED },   { "escalating", CAUSE_REAPPEARED },
        { "unarchived", CAUSE_REAPPEARED }, { "resolved", CAUSE_RESOLVED },
        { "assigned", CAUSE_ASSIGNED },     { "comment", CAUSE_COMMENT },
        { "priority", CAUSE_PRIORITY }
    };

    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (str_is(kind, causes[i].kind)) {
            return causes[i].cause;
        }
    }
    return 0;
}


enum status
alerts_history(struct alerts *al, struct db *db, struct arena *a,
               int64_t organization_id, int64_t issue_id, struct str kind,
               int64_t at, struct str text)
{
    struct salvo salvo = { .a = a };
    struct dues dues = { .a = a };
    struct facts f = {
        .a = a,
        .db = db,
        .causes = alerts_cause_of(kind),
        .at = at - at % US_PER_MINUTE,
        .organization_id = organization_id,
        .issue_id = issue_id,
        .comment = text,
    };
    const struct alert_issue *is = facts_issue(&f);
    struct batch_event *events;
    struct ruleset rules;
    enum status st;
    size_t n;

    if (f.causes == 0 || is == NULL) {
        return f.st;
    }
    f.project_id = is->project_id;
    rules = rules_of(al, a, organization_id, is->project_id);
    if ((rules.causes & f.causes) == 0) {
        return ST_OK;
    }
    st = alert_events(db, a, issue_id, 0, at, 1, &events, &n);
    if (st != ST_OK) {
        return st;
    }
    f.ev = n > 0 ? &events[0] : NULL;
    for (size_t i = 0; f.st == ST_OK && i < rules.n; i++) {
        const struct rule *r = rules.v[i];
        enum verdict v;

        if ((r->causes & f.causes) == 0
            || !rule_wants(r, f.ev != NULL ? f.ev->environment : STR_NULL)) {
            continue;
        }
        v = rule_fires(r, &f);
        if (v == NO || !rule_passes(r, &f)) {
            continue;
        }
        if (v == YES) {
            add_fire(&salvo, r, &f);

        } else {
            add_due(&dues, &f, r);
        }
    }
    if (f.st != ST_OK || (st = write_dues(db, &dues)) != ST_OK) {
        return f.st != ST_OK ? f.st : st;
    }
    return fire(al, db, &salvo);
}
