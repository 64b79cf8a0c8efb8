#include "web/kept.h"

#include <string.h>

#include "model/account.h"
#include "web/csrf.h"
#include "web/form.h"
#include "web/login.h"
#include "web/route.h"

#define SHOWN_CHARS 24 /* a value that long was written by somebody */


/* A password is typed again: it does not go into a page. */
static bool
is_password(struct str name)
{
    return str_find(name, STR("password")) != -1 || str_is(name, "sudo")
           || str_is(name, "again") || str_is(name, "new")
           || str_is(name, "old");
}


/* Words of somebody's, as against what buttons and hidden fields say. */
static bool
is_typed(struct str value)
{
    return value.n >= SHOWN_CHARS || str_chr(value, ' ') != -1
           || str_chr(value, '\n') != -1;
}


static size_t
carry(const struct request *rq, struct data *d)
{
    size_t n = 0;

    for (size_t i = 0; i < rq->form.n; i++) {
        const struct field *f = &rq->form.v[i];
        struct data *row;

        if (str_is(f->name, "csrf")) {
            continue;
        }
        if (is_password(f->name)) {
            data_bool(d, "without_password", true);
            continue;
        }
        row = data_row(data_child(d, "Fields"));
        data_str(row, "name", f->name);
        data_str(row, "value", f->value);
        data_bool(row, "typed", is_typed(f->value));
        n++;
    }
    return n;
}


struct str
kept_return(const struct request *rq)
{
    ptrdiff_t at = str_find(rq->referer, STR("://"));
    struct str rest;

    if (at == -1) {
        return STR("/");
    }
    rest = str_sub(rq->referer, (size_t) at + 3, rq->referer.n);
    at = str_chr(rest, '/');
    if (at == -1 || !str_ieq(str_sub(rest, 0, (size_t) at), rq->host)) {
        return STR("/");
    }
    return login_next(str_sub(rest, (size_t) at, rest.n));
}


bool
kept_ask(struct request *rq, struct response *rs)
{
    struct data *d = data_child(rs->data, "Kept");

    if (!csrf_from_here(rq) || strcmp(rq->route->pattern, "/logout/") == 0
        || carry(rq, d) == 0) {
        return false;
    }
    rs->status = 403;
    rs->template = "kept.cs";
    data_bool(d, "signed_in", rq->login != NULL);
    if (rq->account != NULL && rq->login != NULL) {
        data_str(d, "email", rq->account->email);
    }
    data_str(d, "next", kept_return(rq));
    data_str(d, "action",
             rq->query.n > 0 ? str_printf(rq->a, "%.*s?%.*s", STR_FMT(rq->path),
                                          STR_FMT(rq->query))
                             : rq->path);
    return true;
}
