/*
 * An issue that was plainly resolved regresses with any new event, whatever
 * its release.  An archived issue never does: it was put aside on purpose, and
 * new events are what was expected of it.
 */

#include "digest/regression.h"

#include "model/issue.h"


bool
regression_of(int status, int substatus, const struct batch_event *newest)
{
    (void) substatus;
    (void) newest;
    return status == ISSUE_RESOLVED;
}
