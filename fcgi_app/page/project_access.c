/*
 * page/project_access.c - who sees a project, and the teams that look after
 * it.
 */

#include "model/project_access.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/team.h"
#include "page/pages.h"
#include "page/setting_form.h"
#include "web/route.h"


static enum status
fill_teams(struct request *rq, struct response *rs)
{
    struct project_team *teams;
    size_t n = 0;
    enum status st = project_teams(rq->db, rq->a, rq->project, &teams, &n);

    for (size_t i = 0; i < n; i++) {
        struct data *row =
            data_row(data_child(rs->data, teams[i].owns ? "Owners" : "Others"));

        data_str(row, "slug", teams[i].slug);
        data_str(row, "name", teams[i].name);
        data_i64(row, "members", teams[i].members);
    }
    return st;
}


enum status
page_project_access(struct request *rq, struct response *rs)
{
    struct project_person *people;
    size_t n = 0;
    enum status st = project_people(rq->db, rq->a, rq->project, &people, &n);

    for (size_t i = 0; i < n && i < PROJECT_PEOPLE_MAX; i++) {
        struct data *row = data_row(data_child(rs->data, "People"));

        data_i64(row, "avatar", people[i].account_id % 6 + 1);
        data_str(row, "name", people[i].name);
        data_str(row, "email", people[i].email);
        data_text(row, "role", role_name(people[i].role));
        data_str(row, "teams", people[i].teams);
    }
    data_bool(rs->data, "More", n > PROJECT_PEOPLE_MAX);
    data_bool(rs->data, "Open", rq->org->open);
    data_bool(data_child(rs->data, "May"), "admin_project",
              request_may(rq, "project:admin"));
    return st == ST_OK ? fill_teams(rq, rs) : st;
}


enum status
page_project_access_save(struct request *rq, struct response *rs)
{
    bool add = !str_null(field_get(&rq->form, "add"));
    struct actor by = request_actor(rq);
    struct team team;
    enum status st;

    st = team_by_slug(rq->db, rq->a, rq->org->id, rq->account->id,
                      request_field(rq, add ? "team" : "remove"), &team);
    if (st == ST_OK) {
        st = team_project_set(rq->db, rq->a, &by, rq->org->id, &team,
                              rq->project->id, add);
    }
    return st == ST_OK ? setting_form_done(rq, rs, "access", "Saved.") : st;
}
