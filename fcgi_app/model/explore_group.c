/*
 * Events to groups, in our own memory: some thousands of rows, of which each
 * has some twenty tags by number.  Sorting does what hashing would.
 */

#include "model/explore_work.h"

#include <stdlib.h>

void
explore_groups(struct arena *a, const struct explore_query *q,
               struct explore_result *out)
{
    size_t n = q->top;

    out->groups = arena_array(a, n + 1, sizeof(*out->groups));
    for (size_t i = 0; i < n; i++) {
        out->groups[i].slots = arena_array(a, q->slots, sizeof(int64_t));
    }
    out->other.slots = arena_array(a, q->slots, sizeof(int64_t));
}


struct explore_group *
explore_group_at(struct explore_result *out, const struct explore_query *q,
                 int64_t place)
{
    if (place < 1 || place > (int64_t) q->top) {
        return &out->other;
    }
    out->ngroups =
        (size_t) place > out->ngroups ? (size_t) place : out->ngroups;
    return &out->groups[place - 1];
}


void
explore_add(struct explore_group *g, const struct explore_query *q,
            int64_t slot, int64_t n)
{
    if (slot >= 0 && slot < (int64_t) q->slots) {
        g->slots[slot] += n;
    }
}


/* Tags */

/* The next number of "{1,2,3}"; false at the end. */
static bool
next_tag(struct str *rest, int64_t *out)
{
    size_t i = 0;

    while (i < rest->n && (rest->p[i] < '0' || rest->p[i] > '9')) {
        i++;
    }
    if (i == rest->n) {
        return false;
    }
    for (*out = 0; i < rest->n && rest->p[i] >= '0' && rest->p[i] <= '9'; i++) {
        *out = *out * 10 + (rest->p[i] - '0');
    }
    *rest = str_sub(*rest, i, rest->n);
    return true;
}


/* Notes which terms a value is of, from 1 on. */
static void
note_terms(const struct meaning *m, int64_t value, bool *hit)
{
    size_t low = 0, high = m->nvalues;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (m->sorted[middle].value < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < m->nvalues && m->sorted[low].value == value; low++) {
        hit[m->sorted[low].term] = true;
    }
}


static bool
hold(const struct meaning *m, const bool *hit, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++) {
        if (hit[i + 1] == m->terms[i]->negated) {
            return false;
        }
    }
    return true;
}


static bool
has_id(const struct id_set *set, int64_t id)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->ids[i] == id) {
            return true;
        }
    }
    return !set->limited;
}


bool
explore_passes(const struct explore_query *q, const struct db_rows *rows,
               int row)
{
    const struct meaning *m = q->meaning;
    const struct issue_filter *f = q->filter;
    struct str tags = db_get_str(rows, row, "tags");
    bool hit[EXPLORE_TERMS + 1] = { false };
    size_t at = f->ntags;
    int64_t tag;

    if (m->nterms > 0) {
        while (next_tag(&tags, &tag)) {
            note_terms(m, tag, hit);
        }
    }
    if (f->nany == 0 || !hold(m, hit, 0, f->ntags)) {
        return hold(m, hit, 0, f->ntags);
    }
    for (size_t i = 0; i < f->nany; at += f->any[i++].ntags) {
        const struct issue_filter *way = &f->any[i];
        int64_t level = db_get_i64(rows, row, "severity") / 10;

        if (level >= 0 && level < 6 && way->levels[level]
            && has_id(&way->projects, db_get_i64(rows, row, "project_id"))
            && hold(m, hit, at, way->ntags)) {
            return true;
        }
    }
    return false;
}


/* Keys */

/* Those that are columns of the statement. */
static const char *const columns[] = { "project",     "platform",
                                       "level",       "user",
                                       "release",     "environment",
                                       "transaction", "server_name" };


static const char *
column_of(struct str key)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (str_is(key, columns[i])) {
            return columns[i];
        }
    }
    return NULL;
}


size_t
explore_tag_keys(const struct explore_query *q)
{
    size_t n = 0;

    for (size_t i = 0; i < q->nkeys; i++) {
        n += column_of(q->keys[i]) == NULL;
    }
    return n;
}


/* The events that pass, one by one */

struct seen {
    struct str values[EXPLORE_KEYS];
    struct str user;
    struct str tags;
    int64_t slot;
    int64_t place; /* of its group; 0: among the others */
};

struct work {
    const struct explore_query *q;
    struct explore_result *out;
    struct seen *v;
    size_t n;
};


