/*
 * model/ticket_look.h - reading tickets again, should a webhook be missed.
 *
 * A ticket is due half an hour after it was last seen to change, then the
 * later the longer it stays as it is, up to a day; a webhook that arrives moves
 * it, too (ticket_seen).  A chore makes a job for a connection with tickets
 * that are due (outbox, cause TICKET_LOOK_CAUSE); the notify process reads up
 * to TICKET_LOOK_MAX of them.  A connection has one such job a minute at most.
 */

#ifndef VEDETTE_MODEL_TICKET_LOOK_H
#define VEDETTE_MODEL_TICKET_LOOK_H

#include "model/ticket.h"

#define TICKET_LOOK_CAUSE "look"
#define TICKET_LOOK_MAX 10 /* tickets of a job */

struct ticket_look {
    int64_t ran_at;  /* 0: never */
    int64_t due_at;  /* 0: there are no tickets */
    int64_t tickets; /* read by the last job */
    int64_t changed; /* of them */
};

/* The chore: jobs for connections whose time is up, some at a time. */
enum status ticket_look_due(struct db *db, struct arena *a,
                            bool *more) MUST_CHECK;

/* Those of a connection that are due, TICKET_LOOK_MAX at most. */
enum status ticket_look_list(struct db *db, struct arena *a,
                             int64_t organization_id, int64_t integration_id,
                             struct ticket **out, size_t *n) MUST_CHECK;

/* A job is done; says when the next is. */
enum status ticket_look_end(struct db *db, struct arena *a,
                            int64_t organization_id, int64_t integration_id,
                            size_t tickets, size_t changed) MUST_CHECK;

/* For the connection's page. */
enum status ticket_look_state(struct db *db, struct arena *a,
                              int64_t organization_id, int64_t integration_id,
                              struct ticket_look *out) MUST_CHECK;

#endif
