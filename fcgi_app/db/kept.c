/*
 * Answers that are kept for some seconds: of statements that add up more than
 * a page may take time for, where their numbers may be that old.  Each process
 * keeps its own; an answer is of its statement and its arguments, among which
 * is the organisation.
 */

#include "util/buf.h"
#include "util/timeutil.h"

#include "db/private.h"

#define BYTES_MAX (256 * 1024) /* of an answer; a larger one is not kept */


static void
clear_result(void *res)
{
    PQclear(res);
}


static void
key_of(struct arena *a, const struct db_arg *args, size_t nargs,
       unsigned char key[DIGEST_BYTES])
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < nargs; i++) {
        struct str text =
            args[i].text.p != NULL ? args[i].text : str_of(args[i].number);

        buf_addf(&b, "%d:%zu:", (int) args[i].type, text.n);
        buf_str(&b, args[i].type == DB_NULL ? STR("") : text);
    }
    digest16(buf_view(&b), key);
}


static bool
is_of(const struct db_kept *k, enum sql stmt,
      const unsigned char key[DIGEST_BYTES])
{
    return k->res != NULL && k->stmt == stmt
           && memcmp(k->key, key, DIGEST_BYTES) == 0;
}


/* Its place, or the one whose answer ends first. */
static struct db_kept *
place(struct db *db, enum sql stmt, const unsigned char key[DIGEST_BYTES])
{
    struct db_kept *best = &db->kept[0];

    for (size_t i = 0; i < DB_KEPT; i++) {
        struct db_kept *k = &db->kept[i];

        if (is_of(k, stmt, key)) {
            return k;
        }
        if (k->until < best->until) {
            best = k;
        }
    }
    return best;
}


bool
db_kept(struct db *db, struct arena *a, enum sql stmt,
        const struct db_arg *args, size_t nargs, struct db_rows *out)
{
    unsigned char key[DIGEST_BYTES];
    const struct db_kept *k;

    key_of(a, args, nargs, key);
    k = place(db, stmt, key);
    if (!is_of(k, stmt, key) || k->until <= time_monotonic()) {
        return false;
    }
    *out = (struct db_rows){ k->res, PQntuples(k->res) };
    return true;
}


void
db_keep(struct db *db, struct arena *a, enum sql stmt,
        const struct db_arg *args, size_t nargs, int seconds,
        const struct db_rows *rows)
{
    unsigned char key[DIGEST_BYTES];
    struct db_kept *k;

    if (PQresultMemorySize(rows->res) > BYTES_MAX) {
        return;
    }
    key_of(a, args, nargs, key);
    k = place(db, stmt, key);
    if (k->res != NULL) {
        /* somebody may still read it */
        arena_cleanup(a, clear_result, k->res);
    }
    *k =
        (struct db_kept){ .stmt = stmt,
                          .until = time_monotonic() + seconds * US_PER_SECOND };
    memcpy(k->key, key, DIGEST_BYTES);
    k->res = PQcopyResult(rows->res, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
}


enum status
db_query_kept(struct db *db, struct arena *a, enum sql stmt,
              const struct db_arg *args, size_t nargs, int seconds,
              struct db_rows *out)
{
    enum status st;

    if (seconds > 0 && db_kept(db, a, stmt, args, nargs, out)) {
        return ST_OK;
    }
    st = db_query(db, a, stmt, args, nargs, out);
    if (st == ST_OK && seconds > 0) {
        db_keep(db, a, stmt, args, nargs, seconds, out);
    }
    return st;
}


void
db_kept_free(struct db *db)
{
    for (size_t i = 0; i < DB_KEPT; i++) {
        PQclear(db->kept[i].res);
    }
}
