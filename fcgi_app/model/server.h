/*
 * model/server.h - the database server itself, for status and health pages.
 */

#ifndef VEDETTE_MODEL_SERVER_H
#define VEDETTE_MODEL_SERVER_H

#include "db/db.h"

struct server {
    struct str version;  /* "15.9" */
    int64_t backend_pid; /* of this connection */
    int64_t connections;
    int64_t size_bytes;   /* of the database */
    struct str migration; /* the newest applied; the null str: none */
};

enum status server_read(struct db *db, struct arena *a,
                        struct server *out) MUST_CHECK;

#endif
