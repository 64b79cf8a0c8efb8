/*
 * page/span.h - the time that a page looks back on: ?range=24h, 14d or 30d, or
 * any other as ?from= and ?to=: ISO times, by the reader's clock without a
 * zone.  to may also be how many hours it has: "6h".
 */

#ifndef VEDETTE_PAGE_SPAN_H
#define VEDETTE_PAGE_SPAN_H

#include "web/http.h"

#define SPAN_SLOTS_MAX 56
#define SPAN_DAYS_MAX 90

struct span {
    const char *name;  /* "14d"; "custom": by from and to */
    const char *title; /* "14 days"; NULL when custom */
    int64_t step;      /* seconds of a bucket: whole hours */
    size_t slots;
    int64_t from; /* µs: start of the first bucket */
    int64_t to;   /* end of the last one, which now is in */
};

/*
 * Of the query; 14 days when it says nothing that is known.  A custom one is of
 * at most SPAN_DAYS_MAX days, which end now or earlier, in 30 slots at most;
 * it begins and ends with whole slots.
 */
struct span span_read(const struct request *rq);

bool span_custom(const struct span *span);

/*
 * "from=2026-07-24T06:00Z&to=6h" of so many seconds, which are whole hours: an
 * argument of links, of which a page has dozens.
 */
struct str span_link(struct arena *a, int64_t from, int64_t seconds);

/* The same time in fewer buckets: for small charts. */
struct span span_coarse(const struct span *span);

/* The start of the period before, which is as long. */
int64_t span_before(const struct span *span);

/* The start of 24 whole hours, the last of which now is in. */
int64_t span_day(int64_t now);

/*
 * Sets Span: title, name; within ("in the last 14 days"), length; from and to,
 * by clock, and from_at and to_at as ISO times; link, the argument; custom; a
 * Choice {title, link, current} for each range; and Keep {name, value}, what a
 * form has to send along: part/span.cs.
 */
void span_show(struct data *d, const struct request *rq,
               const struct span *span);

/*
 * Sets name to "+41 %" or "−18 %" against the period before, and name_up or
 * name_down when that is notable; nothing when there was nothing before.
 */
void span_change(struct arena *a, struct data *d, const char *name, int64_t now,
                 int64_t before);

/*
 * Sets before, compared, and change as above, "new" where there was nothing;
 * nothing when before is below 0: it is not known.
 */
void span_compare(struct arena *a, struct data *d, int64_t now, int64_t before);

#endif
