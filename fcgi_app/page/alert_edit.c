/*
 * page/alert_edit.c - the editor of a rule.
 *
 * The form is drawn from the tables of conditions and actions: a sentence with
 * its fields in it.  Every button submits the whole form; what is not "save"
 * changes the draft and shows it again, with what it would have done in the
 * last fortnight.  So it works without JavaScript, and nothing is half saved.
 */

#include "page/alert_editor.h"

#include "alert/route.h"
#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/utf8.h"
#include "web/chart.h"
#include "web/login.h"

/* what a rule begins with */

static const char blank[] =
    "{\"actionMatch\":\"any\",\"conditions\":[{\"id\":"
    "\"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition\"}],"
    "\"filterMatch\":\"all\",\"filters\":[],\"actions\":[{\"id\":"
    "\"" ACTION_MAIL "\",\"targetType\":\"IssueOwners\","
    "\"fallthroughType\":\"ActiveMembers\"}]}";

static const char blank_metric[] =
    "{\"metric\":\"events\",\"level\":\"0\",\"window\":\"60\",\"compare\":"
    "\"0\",\"side\":\"above\",\"critical\":\"100\",\"period\":\"1\","
    "\"actions\":[{\"id\":\"" ACTION_MAIL "\",\"targetType\":\"AllMembers\"}]}";


static enum status
begin(struct editor *e)
{
    struct request *rq = e->rq;
    enum status st;

    if ((st = request_projects(rq, &e->projects, &e->nprojects)) != ST_OK
        || (st = member_list(rq->db, rq->a, rq->org->id, &e->members,
                             &e->nmembers))
               != ST_OK
        || (st = team_list(rq->db, rq->a, rq->org->id, rq->account->id,
                           &e->teams, &e->nteams))
               != ST_OK) {
        return st;
    }
    return integration_list(rq->db, rq->a, rq->org->id, &e->integrations,
                            &e->nintegrations);
}

/* what it would have done */

static enum status
fill_rehearsal(struct editor *e)
{
    struct data *d = data_child(e->rs->data, "Rehearsal");
    struct request *rq = e->rq;
    struct rehearsal *out = arena_new_of(rq->a, struct rehearsal);
    const char *fault;
    struct metric_rule metric;
    struct rule rule = { .nblocks = 1 };
    enum status st;

    if (!(e->rule.metric ? metric_read(rq->a, &e->rule, &metric, &fault)
                         : rule_read(rq->a, &e->rule, &rule, &fault))) {
        data_tr(d, "fault", fault);
        return ST_OK;
    }
    st = e->rule.metric ? rehearse_metric(rq->db, rq->a, &metric, rq->now, out)
                        : rehearse(rq->db, rq->a, &rule, rq->now, out);
    if (st != ST_OK) {
        return st;
    }
    data_bool(d, "done", out->why_not == NULL);
    data_tr(d, "why_not", out->why_not);
    data_bool(d, "cut", out->cut);
    data_i64(d, "fired", out->fired);
    data_i64(d, "held", out->held);
    data_i64(d, "more", out->told - (int64_t) out->nshown);
    chart_card(data_child(d, "Chart"),
               &(struct series){ N_("times"), out->days, REHEARSE_DAYS,
                                 out->from, 86400, REHEARSE_DAYS });
    st = alert_fire_titles(rq->db, rq->a, rq->org->id, out->shown, out->nshown);
    for (size_t i = 0; st == ST_OK && i < out->nshown; i++) {
        const struct alert_fire *f = &out->shown[i];
        struct data *row;

        if (!access_sees(&rq->access, f->project_id)) {
            continue;
        }
        row = data_row(data_child(d, "Fires"));
        data_time(row, "at", f->at);
        data_i64(row, "issue", f->issue_id);
        data_str(row, "short_id", f->issue_short_id);
        data_str(row, "title", f->issue_title);
        data_str(row, "cause", lang_say(rq->a, f->cause));
        if (rule.nblocks > 1) {
            data_str(row, "block", alert_blocks_words(rq->a, f->blocks));
        }
    }
    return st;
}


static enum status
show(struct editor *e, const char *fault)
{
    editor_draw(e);
    data_tr(e->rs->data, "Fault", fault);
    alert_tabs(e->rq, e->rs, "rules");
    return fill_rehearsal(e);
}


/* the requests */

static enum status
load(struct editor *e)
{
    struct str param = request_param(e->rq, "rule");
    int64_t id = 0;
    enum status st;

    if ((st = begin(e)) != ST_OK) {
        return st;
    }
    e->rule.on = true;
    e->rule.frequency = 30;
    e->rule.metric = str_is(request_arg(e->rq, "kind"), "metric");
    if (str_null(param)) {
        e->rule.organization_id = e->rq->org->id;
        e->rule.data = str_of(e->rule.metric ? blank_metric : blank);
        e->rule.projects = arena_array(e->rq->a, 1, sizeof(int64_t));
        if (e->nprojects == 1) {
            e->rule.projects[e->rule.nprojects++] = e->projects[0].id;
        }
        e->rule.all_projects = e->nprojects != 1;

    } else if (!str_i64(param, &id)
               || (st = alert_visible_rule(e->rq, id, &e->rule)) != ST_OK) {
        return st == ST_OK ? ST_NOT_FOUND : st;
    }
    if (json_parse(e->rq->a, e->rule.data, NULL, &e->data, NULL) != ST_OK) {
        return ST_FAILED;
    }
    if (e->rule.id == 0) {
        editor_wish(e);
    }
    return ST_OK;
}


