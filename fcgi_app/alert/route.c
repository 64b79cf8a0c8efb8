#include "alert/route.h"

#include "alert/metric.h"
#include "integration/integration.h"
#include "model/activity.h"
#include "model/event.h"
#include "model/issue.h"
#include "model/mail_digest.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/recipient.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/hex.h"

/* Rows that one row can become. */
#define ROWS_MAX 2000

/* The most issues that a digest of held firings lists. */
#define HELD_MAX 100

struct rows {
    struct outbox_row *v;
    size_t n;
};


/* The row as added; NULL: there is such a row already. */
static struct outbox_row *
add_row(struct rows *rows, const struct outbox_row *row)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (str_eq(rows->v[i].key, row->key)) {
            return NULL; /* two rules with the same receiver: one notice */
        }
    }
    if (rows->n == ROWS_MAX) {
        return NULL;
    }
    rows->v[rows->n] = *row;
    return &rows->v[rows->n++];
}


/* what is told */

static struct str
page_of(struct arena *a, struct str organization, const char *fmt, int64_t id)
{
    return str_printf(a, "%s/%.*s/%s/%lld/", conf_str(CONF_SYSTEM_URL_PREFIX),
                      STR_FMT(organization), fmt, (long long) id);
}


static const char *
state_of(int substatus)
{
    static const char *const names[] = { "resolved",  "archived", "escalating",
                                         "ongoing",   "archived", "archived",
                                         "regressed", "new" };

    return substatus >= 0 && substatus <= 7 ? names[substatus] : "";
}


/* The innermost frame of the application, of the last exception. */
static void
fill_frame(struct arena *a, const struct json *doc, struct notice *n)
{
    const struct json *values = json_path(doc, "exception", "values", NULL);
    const struct json *last = values != NULL ? values->last : NULL;
    const struct json *best = NULL;
    struct str file, function;
    int64_t line = 0;

    json_each(frame, json_path(last, "stacktrace", "frames", NULL))
    {
        if (best == NULL || json_yes(json_get(frame, "in_app"))
            || !json_yes(json_get(best, "in_app"))) {
            best = frame;
        }
    }
    if (best == NULL) {
        return;
    }
    file = json_text_of(best, "filename");
    function = json_text_of(best, "function");
    if (str_null(file)) {
        file = json_text_of(best, "module");
    }
    json_i64(json_get(best, "lineno"), &line);
    n->frame = str_printf(
        a, "%.*s%s%.*s%s", STR_FMT(file), function.n > 0 ? " in " : "",
        STR_FMT(function),
        line > 0 ? arena_printf(a, ", line %lld", (long long) line) : "");
    n->source = str_trim(json_text_of(best, "context_line"));
}


static enum status
fill_event(struct db *db, struct arena *a, const struct issue *is,
           struct str event_id, struct notice *n)
{
    struct event_view view;
    struct json *doc;
    enum status st = event_find(
        db, a, is, str_null(event_id) ? STR("latest") : event_id, &view);

    if (st == ST_NOT_FOUND) {
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    n->event_id = view.row.event_id;
    n->environment = view.row.environment;
    n->release = view.row.release;
    n->level = view.row.level;
    if (view.body.n == 0
        || json_parse(a, view.body, NULL, &doc, NULL) != ST_OK) {
        return ST_OK;
    }
    fill_frame(a, doc, n);
    json_each(pair, json_get(doc, "tags"))
    {
        if (n->ntags < NOTICE_TAGS_MAX
            && !str_null(json_text(json_at(pair, 1)))) {
            n->tags[n->ntags].key = json_text(json_at(pair, 0));
            n->tags[n->ntags++].value = json_text(json_at(pair, 1));
        }
    }
    return ST_OK;
}


static void
fill_issue(struct arena *a, const struct issue *is, struct notice *n)
{
    n->title = is->title;
    n->culprit = is->culprit;
    n->short_id = is->short_id;
    n->issue_id = is->id;
    n->level = is->level;
    n->priority = is->priority;
    n->state = str_of(state_of((int) is->substatus));
    n->unhandled = is->unhandled;
    n->first_seen = is->first_seen;
    n->last_seen = is->last_seen;
    n->times_seen = is->times_seen;
    n->users_seen = is->users_seen;
    n->assignee = is->assignee;
    n->project_id = is->project_id;
    n->project = is->project_slug;
    n->project_name = is->project_name;
    n->platform = is->platform;
    n->release = is->last_release;
    n->url = page_of(a, n->organization, "issues", is->id);
    n->actions[0] = (struct notice_link){ 0, STR("Open the issue"), n->url };
    n->nactions = 1;
}


static enum status
fill_organization(struct db *db, struct arena *a, int64_t org, struct notice *n)
{
    struct organization o;
    enum status st = organization_by_id(db, a, org, &o);

    if (st == ST_OK) {
        n->organization_id = org;
        n->organization = o.slug;
        n->organization_name = o.name;
    }
    return st;
}


enum status
route_notice(struct db *db, struct arena *a, int64_t org, int64_t issue_id,
             struct str event_id, struct notice *out)
{
    struct str ref = str_printf(a, "%lld", (long long) issue_id);
    struct issue is;
    enum status st;

