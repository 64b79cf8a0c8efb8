#include "cmd/chore_alert.h"

#include "alert/alert.h"
#include "alert/metric.h"
#include "alert/weekly.h"
#include "model/outbox.h"
#include "queue/backlog.h"

/* Deliveries are kept for so many days. */
#define OUTBOX_DAYS 30


/* The rules, read once in this process. */
static struct alerts *
rules(void)
{
    static struct alerts *al;

    if (al == NULL) {
        al = alerts_new();
    }
    return al;
}


enum status
chore_alert_count(struct chore_context *c, bool *more)
{
    return alerts_count_turn(rules(), c->db, c->arena, more);
}


enum status
chore_alert_watch(struct chore_context *c, bool *more)
{
    struct backlog backlog;
    enum status st = backlog_read(c->redis, c->arena, &backlog);

    (void) more;
    if (st != ST_OK) {
        return st;
    }
    return alerts_watch_turn(rules(), c->db, c->arena,
                             (double) backlog.age_ms / 1000);
}


enum status
chore_alert_metric(struct chore_context *c, bool *more)
{
    return metric_turn(c->db, c->arena, time_now(), more);
}


enum status
chore_alert_forget(struct chore_context *c, bool *more)
{
    bool again = false;
    enum status st = alert_forget(c->db, c->arena, more);

    if (st == ST_OK) {
        st = outbox_forget(c->db, c->arena, OUTBOX_DAYS, &again);
    }
    *more = *more || again;
    return st;
}


enum status
chore_alert_weekly(struct chore_context *c, bool *more)
{
    return weekly_turn(c->db, c->arena, time_now(), more);
}
