/*
 * page/sso.c - signing in at an identity provider of an organisation.
 *
 * The way to an OpenID provider is a link and not a form, for our own policy
 * lets no form lead out.  Following it changes nothing but what this browser
 * needs to come back (web/flow.h).
 */

#include "page/sso.h"

#include "model/account.h"
#include "page/pages.h"
#include "sso/ldap.h"
#include "sso/oidc.h"
#include "sso/provider.h"
#include "util/lang.h"
#include "util/timeutil.h"
#include "web/form.h"
#include "web/login.h"
#include "web/second.h"


/* ---- shared with the settings */

enum status
sso_leave(struct request *rq, struct response *rs,
          const struct integration *provider, enum flow_purpose purpose,
          struct str next, struct str *url, struct str *why)
{
    struct oidc_secrets s;
    enum status st;

    oidc_secrets_new(rq->a, &s);
    st = oidc_begin(rq->a, provider, &s, url, why);
    if (st != ST_OK) {
        return st;
    }
    return flow_leave(
        rq, rs,
        &(struct flow){
            .purpose = purpose,
            .org = provider->organization_id,
            .provider = provider->id,
            .account = purpose == FLOW_SIGN_IN ? 0 : rq->account->id,
            .state = s.state,
            .nonce = s.nonce,
            .verifier = s.verifier,
            .next = next,
        });
}


enum status
sso_offer(struct request *rq, struct response *rs,
          const struct integration *provider, enum flow_purpose purpose,
          struct str next)
{
    struct data *d = data_child(rs->data, "Sso");
    struct str url, why = STR_NULL;
    enum status st;

    st = sso_leave(rq, rs, provider, purpose, next, &url, &why);
    data_str(d, "name", provider->name);
    data_str(d, "next", next);
    if (st == ST_OK) {
        data_str(d, "url", url);
        return ST_OK;
    }
    if (str_null(why)) {
        return st;
    }
    data_str(d, "why", tr_str(why));
    return ST_OK;
}


void
sso_show_test(struct request *rq, struct response *rs,
              const struct integration *provider,
              const struct sso_person *person)
{
    struct data *d = data_child(rs->data, "Test");
    struct sso_wanted wanted;
    struct str email;

    sso_wanted(rq->a, provider, person, &wanted);
    data_str(d, "subject", person->subject);
    data_bool(d, "email",
              person->email_ok && account_email(rq->a, person->email, &email));
    data_str(d, "mail", person->email);
    data_str(d, "name", person->name);
    data_text(d, "role", role_name(wanted.role));
    data_bool(d, "keeps", wanted.role == ROLE_NONE && !wanted.rules_roles);
    data_bool(d, "refused", !wanted.matched && wanted.refuse_outsiders);
    for (size_t i = 0; i < person->ngroups; i++) {
        data_item(data_child(d, "Groups"), person->groups[i]);
    }
    for (size_t i = 0; i < wanted.nteams; i++) {
        struct data *row = data_row(data_child(d, "Teams"));

        data_str(row, "slug", wanted.teams[i].slug);
        data_bool(row, "member", wanted.teams[i].role != TEAM_NONE);
        data_bool(row, "lead", wanted.teams[i].role == TEAM_ADMIN);
    }
    for (size_t i = 0; i < person->nfacts; i++) {
        struct data *row = data_row(data_child(d, "Facts"));

        data_str(row, "name", person->facts[i].name);
        data_str(row, "value", str_cut(person->facts[i].value, 1000));
    }
}


enum status
sso_fill_doors(struct request *rq, struct data *d, struct str org)
{
    struct sso_door *doors;
    enum status st;
    size_t n;

    st = sso_doors(rq->db, rq->a, org, &doors, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(d, "Doors"));

        data_str(row, "org", doors[i].org);
        data_str(row, "kind", sso_word(doors[i].type));
        data_str(row, "name", doors[i].name);
    }
    return st;
}


/* ---- choosing */

/* The short name of the organisation, for those that no page names. */
enum status
page_sso(struct request *rq, struct response *rs)
{
    struct str slug = request_arg(rq, "org");
    struct str next = login_next(request_arg(rq, "next"));

    data_str(data_child(rs->data, "Form"), "next", next);
    if (str_null(slug) || slug.n == 0) {
        return ST_OK;
    }
    slug = str_lower(rq->a, str_trim(slug));
    if (slug_valid(slug)) {
        struct buf path = buf_in(rq->a);

        buf_text(&path, "/login/sso/");
        buf_str(&path, slug);
        buf_text(&path, "/?next=");
        buf_str(&path, url_encode(rq->a, next));
        response_redirect(rs, buf_view(&path));
        return ST_OK;
    }
    data_bool(data_child(rs->data, "Form"), "wrong", true);
    return ST_OK;
}


