/*
 * model/feedback.h - what people told, as an inbox.
 *
 * A report stands on an event of its project, a message by itself may name
 * one; through that event either belongs to an issue.
 */

#ifndef VEDETTE_MODEL_FEEDBACK_H
#define VEDETTE_MODEL_FEEDBACK_H

#include "db/db.h"
#include "model/issue_search.h"

#define FEEDBACK_PAGE 25
#define FEEDBACK_COUNT_CAP 99 /* the tabs say "99+" above */

/* feedback.status */
enum feedback_status {
    FEEDBACK_NEW = 0,
    FEEDBACK_RESOLVED = 1,
    FEEDBACK_SPAM = 2
};

struct feedback {
    int64_t id;
    int64_t project_id;
    struct str project_slug;
    struct str event_id; /* 32 hex: its own, or that of its event */
    bool is_report;
    struct str subject; /* 32 hex: the event that it is about; null: none */
    int64_t issue_id;   /* 0: none, or not known yet */
    struct str issue;   /* short id; null: none */
    struct str issue_title;
    enum feedback_status status;
    int64_t assignee_id; /* 0: nobody */
    struct str assignee;
    struct str name; /* "" when not told, as the next five */
    struct str email;
    struct str message;
    struct str url;
    struct str source;
    struct str replay;
    struct str release; /* null when not known, as what follows */
    struct str environment;
    struct str browser;
    struct str os;
    struct str country;
    int64_t received_at;
};

/* Which ones; all zero: everything that is new. */
struct feedback_filter {
    const struct id_set *projects; /* NULL: all that there are */
    int status;                    /* of enum feedback_status; -1: any */
    int64_t assignee_id;           /* 0: anybody's */
    struct str text;               /* part of message, name or address */
    struct str environment;
};

/*
 * Newest first; id 0: from the newest.  back: those next newer than id.  At
 * most FEEDBACK_PAGE; *more when there are further ones in that direction.
 */
enum status feedback_list(struct db *db, struct arena *a,
                          int64_t organization_id,
                          const struct feedback_filter *filter, int64_t id,
                          bool back, struct feedback **out, size_t *n,
                          bool *more) MUST_CHECK;

enum status feedback_find(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t id,
                          const struct id_set *projects,
                          struct feedback *out) MUST_CHECK;

/* What came to these projects (none: all) in [from, to), max at most. */
enum status feedback_past(struct db *db, struct arena *a,
                          int64_t organization_id, const int64_t *projects,
                          size_t nprojects, int64_t from, int64_t to, int max,
                          struct feedback **out, size_t *n) MUST_CHECK;

/* By status, each at most FEEDBACK_COUNT_CAP + 1; one statement. */
enum status feedback_counts(struct db *db, struct arena *a,
                            int64_t organization_id,
                            const struct id_set *projects,
                            int64_t counts[3]) MUST_CHECK;

/* How many each of these issues has, up to FEEDBACK_COUNT_CAP + 1. */
enum status feedback_of_issues(struct db *db, struct arena *a,
                               const int64_t *issues, size_t n,
                               int64_t **counts) MUST_CHECK;

/* What is done with messages: a status, or an assignee. */
struct feedback_change {
    bool assigns;
    enum feedback_status status;
    int64_t assignee_id; /* a member of the organisation; 0: nobody */
    struct str title;    /* of its undo */
    int64_t account_id;  /* who does it */
};

/*
 * Leaves out ids that are not the organisation's or of other projects.
 * *changed: how many were not so before; *undo takes them back (model/undo.h),
 * 0 when there were none.
 */
enum status feedback_change(struct db *db, struct arena *a,
                            int64_t organization_id,
                            const struct id_set *projects, const int64_t *ids,
                            size_t n, const struct feedback_change *c,
                            int64_t *changed, int64_t *undo) MUST_CHECK;

/*
 * A chore: gives feedback of the last days the issue of its event, which came
 * later.
 */
enum status feedback_link(struct db *db, struct arena *a,
                          bool *more) MUST_CHECK;

#endif
