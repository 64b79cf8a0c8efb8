/*
 * db/private.h - shared by the files of db/, and by nobody else.
 */

#ifndef VEDETTE_DB_PRIVATE_H
#define VEDETTE_DB_PRIVATE_H

#include "db/db.h"

struct db {
    char *conninfo;
    const char *role; /* see db_role */
    PGconn *conn;
    unsigned statements;
    unsigned depth;      /* of nested begins */
    bool doomed;         /* a statement of the open transaction has failed */
    bool generic;        /* the connection's plan_cache_mode */
    bool generic_before; /* when the transaction began */
    bool prepared[SQL_COUNT];
};

/* The status of a result, logged under the statement's name; see db.h. */
enum status db_result_status(struct db *db, const PGresult *res,
                             const char *name);

#endif
