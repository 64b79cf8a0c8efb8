/*
 * web/second.h - the door after the first one: signing in when the account has
 * a second factor.
 *
 * Whoever has passed the first (a password, a link, single sign-on) and needs a
 * code gets a cookie that is good for nothing but asking for it, 10 minutes
 * long.  A device may be remembered for 30 days, until the password or the
 * second factor changes:
 *
 *     vedette:second:<digest>  hash account, keep, next, via
 *     vedette:device:<digest>  "account:secured_at"
 */

#ifndef VEDETTE_WEB_SECOND_H
#define VEDETTE_WEB_SECOND_H

#include "web/login.h"

/*
 * The account has passed the first door: signs it in and goes to next, or asks
 * for the code.
 */
enum status second_enter(struct request *rq, struct response *rs,
                         int64_t account, bool keep, const char *via,
                         struct str next) MUST_CHECK;

/* ST_NOT_FOUND: nobody stands between the doors. */
enum status second_waiting(struct request *rq, int64_t *account) MUST_CHECK;

/*
 * Judges the code and signs in.  ST_DENIED: it is wrong; ST_LIMITED: too many
 * were, *wait in seconds.
 */
enum status second_pass(struct request *rq, struct response *rs,
                        struct str code, bool remember,
                        int64_t *wait) MUST_CHECK;

#endif
