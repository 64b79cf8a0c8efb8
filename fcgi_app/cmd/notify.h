/*
 * cmd/notify.h - the processes of "vedette worker" that send notifications.
 */

#ifndef VEDETTE_CMD_NOTIFY_H
#define VEDETTE_CMD_NOTIFY_H

/* Runs until it is told to stop; for prefork. */
int notify_run(void *arg);

#endif
