/*
 * page/forgot.c - a forgotten password: a one-time link by mail.
 *
 * The answer is the same for every address and goes out before anything is
 * looked up, so that its time tells nothing either.  Whoever runs this Vedette
 * can make a link without a mail server: vedette account link.
 */

#include "model/account.h"
#include "page/pages.h"
#include "util/log.h"
#include "web/login.h"


enum status
page_forgot(struct request *rq, struct response *rs)
{
    (void) rq;
    (void) rs;
    return ST_OK;
}


static void
send_link(struct request *rq)
{
    struct str email;
    enum status st;

    if (!account_email(rq->a, request_field(rq, "email"), &email)) {
        return;
    }
    st = account_forgot(rq->db, rq->redis, rq->a, email);
    if (st != ST_OK) {
        log_error("a link to sign in was not sent: %s", status_text(st));
    }
}


enum status
page_forgot_submit(struct request *rq, struct response *rs)
{
    struct str email =
        str_lower(rq->a, str_cut(request_field(rq, "email"), 320));
    int64_t wait;
    enum status st = login_brake(rq, "forgot", email, &wait);

    if (st == ST_LIMITED) {
        rs->status = 429;
        data_i64(data_child(rs->data, "Form"), "wait", wait);
        response_header(rs, "Retry-After",
                        str_printf(rq->a, "%lld", (long long) wait));
        return ST_OK;
    }
    if (st == ST_OK) {
        data_bool(data_child(rs->data, "Form"), "sent", true);
        rq->after = send_link;
    }
    return st;
}
