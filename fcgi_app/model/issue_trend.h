/*
 * model/issue_trend.h - the issues that have more events than a day ago, for
 * the stream's order by trend (issue_list.sql).
 *
 * A chore works them out anew every few minutes, a thousand of an organisation
 * at most; in the stream all others stand behind them, by last seen.
 */

#ifndef VEDETTE_MODEL_ISSUE_TREND_H
#define VEDETTE_MODEL_ISSUE_TREND_H

#include "db/db.h"

#define ISSUE_TREND_SECONDS 300

/* Unless they were reckoned so many seconds ago, whoever did it. */
enum status issue_trend_reckon(struct db *db, struct arena *a,
                               int64_t now) MUST_CHECK;

#endif
