/*
 * web/kept.h - what somebody typed is not lost because a sign-in has ended.
 *
 * A form that comes from a page of ours, without a login or with the token of
 * an earlier one, is not carried out; it is answered by a page that holds all
 * of it, shows what was typed, and sends it again by a button, once somebody is
 * signed in.  Nothing of it is stored here: it goes back to the browser that it
 * came from, and into no cache.
 */

#ifndef VEDETTE_WEB_KEPT_H
#define VEDETTE_WEB_KEPT_H

#include "web/http.h"

/*
 * True: the page is in rs, with its template.  False when there is nothing to
 * keep, or the browser does not say that the form stood on a page of ours.
 * The form is parsed.
 */
bool kept_ask(struct request *rq, struct response *rs);

/* The page of ours that the browser comes from; "/" when it does not say. */
struct str kept_return(const struct request *rq);

#endif
