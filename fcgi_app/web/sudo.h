/*
 * web/sudo.h - once more: is it still the person?
 *
 * A browser that somebody left open must not be able to give a project away or
 * to change how people sign in.  Rows of the route table whose scope ends in
 * SCOPE_SUDO (web/route.h) want a sign-in, or a confirmation by password, that
 * is no older than SUDO_SECONDS.
 *
 * The question is a page that carries the form along, so that the answer goes
 * on with what was begun.  An account without a password signs in again.
 */

#ifndef VEDETTE_WEB_SUDO_H
#define VEDETTE_WEB_SUDO_H

#include "web/http.h"

#define SUDO_SECONDS 900
/* Holds the password; no page has a field so named. */
#define SUDO_FIELD "sudo"

/*
 * *asked: the question is in rs, with its template; else the page may go on.
 * Called after the wall, so that it asks only who might do it.
 */
enum status sudo_check(struct request *rq, struct response *rs,
                       bool *asked) MUST_CHECK;

#endif
