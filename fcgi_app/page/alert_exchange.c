/*
 * page/alert_exchange.c - rules as JSON: out of here, and in.
 *
 * One object a rule: name, projects (slugs; none: all), environments,
 * frequency, and what the rule says.  Import checks all before it saves any.
 */

#include "alert/metric.h"
#include "alert/rule.h"
#include "model/account.h"
#include "model/organization.h"
#include "page/alerts.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/show.h"

#define IMPORT_MAX 200


static struct json *
texts(struct arena *a, const struct str *v, size_t n)
{
    struct json *list = json_new(a, JSON_T_ARRAY);

    for (size_t i = 0; i < n; i++) {
        json_append(list, json_new_str(a, v[i]));
    }
    return list;
}


static struct json *export(struct request *rq, const struct alert_rule *r,
                           const struct project *projects, size_t nprojects)
{
    struct json *out = json_new(rq->a, JSON_T_OBJECT), *data;
    struct json *slugs = json_new(rq->a, JSON_T_ARRAY);

    json_set(out, STR("name"), json_new_str(rq->a, r->name));
    json_set(out, STR("kind"),
             json_new_str(rq->a, r->metric ? STR("metric") : STR("issue")));
    for (size_t i = 0; i < nprojects; i++) {
        for (size_t k = 0; !r->all_projects && k < r->nprojects; k++) {
            if (projects[i].id == r->projects[k]) {
                json_append(slugs, json_new_str(rq->a, projects[i].slug));
            }
        }
    }
    json_set(out, STR("projects"), slugs);
    json_set(out, STR("environments"),
             texts(rq->a, r->environments, r->nenvironments));
    json_set(out, STR("frequency"), json_new_i64(rq->a, r->frequency));
    json_set(out, STR("status"),
             json_new_str(rq->a, r->on ? STR("active") : STR("disabled")));
    if (json_parse(rq->a, r->data, NULL, &data, NULL) == ST_OK) {
        json_set(out, STR("rule"), data);
    }
    return out;
}


enum status
page_alert_export(struct request *rq, struct response *rs)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);
    struct alert_rule_filter filter = { .text = STR_NULL };
    struct buf out = buf_in(rq->a);
    struct project *projects;
    struct alert_rule *rules;
    size_t n, nprojects;
    bool more = true;
    enum status st = request_projects(rq, &projects, &nprojects);

    while (st == ST_OK && more) {
        st = alert_rule_list(rq->db, rq->a, rq->org->id, rq->account->id,
                             &filter, &rules, &n, &more);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            if (alert_rule_visible(rq, &rules[i])) {
                json_append(list, export(rq, &rules[i], projects, nprojects));
            }
            filter.after_name = rules[i].name;
            filter.after_id = rules[i].id;
        }
    }
    if (st != ST_OK) {
        return st;
    }
    json_write_pretty(&out, list);
    buf_char(&out, '\n');
    response_header(rs, "Content-Disposition",
                    STR("attachment; filename=\"alerts.json\""));
    response_raw(rs, "application/json; charset=utf-8", buf_view(&out));
    return ST_OK;
}


/* in */

static const char *
read_projects(struct request *rq, const struct json *list,
              const struct project *projects, size_t n, struct alert_rule *out)
{
    out->projects =
        arena_array(rq->a, ALERT_RULE_PROJECTS_MAX, sizeof(int64_t));
    out->all_projects = list == NULL || list->n == 0;
    json_each(slug, list)
    {
        size_t i = 0;

        while (i < n && !str_eq(projects[i].slug, json_text(slug))) {
            i++;
        }
        if (i == n || out->nprojects == ALERT_RULE_PROJECTS_MAX) {
            return str_dup(
                rq->a, lang_fill(rq->a, N_("There is no project \"{0}\" here."),
                                 FILL(str_cut(json_text(slug), 100))));
        }
        out->projects[out->nprojects++] = projects[i].id;
    }
    return NULL;
}


static const char *
read_rule(struct request *rq, const struct json *v,
          const struct project *projects, size_t n, struct alert_rule *out)
{
    const struct json *environments = json_get(v, "environments");
    struct buf text = buf_in(rq->a);
    int64_t frequency = 30;
    struct metric_rule metric;
    const char *fault = NULL;
    struct rule rule;

    *out = (struct alert_rule){ .organization_id = rq->org->id };
    out->name = json_text_of(v, "name");
    out->metric = str_is(json_text_of(v, "kind"), "metric");
    out->on = !str_is(json_text_of(v, "status"), "disabled");
    if (json_i64(json_get(v, "frequency"), &frequency) && frequency >= 0
        && frequency <= 43200) {
        out->frequency = (int) frequency;
    }
    if (out->name.n == 0 || out->name.n > ALERT_NAME_MAX) {
        return "Each rule needs a name.";
    }
    if (json_get(v, "rule") == NULL) {
        return "Each rule needs a member \"rule\" that says what it does.";
    }
    if ((fault = read_projects(rq, json_get(v, "projects"), projects, n, out))
        != NULL) {
        return fault;
    }
    out->environments = arena_array(
        rq->a, environments != NULL ? environments->n : 0, sizeof(struct str));
    json_each(name, environments)
    {
        out->environments[out->nenvironments++] = json_text(name);
    }
    json_write(&text, json_get(v, "rule"));
    out->data = buf_view(&text);
    if (out->metric) {
        return metric_read(rq->a, out, &metric, &fault) ? NULL : fault;
    }
    return rule_read(rq->a, out, &rule, &fault) ? NULL : fault;
}


static enum status
again(struct request *rq, struct response *rs, const char *fault)
{
    rs->status = 422;
    data_str(rs->data, "text", field_get(&rq->form, "rules"));
    data_tr(rs->data, "Fault", fault);
    alert_tabs(rq, rs, "rules");
    return ST_OK;
}


enum status
page_alert_import(struct request *rq, struct response *rs)
{
    alert_tabs(rq, rs, "rules");
    return ST_OK;
}


enum status
page_alert_import_submit(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct project *projects;
    struct alert_rule *rules;
    struct json *list;
    size_t n = 0, nprojects;
    enum status st;

    if ((st = request_projects(rq, &projects, &nprojects)) != ST_OK) {
        return st;
    }
    if (json_parse(rq->a, field_get(&rq->form, "rules"), NULL, &list, NULL)
            != ST_OK
        || !json_is(list, JSON_T_ARRAY) || list->n == 0
        || list->n > IMPORT_MAX) {
        return again(rq, rs, "This is no list of rules, 200 at most, as JSON.");
    }
    rules = arena_array(rq->a, list->n, sizeof(*rules));
    json_each(v, list)
    {
        const char *fault = read_rule(rq, v, projects, nprojects, &rules[n++]);

        if (fault != NULL) {
            return again(
                rq, rs,
                str_dup(rq->a, lang_fill(rq->a, N_("Rule {0}: {1}"),
                                         FILL(show_full(rq->a, (int64_t) n),
                                              str_of(tr(fault))))));
        }
    }
    st = alert_rule_save_all(rq->db, rq->a, &by, rules, n);
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq,
                lang_fill(rq->a, N_("{0} {0|rule was|rules were} imported."),
                          FILL(show_full(rq->a, (int64_t) n))));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/alerts/", STR_FMT(rq->org->slug)));
    return ST_OK;
}
