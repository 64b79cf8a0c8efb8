/*
 * page/settings_sso.c - the identity providers of an organisation: one of each
 * kind, with a test sign-in that shows what comes and what it would become.
 */

#include "model/organization.h"
#include "page/integration_form.h"
#include "page/pages.h"
#include "page/sso.h"
#include "sso/ldap.h"
#include "sso/provider.h"
#include "util/conf.h"
#include "util/lang.h"
#include "util/seal.h"
#include "web/login.h"


static struct str
path_of(const struct request *rq, const struct integration_type *type)
{
    return type == NULL ? str_printf(rq->a, "/%.*s/settings/sso/",
                                     STR_FMT(rq->org->slug))
                        : str_printf(rq->a, "/%.*s/settings/sso/%.*s/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(sso_word(str_of(type->type))));
}


/* The one of this kind; *out has id 0 when there is none yet. */
static enum status
find(struct request *rq, const struct integration_type **type,
     struct integration *out)
{
    enum status st;

    *type = sso_type(request_param(rq, "provider"));
    if (*type == NULL) {
        return ST_NOT_FOUND;
    }
    st = sso_provider(rq->db, rq->a, rq->org->id, str_of((*type)->type), out);
    if (st == ST_NOT_FOUND) {
        *out = (struct integration){
            .organization_id = rq->org->id,
            .type = str_of((*type)->type),
            .name = str_of((*type)->label),
        };
        return ST_OK;
    }
    return st;
}


/* ---- showing */

enum status
page_settings_sso(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Kinds");
    enum status st = ST_OK;

    data_bool(rs->data, "NoKey", !seal_ready());
    data_bool(rs->data, "Passwords", rq->org->local_passwords);
    for (size_t i = 0; st == ST_OK && i < sso_types_count; i++) {
        struct data *row = data_row(list);
        struct integration provider;

        data_str(row, "kind", sso_word(str_of(sso_types[i]->type)));
        data_tr(row, "label", sso_types[i]->label);
        data_text(row, "icon", sso_types[i]->icon);
        data_tr(row, "does", sso_types[i]->does);
        st = sso_provider(rq->db, rq->a, rq->org->id,
                          str_of(sso_types[i]->type), &provider);
        if (st == ST_OK) {
            data_str(row, "name", provider.name);
            data_bool(row, "off", provider.state == INTEGRATION_OFF);
        } else if (st == ST_NOT_FOUND) {
            st = ST_OK;
        }
    }
    return st;
}


static void
fill(struct request *rq, struct response *rs, const struct integration *i,
     const struct integration_type *type, const char *wrong, const char *why)
{
    struct data *d = data_child(rs->data, "Provider");

    data_str(d, "kind", sso_word(str_of(type->type)));
    data_tr(d, "label", type->label);
    data_tr(d, "does", type->does);
    data_i64(d, "id", i->id);
    data_str(d, "name", i->name);
    data_bool(d, "off", i->state == INTEGRATION_OFF);
    data_bool(d, "no_key", !seal_ready());
    data_bool(d, "directory", str_is(i->type, SSO_LDAP));
    data_text(d, "callback",
              arena_printf(rq->a, "%s/login/sso/callback/",
                           conf_str(CONF_SYSTEM_URL_PREFIX)));
    data_text(d, "door",
              arena_printf(rq->a, "%s/login/sso/%.*s/",
                           conf_str(CONF_SYSTEM_URL_PREFIX),
                           STR_FMT(rq->org->slug)));
    if (wrong != NULL && strcmp(wrong, "name") == 0) {
        data_tr(d, "wrong", why);
    }
    integration_form_fill(rq, rs->data, type, i, wrong, why);
}


enum status
page_settings_sso_provider(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct integration i;
    enum status st = find(rq, &type, &i);

    if (st == ST_OK) {
        fill(rq, rs, &i, type, NULL, NULL);
    }
    return st;
}


/* ---- changing */

enum status
page_settings_sso_save(struct request *rq, struct response *rs)
{
    const char *wrong = NULL, *why;
    const struct integration_type *type;
    struct actor by = request_actor(rq);
    struct integration i;
    enum status st = find(rq, &type, &i);

    if (st != ST_OK) {
        return st;
    }
    i.state = str_null(field_get(&rq->form, "provider_on")) ? INTEGRATION_OFF
                                                            : INTEGRATION_ON;
    why = integration_form_read(rq, type, &i, &wrong);
    if (why == NULL) {
        why = sso_check(rq->a, &i, &wrong);
    }
    if (why == NULL) {
        st = integration_save(rq->db, rq->a, &by, &i);
        wrong = "name";
        why = st == ST_CONFLICT ? "Another connection has this name."
              : st == ST_LIMITED
                  ? "An organisation has 100 connections at most."
              : st == ST_INVALID ? "The installation has no key to encrypt "
                                   "secrets with: set system.secret-file."
                                 : NULL;
    }
    if (why != NULL) {
        rs->status = 422;
        fill(rq, rs, &i, type, wrong, why);
        return ST_OK;
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Saved. A test sign-in shows whether it works."));
        response_redirect(rs, path_of(rq, type));
    }
    return st;
}


enum status
page_settings_sso_remove(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct actor by = request_actor(rq);
    struct integration i;
    enum status st = find(rq, &type, &i);

    if (st == ST_OK) {
        st = i.id != 0
                 ? integration_remove(rq->db, rq->a, &by, rq->org->id, i.id)
                 : ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        login_flash(rq, STR("The provider is disconnected. Nobody comes in by "
                            "it any more."));
        response_redirect(rs, path_of(rq, NULL));
    }
    return st;
}


/* ---- testing */

static enum status
test_directory(struct request *rq, struct response *rs,
               const struct integration *i)
{
    struct str user = request_field(rq, "user");
    struct data *d = data_child(rs->data, "Sso");
    struct sso_person person = { 0 };
    int64_t wait;
    struct str why;
    enum status st = login_brake(rq, "directory", user, &wait);

    if (st == ST_OK) {
        st = ldap_sign_in(rq->a, i, user, field_get(&rq->form, "password"),
                          &person, &why);
    }
    switch (st) {
    case ST_OK:
        sso_show_test(rq, rs, i, &person);
        return login_forgive(rq, "directory", user);
    case ST_LIMITED:
        data_tr(d, "why", "Too many attempts. Wait a moment.");
        return ST_OK;
    case ST_DENIED:
        data_tr(d, "why",
                "The directory has nobody of this name and password.");
        return ST_OK;
    case ST_RETRY:
        data_str(d, "why", tr_str(why));
        return ST_OK;
    default:
        return st;
    }
}


enum status
page_settings_sso_test(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct integration i;
    enum status st = find(rq, &type, &i);

    if (st == ST_OK && i.id == 0) {
        st = ST_NOT_FOUND;
    }
    if (st != ST_OK) {
        return st;
    }
    data_bool(data_child(rs->data, "Sso"), "test", true);
    data_str(data_child(rs->data, "Sso"), "name", i.name);
    data_str(data_child(rs->data, "Sso"), "next", path_of(rq, type));
    return str_is(i.type, SSO_LDAP)
               ? test_directory(rq, rs, &i)
               : sso_offer(rq, rs, &i, FLOW_TEST, path_of(rq, type));
}
