/*
 * page/alert_list.c - the rules of an organisation, and what can be done to
 * one from there: switch, snooze, mute.
 */

#include "alert/metric.h"
#include "alert/rule.h"
#include "model/account.h"
#include "model/organization.h"
#include "model/outbox.h"
#include "model/project.h"
#include "page/alerts.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/chart.h"
#include "web/login.h"

#define DAYS 14
#define SNOOZE_MAX_HOURS (24 * 365)


/* A rule of projects that the account does not see is not there. */
bool
alert_rule_visible(const struct request *rq, const struct alert_rule *r)
{
    for (size_t i = 0; i < r->nprojects; i++) {
        if (access_sees(&rq->access, r->projects[i])) {
            return true;
        }
    }
    return r->all_projects || r->nprojects == 0;
}


static const char *
state_of(const struct request *rq, const struct alert_rule *r, bool broken)
{
    return broken                       ? "broken"
           : !r->on                     ? "off"
           : r->snoozed_until > rq->now ? "snoozed"
           : r->open_incident >= 20     ? "critical"
           : r->open_incident > 0       ? "warning"
                                        : "armed";
}


static struct str
projects_of(struct request *rq, const struct alert_rule *r,
            const struct project *projects, size_t n)
{
    struct buf out = buf_in(rq->a);
    size_t shown = 0;

    if (r->all_projects) {
        return STR("All projects");
    }
    for (size_t i = 0; i < n && shown < 3; i++) {
        for (size_t k = 0; k < r->nprojects; k++) {
            if (projects[i].id == r->projects[k]) {
                buf_text(&out, shown++ > 0 ? ", " : "");
                buf_str(&out, projects[i].slug);
            }
        }
    }
    if (r->nprojects > shown) {
        buf_addf(&out, " +%zu", r->nprojects - shown);
    }
    return buf_view(&out);
}


static struct str
environments_of(struct request *rq, const struct alert_rule *r)
{
    struct buf out = buf_in(rq->a);

    for (size_t i = 0; i < r->nenvironments; i++) {
        buf_text(&out, i > 0 ? ", " : "");
        buf_str(&out, r->environments[i]);
    }
    return r->nenvironments > 0 ? buf_view(&out) : STR("any environment");
}


/* after: minutes in which nobody has acted; 0: at once. */
static void
fill_actions(const struct request *rq, struct data *row,
             const struct rule_block *b, int64_t after)
{
    for (size_t i = 0; i < b->nactions; i++) {
        struct str words = action_words(rq->a, &b->actions[i]);

        if (after > 0) {
            words = lang_keep(rq->a, N_("{0}, if nobody acts for {1}"),
                              FILL(words, alert_duration(rq->a, after * 60)));
        }
        data_str(data_row(data_child(row, "Actions")), "words",
                 lang_say(rq->a, words));
    }
}


/* WHEN and THEN in words; a rule that cannot be read says why. */
static bool
fill_metric_words(const struct request *rq, struct data *row,
                  const struct alert_rule *r)
{
    struct metric_rule m;
    const char *fault;

    if (!metric_read(rq->a, r, &m, &fault)) {
        data_tr(row, "fault", fault);
        return false;
    }
    data_str(row, "words", lang_say(rq->a, metric_words(rq->a, &m)));
    fill_actions(rq, row, &m.first, 0);
    fill_actions(rq, row, &m.second, m.escalate);
    return true;
}


static bool
fill_words(struct request *rq, struct data *row, const struct alert_rule *r)
{
    const char *fault;
    struct rule rule;

    if (r->metric) {
        return fill_metric_words(rq, row, r);
    }
    if (!rule_read(rq->a, r, &rule, &fault)) {
        data_tr(row, "fault", fault);
        return false;
    }
    data_str(row, "words", lang_say(rq->a, rule_words(rq->a, &rule)));
    for (size_t b = 0; b < rule.nblocks; b++) {
        fill_actions(rq, row, &rule.blocks[b], 0);
    }
    fill_actions(rq, row, &rule.second, rule.escalate);
    return true;
}


static void
fill_row(struct request *rq, struct data *row, const struct alert_rule *r,
         const int64_t *days, int64_t from)
{
    struct series series = { N_("times"), days, DAYS, from, 86400, DAYS };
    bool sound = fill_words(rq, row, r);

    data_i64(row, "id", r->id);
    data_str(row, "name", r->name);
    data_bool(row, "metric", r->metric);
    data_text(row, "state", state_of(rq, r, !sound));
    data_bool(row, "on", r->on);
    data_time(row, "fired", r->last_fired_at);
    data_time(row, "snoozed",
              r->snoozed_until > rq->now ? r->snoozed_until : 0);
    data_time(row, "muted", r->muted_until > rq->now ? r->muted_until : 0);
    data_str(row, "owner", r->owner);
    data_str(row, "environments", environments_of(rq, r));
    chart_spark(data_child(row, "Spark"), &series);
}


/* What was given up in the last day: a silent failure is told here. */
static enum status
fill_trouble(struct request *rq, struct response *rs)
{
    struct outbox_filter filter = { .failed = true };
    struct outbox_row *rows;
    enum status st;
    bool more;
    size_t n;

    st = outbox_list(rq->db, rq->a, rq->org->id, &filter, &rows, &n, &more);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *d = data_child(rs->data, "Trouble");

        if (rows[i].state == OUTBOX_DEAD
            && rows[i].done_at > rq->now - US_PER_DAY) {
            data_str(d, "channel", rows[i].channel);
            data_str(d, "answer", rows[i].last_answer);
            data_time(d, "at", rows[i].done_at);
            data_i64(d, "integration", rows[i].integration_id);
            break;
        }
    }
    return st;
}


