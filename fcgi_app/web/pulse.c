#include "web/pulse.h"

#include "util/timeutil.h"

/* Late: after so long, or so many of its pauses. */
#define LATE_US (5 * US_PER_MINUTE)
#define LATE_PAUSES 3


static int64_t
number(const struct json *o, const char *name)
{
    int64_t n;

    return json_i64(json_get(o, name), &n) ? n : 0;
}


static bool
is_late(const struct pulse_state *p, int64_t since, int64_t digested_at,
        int64_t now)
{
    int64_t most = LATE_PAUSES * p->every;
    int64_t last = p->stored_at > digested_at ? p->stored_at : digested_at;

    most = most > LATE_US ? most : LATE_US;
    return p->stored_at > 0 && since > 0 && now - since > most
           && now - last > most;
}


struct pulse_state
pulse_state(const struct json *report, int64_t now)
{
    const struct json *o = json_get(report, "pulse");
    struct pulse_state p = { .on = o != NULL };

    if (o == NULL) {
        return p;
    }
    p.every = number(o, "every");
    p.tried_at = number(o, "tried_at");
    p.sent_at = number(o, "sent_at");
    p.stored_at = number(o, "stored_at");
    p.slowest = number(o, "slowest");
    p.failing = number(o, "failures") > 0;
    p.code = p.failing ? (int) number(o, "code") : 0;
    p.why = json_text_of(o, "why");
    p.late =
        is_late(&p, number(o, "since"), number(report, "digested_at"), now);
    return p;
}


void
pulse_write(struct buf *b, const struct pulse_state *p, int64_t now)
{
    if (!p->on) {
        return;
    }
    if (p->stored_at == 0) {
        buf_text(b, "no synthetic event has arrived yet\n");
        return;
    }
    buf_addf(b,
             "synthetic event stored %lld s ago, %lld ms after it was sent\n",
             (long long) ((now - p->stored_at) / US_PER_SECOND),
             (long long) ((p->stored_at - p->sent_at) / 1000));
}
