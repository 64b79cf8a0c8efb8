/*
 * Tag values by issue: the most rows of all that a batch writes, so they are
 * written in one pass that asks nothing (ON CONFLICT).  That leaves the bound
 * on the values of a key.  Three observations keep it cheap:
 *
 * - A key can only fill up through values that the issue did not know.
 * - Keys that get many values in one batch are few: they are counted before
 *   writing.
 * - Keys that get a new value now and then are counted now and then, by
 *   chance; that lets a few values more slip in, which harms nobody.
 *
 * What was found to be full is remembered in this process, and from then on
 * its new values are counted under "".
 */

#include "model/batch_work.h"

#include <stdlib.h>

/* Values of a key in one batch from which on it is counted before. */
#define MANY 8

/* One in so many keys with a new value is counted after. */
#define CHANCE 16

/* Full keys that are remembered; a table of their hashes, power of two. */
#define FULL_SIZE 16384


struct tag {
    int64_t issue_id;
    struct str key;
    struct str value;
    int64_t n;
    int64_t first_seen;
    int64_t last_seen;
};

/* Of one issue and one key: tags [from, to). */
struct group {
    size_t from;
    size_t to;
    bool full;
};


/* what is full */

static uint64_t full[FULL_SIZE];


static uint64_t
hash_of(int64_t issue_id, struct str key)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t) issue_id;

    for (size_t i = 0; i < key.n; i++) {
        h = (h ^ (unsigned char) key.p[i]) * UINT64_C(1099511628211);
    }
    h ^= h >> 29;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 32;
    return h != 0 ? h : 1;
}


/* A newcomer takes the place of what stood there: it is found again. */
static void
remember_full(int64_t issue_id, struct str key)
{
    uint64_t h = hash_of(issue_id, key);

    full[h % FULL_SIZE] = h;
}


static bool
is_full(int64_t issue_id, struct str key)
{
    uint64_t h = hash_of(issue_id, key);

    return full[h % FULL_SIZE] == h;
}


/* summing up */

static int
by_tag(const void *left, const void *right)
{
    const struct tag *a = left, *b = right;
    int c = compare_i64(a->issue_id, b->issue_id);

    if (c == 0) {
        c = str_cmp(a->key, b->key);
    }
    return c != 0 ? c : str_cmp(a->value, b->value);
}


static void
merge(struct tag *into, const struct tag *tag)
{
    into->n += tag->n;
    if (tag->first_seen < into->first_seen) {
        into->first_seen = tag->first_seen;
    }
    if (tag->last_seen > into->last_seen) {
        into->last_seen = tag->last_seen;
    }
}


/* Sorts, and makes one of those that are alike. */
static size_t
sum_up(struct tag *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_tag);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_tag(&list[kept - 1], &list[i]) == 0) {
            merge(&list[kept - 1], &list[i]);

        } else {
            list[kept++] = list[i];
        }
    }
    return kept;
}


static struct tag *
collect(const struct work *w, size_t *out)
{
    struct tag *list;
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        n += w->rows[i].issue != NULL ? w->rows[i].ev->ntags : 0;
    }
    list = arena_array(w->a, n, sizeof(*list));
    n = 0;
    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        for (size_t k = 0; row->issue != NULL && k < row->ev->ntags; k++) {
            struct tag *tag = &list[n++];

            tag->issue_id = row->issue->id;
            tag->key = row->ev->tags[k].key;
            tag->value = row->ev->tags[k].value;
            tag->n = 1;
            tag->first_seen = row->ev->occurred_at;
            tag->last_seen = row->ev->occurred_at;
        }
    }
    *out = sum_up(list, n);
    return list;
}


static struct group *
groups_of(const struct work *w, const struct tag *list, size_t n, size_t *out)
{
    struct group *groups = arena_array(w->a, n, sizeof(*groups));
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || list[i].issue_id != list[i - 1].issue_id
            || !str_eq(list[i].key, list[i - 1].key)) {
            groups[k++].from = i;
        }
        groups[k - 1].to = i + 1;
    }
    *out = k;
    return groups;
}


/* asking */

/* Which of these keys are full; those are remembered. */
static enum status
count_values(struct work *w, const int64_t *issues, const struct str *keys,
             size_t n)
{
    struct db_rows rows;
    enum status st;

    if (n == 0) {
        return ST_OK;
    }
    st =
        db_query(w->db, w->a, SQL_BATCH_TAG_COUNTS,
                 DB_ARGS(db_i64_array(w->a, issues, n),
                         db_str_array(w->a, keys, n), db_i64(BATCH_TAG_VALUES)),
                 &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        int64_t at = db_get_i64(&rows, i, "n") - 1;

        if (db_get_i64(&rows, i, "have") >= BATCH_TAG_VALUES) {
            remember_full(issues[at], keys[at]);
        }
    }
    return st;
}


