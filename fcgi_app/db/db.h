/*
 * db/db.h - PostgreSQL by named statements.
 *
 * Statements live in model/<noun>.sql; the build turns them into enum sql and
 * the table sql_texts (db/statements.h).  A statement is prepared on its first
 * use of a connection.  Parameters are always out of line.
 *
 * PostgreSQL plans a statement for each list of values as long as it believes
 * that this pays.  Of one with "-- plan: generic" above its text it keeps one
 * plan: for those that are planned longer than they run and whose plan is the
 * same for all values.
 *
 *     struct db_rows rows;
 *     enum status st = db_query(db, a, SQL_ISSUE_BY_ID,
 *                               DB_ARGS(db_i64(org), db_i64(id)), &rows);
 *
 * Errors: ST_RETRY when the server is away, shutting down, out of resources,
 * or a serialisation failure or deadlock chose this transaction (SQLSTATE
 * classes 08 40 53 55 57 58); ST_CONFLICT for a unique violation (23505);
 * ST_INVALID for other data errors (22, 23); ST_FAILED otherwise.  The message
 * has been logged, except for ST_CONFLICT, with the statement's name.
 */

#ifndef VEDETTE_DB_DB_H
#define VEDETTE_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "db/statements.h"
#include "util/arena.h"
#include "util/str.h"
#include "util/timeutil.h"

struct db;

/*
 * A connection by libpq's conninfo or URL.  Never fails: it is opened on first
 * use and reopened after it broke, outside a transaction.
 */
struct db *db_new(const char *conninfo);
void db_free(struct db *db);

/* The roles of the parts, see sql/0013 and sql/0040. */
#define DB_ROLE_WEB "vedette_web"
#define DB_ROLE_WORKER "vedette_worker"

/*
 * Works as this role from its next connection on, if the database has it and
 * its user may; else as that user, after a warning in the log.
 */
void db_role(struct db *db, const char *role);

/*
 * From its next connection on a statement is stopped that takes so many
 * seconds: ST_RETRY, and db_stopped until db_leave.
 */
void db_patience(struct db *db, int64_t seconds);
bool db_stopped(const struct db *db);

/*
 * A statement is about to narrow the session to one organisation, which it
 * stays until db_leave.
 */
void db_entering(struct db *db);

/*
 * Forgets the organisation that was entered, if one was: all that the next
 * request sees hangs on it.  A connection that cannot forget is given up.
 */
void db_leave(struct db *db);

/* Opens the connection now; ST_RETRY when the server cannot be reached. */
enum status db_connect(struct db *db) MUST_CHECK;

/* libpq's own handle, for COPY and LISTEN; NULL when not connected. */
PGconn *db_handle(struct db *db);

/* Statements run since the connection object was made: budgets of pages. */
unsigned db_statements(const struct db *db);


/* Parameters */

enum db_type { DB_NULL, DB_TEXT, DB_BYTES };

struct db_arg {
    enum db_type type;
    struct str text;            /* DB_TEXT, DB_BYTES */
    char number[TIME_ISO_SIZE]; /* of a number or time: text.p is NULL */
};

#define DB_ARGS(...)                                                           \
    ((const struct db_arg[]){ __VA_ARGS__ }),                                  \
        (sizeof((const struct db_arg[]){ __VA_ARGS__ })                        \
         / sizeof(struct db_arg))
#define DB_NO_ARGS NULL, 0

struct db_arg db_i64(int64_t v);
struct db_arg db_bool(bool v);
struct db_arg db_null(void);

/* A null str is NULL.  Must be valid UTF-8 without NUL (see json/doc.h). */
struct db_arg db_str(struct str s);
struct db_arg db_text(const char *s);

/* bytea; a null str is NULL. */
struct db_arg db_bytes(struct str s);

/* timestamptz from µs; 0 is NULL. */
struct db_arg db_time(int64_t us);

/*
 * Arrays, as text in PostgreSQL's own form: "{1,2}", "{\"a\",NULL}".  The
 * result lives in the arena.  For bytea[] the elements are hex text (\x…).
 */
