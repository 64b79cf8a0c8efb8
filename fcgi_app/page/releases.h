/*
 * page/releases.h - what the list of releases and the page of one share.
 */

#ifndef VEDETTE_PAGE_RELEASES_H
#define VEDETTE_PAGE_RELEASES_H

#include "model/release.h"
#include "page/span.h"
#include "web/http.h"

/* Sessions, or users, below which a rate says little and is shown so. */
#define RELEASE_SAMPLE 50

/* Per cent of a project's sessions from which on a release is adopted. */
#define RELEASE_ADOPTED 10

/* "99.41 %"; never 100 % when something crashed.  The null str below 0. */
struct str release_rate(struct arena *a, double percent);

/*
 * Sets name ("99.41 %"), name_of (how many there were), name_few (too few to
 * say much), name_bad (below 99 %); nothing when there were none.
 */
void release_show_rate(struct arena *a, struct data *d, const char *name,
                       int64_t crashed, int64_t all);

/*
 * Sets adoption ("42 %") and stage ("Adopted", "Low", "Replaced") of a release
 * that had so many of its project's sessions.
 */
void release_show_adoption(struct arena *a, struct data *d, int64_t own,
                           int64_t all, bool before);

/*
 * "/acme/releases/shop%401.1/compare/?project=shop&with=shop%401.0"; with null:
 * the one before it.
 */
struct str release_compare_link(const struct request *rq,
                                const struct release *r, struct str with);

/*
 * One sentence with its numbers: now and then, which is of another release.
 * Sets worse, better, same; few, below a sample of RELEASE_SAMPLE; alone,
 * without sessions of the other; silent, without any: part/release_verdict.cs.
 */
void release_judge(struct arena *a, struct data *d, const struct health *now,
                   const struct health *then);

#endif
