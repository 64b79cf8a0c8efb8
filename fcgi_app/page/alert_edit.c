/*
 * page/alert_edit.c - the editor of a rule.
 *
 * The form is drawn from the tables of conditions and actions: a sentence with
 * its fields in it.  Every button submits the whole form; what is not "save"
 * changes the draft and shows it again, with what it would have done in the
 * last fortnight.  So it works without JavaScript, and nothing is half saved.
 *
 * Names of fields: c0.id, c0.value, … of the first condition, f0 of the first
 * filter, a0 of the first action.
 */

#include "alert/metric.h"
#include "alert/rehearse.h"
#include "alert/route.h"
#include "integration/integration.h"
#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/team.h"
#include "page/alerts.h"
#include "page/pages.h"
#include "util/hex.h"
#include "util/utf8.h"
#include "web/chart.h"
#include "web/login.h"

#define ACTIONS_MAX 64

struct editor {
    struct request *rq;
    struct response *rs;
    struct alert_rule rule; /* the draft */
    struct json *data;
    struct project *projects;
    size_t nprojects;
    struct member *members;
    size_t nmembers;
    struct team *teams;
    size_t nteams;
    struct integration *integrations;
    size_t nintegrations;
};


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


/* the form becomes a draft */

static struct str
form_text(const struct request *rq, const char *fmt, char part, size_t i,
          const char *name)
{
    return request_field(rq,
                         arena_printf(rq->a, "%c%zu%s%s", part, i, fmt, name));
}


/* "user:12" is a member, "team:3" a team: one list to choose from. */
static void
split_target(struct arena *a, struct json *node)
{
    struct str target = json_text_of(node, "targetType");

    if (str_starts(target, STR("user:"))) {
        json_set(node, STR("targetType"), json_new_str(a, STR("Member")));
        json_set(node, STR("targetIdentifier"),
                 json_new_str(a, str_sub(target, 5, target.n)));

    } else if (str_starts(target, STR("team:"))) {
        json_set(node, STR("targetType"), json_new_str(a, STR("Team")));
        json_set(node, STR("targetIdentifier"),
                 json_new_str(a, str_sub(target, 5, target.n)));
    }
}


static const struct alert_field *
fields_of(char part, struct str id)
{
    if (part == 'a') {
        const struct action *type = action_find(id);

        return type != NULL ? type->fields : NULL;
    }
    const struct condition *type = condition_find(id, part == 'f');

    return type != NULL ? type->fields : NULL;
}


/* The nodes of one part; remove: the one that is taken away, or -1. */
static struct json *
read_part(const struct request *rq, char part, int64_t removed)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);

    for (size_t i = 0; i < RULE_NODES_MAX; i++) {
        struct str id = form_text(rq, ".", part, i, "id");
        const struct alert_field *f = fields_of(part, id);
        struct json *node;

        if (f == NULL || (int64_t) i == removed) {
            continue;
        }
        node = json_new(rq->a, JSON_T_OBJECT);
        json_set(node, STR("id"), json_new_str(rq->a, id));
        for (; f->name != NULL; f++) {
            struct str v = form_text(rq, ".", part, i, f->name);

            if (!str_null(v)) {
                json_set(node, str_of(f->name), json_new_str(rq->a, v));
            }
        }
        split_target(rq->a, node);
        json_append(list, node);
    }
    return list;
}


static void
add_node(struct arena *a, struct json *list, struct str id)
{
    struct json *node;

    if (id.n > 0 && list->n < RULE_NODES_MAX) {
        node = json_new(a, JSON_T_OBJECT);
        json_set(node, STR("id"), json_new_str(a, id));
        json_append(list, node);
    }
}


static void
set_number(struct arena *a, struct json *in, const char *name, struct str text)
{
    int64_t v;

    if (str_i64(text, &v)) {
        json_set(in, str_of(name), json_new_i64(a, v));
    }
}


static void
read_bounds(const struct request *rq, struct json *data)
{
    struct str cap = request_field(rq, "cap.count");
    struct str from = request_field(rq, "quiet.from");

    if (cap.n > 0) {
        struct json *v = json_new(rq->a, JSON_T_OBJECT);

        set_number(rq->a, v, "count", cap);
        set_number(rq->a, v, "minutes", request_field(rq, "cap.minutes"));
        json_set(data, STR("cap"), v);
    }
    if (from.n > 0) {
        static const char *const names[] = { "from", "to", "days", "zone" };
        struct json *v = json_new(rq->a, JSON_T_OBJECT);

        for (size_t i = 0; i < 4; i++) {
            json_set(v, str_of(names[i]),
                     json_new_str(rq->a, request_field(
                                             rq, arena_printf(rq->a, "quiet.%s",
                                                              names[i]))));
        }
        json_set(data, STR("quiet"), v);
    }
}


