/*
 * model/issue.h - issues as people see them: the stream and one issue.  What
 * a person does to them is in model/issue_change.h, what the digest writes in
 * model/batch.
 *
 * Every function resolves an issue through its organisation, so a foreign id
 * and one that does not exist give the same ST_NOT_FOUND.
 */

#ifndef VEDETTE_MODEL_ISSUE_H
#define VEDETTE_MODEL_ISSUE_H

#include "db/db.h"
#include "model/access.h"
#include "model/issue_search.h"

/* issue.status */
enum issue_status {
    ISSUE_UNRESOLVED = 0,
    ISSUE_RESOLVED = 1,
    ISSUE_ARCHIVED = 2,
    ISSUE_GONE = 3 /* merged into another, or about to be deleted */
};

/* issue.substatus; the numbers are Sentry's (grouping.md 2.3) */
enum issue_substatus {
    ISSUE_NO_SUBSTATUS = 0, /* resolved */
    ISSUE_UNTIL_ESCALATING = 1,
    ISSUE_ESCALATING = 2,
    ISSUE_ONGOING = 3,
    ISSUE_UNTIL_CONDITION = 4,
    ISSUE_FOREVER = 5,
    ISSUE_REGRESSED = 6,
    ISSUE_NEW = 7
};

#define ISSUE_PAGE 25 /* rows of the stream */
#define ISSUE_PAGE_MAX 100
#define ISSUE_COUNT_CAP 999     /* the tabs say "999+" above */
#define ISSUE_COUNTS_KEPT 10    /* seconds, when there are more */
#define ISSUE_DAYS 14           /* of the charts */
#define ISSUE_WALKED_PROJECTS 8 /* each by its own index, not all by one */

struct issue {
    int64_t id;
    int64_t project_id;
    struct str short_id; /* "SHOP-API-3F7" */
    struct str project_slug;
    struct str project_name;
    struct str title;
    struct str type;
    struct str value;
    struct str culprit;
    struct str platform;
    int level;    /* 10 debug … 50 fatal */
    int priority; /* 25, 50, 75 */
    enum issue_status status;
    enum issue_substatus substatus;
    bool unhandled;
    int64_t assignee_id; /* as in model/assignee.h: < 0 is a team */
    struct str assignee; /* name, or "#slug" of a team */
    int64_t first_seen;  /* µs, as all times */
    int64_t last_seen;
    int64_t times_seen;
    int64_t users_seen;
    struct str first_release; /* the null str when none, as below */
    struct str last_release;
    int64_t status_at;
    /* of issue_list alone */
    int64_t key;       /* that a cursor before or after it has */
    struct str search; /* model/issue_words.h; with words */
    struct str ticket; /* the newest one's key; null: none */
    int64_t comments;  /* of the latest 200 things that were done */
    int64_t feedback;  /* messages of users, 100 at most */
};

/* Where a page of the stream starts; all zero is the first page. */
struct issue_cursor {
    int64_t key; /* of the sort, as an issue of the list has it */
    int64_t id;  /* 0: from the start */
    bool back;   /* the page before, not after */
    int rows;    /* of a page; 0: ISSUE_PAGE */
    bool near;   /* looks at the next 10,000 issues alone */
};

struct issue_list {
    struct issue *rows;
    int n;
    bool earlier; /* there is a page before */
    bool later;
};

/*
 * One page of an organisation's issues that pass the filter, in the order of
 * the sort.  One statement, and one more with words.
 */
enum status issue_list(struct db *db, struct arena *a, int64_t organization_id,
                       const struct access *access,
                       const struct issue_filter *filter, enum issue_sort sort,
                       const struct issue_cursor *cursor,
                       struct issue_list *out) MUST_CHECK;

/* Of the projects that are asked for those that the account sees. */
struct id_set issue_projects_seen(struct arena *a, const struct access *access,
                                  const struct id_set *set);

/* Each at most ISSUE_COUNT_CAP + 1, which means "more". */
struct issue_counts {
    int64_t unresolved;
    int64_t for_review;
    int64_t regressed;
    int64_t escalating;
};

/*
 * The tabs' numbers, counted among the newest ISSUE_COUNT_CAP + 1 unresolved
 * issues.  Where there are more than those, the answer may be ISSUE_COUNTS_KEPT
 * seconds old, unless it has to be of now.  projects: NULL for all.
 */
enum status issue_counts(struct db *db, struct arena *a,
                         int64_t organization_id, const struct access *access,
                         const struct id_set *projects, bool now,
                         struct issue_counts *out) MUST_CHECK;

/* Unresolved ones that are assigned to this account, capped in the same way. */
enum status issue_count_mine(struct db *db, struct arena *a,
                             int64_t organization_id,
                             const struct access *access,
                             const struct id_set *projects, int64_t account_id,
                             int64_t *n) MUST_CHECK;

/*
 * Counts of several issues over time: (*out)[i * slots + s] is the number of
 * events of ids[i] in the slot s of step seconds (whole hours) from from on.
 * In the arena.
 */
enum status issue_hours(struct db *db, struct arena *a, const int64_t *ids,
                        int n, int64_t from, int64_t step, int slots,
                        int64_t **out) MUST_CHECK;

/*
 * By reference: a number, or a short id in any case, where O reads as 0 and I
 * and L as 1.  One that was merged into another leads to that one.
 */
enum status issue_find(struct db *db, struct arena *a, int64_t organization_id,
                       struct str ref, struct issue *out) MUST_CHECK;

/* ST_NOT_FOUND unless all these issues are in the projects. */
enum status issue_all_in(struct db *db, struct arena *a,
                         int64_t organization_id, const int64_t *ids, size_t n,
                         const int64_t *projects, size_t nprojects) MUST_CHECK;

/* A row of any statement that selects the columns of issue_by_id. */
void issue_from_row(struct arena *a, const struct db_rows *rows, int row,
                    struct issue *out);

/* "SHOP-API-3F7" of slug shop-api and number 3559. */
struct str issue_short_id(struct arena *a, struct str slug, int64_t number);

/* The way back; ST_INVALID when the text is no short id. */
enum status issue_short_id_parse(struct arena *a, struct str text,
                                 struct str *slug, int64_t *number) MUST_CHECK;

/* Days of a project that an issue's values are compared with, at most. */
#define ISSUE_TAG_DAYS 14

/* How often a value of a tag was seen in an issue. */
struct issue_tag {
    size_t place; /* of its key in the list that was asked for */
    struct str key;
    struct str value;
    int64_t times_seen;
    int64_t total;     /* of the key, over the values that were counted */
    int64_t elsewhere; /* events of other issues that have it; -1: not known */
};

struct issue_tags {
    struct issue_tag *v;
    int n;
    int64_t since;     /* of elsewhere: µs; of the project's other issues */
    int64_t elsewhere; /* their events */
};

/*
 * For each of the keys, in their order, its most frequent values (four at
 * most).  Looks at no more than 2,000 values of a key.
 */
enum status issue_tags(struct db *db, struct arena *a, const struct issue *is,
                       const struct str *keys, size_t nkeys, int64_t now,
                       struct issue_tags *out) MUST_CHECK;

#endif
