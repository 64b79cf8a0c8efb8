/*
 * model/ledger.h - the ledger by days.
 *
 * outcome_hour has every outcome by the hour (model/outcome.h).  Hours that
 * have been over for an hour are added up, by quarters of a day, into
 * outcome_day, and the mark (outcome_mark) set to where the next one begins;
 * long ranges read days and the hours above the mark (the functions
 * outcome_span, outcome_slots and outcome_totals), so hours can go after some
 * weeks and the days stay.
 *
 * What comes late for an hour below the mark is written into both, in the same
 * transaction.  The two exclude each other by an advisory lock: the writer of
 * late outcomes takes it shared before it reads the mark, the chore alone.
 */

#ifndef VEDETTE_MODEL_LEDGER_H
#define VEDETTE_MODEL_LEDGER_H

#include "db/db.h"

/* Hours of the ledger are kept as long. */
#define LEDGER_HOUR_DAYS 35

/* So long after its end an hour is not closed yet, by any clock. */
#define LEDGER_OPEN_US (US_PER_HOUR / 2)

/* A chore: adds up hours of one day; *more: there are others. */
enum status ledger_close(struct db *db, struct arena *a, bool *more) MUST_CHECK;

/* For outcome_add, in its transaction, before it writes hours that may be. */
enum status ledger_late(struct db *db, struct arena *a) MUST_CHECK;

#endif
