/*
 * page/reason.h - why something was not accepted, or not kept, in words.
 */

#ifndef VEDETTE_PAGE_REASON_H
#define VEDETTE_PAGE_REASON_H

#include "web/data.h"

/*
 * Sets name, and code when name is not the reason as the ledger has it.  One
 * that no row knows, such as a client's own, stays as it is.
 */
void reason_show(struct arena *a, struct data *row, struct str reason);

#endif
