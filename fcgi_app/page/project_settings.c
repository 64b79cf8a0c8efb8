/*
 * page/project_settings.c - the general settings of a project: name, address,
 * platform; archiving it; and its end, which can be taken back for a day.
 */

#include "model/organization.h"
#include "model/project.h"
#include "model/project_end.h"
#include "page/pages.h"
#include "page/platforms.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/platform.h"
#include "web/route.h"

#define NAME_MAX_CHARS 100


static void
fill(struct request *rq, struct response *rs, struct str name, struct str slug,
     struct str platform)
{
    struct data *form = data_child(rs->data, "Form");

    data_str(form, "name", str_cut(name, 4 * NAME_MAX_CHARS));
    data_str(form, "slug", str_cut(slug, 100));
    platforms_fill(rs, platform);
    data_bool(data_child(rs->data, "May"), "delete",
              request_may(rq, "project:admin"));
}


enum status
page_project_settings(struct request *rq, struct response *rs)
{
    fill(rq, rs, rq->project->name, rq->project->slug, rq->project->platform);
    return ST_OK;
}


/* The form again, with what was typed. */
static enum status
refuse(struct request *rq, struct response *rs, const char *field,
       const char *why)
{
    rs->status = 422;
    fill(rq, rs, request_field(rq, "name"), request_field(rq, "slug"),
         request_field(rq, "platform"));
    data_tr(data_child(rs->data, "Wrong"), field, why);
    return ST_OK;
}


enum status
page_project_settings_save(struct request *rq, struct response *rs)
{
    struct project project = *rq->project;
    struct str platform = request_field(rq, "platform");
    struct actor by = request_actor(rq);
    enum status st;

    project.name = request_field(rq, "name");
    project.slug = str_lower(rq->a, request_field(rq, "slug"));
    if (!str_eq(platform, project.platform)) {
        /* one that only an SDK or a command has set is kept */
        project.platform = str_of(platform_find(platform)->id);
    }
    if (project.name.n == 0 || utf8_length(project.name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, "name", "A name of 100 characters at most.");
    }
    if (!slug_valid(project.slug)) {
        return refuse(rq, rs, "slug", SLUG_RULE);
    }
    st = project_update(rq->db, rq->a, &by, &project);
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, "slug",
                      "Another project has this address already.");
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Saved."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/projects/%.*s/settings/",
                                         STR_FMT(rq->org->slug),
                                         STR_FMT(project.slug)));
    }
    return st;
}


static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/projects/%.*s/settings/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(rq->project->slug)));
    return ST_OK;
}


enum status
page_project_archive(struct request *rq, struct response *rs)
{
    bool back = !str_null(field_get(&rq->form, "back"));
    struct actor by = request_actor(rq);
    enum status st =
        project_archive(rq->db, rq->redis, rq->a, &by, rq->project, !back);

    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                back ? "The project is back. The edge takes its events within "
                       "2 s."
                     : "Archived. The edge refuses its events within 2 s.");
}


enum status
page_project_delete(struct request *rq, struct response *rs)
{
    bool undo = !str_null(field_get(&rq->form, "undo"));
    struct actor by = request_actor(rq);
    enum status st;

    if (!undo && !str_eq(request_field(rq, "confirm"), rq->project->slug)) {
        st = page_project_settings(rq, rs);
        rs->status = 422;
        data_tr(data_child(rs->data, "Wrong"), "confirm",
                "This is not the address of the project, so nothing was "
                "deleted.");
        return st;
    }
    st = project_delete_at(rq->db, rq->redis, rq->a, &by, rq->project,
                           undo ? 0 : rq->now + PROJECT_DELETE_WAIT_US);
    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                undo ? "Taken back: the project stays."
                     : "It will be deleted in a day. The edge refuses its keys "
                       "within 2 s.");
}
