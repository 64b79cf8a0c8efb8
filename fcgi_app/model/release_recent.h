/*
 * model/release_recent.h - how releases did in the last 24 hours, added up
 * where an organisation has many projects, for its dashboard (release_news).
 *
 * A chore does it every minute.  Where it has not, because there are few
 * projects or no worker runs, the hours themselves are read.
 */

#ifndef VEDETTE_MODEL_RELEASE_RECENT_H
#define VEDETTE_MODEL_RELEASE_RECENT_H

#include "db/db.h"

/* What began before this is not recent: 24 hours with the one that runs. */
int64_t release_recent_since(int64_t now);

enum status release_recent_reckon(struct db *db, struct arena *a,
                                  int64_t now) MUST_CHECK;

#endif
