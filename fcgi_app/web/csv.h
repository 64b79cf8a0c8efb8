/*
 * web/csv.h - rows of RFC 4180 for spreadsheets.
 */

#ifndef VEDETTE_WEB_CSV_H
#define VEDETTE_WEB_CSV_H

#include "util/buf.h"

/*
 * A field: in quotes, and with an apostrophe before what a spreadsheet would
 * take for a formula.  The caller writes commas and line ends.
 */
void csv_field(struct buf *b, struct str s);

#endif
