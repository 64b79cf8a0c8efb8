#include "model/stats.h"

#include <assert.h>
#include <stdlib.h>

#include "model/keep.h"

/* Seconds of a quarter of a day. */
#define QUARTER (6 * 3600)


const struct str stats_event_categories[STATS_EVENT_CATEGORIES] = {
    { "error", 5 },
    { "default", 7 },
    { "security", 8 },
};

static const char *const outcomes[STATS_OUTCOMES] = {
    [STATS_INVALID] = "invalid",          [STATS_LIMITED] = "rate_limited",
    [STATS_FILTERED] = "filtered",        [STATS_OTHER] = "",
    [STATS_DISCARDED] = "client_discard", [STATS_ACCEPTED] = "accepted",
};


/*
 * Days that are over are added up by quarters (model/ledger.h): good for long
 * ranges whose buckets are made of them.
 */
static struct db_arg
by_quarter(const struct stats_query *q, int64_t step)
{
    int64_t quarter = QUARTER * US_PER_SECOND;

    return db_bool(step % QUARTER == 0 && q->from % quarter == 0
                   && q->before % quarter == 0 && q->to % quarter == 0
                   && q->to - q->from > 2 * US_PER_DAY);
}


enum stats_outcome
stats_outcome_of(struct str name)
{
    for (int i = 0; i < STATS_OUTCOMES; i++) {
        if (str_is(name, outcomes[i])) {
            return (enum stats_outcome) i;
        }
    }
    return STATS_OTHER;
}


static void
make_chart(struct arena *a, size_t slots, struct stats_chart *out)
{
    *out = (struct stats_chart){ 0 };
    for (int i = 0; i < STATS_OUTCOMES; i++) {
        out->n[i] = arena_array(a, slots, sizeof(int64_t));
    }
}


/* Adds a row {slot, outcome, quantity}. */
static void
add_to_chart(struct stats_chart *chart, const struct db_rows *rows, int row,
             size_t slots)
{
    enum stats_outcome o = stats_outcome_of(db_get_str(rows, row, "outcome"));
    int64_t slot = db_get_i64(rows, row, "slot");
    int64_t quantity = db_get_i64(rows, row, "quantity");

    if (slot < 0) {
        if (o == STATS_ACCEPTED) {
            chart->before += quantity;
        } else if (o == STATS_DISCARDED) {
            chart->discarded_before += quantity;
        } else {
            chart->refused_before += quantity;
        }

    } else if (slot < (int64_t) slots) {
        chart->n[o][slot] += quantity;
        chart->total[o] += quantity;
    }
}


enum status
stats_chart(struct db *db, struct arena *a, const struct stats_query *q,
            int64_t step, size_t slots, struct stats_chart *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_STATS_CHART,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects), db_time(q->from),
                db_time(q->to), db_str_array(a, q->categories, q->ncategories),
                db_i64(step), db_time(q->before), by_quarter(q, step)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    make_chart(a, slots, out);
    for (int i = 0; i < rows.n; i++) {
        add_to_chart(out, &rows, i, slots);
    }
    return ST_OK;
}


static struct stats_project *
project_of(struct arena *a, struct stats_projects *list, int64_t id,
           size_t slots)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].id == id) {
            return &list->v[i];
        }
    }
    assert(list->n < 2 * STATS_PROJECTS_MAX);
    list->v[list->n] =
        (struct stats_project){ .id = id,
                                .n = arena_array(a, slots, sizeof(int64_t)) };
    return &list->v[list->n++];
}


/* Most first; the rest, whose id is 0, last. */
static int
by_total(const void *left, const void *right)
{
    const struct stats_project *a = left, *b = right;

    if ((a->id == 0) != (b->id == 0)) {
        return a->id == 0 ? 1 : -1;
    }
    return a->total != b->total ? (a->total > b->total ? -1 : 1)
                                : (a->id > b->id) - (a->id < b->id);
}


/* What is in no project of the list, as that of no number. */
static void
add_rest(struct arena *a, struct stats_projects *list, size_t slots)
{
    const struct stats_chart *sum = &list->sum;
    struct stats_project rest = { .n = arena_array(a, slots, sizeof(int64_t)),
                                  .total = sum->total[STATS_ACCEPTED],
                                  .before = sum->before };

    for (size_t k = 0; k < slots; k++) {
        rest.n[k] = sum->n[STATS_ACCEPTED][k];
    }
    for (size_t i = 0; i < list->n; i++) {
        rest.total -= list->v[i].total;
        rest.before -= list->v[i].before;
        for (size_t k = 0; k < slots; k++) {
            rest.n[k] -= list->v[i].n[k];
        }
    }
    if (rest.total != 0 || rest.before != 0) {
        list->v[list->n++] = rest;
    }
}


