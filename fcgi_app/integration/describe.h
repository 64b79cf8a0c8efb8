/*
 * integration/describe.h - what a ticket says of an issue: title, description
 * and labels, from the connection's templates and the issue's latest event.
 */

#ifndef VEDETTE_INTEGRATION_DESCRIBE_H
#define VEDETTE_INTEGRATION_DESCRIBE_H

#include "integration/tracker.h"
#include "model/issue.h"

/*
 * Fills title, text and labels of a draft.  event: the normalised event, or
 * NULL; rules: which have fired, or "".
 */
void describe(struct arena *a, const struct integration *i,
              struct str organization, const struct issue *is,
              const struct json *event, struct str rules,
              struct tracker_draft *out);

#endif
