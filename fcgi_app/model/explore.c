#include "model/explore_work.h"

#include <stdlib.h>

#include "util/hex.h"

#define VALUES 20000 /* that the terms of a filter may name, together */
#define NARROW 1000  /* values of the term that decides what is looked at */
#define ISSUES 300   /* whose events are looked at because of a word */

/* The pattern's text when it stands for nothing but itself. */
static struct str
literal(struct arena *a, struct str pattern)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '%') {
            return STR_NULL;
        }
        i += pattern.p[i] == '\\' && i + 1 < pattern.n;
        buf_char(&b, pattern.p[i]);
    }
    return buf_view(&b);
}


static int
by_value(const void *left, const void *right)
{
    const struct term_value *a = left, *b = right;

    return (a->value > b->value) - (a->value < b->value);
}


/* How many events each term's values have. */
static void
read_values(struct arena *a, const struct db_rows *rows, struct meaning *m,
            int64_t *events)
{
    m->sorted = arena_array(a, (size_t) rows->n, sizeof(*m->sorted));
    for (int i = 0; i < rows->n && !db_is_null(rows, i, "n"); i++) {
        struct term_value *v = &m->sorted[m->nvalues++];

        v->term = db_get_i64(rows, i, "n");
        v->value = db_get_i64(rows, i, "id");
        events[v->term - 1] += db_get_i64(rows, i, "named");
    }
    m->cut = m->nvalues >= VALUES;
    if (m->nvalues > 0) {
        qsort(m->sorted, m->nvalues, sizeof(*m->sorted), by_value);
    }
}


/* The term that leaves least of these, if it leaves few; n: none does. */
static size_t
rarest_of(const struct meaning *m, const int64_t *events, size_t from, size_t n)
{
    size_t rarest = n;

    for (size_t i = 0; i < n; i++) {
        if (!m->terms[from + i]->negated && events[from + i] <= EXPLORE_LOOK
            && (rarest == n || events[from + i] < events[from + rarest])) {
            rarest = i;
        }
    }
    return rarest;
}


static void
add_narrow(struct meaning *m, size_t term)
{
    for (size_t i = 0; i < m->nvalues; i++) {
        if (m->sorted[i].term == (int64_t) term + 1) {
            m->narrow[m->nnarrow++] = m->sorted[i].value;
        }
    }
}


/* The values of the rarest term; else of each way of its own rarest one. */
static void
narrow_by_tags(struct arena *a, const struct issue_filter *f,
               const int64_t *events, struct meaning *m)
{
    size_t rarest = rarest_of(m, events, 0, f->ntags), at = f->ntags;
    int64_t all = 0;

    m->narrow = arena_array(a, m->nvalues, sizeof(int64_t));
    if (m->cut) {
        return;
    }
    if (rarest < f->ntags) {
        add_narrow(m, rarest);
        m->by_tags = m->nnarrow <= NARROW;
        return;
    }
    for (size_t i = 0; i < f->nany; at += f->any[i++].ntags) {
        rarest = rarest_of(m, events, at, f->any[i].ntags);
        if (rarest == f->any[i].ntags) {
            return;
        }
        all += events[at + rarest];
        add_narrow(m, at + rarest);
    }
    m->by_tags = f->nany > 0 && all <= EXPLORE_LOOK && m->nnarrow <= NARROW;
}


static void
collect_terms(struct arena *a, const struct issue_filter *f, struct meaning *m)
{
    m->terms = arena_array(a, EXPLORE_TERMS, sizeof(*m->terms));
    for (size_t way = 0; way <= f->nany; way++) {
        const struct issue_filter *from = way == 0 ? f : &f->any[way - 1];

        for (size_t i = 0; i < from->ntags && m->nterms < EXPLORE_TERMS; i++) {
            m->terms[m->nterms++] = &from->tags[i];
        }
    }
}


