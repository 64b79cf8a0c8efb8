/* What a notice says: of an issue, a project, and why now. */

#include "alert/route_work.h"

#include "model/event.h"
#include "model/issue.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/lang.h"


struct str
tell_page(struct arena *a, struct str organization, const char *fmt, int64_t id)
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
    n->frame = lang_keep(
        a,
        function.n > 0 && line > 0 ? N_("{file} in {function}, line {line}")
        : function.n > 0           ? N_("{file} in {function}")
        : line > 0                 ? N_("{file}, line {line}")
                                   : "{file}",
        FILL(lang_named(a, "file", file), lang_named(a, "function", function),
             lang_named(a, "line", str_printf(a, "%lld", (long long) line))));
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
    n->url = tell_page(a, n->organization, "issues", is->id);
    n->actions[0] = (struct notice_link){ 0, STR_N("Open the issue"), n->url };
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
tell_fire(struct db *db, struct arena *a, const struct alert_fire *fire,
          struct notice *out)
{
    if (fire->feedback_id != 0) {
        return tell_feedback(db, a, fire, out);
    }
    return fire->issue_id != 0
               ? route_notice(db, a, fire->organization_id, fire->issue_id,
                              fire->event_id, out)
               : tell_project(db, a, fire, out);
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


enum status
tell_project(struct db *db, struct arena *a, const struct alert_fire *fire,
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
        (struct notice_link){ 0, STR_N("Open the project"), out->url };
    out->nactions = 1;
    return ST_OK;
}


void
tell_measured(struct arena *a, const struct alert_fire *fire, struct notice *n)
{
    n->measured = fire->cause;
    n->value = fire->value;
    n->limit = fire->threshold;
    n->window = fire->window;
    if (fire->window > 0) {
        n->threshold = lang_keep(
            a, N_("more than {0}"),
            FILL(lang_keep_number(a, str_printf(a, "%.10g", fire->threshold))));
    }
    n->at = fire->at;
    if (fire->issue_id != 0 && fire->feedback_id == 0) {
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
                       STR_FMT(url_encode(a, fire->environment)));

    } else {
        n->query_url = n->url;
    }
}


void
tell_rule(struct arena *a, const struct alert_fire *fire, struct notice *n)
{
    if (n->nrules < NOTICE_RULES_MAX) {
        n->rules[n->nrules++] =
            (struct notice_link){ fire->rule_id, fire->rule_name,
                                  tell_page(a, n->organization, "alerts",
                                            fire->rule_id) };
    }
}
