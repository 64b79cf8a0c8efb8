/*
 * digest/regression.h - does a new event reopen an issue? (grouping.md §2.3)
 */

#ifndef VEDETTE_DIGEST_REGRESSION_H
#define VEDETTE_DIGEST_REGRESSION_H

#include "model/batch.h"

/* A batch_regresses; status is one of model/issue.h. */
bool regression_of(int status, const struct batch_resolution *how,
                   const struct batch_release *of);

#endif