/* Before writing: the keys that get many values. */
static enum status
look_at_groups(struct work *w, const struct tag *list, struct group *groups,
               size_t n)
{
    int64_t *issues = arena_array(w->a, n, sizeof(int64_t));
    struct str *keys = arena_array(w->a, n, sizeof(struct str));
    enum status st;
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        const struct tag *first = &list[groups[i].from];

        if (groups[i].to - groups[i].from >= MANY
            && !is_full(first->issue_id, first->key)) {
            issues[k] = first->issue_id;
            keys[k++] = first->key;
        }
    }
    st = count_values(w, issues, keys, k);
    for (size_t i = 0; i < n; i++) {
        const struct tag *first = &list[groups[i].from];

        groups[i].full = is_full(first->issue_id, first->key);
    }
    return st;
}


/*
 * Of the full keys, the values that the issue does not know go under "".
 * Values that it knows keep their rows.
 */
static enum status
fold(struct work *w, struct tag *list, const struct group *groups, size_t n)
{
    size_t size = 0, k = 0;
    int64_t *issues;
    struct str *keys, *values;
    size_t *at;
    bool *known;
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        size += groups[i].full ? groups[i].to - groups[i].from : 0;
    }
    if (size == 0) {
        return ST_OK;
    }

    issues = arena_array(w->a, size, sizeof(int64_t));
    keys = arena_array(w->a, size, sizeof(struct str));
    values = arena_array(w->a, size, sizeof(struct str));
    at = arena_array(w->a, size, sizeof(size_t));
    known = arena_array(w->a, size, sizeof(bool));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = groups[i].from; groups[i].full && j < groups[i].to;
             j++) {
            issues[k] = list[j].issue_id;
            keys[k] = list[j].key;
            values[k] = list[j].value;
            at[k++] = j;
        }
    }

    st = db_query(w->db, w->a, SQL_BATCH_TAGS_KNOWN,
                  DB_ARGS(db_i64_array(w->a, issues, k),
                          db_str_array(w->a, keys, k),
                          db_str_array(w->a, values, k)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        known[db_get_i64(&rows, i, "n") - 1] = true;
    }
    for (size_t i = 0; i < k; i++) {
        if (!known[i]) {
            list[at[i]].value = STR("");
        }
    }
    return ST_OK;
}


/* writing */

/* After writing: some of the keys that got a value they did not have. */
static enum status
look_at_fresh(struct work *w, const struct db_rows *rows)
{
    int64_t *issues = arena_array(w->a, (size_t) rows->n, sizeof(int64_t));
    struct str *keys = arena_array(w->a, (size_t) rows->n, sizeof(struct str));
    size_t k = 0;

    for (int i = 0; i < rows->n; i++) {
        if (rand() % CHANCE < db_get_i64(rows, i, "n")) {
            issues[k] = db_get_i64(rows, i, "issue_id");
            keys[k++] = db_get_str(rows, i, "key");
        }
    }
    return count_values(w, issues, keys, k);
}


static enum status
write_tags(struct work *w, const struct tag *list, size_t n)
{
    int64_t *issues = arena_array(w->a, n, sizeof(int64_t));
    int64_t *counts = arena_array(w->a, n, sizeof(int64_t));
    int64_t *first = arena_array(w->a, n, sizeof(int64_t));
    int64_t *last = arena_array(w->a, n, sizeof(int64_t));
    struct str *keys = arena_array(w->a, n, sizeof(struct str));
    struct str *values = arena_array(w->a, n, sizeof(struct str));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        issues[i] = list[i].issue_id;
        keys[i] = list[i].key;
        values[i] = list[i].value;
        counts[i] = list[i].n;
        first[i] = list[i].first_seen;
        last[i] = list[i].last_seen;
    }
    st = db_query(
        w->db, w->a, SQL_BATCH_TAGS,
        DB_ARGS(db_i64_array(w->a, issues, n), db_str_array(w->a, keys, n),
                db_str_array(w->a, values, n), db_i64_array(w->a, counts, n),
                db_time_array(w->a, first, n), db_time_array(w->a, last, n)),
        &rows);
    return st == ST_OK ? look_at_fresh(w, &rows) : st;
}


enum status
work_count_tags(struct work *w)
{
    size_t n, ngroups;
    struct tag *list = collect(w, &n);
    struct group *groups = groups_of(w, list, n, &ngroups);
    enum status st;

    if (n == 0) {
        return ST_OK;
    }
    if ((st = look_at_groups(w, list, groups, ngroups)) != ST_OK
        || (st = fold(w, list, groups, ngroups)) != ST_OK) {
        return st;
    }
    return write_tags(w, list, sum_up(list, n));
}
