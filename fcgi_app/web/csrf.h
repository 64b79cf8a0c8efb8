/*
 * web/csrf.h - a POST must come from a page of ours.
 *
 * Three walls: the cookie is SameSite=Lax; Sec-Fetch-Site (or else Origin)
 * must name our own site; and the form carries a token that is a keyed hash of
 * the login's secret, so that a foreign or an earlier login's token is worth
 * nothing.  <?cs call:csrf() ?> in every form; only the public ones, of
 * sign-in, do without the token.
 */

#ifndef VEDETTE_WEB_CSRF_H
#define VEDETTE_WEB_CSRF_H

#include "web/http.h"

/* The token of the login; "" without one. */
struct str csrf_token(struct arena *a, const struct request *rq);

/* The browser says so itself; one that says nothing does not. */
bool csrf_from_here(const struct request *rq);

/* ST_DENIED when the POST did not come from our own page. */
enum status csrf_check(const struct request *rq) MUST_CHECK;

#endif
