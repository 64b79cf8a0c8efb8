/*
 * What is counted of an issue: its users, its hours, its tags.  All of it is
 * summed up here first, so that a flood of one issue costs a few rows a batch.
 * The issues' rows are locked by us, which orders the writers of these tables.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "util/crypt.h"
#include "util/timeutil.h"


/* users */

static int
by_user(const void *left, const void *right)
{
    const struct work_user *a = left, *b = right;
    int c = compare_i64(a->issue->id, b->issue->id);

    return c != 0 ? c : memcmp(a->hash, b->hash, 16);
}


void
work_collect_users(struct work *w)
{
    struct work_user *list = arena_array(w->a, w->nrows, sizeof(*list));
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->issue != NULL && row->ev->user_tag.n > 0) {
            list[n].issue = row->issue;
            digest16(row->ev->user_tag, list[n].hash);
            n++;
        }
    }
    qsort(list, n, sizeof(*list), by_user);

    w->users = list;
    for (size_t i = 0; i < n; i++) {
        if (w->nusers == 0 || by_user(&list[w->nusers - 1], &list[i]) != 0) {
            list[w->nusers++] = list[i];
            list[i].issue->users++;
        }
    }
}


static struct work_issue *
issue_by_id(const struct work *w, int64_t id)
{
    size_t low = 0, high = w->nissues;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (w->issues[middle]->id == id) {
            return w->issues[middle];
        }
        if (w->issues[middle]->id < id) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return NULL;
}


enum status
work_write_users(struct work *w)
{
    int64_t *issues = arena_array(w->a, w->nusers, sizeof(int64_t));
    struct str *hashes = arena_array(w->a, w->nusers, sizeof(struct str));
    struct db_rows rows;
    enum status st;

    if (w->nusers == 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < w->nusers; i++) {
        issues[i] = w->users[i].issue->id;
        hashes[i] = str_make((const char *) w->users[i].hash, 16);
        w->users[i].issue->users = 0;
    }
    st = db_query(w->db, w->a, SQL_BATCH_USERS,
                  DB_ARGS(db_i64_array(w->a, issues, w->nusers),
                          db_bytes_array(w->a, hashes, w->nusers)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct work_issue *is =
            issue_by_id(w, db_get_i64(&rows, i, "issue_id"));

        if (is != NULL) {
            is->users = db_get_i64(&rows, i, "n");
        }
    }
    return st;
}


/* hours */

struct hour {
    int64_t issue_id;
    int64_t at;
    int64_t n;
};


static int
by_hour(const void *left, const void *right)
{
    const struct hour *a = left, *b = right;
    int c = compare_i64(a->issue_id, b->issue_id);

    return c != 0 ? c : compare_i64(a->at, b->at);
}


static enum status
count_hours(struct work *w)
{
    struct hour *list = arena_array(w->a, w->nrows, sizeof(*list));
    int64_t *columns[3];
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->issue != NULL) {
            list[n++] = (struct hour){ row->issue->id,
                                       outcome_hour(row->ev->occurred_at), 1 };
        }
    }
    qsort(list, n, sizeof(*list), by_hour);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_hour(&list[kept - 1], &list[i]) == 0) {
            list[kept - 1].n++;

        } else {
            list[kept++] = list[i];
        }
    }

    for (size_t k = 0; k < 3; k++) {
        columns[k] = arena_array(w->a, kept, sizeof(int64_t));
    }
    for (size_t i = 0; i < kept; i++) {
        columns[0][i] = list[i].issue_id;
        columns[1][i] = list[i].at;
        columns[2][i] = list[i].n;
    }
    return db_query(w->db, w->a, SQL_BATCH_HOURS,
                    DB_ARGS(db_i64_array(w->a, columns[0], kept),
                            db_time_array(w->a, columns[1], kept),
                            db_i64_array(w->a, columns[2], kept)),
                    NULL);
}


/* tags */

struct tag {
    int64_t issue_id;
    struct str key;
    struct str value;
    int64_t n;
    int64_t first_seen;
    int64_t last_seen;
};


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


static size_t
sum_up(struct tag *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_tag);
    for (size_t i = 0; i < n; i++) {
        struct tag *last = kept > 0 ? &list[kept - 1] : NULL;

        if (last == NULL || by_tag(last, &list[i]) != 0) {
            list[kept++] = list[i];
            continue;
        }
        last->n++;
        if (list[i].first_seen < last->first_seen) {
            last->first_seen = list[i].first_seen;
        }
        if (list[i].last_seen > last->last_seen) {
            last->last_seen = list[i].last_seen;
        }
    }
    return kept;
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

    for (size_t i = 0; i < n; i++) {
        issues[i] = list[i].issue_id;
        keys[i] = list[i].key;
        values[i] = list[i].value;
        counts[i] = list[i].n;
        first[i] = list[i].first_seen;
        last[i] = list[i].last_seen;
    }
    return db_query(
        w->db, w->a, SQL_BATCH_TAGS,
        DB_ARGS(db_i64_array(w->a, issues, n), db_str_array(w->a, keys, n),
                db_str_array(w->a, values, n), db_i64_array(w->a, counts, n),
                db_time_array(w->a, first, n), db_time_array(w->a, last, n),
                db_i64(BATCH_TAG_VALUES)),
        NULL);
}


static enum status
count_tags(struct work *w)
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
            const struct batch_tag *tag = &row->ev->tags[k];

            /* "" counts what is not kept apart */
            if (tag->value.n > 0) {
                list[n++] =
                    (struct tag){ row->issue->id,       tag->key,
                                  tag->value,           1,
                                  row->ev->occurred_at, row->ev->occurred_at };
            }
        }
    }
    n = sum_up(list, n);
    return n > 0 ? write_tags(w, list, n) : ST_OK;
}


enum status
work_count(struct work *w)
{
    enum status st = count_hours(w);

    return st == ST_OK ? count_tags(w) : st;
}
