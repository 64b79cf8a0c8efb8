/*
 * model/ledger.h - the ledger by days.
 *
 * outcome_hour has every outcome by the hour (model/outcome.h).  A day that has
 * been over for an hour is added up, by quarters, into outcome_day, and the
 * mark (outcome_mark) set to it; long ranges read days up to the mark and hours
 * above it (the function outcome_span), so hours can go after some weeks and
 * the days stay.
 *
 * What comes late for a day below the mark is written into both, in the same
 * transaction.  The two exclude each other by an advisory lock: the writer of
 * late outcomes takes it shared before it reads the mark, the chore alone.
 */

#ifndef VEDETTE_MODEL_LEDGER_H
#define VEDETTE_MODEL_LEDGER_H

#include "db/db.h"

/* Hours of the ledger are kept as long. */
#define LEDGER_HOUR_DAYS 35

/* A chore: adds up one day; *more: another one is over as well. */
enum status ledger_close(struct db *db, struct arena *a, bool *more) MUST_CHECK;

/*
 * For outcome_add, in its transaction, before a statement that writes hours of
 * days that are over.
 */
enum status ledger_late(struct db *db, struct arena *a) MUST_CHECK;

#endif
