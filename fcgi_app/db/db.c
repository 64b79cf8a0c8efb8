/*
 * One connection, named statements, typed access.  Results come in text
 * format: PostgreSQL's text forms are stable and a page reads a few hundred
 * values at most; what has to be fast (the digest's rows) goes out by binary
 * COPY (copy.c).
 */

#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

#include "db/private.h"
#include "db/times.h"

#define MAX_ARGS 64
#define STOPPED "57014" /* SQLSTATE query_canceled */


struct db *
db_new(const char *conninfo)
{
    struct db *db = calloc(1, sizeof(struct db));

    if (db == NULL || (db->conninfo = strdup(conninfo)) == NULL) {
        abort();
    }
    return db;
}


void
db_free(struct db *db)
{
    if (db == NULL) {
        return;
    }
    PQfinish(db->conn);
    db_kept_free(db);
    free(db->conninfo);
    free(db);
}


static void
quiet_notice(void *arg, const PGresult *res)
{
    (void) arg;
    (void) res;
}


static void
disconnect(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
    db->depth = 0;
    db->doomed = false;
    db->entered = false;
    db->generic = false;
    memset(db->prepared, 0, sizeof(db->prepared));
}


void
db_role(struct db *db, const char *role)
{
    db->role = role;
}


void
db_patience(struct db *db, int64_t seconds)
{
    db->patience = seconds;
}


bool
db_stopped(const struct db *db)
{
    return db->stopped;
}


static enum status
see_all(struct db *db)
{
    return db_exec(db, "set vedette.organization = 'all'; "
                       "set vedette.account = ''");
}


void
db_entering(struct db *db)
{
    db->entered = true;
}


void
db_leave(struct db *db)
{
    db->stopped = false;
    if (!db->entered) {
        return;
    }
    db->entered = false;
    if (see_all(db) != ST_OK) {
        log_warning("postgresql: the next request has to connect anew");
        disconnect(db);
    }
}


static enum status
take_role(struct db *db)
{
    const char *values[] = { db->role };
    bool taken;
    PGresult *res;
    enum status st;

    if (db->role == NULL) {
        return ST_OK;
    }
    res = PQexecParams(db->conn,
                       "select set_config('role', $1, false) from pg_roles "
                       "where rolname = $1 and pg_has_role(oid, 'member')",
                       1, NULL, values, NULL, NULL, 0);
    st = db_result_status(db, res, "role");
    taken = st == ST_OK && PQntuples(res) == 1;
    PQclear(res);
    if (st == ST_OK && !taken) {
        log_warning("postgresql: there is no role %s for this user: the second "
                    "wall is down, see share/vedette/roles.sql",
                    db->role);
    }
    return st == ST_OK ? see_all(db) : st;
}


static enum status
set_patience(struct db *db)
{
    char sql[64];

    if (db->patience == 0) {
        return ST_OK;
    }
    snprintf(sql, sizeof(sql), "set statement_timeout = '%llds'",
             (long long) db->patience);
    return db_exec(db, sql);
}


enum status
db_connect(struct db *db)
{
    unsigned before = db->statements;
    enum status st;

    if (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK) {
        return ST_OK;
    }
    if (db->depth > 0) {
        /* the transaction went with its connection */
        db->doomed = true;
        return ST_RETRY;
    }

    disconnect(db);
    db->conn = PQconnectdb(db->conninfo);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        log_error("postgresql: %s", PQerrorMessage(db->conn));
        disconnect(db);
        return ST_RETRY;
    }

    PQsetNoticeReceiver(db->conn, quiet_notice, NULL);

    /*
     * Our statements take milliseconds: compiling them, or starting parallel
     * workers for a branch that does not run, takes a hundred times that.
     */
    st = db_exec(db, "set timezone = 'UTC'; set datestyle = 'ISO'; "
                     "set bytea_output = 'hex'; set jit = off; "
                     "set max_parallel_workers_per_gather = 0");
    if (st == ST_OK) {
        st = set_patience(db);
    }
    if (st == ST_OK) {
        st = take_role(db);
    }
    db->statements = before; /* these are nobody's */
    return st;
}