    *out = (struct notice){ .at = time_now() };
    if ((st = fill_organization(db, a, org, out)) != ST_OK
        || (st = issue_find(db, a, org, ref, &is)) != ST_OK) {
        return st;
    }
    fill_issue(a, &is, out);
    return fill_event(db, a, &is, event_id, out);
}


/* A notice about a project and no issue. */
static enum status
project_notice(struct db *db, struct arena *a, const struct alert_fire *fire,
               struct notice *out)
{
    struct project p;
    enum status st;

    *out = (struct notice){ .at = time_now() };
    if ((st = fill_organization(db, a, fire->organization_id, out)) != ST_OK
        || (st = project_by_id(db, a, fire->organization_id, fire->project_id,
                               &p))
               != ST_OK) {
        return st;
    }
    out->project_id = p.id;
    out->project = p.slug;
    out->project_name = p.name;
    out->platform = p.platform;
    out->level = 40;
    out->title =
        str_printf(a, "%.*s: %.*s", STR_FMT(p.name), STR_FMT(fire->cause));
    out->url = str_printf(a, "%s/%.*s/projects/%.*s/",
                          conf_str(CONF_SYSTEM_URL_PREFIX),
                          STR_FMT(out->organization), STR_FMT(p.slug));
    out->actions[0] =
        (struct notice_link){ 0, STR("Open the project"), out->url };
    out->nactions = 1;
    return ST_OK;
}


/* Why now: what was measured, and where one can see the same. */
static void
fill_measured(struct arena *a, const struct alert_fire *fire, struct notice *n)
{
    n->measured = fire->cause;
    n->value = fire->value;
    n->limit = fire->threshold;
    n->window = fire->window;
    if (fire->window > 0) {
        n->threshold = str_printf(a, "more than %.0f", fire->threshold);
    }
    n->at = fire->at;
    if (fire->issue_id != 0) {
        int64_t to = fire->at + US_PER_MINUTE;
        int64_t from =
            to - (fire->window > 0 ? fire->window : 3600) * US_PER_SECOND;

        n->query_url =
            str_printf(a, "%s/%.*s/issues/%lld/events/?from=%.*s&to=%.*s%s%.*s",
                       conf_str(CONF_SYSTEM_URL_PREFIX),
                       STR_FMT(n->organization), (long long) fire->issue_id,
                       STR_FMT(time_format_iso(a, from, false)),
                       STR_FMT(time_format_iso(a, to, false)),
                       fire->environment.n > 0 ? "&environment=" : "",
                       STR_FMT(fire->environment));

    } else {
        n->query_url = n->url;
    }
}


static void
add_rule(struct arena *a, const struct alert_fire *fire, struct notice *n)
{
    if (n->nrules < NOTICE_RULES_MAX) {
        n->rules[n->nrules++] =
            (struct notice_link){ fire->rule_id, fire->rule_name,
                                  page_of(a, n->organization, "alerts",
                                          fire->rule_id) };
    }
}


/* receivers of mails */

struct target {
    const struct outbox_row *row;
    const struct notice *notice;
    const int64_t *rules;
    size_t nrules;
    int64_t *muted; /* accounts that want none of these rules */
    size_t nmuted;
};


static bool
is_muted(const struct target *t, int64_t account)
{
    for (size_t i = 0; i < t->nmuted; i++) {
        if (t->muted[i] == account) {
            return true;
        }
    }
    return false;
}


static struct outbox_row *
add_mail(struct arena *a, const struct target *t, struct str address,
         int64_t account_id, struct str reason, struct rows *out)
{
    struct notice n = *t->notice;
    struct outbox_row row = {
        .organization_id = n.organization_id,
        .project_id = n.project_id,
        .issue_id = n.issue_id,
        .rule_id = t->nrules > 0 ? t->rules[0] : 0,
        .fire_id = t->row->fire_id,
        .cause = n.cause,
        .channel = STR("mail"),
        .account_id = account_id,
        .address = address,
        .endpoint = STR("mail"),
        .key = str_printf(a, "%.*s:mail:%.*s", STR_FMT(t->row->key),
                          STR_FMT(address)),
    };

    n.key = row.key;
    n.notes = reason.n > 0 ? reason : n.notes;
    row.data = notice_write(a, &n);
    return add_row(out, &row);
}


/* An alert's mail may have to wait for others of its project. */
static enum status
let_wait(struct db *db, struct arena *a, struct outbox_row *row)
{
    int64_t until;
    enum status st;

    if (row == NULL || !str_is(row->cause, "issue")) {
        return ST_OK;
    }
    st = mail_digest_wait(db, a, row->organization_id, row->project_id,
                          row->account_id, &until);
    if (st == ST_OK && until != 0) {
        row->endpoint = STR(MAIL_DIGEST_ENDPOINT);
        row->due_at = until;
    }
    return st;
}


/* As an alert; true when somebody was found, also if nobody wants it. */
static enum status
mail_group(struct db *db, struct arena *a, const struct target *t,
           enum recipient_group group, int64_t id, struct rows *out,
           bool *found)
{
    const struct notice *n = t->notice;
    struct recipient *list;
    enum status st;
    size_t count;

    st = recipient_find(db, a, n->organization_id, n->project_id, n->issue_id,
                        group, id, "alerts", &list, &count);
    if (st != ST_OK) {
        return st;
    }
    *found = count > 0;
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        if (!str_is(list[i].setting, "never")
            && !is_muted(t, list[i].account_id)) {
            st = let_wait(db, a,
                          add_mail(a, t, list[i].email, list[i].account_id,
                                   list[i].reason, out));
        }
    }
    return st;
}