/* Which one a button "remove:c:2" takes away. */
static int64_t
removed_of(struct str what, char part)
{
    int64_t i = -1;

    return what.n > 9 && str_starts(what, STR("remove:")) && what.p[7] == part
                   && str_i64(str_sub(what, 9, what.n), &i)
               ? i
               : -1;
}


static struct json *
read_data(const struct request *rq, bool metric, struct str what)
{
    static const struct {
        char part;
        const char *name;
        const char *add;
    } parts[] = { { 'c', "conditions", "add.c" },
                  { 'f', "filters", "add.f" },
                  { 'a', "actions", "add.a" } };
    struct json *data = json_new(rq->a, JSON_T_OBJECT);

    if (metric) {
        for (const struct alert_field *f = metric_fields; f->name; f++) {
            json_set(data, str_of(f->name),
                     json_new_str(rq->a, request_field(rq, f->name)));
        }

    } else {
        json_set(data, STR("actionMatch"),
                 json_new_str(rq->a, request_field(rq, "actionMatch")));
        json_set(data, STR("filterMatch"),
                 json_new_str(rq->a, request_field(rq, "filterMatch")));
    }
    for (size_t i = metric ? 2 : 0; i < 3; i++) {
        struct json *list =
            read_part(rq, parts[i].part, removed_of(what, parts[i].part));

        if (str_is(what, parts[i].add)) {
            add_node(rq->a, list, request_field(rq, parts[i].add));
        }
        json_set(data, str_of(parts[i].name), list);
    }
    read_bounds(rq, data);
    return data;
}


static void
read_scope(struct editor *e)
{
    struct request *rq = e->rq;
    struct str rest = request_field(rq, "environments"), part, value;
    size_t at = 0;

    e->rule.all_projects = false;
    e->rule.projects =
        arena_array(rq->a, ALERT_RULE_PROJECTS_MAX, sizeof(int64_t));
    e->rule.nprojects = 0;
    while (field_next(&rq->form, "project", &at, &value)) {
        e->rule.all_projects = e->rule.all_projects || str_is(value, "all");
        for (size_t i = 0; i < e->nprojects; i++) {
            if (str_eq(e->projects[i].slug, value)
                && e->rule.nprojects < ALERT_RULE_PROJECTS_MAX) {
                e->rule.projects[e->rule.nprojects++] = e->projects[i].id;
            }
        }
    }
    e->rule.environments = arena_array(rq->a, 50, sizeof(struct str));
    e->rule.nenvironments = 0;
    while (str_split(&rest, ',', &part) && e->rule.nenvironments < 50) {
        part = str_trim(part);
        if (part.n > 0) {
            e->rule.environments[e->rule.nenvironments++] = part;
        }
    }
}


static void
read_draft(struct editor *e, struct str what)
{
    struct request *rq = e->rq;
    struct buf text = buf_in(rq->a);
    int64_t minutes = 30, owner = 0;

    e->rule.organization_id = rq->org->id;
    e->rule.name = str_trim(request_field(rq, "name"));
    e->rule.on = str_is(request_field(rq, "on"), "on");
    str_i64(request_field(rq, "frequency"), &minutes);
    e->rule.frequency = minutes >= 0 && minutes <= 43200 ? (int) minutes : 30;
    str_i64(request_field(rq, "owner"), &owner);
    e->rule.owner_account = owner;
    read_scope(e);
    e->data = read_data(rq, e->rule.metric, what);
    json_write(&text, e->data);
    e->rule.data = buf_view(&text);
}


/* the draft becomes a form */

static struct data *
add_option(struct data *field, struct str id, struct str words, struct str now)
{
    struct data *row = data_row(data_child(field, "Options"));

    data_str(row, "id", id);
    data_str(row, "words", words);
    data_bool(row, "chosen", str_eq(id, now));
    return row;
}


static void
fill_people(const struct editor *e, struct data *field, const char *prefix,
            struct str now)
{
    for (size_t i = 0; i < e->nmembers; i++) {
        add_option(field,
                   str_printf(e->rq->a, "%s%lld", prefix,
                              (long long) e->members[i].account_id),
                   e->members[i].name, now);
    }
}


