/*
 * model/tag_sum.h - what all projects of an organisation have counted by tag,
 * added up for the days that are over, where there are many projects
 * (explore_counted).
 *
 * A chore adds up a day at a time, the latest first.  What is counted later for
 * such a day, from an edge that was cut off, or goes with a key takes the sums
 * of the day away (fold_projects, sql/0080_tag_sum.sql): they are made anew,
 * and until then, as where no worker runs, the counters themselves are read.
 */

#ifndef VEDETTE_MODEL_TAG_SUM_H
#define VEDETTE_MODEL_TAG_SUM_H

#include "db/db.h"

/* Adds up one day, if one is due; more: perhaps another is. */
enum status tag_sum_reckon(struct db *db, struct arena *a,
                           bool *more) MUST_CHECK;

#endif
