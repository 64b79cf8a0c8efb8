#include "util/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/lang.h"
#include "util/timeutil.h"

#define ZONES "/usr/share/zoneinfo/"
#define ZONE_MAX 64

static char current[ZONE_MAX]; /* "": none was asked for yet */


bool
zone_known(struct str zone)
{
    char path[sizeof(ZONES) + ZONE_MAX];

    if (zone.n == 0 || zone.n >= ZONE_MAX || zone.p[0] == '/'
        || str_find(zone, STR("..")) != -1) {
        return false;
    }
    snprintf(path, sizeof(path), ZONES "%.*s", STR_FMT(zone));
    return access(path, R_OK) == 0;
}


void
zone_use(struct str zone)
{
    if (current[0] != '\0' && str_is(zone, current)) {
        return;
    }
    if (!zone_known(zone)) {
        zone = STR("UTC");
    }
    if (str_is(zone, current)) {
        return;
    }
    snprintf(current, sizeof(current), "%.*s", STR_FMT(zone));
    setenv("TZ", current, 1);
    tzset();
}


struct tm
zone_parts(int64_t us)
{
    time_t seconds = (time_t) (us / US_PER_SECOND - (us % US_PER_SECOND < 0));
    struct tm tm;

    localtime_r(&seconds, &tm);
    return tm;
}


/* Of "2026-07-24T09:00": a zone stands behind the time of day. */
static bool
names_zone(struct str s)
{
    struct str time = s.n > 10 ? str_sub(s, 10, s.n) : STR("");

    return str_ends(s, STR("Z")) || str_ends(s, STR("z"))
           || str_chr(time, '+') >= 0 || str_chr(time, '-') >= 0;
}


bool
zone_parse(struct str s, int64_t *us)
{
    time_t seconds;
    struct tm tm;

    if (!time_parse_iso(s, us)) {
        return false;
    }
    if (names_zone(s)) {
        return true;
    }
    seconds = (time_t) (*us / US_PER_SECOND - (*us % US_PER_SECOND < 0));
    gmtime_r(&seconds, &tm);
    tm.tm_isdst = -1;
    *us = (int64_t) mktime(&tm) * US_PER_SECOND + *us % US_PER_SECOND;
    return true;
}


const char *
zone_month(const struct tm *tm)
{
    static const char *const names[] = {
        N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
        N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
    };

    return tr(names[tm->tm_mon]);
}


struct str
zone_moment(struct arena *a, int64_t us)
{
    struct tm tm = zone_parts(us);

    return str_printf(a, "%d %s %d, %02d:%02d %s", tm.tm_mday, zone_month(&tm),
                      tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_zone);
}


struct str
zone_moment_of(struct arena *a, struct str zone, int64_t us)
{
    char before[ZONE_MAX];
    struct str out;

    memcpy(before, current, sizeof(before));
    zone_use(zone);
    out = zone_moment(a, us);
    zone_use(str_of(before));
    return out;
}
