/*
 * model/release.h - releases as people see them: which there are, how well
 * they do, what came with them.  The digest makes and counts them
 * (model/batch_release.c).
 *
 * A release is of one project; a version that several projects have is a row
 * of each.  projects of a filter: what the reader may see or has chosen;
 * not limited: every project of the organisation.
 */

#ifndef VEDETTE_MODEL_RELEASE_H
#define VEDETTE_MODEL_RELEASE_H

#include "db/db.h"
#include "model/audit.h"
#include "model/issue.h"
#include "model/project.h"

#define RELEASE_PAGE 20
#define RELEASE_COMMITS_MAX 100
#define RELEASE_DEPLOYS_MAX 50
#define RELEASE_ISSUES_MAX 25
#define RELEASE_COUNT_CAP 999
#define RELEASE_AUTHORS 3 /* that are named in the list */

struct release {
    int64_t id;
    int64_t project_id;
    struct str project_slug;
    struct str project_name;
    struct str platform; /* of the project */
    struct str version;
    bool is_semantic;
    int64_t first_seen;
    int64_t last_seen;
    int64_t released_at; /* 0: never said to be finished */
    struct str url;
    int64_t new_issues; /* up to RELEASE_COUNT_CAP + 1 */
};

struct release_filter {
    const struct id_set *projects;
    struct str environment; /* seen in it; null: any */
    struct str text;        /* part of the version; null: any */
    bool by_version;        /* the order of semantic versions, newest first */
};

/*
 * A page of at most RELEASE_PAGE, newest first; id 0: from the newest.  back:
 * those before the release id.  *more: there are further ones in that
 * direction.
 */
enum status release_list(struct db *db, struct arena *a,
                         int64_t organization_id,
                         const struct release_filter *filter, int64_t id,
                         bool back, struct release **out, size_t *n,
                         bool *more) MUST_CHECK;

/* A release and how its sessions ended; users are those of each day. */
struct release_state {
    struct str version;
    struct str project_slug;
    int64_t project_id;
    int64_t first_seen;
    int64_t sessions;
    int64_t crashed;
    int64_t users;
    int64_t users_crashed;
};

#define RELEASE_NEWS 4
#define RELEASE_OWN 8

struct release_news {
    struct release_state recent[RELEASE_NEWS]; /* the newest, newest first */
    size_t nrecent;
    struct release_state top[RELEASE_NEWS]; /* those with most sessions */
    size_t ntop;
    struct release_state all; /* all together: numbers only */
    struct release_state
        own[RELEASE_OWN]; /* a project each: its newest release,
                             if any, numbers of all of them */
    size_t nown;
};

/*
 * Of these projects: the newest releases since a time (µs), and how sessions
 * ended since day; of at most RELEASE_OWN also by themselves.  keep: seconds
 * that the answer may be old.
 */
enum status release_news(struct db *db, struct arena *a,
                         int64_t organization_id, const int64_t *projects,
                         size_t n, const int64_t *own, size_t nown,
                         int64_t since, int64_t day, int keep,
                         struct release_news *out) MUST_CHECK;

/* All of this version, at most 50, by project. */
enum status release_find(struct db *db, struct arena *a,
                         int64_t organization_id, struct str version,
                         const struct id_set *projects, struct release **out,
                         size_t *n) MUST_CHECK;

/*
 * The one before it in its project: by version when it has an order, else by
 * the time of its first event.  ST_NOT_FOUND: it is the first.
 */
enum status release_before(struct db *db, struct arena *a,
                           const struct release *r,
                           struct release *out) MUST_CHECK;

/*
 * The newest release of each project, by what its newest ten say (grouping.md
 * §6): by version when it follows semver, else by time.  For "release:latest".
 * The versions, at most one a project.
 */
enum status release_latest(struct db *db, struct arena *a,
                           int64_t organization_id,
                           const struct id_set *projects, struct str **out,
                           size_t *n) MUST_CHECK;

/*
 * < 0, 0, > 0 as a was released before, with or after b in this project; both
 * may be unknown.  By version when both have an order, else by first event.
 */
enum status release_compare(struct db *db, struct arena *a, int64_t project_id,
                            struct str left, struct str right,
                            int *out) MUST_CHECK;


/* Health */

struct health {
    int64_t events;
    int64_t sessions;
    int64_t exited;
    int64_t errored; /* all that went wrong, the next three too */
    int64_t abnormal;
    int64_t unhandled;
    int64_t crashed;
    int64_t users; /* of each day, added up */
    int64_t users_crashed;
    int64_t duration_ms;
    int64_t durations;
};

