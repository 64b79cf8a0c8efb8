/*
 * page/settings_data.c - how long an organisation keeps what it gets, what the
 * last clean-up freed, and when the next one comes.
 */

#include "model/organization.h"
#include "model/retention.h"
#include "page/pages.h"
#include "web/login.h"

#define MIB ((int64_t) 1024 * 1024)


static void
fill_freed(struct data *d, const struct retention_freed *freed)
{
    data_i64(d, "events", freed->events);
    data_i64(d, "bytes", freed->bytes);
    data_i64(d, "issues", freed->issues);
    data_i64(d, "attachments", freed->attachments);
}


static enum status
fill_runs(struct request *rq, struct response *rs)
{
    struct retention_run *runs;
    struct retention_state state;
    struct data *d = data_child(rs->data, "State");
    size_t n = 0;
    enum status st = retention_state(rq->db, rq->a, rq->org->id, &state);

    if (st != ST_OK) {
        return st;
    }
    data_time(d, "last", state.last.id != 0 ? state.last.finished_at : 0);
    fill_freed(data_child(d, "Freed"), &state.last.freed);
    data_time(d, "now", state.now.id != 0 ? state.now.started_at : 0);
    data_bool(d, "asked", state.asked);
    if (state.next_at > rq->now) {
        data_i64(d, "next", state.next_at - rq->now);
    }
    st = retention_runs(rq->db, rq->a, rq->org->id, &runs, &n);
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Runs"));

        data_time(row, "at", runs[i].started_at);
        data_bool(row, "asked", runs[i].asked);
        fill_freed(row, &runs[i].freed);
    }
    return st;
}


static enum status
fill_projects(struct request *rq, struct response *rs)
{
    struct retention_project *projects;
    size_t n = 0;
    enum status st =
        retention_projects(rq->db, rq->a, rq->org->id, NULL, 0, &projects, &n);

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Held"));

        data_str(row, "slug", projects[i].slug);
        data_str(row, "name", projects[i].name);
        data_i64(row, "days", projects[i].days);
        data_i64(row, "events", projects[i].events);
        data_i64(row, "bytes", projects[i].bytes);
        data_i64(row, "attachments", projects[i].attachments);
        data_time(row, "oldest", projects[i].oldest);
    }
    return st;
}


static void
fill_number(struct request *rq, struct data *form, const char *name, int64_t n)
{
    data_str(form, name,
             n == RETENTION_UNSET ? STR("")
                                  : str_printf(rq->a, "%lld", (long long) n));
}


static enum status
show(struct request *rq, struct response *rs)
{
    enum status st = fill_runs(rq, rs);

    return st == ST_OK ? fill_projects(rq, rs) : st;
}


enum status
page_settings_data(struct request *rq, struct response *rs)
{
    struct data *form = data_child(rs->data, "Form");
    struct retention_limits limits;
    enum status st = retention_limits(rq->db, rq->a, rq->org->id, &limits);

    if (st != ST_OK) {
        return st;
    }
    fill_number(rq, form, "days", limits.days);
    fill_number(rq, form, "bytes",
                limits.bytes > 0 ? limits.bytes / MIB : limits.bytes);
    return show(rq, rs);
}


/* "": nothing of its own. */
static bool
read_number(const struct request *rq, const char *name, int64_t most,
            int64_t *out)
{
    struct str text = request_field(rq, name);

    *out = RETENTION_UNSET;
    return text.n == 0 || (str_i64(text, out) && *out >= 0 && *out <= most);
}


enum status
page_settings_data_save(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct retention_limits limits;
    bool run = !str_null(field_get(&rq->form, "run"));
    enum status st;

    if (run) {
        st = retention_ask(rq->db, rq->a, rq->org->id, &by);
    } else if (!read_number(rq, "days", RETENTION_DAYS_MAX, &limits.days)
               || !read_number(rq, "bytes", RETENTION_BYTES_MAX / MIB,
                               &limits.bytes)) {
        rs->status = 422;
        data_str(data_child(rs->data, "Form"), "days",
                 str_cut(request_field(rq, "days"), 40));
        data_str(data_child(rs->data, "Form"), "bytes",
                 str_cut(request_field(rq, "bytes"), 40));
        data_bool(rs->data, "Wrong", true);
        return show(rq, rs);
    } else {
        limits.bytes *= limits.bytes > 0 ? MIB : 1;
        st = retention_limit(rq->db, rq->a, rq->org->id, &by, &limits);
    }
    if (st == ST_OK) {
        login_flash(rq, run ? STR("A clean-up begins within seconds.")
                            : STR("Saved. The next clean-up keeps to it."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/settings/data/",
                                         STR_FMT(rq->org->slug)));
    }
    return st;
}
