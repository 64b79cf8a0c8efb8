#include "model/job.h"


static void
read_row(const struct db_rows *rows, int i, struct job *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->organization_id = db_get_i64(rows, i, "organization_id");
    out->project_id = db_get_i64(rows, i, "project_id");
    out->account_id = db_get_i64(rows, i, "account_id");
    out->account = db_get_str(rows, i, "account");
    out->kind = db_get_str(rows, i, "kind");
    out->title = db_get_str(rows, i, "title");
    out->params = db_get_str(rows, i, "params");
    out->state = (enum job_state) db_get_i64(rows, i, "state");
    out->cancelled = db_get_bool(rows, i, "is_cancelled");
    out->total = db_get_i64(rows, i, "total");
    out->done = db_get_i64(rows, i, "done");
    out->position = db_get_str(rows, i, "position");
    out->result = db_get_str(rows, i, "result");
    out->error = db_get_str(rows, i, "error");
    out->back = db_get_str(rows, i, "back");
    out->undo_id = db_get_i64(rows, i, "undo_id");
    out->due_at = db_get_time(rows, i, "due_at");
    out->created_at = db_get_time(rows, i, "created_at");
    out->started_at = db_get_time(rows, i, "started_at");
    out->finished_at = db_get_time(rows, i, "finished_at");
}


static struct db_arg
id_or_null(int64_t id)
{
    return id != 0 ? db_i64(id) : db_null();
}


enum status
job_add(struct db *db, struct arena *a, const struct job *job, int64_t *id)
{
    struct db_rows rows;
    enum status st;

    if (job->params.n > JOB_PARAMS_MAX) {
        return ST_INVALID;
    }
    st =
        db_one(db, a, SQL_JOB_ADD,
               DB_ARGS(db_i64(job->organization_id),
                       id_or_null(job->project_id), id_or_null(job->account_id),
                       db_str(job->kind), db_str(job->title),
                       db_str(job->params.n > 0 ? job->params : STR("{}")),
                       job->total >= 0 ? db_i64(job->total) : db_null(),
                       db_str(str_null(job->back) ? STR("") : job->back),
                       id_or_null(job->undo_id), db_time(job->due_at)),
               &rows);
    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
    }
    return st;
}


enum status
job_find(struct db *db, struct arena *a, int64_t organization_id, int64_t id,
         struct job *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_JOB_FIND,
               DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);

    if (st == ST_OK) {
        read_row(&rows, 0, out);
    }
    return st;
}


enum status
job_list(struct db *db, struct arena *a, int64_t organization_id,
         int64_t before, struct job **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_JOB_LIST,
                              DB_ARGS(db_i64(organization_id),
                                      db_i64(before != 0 ? before : INT64_MAX),
                                      db_i64(JOB_PAGE)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_row(&rows, i, &(*out)[i]);
    }
    return ST_OK;
}


bool
job_may_stop(const struct job *job)
{
    return !str_is(job->kind, "merge") && !str_is(job->kind, "split");
}


enum status
job_cancel(struct db *db, struct arena *a, int64_t organization_id, int64_t id)
{
    return db_query(db, a, SQL_JOB_CANCEL,
                    DB_ARGS(db_i64(organization_id), db_i64(id)), NULL);
}


struct json *
job_params(struct arena *a, const struct job *job)
{
    struct json *doc;

    return json_parse(a, job->params, NULL, &doc, NULL) == ST_OK
                   && json_is(doc, JSON_T_OBJECT)
               ? doc
               : NULL;
}


enum status
job_take(struct db *db, struct arena *a, struct job *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_JOB_TAKE, DB_NO_ARGS, &rows);

    if (st == ST_OK) {
        read_row(&rows, 0, out);
        out->due_at = 0;
    }
    return st;
}


enum status
job_save(struct db *db, struct arena *a, const struct job *job)
{
    return db_query(db, a, SQL_JOB_SAVE,
                    DB_ARGS(db_i64(job->id), db_i64(job->state),
                            db_i64(job->total), db_i64(job->done),
                            db_str(job->position), db_str(job->result),
                            db_str(job->error), db_time(job->due_at),
                            id_or_null(job->undo_id)),
                    NULL);
}


enum status
job_forget(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_JOB_FORGET, DB_NO_ARGS, NULL);
}
