/*
 * cmd/chore_pulse.h - an event of the installation's own every pulse.every
 * seconds, sent to an edge as an SDK sends one, so that a line that has broken
 * without a word is noticed before the next real event would have come.
 *
 * It goes to system.url-prefix, or pulse.url, and nowhere else.
 */

#ifndef VEDETTE_CMD_CHORE_PULSE_H
#define VEDETTE_CMD_CHORE_PULSE_H

#include "cmd/chores.h"
#include "json/doc.h"

enum status chore_pulse(struct chore_context *c, bool *more) MUST_CHECK;

/* Into the report of model/health.h; nothing when no event is sent. */
enum status chore_pulse_tell(struct chore_context *c,
                             struct json *report) MUST_CHECK;

#endif
