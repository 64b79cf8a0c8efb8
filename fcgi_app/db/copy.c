/*
 * COPY FROM STDIN in PostgreSQL's binary format: a header, then for each row
 * a column count and for each column its length and bytes, in network order,
 * then -1.  Sent in pieces of at least 256 KiB.
 */

#include "db/db.h"

#include <arpa/inet.h>
#include <endian.h>

#include "util/timeutil.h"

#include "db/private.h"

#define PIECE ((size_t) 256 * 1024)

/* 2000-01-01, PostgreSQL's epoch, in ours. */
#define PG_EPOCH_DAYS INT64_C(10957)
#define PG_EPOCH_US (PG_EPOCH_DAYS * US_PER_DAY)


static void
flush(struct db_copy *copy)
{
    if (copy->n > 0 && copy->st == ST_OK
        && PQputCopyData(copy->db->conn, copy->p, (int) copy->n) != 1) {
        copy->st = ST_RETRY;
    }
    copy->n = 0;
}


static void
put(struct db_copy *copy, const void *p, size_t n)
{
    if (n > PIECE - copy->n) {
        flush(copy);
    }
    if (n > PIECE) {
        if (copy->st == ST_OK
            && PQputCopyData(copy->db->conn, p, (int) n) != 1) {
            copy->st = ST_RETRY;
        }
        return;
    }
    if (n > 0) {
        memcpy(copy->p + copy->n, p, n);
    }
    copy->n += n;
}


static void
put_i32(struct db_copy *copy, int32_t v)
{
    uint32_t be = htonl((uint32_t) v);

    put(copy, &be, sizeof(be));
}


enum status
db_copy_begin(struct db *db, struct arena *a, enum sql stmt,
              struct db_copy *copy)
{
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    PGresult *res;
    enum status st;

    if (db->doomed) {
        return ST_FAILED;
    }
    if ((st = db_connect(db)) != ST_OK) {
        return st;
    }

    db->statements++;
    res = PQexec(db->conn, sql_texts[stmt].text);
    st = db_result_status(db, res, sql_texts[stmt].name);
    PQclear(res);
    if (st != ST_OK) {
        return st;
    }

    *copy = (struct db_copy){ .db = db, .arena = a, .st = ST_OK };
    copy->p = arena_alloc(a, PIECE);

    /* signature (11 bytes with its NUL), flags, extension length */
    put(copy, header, 19);
    return ST_OK;
}


void
db_copy_row(struct db_copy *copy, int16_t columns)
{
    uint16_t be = htons((uint16_t) columns);

    put(copy, &be, sizeof(be));
}


void
db_copy_null(struct db_copy *copy)
{
    put_i32(copy, -1);
}


void
db_copy_i64(struct db_copy *copy, int64_t v)
{
    uint64_t be = htobe64((uint64_t) v);

    put_i32(copy, sizeof(be));
    put(copy, &be, sizeof(be));
}


void
db_copy_i32(struct db_copy *copy, int32_t v)
{
    put_i32(copy, sizeof(v));
    put_i32(copy, v);
}


void
db_copy_i16(struct db_copy *copy, int16_t v)
{
    uint16_t be = htons((uint16_t) v);

    put_i32(copy, sizeof(be));
    put(copy, &be, sizeof(be));
}


void
db_copy_bool(struct db_copy *copy, bool v)
{
    char byte = v;

    put_i32(copy, 1);
    put(copy, &byte, 1);
}


void
db_copy_bytes(struct db_copy *copy, struct str s)
{
    if (str_null(s)) {
        db_copy_null(copy);
        return;
    }
    put_i32(copy, (int32_t) s.n);
    put(copy, s.p, s.n);
}


void
db_copy_i32_array(struct db_copy *copy, const int32_t *v, size_t n)
{
    enum { INT4_OID = 23 };

    /* dimensions, no NULLs, type, length, first index; then as columns */
    put_i32(copy, (int32_t) (n > 0 ? 20 + n * 8 : 12));
    put_i32(copy, n > 0);
    put_i32(copy, 0);
    put_i32(copy, INT4_OID);
    if (n > 0) {
        put_i32(copy, (int32_t) n);
        put_i32(copy, 1);
    }
    for (size_t i = 0; i < n; i++) {
        db_copy_i32(copy, v[i]);
    }
}


void
db_copy_time(struct db_copy *copy, int64_t us)
{
    if (us == 0) {
        db_copy_null(copy);
        return;
    }
    db_copy_i64(copy, us - PG_EPOCH_US);
}


void
db_copy_day(struct db_copy *copy, int64_t day)
{
    db_copy_i32(copy, (int32_t) (day - PG_EPOCH_DAYS));
}


enum status
db_copy_end(struct db_copy *copy)
{
    struct db *db = copy->db;
    PGresult *res;
    enum status st;
    uint16_t end = 0xffff;

    put(copy, &end, sizeof(end));
    flush(copy);

    if (PQputCopyEnd(db->conn, copy->st == ST_OK ? NULL : "not all was sent")
        != 1) {
        copy->st = ST_RETRY;
    }

    while ((res = PQgetResult(db->conn)) != NULL) {
        st = db_result_status(db, res, "copy");
        PQclear(res);
        if (copy->st == ST_OK) {
            copy->st = st;
        }
    }
    return copy->st;
}
