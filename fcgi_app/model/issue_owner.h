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

#endif
