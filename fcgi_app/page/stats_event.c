/*
 * GET /:org/stats/event/?id=: what became of an event, stage by stage; what
 * "vedette event" tells at a terminal, of the projects that the reader sees.
 *
 * Something is kept by its id in four places: the events, the ends of those
 * that are not stored, the queue and the dead letters.  What is older, or was
 * too much, is only counted by hour; then those counts of the last day are
 * shown, and said to be no more.
 */

#include "model/event_trail.h"
#include "model/organization.h"
#include "model/project.h"
#include "page/pages.h"
#include "page/reason.h"
#include "util/hex.h"
#include "web/route.h"

#define PROJECTS_MAX 200 /* to choose from */

struct tracing {
    struct request *rq;
    struct data *d;
    unsigned char id[16];
    struct str hex;
    bool found;
    bool all; /* nothing was too long to be looked through */
};


/* The project, if the reader sees it; else ST_NOT_FOUND. */
static enum status
seen_project(struct tracing *t, int64_t id, struct str *slug)
{
    struct project *projects;
    enum status st;
    size_t n;

    st = request_projects(t->rq, &projects, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (projects[i].id == id) {
            *slug = projects[i].slug;
            return ST_OK;
        }
    }
    return st == ST_OK ? ST_NOT_FOUND : st;
}


static enum status
find_stored(struct tracing *t)
{
    struct request *rq = t->rq;
    struct stored_event *list;
    enum status st;
    size_t n;

    st = event_trail_stored(rq->db, rq->a, rq->org->id, t->id, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        const struct stored_event *e = &list[i];
        struct data *row;

        if (!access_sees(&rq->access, e->project_id)) {
            continue;
        }
        t->found = true;
        row = data_row(data_child(t->d, "Stored"));
        data_str(row, "project", e->project);
        data_time(row, "occurred", e->occurred_at);
        data_time(row, "received", e->received_at);
        data_time(row, "digested", e->digested_at);
        data_i64(row, "waited", e->digested_at - e->received_at);
        data_bool(row, "has_body", e->has_body);
        if (!str_null(e->issue)) {
            data_str(row, "issue", e->issue);
            data_str(row, "title", e->title);
            data_str(row, "link",
                     str_printf(rq->a, "/%.*s/issues/%.*s/events/%.*s/",
                                STR_FMT(rq->org->slug), STR_FMT(e->issue),
                                STR_FMT(t->hex)));
        }
    }
    return st;
}


static enum status
find_ended(struct tracing *t)
{
    struct request *rq = t->rq;
    struct ended_event *list;
    enum status st;
    size_t n;

    st = event_trail_ended(rq->db, rq->a, rq->org->id, t->id, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row;

        if (!access_sees(&rq->access, list[i].project_id)) {
            continue;
        }
        t->found = true;
        row = data_row(data_child(t->d, "Ended"));
        data_str(row, "project", list[i].project);
        data_str(row, "category", list[i].category);
        data_str(row, "outcome", list[i].outcome);
        reason_show(rq->a, row, list[i].reason);
        data_bool(row, "told", list[i].reason.n > 0);
        data_bool(row, "deleted", str_is(list[i].outcome, "deleted"));
        data_bool(row, "limited", str_is(list[i].outcome, "rate_limited"));
        data_time(row, "received", list[i].received_at);
        data_time(row, "at", list[i].ended_at);
        if (list[i].status != 0) {
            data_i64(row, "status", list[i].status);
        }
    }
    return st;
}


static enum status
find_waiting(struct tracing *t)
{
    struct request *rq = t->rq;
    struct data *d = data_child(t->d, "Waiting");
    struct found_entry e;
    struct str slug;
    enum status st;

    st =
        event_trail_waiting(rq->redis, rq->a, rq->org->id, t->hex, &e, &t->all);
    if (st == ST_OK) {
        st = seen_project(t, e.message.project_id, &slug);
    }
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    t->found = true;
    data_str(d, "project", slug);
    data_time(d, "received", e.message.received_at);
    data_str(d, "worker", e.consumer);
    data_time(d, "begun", rq->now - e.idle_ms * 1000);
    data_i64(d, "deliveries", e.deliveries);
    return ST_OK;
}


