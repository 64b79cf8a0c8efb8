/*
 * digest/regression.h - does a new event reopen an issue? (grouping.md §2.3)
 */

#ifndef VEDETTE_DIGEST_REGRESSION_H
#define VEDETTE_DIGEST_REGRESSION_H

#include "model/batch.h"

/* A batch_regresses: status and substatus are those of model/issue.h. */
bool regression_of(int status, int substatus, const struct batch_event *newest);

#endif