enum status
page_alert_edit(struct request *rq, struct response *rs)
{
    struct editor e = { .rq = rq, .rs = rs };
    enum status st = load(&e);

    return st == ST_OK ? show(&e, NULL) : st;
}


/* NULL when it can be saved. */
static const char *
fault_of(struct editor *e)
{
    struct metric_rule metric;
    const char *fault = NULL;
    struct rule rule;

    if (e->rule.name.n == 0) {
        return "A name is needed: it stands in every notification.";
    }
    if (utf8_length(e->rule.name) > ALERT_NAME_MAX) {
        return "The name is too long: 256 characters at most.";
    }
    if (!e->rule.all_projects && e->rule.nprojects == 0) {
        return "Choose a project, or all of them.";
    }
    if (e->rule.metric) {
        return metric_read(e->rq->a, &e->rule, &metric, &fault) ? NULL : fault;
    }
    return rule_read(e->rq->a, &e->rule, &rule, &fault) ? NULL : fault;
}


/* Only what comes from now on is new to a rule that waits for new values. */
static enum status
seed(struct editor *e)
{
    struct str keys[RULE_NODES_MAX];
    const char *fault;
    struct rule rule;
    size_t n = 0;

    if (e->rule.metric || !rule_read(e->rq->a, &e->rule, &rule, &fault)) {
        return ST_OK;
    }
    for (size_t i = 0; i < rule.nconditions; i++) {
        if (rule.conditions[i].type->causes == CAUSE_TAG) {
            keys[n++] = alert_tag_key(&rule.conditions[i]);
        }
    }
    return n == 0 ? ST_OK
                  : alert_seed_tags(
                      e->rq->db, e->rq->a, e->rq->org->id, e->rule.projects,
                      e->rule.all_projects ? 0 : e->rule.nprojects, keys, n);
}


static enum status
save(struct editor *e)
{
    struct actor by = request_actor(e->rq);
    const char *fault = fault_of(e);
    enum status st;

    if (fault != NULL) {
        e->rs->status = 422;
        return show(e, fault);
    }
    if ((st = seed(e)) != ST_OK
        || (st = alert_rule_save(e->rq->db, e->rq->a, &by, &e->rule))
               != ST_OK) {
        return st;
    }
    login_flash(e->rq, STR("Saved. The workers follow within 2 s."));
    response_redirect(e->rs, str_printf(e->rq->a, "/%.*s/alerts/%lld/",
                                        STR_FMT(e->rq->org->slug),
                                        (long long) e->rule.id));
    return ST_OK;
}


static enum status
send_test(struct editor *e, const struct actor *by, struct str prefix,
          size_t *n)
{
    struct request *rq = e->rq;
    struct metric_rule metric;
    const char *fault;
    struct rule rule;

    if (e->rule.metric) {
        return metric_read(rq->a, &e->rule, &metric, &fault)
                   ? route_test_metric(rq->db, rq->a, &metric, by, prefix, n)
                   : ST_INVALID;
    }
    return rule_read(rq->a, &e->rule, &rule, &fault)
               ? route_test(rq->db, rq->a, &rule, by, prefix, n)
               : ST_INVALID;
}


static enum status
test(struct editor *e)
{
    struct actor by = request_actor(e->rq);
    const char *fault = fault_of(e);
    unsigned char id[16];
    enum status st;
    size_t n;

    if (fault != NULL) {
        e->rs->status = 422;
        return show(e, fault);
    }
    uuid_random(id);
    st = send_test(
        e, &by,
        str_printf(e->rq->a, "test:%.*s", STR_FMT(uuid_hex(e->rq->a, id))), &n);
    if (st == ST_NOT_FOUND) {
        e->rs->status = 422;
        return show(e,
                    e->rule.metric
                        ? "There is no project yet that a test could be about."
                        : "There is no issue yet that a test could be about.");
    }
    if (st != ST_OK) {
        return st;
    }
    data_i64(e->rs->data, "Tested", (int64_t) n);
    return show(e, NULL);
}


static enum status delete (struct editor *e) {
    struct actor by = request_actor(e->rq);
    enum status st = alert_rule_delete(e->rq->db, e->rq->a, &by, e->rq->org->id,
                                       e->rule.id);

    if (st == ST_OK){
        login_flash(e->rq, STR("The alert is deleted."));
        response_redirect(e->rs, str_printf(e->rq->a, "/%.*s/alerts/",
                                            STR_FMT(e->rq->org->slug))); }
return st;
}


enum status
page_alert_edit_submit(struct request *rq, struct response *rs)
{
    struct editor e = { .rq = rq, .rs = rs };
    struct str what = request_field(rq, "do");
    enum status st = load(&e);

    if (st != ST_OK) {
        return st;
    }
    if (str_is(what, "delete")) {
        return e.rule.id != 0 ? delete (&e) : ST_INVALID;
    }
    if (e.rule.id == 0) {
        e.rule.metric = str_is(request_field(rq, "kind"), "metric");
    }
    editor_read(&e, what);
    if (str_is(what, "save")) {
        return save(&e);
    }
    if (str_is(what, "copy")) {
        e.rule.id = 0;
        return save(&e);
    }
    return str_is(what, "test") ? test(&e) : show(&e, NULL);
}
