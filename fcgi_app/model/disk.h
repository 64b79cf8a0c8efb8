/*
 * model/disk.h - how full the disk was by the hour, and when it will be full if
 * that goes on.
 */

#ifndef VEDETTE_MODEL_DISK_H
#define VEDETTE_MODEL_DISK_H

#include "db/db.h"

struct disk {
    int64_t free; /* bytes, of the file system of attachments */
    int64_t size;
    int64_t db; /* of the database, wherever it is */
};

/* What the last DISK_DAYS say; all 0 before there is a day of them. */
struct disk_trend {
    int64_t hours;    /* how long it has been looked at */
    int64_t used;     /* bytes a day; below 0: it empties */
    int64_t db_grown; /* bytes a day */
    int64_t full_at;  /* µs; 0: not within DISK_FAR_DAYS */
};

#define DISK_DAYS 14
#define DISK_FAR_DAYS 3650

/* Notes it for this hour, unless that is done, and forgets old ones. */
enum status disk_note(struct db *db, struct arena *a,
                      const struct disk *now) MUST_CHECK;

enum status disk_trend(struct db *db, struct arena *a, const struct disk *now,
                       struct disk_trend *out) MUST_CHECK;

#endif
