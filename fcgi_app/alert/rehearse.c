#include "alert/rehearse.h"

#include <stdlib.h>

#include "alert/alert.h"
#include "model/rehearse.h"

/* Events of one minute that filters are asked of. */
#define EVENTS_MAX 50

/* Minutes whose events are read, at most. */
#define LOOKS_MAX 2000

struct moment {
    unsigned cause;
    int64_t issue_id;
    int64_t project_id;
    int64_t at;    /* minute */
    int64_t exact; /* of history: when */
    struct past *past;
};

/* Until when blocks of the rule are silent for an issue. */
struct hush {
    int64_t issue_id;
    int64_t until;
    unsigned blocks;
};

struct replay {
    struct db *db;
    struct arena *a;
    const struct rule *rule;
    struct past_scope scope;
    struct memo *memo;
    struct moment *moments;
    size_t n;
    size_t size;
    struct past *minutes; /* by issue and minute: what is counted */
    size_t nminutes;
    struct past *matches; /* the same of what the tag filters let through */
    size_t nmatches;
    struct hush *silent; /* a table of so many slots */
    size_t slots;
    int looks;
    struct rehearsal *out;
};


static void
add(struct replay *r, unsigned cause, struct past *p)
{
    if (r->n == r->size) {
        size_t size = r->size == 0 ? 256 : r->size * 2;

        r->moments = arena_grow(r->a, r->moments, r->size * sizeof(*r->moments),
                                size * sizeof(*r->moments));
        r->size = size;
    }
    r->moments[r->n++] =
        (struct moment){ cause,         p->issue_id,
                         p->project_id, p->at - p->at % US_PER_MINUTE,
                         p->at,         p };
}


/* gathering */

static int64_t
longest_window(const struct rule *rule)
{
    int64_t longest = 0;

    for (size_t i = 0; i < rule->nconditions; i++) {
        const struct alert_node *n = &rule->conditions[i];
        int64_t back =
            (n->window + n->compare) * US_PER_SECOND + unusual_reach(n);

        longest = back > longest ? back : longest;
    }
    return longest;
}


/* An issue with no more events than this cannot make the rule fire. */
static int64_t
least_events(const struct rule *rule)
{
    int64_t least = INT64_MAX;

    if ((rule->causes & CAUSE_EVENT) != 0 || rule->when == LOGIC_NONE) {
        return 0;
    }
    for (size_t i = 0; i < rule->nconditions; i++) {
        const struct alert_node *n = &rule->conditions[i];

        if (n->type->counts) {
            int64_t v = n->type->test == cond_unusual ? unusual_least(n) - 1
                        : n->compare > 0 || n->type->test == cond_count_share
                            ? 0
                            : (int64_t) n->number;

            least = v < least ? v : least;
        }
    }
    return least == INT64_MAX ? 0 : least;
}


static bool
counts_users(const struct rule *rule)
{
    for (size_t i = 0; i < rule->nconditions; i++) {
        if (rule->conditions[i].type->test == cond_count_users) {
            return true;
        }
    }
    return false;
}


static enum status
gather_minutes(struct replay *r)
{
    struct past_scope scope = r->scope;
    enum status st;
    bool events = (r->rule->causes & CAUSE_EVENT) != 0;

    if (!r->rule->counts && !events) {
        return ST_OK;
    }
    scope.from -= longest_window(r->rule);
    st = past_minutes(r->db, r->a, &scope, least_events(r->rule),
                      counts_users(r->rule), &r->minutes, &r->nminutes);
    if (st != ST_OK) {
        return st;
    }
    if (r->rule->match != 0) {
        st = past_matches(r->db, r->a, &scope, r->rule->match, &r->matches,
                          &r->nmatches);
        if (st != ST_OK) {
            return st;
        }
        if (r->nmatches == 0) {
            r->out->why_not = "Users of events that match are counted from "
                              "when the rule is saved on: there are none yet.";
        }
    }
    r->out->cut = r->out->cut || r->nminutes == REHEARSE_ROWS_MAX
                  || r->nmatches == REHEARSE_ROWS_MAX;
    for (size_t i = 0; i < r->nminutes; i++) {
        struct past *p = &r->minutes[i];

        if (p->at < r->scope.from) {
            continue;
        }
        if (events && (p->n > 0 || scope.nenvironments == 0)) {
            add(r, CAUSE_EVENT, p);
        }
        if (r->rule->counts_alone) {
            add(r, CAUSE_COUNT, p);
        }
    }
    return ST_OK;
}


