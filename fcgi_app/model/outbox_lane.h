/*
 * model/outbox_lane.h - whose turn it is to send.
 *
 * Any number of senders, of any number of machines, work side by side.  What
 * they share out are lanes: the rows of one endpoint, or a share of the mails
 * or of the routing.  A sender has a lane to itself while one of its rows is
 * leased, so an endpoint gets one request at a time, and one that hangs holds
 * up nobody but itself.
 *
 * A lease ends with the session of the sender that has it, or by itself.
 *
 * Within a lane what is due first comes first; of an issue (or of a rule's
 * number) nothing passes what is to be tried again.
 */

#ifndef VEDETTE_MODEL_OUTBOX_LANE_H
#define VEDETTE_MODEL_OUTBOX_LANE_H

#include "model/outbox.h"

#define OUTBOX_LEASE_US (60 * US_PER_SECOND)
#define OUTBOX_LANE_MAX 128 /* bytes of a lane's name that a turn keeps */

struct outbox_turn {
    struct str lane;
    struct outbox_row *rows; /* leased, in the order to send them in */
    size_t n;                /* 0: there is nothing to do */
    int64_t ready_at;        /* µs: when there will be; 0: nothing waits */
};

/*
 * The next lane behind one (a null str: from the start, around) that has rows
 * to send and nobody in it: max of them at most, for a lease.  failing: how
 * many lanes of endpoints that have failed may be at work at once.
 */
enum status outbox_take(struct db *db, struct arena *a, struct str behind,
                        int max, int failing,
                        struct outbox_turn *out) MUST_CHECK;

/* The turn is over after so many rows; the others are free again. */
enum status outbox_release(struct db *db, struct arena *a,
                           const struct outbox_turn *turn,
                           size_t done) MUST_CHECK;

#endif
