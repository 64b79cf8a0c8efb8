/*
 * page/team.c - one team: its name, its members and who wants to be one, its
 * projects.
 */

#include "model/team.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "page/pages.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/platform.h"
#include "web/route.h"

#define NAME_MAX_CHARS 100


static enum status
fill_members(struct request *rq, struct response *rs, bool may)
{
    struct team_member *inside;
    struct member *all;
    enum status st;
    size_t n, nall;

    st = team_members(rq->db, rq->a, rq->org->id, rq->team->id, &inside, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        bool asks = inside[i].role == TEAM_NONE;
        struct data *row;

        if (asks && !may) {
            continue;
        }
        row = data_row(data_child(rs->data, asks ? "Asking" : "Members"));
        data_i64(row, "id", inside[i].account_id);
        data_i64(row, "avatar", inside[i].account_id % 6 + 1);
        data_str(row, "name", inside[i].name);
        data_str(row, "email", inside[i].email);
        data_text(row, "role", team_role_name(inside[i].role));
        data_time(row, "at", inside[i].at);
    }
    if (st != ST_OK || !may) {
        return st;
    }
    st = member_list(rq->db, rq->a, rq->org->id, &all, &nall);
    for (size_t i = 0; st == ST_OK && i < nall; i++) {
        struct data *row = data_row(data_child(rs->data, "People"));

        data_i64(row, "id", all[i].account_id);
        data_str(row, "name", all[i].name);
        data_str(row, "email", all[i].email);
    }
    return st;
}


/* Those that the reader sees, too: the team's, and to choose from. */
static enum status
fill_projects(struct request *rq, struct response *rs)
{
    struct project *projects;
    int64_t *owned;
    size_t n, nowned;
    enum status st;

    st = request_projects(rq, &projects, &n);
    if (st == ST_OK) {
        st = team_projects(rq->db, rq->a, rq->org->id, rq->team->id, &owned,
                           &nowned);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        bool has = false;
        struct data *row;

        for (size_t k = 0; k < nowned; k++) {
            has = has || owned[k] == projects[i].id;
        }
        row = data_row(data_child(rs->data, has ? "Owned" : "Others"));
        data_i64(row, "id", projects[i].id);
        data_str(row, "slug", projects[i].slug);
        data_str(row, "name", projects[i].name);
        platform_fill(row, projects[i].platform);
    }
    return st;
}


enum status
page_team(struct request *rq, struct response *rs)
{
    struct data *team = data_child(rs->data, "Team");
    bool may = request_may(rq, "team:admin");
    enum status st;

    data_str(team, "slug", rq->team->slug);
    data_str(team, "name", rq->team->name);
    data_text(team, "mine", team_role_name(rq->team->mine));
    data_bool(team, "asked", rq->team->asked);
    data_bool(rs->data, "open", rq->org->open);
    data_bool(data_child(rs->data, "May"), "admin_team", may);
    st = fill_members(rq, rs, may);
    return st == ST_OK ? fill_projects(rq, rs) : st;
}


static enum status
back(struct request *rq, struct response *rs, struct str slug, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/settings/teams/%.*s/",
                                     STR_FMT(rq->org->slug), STR_FMT(slug)));
    return ST_OK;
}


static enum status
refuse(struct request *rq, struct response *rs, int status, const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "why", why);
    return page_team(rq, rs);
}


enum status
page_team_save(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name");
    struct str slug = str_lower(rq->a, request_field(rq, "slug"));
    struct actor by = request_actor(rq);
    enum status st;

    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, 422, "A name of 100 characters at most.");
    }
    if (!slug_valid(slug)) {
        return refuse(rq, rs, 422, SLUG_RULE);
    }
    st = team_update(rq->db, rq->a, &by, rq->org->id, rq->team, slug, name);
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, 409, "Another team has this address already.");
    }
    return st == ST_OK ? back(rq, rs, slug, "Saved.") : st;
}


enum status
page_team_delete(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st;

    st = team_delete(rq->db, rq->a, &by, rq->org->id, rq->team);
    if (st == ST_OK) {
        login_flash(rq, STR("The team is gone. Its projects and people stay."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/settings/teams/",
                                         STR_FMT(rq->org->slug)));
    }
    return st;
}


/* account, and role: contributor, admin, or "" to remove or to decline. */
enum status
page_team_member(struct request *rq, struct response *rs)
{
    struct str word = request_field(rq, "role");
    enum team_role role = team_role_of(word);
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (!str_i64(request_field(rq, "account"), &id)
        || (role == TEAM_NONE && word.n > 0)) {
        return refuse(rq, rs, 422, "Choose a person and a role.");
    }
    st = team_member_set(rq->db, rq->a, &by, rq->org->id, rq->team, id, role);
    return st == ST_OK ? back(rq, rs, rq->team->slug, "Saved.") : st;
}


/* project, and owned: 1 or nothing.  Nobody gives away what they do not see. */
enum status
page_team_project(struct request *rq, struct response *rs)
{
    bool owned = str_is(request_field(rq, "owned"), "1");
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (!str_i64(request_field(rq, "project"), &id)) {
        return refuse(rq, rs, 422, "Choose a project.");
    }
    if (!access_sees(&rq->access, id)) {
        return ST_NOT_FOUND;
    }
    st = team_project_set(rq->db, rq->a, &by, rq->org->id, rq->team, id, owned);
    return st == ST_OK ? back(rq, rs, rq->team->slug,
                              owned ? "The team has the project now."
                                    : "The team has the project no more.")
                       : st;
}
