/*
 * model/issue_page.h - what only the pages of one issue ask.
 */

#ifndef VEDETTE_MODEL_ISSUE_PAGE_H
#define VEDETTE_MODEL_ISSUE_PAGE_H

#include "model/issue.h"
#include "model/release.h"

#define ISSUE_CHART_FLAGS 6
#define ISSUE_CHART_TURNS 50
#define ISSUE_TAG_VALUES 8

/* When the issue was archived, or ceased to be. */
struct issue_turn {
    int64_t at;
    bool archived;
};

struct issue_chart {
    int64_t *hours; /* events, from the first hour on */
    int64_t *here;  /* of them, those in the environment */
    bool cut;       /* of which not all were looked at */
    struct release flags[ISSUE_CHART_FLAGS]; /* version, first_seen */
    size_t nflags;
    struct issue_turn turns[ISSUE_CHART_TURNS]; /* the oldest first */
    size_t nturns;
};

/*
 * n whole hours from a time (µs) on, and the releases that came in them.  What
 * is in an environment (null: none is asked for) is counted among the latest
 * EVENT_WALK_LOOK events.
 */
enum status issue_chart_read(struct db *db, struct arena *a,
                             const struct issue *is, int64_t from, size_t n,
                             struct str environment,
                             struct issue_chart *out) MUST_CHECK;

/* A commit of a release, and a file that it changed. */
struct issue_commit {
    struct commit commit;
    struct str version; /* of the release */
    struct str path;
};

#define ISSUE_COMMITS_MAX 300 /* rows */

/*
 * Of the release in which the issue came first, and of this one (may be null),
 * the commits of a year, newest first, that changed a file with one of these
 * names; a row for each of those files.
 */
enum status issue_commits(struct db *db, struct arena *a,
                          const struct issue *is, struct str release,
                          const struct str *names, size_t nnames,
                          struct issue_commit **out, size_t *n) MUST_CHECK;

/* A value of a tag; those of a key follow each other, most frequent first. */
struct issue_tag_row {
    struct str key;
    struct str value;
    int64_t times_seen;
    int64_t last_seen;
    int64_t total;  /* of the key, over all values */
    int64_t values; /* how many different ones it has */
};

/* By key, ISSUE_TAG_VALUES of each, of countries all. */
enum status issue_tag_list(struct db *db, struct arena *a,
                           const struct issue *is, struct issue_tag_row **out,
                           size_t *n) MUST_CHECK;

#endif
