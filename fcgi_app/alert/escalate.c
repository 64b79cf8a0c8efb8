/*
 * alert/escalate.c - what a rule does when nobody acts on what it has told.
 *
 * The second step is a row of the outbox from the moment of the first, due
 * later: it survives whatever stops in between, and its key is the firing's, so
 * it comes once.  What a person does to the issue meanwhile, be it a comment,
 * ends it; that is asked when it is due.
 */

#include "alert/route_work.h"
#include "util/lang.h"


enum status
escalate_later(struct db *db, struct arena *a, const struct rule *r,
               const struct alert_fire *fire, struct rows *out)
{
    int64_t due = fire->fired_at + r->escalate * US_PER_MINUTE;

    if (r->escalate == 0 || (fire->issue_id == 0 && fire->feedback_id == 0)) {
        return ST_OK;
    }
    if (r->quiet != NULL && alert_clock_inside(r->quiet, due)) {
        due = route_quiet_end(r->quiet, due);
    }
    rows_add(out,
             &(struct outbox_row){
                 .organization_id = fire->organization_id,
                 .project_id = fire->project_id,
                 .issue_id = fire->issue_id,
                 .rule_id = fire->rule_id,
                 .fire_id = fire->id,
                 .cause = STR("escalate"),
                 .channel = STR("route"),
                 .key = str_printf(a, "escalate:%lld", (long long) fire->id),
                 .due_at = due,
             });
    return alert_fire_escalated(db, a, fire->id, "waiting");
}


static enum status
tell(struct db *db, struct arena *a, const struct outbox_row *row,
     const struct rule *r, const struct alert_fire *fire, struct rows *out)
{
    struct rule second = { .row = r->row,
                           .blocks = { r->second },
                           .nblocks = 1 };
    struct target t = { .row = row, .rules = &row->rule_id, .nrules = 1 };
    struct notice n;
    enum status st = tell_fire(db, a, fire, &n);

    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it is gone */
    }
    n.cause = STR("issue");
    n.action = STR("triggered");
    tell_measured(a, fire, &n);
    n.measured =
        lang_keep(a, N_("nobody has acted for {0}: {1}"),
                  FILL(alert_duration(a, r->escalate * 60), n.measured));
    tell_rule(a, fire, &n);
    t.notice = &n;
    st = alert_rule_muted(db, a, row->organization_id, &row->rule_id, 1,
                          &t.muted, &t.nmuted);
    return st == ST_OK ? rule_act(db, a, &t, &second, 1, false, out) : st;
}


enum status
escalate_route(struct alerts *al, struct db *db, struct arena *a,
               const struct outbox_row *row, struct rows *out)
{
    const struct rule *r = alerts_rule(al, row->rule_id);
    struct alert_fire *fires;
    bool acted;
    enum status st;
    size_t n;

    if (r == NULL || r->escalate == 0) {
        return alert_fire_escalated(db, a, row->fire_id, "off");
    }
    if ((st = alert_acted(db, a, row->organization_id, row->fire_id, &acted))
        != ST_OK) {
        return st;
    }
    if (acted) {
        return alert_fire_escalated(db, a, row->fire_id, "acted");
    }
    st = alert_fires(db, a, row->organization_id, &row->fire_id, 1, &fires, &n);
    if (st != ST_OK || n == 0
        || (st = tell(db, a, row, r, &fires[0], out)) != ST_OK) {
        return st;
    }
    return alert_fire_escalated(db, a, row->fire_id, "done");
}
