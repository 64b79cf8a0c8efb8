/*
 * cmd/queue_brake.h - the words of "vedette queue" that stop something.
 */

#ifndef VEDETTE_CMD_QUEUE_BRAKE_H
#define VEDETTE_CMD_QUEUE_BRAKE_H

#include "cmd/cmd.h"

/* False when the word is none of these; else rc is the exit status. */
bool queue_brake(struct app *app, const char *name, int *rc);

#endif
