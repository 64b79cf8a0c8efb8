/*
 * model/overview.h - one project at a glance.
 *
 * Levels and tags are from the counters that follow the digest by a few
 * seconds (model/fold.h) and are of all events.  The lists of issues are about
 * the OVERVIEW_ISSUES issues that were seen last, of those seen since a time: a
 * bound that keeps a large project as fast as a small one.
 */

#ifndef VEDETTE_MODEL_OVERVIEW_H
#define VEDETTE_MODEL_OVERVIEW_H

#include "model/access.h"
#include "model/issue.h"

#define OVERVIEW_ISSUES 200
#define OVERVIEW_TOP 5
#define OVERVIEW_COUNTRIES 300
#define OVERVIEW_LEVELS 5

struct overview_query {
    int64_t organization_id;
    int64_t project_id;
    int64_t from; /* µs, whole hours */
    int64_t to;   /* likewise; what ends now: rather at a midnight */
};

/* "fatal" … "debug" */
extern const char *const overview_level_names[OVERVIEW_LEVELS];

/* Events by their level, in the order of the names. */
struct overview_levels {
    int64_t *n[OVERVIEW_LEVELS]; /* slots */
};

enum status overview_levels(struct db *db, struct arena *a,
                            const struct overview_query *q, int64_t step,
                            size_t slots,
                            struct overview_levels *out) MUST_CHECK;

/* How often a value was seen. */
struct overview_tag {
    struct str key; /* "error.type": of the main exception */
    struct str value;
    int64_t times_seen;
    int64_t total;  /* of the key */
    int64_t values; /* of the key */
    int64_t first_seen;
    int place; /* 1: the most frequent of its key */
    int age;   /* 1: the newest of its key */
};

/*
 * The OVERVIEW_TOP most frequent values of each key, of releases also the three
 * newest, and OVERVIEW_COUNTRIES countries.
 */
enum status overview_tags(struct db *db, struct arena *a,
                          const struct overview_query *q,
                          const struct str *keys, size_t nkeys,
                          struct overview_tag **out, size_t *n) MUST_CHECK;

struct overview_country {
    struct str code; /* "" for those that are counted together */
    int64_t times_seen;
};

/*
 * The n most frequent countries of an organisation.  Of part of its projects
 * they may be so many seconds old (db_query_kept).
 */
enum status overview_countries(struct db *db, struct arena *a,
                               int64_t organization_id,
                               const struct access *access, int64_t from,
                               size_t max, int keep,
                               struct overview_country **out,
                               size_t *n) MUST_CHECK;

/* The newest and the most frequent; an issue may be both. */
struct overview_issue {
    struct issue issue;
    int newest;   /* 1: first seen last */
    int frequent; /* 1: most events between from and to */
    int fresh;    /* 1: the newest that was seen first in the release */
};

/* At most 3 x OVERVIEW_TOP. */
enum status overview_issues(struct db *db, struct arena *a,
                            const struct overview_query *q, struct str release,
                            struct overview_issue **out, size_t *n) MUST_CHECK;

/* What wants a look, among the ISSUE_COUNT_CAP unresolved seen last. */
struct overview_review {
    int64_t project_id;
    int64_t unresolved;
    int64_t fresh; /* new */
    int64_t regressed;
    int64_t escalating;
};

struct overview_news {
    int64_t newest;      /* when the newest event of an issue was, 0: never */
    int64_t issues;      /* first seen since from; up to ISSUE_COUNT_CAP + 1 */
    int64_t before;      /* and between before and from */
    int64_t regressions; /* since from: how often an issue came back */
    int64_t regressions_before;
};

/* By project, and of all together. */
enum status overview_review(struct db *db, struct arena *a,
                            int64_t organization_id,
                            const struct access *access, int64_t from,
                            int64_t before, struct overview_review **out,
                            size_t *n, struct overview_news *news) MUST_CHECK;

#define OVERVIEW_SIDE 5

/* A rule that listens to the project, or a team that has it. */
struct overview_other {
    int64_t id;
    struct str name;
    int64_t at; /* of a rule: when it fired last, 0: never */
    int64_t n;  /* of a team: members; of a rule: 1, it is snoozed */
};

/* How sessions ended since a time; users are those of each day. */
struct overview_health {
    int64_t sessions;
    int64_t crashed;
    int64_t users;
    int64_t users_crashed;
};

/* What stands beside the numbers of a project. */
struct overview_side {
    struct str key; /* public, the oldest that is on; null: there is none */
    struct overview_other rules[OVERVIEW_SIDE]; /* fired last first */
    size_t nrules;
    struct overview_other teams[OVERVIEW_SIDE];
    size_t nteams;
    struct overview_other people[OVERVIEW_SIDE]; /* of these; n: of all */
    size_t npeople;
    struct str release; /* null: it has none */
    int64_t released;   /* its first event */
    struct overview_health own;
    struct overview_health all; /* of all its releases */
};

/* Of the release of this name, or of the newest; health since a time (µs). */
enum status overview_side(struct db *db, struct arena *a,
                          const struct overview_query *q, struct str release,
                          int64_t since, struct overview_side *out) MUST_CHECK;

#endif