static int64_t
id_of(const struct json *json, const char *name)
{
    const struct json *v = json_get(json, name);
    int64_t id = 0;

    return v != NULL && str_i64(v->text, &id) ? id : 0;
}


/* Assignee and owners; who has none falls through. */
static enum status
mail_owners(struct db *db, struct arena *a, const struct target *t,
            struct str otherwise, struct rows *out)
{
    bool found = false, some;
    enum status st = ST_OK;

    if (t->notice->issue_id != 0) {
        st = mail_group(db, a, t, RECIPIENT_ASSIGNEE, 0, out, &found);
    }
    if (st != ST_OK || found || str_is(otherwise, "NoOne")) {
        return st;
    }
    return mail_group(db, a, t,
                      str_is(otherwise, "AllMembers") ? RECIPIENT_MEMBERS
                                                      : RECIPIENT_ACTIVE,
                      0, out, &some);
}


static enum status
mail_action(struct db *db, struct arena *a, const struct target *t,
            const struct alert_act *act, struct rows *out)
{
    struct str who = json_text_of(act->json, "targetType");
    struct str address = json_text_of(act->json, "address");
    int64_t id = id_of(act->json, "targetIdentifier");
    bool found;

    if (address.n > 0) {
        add_mail(a, t, address, 0, STR_NULL, out);
        return ST_OK;
    }
    if (str_is(who, "Member")) {
        return mail_group(db, a, t, RECIPIENT_ACCOUNT, id, out, &found);
    }
    if (str_is(who, "Team")) {
        return mail_group(db, a, t, RECIPIENT_TEAM, id, out, &found);
    }
    if (str_is(who, "AllMembers")) {
        return mail_group(db, a, t, RECIPIENT_MEMBERS, 0, out, &found);
    }
    if (str_is(who, "Assignee")) {
        return mail_group(db, a, t, RECIPIENT_ASSIGNEE, 0, out, &found);
    }
    return mail_owners(db, a, t, json_text_of(act->json, "fallthroughType"),
                       out);
}


