/*
 * model/issue_merge.h - making one issue of several, and several of one.
 *
 * Both are operations on hashes: which issue an event belongs to is decided by
 * who owns its hash.  An issue that is merged into another gives it its hashes
 * and is gone from all lists (ISSUE_GONE); its own row and counters stay as
 * they were, so that it can come back exactly as it went.  What it has counted
 * is added to the other in the same transaction; its events follow by a job.
 *
 * Taken out again, an issue gets its hashes back and its counters are taken
 * off; a job then walks the events that came since and counts them where they
 * belong.  Hashes alone can be taken out, too: they make a new issue, whose
 * counters come from the events that are still stored.
 *
 * The digest retries a batch whose issue has gone under its hands, or has lost
 * hashes (issue.parted), so no event is counted in an issue that is not there
 * or no longer its own.
 */

#ifndef VEDETTE_MODEL_ISSUE_MERGE_H
#define VEDETTE_MODEL_ISSUE_MERGE_H

#include "model/issue.h"
#include "model/job.h"

#define ISSUE_MERGE_MAX 1000 /* at once */
#define ISSUE_MERGED_MAX 100 /* that the page lists */

/*
 * Merges the others into the one with the most events (*into); they are all
 * of one project, else ST_INVALID.  ST_CONFLICT: one of them was taken out of
 * another a moment ago, and its events are still on their way.  undo_id: 0, or
 * of model/undo.h.
 */
enum status issue_merge(struct db *db, struct arena *a, int64_t organization_id,
                        const int64_t *ids, size_t n, int64_t account_id,
                        int64_t undo_id, int64_t *into) MUST_CHECK;

/* What was merged into an issue, and the hashes that it owns by itself. */
struct issue_merged {
    int64_t issue_id;    /* 0: hashes of the issue itself */
    struct str short_id; /* of the issue then */
    struct str title;
    int64_t times_seen;
    struct str hash; /* 32 hex digits; of the issue itself only */
    int64_t at;      /* when it was merged */
    struct str by;
};

enum status issue_merged_list(struct db *db, struct arena *a,
                              int64_t organization_id, int64_t issue_id,
                              struct issue_merged **out, size_t *n) MUST_CHECK;

/*
 * Takes an issue that was merged into this one out again.  ST_NOT_FOUND: it
 * was not.
 */
enum status issue_unmerge(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t issue_id,
                          int64_t child_id, int64_t account_id,
                          int64_t *job_id) MUST_CHECK;

/*
 * Makes a new issue (*made) of these hashes of an issue; text in hex, bounded
 * by ISSUE_MERGED_MAX.  ST_NOT_FOUND: they are not all the issue's;
 * ST_INVALID: nothing would be left.
 */
enum status issue_split(struct db *db, struct arena *a, int64_t organization_id,
                        int64_t issue_id, const struct str *hashes, size_t n,
                        int64_t account_id, int64_t *made) MUST_CHECK;

/*
 * Inside a transaction: an issue that was merged into another (into), or was
 * to be deleted (into 0), gets its hashes and its counters back.  Its state is
 * for the caller to set.
 */
enum status issue_come_back(struct db *db, struct arena *a, int64_t id,
                            int64_t into) MUST_CHECK;

/*
 * issue_split.c, inside a transaction: the events of some hashes go from one
 * issue to another, those that are not folded at once (model/fold.h), the
 * others by a job.
 */
struct issue_split {
    int64_t from;
    int64_t to;
    int64_t counted; /* events up to it are counted where they belong */
    int64_t folded;  /* … and the tags of those up to this one */
    const struct str *hashes; /* hex */
    size_t n;
};

enum status issue_split_begin(struct db *db, struct arena *a,
                              int64_t organization_id, int64_t account_id,
                              const struct issue_split *split,
                              int64_t *job_id) MUST_CHECK;

/* Jobs: events follow their issue; events follow their hashes. */
enum status issue_merge_step(struct db *db, struct arena *a,
                             struct job *job) MUST_CHECK;
enum status issue_split_step(struct db *db, struct arena *a,
                             struct job *job) MUST_CHECK;

/*
 * The two issues of such a job, locked by its step, each with the packed body
 * (model/body.h) of its newest event that has one, or the null str.
 */
struct issue_parted {
    int64_t issue_id;
    struct str body;
};

enum status issue_parted_bodies(struct db *db, struct arena *a,
                                const struct job *job,
                                struct issue_parted out[2]) MUST_CHECK;

/* What bare words find it by, until an event of its own writes them again. */
enum status issue_parted_words(struct db *db, struct arena *a, int64_t issue_id,
                               struct str words) MUST_CHECK;

#endif
