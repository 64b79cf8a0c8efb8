/*
 * What is counted of an issue: its users, its hours.  All of it is
 * summed up here first, so that a flood of one issue costs a few rows a batch.
 * The issues' rows are locked by us, which orders the writers of these tables.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "model/issue_forecast.h"
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
                            db_i64_array(w->a, columns[2], kept),
                            db_i64(FORECAST_LEAST)),
                    NULL);
}


enum status
work_count(struct work *w)
{
    enum status st = count_hours(w);

    return st == ST_OK ? work_count_issue_minutes(w) : st;
}
