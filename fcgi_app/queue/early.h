/*
 * queue/early.h - the newest entries of a long queue, before their turn.
 *
 * A flood of one issue must not hide what else happens: an error that nobody
 * has seen yet would wait behind thousands that say the same.  So while the
 * queue is long a worker adds to its batch, now and then, the newest entries.
 * They have to be digested anyway; only their order changes, and no entry is
 * worked on twice.  Of what comes once in a flood that is still going on some
 * entries slip by and wait for their turn; what comes again is seen soon.
 *
 * An entry that is taken early is pending with its worker, as if it had been
 * read (XCLAIM with FORCE), so all that holds for pending entries holds for it.
 * But it still lies ahead of those who read in order, and is given to whoever
 * comes there first.  So the loan is written down, in the same script that
 * makes sure that nobody has been given the entry yet; who is given an entry
 * that is lent leaves it alone.  It is pending with him now: when the borrower
 * acknowledges it is gone, and if the loan ends without that, QUEUE_LEASE_MS
 * later, or the borrower is dead, it is his like what he takes over from the
 * dead: he asks the database first whether it has been dealt with.  No borrower
 * commits after that (digest.c, DEADLINE_US).
 *
 * Rejected: to learn what an entry is before it is taken (reading and grouping
 * it is a quarter of its costs, and would be done twice); a second stream for
 * what is new (two of everything: pending lists, ids, depths).
 */

#ifndef VEDETTE_QUEUE_EARLY_H
#define VEDETTE_QUEUE_EARLY_H

#include "queue/redis.h"

#define EARLY_MAX 50          /* requests a time, about: entries come whole */
#define EARLY_BYTES (1 << 20) /* about; for memory */
#define EARLY_EVERY_US 500000
/* Requests, about, that nobody has been given: a long queue. */
#define EARLY_FROM 1000

/* Loans: a hash of id to "end consumer", and a set of ids by their end. */
#define EARLY_LOANS "vedette:events:early"
#define EARLY_ENDS "vedette:events:early:ends"

/*
 * Takes the newest entries for this consumer: an array as of XRANGE, the
 * newest first; empty when the queue is not long.
 */
enum status early_take(struct redis *r, struct arena *a, struct str consumer,
                       redisReply **entries) MUST_CHECK;

/*
 * Who has borrowed each of these entries; empty when the loan is over, the
 * null str when there is none.
 */
enum status early_borrowers(struct redis *r, struct arena *a,
                            const struct str *ids, size_t n,
                            struct str *borrowers) MUST_CHECK;

#endif