/* What the terms name: a row a pattern. */
struct named {
    struct str *keys, *patterns, *literals, *signs;
    int64_t *terms; /* from 1 on */
    size_t n;
};

static void
name_values(struct arena *a, const struct meaning *m, struct named *out)
{
    size_t all = 0;

    for (size_t i = 0; i < m->nterms; i++) {
        all += m->terms[i]->n;
    }
    out->keys = arena_array(a, all, sizeof(struct str));
    out->patterns = arena_array(a, all, sizeof(struct str));
    out->literals = arena_array(a, all, sizeof(struct str));
    out->signs = arena_array(a, all, sizeof(struct str));
    out->terms = arena_array(a, all, sizeof(int64_t));
    for (size_t i = 0; i < m->nterms; i++) {
        const struct tag_filter *t = m->terms[i];

        for (size_t k = 0; k < t->n; k++) {
            struct str pattern = t->patterns[k];
            bool order = !str_null(t->order);

            out->keys[out->n] = t->key;
            out->patterns[out->n] = str_null(pattern) ? STR("") : pattern;
            out->signs[out->n] = order ? t->order : STR("");
            out->literals[out->n] = order ? STR_NULL : literal(a, pattern);
            out->terms[out->n++] = (int64_t) i + 1;
        }
    }
}


/* How much there is to look at, and what the terms name. */
static enum status
read_meaning(struct db *db, struct arena *a, const struct explore_query *q,
             struct meaning *m)
{
    int64_t *events = arena_array(a, m->nterms, sizeof(int64_t));
    struct named named = { 0 };
    struct db_rows rows;
    enum status st;

    name_values(a, m, &named);
    for (size_t i = 0; i < m->nterms; i++) {
        events[i] = 0;
    }
    st = db_one(db, a, SQL_EXPLORE_MEANING,
                DB_ARGS(db_i64(q->organization_id),
                        db_i64_array(a, q->projects, q->nprojects),
                        db_str_array(a, named.keys, named.n),
                        db_str_array(a, named.patterns, named.n),
                        db_i64(VALUES), db_time(q->from), db_time(q->to),
                        db_str_array(a, named.literals, named.n),
                        db_bool(q->issue != 0),
                        db_str(q->nkeys == 1 ? q->keys[0] : STR("")),
                        db_i64(q->step), db_i64(EXPLORE_NEWEST),
                        db_i64_array(a, named.terms, named.n),
                        db_str_array(a, named.signs, named.n)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    m->events = db_get_i64(&rows, 0, "events");
    m->since = db_get_time(&rows, 0, "since");
    m->wide = db_get_bool(&rows, 0, "wide");
    read_values(a, &rows, m, events);
    narrow_by_tags(a, q->filter, events, m);
    return ST_OK;
}


static enum status
read_words(struct db *db, struct arena *a, const struct explore_query *q,
           struct meaning *m)
{
    const struct issue_filter *f = q->filter;
    struct str longest = STR_NULL;
    struct db_rows rows;
    int64_t events = 0;
    enum status st;

    for (size_t i = 0; i < f->nwords; i++) {
        longest = f->words[i].n >= longest.n ? f->words[i] : longest;
    }
    st = db_query(db, a, SQL_EXPLORE_WORDS,
                  DB_ARGS(db_str(longest), db_str_array(a, f->words, f->nwords),
                          db_i64(ISSUES), db_time(q->from), db_time(q->to)),
                  &rows);
    if (st != ST_OK || (rows.n > 0 && db_get_i64(&rows, 0, "found") > ISSUES)) {
        return st;
    }
    m->issues = arena_array(a, (size_t) rows.n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        m->issues[m->nissues++] = db_get_i64(&rows, i, "id");
        events += db_get_i64(&rows, i, "events");
    }
    m->by_issues = events <= EXPLORE_LOOK;
    return ST_OK;
}


enum status
explore_prepare(struct db *db, struct arena *a, struct explore_query *q)
{
    struct meaning *m;
    enum status st;

    if (q->meaning != NULL) {
        return ST_OK;
    }
    m = q->meaning = arena_new_of(a, struct meaning);
    collect_terms(a, q->filter, m);
    st = q->issue == 0 || m->nterms > 0 ? read_meaning(db, a, q, m) : ST_OK;
    if (q->issue != 0) {
        m->issues = &q->issue;
        m->nissues = 1;
        m->by_issues = true;
        m->by_tags = false;
        return st;
    }
    if (st == ST_OK && q->filter->nwords > 0 && !m->by_tags) {
        st = read_words(db, a, q, m);
    }
    return st;
}


static bool
all_true(const bool *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!v[i]) {
            return false;
        }
    }
    return true;
}


