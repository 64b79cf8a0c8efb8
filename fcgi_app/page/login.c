/*
 * page/login.c - signing in with a password, with a one-time link, and out.
 *
 * The answer to a wrong pair is the same, and costs the same, whether there is
 * such an account or not (web/login.h).
 */

#include "web/login.h"

#include "page/pages.h"
#include "web/form.h"


enum status
page_login(struct request *rq, struct response *rs)
{
    struct data *form = data_child(rs->data, "Form");
    struct str next = login_next(request_arg(rq, "next"));

    if (rq->account != NULL) {
        response_redirect(rs, next);
        return ST_OK;
    }
    data_str(form, "next", next);
    data_bool(form, "signed_out", !str_null(request_arg(rq, "out")));
    return ST_OK;
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
        st = login_start(rq, rs, account, keep);
        if (st == ST_OK) {
            response_redirect(rs, next);
        }
        return st;
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
    return ST_OK;
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
    int64_t account;
    enum status st;

    st = login_link_take(rq, request_param(rq, "token"), &account);
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    if (st == ST_OK) {
        st = login_start(rq, rs, account, true);
    }
    if (st == ST_OK) {
        response_redirect(rs, STR("/"));
    }
    return st;
}


enum status
page_logout(struct request *rq, struct response *rs)
{
    enum status st = login_end(rq, rs);

    if (st == ST_OK) {
        response_header(rs, "Clear-Site-Data", STR("\"cache\""));
        response_redirect(rs, STR("/login/?out=1"));
    }
    return st;
}
