/* Who hears of a number that passes a threshold, and when nobody acts on it. */

#include "alert/route_work.h"

#include "alert/metric.h"
#include "integration/integration.h"
#include "util/conf.h"
#include "util/lang.h"


/* What the row is about: its rule, read, and the incident as it is now. */
struct case_of {
    struct alert_rule rule;
    struct metric_rule metric;
    struct incident incident;
    struct alert_fire fire;
    struct str action;
};


static enum status
read_case(struct db *db, struct arena *a, const struct outbox_row *row,
          const struct json *data, struct case_of *c)
{
    const char *fault;
    int64_t id = 0;
    enum status st;

    *c = (struct case_of){
        .fire = { .id = row->fire_id,
                  .organization_id = row->organization_id,
                  .project_id = row->project_id,
                  .rule_id = row->rule_id },
        .action = json_text_of(data, "action"),
    };
    json_i64(json_get(data, "incident"), &id);
    json_double(json_get(data, "value"), &c->fire.value);
    json_i64(json_get(data, "at"), &c->fire.at);
    if ((st = incident_by_id(db, a, row->organization_id, id, &c->incident))
            != ST_OK
        || (st = alert_rule_by_id(db, a, row->organization_id, row->rule_id, 0,
                                  &c->rule))
               != ST_OK) {
        return st;
    }
    c->fire.rule_name = c->rule.name;
    return metric_read(a, &c->rule, &c->metric, &fault) ? ST_OK : ST_NOT_FOUND;
}


static struct str
page_of(struct arena *a, const struct notice *n, struct str page)
{
    return str_printf(a, "%s/%.*s/%.*s", conf_str(CONF_SYSTEM_URL_PREFIX),
                      STR_FMT(n->organization), STR_FMT(page));
}


/* What was measured, and where one can see the same; of the notice's project.
 */
static void
tell_number(struct arena *a, const struct metric_rule *m,
            const struct alert_fire *fire, double threshold, struct notice *n)
{
    n->title = m->row->name;
    n->measured = metric_measured(a, m, fire->value);
    n->threshold = metric_threshold(a, m, threshold);
    n->value = fire->value;
    n->limit = threshold;
    n->window = m->window * 60;
    n->at = fire->at;
    n->url = page_of(a, n, STR("alerts/incidents/"));
    n->query_url = page_of(a, n, metric_query(a, m, n->project));
    n->actions[0] =
        (struct notice_link){ 0, STR_N("Open the incident"), n->url };
    tell_rule(a, fire, n);
}


static enum status
tell_case(struct db *db, struct arena *a, const struct case_of *c,
          struct notice *n)
{
    enum status st = tell_project(db, a, &c->fire, n);

    if (st == ST_OK) {
        n->cause = STR("metric");
        n->action = c->action;
        n->incident = c->incident.number;
        n->level = str_is(c->action, "critical")  ? 50
                   : str_is(c->action, "warning") ? 30
                                                  : 20;
        tell_number(a, &c->metric, &c->fire, c->incident.threshold, n);
    }
    return st;
}


/* To those whom these actions name; who has muted the rule hears nothing. */
static enum status
act(struct db *db, struct arena *a, const struct outbox_row *row,
    const struct case_of *c, const struct rule_block *block,
    const struct notice *n, struct rows *out)
{
    struct rule acting = { .row = &c->rule,
                           .blocks = { *block },
                           .nblocks = 1 };
    struct target t = {
        .row = row, .notice = n, .rules = &row->rule_id, .nrules = 1
    };
    enum status st = alert_rule_muted(db, a, row->organization_id,
                                      &row->rule_id, 1, &t.muted, &t.nmuted);

    return st == ST_OK ? rule_act(db, a, &t, &acting, 1, true, out) : st;
}


/* The second step of an incident; its row waits as an issue's does. */
static enum status
wait_for_act(struct db *db, struct arena *a, const struct outbox_row *row,
             const struct case_of *c, struct rows *out)
{
    if (c->metric.escalate == 0 || row->fire_id == 0
        || str_is(c->action, "resolved")) {
        return ST_OK;
    }
    rows_add(out, &(struct outbox_row){
                      .organization_id = row->organization_id,
                      .project_id = row->project_id,
                      .rule_id = row->rule_id,
                      .fire_id = row->fire_id,
                      .cause = STR("escalate"),
                      .channel = STR("route"),
                      .data = row->data,
                      .key = str_printf(a, "escalate:%lld",
                                        (long long) row->fire_id),
                      .due_at = time_now() + c->metric.escalate * US_PER_MINUTE,
                  });
    return alert_fire_escalated(db, a, row->fire_id, "waiting");
}