static enum status
gather_list(struct replay *r, unsigned cause, struct past *list, size_t n,
            enum status st)
{
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        add(r, cause != 0 ? cause : alerts_cause_of(list[i].kind), &list[i]);
    }
    return st;
}


static enum status
gather_history(struct replay *r)
{
    static const char *const all[] = { "regressed", "escalating", "unarchived",
                                       "resolved",  "assigned",   "comment",
                                       "priority" };
    struct str kinds[7];
    struct past *list;
    size_t nkinds = 0, n = 0;
    enum status st;

    for (size_t i = 0; i < 7; i++) {
        if ((alerts_cause_of(str_of(all[i])) & r->rule->causes) != 0) {
            kinds[nkinds++] = str_of(all[i]);
        }
    }
    if (nkinds == 0) {
        return ST_OK;
    }
    st = past_history(r->db, r->a, &r->scope, kinds, nkinds, &list, &n);
    return gather_list(r, 0, list, n, st);
}


static enum status
gather(struct replay *r)
{
    struct past *list = NULL;
    size_t n = 0, nkeys = 0;
    struct str keys[RULE_NODES_MAX];
    enum status st = gather_minutes(r);

    if (st == ST_OK && (r->rule->causes & CAUSE_NEW) != 0) {
        st = past_new(r->db, r->a, &r->scope, &list, &n);
        st = gather_list(r, CAUSE_NEW, list, n, st);
    }
    for (size_t i = 0; i < r->rule->nconditions; i++) {
        if (r->rule->conditions[i].type->causes == CAUSE_TAG) {
            keys[nkeys++] = alert_tag_key(&r->rule->conditions[i]);
        }
    }
    if (st == ST_OK && nkeys > 0) {
        st = past_tags(r->db, r->a, &r->scope, keys, nkeys, &list, &n);
        st = gather_list(r, CAUSE_TAG, list, n, st);
    }
    if (st == ST_OK && (r->rule->causes & CAUSE_FEEDBACK) != 0) {
        st = past_feedback(r->db, r->a, &r->scope, &list, &n);
        st = gather_list(r, CAUSE_FEEDBACK, list, n, st);
    }
    return st == ST_OK ? gather_history(r) : st;
}


/* counting what was gathered */

static enum status
count(struct facts *f, enum alert_unit unit, int64_t from, int64_t to,
      int64_t *out)
{
    const struct replay *r = f->counter;
    const struct past *list = unit == ALERT_MATCHES ? r->matches : r->minutes;
    size_t n = unit == ALERT_MATCHES ? r->nmatches : r->nminutes;
    struct buf users = buf_in(f->a);
    size_t low = 0, high = n;

    *out = 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct past *p = &list[middle];

        if (p->issue_id < f->issue_id
            || (p->issue_id == f->issue_id && p->at < from)) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    for (; low < n && list[low].issue_id == f->issue_id && list[low].at < to;
         low++) {
        *out += list[low].n;
        buf_str(&users, list[low].users);
    }
    if (unit != ALERT_EVENTS) {
        *out = alert_distinct(f->a, buf_view(&users));
    }
    return ST_OK;
}


/* replaying */

static int
by_time(const void *left, const void *right)
{
    const struct moment *a = left, *b = right;

    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    if (a->issue_id != b->issue_id) {
        return a->issue_id < b->issue_id ? -1 : 1;
    }
    return (a->cause > b->cause) - (a->cause < b->cause);
}


static struct hush *
silence_of(struct replay *r, int64_t issue_id)
{
    size_t i = (size_t) issue_id * 2654435761u % r->slots;

    while (r->silent[i].issue_id != 0 && r->silent[i].issue_id != issue_id) {
        i = (i + 1) % r->slots;
    }
    r->silent[i].issue_id = issue_id;
    return &r->silent[i];
}


