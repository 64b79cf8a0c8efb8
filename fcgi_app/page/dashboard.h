/*
 * page/dashboard.h - parts of the dashboard that have a file of their own.
 */

#ifndef VEDETTE_PAGE_DASHBOARD_H
#define VEDETTE_PAGE_DASHBOARD_H

#include "page/chart.h"

#define DASHBOARD_FLAGS 4

/*
 * Where the newest releases of these projects came first, since a time (µs);
 * and in d Free, how the sessions of 24 hours ended: sessions and users
 * (release_show_rate), Release {version, project, link, free, free_of,
 * free_few, free_bad} of those that have most of them.  keep: seconds that all
 * of it may be old.
 */
enum status dashboard_releases(struct request *rq, const int64_t *projects,
                               size_t nprojects, int64_t since, int keep,
                               struct data *d, struct flag *flags,
                               size_t *n) MUST_CHECK;

/* Alert {rule, name, cause, at}: what was told last. */
enum status dashboard_alerts(struct request *rq, struct data *d) MUST_CHECK;

#endif