enum status
route_metric(struct db *db, struct arena *a, const struct outbox_row *row,
             const struct json *data, struct rows *out)
{
    struct outbox_row *listeners;
    struct case_of c;
    struct notice n;
    size_t nlisteners;
    enum status st;

    if ((st = read_case(db, a, row, data, &c)) != ST_OK
        || (st = tell_case(db, a, &c, &n)) != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it is gone */
    }
    n.key = row->key;
    if ((st = wait_for_act(db, a, row, &c, out)) != ST_OK
        || (st = act(db, a, row, &c, &c.metric.first, &n, out)) != ST_OK
        || (st = integration_listeners(db, a, &n, &listeners, &nlisteners))
               != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < nlisteners; i++) {
        rows_add(out, &listeners[i]);
    }
    return ST_OK;
}


/* What has become of the wait: NULL, it goes further. */
static const char *
end_of_wait(const struct case_of *c)
{
    if (c->metric.escalate == 0 || !c->rule.on) {
        return "off";
    }
    if (c->incident.status == INCIDENT_CLOSED) {
        return str_null(c->incident.closed_by) ? "over" : "acted";
    }
    return c->incident.status == INCIDENT_ACKNOWLEDGED ? "acted" : NULL;
}


enum status
escalate_metric(struct db *db, struct arena *a, const struct outbox_row *row,
                const struct json *data, struct rows *out)
{
    struct case_of c;
    struct notice n;
    const char *end;
    enum status st;
    bool first;

    if ((st = read_case(db, a, row, data, &c)) != ST_OK) {
        return st == ST_NOT_FOUND
                   ? alert_fire_escalated(db, a, row->fire_id, "off")
                   : st;
    }
    if ((end = end_of_wait(&c)) != NULL) {
        return alert_fire_escalated(db, a, row->fire_id, end);
    }
    st = incident_escalate(db, a, row->organization_id, c.incident.id,
                           str_is(c.action, "critical") ? SEVERITY_CRITICAL
                                                        : SEVERITY_WARNING,
                           &first);
    if (st != ST_OK || !first) {
        /* it has got worse, which has a wait of its own, or it was told */
        return st == ST_OK ? alert_fire_escalated(db, a, row->fire_id, "") : st;
    }
    if ((st = tell_case(db, a, &c, &n)) != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    n.measured =
        lang_keep(a, N_("nobody has acted for {0}: {1}"),
                  FILL(alert_duration(a, c.metric.escalate * 60), n.measured));
    st = act(db, a, row, &c, &c.metric.second, &n, out);
    return st == ST_OK ? alert_fire_escalated(db, a, row->fire_id, "done") : st;
}


/* testing */

static enum status
any_project(struct db *db, struct arena *a, const struct alert_rule *r,
            int64_t *id)
{
    const int64_t *projects = r->projects;
    size_t n = r->nprojects;
    enum status st = ST_OK;

    if (r->all_projects) {
        st = alert_projects(db, a, r->organization_id, &projects, &n);
    }
    if (st == ST_OK && n > 0) {
        *id = projects[0];
    }
    return st == ST_OK && n == 0 ? ST_NOT_FOUND : st;
}


enum status
route_test_metric(struct db *db, struct arena *a, const struct metric_rule *m,
                  const struct actor *by, struct str prefix, size_t *n)
{
    struct rows out = { .v = arena_array(a, ROWS_MAX, sizeof(*out.v)) };
    struct outbox_row row = { .organization_id = m->row->organization_id,
                              .rule_id = m->row->id,
                              .key = prefix };
    struct alert_fire fire = { .organization_id = row.organization_id,
                               .rule_id = m->row->id,
                               .rule_name = m->row->name,
                               .at =
                                   time_now() / US_PER_MINUTE * US_PER_MINUTE };
    struct notice notice;
    struct target t = { .row = &row, .notice = &notice };
    bool some = false;
    enum status st;

    if ((st = any_project(db, a, m->row, &fire.project_id)) != ST_OK
        || (st = metric_measure(db, a, m, fire.project_id, fire.at, &fire.value,
                                &some))
               != ST_OK
        || (st = tell_project(db, a, &fire, &notice)) != ST_OK) {
        return st;
    }
    notice.cause = STR("test");
    notice.action = STR("triggered");
    tell_number(a, m, &fire, m->critical, &notice);
    if (!some) {
        notice.measured = metric_words(a, m);
    }
    test_block(a, &t, by, &m->first, &out);
    test_block(a, &t, by, &m->second, &out);
    *n = out.n;
    return outbox_add(db, a, out.v, out.n);
}