/* The doors of one organisation; one that has none is like one that is not. */
enum status
page_sso_org(struct request *rq, struct response *rs)
{
    struct str slug = request_param(rq, "slug");

    data_str(data_child(rs->data, "Form"), "next",
             login_next(request_arg(rq, "next")));
    data_str(data_child(rs->data, "Form"), "org", slug);
    return sso_fill_doors(rq, rs->data, slug);
}


static enum status
find_provider(struct request *rq, const struct integration_type **type,
              struct integration *out)
{
    int64_t org, id;
    enum status st;

    *type = sso_type(request_param(rq, "provider"));
    if (*type == NULL) {
        return ST_NOT_FOUND;
    }
    st = sso_find(rq->db, rq->a, request_param(rq, "slug"),
                  str_of((*type)->type), &org, &id);
    return st == ST_OK ? integration_by_id(rq->db, rq->a, org, id, out) : st;
}


/* ---- going in */

static enum status
refuse(struct request *rq, struct response *rs, int status, struct str why)
{
    (void) rq;
    rs->status = status;
    data_str(data_child(rs->data, "Sso"), "why", tr_str(why));
    return ST_OK;
}


/* Whoever the provider vouches for comes in, by the second factor if any. */
static enum status
admit(struct request *rq, struct response *rs,
      const struct integration *provider, const struct sso_person *person,
      int64_t link, struct str next)
{
    struct sso_wanted wanted;
    const char *why = NULL;
    int64_t account;
    enum status st;

    sso_wanted(rq->a, provider, person, &wanted);
    st = sso_admit(rq->db, rq->a, provider, person, &wanted, rq->addr, link,
                   &account, &why);
    if (st == ST_DENIED && why != NULL) {
        return refuse(rq, rs, 403, str_of(why));
    }
    if (st != ST_OK) {
        return st;
    }
    if (link != 0) {
        login_flash(rq, STR("Connected."));
        response_redirect(rs, STR("/account/security/"));
        return ST_OK;
    }
    return second_enter(rq, rs, account, false,
                        arena_printf(rq->a, LOGIN_VIA_SSO "%lld",
                                     (long long) provider->organization_id),
                        next);
}


static void
fill_provider(struct response *rs, const struct integration *provider,
              struct str slug)
{
    struct data *d = data_child(rs->data, "Sso");

    data_str(d, "name", provider->name);
    data_str(d, "org", slug);
    data_str(d, "kind", sso_word(provider->type));
}


/* To an OpenID provider at once; of a directory the form for its password. */
enum status
page_sso_provider(struct request *rq, struct response *rs)
{
    const struct integration_type *type;
    struct str url, why = STR_NULL, next = login_next(request_arg(rq, "next"));
    struct integration i;
    enum status st = find_provider(rq, &type, &i);

    if (st != ST_OK) {
        return st;
    }
    fill_provider(rs, &i, request_param(rq, "slug"));
    data_str(data_child(rs->data, "Form"), "next", next);
    if (str_is(i.type, SSO_LDAP)) {
        return ST_OK;
    }
    st = sso_leave(rq, rs, &i, FLOW_SIGN_IN, next, &url, &why);
    if (st == ST_RETRY && !str_null(why)) {
        return refuse(rq, rs, 502, why);
    }
    if (st == ST_OK) {
        rs->status = 303;
        response_header(rs, "Location", url);
        response_raw(rs, "text/plain; charset=utf-8", STR(""));
    }
    return st;
}


