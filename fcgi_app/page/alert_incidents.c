/* page/alert_incidents.c - what metric rules have opened, newest first. */

#include "model/incident.h"
#include "model/organization.h"
#include "page/alerts.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"


static void
fill_row(struct request *rq, struct data *row, const struct incident *i)
{
    static const char *const states[] = { "open", "acknowledged", "closed" };

    data_i64(row, "id", i->id);
    data_i64(row, "number", i->number);
    data_i64(row, "rule", i->rule_id);
    data_str(row, "name", i->rule_name);
    data_str(row, "title", lang_say(rq->a, i->title));
    data_str(row, "project", i->project);
    data_text(row, "state", states[i->status]);
    data_bool(row, "critical",
              (i->status == INCIDENT_CLOSED ? i->worst : i->severity)
                  == SEVERITY_CRITICAL);
    data_str(row, "value", str_printf(rq->a, "%.6g", i->value));
    data_str(row, "threshold", str_printf(rq->a, "%.6g", i->threshold));
    data_time(row, "started", i->started_at);
    data_time(row, "acknowledged", i->acknowledged_at);
    data_str(row, "acknowledged_by", i->acknowledged_by);
    data_time(row, "closed", i->closed_at);
    data_str(row, "closed_by", i->closed_by);
}


enum status
page_alert_incidents(struct request *rq, struct response *rs)
{
    struct incident *list;
    int64_t before = 0;
    enum status st;
    bool more;
    size_t n;

    str_i64(request_arg(rq, "before"), &before);
    st = incident_list(rq->db, rq->a, rq->org->id, before, &list, &n, &more);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        if (access_sees(&rq->access, list[i].project_id)) {
            fill_row(rq, data_row(data_child(rs->data, "Rows")), &list[i]);
        }
    }
    if (more) {
        data_str(rs->data, "next",
                 query_with(rq->a, &rq->args, "before",
                            str_printf(rq->a, "%lld",
                                       (long long) list[n - 1].number)));
    }
    alert_tabs(rq, rs, "incidents");
    return ST_OK;
}


enum status
page_alert_incident_act(struct request *rq, struct response *rs)
{
    bool close = str_is(request_field(rq, "do"), "close");
    struct actor by = request_actor(rq);
    struct incident i;
    int64_t id = 0;
    enum status st;

    if (!str_i64(request_field(rq, "incident"), &id)) {
        return request_wrong(rq, "incident");
    }
    st = incident_by_id(rq->db, rq->a, rq->org->id, id, &i);
    if (st == ST_OK && !access_sees(&rq->access, i.project_id)) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        st = incident_act(rq->db, rq->a, &by, rq->org->id, id, close);
    }
    if (st == ST_OK) {
        login_flash(rq, close ? STR("The incident is closed.")
                              : STR("You look after the incident."));
        response_redirect(rs, str_printf(rq->a, "/%.*s/alerts/incidents/",
                                         STR_FMT(rq->org->slug)));
    }
    return st;
}