/*
 * The numbers of a release, or of a whole project, from (inclusive) to
 * (exclusive); in slots of whole hours, or in one.
 */
struct release_ask {
    int64_t id;
    bool project; /* the id is a project's */
    int64_t from;
    int64_t to;
    int64_t step;     /* seconds */
    size_t slots;     /* 1: all together */
    struct health *v; /* the answer */
};

/* Answers all in one statement; environment null: all. */
enum status release_numbers(struct db *db, struct arena *a,
                            struct str environment, struct release_ask *asks,
                            size_t n) MUST_CHECK;

/*
 * Per cent of sessions, or of users, that did not crash; -1: there were none.
 */
double health_crash_free(int64_t crashed, int64_t all);


/* Issues */

enum release_issues {
    RELEASE_NEW,       /* first seen in it */
    RELEASE_UNHANDLED, /* of those, unhandled ones */
    RELEASE_REGRESSED, /* regressed, and last seen in it */
    RELEASE_RESOLVED,  /* resolved, and last seen in it */
    RELEASE_LISTS
};

/* The latest RELEASE_ISSUES_MAX. */
enum status release_issues(struct db *db, struct arena *a,
                           const struct release *r, enum release_issues which,
                           struct issue **out, size_t *n) MUST_CHECK;

/* The latest RELEASE_ISSUES_MAX new ones of each of these versions. */
enum status release_new_issues(struct db *db, struct arena *a,
                               int64_t project_id, const struct str *versions,
                               size_t nversions, struct issue **out,
                               size_t *n) MUST_CHECK;

struct release_counts {
    int64_t n[RELEASE_LISTS]; /* each up to RELEASE_COUNT_CAP + 1 */
};

/* Of each of these versions, in their order; one statement. */
enum status release_issue_counts(struct db *db, struct arena *a,
                                 int64_t project_id, const struct str *versions,
                                 size_t n,
                                 struct release_counts *counts) MUST_CHECK;


/* What came with it */

struct deploy {
    int64_t release_id;
    struct str environment;
    struct str name;
    struct str url;
    int64_t started_at; /* 0: not told */
    int64_t finished_at;
};

struct commit {
    struct str revision;
    struct str repository;
    struct str message;
    struct str author;
    struct str author_email;
    struct str files; /* that it changed, a line each; null: not told */
    int64_t at;       /* 0: not told */
};

/* Newest first, of these releases together. */
enum status release_deploys(struct db *db, struct arena *a, const int64_t *ids,
                            size_t n, struct deploy **out,
                            size_t *nout) MUST_CHECK;

/* What the list says of a release beside its health. */
struct release_mark {
    int64_t regressed; /* issues that came back in it; up to RELEASE_COUNT_CAP
                          + 1 */
    int64_t authors;   /* of its commits */
    struct str names;  /* of those with most commits, RELEASE_AUTHORS at most */
    int64_t before;    /* the release before it; 0: it is the first */
    struct str before_version;
};

/* Of each of these releases, in their order: release_marks.c. */
enum status release_marks(struct db *db, struct arena *a,
                          int64_t organization_id, const int64_t *ids, size_t n,
                          struct release_mark **out) MUST_CHECK;

/* Its new issues that are neither resolved nor archived, at most max. */
enum status release_open_issues(struct db *db, struct arena *a,
                                int64_t organization_id,
                                const struct release *r, size_t max,
                                int64_t *ids, size_t *n) MUST_CHECK;

/* Where a release went, and what it is made of, as the author has listed it. */
struct origin {
    struct deploy *deploys; /* newest first */
    size_t ndeploys;
    struct commit *commits;
    size_t ncommits;
};

enum status release_origin(struct db *db, struct arena *a, int64_t release_id,
                           struct origin *out) MUST_CHECK;

/*
 * Makes a release that is not there yet, and says what is not null or 0.
 * ST_INVALID: no release may be called so.
 */
enum status release_save(struct db *db, struct arena *a,
                         const struct project *project, struct str version,
                         int64_t released_at, struct str url,
                         int64_t *id) MUST_CHECK;

enum status release_deploy(struct db *db, struct arena *a,
                           int64_t organization_id, int64_t release_id,
                           const struct deploy *deploy) MUST_CHECK;

/* Takes the place of the commits that it had; newest first.  Resolves what they
 * say they repair (model/release_fixes.h). */
enum status release_set_commits(struct db *db, struct arena *a,
                                int64_t organization_id, int64_t release_id,
                                const struct commit *commits,
                                size_t n) MUST_CHECK;

#endif
