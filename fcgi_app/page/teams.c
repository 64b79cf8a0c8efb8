/*
 * page/teams.c - /:org/settings/teams/: which teams there are, and joining
 * them.
 */

#include "model/account.h"
#include "model/organization.h"
#include "model/team.h"
#include "page/pages.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/route.h"

#define NAME_MAX_CHARS 100


enum status
page_teams(struct request *rq, struct response *rs)
{
    struct team *teams;
    enum status st;
    size_t n;

    st = team_list(rq->db, rq->a, rq->org->id, rq->account->id, &teams, &n);
    data_bool(rs->data, "open", rq->org->open);
    data_bool(data_child(rs->data, "May"), "write_teams",
              request_may(rq, "team:write"));
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Teams"));

        data_str(row, "slug", teams[i].slug);
        data_str(row, "name", teams[i].name);
        data_i64(row, "members", teams[i].members);
        data_i64(row, "projects", teams[i].projects);
        data_text(row, "mine", team_role_name(teams[i].mine));
        data_bool(row, "asked", teams[i].asked);
    }
    return st;
}


/* The list again, with what was typed. */
static enum status
refuse(struct request *rq, struct response *rs, int status, const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "why", why);
    data_str(data_child(rs->data, "Wrong"), "name",
             str_cut(request_field(rq, "name"), 4 * NAME_MAX_CHARS));
    return page_teams(rq, rs);
}


enum status
page_team_new(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name");
    struct str slug = slug_from(rq->a, name);
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS
        || !slug_valid(slug)) {
        return refuse(rq, rs, 422,
                      "A name of 2 to 100 characters, with a letter a to z.");
    }
    st = team_create(rq->db, rq->a, &by, rq->org->id, slug, name, &id);
    switch (st) {
    case ST_OK:
        response_redirect(rs,
                          str_printf(rq->a, "/%.*s/settings/teams/%.*s/",
                                     STR_FMT(rq->org->slug), STR_FMT(slug)));
        return ST_OK;
    case ST_CONFLICT:
        return refuse(rq, rs, 409, "There is a team of this name.");
    case ST_LIMITED:
        return refuse(rq, rs, 429, "200 teams are there. Delete one first.");
    default:
        return st;
    }
}


static enum status
back(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/settings/teams/", STR_FMT(rq->org->slug)));
    return ST_OK;
}


/* In an open organisation anybody may; else it is a request. */
enum status
page_team_join(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st;

    if (rq->team->mine != TEAM_NONE) {
        return back(rq, rs, "You are in this team already.");
    }
    if (rq->org->open || request_may(rq, "team:write")) {
        st = team_member_set(rq->db, rq->a, &by, rq->org->id, rq->team,
                             rq->account->id, TEAM_CONTRIBUTOR);
        return st == ST_OK ? back(rq, rs, "You have joined the team.") : st;
    }
    st = team_request(rq->db, rq->a, &by, rq->org->id, rq->team, true);
    return st == ST_OK ? back(rq, rs,
                              "Whoever leads the team now sees that "
                              "you want to join.")
                       : st;
}


enum status
page_team_leave(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st;

    if (rq->team->mine == TEAM_NONE) {
        st = team_request(rq->db, rq->a, &by, rq->org->id, rq->team, false);
        return st == ST_OK ? back(rq, rs, "You do not ask any more.") : st;
    }
    st = team_member_set(rq->db, rq->a, &by, rq->org->id, rq->team,
                         rq->account->id, TEAM_NONE);
    return st == ST_OK ? back(rq, rs, "You have left the team.") : st;
}
