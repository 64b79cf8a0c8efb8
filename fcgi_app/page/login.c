/*
 * page/login.c - signing in with a password, with a one-time link, and out.
 *
 * The answer to a wrong pair is the same, and costs the same, whether there is
 * such an account or not (web/login.h).
 */

#include "web/login.h"

#include "model/account.h"
#include "page/pages.h"
#include "page/sso.h"
#include "web/form.h"
#include "web/second.h"


/* Whom a trusted proxy vouches for comes in, if there is such an account. */
static enum status
by_proxy(struct request *rq, struct response *rs, struct str next, bool *in)
{
    struct account account;
    struct str email;
    enum status st;

    *in = false;
    if (str_null(rq->vouched) || !account_email(rq->a, rq->vouched, &email)) {
        return ST_OK;
    }
    st = account_by_email(rq->db, rq->a, email, &account);
    if (st == ST_NOT_FOUND || (st == ST_OK && !account.is_active)) {
        data_str(data_child(rs->data, "Form"), "unknown", email);
        return ST_OK;
    }
    *in = st == ST_OK;
    return st == ST_OK ? second_enter(rq, rs, account.id, false, "proxy", next)
                       : st;
}


enum status
page_login(struct request *rq, struct response *rs)
{
    struct data *form = data_child(rs->data, "Form");
    struct str next = login_next(request_arg(rq, "next"));
    bool in = false;
    enum status st = ST_OK;

    if (rq->account != NULL) {
        response_redirect(rs, next);
        return ST_OK;
    }
    if (str_null(request_arg(rq, "out"))) {
        st = by_proxy(rq, rs, next, &in);
    }
    if (st != ST_OK || in) {
        return st;
    }
    data_str(form, "next", next);
    data_bool(form, "signed_out", !str_null(request_arg(rq, "out")));
    return sso_fill_doors(rq, rs->data, STR_NULL);
}


enum status
page_login_submit(struct request *rq, struct response *rs)
{
    struct data *form = data_child(rs->data, "Form");
    struct str email = request_field(rq, "email");
    struct str next = login_next(field_get(&rq->form, "next"));
    bool keep = !str_null(request_field(rq, "keep"));
    int64_t account, wait = 0;
    enum status st;

    st = login_attempt(rq, email, field_get(&rq->form, "password"), &account,
                       &wait);
    if (st == ST_OK) {
        return second_enter(rq, rs, account, keep, "password", next);
    }
    if (st != ST_DENIED && st != ST_LIMITED) {
        return st;
    }

    rs->status = st == ST_LIMITED ? 429 : 403;
    data_str(form, "email", str_cut(email, 254));
    data_str(form, "next", next);
    data_bool(form, "forget", !keep);
    data_bool(form, "wrong", st == ST_DENIED);
    if (st == ST_LIMITED) {
        data_i64(form, "wait", wait);
        response_header(rs, "Retry-After",
                        str_printf(rq->a, "%lld", (long long) wait));
    }
    return sso_fill_doors(rq, rs->data, STR_NULL);
}


/* Only looks: mail scanners and previews follow links. */
enum status
page_login_link(struct request *rq, struct response *rs)
{
    enum status st = login_link_known(rq, request_param(rq, "token"));

    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    data_bool(data_child(rs->data, "Link"), "known", st == ST_OK);
    return st;
}


enum status
page_login_link_submit(struct request *rq, struct response *rs)
{
    bool forgot;
    int64_t account;
    enum status st;

    st = login_link_take(rq, request_param(rq, "token"), &account, &forgot);
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    return st == ST_OK
               ? second_enter(rq, rs, account, true,
                              forgot ? "forgotten" : "link",
                              forgot ? STR("/account/#password") : STR("/"))
               : st;
}


/* The second factor, for who has passed the first door. */
enum status
page_login_second(struct request *rq, struct response *rs)
{
    int64_t account;
    enum status st = second_waiting(rq, &account);

    if (st == ST_NOT_FOUND) {
        response_redirect(rs, STR("/login/"));
        return ST_OK;
    }
    return st;
}


enum status
page_login_second_submit(struct request *rq, struct response *rs)
{
    struct data *form = data_child(rs->data, "Form");
    bool remember = !str_null(request_field(rq, "remember"));
    int64_t wait = 0;
    enum status st;

    st = second_pass(rq, rs, request_field(rq, "code"), remember, &wait);
    if (st == ST_NOT_FOUND) {
        response_redirect(rs, STR("/login/"));
        return ST_OK;
    }
    if (st != ST_DENIED && st != ST_LIMITED) {
        return st;
    }
    rs->status = st == ST_LIMITED ? 429 : 403;
    data_bool(form, "remember", remember);
    data_bool(form, "wrong", st == ST_DENIED);
    if (st == ST_LIMITED) {
        data_i64(form, "wait", wait);
        response_header(rs, "Retry-After",
                        str_printf(rq->a, "%lld", (long long) wait));
    }
    return ST_OK;
}


enum status
page_logout(struct request *rq, struct response *rs)
{
    enum status st = login_end(rq, rs);

    if (st == ST_OK) {
        response_header(rs, "Clear-Site-Data", STR("\"cache\""));
        response_redirect(rs, request_field(rq, "again").n > 0
                                  ? STR("/login/")
                                  : STR("/login/?out=1"));
    }
    return st;
}
