/*
 * db/private.h - shared by the files of db/, and by nobody else.
 */

#ifndef VEDETTE_DB_PRIVATE_H
#define VEDETTE_DB_PRIVATE_H

#include "db/db.h"
#include "util/crypt.h"

#define DB_KEPT 16

/* An answer of db_query_kept; res NULL: a free place. */
struct db_kept {
    enum sql stmt;
    unsigned char key[DIGEST_BYTES]; /* of its arguments */
    int64_t until;                   /* monotonic µs */
    PGresult *res;
};

struct db {
    char *conninfo;
    const char *role; /* see db_role */
    int64_t patience; /* seconds of a statement, 0: any; see db_patience */
    PGconn *conn;
    unsigned statements;
    unsigned depth;      /* of nested begins */
    bool entered;        /* see db_entering */
    bool stopped;        /* see db_patience */
    bool doomed;         /* a statement of the open transaction has failed */
    bool generic;        /* the connection's plan_cache_mode */
    bool generic_before; /* when the transaction began */
    bool prepared[SQL_COUNT];
    struct db_kept kept[DB_KEPT];
};

void db_kept_free(struct db *db);

/* The status of a result, logged under the statement's name; see db.h. */
enum status db_result_status(struct db *db, const PGresult *res,
                             const char *name);

#endif
