#include "page/password.h"

#include "model/account.h"
#include "util/crypt.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "web/login.h"

#define PASSWORD_MIN 12 /* characters */
#define LINK_SECONDS 900


const char *
password_fault(struct str password, struct str email)
{
    if (utf8_length(password) < PASSWORD_MIN) {
        return "12 characters at least.";
    }
    if (password.n > PASSWORD_MAX) {
        return "256 bytes at most.";
    }
    if (str_ieq(password, email)) {
        return "Not your mail address: it is the first guess.";
    }
    return NULL;
}


bool
password_again(const struct request *rq)
{
    struct str hash = rq->account->password_hash;
    struct str current = field_get(&rq->form, "current");

    /* who came by the link of a mail just now has forgotten it */
    return str_null(hash)
           || (rq->login != NULL && str_is(rq->login->via, "forgotten")
               && rq->now / US_PER_SECOND - rq->login->created < LINK_SECONDS)
           || (current.n <= PASSWORD_MAX && password_matches(hash, current));
}
