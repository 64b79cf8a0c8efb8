/*
 * model/issue_search.h - the search language of the issue stream.
 *
 *     is:unresolved !level:debug assigned:me "lock timeout" release:1.4.*
 *
 * A query is words and terms.  A term is [!]key:value, where a value is a
 * word, a "quoted text" or a [list, of them], and * stands for anything in a
 * tag's value.  lastSeen: and age: take -24h (newer) and +14d (older),
 * timesSeen: and users: take >100, <=5 or a number.  Terms are joined by and.
 * Words and quoted texts that are no term are looked for in the issue's own
 * text.  The keys are rows of a table in issue_search.c; any tag is tags[its
 * key]:value.  (grouping.md 3)
 *
 * A term that is wrong does not fail the query: it carries an error for the
 * page to point at, and is left out of the filter.
 */

#ifndef VEDETTE_MODEL_ISSUE_SEARCH_H
#define VEDETTE_MODEL_ISSUE_SEARCH_H

#include "util/arena.h"
#include "util/str.h"

enum issue_sort {
    ISSUE_BY_LAST_SEEN,
    ISSUE_BY_FIRST_SEEN,
    ISSUE_BY_EVENTS,
    ISSUE_BY_USERS,
    ISSUE_BY_PRIORITY, /* and last seen */
    ISSUE_BY_TREND,    /* model/issue_trend.h */
    ISSUE_SORTS
};

/* Which ids may pass; all when not limited. */
struct id_set {
    bool limited;
    int64_t *ids;
    size_t n;
};

struct tag_filter {
    struct str key;
    struct str pattern; /* of LIKE */
    bool negated;
};

/* From low on, below high; 0: no such end. */
struct search_range {
    int64_t low;
    int64_t high;
};

struct issue_filter {
    bool statuses[3];    /* by enum issue_status */
    bool substatuses[8]; /* by enum issue_substatus */
    bool levels[6];      /* by level / 10 */
    bool priorities[4];  /* by priority / 25 */
    struct id_set projects;
    struct id_set assignees; /* as in model/assignee.h */
    int unhandled;           /* 1 only such, 0 none such, -1 all */
    struct tag_filter *tags;
    size_t ntags;
    struct str *words; /* patterns of LIKE */
    size_t nwords;
    struct search_range last_seen; /* µs */
    struct search_range first_seen;
    struct search_range events;
    struct search_range users;
};

struct issue_term {
    struct str text; /* as written, without spaces at the ends */
    bool negated;
    struct str key;   /* null for words */
    struct str value; /* as written after the colon; or the word */
    struct str error; /* a sentence; null when all is well */
};

struct issue_query {
    struct issue_term *terms;
    size_t n;
    size_t nerrors;
    struct issue_filter filter;
};

/* What the values of project: and assigned: may name. */
struct search_name {
    struct str name; /* slug, or e-mail address, or "#slug" of a team */
    int64_t id;
    bool mine; /* of assigned:my_teams */
};

struct search_names {
    int64_t account_id; /* of assigned:me */
    const struct search_name *projects;
    size_t nprojects;
    const struct search_name *assignees;
    size_t nassignees;
};

#define SEARCH_TEXT_MAX 1000 /* bytes; the rest is not read */
#define SEARCH_TERMS_MAX 30

/* Never fails. */
void issue_query_parse(struct arena *a, struct str text,
                       const struct search_names *names,
                       struct issue_query *out);

/* The query without term number i: what its x links to. */
struct str issue_query_without(struct arena *a, const struct issue_query *q,
                               size_t i);

/* The query with every term of the key replaced by this one, or without any
 * when it is null: what a menu links to. */
struct str issue_query_replace(struct arena *a, const struct issue_query *q,
                               const char *key, struct str term);

/* The value of the first term of the key that is not negated; else null. */
struct str issue_query_value(const struct issue_query *q, const char *key);

/* The term that asks for one value of a tag: level:error, tags[a]:"b c". */
struct str issue_tag_term(struct arena *a, struct str key, struct str value);

#endif