static void
integration_action(struct arena *a, const struct target *t,
                   const struct alert_act *act, struct rows *out)
{
    struct notice n = *t->notice;
    struct buf settings = buf_in(a);
    struct outbox_row row = {
        .organization_id = n.organization_id,
        .project_id = n.project_id,
        .issue_id = n.issue_id,
        .rule_id = t->nrules > 0 ? t->rules[0] : 0,
        .fire_id = t->row->fire_id,
        .cause = n.cause,
        .channel = str_of(act->type->channel),
        .integration_id = act->integration_id,
        .endpoint =
            str_printf(a, "integration:%lld", (long long) act->integration_id),
    };

    /* the same place with other words is another message */
    json_write(&settings, act->json);
    row.key = str_printf(a, "%.*s:%lld:%.*s", STR_FMT(t->row->key),
                         (long long) act->integration_id,
                         STR_FMT(secret_digest(a, buf_view(&settings))));
    n.key = row.key;
    n.settings = json_clone(a, act->json);
    n.notes = json_text_of(act->json, "notes");
    row.data = notice_write(a, &n);
    add_row(out, &row);
}


static enum status
act_on(struct db *db, struct arena *a, const struct target *t,
       const struct rule *r, bool test, struct rows *out)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < r->nactions; i++) {
        const struct alert_act *act = &r->actions[i];

        if (act->type->run != NULL) {
            if (!test && t->notice->issue_id != 0) {
                st = act->type->run(db, a, act, t->notice->organization_id,
                                    t->notice->issue_id);
                /* a member that has left: the rest is done all the same */
                st = st == ST_NOT_FOUND ? ST_OK : st;
            }

        } else if (strcmp(act->type->channel, "mail") == 0) {
            st = mail_action(db, a, t, act, out);

        } else {
            integration_action(a, t, act, out);
        }
    }
    return st;
}


/* firings */

/* When quiet hours that hold now are over. */
static int64_t
quiet_end(const struct json *quiet, int64_t now)
{
    int64_t at = now - now % US_PER_MINUTE;

    for (int i = 0; i < 7 * 1440 && alert_clock_inside(quiet, at); i++) {
        at += US_PER_MINUTE;
    }
    return at;
}


/*
 * Over the rule's cap, or in its quiet hours: the firing waits for a notice
 * that tells of all of them.  *held: it does.
 */
static enum status
hold_back(struct db *db, struct arena *a, const struct rule *r,
          const struct alert_fire *fire, struct rows *out, bool *held)
{
    int64_t now = time_now(), count, due = 0, since;
    const char *why = NULL;
    enum status st = ST_OK;

    if (r->quiet != NULL && alert_clock_inside(r->quiet, now)) {
        why = "quiet";
        due = quiet_end(r->quiet, now);
        since = due - US_PER_DAY;

    } else if (r->cap > 0) {
        int64_t window = r->cap_minutes * US_PER_MINUTE;

        since = now - now % window;
        st = alert_fire_count(db, a, r->row->id, since, &count);
        if (st == ST_OK && count > r->cap) {
            why = "cap";
            due = since + window;
        }
    }
    *held = why != NULL;
    if (st != ST_OK || why == NULL) {
        return st;
    }
    if ((st = alert_fire_hold(db, a, fire->id, why)) != ST_OK) {
        return st;
    }
    add_row(out,
            &(struct outbox_row){
                .organization_id = fire->organization_id,
                .project_id = fire->project_id,
                .rule_id = r->row->id,
                .cause = STR("digest"),
                .channel = STR("route"),
                .data = str_printf(a, "{\"since\":%lld}", (long long) since),
                .key = str_printf(a, "held:%lld:%lld", (long long) r->row->id,
                                  (long long) due),
                .due_at = due,
            });
    return ST_OK;
}


static size_t
ids_of(struct arena *a, const struct json *list, int64_t **out)
{
    size_t n = 0;

    *out = arena_array(a, list != NULL ? list->n : 0, sizeof(int64_t));
    json_each(v, list)
    {
        n += json_i64(v, &(*out)[n]);
    }
    return n;
}


