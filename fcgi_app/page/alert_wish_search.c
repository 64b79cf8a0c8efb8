/*
 * A new rule about issues begins with a search of the stream, ?q=: each term
 * becomes what sets the rule off, a filter, its projects or its environments;
 * what no rule can ask for is named as left out.
 */

#include "page/alert_editor.h"

#include "json/make.h"
#include "model/issue.h"
#include "model/account.h"
#include "util/buf.h"

#define WHEN "sentry.rules.conditions."
#define IF "sentry.rules.filters."
#define CAUSES 3

static const char *const causes[CAUSES] = {
    WHEN "first_seen_event.FirstSeenEventCondition",
    WHEN "regression_event.RegressionEventCondition",
    WHEN "reappeared_event.ReappearedEventCondition",
};

/* What is:… sets a rule off; is:unresolved is what every rule is about. */
static const struct {
    const char *value;
    bool causes[CAUSES];
} states[] = {
    { "unresolved", { false, false, false } },
    { "new", { true, false, false } },
    { "regressed", { false, true, false } },
    { "escalating", { false, false, true } },
    { "for_review", { true, true, true } },
};

/* Of what an event has that is no tag of it. */
static const struct {
    const char *key;
    const char *attribute;
} attributes[] = {
    { "error.type", "exception.type" },
    { "error.value", "exception.value" },
    { "http.url", "http.url" },
    { "http.method", "http.method" },
    { "url", "http.url" },
    { "user.id", "user.id" },
    { "user.email", "user.email" },
    { "user.username", "user.username" },
    { "sdk.name", "sdk.name" },
    { "geo.country_code", "geo.country_code" },
    { "stack.module", "stacktrace.module" },
    { "stack.filename", "stacktrace.filename" },
    { "message", "message" },
};

struct wish {
    struct editor *e;
    struct arena *a;
    struct search_names names;
    struct json *filters;
    bool causes[CAUSES];
};


static struct json *
filter(struct wish *w, const char *id)
{
    struct json *f = make_object(w->a, w->filters, NULL);

    make_text(w->a, f, "id", id);
    return f;
}


static void
number(struct wish *w, struct json *f, const char *name, int64_t n)
{
    make_str(w->a, f, name, str_printf(w->a, "%lld", (long long) n));
}


static bool
takes_state(struct wish *w, const struct issue_term *t)
{
    for (size_t i = 0; !t->negated && i < sizeof(states) / sizeof(states[0]);
         i++) {
        if (str_ieq(t->value, str_of(states[i].value))) {
            for (size_t k = 0; k < CAUSES; k++) {
                w->causes[k] = w->causes[k] || states[i].causes[k];
            }
            return true;
        }
    }
    return false;
}


/* One level, or one and all above it. */
static bool
takes_level(struct wish *w, const bool levels[6])
{
    int least = 0, n = 0;
    struct json *f;

    for (int i = 5; i >= 0; i--) {
        least = levels[i] ? i : least;
        n += levels[i];
    }
    if (n != 1 && n != 6 - least) {
        return false;
    }
    f = filter(w, IF "level.LevelFilter");
    make_text(w->a, f, "match", n == 1 ? "eq" : "gte");
    number(w, f, "level", least * 10);
    return true;
}


/* One and all above it. */
static bool
takes_priority(struct wish *w, const bool priorities[4])
{
    int least = 3;

    while (least > 1 && priorities[least - 1]) {
        least--;
    }
    if (!priorities[3] || (least > 1 && priorities[1])) {
        return false;
    }
    number(w, filter(w, IF "issue_priority.IssuePriorityFilter"), "value",
           least * 25);
    return true;
}


static bool
takes_assignee(struct wish *w, const struct issue_term *t,
               const struct id_set *set)
{
    struct json *f;
    int64_t id;

    if (t->negated || set->n != 1) {
        return false;
    }
    id = set->ids[0];
    f = filter(w, IF "assigned_to.AssignedToFilter");
    make_text(w->a, f, "targetType",
              id == 0  ? "Unassigned"
              : id < 0 ? "Team"
                       : "Member");
    if (id != 0) {
        number(w, f, "targetIdentifier", id < 0 ? -id : id);
    }
    return true;
}


static bool
takes_least(struct wish *w, const char *id, const struct search_range *range)
{
    if (range->low <= 0 || range->high != 0) {
        return false;
    }
    number(w, filter(w, id), "value", range->low);
    return true;
}


/* The text of a LIKE pattern and how it is to match; false: no such match. */
static bool
match_of(struct arena *a, struct str pattern, const char **match,
         struct str *text)
{
    bool front = str_starts(pattern, STR("%"));
    bool back = false;
    struct buf b = buf_in(a);

