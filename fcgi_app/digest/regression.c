/*
 * An issue that was plainly resolved regresses with any new event, whatever
 * its release.  One that was resolved in a release does with an event of that
 * release or of a newer one: old versions stay in use, and tell nothing about
 * the repair.  Of one that was resolved in a commit nothing is known until a
 * release brings that.  An archived issue never regresses: it was put aside on
 * purpose, and new events are what was expected of it.
 */

#include "digest/regression.h"

#include "model/issue.h"
#include "model/version.h"


/*
 * Did a come before, with or after b: < 0, 0, > 0.  Two that came at the same
 * moment say nothing about each other; what is then is the caller's.
 */
static int
compare(const struct batch_release *a, const struct batch_release *b,
        bool ordered, int same_moment)
{
    int64_t at = b->at == 0 ? INT64_MAX : b->at;
    int c;

    if (str_eq(a->version, b->version)) {
        return 0;
    }
    if (ordered && version_compare(a->version, b->version, &c)) {
        return c;
    }
    return a->at == at ? same_moment : (a->at > at) - (a->at < at);
}


bool
regression_of(int status, const struct batch_resolution *how,
              const struct batch_release *of)
{
    if (status != ISSUE_RESOLVED) {
        return false;
    }
    if (how->kind == BATCH_RESOLVED) {
        return true;
    }
    if (str_null(of->version) || how->kind == BATCH_RESOLVED_COMMIT) {
        return false;
    }
    if (how->kind == BATCH_RESOLVED_IN) {
        return compare(of, &how->release, how->ordered, -1) >= 0;
    }
    return str_null(how->release.version)
               ? of->at > how->at /* there was no release then */
               : compare(of, &how->release, how->ordered, 1) > 0;
}