/* An alert: the firings of one issue, or of one project. */
static enum status
route_fires(struct alerts *al, struct db *db, struct arena *a,
            const struct outbox_row *row, const struct json *data,
            struct rows *out)
{
    struct alert_fire *fires;
    const struct rule **rules;
    struct notice n;
    struct target t = { .row = row, .notice = &n };
    int64_t *ids, *rule_ids;
    size_t nids = ids_of(a, json_get(data, "fires"), &ids), nfires, k = 0;
    struct outbox_row *listeners;
    size_t nlisteners;
    enum status st;

    st = alert_fires(db, a, row->organization_id, ids, nids, &fires, &nfires);
    if (st != ST_OK || nfires == 0) {
        return st;
    }
    st = fires[0].issue_id != 0
             ? route_notice(db, a, row->organization_id, fires[0].issue_id,
                            fires[0].event_id, &n)
             : project_notice(db, a, &fires[0], &n);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it is gone */
    }
    n.cause = STR("issue");
    n.action = STR("triggered");

    rules = arena_array(a, nfires, sizeof(*rules));
    rule_ids = arena_array(a, nfires, sizeof(*rule_ids));
    for (size_t i = 0; i < nfires; i++) {
        const struct rule *r = alerts_rule(al, fires[i].rule_id);
        bool held;

        if (r == NULL) {
            continue; /* switched off meanwhile */
        }
        if ((st = hold_back(db, a, r, &fires[i], out, &held)) != ST_OK) {
            return st;
        }
        if (held) {
            continue;
        }
        if (k == 0) {
            fill_measured(a, &fires[i], &n);
        }
        add_rule(a, &fires[i], &n);
        rule_ids[k] = fires[i].rule_id;
        rules[k++] = r;
    }
    if (k == 0) {
        return ST_OK;
    }
    t.rules = rule_ids;
    t.nrules = k;
    st = alert_rule_muted(db, a, row->organization_id, rule_ids, k, &t.muted,
                          &t.nmuted);
    for (size_t i = 0; st == ST_OK && i < k; i++) {
        st = act_on(db, a, &t, rules[i], false, out);
    }
    if (st != ST_OK) {
        return st;
    }
    n.key = row->key;
    st = integration_listeners(db, a, &n, &listeners, &nlisteners);
    for (size_t i = 0; st == ST_OK && i < nlisteners; i++) {
        add_row(out, &listeners[i]);
    }
    return st;
}


/* Firings that were held back, all in one. */
static enum status
route_held(struct alerts *al, struct db *db, struct arena *a,
           const struct outbox_row *row, const struct json *data,
           struct rows *out)
{
    const struct rule *r = alerts_rule(al, row->rule_id);
    struct target t = { .row = row, .rules = &row->rule_id, .nrules = 1 };
    struct json *items = json_new(a, JSON_T_ARRAY);
    struct json *more = json_new(a, JSON_T_OBJECT);
    struct alert_fire *fires;
    int64_t since = 0;
    struct notice n;
    enum status st;
    size_t count;

    json_i64(json_get(data, "since"), &since);
    if (r == NULL) {
        return ST_OK;
    }
    st = alert_fires_held(db, a, row->organization_id, row->rule_id, since,
                          HELD_MAX, &fires, &count);
    if (st != ST_OK || count == 0) {
        return st;
    }
    st = project_notice(db, a, &fires[0], &n);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    for (size_t i = 0; i < count; i++) {
        struct json *item = json_new(a, JSON_T_OBJECT);

        json_set(item, STR("short_id"),
                 json_new_str(a, str_null(fires[i].issue_short_id)
                                     ? STR("")
                                     : fires[i].issue_short_id));
        json_set(item, STR("title"),
                 json_new_str(a, str_null(fires[i].issue_title)
                                     ? fires[i].cause
                                     : fires[i].issue_title));
        json_set(item, STR("cause"), json_new_str(a, fires[i].cause));
        json_set(item, STR("at"), json_new_i64(a, fires[i].at));
        json_set(item, STR("url"),
                 json_new_str(a, fires[i].issue_id != 0
                                     ? page_of(a, n.organization, "issues",
                                               fires[i].issue_id)
                                     : n.url));
        json_append(items, item);
    }
    json_set(more, STR("items"), items);
    n.cause = STR("digest");
    n.action = STR("triggered");
    n.more = more;
    n.title = str_printf(a, "%zu more alerts of \"%.*s\"", count,
                         STR_FMT(r->row->name));
    n.url = page_of(a, n.organization, "alerts", row->rule_id);
    n.query_url = n.url;
    n.measured = STR_NULL;
    add_rule(a, &fires[0], &n);
    t.notice = &n;
    st = alert_rule_muted(db, a, row->organization_id, &row->rule_id, 1,
                          &t.muted, &t.nmuted);
    return st == ST_OK ? act_on(db, a, &t, r, true, out) : st;
}