    for (size_t i = front; i < pattern.n; i++) {
        if (pattern.p[i] == '%') {
            if (i + 1 < pattern.n) {
                return false;
            }
            back = true;
            continue;
        }
        i += pattern.p[i] == '\\' && i + 1 < pattern.n;
        buf_char(&b, pattern.p[i]);
    }
    *match = front && back ? "co" : front ? "ew" : back ? "sw" : "eq";
    *text = buf_view(&b);
    return text->n > 0;
}


/* What no rule can turn into a list or an order is left out. */
static bool
takes_pattern(struct wish *w, struct str key, struct str pattern, bool negated)
{
    static const char *const not_this[][2] = {
        { "eq", "ne" }, { "co", "nc" }, { "sw", "nsw" }, { "ew", "new" }
    };
    const char *attribute = NULL;
    const char *match;
    struct str text;
    struct json *f;

    if (!match_of(w->a, pattern, &match, &text)) {
        return false;
    }
    for (size_t i = 0; negated && i < 4; i++) {
        if (str_is(str_of(match), not_this[i][0])) {
            match = not_this[i][1];
            break;
        }
    }
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (str_ieq(key, str_of(attributes[i].key))) {
            attribute = attributes[i].attribute;
        }
    }
    if (attribute != NULL) {
        f = filter(w, IF "event_attribute.EventAttributeFilter");
        make_text(w->a, f, "attribute", attribute);
    } else {
        f = filter(w, IF "tagged_event.TaggedEventFilter");
        make_str(w->a, f, "key", key);
    }
    make_text(w->a, f, "match", match);
    make_str(w->a, f, "value", text);
    return true;
}


static bool
is_attribute(struct str key)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (str_ieq(key, str_of(attributes[i].key))) {
            return true;
        }
    }
    return false;
}


/* user.email: is an attribute, and "email:…" of the tag in a search. */
static bool
takes_tag(struct wish *w, const struct issue_term *t,
          const struct tag_filter *tag)
{
    struct str key = is_attribute(t->key) ? t->key : tag->key;
    struct str pattern;

    if (tag->n != 1 || !str_null(tag->order)) {
        return false;
    }
    pattern = tag->patterns[0];
    if (str_is(tag->key, "user") && is_attribute(t->key)) {
        pattern =
            str_sub(pattern, (size_t) (str_chr(pattern, ':') + 1), pattern.n);
    }
    return takes_pattern(w, key, pattern, tag->negated);
}


/* The menu of the stream and project: are the same to a rule. */
static bool
takes_projects(struct wish *w, const struct issue_term *t,
               const struct id_set *set)
{
    struct alert_rule *rule = &w->e->rule;

    if (t->negated || set->n > ALERT_RULE_PROJECTS_MAX) {
        return false;
    }
    rule->nprojects = 0;
    for (size_t i = 0; i < set->n; i++) {
        rule->projects[rule->nprojects++] = set->ids[i];
    }
    rule->all_projects = rule->nprojects == 0;
    return true;
}


static bool
takes_words(struct wish *w, const struct issue_term *t)
{
    struct json *f;

    if (t->negated) {
        return false;
    }
    f = filter(w, IF "event_attribute.EventAttributeFilter");
    make_text(w->a, f, "attribute", "message");
    make_text(w->a, f, "match", "co");
    make_str(w->a, f, "value", t->value);
    return true;
}


static bool
takes(struct wish *w, const struct issue_term *t)
{
    struct alert_rule *rule = &w->e->rule;
    struct issue_query one;
    const char *match;
    struct str text;

    if (t->group) {
        return false; /* see takes_either() */
    }
    if (str_null(t->key)) {
        return takes_words(w, t);
    }
    issue_query_parse(w->a, t->text, &w->names, &one);
    if (one.n != 1 || one.nerrors > 0) {
        return false;
    }
    if (str_ieq(t->key, STR("is"))) {
        return takes_state(w, t);
    }
    if (str_ieq(t->key, STR("level"))) {
        return takes_level(w, one.filter.levels);
    }
    if (one.filter.projects.limited) {
        return takes_projects(w, t, &one.filter.projects);
    }
    if (one.filter.assignees.limited) {
        return takes_assignee(w, t, &one.filter.assignees);
    }
    if (str_ifind(t->key, STR("priority")) >= 0) {
        return takes_priority(w, one.filter.priorities);
    }
    if (one.filter.ntests == 1 && one.filter.tests[0].n == 1
        && is_attribute(t->key)) {
        return takes_pattern(w, t->key, one.filter.tests[0].patterns[0],
                             one.filter.tests[0].negated);
    }
    if (one.filter.ntags == 1) {
        if (str_is(one.filter.tags[0].key, "environment")
            && !one.filter.tags[0].negated && one.filter.tags[0].n == 1
            && match_of(w->a, one.filter.tags[0].patterns[0], &match, &text)
            && str_is(str_of(match), "eq")) {
            rule->environments[rule->nenvironments++] = text;
            return true;
        }
        return takes_tag(w, t, &one.filter.tags[0]);
    }
    return takes_least(w, IF "issue_occurrences.IssueOccurrencesFilter",
                       &one.filter.events)
           || takes_least(w, "vedette.filters.issue.UsersFilter",
                          &one.filter.users);
}


