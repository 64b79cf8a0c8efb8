#include "model/disk.h"

#include "util/timeutil.h"

/* Fewer say nothing of a week. */
#define HOURS_MIN 24


enum status
disk_note(struct db *db, struct arena *a, const struct disk *now)
{
    return db_query(
        db, a, SQL_DISK_NOTE,
        DB_ARGS(db_i64(now->free), db_i64(now->size), db_i64(now->db)), NULL);
}


/*
 * Another size is another disk, with which it begins anew: the statement looks
 * at those of the size of now alone.
 */
enum status
disk_trend(struct db *db, struct arena *a, const struct disk *now,
           struct disk_trend *out)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_DISK_FIRST,
                 DB_ARGS(db_i64(now->size), db_i64(DISK_DAYS)), &rows);
    double days;

    *out = (struct disk_trend){ 0 };
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    out->hours = (time_now() - db_get_time(&rows, 0, "hour")) / US_PER_HOUR;
    if (out->hours < HOURS_MIN) {
        return ST_OK;
    }
    days = (double) out->hours / 24;
    out->used =
        (int64_t) ((double) (db_get_i64(&rows, 0, "disk_free") - now->free)
                   / days);
    out->db_grown =
        (int64_t) ((double) (now->db - db_get_i64(&rows, 0, "db_size")) / days);
    if (out->used > 0 && now->free / out->used < DISK_FAR_DAYS) {
        out->full_at = time_now()
                       + (int64_t) ((double) now->free / (double) out->used
                                    * (double) US_PER_DAY);
    }
    return ST_OK;
}
