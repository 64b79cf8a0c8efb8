/*
 * page/settings_requests.c - people who ask to become members: whether they
 * may, and what they are told.
 */

#include "page/settings_requests.h"

#include "model/join_request.h"
#include "model/organization.h"
#include "page/pages.h"
#include "web/login.h"


enum status
settings_requests_fill(struct request *rq, struct response *rs)
{
    struct join_request *list;
    size_t n = 0;
    bool open = false;
    enum status st =
        join_request_list(rq->db, rq->a, rq->org->id, &open, &list, &n);

    data_bool(rs->data, "takes_requests", open);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Requests"));

        data_i64(row, "id", list[i].account_id);
        data_str(row, "email", list[i].email);
        data_str(row, "name", list[i].name);
        data_time(row, "at", list[i].created_at);
    }
    return st;
}


static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/settings/members/",
                                     STR_FMT(rq->org->slug)));
    return ST_OK;
}


enum status
page_settings_requests(struct request *rq, struct response *rs)
{
    struct str what = request_field(rq, "do");
    enum role role = role_of(request_field(rq, "role"));
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (str_is(what, "open") || str_is(what, "close")) {
        bool open = str_is(what, "open");

        st = join_request_switch(rq->db, rq->a, &by, rq->org->id, open);
        return st == ST_OK
                   ? done(rq, rs,
                          open ? "Saved. People with an account may ask to "
                                 "join now."
                               : "Saved. Nobody can ask to join any more.")
                   : st;
    }
    if (!str_i64(request_field(rq, "account"), &id)
        || (str_is(what, "accept") && role == ROLE_NONE)
        || (!str_is(what, "accept") && !str_is(what, "decline"))) {
        return ST_NOT_FOUND;
    }
    st = join_request_answer(rq->db, rq->a, &by, rq->org->id, id,
                             str_is(what, "accept") ? role : ROLE_NONE);
    if (st == ST_OK) {
        return done(rq, rs,
                    str_is(what, "accept")
                        ? "Accepted. This person is a member now."
                        : "Declined.");
    }
    return st == ST_NOT_FOUND
               ? done(rq, rs, "This request was answered or taken back.")
               : st;
}
