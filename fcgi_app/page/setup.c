/*
 * page/setup.c - getting started: the DSN in the words of six languages, and a
 * page that turns by itself when the first event has come.
 */

#include "model/issue.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/usage.h"
#include "page/pages.h"
#include "page/snippets.h"
#include "web/health.h"

#define REFRESH_SECONDS "5"


/* The first issue, when there is still one of that number. */
static enum status
fill_first_issue(struct request *rq, struct data *first)
{
    struct str ref = issue_short_id(rq->a, rq->project->slug, 1);
    struct issue issue;
    enum status st;

    st = issue_find(rq->db, rq->a, rq->org->id, ref, &issue);
    if (st == ST_OK) {
        data_str(first, "issue", issue.short_id);
        data_str(first, "title", issue.title);
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


/* What could be in the way, as far as it can be seen from here. */
static enum status
fill_checks(struct request *rq, struct response *rs,
            const struct project_key *keys, size_t n)
{
    struct data *checks = data_child(rs->data, "Checks");
    int64_t id = rq->project->id, accepted = 0;
    struct usage *usage;
    enum status st;

    st = usage_of_projects(rq->db, rq->a, rq->org->id, &id, 1,
                           usage_start(rq->now), &usage);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < USAGE_HOURS; i++) {
        accepted += usage->accepted[i];
    }
    data_bool(checks, "key", snippets_key(keys, n) != NULL);
    data_bool(checks, "worker", health_worker(rq));
    data_i64(checks, "accepted", accepted);
    data_i64(checks, "limited", usage->limited);
    data_i64(checks, "refused", usage->refused);
    return ST_OK;
}


enum status
page_setup(struct request *rq, struct response *rs)
{
    struct data *first = data_child(rs->data, "First");
    struct project_key *keys;
    enum status st;
    size_t n;

    st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id, &keys,
                          &n);
    if (st != ST_OK) {
        return st;
    }
    snippets_fill(rq, rs, snippets_key(keys, n));
    data_time(first, "created", rq->project->created_at);
    if (rq->project->first_event_at == 0) {
        data_text(data_child(rs->data, "Page"), "refresh", REFRESH_SECONDS);
        return fill_checks(rq, rs, keys, n);
    }
    data_time(first, "at", rq->project->first_event_at);
    return fill_first_issue(rq, first);
}


/* app.js asks this every two seconds. */
enum status
page_setup_poll(struct request *rq, struct response *rs)
{
    response_raw(rs, "application/json",
                 rq->project->first_event_at != 0
                     ? STR("{\"first_event\":true}")
                     : STR("{\"first_event\":false}"));
    return ST_OK;
}