static int
by_name(const void *left, const void *right)
{
    const struct stats_reason *a = left, *b = right;
    int c = str_cmp(a->name, b->name);

    return c != 0 ? c : str_cmp(a->reason, b->reason);
}


static int
by_quantity(const void *left, const void *right)
{
    const struct stats_reason *a = left, *b = right;

    return a->quantity != b->quantity ? (a->quantity > b->quantity ? -1 : 1)
                                      : by_name(a, b);
}


/* Of the rows of all projects together. */
static void
read_reasons(struct arena *a, const struct db_rows *rows,
             struct stats_projects *out)
{
    struct stats_reason *v = arena_array(a, (size_t) rows->n + 1, sizeof(*v));
    size_t n = 0, kept = 0;

    for (int i = 0; i < rows->n; i++) {
        struct str name = db_get_str(rows, i, "outcome");
        enum stats_outcome outcome = stats_outcome_of(name);

        if (db_get_i64(rows, i, "project_id") == 0
            && outcome != STATS_ACCEPTED) {
            v[n++] = (struct stats_reason){ outcome, name,
                                            db_get_str(rows, i, "reason"),
                                            db_get_i64(rows, i, "quantity") };
        }
    }
    qsort(v, n, sizeof(*v), by_name);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_name(&v[kept - 1], &v[i]) == 0) {
            v[kept - 1].quantity += v[i].quantity;

        } else {
            v[kept++] = v[i];
        }
    }
    qsort(v, kept, sizeof(*v), by_quantity);
    out->reasons = v;
    out->nreasons = kept < STATS_REASONS_MAX ? kept : STATS_REASONS_MAX;
}


enum status
stats_projects(struct db *db, struct arena *a, const struct stats_query *q,
               int64_t step, size_t slots, struct stats_projects *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query_kept(
        db, a, SQL_STATS_PROJECTS,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects), db_time(q->from),
                db_time(q->to), db_str_array(a, q->categories, q->ncategories),
                db_i64(step), db_time(q->before), db_i64(STATS_PROJECTS_MAX),
                by_quarter(q, step), db_i64_array(a, q->wanted, q->nwanted)),
        q->keep, &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = (struct stats_projects){ 0 };
    make_chart(a, slots, &out->sum);
    for (int i = 0; i < rows.n; i++) {
        int64_t id = db_get_i64(&rows, i, "project_id");
        int64_t slot = db_get_i64(&rows, i, "slot");
        int64_t quantity = db_get_i64(&rows, i, "quantity");
        struct stats_project *p;

        if (id == 0) {
            add_to_chart(&out->sum, &rows, i, slots);
            continue;
        }
        p = project_of(a, out, id, slots);
        if (slot < 0) {
            p->before += quantity;

        } else if (slot < (int64_t) slots) {
            p->n[slot] += quantity;
            p->total += quantity;
        }
    }
    add_rest(a, out, slots);
    qsort(out->v, out->n, sizeof(out->v[0]), by_total);
    read_reasons(a, &rows, out);
    return ST_OK;
}


/* One row of the result as a part with a single outcome. */
static struct stats_part
read_part(const struct db_rows *rows, int i)
{
    struct str outcome = db_get_str(rows, i, "outcome");
    struct stats_part part = {
        .project_id = db_get_i64(rows, i, "project_id"),
        .key_id = db_get_i64(rows, i, "key_id"),
        .name = db_get_str(rows, i, "name"),
        .what = stats_outcome_of(outcome),
    };

    part.all = db_get_i64(rows, i, "quantity");
    part.n[part.what] = part.all;
    part.received = part.what == STATS_DISCARDED ? 0 : part.all;
    return part;
}


static int
by_subject(const void *left, const void *right)
{
    const struct stats_part *a = left, *b = right;

    if (a->project_id != b->project_id) {
        return a->project_id < b->project_id ? -1 : 1;
    }
    if (a->key_id != b->key_id) {
        return a->key_id < b->key_id ? -1 : 1;
    }
    return str_cmp(a->name, b->name);
}


/* A reason is another one under another outcome. */
static int
by_reason(const void *left, const void *right)
{
    const struct stats_part *a = left, *b = right;

    return a->what != b->what ? (int) a->what - (int) b->what
                              : str_cmp(a->name, b->name);
}


static int
most_first(const void *left, const void *right)
{
    const struct stats_part *a = left, *b = right;

    if (a->all != b->all) {
        return a->all > b->all ? -1 : 1;
    }
    return by_subject(a, b);
}


/* Who sent most: what a client threw away was not sent. */
static int
most_sent(const void *left, const void *right)
{
    const struct stats_part *a = left, *b = right;

    if (a->received != b->received) {
        return a->received > b->received ? -1 : 1;
    }
    return most_first(a, b);
}


