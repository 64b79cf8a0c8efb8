/*
 * page/invitation.c - the page behind an invitation's link: for somebody new,
 * with a name and a password; for somebody who is signed in, with one button.
 */

#include "model/invitation.h"

#include "model/account.h"
#include "page/pages.h"
#include "page/password.h"
#include "util/crypt.h"
#include "util/utf8.h"
#include "web/csrf.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100


/* Only looks: mail scanners and previews follow links. */
static enum status
show(struct request *rq, struct response *rs, struct invitation *v)
{
    struct data *d = data_child(rs->data, "Invitation");
    enum status st;

    st = invitation_find(rq->db, rq->a, request_param(rq, "token"), v);
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return st;
    }
    if (st != ST_OK) {
        return st;
    }
    data_bool(d, "known", true);
    data_str(d, "org", v->org_name);
    data_str(d, "email", v->email);
    data_str(d, "inviter", v->inviter);
    data_text(d, "role", role_name(v->role));
    data_str(d, "path", rq->path);
    return ST_OK;
}


enum status
page_invitation(struct request *rq, struct response *rs)
{
    struct invitation v;
    enum status st = show(rq, rs, &v);

    return st == ST_NOT_FOUND ? ST_OK : st;
}


static enum status
welcome(struct request *rq, struct response *rs, const struct invitation *v)
{
    response_redirect(rs, str_printf(rq->a, "/%.*s/", STR_FMT(v->org_slug)));
    return ST_OK;
}


/* The route is public, so that the wall has not looked for the token. */
static enum status
accept(struct request *rq, struct response *rs, const struct invitation *v)
{
    struct actor by = request_actor(rq);
    enum status st;

    if (!secret_equal(field_get(&rq->form, "csrf"), csrf_token(rq->a, rq))) {
        rq->refused = "form"; /* a word for templates/error.cs */
        return ST_DENIED;
    }
    st = invitation_accept(rq->db, rq->a, &by, request_param(rq, "token"));
    return st == ST_OK ? welcome(rq, rs, v) : st;
}


static enum status
refuse(struct request *rq, struct response *rs, const char *field,
       const char *why)
{
    rs->status = 422;
    data_tr(data_child(rs->data, "Wrong"), field, why);
    data_str(data_child(rs->data, "Form"), "name",
             str_cut(request_field(rq, "name"), 4 * NAME_MAX_CHARS));
    return ST_OK;
}


static enum status
join(struct request *rq, struct response *rs, const struct invitation *v)
{
    struct str name = request_field(rq, "name");
    struct str password = field_get(&rq->form, "password");
    const char *fault = password_fault(password, v->email);
    struct str hash;
    int64_t account;
    enum status st;

    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, "name", "A name of 100 characters at most.");
    }
    if (fault != NULL) {
        return refuse(rq, rs, "password", fault);
    }
    st = password_hash(rq->a, password, &hash);
    if (st == ST_OK) {
        st = invitation_join(rq->db, rq->a, rq->addr,
                             request_param(rq, "token"), name, hash, &account);
    }
    if (st == ST_CONFLICT) {
        data_bool(data_child(rs->data, "Invitation"), "taken", true);
        rs->status = 409;
        return ST_OK;
    }
    if (st == ST_OK) {
        st = login_start(rq, rs, account, true, STR("invitation"));
    }
    return st == ST_OK ? welcome(rq, rs, v) : st;
}


enum status
page_invitation_submit(struct request *rq, struct response *rs)
{
    struct invitation v;
    enum status st = show(rq, rs, &v);

    if (st == ST_NOT_FOUND) {
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    return rq->account != NULL ? accept(rq, rs, &v) : join(rq, rs, &v);
}
