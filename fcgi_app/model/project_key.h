/*
 * model/project_key.h - the public half of a DSN, and what the edge knows of
 * it.
 *
 * PostgreSQL holds the truth.  Every change here is published to Redis
 * (message.h §2) before the function returns; when Redis is away then, the
 * change stands and the function returns ST_RETRY, and "vedette key publish"
 * brings it there.
 */

#ifndef VEDETTE_MODEL_PROJECT_KEY_H
#define VEDETTE_MODEL_PROJECT_KEY_H

#include "db/db.h"
#include "model/audit.h"
#include "queue/redis.h"

struct project_key {
    int64_t id;
    int64_t organization_id;
    int64_t project_id;
    struct str public_key; /* 32 hex */
    struct str label;
    bool is_active;
    int64_t limit_count;  /* events a window; meaningful if limit_window > 0 */
    int64_t limit_window; /* seconds; 0: no limit */
    int64_t created_at;
    int64_t last_seen_at; /* something came with it; to ten seconds */
    int64_t expires_at;   /* 0: never.  It is switched off then */
};

/* system.url-prefix with the key in front of the host and the project behind */
struct str project_key_dsn(struct arena *a, const struct project_key *key);

/* The keys of a project, oldest first, at most 100. */
enum status project_key_list(struct db *db, struct arena *a, int64_t org,
                             int64_t project_id, struct project_key **out,
                             size_t *n) MUST_CHECK;

/* One of them. */
enum status project_key_by_id(struct db *db, struct arena *a, int64_t org,
                              int64_t project_id, int64_t id,
                              struct project_key *out) MUST_CHECK;

enum status project_key_create(struct db *db, struct redis *r, struct arena *a,
                               const struct actor *by, int64_t org,
                               int64_t project_id, struct str label,
                               struct project_key *out) MUST_CHECK;

/*
 * Makes a key of the same label and limits, *out, and lets the old one work
 * for so many seconds more; 0: it is off at once.
 */
enum status project_key_rotate(struct db *db, struct redis *r, struct arena *a,
                               const struct actor *by,
                               const struct project_key *key, int64_t now,
                               int64_t seconds,
                               struct project_key *out) MUST_CHECK;

/* The edge refuses it within 2 s; its counters stay. */
enum status project_key_delete(struct db *db, struct redis *r, struct arena *a,
                               const struct actor *by,
                               const struct project_key *key) MUST_CHECK;

/* Switches off those whose time has come; *more: there may be others. */
enum status project_key_expire(struct db *db, struct redis *r, struct arena *a,
                               int64_t now, bool *more) MUST_CHECK;

/* Stores label, is_active, expires_at and the limit of *key. */
enum status project_key_update(struct db *db, struct redis *r, struct arena *a,
                               const struct actor *by,
                               const struct project_key *key) MUST_CHECK;

/*
 * Writes the records of these keys, of all keys of a project or of an
 * organisation anew: after whatever stands in them has changed.
 */
enum status project_key_publish(struct db *db, struct redis *r, struct arena *a,
                                const int64_t *ids, size_t n) MUST_CHECK;
enum status project_key_publish_project(struct db *db, struct redis *r,
                                        struct arena *a, int64_t org,
                                        int64_t project_id) MUST_CHECK;
enum status project_key_publish_organization(struct db *db, struct redis *r,
                                             int64_t org) MUST_CHECK;

/*
 * Removes the records of keys whose project is no more: the edge refuses them
 * within 2 s.
 */
enum status project_key_unpublish(struct redis *r, struct arena *a,
                                  const struct project_key *keys,
                                  size_t n) MUST_CHECK;

/*
 * Writes every key's record anew: after a restore, or when Redis has lost
 * them.  Records of keys that are no more are removed.
 */
enum status project_key_publish_all(struct db *db, struct redis *r) MUST_CHECK;

/*
 * Publishes all if Redis has lost what it knew of keys: edges would refuse
 * everything.  Cheap when it has not; the worker asks every few seconds.
 */
enum status project_key_publish_lost(struct db *db, struct redis *r) MUST_CHECK;

#endif
