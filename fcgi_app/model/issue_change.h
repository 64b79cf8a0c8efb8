/*
 * model/issue_change.h - what people do to issues, as one table: resolve,
 * archive, assign, set the priority, review, bookmark, follow, merge, delete.
 *
 * A change is a word and a value, as a form sends them and a job keeps them:
 *
 *     resolve          "" now, "next" release, "current": the newest one of its
 *                      project, "release" VERSION, or "commit" REVISION: in the
 *                      release that brings it
 *     archive          "" until it escalates, "forever", "minutes" N,
 *                      "events" N [within N minutes], "users" N
 *     unresolve, review, bookmark, unbookmark, subscribe, unsubscribe,
 *     delete, discard  no value
 *     assign           an account's id, "team:" and a team's, 0 for nobody
 *     priority         75, 50, 25
 *     merge            no value
 *
 * Applied to issues, it keeps for model/undo.h how they were, changes them,
 * and writes the activity, in one transaction.
 */

#ifndef VEDETTE_MODEL_ISSUE_CHANGE_H
#define VEDETTE_MODEL_ISSUE_CHANGE_H

#include "model/audit.h"
#include "model/issue.h"
#include "model/job.h"
#include "util/lang.h"

/* Of an issue with at most so many events their ids are known for a week after
 * it was deleted; stats_event.cs and ru.po say the number, too. */
#define ISSUE_DELETE_TOLD 1000

enum issue_change_kind {
    CHANGE_RESOLVE,
    CHANGE_ARCHIVE,
    CHANGE_UNRESOLVE,
    CHANGE_REVIEW,
    CHANGE_ASSIGN,
    CHANGE_PRIORITY,
    CHANGE_BOOKMARK,
    CHANGE_UNBOOKMARK,
    CHANGE_SUBSCRIBE,
    CHANGE_UNSUBSCRIBE,
    CHANGE_MERGE,
    CHANGE_DELETE,
    CHANGE_DISCARD
};

/* When an archived issue comes back; 0: does not matter. */
struct issue_wake {
    bool forever;
    int64_t minutes;
    int64_t events;
    int64_t window; /* minutes, of events */
    int64_t users;
};

struct issue_change {
    enum issue_change_kind kind;
    struct str word; /* as it was read */
    struct str value;
    bool next;          /* resolve in the next release */
    bool current;       /* … in the newest of its project, if it has one */
    struct str release; /* … in this one; the null str: now */
    struct str commit;  /* … in the one that has this */
    struct issue_wake wake;
    int64_t number; /* assignee (model/assignee.h) or priority */
};

/* ST_INVALID: no such change, or a value that it does not take. */
enum status issue_change_read(struct str word, struct str value,
                              struct issue_change *out) MUST_CHECK;

/* "SHOP-1 is resolved.", of what, and how many that is: kept (lang_keep). */
struct str issue_change_done(struct arena *a, const struct issue_change *c,
                             struct str what, size_t n);

/* "3 issues are resolved.", kept. */
struct str issue_change_done_many(struct arena *a, const struct issue_change *c,
                                  size_t n);

/*
 * Changes these issues.  All must be the organisation's, else ST_NOT_FOUND and
 * nothing is changed; with lenient those that are gone are left out instead.
 * *undo_id: 0 opens one and says which, for a change that can be taken back;
 * another value goes on with it; NULL: not wanted.  *changed may be NULL.
 * ST_INVALID: a merge over several projects, or of one issue.
 */
enum status issue_change(struct db *db, struct arena *a,
                         int64_t organization_id, const int64_t *ids, size_t n,
                         const struct issue_change *c, const struct actor *by,
                         bool lenient, int64_t *undo_id,
                         int64_t *changed) MUST_CHECK;

/* The same as Vedette itself, leniently: the activity has no account. */
enum status issue_change_itself(struct db *db, struct arena *a,
                                int64_t organization_id, const int64_t *ids,
                                size_t n, struct str word,
                                struct str value) MUST_CHECK;

/*
 * The same for all issues that match a search, by a job: first it collects
 * them, then it changes them.  projects: NULL for all.
 */
enum status issue_change_matching(struct db *db, struct arena *a,
                                  int64_t organization_id, struct str query,
                                  const struct id_set *projects,
                                  const struct issue_change *c,
                                  const struct actor *by, struct str back,
                                  int64_t *job_id) MUST_CHECK;

/* The jobs: a change of many; and the rest of a deletion. */
enum status issue_change_step(struct db *db, struct arena *a,
                              struct job *job) MUST_CHECK;
enum status issue_delete_step(struct db *db, struct arena *a,
                              struct job *job) MUST_CHECK;

/* How the issue was resolved, until when it rests, and what the account is to
 * it. */
struct issue_state {
    int resolution;     /* 0 plain, 1 in a release, also in one that was the
                           next one then, 2 in one that is still to come, 3 in
                           one that is to bring a commit */
    struct str release; /* of 1; of 2, the one after which; of 3, the commit */
    int64_t until;      /* µs; 0: none of these */
    int64_t events;     /* so many more */
    int64_t events_so_far;
    int64_t window; /* minutes */
    int64_t users;
    int64_t users_so_far;
    bool bookmarked;
    bool subscribed;
    bool ticketed;          /* a tracker has tickets of it (model/ticket.h) */
    struct str share_token; /* the null str: it is not shared */
};

enum status issue_state(struct db *db, struct arena *a, const struct issue *is,
                        int64_t account_id, struct issue_state *out) MUST_CHECK;

#endif
