/*
 * model/attachment.h - files that came with events.
 *
 * The bytes are read with blob_get (util/blob.h).  A row is found through the
 * organisation and the project; the event that it names may have come later,
 * or never.
 */

#ifndef VEDETTE_MODEL_ATTACHMENT_H
#define VEDETTE_MODEL_ATTACHMENT_H

#include "db/db.h"
#include "model/audit.h"
#include "util/blob.h"

/* What a project may set: "off", and MiB as a number. */
#define ATTACHMENT_SETTING "attachments"
#define ATTACHMENT_LIMIT_SETTING "attachments.limit"

#define ATTACHMENT_LIST_MAX 100 /* of an event that are shown */

struct attachment {
    int64_t id;
    int64_t project_id;
    struct str event_id; /* 32 hex digits */
    struct str name;
    struct str content_type; /* as its sender says: not to be believed */
    struct str type;         /* event.attachment, event.minidump, … */
    int64_t size;
    unsigned char hash[BLOB_BYTES];
    int64_t received_at;
};

/* Of an event, in the order in which they came, at most ATTACHMENT_LIST_MAX. */
enum status attachment_list(struct db *db, struct arena *a,
                            int64_t organization_id, int64_t project_id,
                            struct str event_id, struct attachment **out,
                            size_t *n) MUST_CHECK;

enum status attachment_find(struct db *db, struct arena *a,
                            int64_t organization_id, int64_t project_id,
                            int64_t id, struct attachment *out) MUST_CHECK;

/* Takes the row away and writes the audit log; the sweep takes the bytes. */
enum status attachment_delete(struct db *db, struct arena *a,
                              int64_t organization_id, const struct actor *by,
                              const struct attachment *at) MUST_CHECK;

/* Bytes that these projects keep now; 0 for one that is not known. */
enum status attachment_usage(struct db *db, struct arena *a,
                             const int64_t *projects, size_t n,
                             int64_t **out) MUST_CHECK;

/* Bytes of a value of ATTACHMENT_LIMIT_SETTING; the null str: the default. */
int64_t attachment_room(struct str value);

/*
 * A chore: looks for bytes on one shelf of the store that no row names any
 * more.  *more: the round is not complete.
 */
enum status attachment_sweep(struct db *db, struct arena *a,
                             bool *more) MUST_CHECK;

/* What went. */
struct attachment_freed {
    int64_t files;
    int64_t bytes;
};

/*
 * Takes away rows of a project that are older than a time (µs), some thousands
 * a call: for retention.  *more when there are still some.
 */
enum status attachment_expire(struct db *db, struct arena *a,
                              int64_t project_id, int64_t before,
                              struct attachment_freed *freed,
                              bool *more) MUST_CHECK;

#endif
