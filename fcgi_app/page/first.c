/*
 * page/first.c - the first account of an installation, made in the browser by
 * whoever has read the address in the log of `vedette web`.
 */

#include "model/account.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/password.h"
#include "util/crypt.h"
#include "util/utf8.h"
#include "web/login.h"

#define NAME_MAX_CHARS 100


enum status
page_first(struct request *rq, struct response *rs)
{
    enum status st;

    st = account_first_known(rq->db, rq->redis, rq->a,
                             request_param(rq, "token"));
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    data_bool(rs->data, "known", st == ST_OK);
    return st;
}


static enum status
refuse(const struct request *rq, struct response *rs, const char *field,
       const char *why)
{
    struct data *form = data_child(rs->data, "Form");

    rs->status = 422;
    data_bool(rs->data, "known", true);
    data_tr(data_child(rs->data, "Wrong"), field, why);
    data_str(form, "name", str_cut(request_field(rq, "name"), 400));
    data_str(form, "email", str_cut(request_field(rq, "email"), 254));
    data_str(form, "org", str_cut(request_field(rq, "org"), 400));
    return ST_OK;
}


enum status
page_first_submit(struct request *rq, struct response *rs)
{
    struct str name = request_field(rq, "name");
    struct str org = request_field(rq, "org");
    struct str slug = slug_from(rq->a, org);
    struct str password = field_get(&rq->form, "password");
    struct str email, hash;
    const char *fault;
    int64_t id;
    enum status st;

    st = account_first_known(rq->db, rq->redis, rq->a,
                             request_param(rq, "token"));
    if (st == ST_NOT_FOUND) {
        rs->status = 404;
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    if (name.n == 0 || utf8_length(name) > NAME_MAX_CHARS) {
        return refuse(rq, rs, "name", "A name of 100 characters at most.");
    }
    if (!account_email(rq->a, request_field(rq, "email"), &email)) {
        return refuse(rq, rs, "email", "This is no mail address.");
    }
    if (org.n == 0 || utf8_length(org) > NAME_MAX_CHARS || !slug_valid(slug)) {
        return refuse(rq, rs, "org",
                      "A name of 2 to 100 characters, with a letter a to z.");
    }
    fault = password_fault(password, email);
    if (fault != NULL) {
        return refuse(rq, rs, "password", fault);
    }
    st = password_hash(rq->a, password, &hash);
    if (st == ST_OK) {
        st = account_first(rq->db, rq->a, rq->addr, email, name, hash, slug,
                           org, &id);
    }
    if (st == ST_OK) {
        st = login_start(rq, rs, id, true, STR("password"));
    }
    if (st == ST_OK) {
        response_redirect(
            rs, str_printf(rq->a, "/%.*s/new-project/", STR_FMT(slug)));
    }
    return st;
}