static void
fill_teams(const struct editor *e, struct data *field, const char *prefix,
           const char *word, struct str now)
{
    for (size_t i = 0; i < e->nteams; i++) {
        add_option(
            field,
            str_printf(e->rq->a, "%s%lld", prefix, (long long) e->teams[i].id),
            str_printf(e->rq->a, "%s%.*s", word, STR_FMT(e->teams[i].name)),
            now);
    }
}


/* A targetType and its targetIdentifier as one list: groups, people, teams. */
static void
fill_target(const struct editor *e, struct data *field,
            const struct alert_field *f, const struct json *node,
            struct str now)
{
    struct str id = json_text_of(node, "targetIdentifier");

    if (str_is(now, "Member")) {
        now = str_printf(e->rq->a, "user:%.*s", STR_FMT(id));

    } else if (str_is(now, "Team")) {
        now = str_printf(e->rq->a, "team:%.*s", STR_FMT(id));
    }
    for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
        if (strcmp(c->id, "Member") != 0 && strcmp(c->id, "Team") != 0) {
            add_option(field, str_of(c->id), str_of(c->words), now);
        }
    }
    fill_people(e, field, "user:", now);
    fill_teams(e, field, "team:", "Team ", now);
}


static void
fill_field(const struct editor *e, struct data *d, const struct alert_field *f,
           const struct json *node, const char *channel)
{
    struct str now = alert_field_text(e->rq->a, f, node);

    data_text(d, "label", f->label);
    data_text(d, "name", f->name);
    data_str(d, "value", now);
    data_bool(d, "number", f->kind == INPUT_NUMBER);
    data_bool(d, "clock", f->kind == INPUT_CLOCK);
    switch (f->kind) {
    case INPUT_CHOICE:
        data_bool(d, "select", true);
        if (strcmp(f->name, "targetType") == 0) {
            fill_target(e, d, f, node, now);
            return;
        }
        for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
            add_option(d, str_of(c->id), str_of(c->words), now);
        }
        return;

    case INPUT_ACCOUNT:
        data_bool(d, "select", true);
        add_option(d, STR(""), STR("choose a member"), now);
        fill_people(e, d, "", now);
        return;

    case INPUT_TEAM:
        data_bool(d, "select", true);
        add_option(d, STR(""), STR("choose a team"), now);
        fill_teams(e, d, "", "", now);
        return;

    case INPUT_INTEGRATION:
        data_bool(d, "select", true);
        for (size_t i = 0; i < e->nintegrations; i++) {
            if (str_is(e->integrations[i].type, channel)) {
                add_option(d,
                           str_printf(e->rq->a, "%lld",
                                      (long long) e->integrations[i].id),
                           e->integrations[i].name, now);
            }
        }
        return;

    default:
        return;
    }
}


static bool
in_words(const char *words, const char *name)
{
    const char *at = strstr(words, name);

    return at != NULL && at > words && at[-1] == '{' && at[strlen(name)] == '}';
}


/* A sentence in pieces: text, field, text; fields that it leaves out behind. */
static void
fill_sentence(const struct editor *e, struct data *row, const char *words,
              const struct alert_field *fields, const struct json *node,
              const char *channel)
{
    struct data *list = data_child(row, "Pieces");
    const char *rest = words;

    while (*rest != '\0') {
        size_t n = strcspn(rest, "{");
        const char *end;

        if (n > 0) {
            data_str(data_row(list), "text", str_make(rest, n));
        }
        rest += n;
        if (*rest == '\0' || (end = strchr(rest, '}')) == NULL) {
            break;
        }
        for (const struct alert_field *f = fields; f->name != NULL; f++) {
            if (str_is(str_make(rest + 1, (size_t) (end - rest) - 1), f->name)
                && strcmp(f->name, "targetIdentifier") != 0) {
                fill_field(e, data_child(data_row(list), "Field"), f, node,
                           channel);
            }
        }
        rest = end + 1;
    }
    for (const struct alert_field *f = fields; f->name != NULL; f++) {
        if (!in_words(words, f->name)) {
            struct data *piece = data_row(list);

            data_text(piece, "text", f->label);
            fill_field(e, data_child(piece, "Field"), f, node, channel);
        }
    }
}


