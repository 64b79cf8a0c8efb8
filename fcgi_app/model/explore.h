/*
 * model/explore.h - events of an organisation, counted by up to three keys.
 *
 * A question is answered in one of three ways, the first that can:
 *
 *   counted  from the counters by tag (model/keep.h): no key or one, events and
 *            not users, no filter but one value of that key; any number of
 *            events, exact
 *   looked   at each event that the filter's tags, words or projects leave, if
 *   at       they are at most EXPLORE_LOOK: exact
 *   sampled  at about EXPLORE_LOOK of all events, chosen by their event ids,
 *            which are random: the same ones each time, the same share of every
 *            project and hour; numbers are scaled up
 *
 * so that no question costs more than that many rows.
 */

#ifndef VEDETTE_MODEL_EXPLORE_H
#define VEDETTE_MODEL_EXPLORE_H

#include "model/access.h"
#include "model/event.h"
#include "model/issue_search.h"

#define EXPLORE_KEYS 3
#define EXPLORE_LOOK 5000
#define EXPLORE_NEWEST 2000 /* that explore_events looks at in one go */
#define EXPLORE_TOP_MAX 50
#define EXPLORE_SHOWN 20 /* that explore_newest() is asked for at most */

struct meaning;

struct explore_query {
    int64_t organization_id;
    const int64_t *projects; /* that are asked for and may be seen */
    size_t nprojects;
    int64_t issue; /* 0: of any issue; else only explore_events() */
    int64_t from;  /* µs; with step of a day: a midnight */
    int64_t to;
    int64_t step; /* seconds: 3600 or 86400 */
    size_t slots;
    const struct issue_filter *filter; /* but for its projects */
    struct str keys[EXPLORE_KEYS];     /* tags, "project", "platform" */
    size_t nkeys;
    bool users;              /* count different users, not events */
    size_t top;              /* groups; the rest is other */
    struct meaning *meaning; /* NULL; what was found out once is kept here */
};

enum explore_source { EXPLORE_COUNTED, EXPLORE_LOOKED, EXPLORE_SAMPLED };

struct explore_group {
    struct str values[EXPLORE_KEYS]; /* "": has none */
    int64_t n;
    int64_t *slots;
};

struct explore_result {
    enum explore_source source;
    struct explore_group *groups; /* by n, largest first */
    size_t ngroups;
    struct explore_group other; /* of what is beyond the top */
    int64_t others;             /* so many groups; -1: not known */
    int64_t total;              /* events or users */
    int64_t looked;             /* events looked at */
    int64_t of;                 /* events there are in these projects */
    bool cut;                   /* a term has more values than were followed */
};

/*
 * Finds out what the filter means here, once; the others do it by themselves.
 * For those whose arenas are shorter than the query.
 */
enum status explore_prepare(struct db *db, struct arena *a,
                            struct explore_query *q) MUST_CHECK;

enum status explore(struct db *db, struct arena *a, struct explore_query *q,
                    struct explore_result *out) MUST_CHECK;

/* An event with what a list of several issues needs. */
struct explore_event {
    struct event_row row;
    int64_t issue_id;
    struct str project_slug;
    struct str short_id; /* of the issue */
};

/*
 * Events that pass the filter, the newest first, those with an id below before
 * (0: all).  Looks at no more than EXPLORE_NEWEST events; *next is where to
 * go on, 0 at the end of the time asked for.
 */
enum status explore_events(struct db *db, struct arena *a,
                           struct explore_query *q, int64_t before, size_t max,
                           struct explore_event **out, size_t *n,
                           int64_t *next) MUST_CHECK;

/*
 * The newest of them, for a look: of the latest days only that together have
 * EXPLORE_NEWEST events, whatever came later than its day says.
 */
enum status explore_newest(struct db *db, struct arena *a,
                           struct explore_query *q, size_t max,
                           struct explore_event **out, size_t *n) MUST_CHECK;

#endif
