/*
 * digest/outcome.h - writing the ledger.
 *
 * Names that come from outside are looked up in tables, so that no client can
 * fill the ledger with rows of its own making.
 */

#ifndef VEDETTE_DIGEST_OUTCOME_H
#define VEDETTE_DIGEST_OUTCOME_H

#include "digest/item.h"

/* The category's own name in static storage; "default" for an unknown one. */
struct str outcome_category(struct str name);

/* A reason that SDKs give; "other" for one that is not known. */
struct str outcome_client_reason(struct str name);

/*
 * One outcome of an item; the texts live as long as the batch.  One that ends
 * an event is noted under the id that the client was told.
 */
void outcome_record(const struct item_context *it, struct str category,
                    struct str outcome, struct str reason, int64_t quantity);

/*
 * What a client says that it did itself, at a time of its own: of no event that
 * has come, so nothing is noted.
 */
void outcome_reported(const struct item_context *it, int64_t at,
                      struct str category, struct str outcome,
                      struct str reason, int64_t quantity);

/* Only the note: the edge has counted what it dropped itself. */
void outcome_note(const struct item_context *it, struct str category,
                  struct str outcome, struct str reason);

/*
 * Moves the counters that the edges have left in Redis (queue/message.h §4)
 * into the hourly outcomes, each exactly once.
 */
enum status outcome_drain(struct db *db, struct redis *r,
                          struct arena *a) MUST_CHECK;

#endif
