/*
 * page/project_new.c - a new project: name, address, platform.  It gets its
 * first key at once and leads to the set-up page.
 */

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/project_key.h"
#include "model/team.h"
#include "page/pages.h"
#include "page/platforms.h"
#include "util/utf8.h"
#include "web/platform.h"

#define NAME_MAX_CHARS 100


/*
 * The teams that may own it: who does not see all projects gives it to one of
 * the own teams, or would not see it.  *chosen: that of the form; NULL: none.
 */
static enum status
fill_teams(struct request *rq, struct response *rs, const struct team **chosen)
{
    struct str slug = request_field(rq, "team");
    struct team *teams;
    enum status st;
    size_t n;

    *chosen = NULL;
    st = team_list(rq->db, rq->a, rq->org->id, rq->account->id, &teams, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row;

        if (!rq->access.all && teams[i].mine == TEAM_NONE) {
            continue;
        }
        row = data_row(data_child(rs->data, "Teams"));
        data_str(row, "slug", teams[i].slug);
        data_str(row, "name", teams[i].name);
        if (str_eq(teams[i].slug, slug)) {
            *chosen = &teams[i];
            data_bool(row, "chosen", true);
        }
    }
    data_bool(rs->data, "team_needed", !rq->access.all);
    return st;
}


enum status
page_project_new(struct request *rq, struct response *rs)
{
    const struct team *none;

    platforms_fill(rs, STR("python"));
    return fill_teams(rq, rs, &none);
}


/* The form again, with what was typed. */
static enum status
refuse(const struct request *rq, struct response *rs, const char *field,
       const char *why)
{
    struct data *form = data_child(rs->data, "Form");

    rs->status = 422;
    data_str(form, "name",
             str_cut(request_field(rq, "name"), 4 * NAME_MAX_CHARS));
    data_str(form, "slug", str_cut(request_field(rq, "slug"), 100));
    data_tr(data_child(rs->data, "Wrong"), field, why);
    platforms_fill(rs, request_field(rq, "platform"));
    return ST_OK;
}


static void
go_to_setup(struct request *rq, struct response *rs, struct str slug)
{
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/projects/%.*s/getting-started/",
                                 STR_FMT(rq->org->slug), STR_FMT(slug)));
}


enum status
page_project_new_submit(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name");
    struct str slug = request_field(rq, "slug");
    struct str platform = request_field(rq, "platform");
    struct actor by = request_actor(rq);
    const struct team *team;
    struct project_key key;
    enum status st;
    int64_t id;

    st = fill_teams(rq, rs, &team);
    if (st != ST_OK) {
        return st;
    }

    if (name.n == 0) {
        return refuse(rq, rs, "name", "A name is needed.");
    }
    if (utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, "name", "100 characters at most.");
    }
    slug = slug.n > 0 ? str_lower(rq->a, slug) : slug_from(rq->a, name);
    if (!slug_valid(slug)) {
        return refuse(rq, rs, "slug", SLUG_RULE);
    }
    if (team == NULL && !rq->access.all) {
        return refuse(rq, rs, "team",
                      "Choose one of your teams: you see its projects only.");
    }

    st = project_create(rq->db, rq->a, &by, rq->org->id, slug, name,
                        str_of(platform_find(platform)->id), &id);
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, "slug",
                      "Another project has this address already.");
    }
    if (st == ST_OK && team != NULL) {
        st = team_project_set(rq->db, rq->a, &by, rq->org->id, team, id, true);
    }
    if (st != ST_OK) {
        return st;
    }
    st = project_key_create(rq->db, rq->redis, rq->a, &by, rq->org->id, id,
                            STR("Default"), &key);
    if (st != ST_OK && st != ST_RETRY) {
        return st;
    }
    /* ST_RETRY: Redis is away, and the key will be published once it is back */
    go_to_setup(rq, rs, slug);
    return ST_OK;
}
