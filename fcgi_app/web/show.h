/*
 * web/show.h - the functions that templates may call on a value (design.md §6
 * and §7).  Whatever they return is escaped for HTML; show() has done it
 * itself.
 *
 *     show(text)      in text, in no attribute: control, bidi and zero-width
 *                     characters become
 *                     <span class="ctl">U+202E</span>; newline and tab stay
 *     markdown(text)  what people write, as HTML (web/comment.h)
 *     plain(text)     in attributes: the same as "‹U+202E›"
 *     count(n)        9,034  12.4k  1.2M
 *     full(n)         12,431
 *     bytes(n)        14 KB
 *     took(µs)        4 ms  1.18 s  1 d 4 h
 *     ago(time)       just now  40 s ago  3 min ago
 *     iso(time)       2026-07-24T09:11:20Z       for <time datetime>
 *     utc(time)       2026-07-24 09:11:20 UTC    for titles
 *     day(time)       24 Jul
 *     moment(time)    24 Jul 09:11
 *     elapsed("")     time since the request came, as took()
 *     part(text)      a segment of a path, or a value of a query, encoded
 *     initials(name)  AK
 *     tr(text)        in the reader's language (util/lang.h)
 *     form(n, "event|events")   the word for the number
 *
 * Times are data_time(), counts data_i64().  part/macros.cs has the markup
 * around them: call:time(t), call:count(n).
 */

#ifndef VEDETTE_WEB_SHOW_H
#define VEDETTE_WEB_SHOW_H

#include <time.h>

#include "util/str.h"

struct _parse; /* ClearSilver's CSPARSE */

/* Makes the functions known to a template before it is parsed. */
void show_register(struct _parse *cs);

/* What ago() and elapsed() measure from. */
void show_clock(int64_t now, int64_t started);

/* The same texts for C. */
struct str show_count(struct arena *a, int64_t n);
struct str show_full(struct arena *a, int64_t n);
struct str show_took(struct arena *a, int64_t us);
struct str show_ago(struct arena *a, int64_t us);

/* "23 Nov" */
struct str show_day(struct arena *a, const struct tm *tm);

#endif
