/*
 * page/project_side.h - what stands beside the numbers of a project's page.
 */

#ifndef VEDETTE_PAGE_PROJECT_SIDE_H
#define VEDETTE_PAGE_PROJECT_SIDE_H

#include "model/overview.h"
#include "web/http.h"

/*
 * Sets Side: dsn; Newest {name, link, compare, first_seen, and how the sessions
 * of its 24 hours ended (releases.h)} of this release, or of the newest with
 * the null str; Team {slug, n}; Rule {id, name, at, snoozed}, may_write
 * (rules).
 */
enum status project_side(struct request *rq, struct data *d,
                         const struct overview_query *q,
                         struct str release) MUST_CHECK;

#endif
