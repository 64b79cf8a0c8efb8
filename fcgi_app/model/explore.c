#include "model/explore.h"

#include "util/hex.h"

#define VALUES 20000 /* that the terms of a filter may name, together */
#define ISSUES 300   /* whose events are looked at because of a word */

/* What the filter has been found to mean in these projects. */
struct meaning {
    int64_t events; /* in these projects, whatever the filter */
    bool wide;      /* the only key has too many values to be counted each */
    int64_t *terms; /* one a value: its term, from 1 on */
    int64_t *values;
    size_t nvalues;
    struct str *negated; /* by term */
    size_t wanted;       /* terms that are not negated */
    int64_t *narrow;     /* values of the rarest term, if they are few */
    size_t nnarrow;
    int64_t *issues; /* that have the words, if they are few */
    size_t nissues;
    bool by_tags, by_issues; /* which of them narrows */
    bool cut;
};


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


static enum status
read_size(struct db *db, struct arena *a, const struct explore_query *q,
          struct meaning *m)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_EXPLORE_SIZE,
                DB_ARGS(db_i64(q->organization_id),
                        db_i64_array(a, q->projects, q->nprojects),
                        db_time(q->from), db_time(q->to), db_i64(q->step),
                        db_str(q->nkeys == 1 ? q->keys[0] : STR(""))),
                &rows);
    if (st == ST_OK) {
        m->events = db_get_i64(&rows, 0, "events");
        m->wide = db_get_bool(&rows, 0, "wide");
    }
    return st;
}


