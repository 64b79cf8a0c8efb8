#include "web/layout.h"

#include "config.h"
#include "model/account.h"
#include "model/member.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/lang.h"
#include "web/asset.h"
#include "web/csrf.h"
#include "web/login.h"
#include "web/platform.h"
#include "web/route.h"

#define SWITCHER_MAX 12 /* more are found on their own page */


/* "light" or "dark"; anything else in the cookie is the system's own. */
static const char *
theme(const struct request *rq)
{
    struct str value = field_get(&rq->cookies, "theme");

    return str_is(value, "light")  ? "light"
           : str_is(value, "dark") ? "dark"
                                   : NULL;
}


void
layout_fill_site(const struct request *rq, struct response *rs)
{
    struct data *site = data_child(rs->data, "Site");
    struct data *page = data_child(rs->data, "Page");

    data_text(site, "version", VEDETTE_VERSION);
    data_text(site, "asset", asset_version());
    data_time(page, "now", rq->now);
    data_text(page, "theme", theme(rq));
    data_text(page, "lang", langs[lang_used()].code);
    if (rq->account != NULL && !str_is(rq->account->time_zone, "UTC")) {
        data_str(page, "zone", rq->account->time_zone);
    }
    data_str(page, "path", rq->path);
    data_str(page, "here",
             rq->query.n > 0 ? str_printf(rq->a, "%.*s?%.*s", STR_FMT(rq->path),
                                          STR_FMT(rq->query))
                             : rq->path);
    data_str(page, "request", rq->id);
    if (rq->route != NULL) {
        data_text(page, "nav", rq->route->nav);
    }
    data_str(rs->data, "Csrf", csrf_token(rq->a, rq));
}


static void
fill_organization(struct response *rs, const struct organization *org)
{
    data_str(data_child(rs->data, "Org"), "slug", org->slug);
    data_str(data_child(rs->data, "Org"), "name", org->name);
}


static void
fill_waiting(struct data *d, const struct waiting *w)
{
    const struct {
        const char *name;
        int64_t n;
    } rows[] = { { "issues", w->issues },
                 { "feedback", w->feedback },
                 { "alerts", w->incidents } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct data *row = data_child(d, rows[i].name);
        bool more = rows[i].n > WAITING_CAP;

        if (rows[i].n > 0) {
            data_i64(row, "n", more ? WAITING_CAP : rows[i].n);
            data_bool(row, "more", more);
        }
    }
}


static enum status
fill_organizations(struct request *rq, struct response *rs)
{
    struct organization *orgs;
    struct waiting waiting;
    enum status st;
    size_t n;

    st = rq->org != NULL
             ? organization_list_waiting(rq->db, rq->a, rq->account->id,
                                         rq->account->is_superuser, rq->org->id,
                                         &rq->access, &orgs, &n, &waiting)
             : organization_list(rq->db, rq->a, rq->account->id,
                                 rq->account->is_superuser, &orgs, &n);
    if (st != ST_OK) {
        return st;
    }
    if (rq->org != NULL) {
        fill_waiting(data_child(rs->data, "Waiting"), &waiting);
    }
    for (size_t i = 0; i < n && i < SWITCHER_MAX; i++) {
        struct data *row = data_row(data_child(rs->data, "Orgs"));

        data_str(row, "slug", orgs[i].slug);
        data_str(row, "name", orgs[i].name);
        data_bool(row, "current", rq->org != NULL && rq->org->id == orgs[i].id);
    }
    if (rq->org == NULL && n > 0) {
        /* a page of no organisation: the navigation leads back to one */
        fill_organization(rs, &orgs[0]);
    }
    return ST_OK;
}


static enum status
fill_projects(struct request *rq, struct response *rs)
{
    struct project *projects;
    enum status st;
    size_t n;

    st = request_projects(rq, &projects, &n);
    if (st != ST_OK) {
        return st;
    }
    data_i64(data_child(rs->data, "Org"), "projects", (int64_t) n);
    for (size_t i = 0; i < n && i < SWITCHER_MAX; i++) {
        struct data *row = data_row(data_child(rs->data, "OrgProjects"));

        data_str(row, "slug", projects[i].slug);
        data_str(row, "name", projects[i].name);
        data_bool(row, "starred", projects[i].starred);
        platform_fill(row, projects[i].platform);
    }
    return ST_OK;
}


enum status
layout_fill(struct request *rq, struct response *rs)
{
    struct data *me;
    enum status st;

    layout_fill_site(rq, rs);
    if (rq->account == NULL) {
        return ST_OK;
    }
    me = data_child(rs->data, "Me");
    data_str(me, "name", rq->account->name);
    data_str(me, "email", rq->account->email);
    data_i64(me, "avatar", rq->account->id % 6 + 1);
    data_bool(me, "system", rq->account->is_superuser);
    data_bool(me, "oldest_first", !rq->account->newest_first);
    data_str(rs->data, "Flash", rq->login->flash);
    if (rq->org != NULL && rq->login->undo != 0) {
        data_i64(rs->data, "Undo", rq->login->undo);
    }

    st = fill_organizations(rq, rs);
    if (st != ST_OK || rq->org == NULL) {
        return st;
    }
    fill_organization(rs, rq->org);
    data_time(data_child(rs->data, "Org"), "ends", rq->org->delete_at);
    if (rq->org->delete_at > rq->now) {
        data_i64(data_child(rs->data, "Org"), "left",
                 rq->org->delete_at - rq->now);
    }
    data_text(me, "role", role_name(rq->role));
    data_bool(data_child(rs->data, "May"), "write_projects",
              request_may(rq, "project:write"));
    data_bool(data_child(rs->data, "May"), "read_members",
              request_may(rq, "member:read"));
    data_bool(data_child(rs->data, "May"), "write_org",
              request_may(rq, "org:write"));
    data_bool(data_child(rs->data, "May"), "admin_org",
              request_may(rq, "org:admin"));
    data_bool(data_child(rs->data, "May"), "write_events",
              request_may(rq, "event:write"));
    if (rq->project != NULL) {
        struct data *project = data_child(rs->data, "Project");

        data_i64(project, "id", rq->project->id);
        data_str(project, "slug", rq->project->slug);
        data_str(project, "name", rq->project->name);
        data_bool(project, "starred",
                  access_starred(&rq->access, rq->project->id));
        data_time(project, "archived", rq->project->archived_at);
        data_time(project, "ends", rq->project->delete_at);
        if (rq->project->delete_at > rq->now) {
            data_i64(project, "left", rq->project->delete_at - rq->now);
        }
        platform_fill(project, rq->project->platform);
    }
    return fill_projects(rq, rs);
}
