/*
 * db/times.h - how long the statements of this process took.
 *
 * Each is counted under its name, this hour and the one before; its values are
 * never looked at.  Signs of life carry the sum (queue/proc.h), and the health
 * page adds the processes up.
 */

#ifndef VEDETTE_DB_TIMES_H
#define VEDETTE_DB_TIMES_H

#include "db/statements.h"
#include "util/str.h"

#define DB_TIMES_TOLD 30 /* statements, those that took most in all */

void db_times_add(enum sql stmt, int64_t took_us, int64_t now);

/* Lines "name times µs", the longest sum first; "" when there was none. */
struct str db_times_tell(struct arena *a);

#endif
