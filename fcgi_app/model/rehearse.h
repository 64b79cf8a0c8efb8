/*
 * model/rehearse.h - the past, as alert/rehearse.h replays it.
 */

#ifndef VEDETTE_MODEL_REHEARSE_H
#define VEDETTE_MODEL_REHEARSE_H

#include "model/alert_data.h"
#include "model/feedback.h"

#define REHEARSE_ROWS_MAX 200000

struct past_scope {
    int64_t organization_id;
    const int64_t *projects; /* none: all */
    size_t nprojects;
    const struct str *environments; /* none: any */
    size_t nenvironments;
    int64_t from;
    int64_t to;
};

/* One thing that happened; what is not told by a list is 0 or null. */
struct past {
    int64_t issue_id;
    int64_t project_id;
    int64_t at;
    int64_t n;        /* events in the scope's environments */
    struct str users; /* 4 bytes each */
    struct str kind;  /* of history */
    struct str data;
    struct alert_tag tag;
    const struct feedback *feedback; /* NULL: it was no message */
};

/* A project's minute: events, or sessions, and their users. */
struct past_count {
    int64_t at;
    int64_t place; /* of sessions' release, the newest's is highest; or 0 */
    int64_t n;
    int64_t bad;          /* of sessions: crashed */
    struct str users;     /* 4 bytes each */
    struct str bad_users; /* whose session crashed */
};

/* One project, by time; level: events of it and above. */
enum status past_counts(struct db *db, struct arena *a,
                        const struct past_scope *s, int level, bool users,
                        struct past_count **out, size_t *n) MUST_CHECK;
/*
 * users: those of sessions are wanted too.  release: as in struct metric_scope;
 * for "latest" a minute may come several times, once for each release.
 */
enum status past_sessions(struct db *db, struct arena *a,
                          const struct past_scope *s, struct str release,
                          bool users, struct past_count **out,
                          size_t *n) MUST_CHECK;

/* By issue and minute; min: issues with no more events are left out. */
enum status past_minutes(struct db *db, struct arena *a,
                         const struct past_scope *s, int64_t min, bool users,
                         struct past **out, size_t *n) MUST_CHECK;
/* Users of events that matched tag filters, as past_minutes. */
enum status past_matches(struct db *db, struct arena *a,
                         const struct past_scope *s, int64_t match,
                         struct past **out, size_t *n) MUST_CHECK;
enum status past_new(struct db *db, struct arena *a, const struct past_scope *s,
                     struct past **out, size_t *n) MUST_CHECK;
enum status past_history(struct db *db, struct arena *a,
                         const struct past_scope *s, const struct str *kinds,
                         size_t nkinds, struct past **out,
                         size_t *n) MUST_CHECK;
enum status past_tags(struct db *db, struct arena *a,
                      const struct past_scope *s, const struct str *keys,
                      size_t nkeys, struct past **out, size_t *n) MUST_CHECK;
enum status past_feedback(struct db *db, struct arena *a,
                          const struct past_scope *s, struct past **out,
                          size_t *n) MUST_CHECK;
enum status past_projects(struct db *db, struct arena *a,
                          const struct past_scope *s, struct past **out,
                          size_t *n) MUST_CHECK;

#endif
