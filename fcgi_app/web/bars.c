#include "web/bars.h"

#define LEAST 1 /* pixel of a bar that is not zero */


int64_t
bars_unit(const struct bars_gap *gap, size_t n)
{
    double of_all = gap->of_all * (double) n;
    double part = of_all < gap->of_bucket ? of_all : gap->of_bucket;

    return n == 0 ? 1 : (int64_t) (1 / part + 0.5);
}


int64_t
bars_height(int64_t v, int64_t top, int64_t height)
{
    return (int64_t) ((double) v / (double) top * (double) height + 0.5);
}


/*
 * Each bar is drawn from its foot up, across and down to the foot again.  Along
 * a foot to the next one is no way to go back, as nothing is stroked.
 */
void
bars_add(struct bars *b, int64_t x, int64_t unit, int64_t foot, int64_t height)
{
    long long h = height < LEAST ? LEAST : height;

    if (b->d.n == 0) {
        buf_addf(&b->d, "M%lld %lld", (long long) x, (long long) foot);

    } else if (foot == b->y) {
        buf_addf(&b->d, "h%lld", (long long) (x - b->x));

    } else {
        buf_addf(&b->d, "m%lld%s%lld", (long long) (x - b->x),
                 foot < b->y ? "" : " ", (long long) (foot - b->y));
    }
    buf_addf(&b->d, "v-%lldh%lldv%lld", h, (long long) unit - 1, h);
    b->x = x + unit - 1;
    b->y = foot;
}
