/*
 * model/release_fixes.h - commits that say which issues they repair:
 * "Fixes SHOP-1A, SHOP-2B".  Those issues are resolved in the release that
 * brings the commit.
 */

#ifndef VEDETTE_MODEL_RELEASE_FIXES_H
#define VEDETTE_MODEL_RELEASE_FIXES_H

#include "model/release.h"

#define RELEASE_FIXES_MAX 200 /* issues of one release */

/*
 * The short ids behind fix, fixes, fixed, close…, resolve… in a message; at
 * most max.
 */
size_t release_fixes_of(struct str message, struct str *out, size_t max);

/* Inside a transaction.  Issues of the release's own project that are not
 * resolved yet; names of others mean nothing. */
enum status release_fixes(struct db *db, struct arena *a,
                          int64_t organization_id, int64_t release_id,
                          const struct commit *commits, size_t n) MUST_CHECK;

#endif