static bool
asks_for_issues(const struct issue_filter *f)
{
    return !all_true(f->statuses, 3) || !all_true(f->substatuses, 8)
           || !all_true(f->priorities, 4) || f->assignees.limited
           || f->unhandled != -1;
}


/* One value of the key that is asked for, or no filter at all. */
static bool
is_counted(const struct explore_query *q, const struct meaning *m)
{
    const struct issue_filter *f = q->filter;

    if (q->users || q->nkeys > 1 || m->wide || f->nwords > 0 || f->nany > 0
        || !all_true(f->levels, 6) || asks_for_issues(f)
        || (q->nkeys == 1 && str_is(q->keys[0], "platform"))) {
        return false;
    }
    return f->ntags == 0
           || (f->ntags == 1 && !f->tags[0].negated && !m->cut
               && (q->nkeys == 0 || str_eq(f->tags[0].key, q->keys[0])));
}


static enum status
read_counted(struct db *db, struct arena *a, const struct explore_query *q,
             const struct meaning *m, struct explore_result *out)
{
    const struct issue_filter *f = q->filter;
    struct str key = q->nkeys == 1 ? q->keys[0] : STR("");
    struct db_rows rows;
    int64_t *only = arena_array(a, m->nvalues, sizeof(int64_t));
    int64_t named = 0, groups = 0;
    enum status st;

    for (size_t i = 0; i < m->nvalues; i++) {
        only[i] = m->sorted[i].value;
    }

    /* without a key, the counters of the filter's own are added up */
    st = db_query(
        db, a, SQL_EXPLORE_COUNTED,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects),
                db_str(f->ntags > 0 ? f->tags[0].key : key), db_time(q->from),
                db_time(q->to), db_i64(q->step), db_i64((int64_t) q->top),
                f->ntags > 0 ? db_i64_array(a, only, m->nvalues) : db_null()),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    explore_groups(a, q, out);
    for (int i = 0; i < rows.n; i++) {
        int64_t place = db_get_i64(&rows, i, "place");
        int64_t n = db_get_i64(&rows, i, "n");
        struct explore_group *g =
            explore_group_at(out, q, q->nkeys == 0 ? 1 : place);

        if (q->nkeys > 0 && place > 0) {
            g->values[0] = db_get_str(&rows, i, "value");
        }
        g->n += n;
        explore_add(g, q, db_get_i64(&rows, i, "slot"), n);
        named += n;
        groups = db_get_i64(&rows, i, "groups");
    }
    out->others = groups > (int64_t) q->top ? groups - (int64_t) q->top : 0;
    out->total = named;
    out->looked = out->of = m->events;
    return ST_OK;
}


/* Event ids below it are about so large a part of all; null: all of them. */
static struct str
id_bound(struct arena *a, double part)
{
    uint64_t high =
        part < 1 ? (uint64_t) (part * 18446744073709551615.0) : UINT64_MAX;
    unsigned char uuid[16];

    memset(uuid, 0xff, sizeof(uuid));
    for (int i = 0; i < 8; i++) {
        uuid[i] = (unsigned char) (high >> (56 - 8 * i));
    }
    return uuid_hex(a, uuid);
}


