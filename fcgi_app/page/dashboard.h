/*
 * page/dashboard.h - parts of the dashboard that have a file of their own.
 */

#ifndef VEDETTE_PAGE_DASHBOARD_H
#define VEDETTE_PAGE_DASHBOARD_H

#include "page/chart.h"

#define DASHBOARD_FLAGS 4

/* Where the newest releases of these projects came first, since a time (µs). */
enum status dashboard_flags(struct request *rq, const int64_t *projects,
                            size_t nprojects, int64_t since, struct flag *flags,
                            size_t *n) MUST_CHECK;

/* Alert {rule, name, cause, at}: what was told last. */
enum status dashboard_alerts(struct request *rq, struct data *d) MUST_CHECK;

#endif