/* incidents */

static enum status
route_metric(struct db *db, struct arena *a, const struct outbox_row *row,
             const struct json *data, struct rows *out)
{
    struct alert_fire fire = { .organization_id = row->organization_id,
                               .project_id = row->project_id,
                               .rule_id = row->rule_id };
    struct target t = { .row = row, .rules = &row->rule_id, .nrules = 1 };
    struct outbox_row *listeners;
    struct alert_rule r;
    struct metric_rule m;
    struct incident i;
    struct notice n;
    int64_t id = 0;
    const char *fault;
    size_t nlisteners;
    enum status st;

    json_i64(json_get(data, "incident"), &id);
    json_double(json_get(data, "value"), &fire.value);
    json_i64(json_get(data, "at"), &fire.at);
    if ((st = incident_by_id(db, a, row->organization_id, id, &i)) != ST_OK
        || (st = alert_rule_by_id(db, a, row->organization_id, row->rule_id, 0,
                                  &r))
               != ST_OK
        || !metric_read(a, &r, &m, &fault)
        || (st = project_notice(db, a, &fire, &n)) != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    n.cause = STR("metric");
    n.action = json_text_of(data, "action");
    n.incident = i.number;
    n.level = str_is(n.action, "critical")  ? 50
              : str_is(n.action, "warning") ? 30
                                            : 20;
    n.title = r.name;
    n.measured = metric_measured(a, &m, fire.value);
    n.threshold =
        str_printf(a, "%s than %.10g", m.below ? "less" : "more", i.threshold);
    n.value = fire.value;
    n.limit = i.threshold;
    n.window = m.window * 60;
    n.at = fire.at;
    n.url =
        str_printf(a, "%s/%.*s/alerts/incidents/",
                   conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(n.organization));
    n.query_url = str_printf(a, "%s/%.*s/projects/%.*s/",
                             conf_str(CONF_SYSTEM_URL_PREFIX),
                             STR_FMT(n.organization), STR_FMT(n.project));
    n.actions[0] = (struct notice_link){ 0, STR("Open the incident"), n.url };
    n.key = row->key;
    fire.rule_name = r.name;
    add_rule(a, &fire, &n);
    t.notice = &n;
    st = alert_rule_muted(db, a, row->organization_id, &row->rule_id, 1,
                          &t.muted, &t.nmuted);
    if (st == ST_OK) {
        struct rule acting = { .row = &r,
                               .actions = m.actions,
                               .nactions = m.nactions };

        st = act_on(db, a, &t, &acting, true, out);
    }
    if (st == ST_OK) {
        st = integration_listeners(db, a, &n, &listeners, &nlisteners);
    }
    for (size_t k = 0; st == ST_OK && k < nlisteners; k++) {
        add_row(out, &listeners[k]);
    }
    return st;
}


/* history */

struct happening {
    const char *kind;    /* of the activity */
    const char *setting; /* of notification_kinds */
    const char *action;  /* of the notice */
};

static const struct happening happenings[] = {
    { "assigned", "assigned", "assigned" },
    { "unassigned", "assigned", "unassigned" },
    { "comment", "comments", "comment" },
    { "resolved", "status", "resolved" },
    { "unresolved", "status", "unresolved" },
    { "archived", "status", "archived" },
    { "regressed", "status", "regressed" },
    { "escalating", "status", "escalating" },
};


static bool
wants(const struct recipient *r, bool follows)
{
    if (str_is(r->setting, "never")) {
        return false;
    }
    return follows || str_is(r->setting, "always");
}


/* True when the person did it, and does not want to be told of that. */
static enum status
is_own(struct db *db, struct arena *a, const struct notice *n,
       int64_t account_id, int64_t actor_id, bool *own)
{
    struct recipient *list;
    enum status st;
    size_t count;

    *own = account_id == actor_id && actor_id != 0;
    if (!*own) {
        return ST_OK;
    }
    st = recipient_find(db, a, n->organization_id, n->project_id, 0,
                        RECIPIENT_ACCOUNT, actor_id, "own", &list, &count);
    if (st == ST_OK && count > 0) {
        *own = !str_is(list[0].setting, "always");
    }
    return st;
}


static enum status
mail_workflow(struct db *db, struct arena *a, const struct target *t,
              enum recipient_group group, int64_t id, const char *setting,
              bool follows, int64_t actor_id, struct rows *out)
{
    const struct notice *n = t->notice;
    struct recipient *list;
    enum status st;
    size_t count;

    st = recipient_find(db, a, n->organization_id, n->project_id, n->issue_id,
                        group, id, setting, &list, &count);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        bool own;

        if (!wants(&list[i], follows)) {
            continue;
        }
        st = is_own(db, a, n, list[i].account_id, actor_id, &own);
        if (st == ST_OK && !own) {
            add_mail(a, t, list[i].email, list[i].account_id, list[i].reason,
                     out);
        }
    }
    return st;
}