/* The indexes that are true, times unit; null when all are. */
static struct db_arg
chosen(struct arena *a, const bool *v, size_t n, int64_t unit)
{
    int64_t ids[8];
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (v[i]) {
            ids[count++] = (int64_t) i * unit;
        }
    }
    return count == n ? db_null() : db_i64_array(a, ids, count);
}


#define FILTER_ARGS 15

/* $1 to $15 of both statements. */
static void
filter_args(struct arena *a, const struct explore_query *q,
            const struct meaning *m, int64_t from, struct db_arg seventh,
            struct db_arg *v)
{
    static const int64_t statuses[] = { 0, 1, 2 };
    const struct issue_filter *f = q->filter;
    struct db_arg args[FILTER_ARGS] = {
        db_i64(q->organization_id),
        db_i64_array(a, q->projects, q->nprojects),
        db_time(from),
        db_time(q->to),
        m->by_tags ? db_i64_array(a, m->narrow, m->nnarrow) : db_null(),
        m->by_issues ? db_i64_array(a, m->issues, m->nissues) : db_null(),
        seventh,
        chosen(a, f->levels, 6, 10),
        db_bool(asks_for_issues(f)),
        chosen(a, f->statuses, 3, 1),
        chosen(a, f->substatuses, 8, 1),
        chosen(a, f->priorities, 4, 25),
        f->assignees.limited ? db_i64_array(a, f->assignees.ids, f->assignees.n)
                             : db_null(),
        f->unhandled == -1 ? db_null() : db_bool(f->unhandled == 1),
        f->nwords > 0 ? db_str_array(a, f->words, f->nwords) : db_null(),
    };

    if (all_true(f->statuses, 3)) {
        args[9] = db_i64_array(a, statuses, 3);
    }
    memcpy(v, args, sizeof(args));
}


enum status
explore(struct db *db, struct arena *a, struct explore_query *q,
        struct explore_result *out)
{
    struct db_arg args[FILTER_ARGS + 3];
    struct db_rows rows;
    struct meaning *m;
    double part;
    enum status st;

    *out = (struct explore_result){ 0 };
    st = explore_prepare(db, a, q);
    if (st != ST_OK) {
        return st;
    }
    m = q->meaning;
    out->cut = m->cut;
    if (is_counted(q, m)) {
        out->source = EXPLORE_COUNTED;
        return read_counted(db, a, q, m, out);
    }

    part = m->events > EXPLORE_LOOK ? (double) EXPLORE_LOOK / (double) m->events
                                    : 1;
    out->source = part < 1 && !m->by_tags && !m->by_issues ? EXPLORE_SAMPLED
                                                           : EXPLORE_LOOKED;
    out->of = m->events;
    filter_args(a, q, m, q->from, db_str(id_bound(a, part)), args);
    args[FILTER_ARGS] = db_str_array(a, q->keys, q->nkeys);
    args[FILTER_ARGS + 1] = db_i64(q->step);
    args[FILTER_ARGS + 2] = db_bool(m->nvalues > 0 || explore_tag_keys(q) > 0);
    st = db_query(db, a, SQL_EXPLORE_SCAN, args, FILTER_ARGS + 3, &rows);
    m->known = st == ST_OK && out->source == EXPLORE_LOOKED
               && rows.n < 4 * EXPLORE_LOOK;
    return st == ST_OK ? explore_count(db, a, q, &rows, out) : st;
}


/* The rows of the events that these two columns name. */
static enum status
read_rows(struct db *db, struct arena *a, const struct explore_query *q,
          const struct str *days, const int64_t *ids, size_t n,
          struct explore_event *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_EXPLORE_ROWS,
                  DB_ARGS(db_i64(q->organization_id), db_str_array(a, days, n),
                          db_i64_array(a, ids, n)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct explore_event *ev = &out[i];

        event_from_row(a, &rows, i, &ev->row);
        ev->issue_id = db_get_i64(&rows, i, "issue_id");
        ev->project_slug = db_get_str(&rows, i, "project_slug");
        ev->short_id =
            issue_short_id(a, ev->project_slug, db_get_i64(&rows, i, "number"));
    }
    return st;
}


