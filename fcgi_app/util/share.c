#include "util/share.h"

#include <math.h>

#define Z 3.0


static double
bound(int64_t n, int64_t of, double sign)
{
    double m = (double) of, p;

    if (of <= 0) {
        return sign < 0 ? 0 : 1;
    }
    p = (double) n / m;
    return (p + Z * Z / (2 * m)
            + sign * Z * sqrt(p * (1 - p) / m + Z * Z / (4 * m * m)))
           / (1 + Z * Z / m);
}


double
share_least(int64_t n, int64_t of)
{
    return bound(n, of, -1);
}


double
share_most(int64_t n, int64_t of)
{
    return bound(n, of, 1);
}
