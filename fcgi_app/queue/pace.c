#include "queue/pace.h"

#define SHARE 0.2 /* of what is taken, when live traffic wants it all */


/* What may be sent in a second, from a window in which the queue was long. */
static double
rate_of(const struct pace *p, int64_t now_us, int64_t length, int64_t taken)
{
    double seconds = (double) (now_us - p->since_us) / 1e6;
    double growth = (double) (length - p->length);
    double out, live;

    if (taken < 0 || p->taken < 0) {
        /* at least what we added and is not there any more */
        out = (double) p->ours > growth ? (double) p->ours - growth : 0;
        live = out;

    } else {
        out = (double) (taken - p->taken);
        live = growth + out - (double) p->ours;
    }
    out = out > 0 ? out : 0;
    live = live > 0 ? live : 0;
    return (out - live > SHARE * out ? out - live : SHARE * out) / seconds;
}


int64_t
pace_look(struct pace *p, int64_t now_us, int64_t length, int64_t taken)
{
    bool whole = p->since_us != 0 && now_us - p->since_us >= PACE_WINDOW_US;

    if (whole) {
        /* smoothed, because a worker takes a batch at a time */
        p->rate = (p->rate + rate_of(p, now_us, length, taken)) / 2;
    }
    if (p->since_us == 0 || whole) {
        p->since_us = now_us;
        p->length = length;
        p->taken = taken;
        p->ours = 0;
    }

    if (length < PACE_SHORT) {
        p->allowance = 0;
        p->spent_us = now_us;
        return PACE_UNLIMITED;
    }
    p->allowance += p->rate * (double) (now_us - p->spent_us) / 1e6;
    p->spent_us = now_us;
    if (p->allowance > p->rate) {
        p->allowance = p->rate; /* a second's worth is not saved up */
    }
    return (int64_t) p->allowance;
}


void
pace_sent(struct pace *p, int64_t n)
{
    p->ours += n;
    p->allowance = p->allowance > (double) n ? p->allowance - (double) n : 0;
}