static void
fill_part(const struct editor *e, const char *name, char part)
{
    struct data *list = data_child(e->rs->data, name);
    size_t i = 0;

    json_each(node, json_get(e->data, part == 'c'   ? "conditions"
                                      : part == 'f' ? "filters"
                                                    : "actions"))
    {
        struct str id = json_text_of(node, "id");
        struct data *row = data_row(list);
        const struct action *act = part == 'a' ? action_find(id) : NULL;
        const struct condition *c =
            part != 'a' ? condition_find(id, part == 'f') : NULL;

        data_str(row, "id", id);
        data_str(row, "prefix", str_printf(e->rq->a, "%c%zu.", part, i));
        data_str(row, "remove", str_printf(e->rq->a, "remove:%c:%zu", part, i));
        i++;
        if (act != NULL) {
            data_text(row, "icon", act->icon);
            fill_sentence(e, row, act->words, act->fields, node, act->channel);

        } else if (c != NULL) {
            data_text(row, "icon", c->icon);
            fill_sentence(e, row, c->words, c->fields, node, NULL);

        } else {
            data_text(data_row(data_child(row, "Pieces")), "text",
                      "This cannot be edited here.");
        }
    }
}


/* A sentence without its fields, for lists to add from. */
static struct str
bare(struct arena *a, const char *words)
{
    struct buf out = buf_in(a);

    for (; *words != '\0'; words++) {
        if (*words == '{') {
            buf_text(&out, "…");
            while (words[1] != '\0' && *words != '}') {
                words++;
            }

        } else if (*words == '(' || *words == ';') {
            break;

        } else {
            buf_char(&out, *words);
        }
    }
    return str_trim(buf_view(&out));
}


static bool
has_integration(const struct editor *e, const char *type)
{
    for (size_t i = 0; i < e->nintegrations; i++) {
        if (str_is(e->integrations[i].type, type)) {
            return true;
        }
    }
    return false;
}


static void
fill_choices(const struct editor *e)
{
    const struct action *all[ACTIONS_MAX];
    size_t n = action_all(all, ACTIONS_MAX);

    for (size_t i = 0; i < conditions_count; i++) {
        struct data *row = data_row(
            data_child(e->rs->data,
                       conditions[i].filter ? "AddFilters" : "AddConditions"));

        data_text(row, "id", conditions[i].id);
        data_str(row, "words", bare(e->rq->a, conditions[i].words));
    }
    for (size_t i = 0; i < n; i++) {
        bool outside = str_starts(str_of(all[i]->id), STR(ACTION_INTEGRATION));
        struct data *row;

        if ((outside && !has_integration(e, all[i]->channel))
            || (e->rule.metric && all[i]->channel == NULL)) {
            continue;
        }
        row = data_row(data_child(e->rs->data, "AddActions"));
        data_text(row, "id", all[i]->id);
        data_str(row, "words", bare(e->rq->a, all[i]->words));
    }
}


static bool
has_project(const struct alert_rule *r, int64_t id)
{
    for (size_t i = 0; i < r->nprojects; i++) {
        if (r->projects[i] == id) {
            return true;
        }
    }
    return false;
}


static void
fill_scope(const struct editor *e)
{
    struct data *rule = data_child(e->rs->data, "Rule");
    struct buf names = buf_in(e->rq->a);

    for (size_t i = 0; i < e->nprojects; i++) {
        struct data *row = data_row(data_child(e->rs->data, "Projects"));

        data_str(row, "slug", e->projects[i].slug);
        data_bool(row, "chosen", has_project(&e->rule, e->projects[i].id));
    }
    for (size_t i = 0; i < e->rule.nenvironments; i++) {
        buf_text(&names, i > 0 ? ", " : "");
        buf_str(&names, e->rule.environments[i]);
    }
    data_bool(rule, "all_projects", e->rule.all_projects);
    data_str(rule, "environments", buf_view(&names));
    fill_people(
        e, data_child(e->rs->data, "Owner"), "",
        str_printf(e->rq->a, "%lld", (long long) e->rule.owner_account));
}