static struct alert_rule_filter
filter_of(const struct request *rq, const struct project *projects, size_t n)
{
    struct str text = str_trim(str_cut(request_arg(rq, "q"), 200));
    struct str project = request_arg(rq, "project");
    struct str after = request_arg(rq, "after");
    ptrdiff_t dot = str_chr(after, '.');
    struct alert_rule_filter f = { .text = text.n > 0 ? str_lower(rq->a, text)
                                                      : STR_NULL };

    for (size_t i = 0; i < n; i++) {
        if (str_eq(projects[i].slug, project)) {
            f.project_id = projects[i].id;
        }
    }
    if (dot > 0 && str_i64(str_sub(after, 0, (size_t) dot), &f.after_id)) {
        f.after_name = str_sub(after, (size_t) dot + 1, after.n);
    }
    return f;
}


void
alert_fill_projects(struct request *rq, struct response *rs,
                    const struct project *projects, size_t n)
{
    struct str chosen = request_arg(rq, "project");

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Projects"));

        data_str(row, "slug", projects[i].slug);
        data_bool(row, "chosen", str_eq(projects[i].slug, chosen));
    }
}


enum status
page_alert_list(struct request *rq, struct response *rs)
{
    int64_t from = time_day(rq->now) * US_PER_DAY - (DAYS - 1) * US_PER_DAY;
    struct alert_rule_filter filter;
    struct alert_rule *rules;
    struct project *projects;
    int64_t *ids, *days;
    size_t n, nprojects;
    enum status st;
    bool more;

    if ((st = request_projects(rq, &projects, &nprojects)) != ST_OK) {
        return st;
    }
    filter = filter_of(rq, projects, nprojects);
    st = alert_rule_list(rq->db, rq->a, rq->org->id, rq->account->id, &filter,
                         &rules, &n, &more);
    if (st != ST_OK) {
        return st;
    }
    ids = arena_array(rq->a, n, sizeof(int64_t));
    for (size_t i = 0; i < n; i++) {
        ids[i] = rules[i].id;
    }
    if ((st = alert_fire_days(rq->db, rq->a, rq->org->id, ids, n, from, DAYS,
                              &days))
            != ST_OK
        || (st = fill_trouble(rq, rs)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row;

        if (!alert_rule_visible(rq, &rules[i])) {
            continue;
        }
        row = data_row(data_child(rs->data, "Rules"));
        data_str(row, "projects",
                 projects_of(rq, &rules[i], projects, nprojects));
        fill_row(rq, row, &rules[i], days + i * DAYS, from);
    }
    if (more) {
        data_str(rs->data, "next",
                 query_with(rq->a, &rq->args, "after",
                            str_printf(rq->a, "%lld.%.*s",
                                       (long long) rules[n - 1].id,
                                       STR_FMT(rules[n - 1].name))));
    }
    data_str(rs->data, "q", request_arg(rq, "q"));
    alert_fill_projects(rq, rs, projects, nprojects);
    alert_tabs(rq, rs, "rules");
    return ST_OK;
}


/* doing */

enum status
alert_visible_rule(struct request *rq, int64_t id, struct alert_rule *out)
{
    enum status st =
        alert_rule_by_id(rq->db, rq->a, rq->org->id, id, rq->account->id, out);

    return st == ST_OK && !alert_rule_visible(rq, out) ? ST_NOT_FOUND : st;
}


static enum status
do_it(struct request *rq, const struct alert_rule *r, struct str what,
      struct str *said)
{
    struct actor by = request_actor(rq);
    int64_t hours = 0, until, org = rq->org->id;

    str_i64(request_field(rq, "hours"), &hours);
    if (hours < 1 || hours > SNOOZE_MAX_HOURS) {
        hours = 24;
    }
    until = rq->now + hours * US_PER_HOUR;
    if (str_is(what, "on") || str_is(what, "off")) {
        *said = lang_fill(rq->a,
                          str_is(what, "on") ? N_("\"{0}\" is on now.")
                                             : N_("\"{0}\" is off now."),
                          FILL(r->name));
        return alert_rule_switch(rq->db, rq->a, &by, org, r->id,
                                 str_is(what, "on"));
    }
    if (str_is(what, "snooze")) {
        *said = lang_fill(rq->a, N_("\"{0}\" is silent for everybody."),
                          FILL(r->name));
        return alert_rule_snooze(rq->db, rq->a, &by, org, r->id, until);
    }
    if (str_is(what, "wake")) {
        *said = STR("The alert is armed again.");
        return alert_rule_snooze(rq->db, rq->a, &by, org, r->id, 0);
    }
    if (str_is(what, "mute")) {
        *said = STR("You get no mails of this alert for a while.");
        return alert_rule_mute(rq->db, rq->a, &by, org, r->id, until);
    }
    if (str_is(what, "unmute")) {
        *said = STR("You get mails of this alert again.");
        return alert_rule_mute(rq->db, rq->a, &by, org, r->id, 0);
    }
    return request_wrong(rq, "do");
}


enum status
page_alert_act(struct request *rq, struct response *rs)
{
    struct str said = STR_NULL;
    struct alert_rule r;
    int64_t id = 0;
    enum status st;

    if (!str_i64(request_field(rq, "rule"), &id)) {
        return request_wrong(rq, "rule");
    }
    if ((st = alert_visible_rule(rq, id, &r)) != ST_OK
        || (st = do_it(rq, &r, request_field(rq, "do"), &said)) != ST_OK) {
        return st;
    }
    login_flash(rq, said);
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/alerts/", STR_FMT(rq->org->slug)));
    return ST_OK;
}