/* "a OR b OR c": terms of which any will do, and nothing else. */
static bool
is_any_of(struct arena *a, const struct issue_term *group)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < group->ninner; i++) {
        const struct issue_term *t = &group->inner[i];

        if (str_ieq(t->key, STR("is")) || str_ieq(t->key, STR("project"))
            || str_ieq(t->key, STR("environment"))) {
            return false; /* of the whole rule */
        }
        buf_text(&b, i > 0 ? " OR " : "");
        buf_str(&b, t->text);
    }
    return str_ieq(group->value, buf_view(&b));
}


/* A rule has one "any" or "all" for its filters; so an OR has to be alone. */
static bool
takes_either(struct wish *w, const struct issue_term *group)
{
    struct json *all = w->filters;
    bool taken = is_any_of(w->a, group);

    w->filters = json_new(w->a, JSON_T_ARRAY);
    for (size_t i = 0; i < group->ninner && taken; i++) {
        taken = str_null(group->inner[i].error) && takes(w, &group->inner[i]);
    }
    if (taken) {
        json_set(w->e->data, STR("filters"), w->filters);
        make_text(w->a, w->e->data, "filterMatch", "any");
    } else {
        w->filters = all;
    }
    return taken;
}


/* Whom the search may name. */
static void
read_names(struct wish *w)
{
    struct editor *e = w->e;
    struct search_name *projects =
        arena_array(w->a, e->nprojects + 1, sizeof(*projects));
    struct search_name *people =
        arena_array(w->a, e->nmembers + e->nteams + 1, sizeof(*people));
    size_t n = 0;

    for (size_t i = 0; i < e->nprojects; i++) {
        projects[i] = (struct search_name){ e->projects[i].slug,
                                            e->projects[i].id, false };
    }
    for (size_t i = 0; i < e->nmembers; i++) {
        people[n++] = (struct search_name){ e->members[i].email,
                                            e->members[i].account_id, false };
    }
    for (size_t i = 0; i < e->nteams; i++) {
        people[n++] =
            (struct search_name){ str_printf(w->a, "#%.*s",
                                             STR_FMT(e->teams[i].slug)),
                                  -e->teams[i].id, e->teams[i].mine };
    }
    w->names = (struct search_names){ e->rq->account->id, projects,
                                      e->nprojects, people, n };
}


void
editor_wish_search(struct editor *e, struct data *left)
{
    struct wish w = { .e = e, .a = e->rq->a };
    struct str text = request_arg(e->rq, "q");
    struct json *when = make_array(w.a, e->data, "conditions");
    const struct issue_term *group = NULL;
    struct issue_query query;
    size_t ngroups = 0;
    bool any = false;

    read_names(&w);
    issue_query_parse(w.a, text, &w.names, &query);
    w.filters = make_array(w.a, e->data, "filters");
    e->rule.environments = arena_array(w.a, query.n + 1, sizeof(struct str));
    e->rule.nenvironments = 0;
    for (size_t i = 0; i < query.n; i++) {
        const struct issue_term *t = &query.terms[i];

        if (t->group) {
            group = t;
            ngroups++;
        } else if (str_null(t->error) && !takes(&w, t)) {
            data_item(left, t->text);
        }
    }
    if (ngroups != 1 || w.filters->n > 0 || !takes_either(&w, group)) {
        for (size_t i = 0; i < query.n; i++) {
            if (query.terms[i].group) {
                data_item(left, query.terms[i].value);
            }
        }
    }
    for (size_t i = 0; i < CAUSES; i++) {
        any = any || w.causes[i];
    }
    for (size_t i = 0; i < CAUSES; i++) {
        /* whatever it finds: what is new, and what comes back */
        if (any ? w.causes[i] : i < 2) {
            make_text(w.a, make_object(w.a, when, NULL), "id", causes[i]);
        }
    }
}
