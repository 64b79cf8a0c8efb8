/*
 * model/batch_work.h - shared by the files of model/batch*, and by nobody
 * else: one attempt to store a batch, inside its transaction.
 */

#ifndef VEDETTE_MODEL_BATCH_WORK_H
#define VEDETTE_MODEL_BATCH_WORK_H

#include "model/batch.h"

struct work_project {
    int64_t id;
    int64_t organization_id;
    bool waiting;       /* for its first event */
    int64_t new_issues; /* of this batch */
    int64_t new_events;
    int64_t first_at; /* µs */
};

/* An issue that gets events. */
struct work_issue {
    int64_t id;
    bool fresh;      /* made by this batch */
    bool told;       /* its first event was passed on (batch.stored) */
    bool words_due;  /* written with its newest event, however many it has */
    bool by_release; /* resolved in a release, or in the next one */
    struct str regressed_in;
    struct str resolved_in;
    bool regressed;
    bool newer; /* than what was stored: its newest event gives the texts */
    struct work_project *project;
    int64_t number; /* of a fresh one */
    int64_t n;
    int64_t before; /* events, when it was found: all, and of this hour */
    int64_t parted; /* how often hashes were taken from it, when we looked */
    int64_t hour_before;
    int64_t chosen;  /* events of ours that have been looked at */
    int64_t thinned; /* of which the body is not kept */
    int64_t users;   /* not seen before */
    int64_t first_seen;
    int64_t last_seen;
    bool unhandled;
    const struct batch_event *oldest;
    const struct batch_event *newest;
    struct str last_release;
};

/* A distinct grouping hash. */
struct work_hash {
    int64_t project_id;
    const unsigned char *hash;
    struct work_issue *issue; /* NULL: nobody's yet */
    bool discarded;           /* its events are dropped */
    bool bind;                /* to be written */
};

struct work_row {
    const struct batch_event *ev;
    struct work_project *project; /* NULL: unknown, not stored */
    bool duplicate;
    bool discarded;
    struct work_issue *issue; /* NULL: not stored */
    int64_t id;
    bool keep; /* its body */
};

struct work_user {
    struct work_issue *issue;
    unsigned char hash[16];
};

/* One cell of release_hour, or a part of it that is still to be added up. */
enum {
    HEALTH_EVENTS,
    HEALTH_SESSIONS,
    HEALTH_EXITED,
    HEALTH_ERRORED,
    HEALTH_ABNORMAL,
    HEALTH_UNHANDLED,
    HEALTH_CRASHED,
    HEALTH_USERS,
    HEALTH_USERS_CRASHED,
    HEALTH_DURATION_MS,
    HEALTH_DURATIONS,
    HEALTH_COUNTERS
};

struct work_health {
    int64_t organization_id;
    int64_t project_id;
    int64_t release_id;
    int64_t environment_id; /* 0: none */
    int64_t hour;
    int64_t n[HEALTH_COUNTERS];
};

struct names; /* batch_release.c */

struct work {
    struct db *db;
    struct arena *a;
    const struct batch *batch;
    struct work_project *projects; /* by id */
    size_t nprojects;
    struct work_row *rows; /* in the batch's order */
    size_t nrows;
    struct work_hash *hashes; /* by project and hash */
    size_t nhashes;
    struct work_issue **issues; /* by id once they all have one */
    size_t nissues;
    size_t nfresh;
    size_t nregressed;
    bool projects_are_locked;
    struct work_user *users; /* by issue and hash, each once */
    size_t nusers;

    /* of events and sessions */
    const struct names *releases;
    const struct names *environments;
    struct work_health *health;
    size_t nhealth;
    size_t health_size;

    /* of what was decided while storing */
    struct outcome *outcomes;
    size_t noutcomes;
};

/*
 * batch_issue.c.  Gives each row that is to be stored its issue: found by its
 * hashes, or made up and given an id.
 */
enum status work_find_issues(struct work *w) MUST_CHECK;

/*
 * Locks the projects that get issues before anything is copied, while workers
 * make issues at the same moment; else work_write_issues does.  ST_CONFLICT as
 * there.
 */
enum status work_lock_early(struct work *w) MUST_CHECK;

/* batch_keep.c: whose bodies are kept; after work_find_issues. */
void work_choose_bodies(struct work *w);

/* What it has chosen was not stored. */
void work_forget_bodies(void);

/*
 * Writes issues: makes the fresh ones, locks and counts the others.
 * ST_CONFLICT: another worker has made or taken away one of them since.
 */
enum status work_write_issues(struct work *w) MUST_CHECK;

/*
 * batch_count.c.  The distinct users of each issue in this batch, into
 * issue->users: right for a fresh issue.
 */
void work_collect_users(struct work *w);

/* Writes them; issue->users of a known issue becomes those not seen before. */
enum status work_write_users(struct work *w) MUST_CHECK;

/* Hours and minutes; after work_write_issues, under its locks. */
enum status work_count(struct work *w) MUST_CHECK;

/* batch_tag.c: outside of the transaction, before it. */
enum status work_number_tags(struct db *db, struct arena *a,
                             const struct batch *b) MUST_CHECK;

/* batch_sdk.c: outside of the transaction, too. */
enum status work_note_sdks(struct db *db, struct arena *a,
                           const struct batch *b) MUST_CHECK;

/* batch_minute.c: the second after all else, as its rows are everybody's. */
enum status work_count_issue_minutes(struct work *w) MUST_CHECK;
enum status work_count_project_minutes(struct work *w) MUST_CHECK;

/* What is new by one session item of the batch. */
struct work_told {
    const struct batch_session *session;
    int64_t release_id;
    int64_t began;
    int64_t crashed;
};

enum status work_count_session_minutes(struct work *w,
                                       const struct work_told *told,
                                       size_t n) MUST_CHECK;

/*
 * batch_release.c.  Everything of batch_items.h, and the releases and
 * environments of events; the last locks but those of the ledger.
 */
enum status work_store_items(struct work *w) MUST_CHECK;

/* 0: not kept. */
int64_t work_release_id(const struct work *w, int64_t project_id,
                        struct str release);
int64_t work_environment_id(const struct work *w, int64_t project_id,
                            struct str environment);

/* A part of the cell of that hour, all zero; it moves with the next one. */
struct work_health *work_health_add(struct work *w, int64_t organization_id,
                                    int64_t project_id, int64_t release_id,
                                    int64_t environment_id, int64_t at);

/* batch_attachment.c; they fill work.outcomes */
enum status work_store_attachments(struct work *w) MUST_CHECK;
enum status work_store_feedback(struct work *w) MUST_CHECK;

/* batch_ended.c */
enum status work_store_ended(struct work *w) MUST_CHECK;

/* batch_session.c */
enum status work_count_sessions(struct work *w) MUST_CHECK;

static inline int
compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

#endif
