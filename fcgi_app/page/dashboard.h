/*
 * page/dashboard.h - parts of the dashboard that have a file of their own.
 */

#ifndef VEDETTE_PAGE_DASHBOARD_H
#define VEDETTE_PAGE_DASHBOARD_H

#include "page/chart.h"

#define DASHBOARD_FLAGS 4

struct release_news;

/*
 * How releases of these projects do, also of each of `own` by itself (at most
 * RELEASE_OWN).  keep: seconds that it may be old.
 */
enum status dashboard_news(struct request *rq, const int64_t *projects,
                           size_t nprojects, const int64_t *own, size_t nown,
                           int64_t since, int keep,
                           struct release_news **out) MUST_CHECK;

/*
 * Of a project's card: release, its newest; free, free_of, free_few, free_bad
 * (release_show_rate), of all its sessions.
 */
void dashboard_card(struct request *rq, struct data *row,
                    const struct release_news *news, int64_t project_id);

/*
 * Flags where the newest releases came first; and in d Free, how the sessions
 * of 24 hours ended: sessions and users (release_show_rate), Release {version,
 * project, link, free, free_of, free_few, free_bad} of those that have most of
 * them.
 */
size_t dashboard_releases(struct request *rq, struct data *d,
                          const struct release_news *news, struct flag *flags);

/* Alert {rule, name, cause, at}: what was told last. */
enum status dashboard_alerts(struct request *rq, struct data *d) MUST_CHECK;

#endif
