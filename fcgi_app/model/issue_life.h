/*
 * model/issue_life.h - what becomes of issues by themselves, by the worker's
 * chores: archived ones come back, ongoing ones escalate, new ones settle,
 * forgotten ones are resolved.  Each change is an activity without an account.
 */

#ifndef VEDETTE_MODEL_ISSUE_LIFE_H
#define VEDETTE_MODEL_ISSUE_LIFE_H

#include "db/db.h"

/* Hours without an event after which issues of a project are resolved. */
#define ISSUE_AUTO_RESOLVE "issue.auto_resolve"

/*
 * Archived issues whose time is up, whose condition is met, or of which more
 * events come than the forecast says; and ongoing ones of which more have come
 * in this hour than is usual for them.  *more: there are others to look at.
 */
enum status issue_life_return(struct db *db, struct arena *a,
                              bool *more) MUST_CHECK;

/* New, regressed and escalating ones are ongoing after seven days. */
enum status issue_life_settle(struct db *db, struct arena *a,
                              bool *more) MUST_CHECK;

/* Those that have not been seen for as long as their project says. */
enum status issue_life_resolve(struct db *db, struct arena *a,
                               bool *more) MUST_CHECK;

#endif
