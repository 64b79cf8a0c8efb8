/*
 * util/zone.h - times by the clock of a place.
 *
 * A process has one thread and answers one question at a time, so its own time
 * zone is lent to it.  Stored times, day counters and logs are UTC always.
 */

#ifndef VEDETTE_UTIL_ZONE_H
#define VEDETTE_UTIL_ZONE_H

#include <time.h>

#include "util/arena.h"
#include "util/str.h"

/* A name of the tz database that this machine has: "Europe/Riga". */
bool zone_known(struct str zone);

/* What follows is by this clock; one that is not known, or null: UTC. */
void zone_use(struct str zone);

/* The parts of a time (µs) by the clock in use; tm_zone: "CET", "+03". */
struct tm zone_parts(int64_t us);

/* As time_parse_iso; what names no zone is by the clock in use. */
bool zone_parse(struct str s, int64_t *us);

/* "Jul", in the language in use. */
const char *zone_month(const struct tm *tm);

/* "24 Jul 2026, 12:12 CEST": where no page can say how long ago that was. */
struct str zone_moment(struct arena *a, int64_t us);

/* The same by the clock of another place, whatever is in use. */
struct str zone_moment_of(struct arena *a, struct str zone, int64_t us);

#endif
