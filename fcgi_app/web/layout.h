/*
 * web/layout.h - what stands around every page: who is signed in, where one
 * is, where one can go.
 */

#ifndef VEDETTE_WEB_LAYOUT_H
#define VEDETTE_WEB_LAYOUT_H

#include "web/http.h"

/*
 * Sets Site, Page and, when somebody is signed in, Me, Csrf, Org, Project and
 * the lists of the switcher.  Two statements at most.
 */
enum status layout_fill(struct request *rq, struct response *rs) MUST_CHECK;

/* As above without a statement: for error pages. */
void layout_fill_site(const struct request *rq, struct response *rs);

#endif