/* The name and password of a directory. */
enum status
page_sso_provider_submit(struct request *rq, struct response *rs)
{
    struct str user = request_field(rq, "user");
    struct str next = login_next(field_get(&rq->form, "next"));
    struct data *form = data_child(rs->data, "Form");
    const struct integration_type *type;
    struct sso_person person;
    struct integration i;
    int64_t wait = 0;
    struct str why;
    enum status st = find_provider(rq, &type, &i);

    if (st == ST_OK && !str_is(i.type, SSO_LDAP)) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        st = login_brake(rq, "directory", user, &wait);
    }
    if (st != ST_OK && st != ST_LIMITED) {
        return st;
    }
    fill_provider(rs, &i, request_param(rq, "slug"));
    data_str(form, "next", next);
    data_str(form, "user", str_cut(user, SSO_TEXT_MAX));
    if (st == ST_LIMITED) {
        rs->status = 429;
        data_i64(form, "wait", wait);
        return ST_OK;
    }
    st = ldap_sign_in(rq->a, &i, user, field_get(&rq->form, "password"),
                      &person, &why);
    if (st == ST_RETRY) {
        return refuse(rq, rs, 502, why);
    }
    if (st == ST_DENIED) {
        rs->status = 403;
        data_bool(form, "wrong", true);
        return ST_OK;
    }
    if (st == ST_OK) {
        st = login_forgive(rq, "directory", user);
    }
    return st == ST_OK ? admit(rq, rs, &i, &person, 0, next) : st;
}


/* ---- coming back */

/* Who tests or connects must still be the one who is signed in. */
static bool
same_person(const struct request *rq, const struct flow *flow)
{
    return flow->purpose == FLOW_SIGN_IN
           || (rq->account != NULL && rq->account->id == flow->account);
}


enum status
page_sso_callback(struct request *rq, struct response *rs)
{
    struct str code = request_arg(rq, "code"), why = STR_NULL;
    struct sso_person person;
    struct integration i;
    struct flow flow;
    enum status st;

    st = flow_return(rq, rs, request_arg(rq, "state"), &flow);
    if (st == ST_OK && !same_person(rq, &flow)) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        st = integration_by_id(rq->db, rq->a, flow.org, flow.provider, &i);
    }
    if (st == ST_OK && i.state == INTEGRATION_OFF
        && flow.purpose != FLOW_TEST) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_NOT_FOUND) {
        return refuse(rq, rs, 403,
                      STR("This sign-in was not begun in this browser, was "
                          "used already, or is older than 10 minutes."));
    }
    if (st != ST_OK) {
        return st;
    }
    data_bool(data_child(rs->data, "Sso"), "test", flow.purpose == FLOW_TEST);
    data_str(data_child(rs->data, "Sso"), "next", flow.next);
    data_str(data_child(rs->data, "Sso"), "name", i.name);
    if (str_null(code)) {
        struct str said = request_arg(rq, "error");

        return refuse(
            rq, rs, 403,
            lang_fill(rq->a, N_("The provider has said no: {0}"),
                      FILL(str_null(said) ? str_of(tr("without a word"))
                                          : str_cut(said, 200))));
    }
    st = oidc_finish(
        rq->a, &i,
        &(struct oidc_secrets){ flow.state, flow.nonce, flow.verifier }, code,
        request_arg(rq, "iss"), rq->now / US_PER_SECOND, &person, &why);
    if ((st == ST_DENIED || st == ST_RETRY) && !str_null(why)) {
        return refuse(rq, rs, st == ST_DENIED ? 403 : 502, why);
    }
    if (st != ST_OK) {
        return st;
    }
    if (flow.purpose == FLOW_TEST) {
        sso_show_test(rq, rs, &i, &person);
        return ST_OK;
    }
    return admit(rq, rs, &i, &person, flow.account, flow.next);
}


/* ---- the account's own connections */

/* Connects by a flow of its own; or disconnects. */
enum status
page_account_sso(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct sso_identity *ids;
    int64_t wanted;
    size_t n;
    enum status st;

    if (!str_i64(request_field(rq, "provider"), &wanted)) {
        return request_wrong(rq, "provider");
    }
    if (!str_null(request_field(rq, "disconnect"))) {
        st = sso_unlink(rq->db, rq->a, &by, wanted);
        if (st == ST_OK) {
            login_flash(rq, STR("Disconnected."));
            response_redirect(rs, STR("/account/security/"));
        }
        return st;
    }
    st = sso_identities(rq->db, rq->a, rq->account->id, &ids, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct integration provider;
        int64_t org, id;

        if (ids[i].integration_id != wanted || !str_is(ids[i].type, SSO_OIDC)) {
            continue;
        }
        st = sso_find(rq->db, rq->a, ids[i].org, ids[i].type, &org, &id);
        if (st == ST_OK) {
            st = integration_by_id(rq->db, rq->a, org, id, &provider);
        }
        return st == ST_OK ? sso_offer(rq, rs, &provider, FLOW_CONNECT,
                                       STR("/account/security/"))
                           : st;
    }
    return st == ST_OK ? ST_NOT_FOUND : st;
}
