/*
 * model/issue_search.h - the search language of the issue stream.
 *
 *     is:unresolved !level:debug assigned:me "lock timeout" release:1.4.*
 *     is:unresolved (level:fatal OR users:>100) has:url
 *
 * A query is words and terms.  A term is [!]key:value, where a value is a
 * word, a "quoted text" or a [list, of them], and * stands for anything, \*
 * for a star.  Terms beside each other must all hold; OR between them and
 * parentheses say otherwise, and AND says nothing new.  "or" and "and" in
 * other letters are words, unless they stand between two terms with a key.
 *
 * lastSeen: and age: take -24h (newer), +14d (older), 2026-11-27 (that day) and
 * >=2026-11-27T08:00; timesSeen: and users: take >100, <=2k or a number.  Words
 * and quoted texts that are no term are looked for in the issue's own text.
 * The keys are rows of a table in issue_search_key.c; any other key is a tag's,
 * and tags[key] always is.  has:key asks for any value.  (grouping.md 3)
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
    ISSUE_BY_IMPACT,   /* users, who count half as much for each day ago */
    ISSUE_SORTS
};

/* Which ids may pass; all when not limited. */
struct id_set {
    bool limited;
    int64_t *ids;
    size_t n;
};

/* A value that is like one of the patterns. */
struct tag_filter {
    struct str key;
    struct str *patterns; /* of LIKE */
    size_t n;
    bool negated;
    /* of a release: "latest", or ">=" with a sort key in hex as pattern */
    struct str order;
    /* "email": a user that is so called in the text of the issue will do */
    struct str user;
};

/*
 * What is asked of an issue besides.  The numbers stand in issue_list.sql.
 * Kinds from ISSUE_TEST_LINE to ISSUE_TEST_NUMBER take patterns of LIKE,
 * those from ISSUE_TEST_STATUS on numbers, from ISSUE_TEST_EVENTS on two of
 * them, from and below ('' without such an end).
 */
enum issue_test_kind {
    ISSUE_TEST_TAG = 1, /* these four are made of a filter's own fields */
    ISSUE_TEST_USER = 2,
    ISSUE_TEST_ORDER = 3,
    ISSUE_TEST_WORD = 5,

    ISSUE_TEST_LINE = 10, /* a line of the text; key: bytes of its pieces */
    ISSUE_TEST_TYPE = 11, /* or such a line */
    ISSUE_TEST_VALUE = 12,
    ISSUE_TEST_TITLE = 13,
    ISSUE_TEST_CULPRIT = 14,
    ISSUE_TEST_PLATFORM = 15,
    ISSUE_TEST_RELEASE = 16, /* the first one */
    ISSUE_TEST_NUMBER = 17,  /* "project-number", by ids */

    ISSUE_TEST_NEWEST = 18, /* first seen in the project's newest release */
    ISSUE_TEST_LINKED = 19, /* to a ticket */

    ISSUE_TEST_STATUS = 20,
    ISSUE_TEST_SUBSTATUS = 21,
    ISSUE_TEST_LEVEL = 22,
    ISSUE_TEST_PRIORITY = 23,
    ISSUE_TEST_PROJECT = 24,
    ISSUE_TEST_ASSIGNEE = 25,
    ISSUE_TEST_UNHANDLED = 26,
    ISSUE_TEST_ID = 27,
    ISSUE_TEST_BOOKMARK = 28, /* of these accounts */
    ISSUE_TEST_SUBSCRIBED = 29,
    ISSUE_TEST_SUGGESTED = 30, /* assigned, or an owner by the rules */
    ISSUE_TEST_TRACE = 31,     /* an event of one of these; '': of any */
    ISSUE_TEST_REGRESSED = 32, /* came back in such a release */

    ISSUE_TEST_EVENTS = 40,
    ISSUE_TEST_USERS = 41,
    ISSUE_TEST_LAST_SEEN = 42, /* µs */
    ISSUE_TEST_FIRST_SEEN = 43,
    ISSUE_TEST_EVENT_TIME = 44, /* had events in hours of it */
};

struct issue_test {
    enum issue_test_kind kind;
    bool negated;
    struct str key;
    struct str *patterns; /* any of them */
    size_t n;
};

/* From low on, below high; 0: no such end. */
struct search_range {
    int64_t low;
    int64_t high;
};

/*
 * All of it must hold, and one of any, if there are such: those say only what
 * the filter itself does not.
 */
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
    struct issue_test *tests;
    size_t ntests;
    struct str *words; /* patterns of LIKE */
    size_t nwords;
    struct search_range last_seen; /* µs */
    struct search_range first_seen;
    struct search_range events;
    struct search_range users;
    struct search_range event_time;
    struct issue_filter *any;
    size_t nany;
};

struct issue_term {
    struct str text; /* as written, without spaces at the ends */
    bool negated;
    struct str key;   /* null for words and groups */
    struct str value; /* as written after the colon; or the word */
    struct str error; /* a sentence; null when all is well */
    bool of_issue;    /* asks for what an issue has and no event */
    /* (…), or the whole of a query with an OR: its terms; its text can stand
     * beside others, its value is without the parentheses */
    bool group;
    const struct issue_term *inner;
    size_t ninner;
};

/* What is wrong, and the query without it. */
struct search_fault {
    struct str text;
    struct str error;
    struct str without;
};

struct issue_query {
    struct issue_term *terms;
    size_t n;
    struct search_fault *faults;
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
#define SEARCH_ANY_MAX 16  /* ways that a query may hold */
#define SEARCH_DEPTH_MAX 8 /* of parentheses */

/* Never fails. */
void issue_query_parse(struct arena *a, struct str text,
                       const struct search_names *names,
                       struct issue_query *out);

/* Whether it has to be put into parentheses beside other terms. */
bool issue_query_is_either(struct arena *a, struct str text);

/* Adds what is wrong with a term that is right by itself. */
void issue_query_refuse(struct arena *a, struct issue_query *q, size_t i,
                        struct str error);

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
