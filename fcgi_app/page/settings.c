/*
 * page/settings.c - the general settings of an organisation: its name, its
 * address, whether all members see all projects, how it speaks to others, and
 * its end.
 */

#include "model/organization_end.h"
#include "page/pages.h"
#include "util/lang.h"
#include "util/utf8.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100


static void
fill(struct response *rs, const struct organization *org)
{
    struct data *form = data_child(rs->data, "Form");

    data_str(form, "name", str_cut(org->name, 4 * NAME_MAX_CHARS));
    data_str(form, "slug", str_cut(org->slug, 100));
    data_bool(form, "open", org->open);
    for (int i = ROLE_VIEWER; i <= ROLE_MANAGER; i++) {
        struct data *row = data_row(data_child(form, "Roles"));

        data_text(row, "name", role_name((enum role) i));
        data_bool(row, "chosen", i == (int) org->default_role);
    }
    for (size_t i = 0; i < nlangs; i++) {
        struct data *row = data_row(data_child(form, "Languages"));

        data_text(row, "code", langs[i].code);
        data_text(row, "name", langs[i].name);
        data_bool(row, "chosen", lang_find(org->language) == i);
    }
}


enum status
page_settings(struct request *rq, struct response *rs)
{
    fill(rs, rq->org);
    return ST_OK;
}


/* The form again, with what was typed. */
static enum status
refuse(struct response *rs, const struct organization *typed, const char *field,
       const char *why)
{
    rs->status = 422;
    fill(rs, typed);
    data_tr(data_child(rs->data, "Wrong"), field, why);
    return ST_OK;
}


enum status
page_settings_save(struct request *rq, struct response *rs)
{
    struct organization org = {
        .id = rq->org->id,
        .name = request_field(rq, "name"),
        .slug = str_lower(rq->a, request_field(rq, "slug")),
        .open = !str_null(request_field(rq, "open")),
        .default_role = role_of(request_field(rq, "default_role")),
        .language = lang_code(request_field(rq, "language")),
    };
    bool whole = !str_null(request_field(rq, "default_role"));
    struct actor by = request_actor(rq);
    enum status st;

    if (!whole) {
        /* a form without the part on access leaves it as it is */
        org.open = rq->org->open;
        org.default_role = rq->org->default_role;
        org.language = rq->org->language;
    }
    if (org.name.n == 0 || utf8_length(org.name) > NAME_MAX_CHARS) {
        return refuse(rs, &org, "name", "A name of 100 characters at most.");
    }
    if (!slug_valid(org.slug)) {
        return refuse(rs, &org, "slug", SLUG_RULE);
    }
    if (org.default_role == ROLE_NONE || org.default_role == ROLE_OWNER
        || org.default_role > rq->role) {
        return refuse(rs, &org, "default_role", "Choose one of these roles.");
    }
    st = organization_update(rq->db, rq->a, &by, &org);
    if (st == ST_CONFLICT) {
        return refuse(rs, &org, "slug",
                      "Another organisation has this address already.");
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Saved."));
        response_redirect(
            rs, str_printf(rq->a, "/%.*s/settings/", STR_FMT(org.slug)));
    }
    return st;
}


/* The page again, with one sentence under what was typed. */
static enum status
keep(struct request *rq, struct response *rs, int status, const char *why)
{
    fill(rs, rq->org);
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "confirm", why);
    return ST_OK;
}


enum status
page_settings_delete(struct request *rq, struct response *rs)
{
    bool undo = !str_null(field_get(&rq->form, "undo"));
    struct actor by = request_actor(rq);
    enum status st;

    if (!undo && !str_eq(request_field(rq, "confirm"), rq->org->slug)) {
        return keep(rq, rs, 422,
                    "This is not the address of the organisation, so nothing "
                    "was deleted.");
    }
    st = organization_delete_at(rq->db, rq->redis, rq->a, &by, rq->org,
                                undo ? 0
                                     : rq->now + ORGANIZATION_DELETE_WAIT_US);
    if (st == ST_CONFLICT) {
        return keep(rq, rs, 409,
                    "It is the only organisation of this Vedette. Create "
                    "another one first.");
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, undo ? STR("Taken back: the organisation stays.")
                         : STR("It will be deleted in a day. The edge refuses "
                               "its keys within 2 s."));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/settings/", STR_FMT(rq->org->slug)));
    return ST_OK;
}
