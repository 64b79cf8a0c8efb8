/*
 * cmd/chore_health.h - a look at the whole installation, left in Redis for
 * those who may not look themselves (model/health.h).
 */

#ifndef VEDETTE_CMD_CHORE_HEALTH_H
#define VEDETTE_CMD_CHORE_HEALTH_H

#include "cmd/chores.h"

enum status chore_health(struct chore_context *c, bool *more) MUST_CHECK;

#endif
