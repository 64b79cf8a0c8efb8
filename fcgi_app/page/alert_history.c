/*
 * page/alert_history.c - what rules have fired, each with what became of its
 * notifications; and the log of all deliveries.
 */

#include "alert/rule.h"
#include "model/alert_data.h"
#include "model/organization.h"
#include "model/outbox.h"
#include "page/alerts.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/route.h"


void
alert_tabs(struct request *rq, struct response *rs, const char *tab)
{
    data_text(rs->data, "Tab", tab);
    data_bool(data_child(rs->data, "May"), "write_alerts",
              request_may(rq, "alerts:write"));
    data_bool(data_child(rs->data, "May"), "write_org",
              request_may(rq, "org:write"));
}


struct str
alert_blocks_words(struct arena *a, unsigned blocks)
{
    struct buf out = buf_in(a);

    for (int i = 0; i < RULE_BLOCKS_MAX; i++) {
        if ((blocks & 1u << i) != 0) {
            buf_addf(&out, "%s%d", out.n > 0 ? ", " : "", i + 1);
        }
    }
    return buf_view(&out);
}


int64_t
alert_chosen_project(const struct request *rq, const struct project *projects,
                     size_t n)
{
    struct str slug = request_arg(rq, "project");

    for (size_t i = 0; i < n; i++) {
        if (str_eq(projects[i].slug, slug)) {
            return projects[i].id;
        }
    }
    return 0;
}


static int64_t
number_arg(const struct request *rq, const char *name)
{
    int64_t v = 0;

    return str_i64(request_arg(rq, name), &v) && v > 0 ? v : 0;
}


static bool
sees(const struct request *rq, int64_t project_id)
{
    return project_id == 0 || access_sees(&rq->access, project_id);
}


static void
fill_delivery(struct data *row, const struct outbox_row *o)
{
    static const char *const states[] = { "waiting", "sent", "failed",
                                          "left out" };
    bool trying =
        o->state == OUTBOX_WAITING && o->attempts > 0 && o->last_answer.n > 0;

    data_i64(row, "id", o->id);
    data_str(row, "channel", o->channel);
    data_str(row, "address", o->address);
    data_i64(row, "integration", o->integration_id);
    data_text(row, "state", trying ? "trying" : states[o->state]);
    data_i64(row, "code", o->last_code);
    data_str(row, "answer", o->last_answer);
    data_i64(row, "attempts", o->attempts);
    data_time(row, "at", o->created_at);
    data_time(row, "done", o->done_at);
    data_time(row, "next", o->state == OUTBOX_WAITING ? o->due_at : 0);
    data_str(row, "cause", o->cause);
}


/* A firing, and what was sent because of it: one statement for all of them. */
static enum status
fill_fires(struct request *rq, struct data *list,
           const struct alert_fire *fires, size_t n)
{
    int64_t *ids = arena_array(rq->a, n, sizeof(int64_t));
    struct outbox_row *sent;
    enum status st;
    size_t nsent;

    for (size_t i = 0; i < n; i++) {
        ids[i] = fires[i].id;
    }
    st = outbox_of_fires(rq->db, rq->a, rq->org->id, ids, n, &sent, &nsent);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        const struct alert_fire *f = &fires[i];
        struct data *row;

        if (!sees(rq, f->project_id)) {
            continue;
        }
        row = data_row(list);
        data_i64(row, "id", f->id);
        data_i64(row, "rule", f->rule_id);
        data_str(row, "name", f->rule_name);
        data_time(row, "at", f->fired_at);
        data_str(row, "cause", lang_say(rq->a, f->cause));
        data_i64(row, "issue", f->issue_id);
        data_i64(row, "feedback", f->feedback_id);
        data_str(row, "short_id", f->issue_short_id);
        data_str(row, "title", f->issue_title);
        data_str(row, "held", f->held);
        data_str(row, "escalated", f->escalated);
        if (f->blocks > 1) {
            data_str(row, "blocks", alert_blocks_words(rq->a, f->blocks));
        }
        for (size_t k = 0; k < nsent; k++) {
            if (sent[k].fire_id == f->id) {
                fill_delivery(data_row(data_child(row, "Sent")), &sent[k]);
            }
        }
    }
    return st;
}


enum status
page_alert_history(struct request *rq, struct response *rs)
{
    struct alert_fire *fires;
    struct project *projects;
    size_t n, nprojects;
    enum status st;
    bool more;

    if ((st = request_projects(rq, &projects, &nprojects)) != ST_OK) {
        return st;
    }
    st = alert_fire_list(rq->db, rq->a, rq->org->id, number_arg(rq, "rule"),
                         alert_chosen_project(rq, projects, nprojects),
                         number_arg(rq, "before"), &fires, &n, &more);
    if (st == ST_OK) {
        st = fill_fires(rq, data_child(rs->data, "Fires"), fires, n);
    }
    if (st == ST_OK && more) {
        data_str(
            rs->data, "next",
            query_with(rq->a, &rq->args, "before",
                       str_printf(rq->a, "%lld", (long long) fires[n - 1].id)));
    }
    data_i64(rs->data, "rule", number_arg(rq, "rule"));
    alert_fill_projects(rq, rs, projects, nprojects);
    alert_tabs(rq, rs, "history");
    return st;
}


enum status
page_alert_deliveries(struct request *rq, struct response *rs)
{
    struct outbox_filter filter = {
        .integration_id = number_arg(rq, "integration"),
        .rule_id = number_arg(rq, "rule"),
        .failed = str_is(request_arg(rq, "failed"), "1"),
        .before = number_arg(rq, "before"),
    };
    struct outbox_row *rows;
    enum status st;
    bool more;
    size_t n;

    st = outbox_list(rq->db, rq->a, rq->org->id, &filter, &rows, &n, &more);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        if (sees(rq, rows[i].project_id)) {
            fill_delivery(data_row(data_child(rs->data, "Rows")), &rows[i]);
        }
    }
    if (more) {
        data_str(
            rs->data, "next",
            query_with(rq->a, &rq->args, "before",
                       str_printf(rq->a, "%lld", (long long) rows[n - 1].id)));
    }
    data_bool(rs->data, "failed", filter.failed);
    data_str(rs->data, "failed_link",
             query_with(rq->a, &rq->args, "failed",
                        filter.failed ? STR_NULL : STR("1")));
    alert_tabs(rq, rs, "deliveries");
    return ST_OK;
}
