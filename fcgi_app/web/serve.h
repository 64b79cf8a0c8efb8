/*
 * web/serve.h - one request, from its bytes to the bytes of its answer.
 */

#ifndef VEDETTE_WEB_SERVE_H
#define VEDETTE_WEB_SERVE_H

#include "web/http.h"
#include "web/route.h"

/*
 * Signs in, finds the route, enters it, checks the form, calls the page and
 * renders.  Always yields an answer; headers of reliability.md §4 are on each.
 */
struct str serve(const struct routes *routes, struct request *rq);

#endif