/* Words after an @ in a comment. */
static size_t
mentions_of(struct arena *a, struct str text, struct str **out)
{
    size_t n = 0;

    *out = arena_array(a, 20, sizeof(struct str));
    for (size_t i = 0; i < text.n && n < 20; i++) {
        size_t end = i + 1;

        if (text.p[i] != '@') {
            continue;
        }
        while (end < text.n
               && strchr(" \t\r\n,;:!?()<>\"", text.p[end]) == NULL) {
            end++;
        }
        while (end > i + 1 && text.p[end - 1] == '.') {
            end--;
        }
        if (end > i + 1) {
            (*out)[n++] = str_lower(a, str_sub(text, i + 1, end));
            i = end - 1;
        }
    }
    return n;
}


static enum status
mail_mentions(struct db *db, struct arena *a, const struct target *t,
              int64_t actor_id, struct rows *out)
{
    struct notice n = *t->notice;
    struct target to = { .row = t->row, .notice = &n };
    struct str *words;
    size_t nwords = mentions_of(a, n.text, &words), count;
    struct recipient *list;
    enum status st;

    if (nwords == 0) {
        return ST_OK;
    }
    n.action = STR("mention");
    st = recipient_mentioned(db, a, n.organization_id, n.project_id, words,
                             nwords, &list, &count);
    for (size_t i = 0; st == ST_OK && i < count; i++) {
        struct recipient *r;
        size_t found;

        st = recipient_find(db, a, n.organization_id, n.project_id, n.issue_id,
                            RECIPIENT_ACCOUNT, list[i].account_id, "mentions",
                            &r, &found);
        if (st == ST_OK && found > 0 && list[i].account_id != actor_id
            && !str_is(r[0].setting, "never")) {
            add_mail(a, &to, list[i].email, list[i].account_id,
                     STR("mentioned"), out);
        }
    }
    return st;
}


static enum status
tell_followers(struct db *db, struct arena *a, const struct outbox_row *row,
               const struct activity *v, const struct happening *h,
               struct rows *out)
{
    struct notice n;
    struct target t = { .row = row, .notice = &n };
    struct outbox_row *listeners;
    size_t nlisteners;
    enum status st;

    st = route_notice(db, a, row->organization_id, row->issue_id, STR_NULL, &n);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    n.cause = STR("workflow");
    n.action = str_of(h->action);
    n.at = v->at;
    n.actor = v->account;
    n.text = json_text_of(v->data, "text");
    n.key = row->key;