/*
 * IF: which of the blocks, with the events of that minute when one asks for
 * an event.  of_one: it is about the first that passes, not about all.
 */
static enum status
passes(struct replay *r, const struct moment *m, struct facts *f, bool of_one,
       unsigned blocks, unsigned *out)
{
    struct batch_event *events;
    bool history = m->past->kind.n > 0;
    enum status st;
    size_t n;

    *out = 0;
    if (!r->rule->looks_at_event || m->past->feedback != NULL) {
        *out = rule_passes(r->rule, f, blocks);
        return f->st;
    }
    if (r->looks++ == LOOKS_MAX) {
        r->out->cut = true;
    }
    if (r->looks > LOOKS_MAX) {
        return ST_OK;
    }
    st = alert_events(r->db, f->a, m->issue_id, history ? 0 : m->at,
                      history ? m->exact : m->at + US_PER_MINUTE - 1,
                      history ? 1 : EVENTS_MAX, &events, &n);
    for (size_t i = n; st == ST_OK && blocks != *out && i-- > 0;) {
        if (rule_wants(r->rule, events[i].environment)) {
            f->ev = &events[i];
            f->doc_read = false;
            *out |= rule_passes(r->rule, f, blocks & ~*out);
            st = f->st;
        }
        if (of_one && *out != 0) {
            break;
        }
    }
    return st;
}


static void
note(struct replay *r, const struct moment *m, const struct facts *f,
     unsigned block)
{
    struct rehearsal *out = r->out;
    size_t day = (size_t) ((m->at - out->from) / US_PER_DAY);

    out->fired++;
    out->days[day < REHEARSE_DAYS ? day : REHEARSE_DAYS - 1]++;
    /* the newest are shown: a ring, put in order at the end */
    out->shown[(out->fired - 1) % REHEARSE_SHOWN] = (struct alert_fire){
        .issue_id = m->issue_id,
        .project_id = m->project_id,
        .at = m->at,
        .cause = f->measured.node != NULL
                     ? str_copy(r->a, alert_measured_words(f->a, &f->measured))
                     : STR_NULL,
        .value = f->measured.value,
        .blocks = block,
    };
}


static enum status
play(struct replay *r, struct arena *scratch, const struct moment *m)
{
    struct facts f = {
        .a = scratch,
        .db = r->db,
        .causes = m->cause,
        .at = m->at,
        .exact = m->past->kind.n > 0 ? m->exact : 0,
        .past = true,
        .organization_id = r->scope.organization_id,
        .project_id = m->project_id,
        .issue_id = m->issue_id,
        .is_new = m->cause == CAUSE_NEW,
        .tag = &m->past->tag,
        .memo = r->memo,
        .counter = r,
    };
    struct hush none = { .until = 0 };
    struct hush *hush =
        m->past->feedback != NULL ? &none : silence_of(r, m->issue_id);
    unsigned blocks = rule_blocks(r->rule), pass;
    bool silent = m->at < hush->until;
    struct json *data;
    enum verdict v;
    enum status st;

    if (m->cause == CAUSE_COMMENT
        && json_parse(scratch, m->past->data, NULL, &data, NULL) == ST_OK) {
        f.comment = json_text_of(data, "text");
    }
    if (m->past->feedback != NULL) {
        facts_feedback(&f, m->past->feedback);
        if (!rule_wants(r->rule, m->past->feedback->environment)) {
            return ST_OK;
        }
    }
    f.count = m->cause == CAUSE_COUNT ? count : NULL;
    v = rule_fires(r->rule, &f);
    if (v == LATER) {
        f.causes = CAUSE_COUNT;
        f.count = count;
        v = rule_fires(r->rule, &f);
    }
    if (v != YES || f.st != ST_OK) {
        return f.st;
    }
    blocks &= silent ? ~hush->blocks : blocks;
    if (blocks == 0) {
        r->out->held++;
        return ST_OK;
    }
    st = passes(r, m, &f, (m->cause & (CAUSE_EVENT | CAUSE_COUNT)) == 0, blocks,
                &pass);
    if (st != ST_OK || pass == 0) {
        return st;
    }
    if (!silent) {
        *hush = (struct hush){ m->issue_id, m->at + r->rule->interval, 0 };
    }
    hush->blocks |= pass;
    for (unsigned bit = 1; bit <= pass; bit <<= 1) {
        if ((pass & bit) != 0) {
            note(r, m, &f, bit);
        }
    }
    return ST_OK;
}


