/*
 * page/project_transfer.c - a project goes to another organisation: asking for
 * it in its own settings, and answering in those of the other one.
 */

#include "model/project_transfer.h"

#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"
#include "web/login.h"
#include "web/route.h"

#define SLUG_MAX 100


static void
fill(const struct request *rq, struct data *d, const struct project_transfer *t)
{
    data_i64(d, "id", t->id);
    data_str(d, "address", t->address);
    data_str(d, "asked_by", t->asked_by);
    data_time(d, "asked_at", t->asked_at);
    data_time(d, "expires_at", t->expires_at);
    data_bool(d, "moving", t->accepted_at != 0);
    data_bool(d, "declined", t->declined_at != 0);
    data_bool(d, "expired", t->accepted_at == 0 && t->expires_at <= rq->now);
}


enum status
page_project_transfer(struct request *rq, struct response *rs)
{
    struct project_transfer t;
    enum status st =
        project_transfer_find(rq->db, rq->a, rq->org->id, rq->project->id, &t);

    if (st == ST_OK) {
        fill(rq, data_child(rs->data, "Transfer"), &t);
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


static enum status
refuse(struct request *rq, struct response *rs, int status, const char *why)
{
    rs->status = status;
    data_tr(data_child(rs->data, "Wrong"), "to", why);
    data_str(rs->data, "to", str_cut(request_field(rq, "to"), SLUG_MAX));
    return page_project_transfer(rq, rs);
}


static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/projects/%.*s/transfer/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(rq->project->slug)));
    return ST_OK;
}


static enum status
withdraw(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    enum status st = project_transfer_withdraw(rq->db, rq->a, &by, rq->project);

    return st == ST_OK || st == ST_NOT_FOUND
               ? done(rq, rs, "Withdrawn: the project stays here.")
               : st;
}


/* A sign-in by this organisation's provider says nothing about another one. */
static bool
owner_everywhere(const struct request *rq)
{
    return rq->account->is_superuser && login_confined(rq->login) == 0;
}


enum status
page_project_transfer_ask(struct request *rq, struct response *rs)
{
    struct str to = str_lower(rq->a, request_field(rq, "to"));
    struct actor by = request_actor(rq);
    bool accepted;
    enum status st;

    if (!str_null(field_get(&rq->form, "withdraw"))) {
        return withdraw(rq, rs);
    }
    if (!slug_valid(to)) {
        return refuse(rq, rs, 422, "This is no address of an organisation.");
    }
    if (rq->project->delete_at != 0) {
        return refuse(rq, rs, 409, "The project is waiting to be deleted.");
    }
    st = project_transfer_ask(rq->db, rq->a, &by, rq->project, to,
                              owner_everywhere(rq),
                              login_confined(rq->login) == 0, &accepted);
    if (st == ST_CONFLICT) {
        return refuse(rq, rs, 409,
                      "It is there already, or on its way to another one.");
    }
    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                accepted ? "It is on its way. Its keys work all the time."
                         : "Asked. The owners of that organisation find it in "
                           "their settings.");
}


/* The other side */

enum status
page_settings_transfers(struct request *rq, struct response *rs)
{
    struct project_transfer *offers;
    enum status st;
    size_t n;

    st = project_transfer_offers(rq->db, rq->a, rq->org->id, &offers, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Offers"));

        fill(rq, row, &offers[i]);
        data_str(row, "organization", offers[i].organization);
        data_str(row, "name", offers[i].project);
        data_str(row, "slug", offers[i].slug);
        data_str(row, "platform", offers[i].platform);
    }
    return st;
}


enum status
page_settings_transfer_answer(struct request *rq, struct response *rs)
{
    bool accept = str_is(request_field(rq, "do"), "accept");
    struct actor by = request_actor(rq);
    int64_t id;
    enum status st;

    if (!str_i64(request_param(rq, "transfer"), &id)) {
        return ST_NOT_FOUND;
    }
    if (!accept && !str_is(request_field(rq, "do"), "decline")) {
        return request_wrong(rq, "do");
    }
    st = project_transfer_answer(rq->db, rq->a, &by, rq->org->id, id, accept);
    if (st == ST_OK) {
        login_flash(rq, accept ? STR("Accepted. The project is on its way; "
                                     "large ones take some minutes.")
                               : STR("Declined."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/settings/transfers/",
                                         STR_FMT(rq->org->slug)));
    }
    return st;
}
