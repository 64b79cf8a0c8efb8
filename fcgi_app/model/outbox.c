#include "model/outbox.h"

#include <stdlib.h>

#include "model/notice.h"
#include "util/timeutil.h"

/* Rows that one call of outbox_forget removes. */
#define FORGET_ROWS 20000


/* adding */

/* Columns for unnest(). */
static struct db_arg
texts(struct arena *a, const struct outbox_row *rows, size_t n, size_t at)
{
    struct str *v = arena_array(a, n, sizeof(struct str));

    for (size_t i = 0; i < n; i++) {
        v[i] = *(const struct str *) ((const char *) &rows[i] + at);
    }
    return db_str_array(a, v, n);
}


static struct db_arg
numbers(struct arena *a, const struct outbox_row *rows, size_t n, size_t at)
{
    int64_t *v = arena_array(a, n, sizeof(int64_t));

    for (size_t i = 0; i < n; i++) {
        v[i] = *(const int64_t *) ((const char *) &rows[i] + at);
    }
    return db_i64_array(a, v, n);
}


static struct db_arg
times(struct arena *a, const struct outbox_row *rows, size_t n)
{
    int64_t *v = arena_array(a, n, sizeof(int64_t));

    for (size_t i = 0; i < n; i++) {
        v[i] = rows[i].due_at;
    }
    return db_time_array(a, v, n);
}


enum status
outbox_add(struct db *db, struct arena *a, const struct outbox_row *rows,
           size_t n)
{
#define TEXT(field) texts(a, rows, n, offsetof(struct outbox_row, field))
#define NUMBER(field) numbers(a, rows, n, offsetof(struct outbox_row, field))
    if (n == 0) {
        return ST_OK;
    }
    return db_query(db, a, SQL_OUTBOX_ADD,
                    DB_ARGS(NUMBER(organization_id), NUMBER(project_id),
                            NUMBER(issue_id), NUMBER(rule_id), NUMBER(fire_id),
                            TEXT(cause), TEXT(channel), NUMBER(integration_id),
                            NUMBER(account_id), TEXT(address), TEXT(endpoint),
                            TEXT(data), TEXT(key), times(a, rows, n)),
                    NULL);
#undef TEXT
#undef NUMBER
}


enum status
outbox_mail(struct db *db, struct arena *a, int64_t organization_id,
            struct str address, struct str subject, struct str text,
            struct str button, struct str url, struct str key)
{
    struct notice n = {
        .cause = STR("account"),
        .key = key,
        .at = time_now(),
        .title = subject,
        .text = text,
        .url = url,
        .actions = { { 0, button, url } },
        .nactions = 1,
        .organization_id = organization_id,
    };
    struct outbox_row row = {
        .organization_id = organization_id,
        .cause = n.cause,
        .channel = STR("mail"),
        .address = address,
        .endpoint = STR("mail"),
        .data = notice_write(a, &n),
        .key = key,
    };

    return outbox_add(db, a, &row, 1);
}


/* reading */

void
outbox_from_row(const struct db_rows *rows, int i, struct outbox_row *out)
{
    *out = (struct outbox_row){
        .id = db_get_i64(rows, i, "id"),
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .issue_id = db_get_i64(rows, i, "issue_id"),
        .rule_id = db_get_i64(rows, i, "rule_id"),
        .fire_id = db_get_i64(rows, i, "fire_id"),
        .cause = db_get_str(rows, i, "cause"),
        .channel = db_get_str(rows, i, "channel"),
        .integration_id = db_get_i64(rows, i, "integration_id"),
        .account_id = db_get_i64(rows, i, "account_id"),
        .address = db_get_str(rows, i, "address"),
        .endpoint = db_get_str(rows, i, "endpoint"),
        .data = db_get_str(rows, i, "data"),
        .key = db_get_str(rows, i, "key"),
        .state = (enum outbox_state) db_get_i64(rows, i, "state"),
        .due_at = db_get_time(rows, i, "due_at"),
        .attempts = (int) db_get_i64(rows, i, "attempts"),
        .last_code = (int) db_get_i64(rows, i, "last_code"),
        .last_answer = db_get_str(rows, i, "last_answer"),
        .created_at = db_get_time(rows, i, "created_at"),
        .done_at = db_get_time(rows, i, "done_at"),
    };
}


enum status
outbox_reader(struct db *db, struct arena *a, const struct outbox_row *row,
              struct outbox_reader *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_OUTBOX_READER,
               DB_ARGS(db_i64(row->account_id),
                       db_str(str_null(row->address) ? STR("") : row->address),
                       db_i64(row->organization_id)),
               &rows);

    if (st == ST_OK) {
        *out = (struct outbox_reader){
            .language = db_get_str(&rows, 0, "language"),
            .time_zone = db_get_str(&rows, 0, "time_zone"),
        };
    }
    return st;
}


