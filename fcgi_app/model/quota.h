/*
 * model/quota.h - limits of a key, a project or an organisation, by category.
 *
 * All that concern a key travel to the edges in its record and hold there at
 * once: an item passes when each has room.  (The one limit that stands in the
 * project_key itself is for errors, and is the one that people set first.)
 */

#ifndef VEDETTE_MODEL_QUOTA_H
#define VEDETTE_MODEL_QUOTA_H

#include "db/db.h"
#include "model/audit.h"
#include "queue/redis.h"

struct quota {
    int64_t id;
    int64_t organization_id;
    int64_t project_id;    /* 0: of the organisation */
    int64_t key_id;        /* 0: of the project */
    struct str categories; /* "error;transaction", or "*" for all */
    int64_t count;         /* units a window; 0 refuses all */
    int64_t seconds;       /* the window */
    int64_t created_at;
};

/* So many for each key, project and organisation: what a record has room for */
#define QUOTA_MAX 8

#define QUOTA_COUNT_MAX 1000000000000
#define QUOTA_SECONDS_MAX 2592000 /* 30 days */

/* The categories that can be limited, by the names of the protocol. */
extern const char *const quota_categories[];
extern const size_t quota_categories_count;

/*
 * Names separated by ';', ',' or blanks, or "*": each known, in the order of
 * the table and once.  false: there is one that nobody knows, or none.
 */
bool quota_categories_read(struct arena *a, struct str text, struct str *out);

/* Those of exactly this organisation, project or key; ids of 0 as above. */
enum status quota_list(struct db *db, struct arena *a, int64_t org,
                       int64_t project_id, int64_t key_id, struct quota **out,
                       size_t *n) MUST_CHECK;

/*
 * Sets the limit of these categories in this window, which may be there
 * already, and publishes it.  ST_INVALID: out of bounds.  ST_CONFLICT: there
 * are QUOTA_MAX of them.  ST_RETRY: it stands but is not published yet (see
 * project_key.h), or the database is away.
 */
enum status quota_set(struct db *db, struct redis *r, struct arena *a,
                      const struct actor *by,
                      const struct quota *quota) MUST_CHECK;

/* Removes the one with the id of *quota, if it is this owner's. */
enum status quota_remove(struct db *db, struct redis *r, struct arena *a,
                         const struct actor *by,
                         const struct quota *quota) MUST_CHECK;

#endif
