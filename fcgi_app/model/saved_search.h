/*
 * model/saved_search.h - searches of the stream, and questions of the explorer,
 * that have a name: a person's own and those that an organisation shares.  Each
 * person may choose one that the stream opens with.
 */

#ifndef VEDETTE_MODEL_SAVED_SEARCH_H
#define VEDETTE_MODEL_SAVED_SEARCH_H

#include "model/audit.h"

#define SAVED_SEARCHES_MAX 50 /* own ones, and shared ones */

enum saved_place { SAVED_IN_STREAM, SAVED_IN_EXPLORER };

struct saved_search {
    int64_t id;
    enum saved_place place;
    struct str name;
    struct str query; /* model/issue_search.h; page/explore.h */
    struct str sort;  /* as in ?sort= of the stream */
    bool shared;
    bool chosen; /* the stream opens with it */
};

/* Of rows as saved_search_list has them, up to one without an id. */
void saved_search_read(struct arena *a, const struct db_rows *rows,
                       enum saved_place place, struct saved_search **out,
                       size_t *n);

/* What an account sees: its own first, then the shared ones, by name. */
enum status saved_search_list(struct db *db, struct arena *a, int64_t org,
                              int64_t account_id, enum saved_place place,
                              struct saved_search **out, size_t *n) MUST_CHECK;

/* One of them.  ST_NOT_FOUND also when it is somebody else's own. */
enum status saved_search_find(struct db *db, struct arena *a, int64_t org,
                              int64_t account_id, enum saved_place place,
                              int64_t id, struct saved_search *out) MUST_CHECK;

/*
 * Adds one with id 0, and sets the id; changes one that was found.  Only what
 * is shared is told to the audit log.  ST_CONFLICT: the name is taken.
 * ST_LIMITED: SAVED_SEARCHES_MAX.
 */
enum status saved_search_save(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org,
                              struct saved_search *s) MUST_CHECK;

enum status saved_search_remove(struct db *db, struct arena *a,
                                const struct actor *by, int64_t org,
                                const struct saved_search *s) MUST_CHECK;

/* The account's stream opens with it; id 0: with no search of these. */
enum status saved_search_choose(struct db *db, struct arena *a, int64_t org,
                                int64_t account_id, int64_t id) MUST_CHECK;

#endif
