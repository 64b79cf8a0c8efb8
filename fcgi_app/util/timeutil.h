/*
 * util/timeutil.h - time is int64_t microseconds since 1970 UTC, everywhere.
 */

#ifndef VEDETTE_UTIL_TIMEUTIL_H
#define VEDETTE_UTIL_TIMEUTIL_H

#include <stdint.h>

#include "util/str.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

/* Wall clock. */
int64_t time_now(void);

/* CLOCK_MONOTONIC, for timeouts and durations; never stored. */
int64_t time_monotonic(void);

/*
 * ISO 8601 / RFC 3339: a date, or date and time joined by T or a space, with
 * optional fraction and zone ("Z", "+02:00", "+0200"); no zone is UTC.  False
 * when it is anything else.
 */
bool time_parse_iso(struct str s, int64_t *us);

/* "2026-11-22T23:50:01.123456Z"; with_us false: "2026-11-22T23:50:01Z" */
struct str time_format_iso(struct arena *a, int64_t us, bool with_us);

/* As above with microseconds and without an arena; returns the length. */
#define TIME_ISO_SIZE 48
size_t time_write_iso(char out[TIME_ISO_SIZE], int64_t us);

/* Days since 1970 UTC, rounded down also before it. */
int64_t time_day(int64_t us);

#endif
