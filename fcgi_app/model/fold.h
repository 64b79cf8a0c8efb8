/*
 * model/fold.h - what follows the digest: tag values of projects by hour and
 * day, and of issues with many events, and the order of the stream.  The essay
 * is in model/keep.h.
 */

#ifndef VEDETTE_MODEL_FOLD_H
#define VEDETTE_MODEL_FOLD_H

#include "db/db.h"

/* Events of an issue that are counted at each look before they are folded. */
#define FOLD_FROM 500

/*
 * Distinct values of a key that an issue counts, and a project in a day if the
 * key is wide; the others go under "".
 */
#define FOLD_VALUES 1000

/*
 * Counts some of the events that the digest has stored since; *more: there are
 * others.  What it has counted it never counts again.  Their issues are where
 * they belong in the stream.
 */
enum status fold_events(struct db *db, struct arena *a, bool *more) MUST_CHECK;

/*
 * Folds all events of these issues up to where fold_events is.  In a
 * transaction, when their events or counters are about to be moved or taken
 * away: after it, what is left in the events is above one and the same mark.
 */
enum status fold_issues(struct db *db, struct arena *a, const int64_t *ids,
                        size_t n) MUST_CHECK;

#endif