static void
fill_rule(const struct editor *e)
{
    static const struct {
        int minutes;
        const char *words;
    } intervals[] = { { 0, "every time" },  { 5, "5 minutes" },
                      { 10, "10 minutes" }, { 30, "30 minutes" },
                      { 60, "1 hour" },     { 180, "3 hours" },
                      { 720, "12 hours" },  { 1440, "1 day" },
                      { 10080, "1 week" },  { 43200, "30 days" } };
    struct data *rule = data_child(e->rs->data, "Rule");
    const struct json *cap = json_get(e->data, "cap");
    const struct json *quiet = json_get(e->data, "quiet");
    int64_t n = 0;

    data_i64(rule, "id", e->rule.id);
    data_str(rule, "name", e->rule.name);
    data_bool(rule, "metric", e->rule.metric);
    data_bool(rule, "on", e->rule.on);
    data_str(rule, "actionMatch", json_text_of(e->data, "actionMatch"));
    data_str(rule, "filterMatch", json_text_of(e->data, "filterMatch"));
    for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
        struct data *row = data_row(data_child(e->rs->data, "Intervals"));

        data_i64(row, "id", intervals[i].minutes);
        data_text(row, "words", intervals[i].words);
        data_bool(row, "chosen", e->rule.frequency == intervals[i].minutes);
    }
    if (json_i64(json_get(cap, "count"), &n)) {
        data_i64(rule, "cap_count", n);
    }
    n = 60;
    json_i64(json_get(cap, "minutes"), &n);
    data_i64(rule, "cap_minutes", n);
    data_str(rule, "quiet_from", json_text_of(quiet, "from"));
    data_str(rule, "quiet_to", json_text_of(quiet, "to"));
    data_str(rule, "quiet_days", json_text_of(quiet, "days"));
    data_str(rule, "quiet_zone", json_text_of(quiet, "zone"));
    if (e->rule.metric) {
        for (const struct alert_field *f = metric_fields; f->name; f++) {
            fill_field(e, data_row(data_child(e->rs->data, "Metric")), f,
                       e->data, NULL);
        }
    }
}


/* what it would have done */

static enum status
fill_rehearsal(struct editor *e)
{
    struct data *d = data_child(e->rs->data, "Rehearsal");
    struct request *rq = e->rq;
    struct rehearsal *out = arena_new_of(rq->a, struct rehearsal);
    const char *fault;
    struct rule rule;
    enum status st;

    if (!rule_read(rq->a, &e->rule, &rule, &fault)) {
        data_text(d, "fault", fault);
        return ST_OK;
    }
    if ((st = rehearse(rq->db, rq->a, &rule, rq->now, out)) != ST_OK) {
        return st;
    }
    data_bool(d, "done", out->why_not == NULL);
    data_text(d, "why_not", out->why_not);
    data_bool(d, "cut", out->cut);
    data_i64(d, "fired", out->fired);
    data_i64(d, "held", out->held);
    data_i64(d, "more", out->fired - (int64_t) out->nshown);
    chart_card(data_child(d, "Chart"),
               &(struct series){ "times", out->days, REHEARSE_DAYS, out->from,
                                 86400, REHEARSE_DAYS });
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
        data_str(row, "cause", f->cause);
    }
    return st;
}


static enum status
show(struct editor *e, const char *fault)
{
    fill_rule(e);
    fill_scope(e);
    fill_part(e, "Conditions", 'c');
    fill_part(e, "Filters", 'f');
    fill_part(e, "Doings", 'a');
    fill_choices(e);
    data_text(e->rs->data, "Fault", fault);
    alert_tabs(e->rq, e->rs, "rules");
    return e->rule.metric ? ST_OK : fill_rehearsal(e);
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
    return json_parse(e->rq->a, e->rule.data, NULL, &e->data, NULL) == ST_OK
               ? ST_OK
               : ST_FAILED;
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
test(struct editor *e)
{
    struct actor by = request_actor(e->rq);
    const char *fault = fault_of(e);
    unsigned char id[16];
    struct rule rule;
    enum status st;
    size_t n;

    if (fault != NULL || e->rule.metric
        || !rule_read(e->rq->a, &e->rule, &rule, &fault)) {
        e->rs->status = 422;
        return show(e, fault);
    }
    uuid_random(id);
    st = route_test(
        e->rq->db, e->rq->a, &rule, &by,
        str_printf(e->rq->a, "test:%.*s", STR_FMT(uuid_hex(e->rq->a, id))), &n);
    if (st == ST_NOT_FOUND) {
        e->rs->status = 422;
        return show(e, "There is no issue yet that a test could be about.");
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
    read_draft(&e, what);
    if (str_is(what, "save")) {
        return save(&e);
    }
    if (str_is(what, "copy")) {
        e.rule.id = 0;
        return save(&e);
    }
    return str_is(what, "test") ? test(&e) : show(&e, NULL);
}


/* words for the list */

bool
fill_metric_words(struct request *rq, struct data *row,
                  const struct alert_rule *r)
{
    struct metric_rule m;
    const char *fault;

    if (!metric_read(rq->a, r, &m, &fault)) {
        data_text(row, "fault", fault);
        return false;
    }
    data_str(row, "words", metric_words(rq->a, &m));
    for (size_t i = 0; i < m.nactions; i++) {
        data_str(data_row(data_child(row, "Actions")), "words",
                 action_words(rq->a, &m.actions[i]));
    }
    return true;
}