static enum status
find_dead(struct tracing *t)
{
    struct request *rq = t->rq;
    struct data *d = data_child(t->d, "Dead");
    struct dead_letter letter;
    struct str slug;
    enum status st;

    st = event_trail_dead(rq->redis, rq->a, rq->org->id, t->hex, &letter,
                          &t->all);
    if (st == ST_OK) {
        st = seen_project(t, letter.message.project_id, &slug);
    }
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    t->found = true;
    data_str(d, "project", slug);
    data_time(d, "received", letter.message.received_at);
    data_time(d, "at", letter.at);
    data_str(d, "reason", letter.reason);
    data_str(d, "letter", letter.message.id);
    return ST_OK;
}


/* It is nowhere: what the ledger has of those that end without a row. */
static enum status
show_ends(struct tracing *t)
{
    struct request *rq = t->rq;
    struct event_end *ends;
    enum status st;
    size_t n;

    st = event_trail_ends(rq->db, rq->a, rq->org->id, rq->now - US_PER_DAY,
                          &ends, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row;

        if (!access_sees(&rq->access, ends[i].project_id)) {
            continue;
        }
        row = data_row(data_child(t->d, "End"));
        data_str(row, "project", ends[i].project);
        data_str(row, "category", ends[i].category);
        data_str(row, "outcome", ends[i].outcome);
        reason_show(rq->a, row, ends[i].reason);
        data_i64(row, "n", ends[i].quantity);
        data_time(row, "hour", ends[i].latest);
    }
    return st;
}


/* … and which projects no longer hold all that they were sent. */
static enum status
show_gone(struct tracing *t)
{
    struct request *rq = t->rq;
    struct event_gone *list;
    enum status st;
    size_t n;

    st = event_trail_gone(rq->db, rq->a, rq->org->id, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row;

        if (!access_sees(&rq->access, list[i].project_id)) {
            continue;
        }
        row = data_row(data_child(t->d, "Gone"));
        data_str(row, "project", list[i].project);
        data_i64(row, "days", list[i].days);
        data_i64(row, "n", list[i].events);
        if (list[i].oldest != 0) {
            data_time(row, "oldest", list[i].oldest);
        }
    }
    return st;
}


/* Whom a test event may be sent to. */
static enum status
show_projects(struct tracing *t)
{
    struct project *projects;
    enum status st;
    size_t n;

    if (!request_may(t->rq, "project:write")) {
        return ST_OK;
    }
    st = request_projects(t->rq, &projects, &n);
    for (size_t i = 0; st == ST_OK && i < n && i < PROJECTS_MAX; i++) {
        data_str(data_row(data_child(t->d, "Project")), "slug",
                 projects[i].slug);
    }
    return st;
}


enum status
page_stats_event(struct request *rq, struct response *rs)
{
    struct str asked = str_trim(request_arg(rq, "id"));
    struct tracing t = { .rq = rq,
                         .d = data_child(rs->data, "Trace"),
                         .all = true };
    enum status st;

    data_str(t.d, "id", str_cut(asked, 100));
    st = show_projects(&t);
    if (st != ST_OK || asked.n == 0) {
        return st;
    }
    if (!uuid_parse(asked, t.id)) {
        data_bool(t.d, "wrong", true);
        rs->status = 400;
        return ST_OK;
    }
    t.hex = uuid_hex(rq->a, t.id);
    data_str(t.d, "id", t.hex);
    if ((st = find_stored(&t)) != ST_OK || (st = find_ended(&t)) != ST_OK
        || (st = find_waiting(&t)) != ST_OK || (st = find_dead(&t)) != ST_OK) {
        return st;
    }
    data_bool(t.d, "looked", true);
    data_bool(t.d, "found", t.found);
    data_bool(t.d, "partly", !t.all);
    if (t.found) {
        return ST_OK;
    }
    st = show_ends(&t);
    return st == ST_OK ? show_gone(&t) : st;
}