/* A silent project: after so long, and again after each interval. */
static enum status
play_silence(struct replay *r)
{
    struct past *list;
    enum status st;
    size_t n;

    st = past_projects(r->db, r->a, &r->scope, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        bool last = i + 1 == n || list[i + 1].project_id != list[i].project_id;
        int64_t end = last ? r->scope.to : list[i + 1].at;

        for (size_t k = 0; k < r->rule->nconditions; k++) {
            int64_t at =
                list[i].at
                + (int64_t) r->rule->conditions[k].number * US_PER_MINUTE;

            for (; at < end; at += r->rule->interval) {
                struct moment m = { .at = at,
                                    .project_id = list[i].project_id };
                struct facts f = { .measured = { .node = NULL } };

                for (size_t b = 0; b < r->rule->nblocks; b++) {
                    note(r, &m, &f, 1u << b);
                }
            }
        }
    }
    return st;
}


/* Newest first. */
static void
order_shown(struct rehearsal *out)
{
    struct alert_fire ring[REHEARSE_SHOWN];

    out->told = out->fired;
    memcpy(ring, out->shown, sizeof(ring));
    while (out->nshown < REHEARSE_SHOWN && (int64_t) out->nshown < out->fired) {
        out->shown[out->nshown] =
            ring[(out->fired - 1 - (int64_t) out->nshown) % REHEARSE_SHOWN];
        out->nshown++;
    }
}


static const char *
why_not(const struct rule *rule)
{
    for (size_t i = 0; i < rule->nconditions; i++) {
        if (rule->conditions[i].type->no_rehearsal) {
            return "It depends on delays and limits, which are not kept.";
        }
    }
    for (size_t b = 0; b < rule->nblocks; b++) {
        for (size_t i = 0; i < rule->blocks[b].nfilters; i++) {
            if (rule->blocks[b].filters[i].type->no_rehearsal) {
                return "A filter looks at the issue as it is at that moment, "
                       "which is not known of the past.";
            }
        }
    }
    return NULL;
}


enum status
rehearse(struct db *db, struct arena *a, const struct rule *rule, int64_t now,
         struct rehearsal *out)
{
    int64_t to = now - now % US_PER_MINUTE + US_PER_MINUTE;
    struct replay r = {
        .db = db,
        .a = a,
        .rule = rule,
        .scope = { .organization_id = rule->row->organization_id,
                   .projects = rule->row->projects,
                   .nprojects =
                       rule->row->all_projects ? 0 : rule->row->nprojects,
                   .environments = rule->row->environments,
                   .nenvironments = rule->row->nenvironments,
                   .from = to - REHEARSE_DAYS * US_PER_DAY,
                   .to = to },
        .memo = memo_new(a),
        .out = out,
    };
    struct arena *scratch;
    enum status st;

    *out = (struct rehearsal){ .from = r.scope.from, .why_not = why_not(rule) };
    if (out->why_not != NULL) {
        return ST_OK;
    }
    if ((rule->causes & CAUSE_PROJECT) != 0) {
        st = play_silence(&r);
        order_shown(out);
        return st;
    }
    if ((st = gather(&r)) != ST_OK) {
        return st;
    }
    if (r.n > 0) {
        qsort(r.moments, r.n, sizeof(*r.moments), by_time);
    }
    r.slots = 2 * r.n + 1;
    r.silent = arena_array(a, r.slots, sizeof(*r.silent));
    scratch = arena_new();
    for (size_t i = 0; st == ST_OK && i < r.n; i++) {
        st = play(&r, scratch, &r.moments[i]);
        arena_reset(scratch);
    }
    arena_free(scratch);
    order_shown(out);
    return st;
}
