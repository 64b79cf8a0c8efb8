/*
 * model/letter.h - dead letters (queue/dead.h) of all servers, for pages and
 * for "vedette queue".
 *
 * People know one by the id that it has in its stream, with the number of the
 * server behind it when that is not the first: "1700-0", "1700-0@2".
 */

#ifndef VEDETTE_MODEL_LETTER_H
#define VEDETTE_MODEL_LETTER_H

#include "db/db.h"
#include "queue/dead.h"

/* The letter and the server that has it.  ST_NOT_FOUND, ST_INVALID: no id. */
enum status letter_find(struct redis *r, struct arena *a, struct str name,
                        struct redis **on, struct dead_letter *out) MUST_CHECK;

/*
 * Up to max of them behind the one so named ("": the oldest), the first
 * server's before the others', without their bodies; names has what to call
 * them.
 */
enum status letter_list(struct redis *r, struct arena *a, struct str after,
                        size_t max, struct dead_letter *out, struct str *names,
                        size_t *n) MUST_CHECK;

/*
 * Calls run with each letter that is there now, most of them if there are more;
 * those that come meanwhile are left.  *count: how many it was called with and
 * returned ST_OK for; anything else ends it for this server.
 */
typedef enum status (*letter_fn)(void *context, struct redis *on,
                                 struct arena *a,
                                 const struct dead_letter *letter);

enum status letter_each(struct redis *r, size_t most, letter_fn run,
                        void *context, size_t *count) MUST_CHECK;

/* For letter_each, with the database as context, and for one alone. */
enum status letter_replay(void *db, struct redis *on, struct arena *a,
                          const struct dead_letter *letter) MUST_CHECK;
enum status letter_purge(void *db, struct redis *on, struct arena *a,
                         const struct dead_letter *letter) MUST_CHECK;

/*
 * Is there room for this entry beside the letters of its server, which may have
 * most bytes?  Where there is none yet, always.  ST_NOT_FOUND: no; whoever
 * asks how the queue is hears of it for a minute.
 */
enum status letter_room(struct redis *on, struct arena *a,
                        const struct message *m, int64_t most) MUST_CHECK;

/*
 * Lets the oldest of a server go until they are no more than so many bytes, but
 * for the newest; each has an outcome that says so.
 */
enum status letter_bound(struct db *db, struct redis *on, struct arena *a,
                         int64_t most) MUST_CHECK;

/*
 * Its body unpacked, the first max bytes.  ST_NOT_FOUND: it is kept apart
 * because of its size, or cannot be unpacked.
 */
enum status letter_text(struct arena *a, const struct dead_letter *letter,
                        size_t max, struct str *out) MUST_CHECK;

#endif
