/*
 * queue/body.h - bodies that do not travel in their entry (message.h, 1a).
 *
 * A large body comes in pieces.  Here they become one text again, in a file
 * without a name that is mapped, so that a hundred megabytes of it are pages
 * that the kernel may take back at any time and no memory of ours.
 *
 * The arena that owns the text has to go before much more is opened: one
 * request, one arena.
 *
 * Statuses are those of queue/redis.h.
 */

#ifndef VEDETTE_QUEUE_BODY_H
#define VEDETTE_QUEUE_BODY_H

#include "queue/queue.h"

/*
 * The body of a message, wherever it is: m->body, or what was apart, mapped
 * until the arena is reset.  name: of its hash, which is the id of the entry,
 * of a dead letter the id that it had.  ST_NOT_FOUND: a piece is missing.
 * ST_FAILED: no room for the file, logged.
 */
enum status body_open(struct redis *r, struct arena *a, const struct message *m,
                      struct str name, struct str *out) MUST_CHECK;

/*
 * Sends a large body and then its entry: words are the fields and values but
 * for the version and the body itself.  ST_LIMITED: Redis has no room for it
 * now, try again later.
 */
enum status body_send(struct redis *r, struct arena *a, const struct str *words,
                      size_t n, struct str body) MUST_CHECK;

/*
 * A file in the folder for such files ($TMPDIR, else /var/tmp) that has no
 * name and is gone when it is closed; -1 with errno.
 */
int body_file(void);

/*
 * The n first bytes of a file, mapped until the arena is reset; the descriptor
 * is closed in any case.  ST_FAILED: logged.
 */
enum status body_map(struct arena *a, int fd, size_t n,
                     struct str *out) MUST_CHECK;

#endif