PGconn *
db_handle(struct db *db)
{
    return db->conn;
}


unsigned
db_statements(const struct db *db)
{
    return db->statements;
}


/* Classes of SQLSTATE; see db.h. */
static const struct {
    const char *prefix;
    enum status st;
} sqlstates[] = {
    { "23505", ST_CONFLICT }, { "22", ST_INVALID }, { "23", ST_INVALID },
    { "08", ST_RETRY },       { "40", ST_RETRY },   { "53", ST_RETRY },
    { "55", ST_RETRY },       { "57", ST_RETRY },   { "58", ST_RETRY },
};


enum status
db_result_status(struct db *db, const PGresult *res, const char *name)
{
    const char *state;
    enum status st = ST_FAILED;

    switch (PQresultStatus(res)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_IN:
        return ST_OK;
    default:
        break;
    }

    db->doomed = db->depth > 0;

    state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        st = ST_RETRY;

    } else if (state != NULL) {
        db->stopped = db->stopped || strcmp(state, STOPPED) == 0;
        for (size_t i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++) {
            if (strncmp(state, sqlstates[i].prefix, strlen(sqlstates[i].prefix))
                == 0) {
                st = sqlstates[i].st;
                break;
            }
        }
    }

    if (st != ST_CONFLICT) {
        log_error("postgresql: %s: %s: %s", name, state != NULL ? state : "-",
                  res != NULL ? PQresultErrorMessage(res)
                              : PQerrorMessage(db->conn));
    }
    return st;
}


enum status
db_exec(struct db *db, const char *sql)
{
    PGresult *res;
    enum status st;

    if (db->conn == NULL && (st = db_connect(db)) != ST_OK) {
        return st;
    }
    db->statements++;
    res = PQexec(db->conn, sql);
    st = db_result_status(db, res, "exec");
    PQclear(res);
    return st;
}


static enum status
prepare(struct db *db, enum sql stmt)
{
    const struct sql_text *text = &sql_texts[stmt];
    PGresult *res;
    enum status st;

    if (db->prepared[stmt]) {
        return ST_OK;
    }
    res = PQprepare(db->conn, text->name, text->text, 0, NULL);
    st = db_result_status(db, res, text->name);
    PQclear(res);
    db->prepared[stmt] = st == ST_OK;
    return st;
}


/* How the statement is to be planned. */
static enum status
set_plan(struct db *db, bool generic)
{
    unsigned before = db->statements;
    enum status st = ST_OK;

    if (db->generic != generic) {
        st = db_exec(db, generic ? "set plan_cache_mode = force_generic_plan"
                                 : "set plan_cache_mode = auto");
        db->generic = st == ST_OK ? generic : db->generic;
        db->statements = before; /* it asks for nothing */
    }
    return st;
}


static void
clear_result(void *res)
{
    PQclear(res);
}


enum status
db_query(struct db *db, struct arena *a, enum sql stmt,
         const struct db_arg *args, size_t nargs, struct db_rows *out)
{
    const char *values[MAX_ARGS];
    int lengths[MAX_ARGS], formats[MAX_ARGS];
    int64_t began, ended;
    PGresult *res;
    enum status st;

    if (nargs > MAX_ARGS) {
        abort();
    }
    if (db->doomed) {
        return ST_FAILED;
    }
    if ((st = db_connect(db)) != ST_OK || (st = prepare(db, stmt)) != ST_OK
        || (st = set_plan(db, sql_texts[stmt].generic)) != ST_OK) {
        return st;
    }

    for (size_t i = 0; i < nargs; i++) {
        const struct db_arg *arg = &args[i];

        formats[i] = arg->type == DB_BYTES;
        lengths[i] = (int) arg->text.n;
        if (arg->type == DB_NULL) {
            values[i] = NULL;

        } else if (arg->type == DB_BYTES) {
            values[i] = arg->text.p;

        } else if (arg->text.p == NULL) {
            values[i] = arg->number;

        } else {
            /* libpq wants text ended by NUL */
            values[i] = str_dup(a, arg->text);
        }
    }

    db->statements++;
    began = time_monotonic();
    res = PQexecPrepared(db->conn, sql_texts[stmt].name, (int) nargs, values,
                         lengths, formats, 0);
    ended = time_monotonic();
    db_times_add(stmt, ended - began, ended);
    arena_cleanup(a, clear_result, res);

    st = db_result_status(db, res, sql_texts[stmt].name);
    if (st == ST_OK && out != NULL) {
        out->res = res;
        out->n = PQntuples(res);
    }
    return st;
}


