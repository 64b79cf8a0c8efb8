/*
 * model/tag.h - the keys of a project's tags: how many values each has, which
 * people want to see.
 */

#ifndef VEDETTE_MODEL_TAG_H
#define VEDETTE_MODEL_TAG_H

#include "db/db.h"
#include "model/audit.h"
#include "model/project.h"

#define TAG_KEYS_MAX 300    /* that are listed */
#define TAG_VALUES_MAX 1000 /* of a key that are counted; then "or more" */

struct tag_key {
    struct str key;
    int64_t values;     /* at most TAG_VALUES_MAX */
    int64_t times_seen; /* in the last seven days */
    bool wide;          /* too many values to count each */
    bool hidden;        /* from the shares of an issue */
};

/* By name. */
enum status tag_key_list(struct db *db, struct arena *a,
                         const struct project *project, int64_t now,
                         struct tag_key **out, size_t *n) MUST_CHECK;

/* ST_NOT_FOUND: the project has no such key. */
enum status tag_key_hide(struct db *db, struct arena *a, const struct actor *by,
                         const struct project *project, struct str key,
                         bool hidden) MUST_CHECK;

#endif
