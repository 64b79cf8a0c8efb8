#include "alert/usual.h"

#include <stdlib.h>

#include "util/timeutil.h"


enum usual
usual_of(struct str season)
{
    return str_is(season, "day")    ? USUAL_DAY
           : str_is(season, "week") ? USUAL_WEEK
                                    : USUAL_NONE;
}


size_t
usual_windows(enum usual season, int64_t back[USUAL_MAX])
{
    size_t n = season == USUAL_DAY ? 7 : season == USUAL_WEEK ? 4 : 0;
    int64_t step = season == USUAL_DAY ? US_PER_DAY : 7 * US_PER_DAY;

    for (size_t i = 0; i < n; i++) {
        back[i] = (int64_t) (i + 1) * step;
    }
    return n;
}


int64_t
usual_reach(enum usual season)
{
    int64_t back[USUAL_MAX];
    size_t n = usual_windows(season, back);

    return n > 0 ? back[n - 1] : 0;
}


static int
by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}


double
usual_median(double *v, size_t n)
{
    if (n == 0) {
        return 0;
    }
    qsort(v, n, sizeof(*v), by_value);
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}


bool
usual_percent(double *v, size_t n, double *value)
{
    double usual = usual_median(v, n);

    *value = usual > 0 ? *value * 100 / usual : 0;
    return usual > 0;
}