enum status
db_one(struct db *db, struct arena *a, enum sql stmt, const struct db_arg *args,
       size_t nargs, struct db_rows *out)
{
    struct db_rows rows;
    enum status st = db_query(db, a, stmt, args, nargs, &rows);

    if (st != ST_OK) {
        return st;
    }
    if (rows.n == 0) {
        return ST_NOT_FOUND;
    }
    if (out != NULL) {
        *out = rows;
    }
    return ST_OK;
}


enum status
db_begin(struct db *db)
{
    enum status st;

    if (db->depth > 0) {
        db->depth++;
        return ST_OK;
    }
    if ((st = db_connect(db)) != ST_OK
        || (st = db_exec(db, "begin")) != ST_OK) {
        return st;
    }
    db->depth = 1;
    db->doomed = false;
    db->generic_before = db->generic;
    return ST_OK;
}


enum status
db_commit(struct db *db)
{
    enum status st;

    if (db->depth > 1) {
        db->depth--;
        return db->doomed ? ST_FAILED : ST_OK;
    }
    if (db->doomed) {
        db_rollback(db);
        return ST_FAILED;
    }
    st = db_exec(db, "commit");
    db->depth = 0;
    db->doomed = false;
    return st;
}


void
db_rollback(struct db *db)
{
    enum status st;

    if (db->depth == 0) {
        return;
    }
    db->depth = 0;
    db->doomed = false;
    db->generic = db->generic_before; /* a setting is taken back, too */

    /* when this fails too, the connection is gone and the transaction with it
     */
    if (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK) {
        st = db_exec(db, "rollback");
        if (st != ST_OK) {
            disconnect(db);
        }
    }
}


enum status
db_finish(struct db *db, enum status st)
{
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* parameters */

struct db_arg
db_i64(int64_t v)
{
    struct db_arg arg = { .type = DB_TEXT };

    snprintf(arg.number, sizeof(arg.number), "%lld", (long long) v);
    return arg;
}


struct db_arg
db_bool(bool v)
{
    return db_text(v ? "t" : "f");
}


struct db_arg
db_null(void)
{
    return (struct db_arg){ .type = DB_NULL };
}


struct db_arg
db_str(struct str s)
{
    if (str_null(s)) {
        return db_null();
    }
    return (struct db_arg){ .type = DB_TEXT, .text = s };
}


struct db_arg
db_text(const char *s)
{
    return db_str(str_of(s));
}


struct db_arg
db_bytes(struct str s)
{
    if (str_null(s)) {
        return db_null();
    }
    return (struct db_arg){ .type = DB_BYTES, .text = s };
}


struct db_arg
db_time(int64_t us)
{
    struct db_arg arg = { .type = DB_TEXT };

    /* as text to the µs: to_timestamp() would round through a double */
    if (us == 0) {
        return db_null();
    }
    time_write_iso(arg.number, us);
    return arg;
}


struct db_arg
db_i64_array(struct arena *a, const int64_t *v, size_t n)
{
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(&b, ',');
        }
        buf_room(&b, STR_DIGITS);
        b.n += str_digits(b.p + b.n, v[i]);
    }
    buf_char(&b, '}');
    return db_str(buf_view(&b));
}


