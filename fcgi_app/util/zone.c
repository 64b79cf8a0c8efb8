#include "util/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/timeutil.h"

#define ZONES "/usr/share/zoneinfo/"
#define ZONE_MAX 64


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
    static char current[ZONE_MAX];

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