/* How many of the newest are looked at, so that max of them pass. */
static int64_t
look(const struct explore_query *q, size_t max)
{
    const struct issue_filter *f = q->filter;

    if (q->issue == 0 && (q->meaning->by_tags || q->meaning->by_issues)) {
        return 4 * EXPLORE_LOOK;
    }
    if (f->ntags == 0 && f->nany == 0 && f->nwords == 0
        && all_true(f->levels, 6) && !asks_for_issues(f)) {
        return (int64_t) max; /* each passes */
    }
    return EXPLORE_NEWEST;
}


static enum status
read_events(struct db *db, struct arena *a, struct explore_query *q,
            int64_t from, int64_t before, size_t max,
            struct explore_event **out, size_t *n, int64_t *next)
{
    struct db_arg args[FILTER_ARGS + 2];
    struct str *days = arena_array(a, max, sizeof(*days));
    int64_t *ids = arena_array(a, max, sizeof(*ids));
    struct db_rows rows;
    enum status st;

    *n = 0;
    *out = arena_array(a, max, sizeof(**out));
    filter_args(a, q, q->meaning, from, db_i64(before > 0 ? before : INT64_MAX),
                args);
    args[FILTER_ARGS] = db_i64(look(q, max));
    args[FILTER_ARGS + 1] = db_bool(q->meaning->nterms > 0);
    st = db_query(db, a, SQL_EXPLORE_EVENTS, args, FILTER_ARGS + 2, &rows);
    if (st != ST_OK) {
        return st;
    }
    *next = db_get_i64(&rows, 0, "last");
    for (int i = 0; i < rows.n && !db_is_null(&rows, i, "id"); i++) {
        if (!explore_passes(q, &rows, i)) {
            continue;
        }
        days[*n] = db_get_str(&rows, i, "day");
        ids[(*n)++] = db_get_i64(&rows, i, "id");
        if (*n == max) {
            *next = ids[*n - 1];
            break;
        }
    }
    return *n > 0 ? read_rows(db, a, q, days, ids, *n, *out) : ST_OK;
}


/* Those that explore() has come across. */
static enum status
read_known(struct db *db, struct arena *a, const struct explore_query *q,
           size_t max, struct explore_event **out, size_t *n)
{
    const struct meaning *m = q->meaning;
    struct str days[EXPLORE_SHOWN];
    int64_t ids[EXPLORE_SHOWN];

    *n = m->nnewest < max ? m->nnewest : max;
    *out = arena_array(a, max, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        days[i] = m->newest[i].day;
        ids[i] = m->newest[i].id;
    }
    return *n > 0 ? read_rows(db, a, q, days, ids, *n, *out) : ST_OK;
}


enum status
explore_events(struct db *db, struct arena *a, struct explore_query *q,
               int64_t before, size_t max, struct explore_event **out,
               size_t *n, int64_t *next)
{
    enum status st = explore_prepare(db, a, q);

    return st == ST_OK
               ? read_events(db, a, q, q->from, before, max, out, n, next)
               : st;
}


enum status
explore_newest(struct db *db, struct arena *a, struct explore_query *q,
               size_t max, struct explore_event **out, size_t *n)
{
    const struct meaning *m;
    int64_t from, next;
    enum status st = explore_prepare(db, a, q);

    if (st != ST_OK) {
        return st;
    }
    m = q->meaning;
    if (m->known) {
        return read_known(db, a, q, max, out, n);
    }
    from =
        m->since > q->from && !m->by_tags && !m->by_issues ? m->since : q->from;
    return read_events(db, a, q, from, 0, max, out, n, &next);
}
