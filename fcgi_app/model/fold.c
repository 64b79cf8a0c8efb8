#include "model/fold.h"

#include "model/keep.h"
#include "util/timeutil.h"

/* Event ids of one step: well under a second. */
#define STEP 20000

/* Issues whose events are folded in one step. */
#define ISSUES_MAX 1000

/*
 * A step writes each counter once, however many events have it: where so many
 * come, they are folded every few seconds, with fewer writes an event.
 */
#define GATHER_FROM 1000
#define GATHER_US (4 * US_PER_SECOND)

static int64_t folded_at; /* monotonic */


static bool
may_gather(int64_t n)
{
    return n >= GATHER_FROM && n < STEP && folded_at != 0
           && time_monotonic() - folded_at < GATHER_US;
}


/*
 * Ids are given before their rows are committed, so a row may appear below
 * others that have been seen.  An id is settled when every transaction that
 * may have taken it has ended; the digest gets its transaction's number before
 * it takes ids.
 */
static enum status
settle(struct db *db, struct arena *a, int64_t *settled, int64_t *folded)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_FOLD_MARK, DB_NO_ARGS, &rows);
    int64_t last;

    if (st != ST_OK) {
        return st;
    }
    last = db_get_i64(&rows, 0, "last_id");
    *settled = db_get_i64(&rows, 0, "settled");

    /* the first sets the mark; when nobody is at work the second finds it so */
    for (int i = 0; i < 2 && st == ST_OK && *settled < last; i++) {
        st = db_one(db, a, SQL_FOLD_SETTLE, DB_ARGS(db_i64(last)), &rows);
        if (st == ST_OK) {
            *settled = db_get_i64(&rows, 0, "settled");
        }
    }
    *folded = st == ST_OK ? db_get_i64(&rows, 0, "folded") : 0;
    return st;
}


/*
 * In a transaction of its own, as it waits for the locks of issues, which
 * others hold while they wait to fold; and before the mark moves, so that it is
 * made again if we end in between.
 */
static enum status
list_issues(struct db *db, struct arena *a, int64_t from, int64_t to,
            int64_t **ids, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_FOLD_LIST,
                              DB_ARGS(db_i64(from), db_i64(to),
                                      db_i64(FOLD_FROM), db_i64(ISSUES_MAX)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *ids = arena_array(a, *n, sizeof(int64_t));
    for (size_t i = 0; i < *n; i++) {
        (*ids)[i] = db_get_i64(&rows, (int) i, "id");
    }
    return ST_OK;
}


/* And the tags of these issues. */
static enum status
fold_up_to(struct db *db, struct arena *a, int64_t from, int64_t to,
           const int64_t *ids, size_t n)
{
    struct db_rows rows;
    enum status st;

    if ((st = db_one(db, a, SQL_FOLD_LOCK, DB_NO_ARGS, &rows)) != ST_OK) {
        return st;
    }
    if (db_get_i64(&rows, 0, "folded") != from) {
        return ST_RETRY; /* somebody else was here */
    }
    if ((st = db_query(db, a, SQL_FOLD_PROJECTS,
                       DB_ARGS(db_i64(from), db_i64(to), db_i64(FOLD_VALUES)),
                       NULL))
            != ST_OK
        || (st = db_query(
                db, a, SQL_FOLD_DAYS,
                DB_ARGS(db_i64(from), db_i64(to), db_i64(KEEP_ROW_BYTES)),
                NULL))
               != ST_OK
        || (st = db_query(db, a, SQL_FOLD_MOVE, DB_ARGS(db_i64(to)), NULL))
               != ST_OK) {
        return st;
    }
    return n > 0 ? fold_issues(db, a, ids, n) : ST_OK;
}


enum status
fold_events(struct db *db, struct arena *a, bool *more)
{
    int64_t settled, folded, to, *ids;
    size_t n;
    enum status st = settle(db, a, &settled, &folded);

    *more = false;
    if (st != ST_OK || folded >= settled || may_gather(settled - folded)) {
        return st;
    }
    to = settled - folded > STEP ? folded + STEP : settled;
    if ((st = list_issues(db, a, folded, to, &ids, &n)) != ST_OK
        || (st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = fold_up_to(db, a, folded, to, ids, n)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    *more = to < settled;
    folded_at = time_monotonic();
    return db_commit(db);
}


enum status
fold_issues(struct db *db, struct arena *a, const int64_t *ids, size_t n)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_FOLD_LOCK, DB_NO_ARGS, &rows);

    if (st != ST_OK) {
        return st;
    }
    return db_query(db, a, SQL_FOLD_ISSUES,
                    DB_ARGS(db_i64_array(a, ids, n),
                            db_i64(db_get_i64(&rows, 0, "folded")),
                            db_i64(FOLD_VALUES)),
                    NULL);
}