/* Among the newest, in their order, if it is one of them. */
static void
note_newest(struct meaning *m, const struct db_rows *rows, int row)
{
    int64_t id = db_get_i64(rows, row, "id");
    size_t at = m->nnewest;

    while (at > 0 && m->newest[at - 1].id < id) {
        at--;
    }
    if (at == EXPLORE_SHOWN) {
        return;
    }
    m->nnewest += m->nnewest < EXPLORE_SHOWN;
    for (size_t i = m->nnewest - 1; i > at; i--) {
        m->newest[i] = m->newest[i - 1];
    }
    m->newest[at] = (struct newest){ id, db_get_str(rows, row, "day") };
}


static void
read_seen(struct work *w, const struct db_rows *rows)
{
    const struct explore_query *q = w->q;

    for (int i = 0; i < rows->n; i++) {
        struct seen *s = &w->v[w->n];

        s->tags = db_get_str(rows, i, "tags");
        if (!db_get_bool(rows, i, "passes") || !explore_passes(q, rows, i)) {
            continue;
        }
        w->n++;
        if (q->meaning->known) {
            note_newest(q->meaning, rows, i);
        }
        s->user = db_get_str(rows, i, "user");
        s->slot = db_get_i64(rows, i, "slot");
        for (size_t k = 0; k < q->nkeys; k++) {
            const char *column = column_of(q->keys[k]);

            if (column != NULL) {
                s->values[k] = db_get_str(rows, i, column);
            }
        }
    }
}


/* Values of tags */

struct name {
    int64_t id;
    int64_t key; /* from 0 on */
    struct str value;
};


static int
by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;

    return (a > b) - (a < b);
}


static int
by_id(const void *left, const void *right)
{
    return by_number(&((const struct name *) left)->id,
                     &((const struct name *) right)->id);
}


/* Every tag of these events, once. */
static int64_t *
tags_of(struct arena *a, const struct work *w, size_t *n)
{
    size_t room = 1024, all = 0, kept = 0;
    int64_t *ids = arena_array(a, room, sizeof(*ids));

    for (size_t i = 0; i < w->n; i++) {
        struct str rest = w->v[i].tags;
        int64_t tag;

        while (next_tag(&rest, &tag)) {
            if (all == room) {
                ids = arena_grow(a, ids, room * sizeof(*ids),
                                 2 * room * sizeof(*ids));
                room *= 2;
            }
            ids[all++] = tag;
        }
    }
    qsort(ids, all, sizeof(*ids), by_number);
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || ids[kept - 1] != ids[i]) {
            ids[kept++] = ids[i];
        }
    }
    *n = kept;
    return ids;
}


static void
give_names(struct work *w, const struct name *names, size_t n)
{
    for (size_t i = 0; i < w->n; i++) {
        struct str rest = w->v[i].tags;
        int64_t tag;

        while (next_tag(&rest, &tag)) {
            const struct name *name = bsearch(&(struct name){ .id = tag },
                                              names, n, sizeof(*names), by_id);

            if (name != NULL) {
                w->v[i].values[name->key] = name->value;
            }
        }
    }
}


static enum status
read_names(struct db *db, struct arena *a, struct work *w)
{
    const struct explore_query *q = w->q;
    struct str *keys = arena_array(a, EXPLORE_KEYS, sizeof(*keys));
    struct db_rows rows;
    struct name *names;
    enum status st;
    int64_t *ids;
    size_t n;

    for (size_t k = 0; k < q->nkeys; k++) {
        /* what no tag is called: a column's place stays empty */
        keys[k] = column_of(q->keys[k]) == NULL ? q->keys[k] : STR("");
    }
    ids = tags_of(a, w, &n);
    st = db_query(db, a, SQL_EXPLORE_NAMES,
                  DB_ARGS(db_i64(q->organization_id),
                          db_i64_array(a, q->projects, q->nprojects),
                          db_str_array(a, keys, q->nkeys),
                          db_i64_array(a, ids, n)),
                  &rows);
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    names = arena_array(a, (size_t) rows.n, sizeof(*names));
    for (int i = 0; i < rows.n; i++) {
        names[i] = (struct name){ db_get_i64(&rows, i, "id"),
                                  db_get_i64(&rows, i, "place") - 1,
                                  db_get_str(&rows, i, "value") };
    }
    qsort(names, (size_t) rows.n, sizeof(*names), by_id);
    give_names(w, names, (size_t) rows.n);
    return ST_OK;
}


/* Groups */

static int
by_values(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;

    for (size_t k = 0; k < EXPLORE_KEYS; k++) {
        int c = str_cmp(a->values[k], b->values[k]);

        if (c != 0) {
            return c;
        }
    }
    return str_cmp(a->user, b->user);
}


static int
by_place(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;
    int c = by_number(&a->place, &b->place);

    c = c != 0 ? c : str_cmp(a->user, b->user);
    return c != 0 ? c : by_number(&a->slot, &b->slot);
}


