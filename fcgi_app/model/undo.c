#include "model/undo.h"

#include "model/issue_merge.h"
#include "util/lang.h"

#define STEP 200 /* issues that are restored at once */


enum status
undo_open(struct db *db, struct arena *a, int64_t organization_id,
          int64_t account_id, struct str title, int64_t *id)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_UNDO_OPEN,
        DB_ARGS(db_i64(organization_id), db_i64(account_id), db_str(title)),
        &rows);

    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
    }
    return st;
}


enum status
undo_keep(struct db *db, struct arena *a, int64_t id, const int64_t *issues,
          size_t n)
{
    return db_query(db, a, SQL_UNDO_KEEP,
                    DB_ARGS(db_i64(id), db_i64_array(a, issues, n)), NULL);
}


enum status
undo_find(struct db *db, struct arena *a, int64_t organization_id,
          int64_t account_id, int64_t id, struct undo *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_UNDO_FIND,
                            DB_ARGS(db_i64(organization_id), db_i64(account_id),
                                    db_i64(id), db_i64(UNDO_MINUTES)),
                            &rows);

    if (st == ST_OK) {
        out->id = db_get_i64(&rows, 0, "id");
        out->account_id = db_get_i64(&rows, 0, "account_id");
        out->title = db_get_str(&rows, 0, "title");
        out->at = db_get_time(&rows, 0, "at");
    }
    return st;
}


/*
 * The next STEP issues after *after, which moves on; *n: how many there were.
 * One that has been merged since, or was, is first taken out of the other.
 */
static enum status
restore_some(struct db *db, struct arena *a, int64_t id, int64_t account_id,
             struct str title, int64_t *after, size_t *n)
{
    struct db_rows rows;
    enum status st;
    int64_t *ids;

    st = db_query(db, a, SQL_UNDO_SOME,
                  DB_ARGS(db_i64(id), db_i64(*after), db_i64(STEP)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    ids = arena_array(a, *n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        ids[i] = db_get_i64(&rows, i, "id");
        *after = ids[i];
        if (db_get_i64(&rows, i, "status") == ISSUE_GONE
            && db_get_i64(&rows, i, "was") != ISSUE_GONE
            && (st = issue_come_back(db, a, ids[i],
                                     db_get_i64(&rows, i, "merged_into")))
                   != ST_OK) {
            return st;
        }
    }
    return *n > 0 ? db_query(db, a, SQL_UNDO_RESTORE,
                             DB_ARGS(db_i64(id), db_i64_array(a, ids, *n),
                                     db_i64(account_id), db_str(title)),
                             NULL)
                  : ST_OK;
}


/* Inside a transaction. */
static enum status
take_back(struct db *db, struct arena *a, int64_t organization_id,
          int64_t account_id, int64_t id, int64_t *job_id)
{
    struct db_rows rows;
    struct str title;
    enum status st;
    int64_t after = 0;
    size_t n;

    *job_id = 0;
    st = db_one(db, a, SQL_UNDO_CLAIM,
                DB_ARGS(db_i64(organization_id), db_i64(account_id), db_i64(id),
                        db_i64(UNDO_MINUTES), db_i64(STEP + 1)),
                &rows);
    if (st == ST_NOT_FOUND) {
        st = db_one(
            db, a, SQL_UNDO_KNOWN,
            DB_ARGS(db_i64(organization_id), db_i64(account_id), db_i64(id)),
            &rows);
        return st == ST_OK ? ST_DENIED : st;
    }
    if (st != ST_OK) {
        return st;
    }
    title = db_get_str(&rows, 0, "title");
    if (db_get_i64(&rows, 0, "few") > STEP) {
        struct job job = {
            .organization_id = organization_id,
            .account_id = account_id,
            .kind = STR("undo"),
            .title = lang_keep(a, N_("Taking back: {0}"), FILL(title)),
            .params = str_printf(a, "{\"undo\":%lld}", (long long) id),
            .total = -1,
        };

        return job_add(db, a, &job, job_id);
    }
    st = restore_some(db, a, id, account_id, title, &after, &n);
    return st == ST_OK
               ? db_query(db, a, SQL_UNDO_RESTORE_FEEDBACK,
                          DB_ARGS(db_i64(organization_id), db_i64(id)), NULL)
               : st;
}


enum status
undo_take_back(struct db *db, struct arena *a, int64_t organization_id,
               int64_t account_id, int64_t id, int64_t *job_id)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = take_back(db, a, organization_id, account_id, id, job_id);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
undo_step(struct db *db, struct arena *a, struct job *job)
{
    int64_t id = 0, after = 0;
    enum status st;
    size_t n;

    if (!json_i64(json_get(job_params(a, job), "undo"), &id)) {
        return ST_INVALID;
    }
    (void) str_i64(job->position, &after);
    st = restore_some(db, a, id, job->account_id, job->title, &after, &n);
    if (st != ST_OK) {
        return st;
    }
    job->done += (int64_t) n;
    job->position = str_printf(a, "%lld", (long long) after);
    if (n < STEP) {
        job->state = JOB_DONE;
    }
    return ST_OK;
}


enum status
undo_forget(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_UNDO_FORGET, DB_NO_ARGS, NULL);
}
