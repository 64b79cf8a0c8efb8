/*
 * model/project.h - what sends events: an application or a part of one.
 */

#ifndef VEDETTE_MODEL_PROJECT_H
#define VEDETTE_MODEL_PROJECT_H

#include "db/db.h"
#include "model/access.h"
#include "model/audit.h"
#include "queue/redis.h"

/* With more, sums of a whole organisation are kept for a while. */
#define PROJECTS_MANY 50

struct project {
    int64_t id; /* the number in its DSNs */
    int64_t organization_id;
    struct str slug;
    struct str name;
    struct str platform;
    int64_t first_event_at; /* µs; 0: still waiting */
    int64_t created_at;
    int64_t archived_at; /* 0: it is not; see project_end.h */
    int64_t delete_at;   /* 0: it stays */
    bool starred;        /* a favourite of the reader: by request_projects */
};

/* The one that had the slug before; ST_NOT_FOUND. */
enum status project_by_old_slug(struct db *db, struct arena *a, int64_t org,
                                struct str slug,
                                struct project *out) MUST_CHECK;

/* *id: of the project with the slug, if it once had an issue of the number, of
 * that name; *deleted: a person has deleted it. */
enum status project_had_issue(struct db *db, struct arena *a, int64_t org,
                              struct str slug, int64_t number, struct str name,
                              int64_t *id, bool *deleted) MUST_CHECK;

enum status project_by_slug(struct db *db, struct arena *a, int64_t org,
                            struct str slug, struct project *out) MUST_CHECK;
enum status project_by_id(struct db *db, struct arena *a, int64_t org,
                          int64_t id, struct project *out) MUST_CHECK;

/*
 * For the digest, of all organisations: the organisation in which each of
 * these projects is now; of those that are no more the given one stays.
 */
enum status project_homes(struct db *db, struct arena *a,
                          const int64_t *projects, int64_t *organizations,
                          size_t n) MUST_CHECK;

/* ST_CONFLICT when the organisation has such a slug already. */
enum status project_create(struct db *db, struct arena *a,
                           const struct actor *by, int64_t org, struct str slug,
                           struct str name, struct str platform,
                           int64_t *id) MUST_CHECK;

/* Stores name, slug and platform.  ST_CONFLICT when the slug is taken. */
enum status project_update(struct db *db, struct arena *a,
                           const struct actor *by,
                           const struct project *project) MUST_CHECK;

/*
 * Deletes the project with its keys, issues and events, and then its keys at
 * the edge, which refuses them within 2 s.  When Redis is away then, the
 * project is gone and ST_RETRY is returned; the worker removes the keys once
 * Redis is back.  Its counters stay: they say what was accepted.
 */
enum status project_delete(struct db *db, struct redis *r, struct arena *a,
                           const struct actor *by,
                           const struct project *project) MUST_CHECK;

/*
 * Those that an account sees, NULL for all, by name, at most 500; no archived
 * ones, or only these.  By the version of an organisation that was entered
 * (model/organization.h) this process keeps them until one changes.
 */
enum status project_list(struct db *db, struct arena *a, int64_t org,
                         const struct access *access, struct project **out,
                         size_t *n) MUST_CHECK;

enum status project_list_kept(struct db *db, struct arena *a, int64_t org,
                              int64_t version, const struct access *access,
                              struct project **out, size_t *n) MUST_CHECK;

enum status project_list_archived(struct db *db, struct arena *a, int64_t org,
                                  const struct access *access,
                                  struct project **out, size_t *n) MUST_CHECK;

/* For the model: a row with the columns of project_by_id. */
void project_read(const struct db_rows *rows, int i, struct project *out);

#endif
