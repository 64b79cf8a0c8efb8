/*
 * page/project_list.c - /ORG/: the projects of an organisation, each with what
 * came in the last 24 hours and how much is open.
 */

#include "model/organization.h"
#include "model/project.h"
#include "model/usage.h"
#include "page/pages.h"
#include "web/chart.h"
#include "web/platform.h"

#define PAGE_PROJECTS 24


/* ?page=2; anything else is the first one. */
static size_t
page_number(const struct request *rq, size_t pages)
{
    int64_t n;

    if (!str_i64(request_arg(rq, "page"), &n) || n < 1 || (size_t) n > pages) {
        return 1;
    }
    return (size_t) n;
}


static void
link_to(struct data *pager, const char *name, const struct request *rq,
        size_t page)
{
    data_str(pager, name,
             query_with(rq->a, &rq->args, "page",
                        page > 1 ? str_printf(rq->a, "%zu", page) : STR_NULL));
}


static void
fill_card(struct data *row, const struct project *project,
          const struct usage *usage, int64_t open_issues, int64_t start)
{
    int64_t total = 0;

    for (size_t i = 0; i < USAGE_HOURS; i++) {
        total += usage->accepted[i];
    }
    data_str(row, "slug", project->slug);
    data_str(row, "name", project->name);
    data_bool(row, "starred", project->starred);
    platform_fill(row, project->platform);
    data_bool(row, "waiting", project->first_event_at == 0 && total == 0);
    data_i64(row, "events", total);
    data_i64(row, "open", open_issues);
    data_bool(row, "open_more", open_issues >= USAGE_OPEN_MAX);
    data_i64(row, "limited", usage->limited);
    chart_card(data_child(row, "Chart"), &(struct series){
                                             .name = "events",
                                             .v = usage->accepted,
                                             .n = USAGE_HOURS,
                                             .from = start,
                                             .step = 3600,
                                             .hot_from = USAGE_HOURS,
                                         });
}


static enum status
fill_archived(struct request *rq, struct response *rs)
{
    struct project *projects;
    size_t n = 0;
    enum status st = project_list_archived(rq->db, rq->a, rq->org->id,
                                           &rq->access, &projects, &n);

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Archived"));

        data_str(row, "slug", projects[i].slug);
        data_str(row, "name", projects[i].name);
    }
    return st;
}


enum status
page_project_list(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Projects");
    struct data *pager = data_child(rs->data, "Pager");
    int64_t ids[PAGE_PROJECTS], *open_issues;
    int64_t start = usage_start(rq->now);
    struct project *projects;
    struct usage *usage;
    size_t n, pages, page;
    enum status st;

    if ((st = fill_archived(rq, rs)) != ST_OK) {
        return st;
    }
    st = request_projects(rq, &projects, &n);
    if (st != ST_OK || n == 0) {
        return st;
    }
    pages = (n + PAGE_PROJECTS - 1) / PAGE_PROJECTS;
    page = page_number(rq, pages);
    if (page > 1) {
        link_to(pager, "before", rq, page - 1);
    }
    if (page < pages) {
        link_to(pager, "after", rq, page + 1);
    }
    projects += (page - 1) * PAGE_PROJECTS;
    n = page < pages ? PAGE_PROJECTS : n - (page - 1) * PAGE_PROJECTS;

    for (size_t i = 0; i < n; i++) {
        ids[i] = projects[i].id;
    }
    st = usage_of_projects(rq->db, rq->a, rq->org->id, ids, n, start, &usage);
    if (st != ST_OK) {
        return st;
    }
    st = usage_open_issues(rq->db, rq->a, rq->org->id, ids, n, &open_issues);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        fill_card(data_row(list), &projects[i], &usage[i], open_issues[i],
                  start);
    }
    return ST_OK;
}
