/*
 * cmd/chore_alert.h - the chores of alerts: rows of the table in chores.c.
 */

#ifndef VEDETTE_CMD_CHORE_ALERT_H
#define VEDETTE_CMD_CHORE_ALERT_H

#include "cmd/chores.h"

/* Rules that count: minutes of issues that have changed. */
enum status chore_alert_count(struct chore_context *c, bool *more) MUST_CHECK;

/* Rules about projects as a whole: silence, delay, limits. */
enum status chore_alert_watch(struct chore_context *c, bool *more) MUST_CHECK;

/* Rules about numbers, and their incidents. */
enum status chore_alert_metric(struct chore_context *c, bool *more) MUST_CHECK;

/* On Mondays: what happened in the week before. */
enum status chore_alert_weekly(struct chore_context *c, bool *more) MUST_CHECK;

/* Counters and history that are too old to be looked at. */
enum status chore_alert_forget(struct chore_context *c, bool *more) MUST_CHECK;

#endif
