#include "util/timeutil.h"

#include <stdio.h>
#include <time.h>


static int64_t
clock_us(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return ts.tv_sec * US_PER_SECOND + ts.tv_nsec / 1000;
}


int64_t
time_now(void)
{
    return clock_us(CLOCK_REALTIME);
}


int64_t
time_monotonic(void)
{
    return clock_us(CLOCK_MONOTONIC);
}


/* Takes exactly n digits off *s. */
static bool
digits(struct str *s, size_t n, int *out)
{
    int v = 0;

    if (s->n < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') {
            return false;
        }
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, n, s->n);
    *out = v;
    return true;
}


static bool
take(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c) {
        return false;
    }
    *s = str_sub(*s, 1, s->n);
    return true;
}


static bool
fraction(struct str *s, int *us)
{
    int scale = 100000, seen = 0;

    for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'; seen++) {
        *us += (s->p[0] - '0') * scale;
        scale /= 10;
        *s = str_sub(*s, 1, s->n);
    }
    return seen > 0;
}


static bool
zone(struct str *s, int *seconds)
{
    int sign, h, m = 0;

    if (take(s, 'Z') || take(s, 'z')) {
        return true;
    }
    sign = take(s, '+') ? 1 : take(s, '-') ? -1 : 0;
    if (sign == 0) {
        return true;
    }
    if (!digits(s, 2, &h)) {
        return false;
    }
    take(s, ':');
    if (s->n > 0 && !digits(s, 2, &m)) {
        return false;
    }
    if (h > 23 || m > 59) {
        return false;
    }
    *seconds = sign * (h * 3600 + m * 60);
    return true;
}


bool
time_parse_iso(struct str s, int64_t *us)
{
    struct tm tm = { 0 };
    int y, mo, d, h = 0, mi = 0, se = 0, frac = 0, offset = 0;

    if (!digits(&s, 4, &y) || !take(&s, '-') || !digits(&s, 2, &mo)
        || !take(&s, '-') || !digits(&s, 2, &d)) {
        return false;
    }

    if (take(&s, 'T') || take(&s, 't') || take(&s, ' ')) {
        if (!digits(&s, 2, &h) || !take(&s, ':') || !digits(&s, 2, &mi)) {
            return false;
        }
        if (take(&s, ':') && !digits(&s, 2, &se)) {
            return false;
        }
        if ((take(&s, '.') || take(&s, ',')) && !fraction(&s, &frac)) {
            return false;
        }
        if (!zone(&s, &offset)) {
            return false;
        }
    }

    if (s.n > 0 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59
        || se > 60) {
        return false;
    }

    tm.tm_year = y - 1900;
    tm.tm_mon = mo - 1;
    tm.tm_mday = d;
    tm.tm_hour = h;
    tm.tm_min = mi;
    tm.tm_sec = se;
    *us = ((int64_t) timegm(&tm) - offset) * US_PER_SECOND + frac;

    /* timegm turns 31 February into March; the input was no date, then */
    return tm.tm_mon == mo - 1;
}


size_t
time_write_iso(char out[TIME_ISO_SIZE], int64_t us)
{
    int64_t frac = (us % US_PER_SECOND + US_PER_SECOND) % US_PER_SECOND;
    time_t t = (time_t) ((us - frac) / US_PER_SECOND);
    struct tm tm;

    gmtime_r(&t, &tm);
    return (size_t) snprintf(out, TIME_ISO_SIZE,
                             "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                             tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                             tm.tm_hour, tm.tm_min, tm.tm_sec, (int) frac);
}


struct str
time_format_iso(struct arena *a, int64_t us, bool with_us)
{
    char text[TIME_ISO_SIZE];
    size_t n = time_write_iso(text, us);

    if (!with_us) {
        n -= sizeof(".123456Z") - 1;
        text[n++] = 'Z';
    }
    return str_copy(a, str_make(text, n));
}


int64_t
time_day(int64_t us)
{
    return us >= 0 ? us / US_PER_DAY : -((-us + US_PER_DAY - 1) / US_PER_DAY);
}
