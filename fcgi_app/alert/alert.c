/* Evaluation outside of the digest: counters, projects, an issue's history. */

#include "alert/alert_work.h"

#include "util/hex.h"

/* Minutes of issues that one turn counts. */
#define DUE_MAX 200


/* counters */

struct counted {
    int64_t issue_id;
    int64_t from;
    int64_t to;
    enum alert_unit unit;
    const struct str *environments; /* of the rule: the same pointer */
    int64_t match;                  /* of ALERT_MATCHES, else 0 */
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
    int64_t match = unit == ALERT_MATCHES ? f->match : 0;
    uint64_t h = (uint64_t) f->issue_id * 31 + (uint64_t) (from / US_PER_MINUTE)
                 + (uint64_t) unit + (uint64_t) match;
    struct counted **slot = &counter->slots[(h ^ h >> 10) % 1024];
    struct counted *c;
    enum status st;

    for (c = *slot; c != NULL; c = c->next) {
        if (c->issue_id == f->issue_id && c->from == from && c->to == to
            && c->unit == unit && c->match == match
            && c->environments == environments) {
            *out = c->n;
            return ST_OK;
        }
    }
    st = unit == ALERT_MATCHES
             ? alert_match_count(f->db, f->a, f->issue_id, match,
                                 f->environments, f->nenvironments, from, to,
                                 out)
             : alert_count(f->db, f->a, f->issue_id, unit, f->environments,
                           f->nenvironments, from, to, out);
    if (st == ST_OK) {
        c = arena_new_of(f->a, struct counted);
        *c = (struct counted){ f->issue_id,  from,  to,   unit,
                               environments, match, *out, *slot };
        *slot = c;
    }
    return st;
}


static enum status
count_due(struct alerts *al, struct db *db, struct arena *a,
          const struct alert_due *due, struct alert_counter *counter,
          struct memo *memo, struct salvo *salvo)
{
    struct ruleset rules =
        alerts_of(al, a, due->organization_id, due->project_id);
    struct batch_event ev = { .environment = STR_NULL };
    struct facts f = {
        .a = a,
        .db = db,
        .causes = CAUSE_COUNT,
        .at = due->minute,
        .organization_id = due->organization_id,
        .project_id = due->project_id,
        .issue_id = due->issue_id,
        .memo = memo,
        .count = alert_counter_count,
        .counter = counter,
    };
    const struct alert_issue *is = facts_issue(&f);

    if (is == NULL || is->status != 0) {
        return f.st; /* resolved and archived issues fire nothing */
    }
    for (size_t i = 0; f.st == ST_OK && i < rules.n; i++) {
        const struct rule *r = rules.v[i];
        unsigned chosen = dues_named(due, r->row->id);
        unsigned blocks =
            alerts_awake(al, r->row->id, due->issue_id, due->minute,
                         chosen != 0 ? chosen : rule_blocks(r));

        if (!r->counts || blocks == 0
            || (chosen == 0 && (!r->counts_alone || r->looks_at_event))
            || rule_fires(r, &f) != YES) {
            continue;
        }
        /* what was named has had its filters asked, with the event */
        if (chosen == 0) {
            blocks = rule_passes(r, &f, blocks);
        }
        if (blocks != 0) {
            f.ev = uuid_parse(due->event_id, ev.id) ? &ev : NULL;
            salvo_add(salvo, r, &f, blocks);
            f.ev = NULL;
        }
    }
    return f.st;
}


enum status
alerts_count_turn(struct alerts *al, struct db *db, struct arena *a, bool *more)
{
    struct alert_counter *counter = alert_counter_new(a);
    struct memo *memo = memo_new(a);
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
        st = count_due(al, db, a, &due[i], counter, memo, &salvo);
    }
    if (st == ST_OK) {
        st = salvo_fire(al, db, &salvo);
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

    if (alerts_awake(al, r->row->id, f.issue_id, at, rule_blocks(r)) == 0) {
        return ST_OK;
    }
    if (rule_fires(r, &f) == YES) {
        /* filters are about issues: there is none to ask them of */
        salvo_add(salvo, r, &f, rule_blocks(r));
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
        st = salvo_fire(al, db, &salvo);
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
        .exact = at,
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
    rules = alerts_of(al, a, organization_id, is->project_id);
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
        unsigned blocks;
        enum verdict v;

        if ((r->causes & f.causes) == 0
            || !rule_wants(r, f.ev != NULL ? f.ev->environment : STR_NULL)) {
            continue;
        }
        v = rule_fires(r, &f);
        if (v == NO || (blocks = rule_passes(r, &f, rule_blocks(r))) == 0) {
            continue;
        }
        if (v == YES) {
            salvo_add(&salvo, r, &f, blocks);

        } else {
            dues_add(&dues, &f, r, blocks);
        }
    }
    if (f.st != ST_OK || (st = dues_write(db, &dues)) != ST_OK) {
        return f.st != ST_OK ? f.st : st;
    }
    return salvo_fire(al, db, &salvo);
}
