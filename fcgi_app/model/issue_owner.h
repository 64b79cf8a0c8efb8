/*
 * model/issue_owner.h - whose issues are, by ownership rules
 * (digest/ownership.h).
 */

#ifndef VEDETTE_MODEL_ISSUE_OWNER_H
#define VEDETTE_MODEL_ISSUE_OWNER_H

#include "db/db.h"

/* What a rule says of an issue. */
struct issue_owner {
    int64_t organization_id;
    int64_t issue_id;
    struct str rule;          /* its line */
    const struct str *owners; /* addresses, "#slug"; the first that is here
                                 gets the issue */
    size_t n;
    bool assign;
};

/*
 * Inside a transaction: keeps the owners of these issues instead of earlier
 * ones, and assigns those that are to be and that nobody has; the activity
 * tells by which rule.  Owners who are not here are left out.
 */
enum status issue_owner_write(struct db *db, struct arena *a,
                              const struct issue_owner *v, size_t n) MUST_CHECK;

/* For rules that are newer than an issue. */
struct issue_owner_sample {
    int64_t issue_id;
    struct str packed; /* its latest event, for body_unpack; null: none left */
    bool was_freed;    /* somebody has taken it from who had it */
};

/* Issues of one call, looked at by their number. */
#define ISSUE_OWNER_STEP 100

/*
 * Inside a transaction: the open ones among the next issues with a number
 * below *before (0: from the newest on), locked; *before is the last one's
 * then, or 0 at the end.
 */
enum status issue_owner_samples(struct db *db, struct arena *a,
                                int64_t organization_id, int64_t project_id,
                                int64_t *before,
                                struct issue_owner_sample **out,
                                size_t *n) MUST_CHECK;

#endif