struct db_arg db_i64_array(struct arena *a, const int64_t *v, size_t n);
struct db_arg db_str_array(struct arena *a, const struct str *v, size_t n);
struct db_arg db_bytes_array(struct arena *a, const struct str *v, size_t n);
struct db_arg db_time_array(struct arena *a, const int64_t *us, size_t n);


/* Results: text format; freed with the arena. */

struct db_rows {
    PGresult *res;
    int n;
};

/* Any statement; out may be NULL. */
enum status db_query(struct db *db, struct arena *a, enum sql stmt,
                     const struct db_arg *args, size_t nargs,
                     struct db_rows *out) MUST_CHECK;

/* As db_query; ST_NOT_FOUND when there is no row. */
enum status db_one(struct db *db, struct arena *a, enum sql stmt,
                   const struct db_arg *args, size_t nargs,
                   struct db_rows *out) MUST_CHECK;

/*
 * As db_query, with an answer of this process that is so many seconds old at
 * most; 0: none that is old.  For statements that read alone.
 */
enum status db_query_kept(struct db *db, struct arena *a, enum sql stmt,
                          const struct db_arg *args, size_t nargs, int seconds,
                          struct db_rows *out) MUST_CHECK;

/*
 * Its two halves, for whoever knows only by the answer whether it may be kept:
 * an answer that was and is no older, and keeping one.
 */
bool db_kept(struct db *db, struct arena *a, enum sql stmt,
             const struct db_arg *args, size_t nargs, struct db_rows *out);
void db_keep(struct db *db, struct arena *a, enum sql stmt,
             const struct db_arg *args, size_t nargs, int seconds,
             const struct db_rows *rows);

/* SQL text that is no named statement: migrations only. */
enum status db_exec(struct db *db, const char *sql) MUST_CHECK;

/*
 * The value of a column by name; an unknown name is a bug and aborts.  NULL
 * reads as 0, false, the null str.  Text points into the result.
 */
int64_t db_get_i64(const struct db_rows *rows, int row, const char *col);
bool db_get_bool(const struct db_rows *rows, int row, const char *col);
double db_get_double(const struct db_rows *rows, int row, const char *col);
struct str db_get_str(const struct db_rows *rows, int row, const char *col);
bool db_is_null(const struct db_rows *rows, int row, const char *col);

/* timestamptz to µs: select it as is; 0 for NULL. */
int64_t db_get_time(const struct db_rows *rows, int row, const char *col);

/* bytea, decoded into the arena. */
struct str db_get_bytes(struct arena *a, const struct db_rows *rows, int row,
                        const char *col);


/*
 * Transactions.  Nested begins are counted and only the outermost commits; a
 * failed statement dooms the transaction, and commit then rolls back and
 * returns ST_FAILED.  ST_RETRY from db_commit means that the outcome is not
 * known.
 */
enum status db_begin(struct db *db) MUST_CHECK;
enum status db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db);

/* Commits what went well and rolls back what did not; returns the status. */
enum status db_finish(struct db *db, enum status st) MUST_CHECK;


/* COPY … FROM STDIN (FORMAT binary); stmt is the COPY statement. */

struct db_copy {
    struct db *db;
    struct arena *arena;
    char *p; /* what has not been sent yet */
    size_t n;
    enum status st;
};

enum status db_copy_begin(struct db *db, struct arena *a, enum sql stmt,
                          struct db_copy *copy) MUST_CHECK;
void db_copy_row(struct db_copy *copy, int16_t columns);
void db_copy_null(struct db_copy *copy);
void db_copy_i64(struct db_copy *copy, int64_t v);
void db_copy_i32(struct db_copy *copy, int32_t v);
void db_copy_i16(struct db_copy *copy, int16_t v);
void db_copy_bool(struct db_copy *copy, bool v);
void db_copy_bytes(struct db_copy *copy, struct str s); /* text, bytea, uuid */
void db_copy_i32_array(struct db_copy *copy, const int32_t *v, size_t n);
void db_copy_time(struct db_copy *copy, int64_t us); /* timestamptz */
void db_copy_day(struct db_copy *copy, int64_t day); /* date */

/* Sends the rest; the first error of all the calls above. */
enum status db_copy_end(struct db_copy *copy) MUST_CHECK;

#endif