/* Adds up what is about the same; returns how many are left. */
static size_t
merge(struct stats_part *v, size_t n,
      int (*compare)(const void *, const void *),
      int (*order)(const void *, const void *))
{
    size_t kept = 0;

    qsort(v, n, sizeof(*v), compare);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || compare(&v[kept - 1], &v[i]) != 0) {
            v[kept++] = v[i];
            continue;
        }
        for (int o = 0; o < STATS_OUTCOMES; o++) {
            v[kept - 1].n[o] += v[i].n[o];
        }
        v[kept - 1].received += v[i].received;
        v[kept - 1].all += v[i].all;
    }
    qsort(v, kept, sizeof(*v), order);
    return kept;
}


enum status
stats_parts(struct db *db, struct arena *a, const struct stats_query *q,
            struct stats_parts *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_STATS_PARTS,
                  DB_ARGS(db_i64(q->organization_id),
                          db_i64_array(a, q->projects, q->nprojects),
                          db_time(q->from), db_time(q->to),
                          db_str_array(a, q->categories, q->ncategories),
                          by_quarter(q, QUARTER)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = (struct stats_parts){ 0 };
    for (int t = 0; t < STATS_TABLES; t++) {
        out->v[t] = arena_array(a, (size_t) rows.n, sizeof(struct stats_part));
    }
    for (int i = 0; i < rows.n; i++) {
        int64_t t = db_get_i64(&rows, i, "part");

        out->v[t][out->n[t]++] = read_part(&rows, i);
    }
    for (int t = 0; t < STATS_TABLES; t++) {
        bool senders = t == STATS_BY_PROJECT || t == STATS_BY_KEY;

        out->n[t] = merge(out->v[t], out->n[t],
                          t == STATS_BY_REASON ? by_reason : by_subject,
                          senders ? most_sent : most_first);
    }
    return ST_OK;
}


enum status
stats_samples(struct db *db, struct arena *a, const struct stats_query *q,
              struct stats_sample **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_STATS_SAMPLES,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects), db_time(q->from),
                db_time(q->to), db_str_array(a, q->categories, q->ncategories),
                db_i64(STATS_SAMPLED_MAX)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct stats_sample){
            .outcome = stats_outcome_of(db_get_str(&rows, i, "outcome")),
            .reason = db_get_str(&rows, i, "reason"),
            .event_id = db_get_str(&rows, i, "event_id"),
        };
    }
    return ST_OK;
}


/* A sample's number for all of them. */
static int64_t
scaled(int64_t n, const struct stats_issues *s)
{
    return s->looked > 0
               ? (int64_t) ((double) n * (double) s->of / (double) s->looked)
               : n;
}


enum status
stats_issues(struct db *db, struct arena *a, const struct stats_query *q,
             struct stats_issues *out)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_STATS_ISSUES,
                 DB_ARGS(db_i64(q->organization_id),
                         db_i64_array(a, q->projects, q->nprojects),
                         db_time(q->from), db_time(q->to), db_i64(STATS_LOOK),
                         db_i64(KEEP_ROW_BYTES), db_i64(STATS_ISSUES_MAX)),
                 &rows);

    *out = (struct stats_issues){ 0 };
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    out->v = arena_array(a, (size_t) rows.n, sizeof(*out->v));
    out->n = (size_t) rows.n;
    out->looked = db_get_i64(&rows, 0, "looked");
    out->of = db_get_i64(&rows, 0, "of_events");
    if (out->of < out->looked) {
        out->of = out->looked; /* some are not counted yet */
    }
    out->bytes = scaled(db_get_i64(&rows, 0, "all_bytes"), out);
    for (int i = 0; i < rows.n; i++) {
        out->v[i] = (struct stats_issue){
            .project_id = db_get_i64(&rows, i, "project_id"),
            .number = db_get_i64(&rows, i, "number"),
            .title = db_get_str(&rows, i, "title"),
            .level = db_get_i64(&rows, i, "level"),
            .events = scaled(db_get_i64(&rows, i, "events"), out),
            .bytes = scaled(db_get_i64(&rows, i, "bytes"), out),
        };
    }
    return ST_OK;
}


enum status
stats_rows(struct db *db, struct arena *a, const struct stats_query *q,
           int64_t step, struct stats_row **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_STATS_ROWS,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects), db_time(q->from),
                db_time(q->to), db_str_array(a, q->categories, q->ncategories),
                db_i64(step), db_i64(STATS_ROWS_MAX + 1), by_quarter(q, step)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct stats_row){
            .at = db_get_time(&rows, i, "at"),
            .project_id = db_get_i64(&rows, i, "project_id"),
            .key_id = db_get_i64(&rows, i, "key_id"),
            .key = db_get_str(&rows, i, "label"),
            .category = db_get_str(&rows, i, "category"),
            .outcome = db_get_str(&rows, i, "outcome"),
            .reason = db_get_str(&rows, i, "reason"),
            .quantity = db_get_i64(&rows, i, "quantity"),
        };
    }
    return ST_OK;
}
