/*
 * model/migration.h - which migrations the database has seen.
 */

#ifndef VEDETTE_MODEL_MIGRATION_H
#define VEDETTE_MODEL_MIGRATION_H

#include "db/db.h"

struct migration {
    int64_t number;
    struct str name;   /* "0001_init.sql" */
    struct str digest; /* of the file's bytes, hex */
};

/* Makes the table when there is none and waits for other migrations to end;
 * inside a transaction. */
enum status migration_lock(struct db *db, struct arena *a) MUST_CHECK;

/* Those applied, by number. */
enum status migration_list(struct db *db, struct arena *a,
                           struct migration **out, size_t *n) MUST_CHECK;

enum status migration_add(struct db *db, struct arena *a,
                          const struct migration *m) MUST_CHECK;

/* After all of them: policies and rights of every table, see sql/0013. */
enum status migration_wall(struct db *db, struct arena *a) MUST_CHECK;

#endif
