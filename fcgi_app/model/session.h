/*
 * model/session.h - sessions after they have been counted; the counters are
 * model/release.h's.
 */

#ifndef VEDETTE_MODEL_SESSION_H
#define VEDETTE_MODEL_SESSION_H

#include "db/db.h"

/* Rows that one call of session_forget takes away, of each table. */
#define SESSION_FORGET_ROWS 5000

/*
 * Forgets sessions and users of which no update can come any more; *more when
 * there are still some.
 */
enum status session_forget(struct db *db, struct arena *a,
                           bool *more) MUST_CHECK;

#endif