/* An element in quotes, into room for all of it twice and them; its bytes. */
static size_t
quoted(char *to, struct str s)
{
    size_t n = 0;

    to[n++] = '"';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') {
            to[n++] = '\\';
        }
        to[n++] = s.p[i];
    }
    to[n++] = '"';
    return n;
}


struct db_arg
db_str_array(struct arena *a, const struct str *v, size_t n)
{
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(&b, ',');
        }
        if (str_null(v[i])) {
            buf_text(&b, "NULL");
            continue;
        }
        buf_room(&b, 2 * v[i].n + 2);
        b.n += quoted(b.p + b.n, v[i]);
    }
    buf_char(&b, '}');
    return db_str(buf_view(&b));
}


struct db_arg
db_bytes_array(struct arena *a, const struct str *v, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        buf_text(&b, i > 0 ? ",\"\\\\x" : "\"\\\\x");
        buf_room(&b, 2 * v[i].n);
        for (size_t j = 0; j < v[i].n; j++) {
            unsigned char c = (unsigned char) v[i].p[j];

            b.p[b.n + 2 * j] = hex[c >> 4];
            b.p[b.n + 2 * j + 1] = hex[c & 15];
        }
        b.n += 2 * v[i].n;
        buf_char(&b, '"');
    }
    buf_char(&b, '}');
    return db_str(buf_view(&b));
}


struct db_arg
db_time_array(struct arena *a, const int64_t *us, size_t n)
{
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(&b, ',');
        }
        if (us[i] == 0) {
            buf_text(&b, "NULL");

        } else {
            char text[TIME_ISO_SIZE];
            size_t length = time_write_iso(text, us[i]);

            buf_add(&b, text, length);
        }
    }
    buf_char(&b, '}');
    return db_str(buf_view(&b));
}


/* results */

/* Columns are read in their order, mostly: the next one is looked at first. */
static int
column(const struct db_rows *rows, const char *col)
{
    static int next;
    int n = next < PQnfields(rows->res) ? next : 0;
    const char *name = PQfname(rows->res, n);

    if (name == NULL || strcmp(name, col) != 0) {
        n = PQfnumber(rows->res, col);
    }
    if (n == -1) {
        log_error("no column \"%s\" in a result: a bug", col);
        abort();
    }
    next = n + 1;
    return n;
}


bool
db_is_null(const struct db_rows *rows, int row, const char *col)
{
    return PQgetisnull(rows->res, row, column(rows, col));
}


struct str
db_get_str(const struct db_rows *rows, int row, const char *col)
{
    int c = column(rows, col);

    if (PQgetisnull(rows->res, row, c)) {
        return STR_NULL;
    }
    return str_make(PQgetvalue(rows->res, row, c),
                    (size_t) PQgetlength(rows->res, row, c));
}


int64_t
db_get_i64(const struct db_rows *rows, int row, const char *col)
{
    int64_t v = 0;

    return str_i64(db_get_str(rows, row, col), &v) ? v : 0;
}


double
db_get_double(const struct db_rows *rows, int row, const char *col)
{
    double v = 0;

    return str_double(db_get_str(rows, row, col), &v) ? v : 0;
}


bool
db_get_bool(const struct db_rows *rows, int row, const char *col)
{
    return str_is(db_get_str(rows, row, col), "t");
}


int64_t
db_get_time(const struct db_rows *rows, int row, const char *col)
{
    int64_t us = 0;

    return time_parse_iso(db_get_str(rows, row, col), &us) ? us : 0;
}


struct str
db_get_bytes(struct arena *a, const struct db_rows *rows, int row,
             const char *col)
{
    struct str text = db_get_str(rows, row, col);
    unsigned char *bytes;
    size_t n;
    char *p;

    if (str_null(text)) {
        return text;
    }
    bytes = PQunescapeBytea((const unsigned char *) text.p, &n);
    if (bytes == NULL) {
        abort();
    }
    p = arena_strndup(a, (const char *) bytes, n);
    PQfreemem(bytes);
    return str_make(p, n);
}
