/*
 * GET /:org/jobs/ and /:org/jobs/:job/, POST /:org/jobs/:job/: what the worker
 * does for longer than a request may take, how far it is, and stopping it.
 * The page of a running job asks for itself again by the header Refresh, so
 * that it moves on without a script.
 */

#include "page/pages.h"

#include "model/account.h"
#include "model/job.h"
#include "model/organization.h"
#include "model/undo.h"
#include "util/lang.h"
#include "web/login.h"

static const char *const states[] = {
    [JOB_TODO] = "waiting",
    [JOB_DONE] = "done",
    [JOB_CANCELLED] = "stopped",
    [JOB_FAILED] = "failed",
};


static void
fill_job(struct request *rq, struct data *d, const struct job *job)
{
    bool waits = job->state == JOB_TODO;

    data_i64(d, "id", job->id);
    data_str(d, "title", tr_str(lang_say(rq->a, job->title)));
    data_str(d, "who", job->account_id != 0 ? job->account : STR("Vedette"));
    data_text(d, "state",
              waits && job->started_at != 0 ? "running" : states[job->state]);
    data_bool(d, "open", waits);
    data_bool(d, "stopping", waits && job->cancelled);
    data_bool(d, "stops", waits && !job->cancelled && job_may_stop(job));
    data_bool(d, "failed", job->state == JOB_FAILED);
    data_str(d, "error", job->error);
    data_i64(d, "done", job->done);
    if (job->total >= 0) {
        data_i64(d, "total", job->total);
        data_i64(d, "percent",
                 job->total > 0 ? job->done * 100 / job->total : 100);
    }
    data_time(d, "created_at", job->created_at);
    data_time(d, "finished_at", job->finished_at);
    if (waits && job->due_at > rq->now + US_PER_MINUTE) {
        data_time(d, "due_at", job->due_at);
    }
    data_str(d, "back", job->back.n > 0 ? login_next(job->back) : STR_NULL);
}


enum status
page_jobs(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Job");
    int64_t before = 0;
    struct job *jobs;
    enum status st;
    size_t n;

    (void) str_i64(request_arg(rq, "before"), &before);
    st = job_list(rq->db, rq->a, rq->org->id, before, &jobs, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        fill_job(rq, data_row(list), &jobs[i]);
    }
    if (n == JOB_PAGE) {
        data_i64(rs->data, "before", jobs[n - 1].id);
    }
    return ST_OK;
}


static enum status
find(struct request *rq, struct job *job)
{
    int64_t id;

    return str_i64(request_param(rq, "job"), &id)
               ? job_find(rq->db, rq->a, rq->org->id, id, job)
               : ST_NOT_FOUND;
}


enum status
page_job(struct request *rq, struct response *rs)
{
    struct undo undo;
    struct job job;
    enum status st;

    if ((st = find(rq, &job)) != ST_OK) {
        return st;
    }
    fill_job(rq, data_child(rs->data, "Job"), &job);
    if (job.state == JOB_TODO && job.due_at <= rq->now + US_PER_MINUTE) {
        response_header(rs, "Refresh", STR("1"));
    }
    if (job.undo_id == 0 || job.state == JOB_TODO) {
        return ST_OK;
    }
    st = undo_find(rq->db, rq->a, rq->org->id, rq->account->id, job.undo_id,
                   &undo);
    if (st == ST_OK) {
        data_i64(data_child(rs->data, "Job"), "undo", undo.id);
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


enum status
page_job_stop(struct request *rq, struct response *rs)
{
    struct job job;
    enum status st;

    if ((st = find(rq, &job)) != ST_OK) {
        return st;
    }
    if (!job_may_stop(&job)) {
        return ST_INVALID;
    }
    if ((st = job_cancel(rq->db, rq->a, rq->org->id, job.id)) != ST_OK) {
        return st;
    }
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/jobs/%lld/",
                                 STR_FMT(rq->org->slug), (long long) job.id));
    return ST_OK;
}
