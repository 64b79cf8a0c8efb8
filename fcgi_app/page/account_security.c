/*
 * page/account_security.c - a person's second factor, recovery codes and
 * logins.
 *
 * Setting up: the page shows a secret as a QR code and in letters; a code from
 * the telephone proves that it arrived.  Until then the secret is kept with the
 * login, and not on the page, so that nobody can bring their own.
 */

#include "model/second.h"
#include "model/sso.h"
#include "page/pages.h"
#include "page/password.h"
#include "util/seal.h"
#include "util/totp.h"
#include "web/login.h"
#include "web/qr.h"
#include "web/route.h"


static enum status
fill_logins(struct request *rq, struct response *rs)
{
    struct login *logins;
    enum status st;
    size_t n;

    st = login_list(rq, &logins, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Logins"));

        data_str(row, "id", logins[i].digest);
        data_str(row, "via",
                 login_confined(&logins[i]) != 0 ? STR("single sign-on")
                                                 : logins[i].via);
        data_str(row, "address", logins[i].addr);
        data_str(row, "agent", logins[i].agent);
        data_time(row, "created", logins[i].created * US_PER_SECOND);
        data_time(row, "seen", logins[i].seen * US_PER_SECOND);
        data_bool(row, "this", str_eq(logins[i].digest, rq->login->digest));
    }
    return st;
}


/* Providers of the organisations that the account belongs to. */
static enum status
fill_identities(struct request *rq, struct response *rs)
{
    struct sso_identity *ids;
    enum status st;
    size_t n;

    st = sso_identities(rq->db, rq->a, rq->account->id, &ids, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Identities"));

        data_i64(row, "provider", ids[i].integration_id);
        data_str(row, "org", ids[i].org_name);
        data_str(row, "name", ids[i].name);
        data_time(row, "linked", ids[i].linked_at);
        data_time(row, "used", ids[i].used_at);
        data_bool(row, "directory", str_is(ids[i].type, SSO_PREFIX "ldap"));
    }
    return st;
}


/* The secret that waits for its first code. */
static enum status
fill_setup(struct request *rq, struct response *rs)
{
    struct data *setup = data_child(rs->data, "Setup");
    struct str secret, path;
    enum status st;
    int size;

    st = login_setup_secret(rq, &secret);
    if (st != ST_OK) {
        return st;
    }
    path = qr_path(rq->a, totp_uri(rq->a, secret, rq->account->email), &size);
    data_str(setup, "secret", secret);
    data_str(setup, "path", path);
    data_i64(setup, "size", size);
    return ST_OK;
}


enum status
page_account_security(struct request *rq, struct response *rs)
{
    struct data *second = data_child(rs->data, "Second");
    bool on = !str_null(rq->account->totp);
    int64_t left = 0;
    enum status st = ST_OK;

    data_bool(second, "on", on);
    data_bool(second, "password", !str_null(rq->account->password_hash));
    data_bool(second, "no_key", !seal_ready());
    if (on) {
        st = second_codes_left(rq->db, rq->a, rq->account->id, &left);
        data_i64(second, "left", left);
    } else if (seal_ready()) {
        st = fill_setup(rq, rs);
    }
    if (st == ST_OK) {
        st = fill_identities(rq, rs);
    }
    return st == ST_OK ? fill_logins(rq, rs) : st;
}


static enum status
refuse(struct request *rq, struct response *rs, int status, const char *field,
       const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), field, why);
    return page_account_security(rq, rs);
}


/* Shown now and never again, so through no redirect. */
static enum status
show_codes(struct request *rq, struct response *rs, const struct str *codes)
{
    for (int i = 0; i < RECOVERY_CODES; i++) {
        data_str(data_row(data_child(rs->data, "Codes")), "code", codes[i]);
    }
    return page_account_security(rq, rs);
}


static enum status
enable(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct account *me = rq->account;
    struct str secret, *codes;
    int64_t step, wait;
    enum status st;

    if (!password_again(rq)) {
        return refuse(rq, rs, 422, "current",
                      "This is not your current password.");
    }
    st = login_setup_secret(rq, &secret);
    if (st == ST_OK) {
        st = login_brake(rq, "setup", me->email, &wait);
    }
    if (st == ST_LIMITED) {
        return refuse(rq, rs, 429, "code", "Too many attempts. Wait a moment.");
    }
    if (st != ST_OK) {
        return st;
    }
    step =
        totp_step(secret, request_field(rq, "code"), rq->now / US_PER_SECOND);
    if (step == 0) {
        return refuse(rq, rs, 422, "code",
                      "The code does not fit. Is the clock of the telephone "
                      "right?");
    }
    st = second_enable(rq->db, rq->a, &by, me, secret, step, &codes);
    if (st == ST_OK) {
        st = login_forgive(rq, "setup", me->email);
    }
    if (st == ST_OK) {
        st = login_end_others(rq);
    }
    if (st != ST_OK) {
        return st;
    }
    me->totp = STR("set"); /* as the page has to say now */
    return show_codes(rq, rs, codes);
}


static enum status
disable(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    int64_t wait;
    enum status st;

    if (!password_again(rq)) {
        return refuse(rq, rs, 422, "current",
                      "This is not your current password.");
    }
    st = login_brake(rq, "setup", rq->account->email, &wait);
    if (st == ST_LIMITED) {
        return refuse(rq, rs, 429, "code", "Too many attempts. Wait a moment.");
    }
    if (st == ST_OK) {
        st = second_check(rq->db, rq->a, rq->account, request_field(rq, "code"),
                          rq->now / US_PER_SECOND);
    }
    if (st == ST_DENIED) {
        return refuse(rq, rs, 422, "code",
                      "The code is wrong, or was used already.");
    }
    if (st == ST_OK) {
        st = second_disable(rq->db, rq->a, &by, rq->account);
    }
    if (st == ST_OK) {
        st = login_forgive(rq, "setup", rq->account->email);
    }
    if (st == ST_OK) {
        login_flash(rq, STR("The second factor is off."));
        response_redirect(rs, STR("/account/security/"));
    }
    return st;
}


static enum status
renew(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct str *codes;
    enum status st;

    if (str_null(rq->account->totp)) {
        return ST_INVALID;
    }
    if (!password_again(rq)) {
        return refuse(rq, rs, 422, "current",
                      "This is not your current password.");
    }
    st = second_renew(rq->db, rq->a, &by, rq->account, &codes);
    return st == ST_OK ? show_codes(rq, rs, codes) : st;
}


/* do=enable | disable | renew */
enum status
page_account_second(struct request *rq, struct response *rs)
{
    struct str what = request_field(rq, "do");
    bool on = !str_null(rq->account->totp);

    if (str_is(what, "enable") && !on) {
        return enable(rq, rs);
    }
    if (str_is(what, "disable") && on) {
        return disable(rq, rs);
    }
    return str_is(what, "renew") ? renew(rq, rs) : ST_INVALID;
}


enum status
page_account_login_end(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct str digest = request_field(rq, "login");
    enum status st;

    if (str_is(digest, "others")) {
        st = login_end_others(rq);
    } else if (str_eq(digest, rq->login->digest)) {
        return page_logout(rq, rs);
    } else {
        st = login_revoke(rq, digest);
    }
    if (st == ST_OK) {
        st = audit_add_account(rq->db, rq->a, rq->account->id, &by,
                               "account.logout", rq->account->email);
    }
    if (st == ST_OK) {
        login_flash(rq, STR("Signed out there."));
        response_redirect(rs, STR("/account/security/"));
    }
    return st;
}
