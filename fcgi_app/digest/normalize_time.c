/*
 * Time: protocol.md §7.6.  A client's clock may be wrong by hours or years;
 * what counts is how far from its own sent_at an event was, so the whole
 * payload is shifted by the same difference.
 */

#include "digest/normalize.h"

#include "util/timeutil.h"

#define DRIFT_MIN (55 * US_PER_MINUTE)
#define FUTURE_MAX (60 * US_PER_SECOND)
#define PAST_MAX (30 * US_PER_DAY)


static void
shift(struct norm *n, int64_t by)
{
    for (size_t i = 0; i < n->ntimes; i++) {
        int64_t us;

        if (time_of(n->times[i], &us)) {
            us += by;
            time_set(n, n->times[i], us > 0 ? us : 0);
        }
    }
}


void
normalize_times(struct norm *n)
{
    struct at at = { NULL, STR("timestamp"), 0 };
    int64_t received = n->ev->received_at, us, by;
    struct json *v = json_get(n->doc, "timestamp"), *now;

    if (!time_of(v, &us)) {
        us = received;
        v = json_new(n->a, JSON_T_NUMBER);
        time_set(n, v, us);
        json_set(n->doc, STR("timestamp"), v);
    }

    by = n->ev->sent_at != 0 ? received - n->ev->sent_at : 0;
    if (by >= DRIFT_MIN || by <= -DRIFT_MIN) {
        note_times(n, &at, "clock_drift", n->ev->sent_at, received);
        shift(n, by);
        time_of(v, &us);
    }

    if (us > received + FUTURE_MAX || us < received - PAST_MAX) {
        note_times(n, &at,
                   us > received ? "future_timestamp" : "past_timestamp", us,
                   received);
        shift(n, received - us);
        time_set(n, v, received);
        us = received;
    }

    now = json_new(n->a, JSON_T_NUMBER);
    time_set(n, now, received);
    json_set(n->doc, STR("received"), now);
    n->ev->occurred_at = us;
}