enum status
outbox_list(struct db *db, struct arena *a, int64_t organization_id,
            const struct outbox_filter *filter, struct outbox_row **out,
            size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_OUTBOX_LIST,
        DB_ARGS(db_i64(organization_id), db_i64(filter->integration_id),
                db_i64(filter->rule_id), db_bool(filter->failed),
                db_i64(filter->before > 0 ? filter->before : INT64_MAX),
                db_i64(filter->fire_id), db_i64(OUTBOX_PAGE + 1)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *more = rows.n > OUTBOX_PAGE;
    *n = *more ? OUTBOX_PAGE : (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        outbox_from_row(&rows, (int) i, &(*out)[i]);
    }
    return ST_OK;
}


/* settling */

/*
 * How long to wait before the attempt after this one: 5 s, three times as long
 * each up to four hours, plus up to a quarter by chance, so that what failed
 * together does not come back together.
 */
static int64_t
pause_after(int attempts)
{
    int64_t pause = 5 * US_PER_SECOND;

    for (int i = 1; i < attempts && pause < 4 * US_PER_HOUR; i++) {
        pause *= 3;
    }
    if (pause > 4 * US_PER_HOUR) {
        pause = 4 * US_PER_HOUR;
    }
    return pause + pause / 4 * (random() % 1024) / 1024;
}


static enum status
settle(struct db *db, struct arena *a, const struct outbox_row *row,
       enum outbox_result result, int code, struct str answer,
       int64_t retry_after, bool *dead)
{
    struct db_rows rows;
    enum status st;

    switch (result) {
    case OUTBOX_OK:
        return db_query(db, a, SQL_OUTBOX_DONE,
                        DB_ARGS(db_i64(row->id), db_i64(code), db_str(answer)),
                        NULL);

    case OUTBOX_RETRY:
        if (retry_after <= 0) {
            retry_after = pause_after(row->attempts);
        }
        st = db_query(db, a, SQL_OUTBOX_RETRY,
                      DB_ARGS(db_i64(row->id), db_i64(code), db_str(answer),
                              db_i64(retry_after), db_i64(OUTBOX_TRIES)),
                      &rows);
        *dead = st == ST_OK && rows.n > 0
                && db_get_i64(&rows, 0, "state") == OUTBOX_DEAD;
        return st;

    case OUTBOX_PERMANENT:
        *dead = true;
        return db_query(db, a, SQL_OUTBOX_DEAD,
                        DB_ARGS(db_i64(row->id), db_i64(code), db_str(answer)),
                        NULL);
    }
    return ST_FAILED;
}


enum status
outbox_settle(struct db *db, struct arena *a, const struct outbox_row *row,
              enum outbox_result result, int code, struct str answer,
              int64_t retry_after, bool *dead)
{
    enum status st = db_begin(db);

    *dead = false;
    if (st != ST_OK) {
        return st;
    }
    answer = utf8_mend(
        a, str_cut(str_null(answer) ? STR("") : answer, OUTBOX_ANSWER_MAX));
    st = settle(db, a, row, result, code, answer, retry_after, dead);
    if (st == ST_OK && row->endpoint.n > 0) {
        /* one that refuses this message is well; only silence counts */
        st = result == OUTBOX_RETRY
                 ? db_query(db, a, SQL_OUTBOX_ENDPOINT_FAILED,
                            DB_ARGS(db_str(row->endpoint), db_i64(OUTBOX_BREAK),
                                    db_str(answer)),
                            NULL)
                 : db_query(db, a, SQL_OUTBOX_ENDPOINT_WELL,
                            DB_ARGS(db_str(row->endpoint)), NULL);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
outbox_routed(struct db *db, struct arena *a, int64_t id)
{
    return db_query(db, a, SQL_OUTBOX_ROUTED, DB_ARGS(db_i64(id)), NULL);
}


enum status
outbox_leave_out(struct db *db, struct arena *a, int64_t id, struct str why)
{
    return db_query(db, a, SQL_OUTBOX_LEAVE_OUT,
                    DB_ARGS(db_i64(id), db_str(why)), NULL);
}


enum status
outbox_forget(struct db *db, struct arena *a, int days, bool *more)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_OUTBOX_FORGET,
                 DB_ARGS(db_i64(days), db_i64(FORGET_ROWS)), &rows);

    *more = st == ST_OK && atoll(PQcmdTuples(rows.res)) == FORGET_ROWS;
    return st;
}


enum status
outbox_of_fires(struct db *db, struct arena *a, int64_t organization_id,
                const int64_t *fires, size_t nfires, struct outbox_row **out,
                size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_OUTBOX_OF_FIRES,
        DB_ARGS(db_i64(organization_id), db_i64_array(a, fires, nfires)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        outbox_from_row(&rows, i, &(*out)[i]);
    }
    return ST_OK;
}