static int
by_slot(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;
    int c = by_number(&a->place, &b->place);

    c = c != 0 ? c : by_number(&a->slot, &b->slot);
    return c != 0 ? c : str_cmp(a->user, b->user);
}


static int
by_user(const void *left, const void *right)
{
    return str_cmp(((const struct seen *) left)->user,
                   ((const struct seen *) right)->user);
}


/* Events, or different users of a run that is sorted by them. */
static int64_t
count(const struct work *w, const struct seen *v, size_t n)
{
    int64_t users = 0;

    if (!w->q->users) {
        return (int64_t) n;
    }
    for (size_t i = 0; i < n; i++) {
        users +=
            v[i].user.n > 0 && (i == 0 || !str_eq(v[i].user, v[i - 1].user));
    }
    return users;
}


/* A sample's number for all of them; users cannot be told from a sample. */
static int64_t
scaled(const struct work *w, int64_t n)
{
    const struct explore_result *r = w->out;

    if (w->q->users || r->source != EXPLORE_SAMPLED || r->looked == 0) {
        return n;
    }
    return (int64_t) ((double) n * (double) r->of / (double) r->looked + .5);
}


struct run {
    size_t at;
    size_t n;
    int64_t counted;
};


/* The most first, then in the order of their values. */
static int
by_count(const void *left, const void *right)
{
    const struct run *a = left, *b = right;

    return a->counted != b->counted ? (a->counted > b->counted ? -1 : 1)
                                    : (a->at > b->at) - (a->at < b->at);
}


static bool
same_values(const struct seen *a, const struct seen *b)
{
    for (size_t k = 0; k < EXPLORE_KEYS; k++) {
        if (!str_eq(a->values[k], b->values[k])) {
            return false;
        }
    }
    return true;
}


/* Gives each event the place of its group, and the groups their values. */
static void
make_groups(struct arena *a, struct work *w)
{
    struct run *runs = arena_array(a, w->n, sizeof(*runs));
    size_t n = 0;

    qsort(w->v, w->n, sizeof(*w->v), by_values);
    for (size_t i = 0; i < w->n; i++) {
        if (i == 0 || !same_values(&w->v[i - 1], &w->v[i])) {
            runs[n++].at = i;
        }
        runs[n - 1].n++;
    }
    for (size_t i = 0; i < n; i++) {
        runs[i].counted = count(w, &w->v[runs[i].at], runs[i].n);
    }
    if (n > 0) {
        qsort(runs, n, sizeof(*runs), by_count);
    }
    for (size_t i = 0; i < n; i++) {
        bool shown = i < w->q->top;

        for (size_t k = 0; k < runs[i].n; k++) {
            w->v[runs[i].at + k].place = shown ? (int64_t) i + 1 : 0;
        }
        if (shown) {
            struct explore_group *g =
                explore_group_at(w->out, w->q, (int64_t) i + 1);

            memcpy(g->values, w->v[runs[i].at].values, sizeof(g->values));
        }
    }
    w->out->others = n > w->q->top ? (int64_t) (n - w->q->top) : 0;
}


static size_t
run_length(const struct work *w, size_t i, bool slots)
{
    size_t n = 1;

    while (i + n < w->n && w->v[i + n].place == w->v[i].place
           && (!slots || w->v[i + n].slot == w->v[i].slot)) {
        n++;
    }
    return n;
}


static void
count_groups(struct work *w)
{
    qsort(w->v, w->n, sizeof(*w->v), by_place);
    for (size_t i = 0, n; i < w->n; i += n) {
        n = run_length(w, i, false);
        explore_group_at(w->out, w->q, w->v[i].place)->n =
            scaled(w, count(w, &w->v[i], n));
    }
    qsort(w->v, w->n, sizeof(*w->v), by_slot);
    for (size_t i = 0, n; i < w->n; i += n) {
        n = run_length(w, i, true);
        explore_add(explore_group_at(w->out, w->q, w->v[i].place), w->q,
                    w->v[i].slot, scaled(w, count(w, &w->v[i], n)));
    }
    qsort(w->v, w->n, sizeof(*w->v), by_user);
    w->out->total = scaled(w, count(w, w->v, w->n));
}


enum status
explore_count(struct db *db, struct arena *a, const struct explore_query *q,
              const struct db_rows *rows, struct explore_result *out)
{
    struct work w = { .q = q, .out = out };
    enum status st = ST_OK;

    out->looked = rows->n;
    w.v = arena_array(a, (size_t) rows->n + 1, sizeof(*w.v));
    explore_groups(a, q, out);
    read_seen(&w, rows);
    if (w.n > 0 && explore_tag_keys(q) > 0) {
        st = read_names(db, a, &w);
    }
    if (st == ST_OK && w.n > 0) {
        make_groups(a, &w);
        count_groups(&w);
    }
    return st;
}