    if (strcmp(h->setting, "assigned") == 0) {
        int64_t id = 0;
        bool team = json_i64(json_get(v->data, "team_id"), &id);

        json_i64(json_get(v->data, "account_id"), &id);
        st = mail_workflow(db, a, &t, team ? RECIPIENT_TEAM : RECIPIENT_ACCOUNT,
                           id, h->setting, true, v->account_id, out);

    } else {
        if (strcmp(h->kind, "comment") == 0) {
            st = mail_mentions(db, a, &t, v->account_id, out);
        }
        if (st == ST_OK) {
            st = mail_workflow(db, a, &t, RECIPIENT_FOLLOWERS, 0, h->setting,
                               true, v->account_id, out);
        }
        if (st == ST_OK) {
            st = mail_workflow(db, a, &t, RECIPIENT_MEMBERS, 0, h->setting,
                               false, v->account_id, out);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    st = integration_listeners(db, a, &n, &listeners, &nlisteners);
    for (size_t i = 0; st == ST_OK && i < nlisteners; i++) {
        add_row(out, &listeners[i]);
    }
    return st;
}


static enum status
route_activity(struct alerts *al, struct db *db, struct arena *a,
               const struct outbox_row *row, const struct json *data,
               struct rows *out)
{
    struct activity v;
    int64_t id = 0;
    enum status st;

    if (!json_i64(json_get(data, "activity"), &id)) {
        return ST_OK;
    }
    st = activity_by_id(db, a, row->organization_id, id, &v);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    st = alerts_history(al, db, a, row->organization_id, row->issue_id, v.kind,
                        v.at, json_text_of(v.data, "text"));
    for (size_t i = 0;
         st == ST_OK && i < sizeof(happenings) / sizeof(happenings[0]); i++) {
        if (str_is(v.kind, happenings[i].kind)) {
            st = tell_followers(db, a, row, &v, &happenings[i], out);
        }
    }
    return st;
}


/* the whole */

static enum status
route(struct alerts *al, struct db *db, struct arena *a,
      const struct outbox_row *row)
{
    struct rows out = { .v = arena_array(a, ROWS_MAX, sizeof(*out.v)) };
    struct json *data;
    enum status st = ST_OK;

    if (json_parse(a, row->data, NULL, &data, NULL) != ST_OK) {
        data = NULL;
    }
    if (str_is(row->cause, "issue")) {
        st = route_fires(al, db, a, row, data, &out);

    } else if (str_is(row->cause, "digest")) {
        st = route_held(al, db, a, row, data, &out);

    } else if (str_is(row->cause, "metric")) {
        st = route_metric(db, a, row, data, &out);

    } else if (str_is(row->cause, "workflow")) {
        st = route_activity(al, db, a, row, data, &out);
    }
    if (st != ST_OK || (st = outbox_add(db, a, out.v, out.n)) != ST_OK) {
        return st;
    }
    return outbox_routed(db, a, row->id);
}


enum status
route_row(struct alerts *al, struct db *db, struct arena *a,
          const struct outbox_row *row)
{
    enum status st;

    if ((st = alerts_refresh(al, db)) != ST_OK
        || (st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = route(al, db, a, row)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* testing */

enum status
route_test(struct db *db, struct arena *a, const struct rule *rule,
           const struct actor *by, struct str prefix, size_t *n)
{
    struct rows out = { .v = arena_array(a, ROWS_MAX, sizeof(*out.v)) };
    struct outbox_row row = { .organization_id = rule->row->organization_id,
                              .rule_id = rule->row->id,
                              .key = prefix };
    struct alert_fire fire = { .organization_id = row.organization_id,
                               .rule_id = rule->row->id,
                               .rule_name = rule->row->name,
                               .at = time_now() };
    struct notice notice;
    struct target t = { .row = &row, .notice = &notice };
    int64_t issue_id;
    enum status st;

    st = alert_sample(db, a, row.organization_id, rule->row->projects,
                      rule->row->all_projects ? 0 : rule->row->nprojects,
                      &issue_id);
    if (st == ST_OK) {
        st = route_notice(db, a, row.organization_id, issue_id, STR_NULL,
                          &notice);
    }
    if (st != ST_OK) {
        return st;
    }
    notice.cause = STR("test");
    notice.action = STR("triggered");
    notice.measured = rule_words(a, rule);
    add_rule(a, &fire, &notice);
    for (size_t i = 0; i < rule->nactions; i++) {
        const struct alert_act *act = &rule->actions[i];

        if (act->type->channel == NULL) {
            continue;
        }
        if (strcmp(act->type->channel, "mail") == 0) {
            add_mail(a, &t, by->email, by->account_id, STR_NULL, &out);

        } else {
            integration_action(a, &t, act, &out);
        }
    }
    *n = out.n;
    return outbox_add(db, a, out.v, out.n);
}
