/*
 * digest/message_date.h - dates and times as they stand in messages.
 */

#ifndef VEDETTE_DIGEST_MESSAGE_DATE_H
#define VEDETTE_DIGEST_MESSAGE_DATE_H

#include "util/str.h"

/*
 * The length of the date or time at the start of s; 0: there is none.  Of the
 * forms that a version of the grouping brought.
 */
size_t message_date(struct str s, unsigned version);

#endif
