/*
 * web/pager.h - pages of a list by key, without OFFSET and COUNT.
 *
 * The cursor of a link is the key of the row at the edge: "<key>.<id>", both
 * decimal, with a "-" in front to look backwards.  A list is ordered by (key
 * desc, id desc); the statement takes
 *
 *     ($1::bigint is null or (key, id) < ($1, $2))
 *
 * or its mirror and one row more than the page shows.
 */

#ifndef VEDETTE_WEB_PAGER_H
#define VEDETTE_WEB_PAGER_H

#include "web/http.h"

struct pager {
    bool set;      /* false: the first page */
    bool backward; /* rows before the cursor, to be turned round */
    int64_t key;
    int64_t id;
};

/* ?cursor= of the query; anything unreadable is the first page. */
struct pager pager_read(const struct request *rq);

/*
 * Sets Pager.newer and Pager.older, links with all other arguments kept, where
 * there is more.  more: the statement gave a row beyond the page.  first and
 * last: the ends of what is shown, n rows.
 */
void pager_show(struct data *d, const struct request *rq, const struct pager *p,
                size_t n, bool more, struct pager first, struct pager last);

#endif
