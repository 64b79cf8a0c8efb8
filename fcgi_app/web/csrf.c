#include "web/csrf.h"

#include "util/crypt.h"
#include "web/login.h"
#include "web/route.h"


struct str
csrf_token(struct arena *a, const struct request *rq)
{
    if (rq->login == NULL) {
        return STR("");
    }
    /* 128 bits are enough, and a page has it once a form */
    return str_sub(mac_hex(a, rq->login->secret, STR("vedette csrf")), 0, 32);
}


bool
csrf_from_here(const struct request *rq)
{
    ptrdiff_t at;

    if (rq->fetch_site.n > 0) {
        return str_is(rq->fetch_site, "same-origin");
    }
    if (rq->origin.n > 0) {
        at = str_find(rq->origin, STR("://"));
        return at != -1
               && str_ieq(str_sub(rq->origin, (size_t) at + 3, rq->origin.n),
                          rq->host);
    }
    return false;
}


/* No browser of the last years says nothing; the token has to be right, too. */
static bool
may_be_from_here(const struct request *rq)
{
    return (rq->fetch_site.n == 0 && rq->origin.n == 0) || csrf_from_here(rq);
}


enum status
csrf_check(const struct request *rq)
{
    if (!may_be_from_here(rq)) {
        return ST_DENIED;
    }
    if (strcmp(rq->route->scope, "public") == 0) {
        /* sign-in: a secret to bind a token to is what it is to make */
        return ST_OK;
    }
    return secret_equal(field_get(&rq->form, "csrf"), csrf_token(rq->a, rq))
               ? ST_OK
               : ST_DENIED;
}
