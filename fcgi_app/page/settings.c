/*
 * page/settings.c - the general settings of an organisation: its name and its
 * address.
 */

#include "model/organization.h"

#include "page/pages.h"
#include "util/utf8.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100


static void
fill(struct response *rs, struct str name, struct str slug)
{
    struct data *form = data_child(rs->data, "Form");

    data_str(form, "name", str_cut(name, 4 * NAME_MAX_CHARS));
    data_str(form, "slug", str_cut(slug, 100));
}


enum status
page_settings(struct request *rq, struct response *rs)
{
    fill(rs, rq->org->name, rq->org->slug);
    return ST_OK;
}


/* The form again, with what was typed. */
static enum status
refuse(const struct request *rq, struct response *rs, const char *field,
       const char *why)
{
    rs->status = 422;
    fill(rs, request_field(rq, "name"), request_field(rq, "slug"));
    data_text(data_child(rs->data, "Wrong"), field, why);
    return ST_OK;
}


enum status
page_settings_save(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name");
    struct str slug = str_lower(rq->a, request_field(rq, "slug"));
    struct actor by = request_actor(rq);
    enum status st;

    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, "name", "A name of 100 characters at most.");
    }
    if (!slug_valid(slug)) {
        return refuse(rq, rs, "slug", SLUG_RULE);
    }
    st = organization_update(rq->db, rq->a, &by, rq->org->id, name, slug);
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, "slug",
                      "Another organisation has this address already.");
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Saved."));
        response_redirect(rs,
                          str_printf(rq->a, "/%.*s/settings/", STR_FMT(slug)));
    }
    return st;
}