static enum status
find_values(struct db *db, struct arena *a, const struct explore_query *q,
            bool exact, struct meaning *m, int64_t *events)
{
    const struct issue_filter *f = q->filter;
    struct str *keys = arena_array(a, f->ntags, sizeof(struct str));
    struct str *patterns = arena_array(a, f->ntags, sizeof(struct str));
    struct str *literals = arena_array(a, f->ntags, sizeof(struct str));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < f->ntags; i++) {
        keys[i] = f->tags[i].key;
        patterns[i] = f->tags[i].pattern;
        literals[i] = exact ? literal(a, patterns[i]) : STR_NULL;
    }
    st = db_query(db, a, SQL_EXPLORE_TERMS,
                  DB_ARGS(db_i64(q->organization_id),
                          db_i64_array(a, q->projects, q->nprojects),
                          db_str_array(a, keys, f->ntags),
                          db_str_array(a, patterns, f->ntags), db_i64(VALUES),
                          db_time(q->from), db_time(q->to),
                          db_str_array(a, m->negated, f->ntags),
                          db_str_array(a, literals, f->ntags)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    m->nvalues = (size_t) rows.n;
    m->cut = rows.n >= VALUES;
    m->terms = arena_array(a, m->nvalues, sizeof(int64_t));
    m->values = arena_array(a, m->nvalues, sizeof(int64_t));
    for (size_t i = 0; i < f->ntags; i++) {
        events[i] = 0;
    }
    for (int i = 0; i < rows.n; i++) {
        m->terms[i] = db_get_i64(&rows, i, "n");
        m->values[i] = db_get_i64(&rows, i, "id");
        events[m->terms[i] - 1] += db_get_i64(&rows, i, "events");
    }
    return ST_OK;
}


static bool
has_term(const struct meaning *m, size_t term)
{
    for (size_t i = 0; i < m->nvalues; i++) {
        if (m->terms[i] == (int64_t) term + 1) {
            return true;
        }
    }
    return false;
}


/* What the terms name, and the one that leaves least. */
static enum status
read_terms(struct db *db, struct arena *a, const struct explore_query *q,
           struct meaning *m)
{
    const struct issue_filter *f = q->filter;
    int64_t *events = arena_array(a, f->ntags, sizeof(int64_t));
    size_t rarest = f->ntags;
    bool missing = false;
    enum status st;

    m->negated = arena_array(a, f->ntags, sizeof(struct str));
    for (size_t i = 0; i < f->ntags; i++) {
        m->negated[i] = f->tags[i].negated ? STR("t") : STR("f");
        m->wanted += !f->tags[i].negated;
    }
    st = find_values(db, a, q, true, m, events);
    for (size_t i = 0; i < f->ntags; i++) {
        missing = missing || !has_term(m, i);
    }
    if (st == ST_OK && missing) {
        /* perhaps written in other letters */
        st = find_values(db, a, q, false, m, events);
    }
    for (size_t i = 0; i < f->ntags; i++) {
        if (!f->tags[i].negated && events[i] <= EXPLORE_LOOK
            && (rarest == f->ntags || events[i] < events[rarest])) {
            rarest = i;
        }
    }
    if (st != ST_OK || rarest == f->ntags || m->cut) {
        return st;
    }
    m->narrow = arena_array(a, m->nvalues, sizeof(int64_t));
    for (size_t i = 0; i < m->nvalues; i++) {
        if (m->terms[i] == (int64_t) rarest + 1) {
            m->narrow[m->nnarrow++] = m->values[i];
        }
    }
    m->by_tags = m->nnarrow < ISSUES;
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
    st = read_size(db, a, q, m);
    if (st == ST_OK && q->filter->ntags > 0) {
        st = read_terms(db, a, q, m);
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

    if (q->users || q->nkeys > 1 || m->wide || f->nwords > 0
        || !all_true(f->levels, 6) || asks_for_issues(f)
        || (q->nkeys == 1 && str_is(q->keys[0], "platform"))) {
        return false;
    }
    return f->ntags == 0
           || (f->ntags == 1 && !f->tags[0].negated && !m->cut
               && (q->nkeys == 0 || str_eq(f->tags[0].key, q->keys[0])));
}


static void
start_groups(struct arena *a, const struct explore_query *q, size_t n,
             struct explore_result *out)
{
    out->groups = arena_array(a, n + 1, sizeof(*out->groups));
    for (size_t i = 0; i < n; i++) {
        out->groups[i].slots = arena_array(a, q->slots, sizeof(int64_t));
    }
    out->other.slots = arena_array(a, q->slots, sizeof(int64_t));
}


static struct explore_group *
group_at(struct explore_result *out, const struct explore_query *q,
         int64_t place)
{
    if (place < 1 || place > (int64_t) q->top) {
        return &out->other;
    }
    out->ngroups =
        (size_t) place > out->ngroups ? (size_t) place : out->ngroups;
    return &out->groups[place - 1];
}


/* A negative number of slots is a time outside of what was asked for. */
static void
add_slot(struct explore_group *g, const struct explore_query *q, int64_t slot,
         int64_t n)
{
    if (slot >= 0 && slot < (int64_t) q->slots) {
        g->slots[slot] += n;
    }
}


static enum status
read_counted(struct db *db, struct arena *a, const struct explore_query *q,
             const struct meaning *m, struct explore_result *out)
{
    const struct issue_filter *f = q->filter;
    struct str key = q->nkeys == 1 ? q->keys[0] : STR("");
    struct db_rows rows;
    int64_t named = 0, groups = 0;
    enum status st;

    /* without a key, the counters of the filter's own are added up */
    st = db_query(db, a, SQL_EXPLORE_COUNTED,
                  DB_ARGS(db_i64(q->organization_id),
                          db_i64_array(a, q->projects, q->nprojects),
                          db_str(f->ntags > 0 ? f->tags[0].key : key),
                          db_time(q->from), db_time(q->to), db_i64(q->step),
                          db_i64((int64_t) q->top),
                          f->ntags > 0 ? db_i64_array(a, m->values, m->nvalues)
                                       : db_null()),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    start_groups(a, q, q->top, out);
    for (int i = 0; i < rows.n; i++) {
        int64_t place = db_get_i64(&rows, i, "place");
        int64_t n = db_get_i64(&rows, i, "n");
        struct explore_group *g = group_at(out, q, q->nkeys == 0 ? 1 : place);

        if (q->nkeys > 0 && place > 0) {
            g->values[0] = db_get_str(&rows, i, "value");
        }
        g->n += n;
        add_slot(g, q, db_get_i64(&rows, i, "slot"), n);
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


#define FILTER_ARGS 19

/* $1 to $19 of both statements. */
static void
filter_args(struct arena *a, const struct explore_query *q,
            const struct meaning *m, struct db_arg seventh, struct db_arg *v)
{
    static const int64_t statuses[] = { 0, 1, 2 };
    const struct issue_filter *f = q->filter;
    struct db_arg args[FILTER_ARGS] = {
        db_i64(q->organization_id),
        db_i64_array(a, q->projects, q->nprojects),
        db_time(q->from),
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
        db_i64_array(a, m->terms, m->nvalues),
        db_i64_array(a, m->values, m->nvalues),
        db_str_array(a, m->negated, f->ntags),
        db_i64((int64_t) m->wanted),
    };

    if (all_true(f->statuses, 3)) {
        args[9] = db_i64_array(a, statuses, 3);
    }
    memcpy(v, args, sizeof(args));
}


/* A sample's number for all of them. */
static int64_t
scaled(const struct explore_query *q, const struct explore_result *out,
       int64_t n)
{
    if (q->users || out->source != EXPLORE_SAMPLED || out->looked == 0) {
        return n;
    }
    return (int64_t) ((double) n * (double) out->of / (double) out->looked
                      + .5);
}


static void
read_scan(const struct db_rows *rows, const struct explore_query *q,
          struct explore_result *out)
{
    const char *number = q->users ? "users" : "n";
    int64_t groups = 0;

    for (int i = 0; i < rows->n; i++) {
        if (str_is(db_get_str(rows, i, "kind"), "looked")) {
            out->looked = db_get_i64(rows, i, "n");
            groups = db_get_i64(rows, i, "id");
        }
    }
    for (int i = 0; i < rows->n; i++) {
        struct str kind = db_get_str(rows, i, "kind");
        int64_t place = db_get_i64(rows, i, "place");
        int64_t n = scaled(q, out, db_get_i64(rows, i, number));

        if (str_is(kind, "group")) {
            struct explore_group *g = group_at(out, q, place);

            g->values[0] = db_get_str(rows, i, "v1");
            g->values[1] = db_get_str(rows, i, "v2");
            g->values[2] = db_get_str(rows, i, "v3");
            g->n = n;

        } else if (str_is(kind, "slot")) {
            add_slot(group_at(out, q, place), q, db_get_i64(rows, i, "slot"),
                     n);

        } else if (str_is(kind, "sum") && place == 0) {
            out->other.n = n;

        } else if (str_is(kind, "all")) {
            out->total = n;
        }
    }
    out->others = groups > (int64_t) q->top ? groups - (int64_t) q->top : 0;
}


enum status
explore(struct db *db, struct arena *a, struct explore_query *q,
        struct explore_result *out)
{
    struct db_arg args[FILTER_ARGS + 5];
    struct meaning *m;
    struct db_rows rows;
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
    filter_args(a, q, m, db_str(id_bound(a, part)), args);
    args[FILTER_ARGS] = db_str_array(a, q->keys, q->nkeys);
    args[FILTER_ARGS + 1] = db_i64(q->step);
    args[FILTER_ARGS + 2] = db_bool(q->users);
    args[FILTER_ARGS + 3] = db_i64((int64_t) q->top);
    args[FILTER_ARGS + 4] = db_i64(2 * EXPLORE_LOOK);
    st = db_query(db, a, SQL_EXPLORE_SCAN, args, FILTER_ARGS + 5, &rows);
    if (st == ST_OK) {
        start_groups(a, q, q->top, out);
        read_scan(&rows, q, out);
    }
    return st;
}


enum status
explore_events(struct db *db, struct arena *a, struct explore_query *q,
               int64_t before, size_t max, struct explore_event **out,
               size_t *n, int64_t *next)
{
    struct db_arg args[FILTER_ARGS + 2];
    struct meaning *m;
    struct db_rows rows;
    enum status st;

    st = explore_prepare(db, a, q);
    if (st != ST_OK) {
        return st;
    }
    m = q->meaning;
    filter_args(a, q, m, db_i64(before > 0 ? before : INT64_MAX), args);
    args[FILTER_ARGS] = db_i64(m->by_tags || m->by_issues ? 2 * EXPLORE_LOOK
                                                          : EXPLORE_LOOK / 5);
    args[FILTER_ARGS + 1] = db_i64((int64_t) max);
    st = db_query(db, a, SQL_EXPLORE_EVENTS, args, FILTER_ARGS + 2, &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = 0;
    *next = db_get_i64(&rows, 0, "last");
    *out = arena_array(a, (size_t) rows.n, sizeof(**out));
    for (int i = 0; i < rows.n && !db_is_null(&rows, i, "id"); i++) {
        struct explore_event *ev = &(*out)[(*n)++];

        event_from_row(a, &rows, i, &ev->row);
        ev->issue_id = db_get_i64(&rows, i, "issue_id");
        ev->project_slug = db_get_str(&rows, i, "project_slug");
        ev->short_id =
            issue_short_id(a, ev->project_slug, db_get_i64(&rows, i, "number"));
    }
    if (*n == max && max > 0) {
        *next = (*out)[max - 1].row.id;
    }
    return ST_OK;
}
