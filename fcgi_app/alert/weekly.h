/*
 * alert/weekly.h - weekly reports by mail: what happened in the projects that
 * somebody sees.
 */

#ifndef VEDETTE_ALERT_WEEKLY_H
#define VEDETTE_ALERT_WEEKLY_H

#include "model/weekly.h"

/*
 * Writes to the next members of one organisation, if it is time for it; *more:
 * there are further ones.  A week's report is added to the outbox once.
 */
enum status weekly_turn(struct db *db, struct arena *a, int64_t now,
                        bool *more) MUST_CHECK;

/*
 * Writes the last whole week's report to all members of an organisation, now;
 * *n: mails that were added.  The same week twice is one mail.
 */
enum status weekly_send(struct db *db, struct arena *a,
                        struct weekly_organization *org, int64_t now,
                        size_t *n) MUST_CHECK;

#endif
