/*
 * page/explore.c - /ORG/explore/: events counted by what one asks for, as a
 * chart, a table or a map, with the latest of them.
 */

#include "page/explore.h"

#include "model/organization.h"
#include "model/project.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/show.h"

#define LAYERS 6 /* of the chart; the rest is "other" */
#define SAMPLES 10
#define KEY_MAX 100 /* bytes */

enum form { AS_CHART, AS_TABLE, AS_MAP, AS_NUMBER, FORMS };

static const char *const forms[FORMS][2] = { { "chart", N_("Chart") },
                                             { "table", N_("Table") },
                                             { "map", N_("Map") },
                                             { "number", N_("Number") } };

static const size_t tops[] = { 10, 5, 20, EXPLORE_TOP_MAX };

static const char *const fills[LAYERS] = { "f-c1", "f-c2", "f-c3",
                                           "f-c4", "f-c5", "f-c6" };

/* What the inputs suggest; any other tag can be typed. */
static const char *const suggested[] = {
    "level",         "error.type",    "release", "environment",
    "project",       "transaction",   "url",     "server_name",
    "browser",       "browser.name",  "os",      "os.name",
    "device.family", EXPLORE_COUNTRY, "user",    "runtime",
    "platform",      "logger",        "handled", "mechanism",
};


/* The projects that are chosen, in the menu and by the search. */
static void
read_projects(struct explore_view *v)
{
    struct id_set set = v->choice.projects;
    int64_t *ids = arena_array(v->rq->a, v->choice.nall, sizeof(int64_t));

    if (!set.limited) {
        set.limited = true;
        set.ids = ids;
        for (size_t i = 0; i < v->choice.nall; i++) {
            ids[set.n++] = v->choice.all[i].id;
        }
    }
    search_limit(&set, &v->box.query.filter.projects);
    v->q.projects = set.ids;
    v->q.nprojects = set.n;
}


/* Whole days, because most counters are by day; hours of two days at most. */
static void
read_span(struct explore_view *v)
{
    struct span *span = &v->span;
    int64_t length;

    *span = span_read(v->rq);
    length = span->to - span->from;
    if (span->step < 86400 && length <= 2 * US_PER_DAY) {
        span->step = 3600;
        span->slots = (size_t) (length / US_PER_HOUR);
    } else {
        span->to += (US_PER_DAY - span->to % US_PER_DAY) % US_PER_DAY;
        span->from = span_custom(span) ? span->from - span->from % US_PER_DAY
                                       : span->to - length;
        span->step = 86400;
        span->slots = (size_t) ((span->to - span->from) / US_PER_DAY);
    }
    v->q.from = v->span.from;
    v->q.to = v->span.to;
    v->q.step = v->span.step;
    v->q.slots = v->span.slots;
}


static void
read_keys(struct explore_view *v)
{
    size_t at = 0;
    struct str key;

    while (field_next(&v->rq->args, "by", &at, &key)
           && v->q.nkeys < EXPLORE_KEYS) {
        bool known = false;

        key = str_trim(key);
        for (size_t i = 0; i < v->q.nkeys; i++) {
            known = known || str_eq(v->q.keys[i], key);
        }
        if (key.n > 0 && key.n <= KEY_MAX && !known) {
            v->q.keys[v->q.nkeys++] = key;
        }
    }
}


/* Whether a look at one event tells if it goes this way. */
static bool
told_by_event(const struct issue_filter *way, const struct issue_filter *all)
{
    return way->ntests == 0 && way->nwords == 0
           && memcmp(way->statuses, all->statuses, sizeof(all->statuses)) == 0
           && memcmp(way->substatuses, all->substatuses,
                     sizeof(all->substatuses))
                  == 0
           && memcmp(way->priorities, all->priorities, sizeof(all->priorities))
                  == 0
           && way->assignees.limited == all->assignees.limited
           && way->assignees.n == all->assignees.n
           && way->unhandled == all->unhandled;
}


/* What an issue has, and ways that a look at one event cannot tell apart. */
void
explore_refuse(struct arena *a, struct issue_query *q)
{
    struct issue_filter *f = &q->filter;
    bool told = true;

    for (size_t i = 0; i < f->nany; i++) {
        told = told && told_by_event(&f->any[i], f);
    }
    for (size_t i = 0; i < q->n; i++) {
        if (q->terms[i].of_issue) {
            issue_query_refuse(a, q, i,
                               STR("Only the list of issues knows this key."));
            told = told && !q->terms[i].group;

        } else if (q->terms[i].group && !told) {
            issue_query_refuse(a, q, i,
                               STR("Here OR stands between tags, levels and "
                                   "projects only."));
        }
    }
    f->ntests = 0;
    f->nany = told ? f->nany : 0;
}


/* The menu of environments is one more term. */
static void
add_environment(struct explore_view *v)
{
    struct issue_filter *f = &v->box.query.filter;
    struct str name = v->choice.environment;
    struct issue_query only;
    struct tag_filter *tags;

    if (str_null(name)) {
        return;
    }
    issue_query_parse(v->rq->a,
                      issue_tag_term(v->rq->a, STR("environment"), name),
                      &v->box.names, &only);
    tags = arena_array(v->rq->a, f->ntags + 1, sizeof(*tags));
    memcpy(tags, f->tags, f->ntags * sizeof(*tags));
    if (only.filter.ntags == 1) {
        tags[f->ntags++] = only.filter.tags[0];
    }
    f->tags = tags;
}


void
explore_aim(struct explore_view *v)
{
    explore_refuse(v->rq->a, &v->box.query);
    add_environment(v);
    read_projects(v);
    v->q.filter = &v->box.query.filter;
    v->q.meaning = NULL;
}


enum status
explore_read(struct request *rq, struct data *d, struct explore_view *out)
{
    int64_t top = 0;
    enum status st;

    *out = (struct explore_view){ .rq = rq, .d = d };
    if ((st = choice_read(rq, d, &out->choice)) != ST_OK
        || (st = search_read(rq, d, STR(""), &out->box)) != ST_OK) {
        return st;
    }
    explore_aim(out);
    read_span(out);
    read_keys(out);
    out->q.organization_id = rq->org->id;
    out->q.users = str_is(request_arg(rq, "show"), "users");
    out->q.top = tops[0];
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
        if (str_i64(request_arg(rq, "top"), &top) && top == (int64_t) tops[i]) {
            out->q.top = tops[i];
        }
    }
    return ST_OK;
}


/* The form */

static struct str
link_with(const struct explore_view *v, const char *name, struct str value)
{
    return query_with(v->rq->a, &v->box.base, name, value);
}


static void
show_form(struct explore_view *v, enum form form)
{
    struct data *list;

    search_show(v->rq, v->d, &v->box);
    explore_show_presets(v);
    span_show(v->d, v->rq, &v->span);
    data_str(v->d, "sessions", explore_other_data(v->rq, true));
    data_bool(v->d, "users", v->q.users);
    data_bool(v->d, "compare", explore_compares(v));
    data_str(v->d, "export", link_with(v, "cursor", STR_NULL));

    list = data_child(v->d, "Form");
    for (size_t i = 0; i < FORMS; i++) {
        struct data *row = data_row(list);

        data_tr(row, "title", forms[i][1]);
        data_str(row, "link",
                 link_with(v, "as", i == 0 ? STR_NULL : str_of(forms[i][0])));
        data_bool(row, "current", i == (size_t) form);
    }
    data_text(v->d, "as", form == AS_CHART ? NULL : forms[form][0]);

    list = data_child(v->d, "By");
    for (size_t i = 0; i < EXPLORE_KEYS; i++) {
        struct data *row = data_row(list);

        data_i64(row, "n", (int64_t) i + 1);
        data_str(row, "key", i < v->q.nkeys ? v->q.keys[i] : STR(""));
    }
    list = data_child(v->d, "Key");
    for (size_t i = 0; i < sizeof(suggested) / sizeof(suggested[0]); i++) {
        data_item(list, str_of(suggested[i]));
    }
    list = data_child(v->d, "Top");
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
        struct data *row = data_row(list);

        data_i64(row, "n", (int64_t) tops[i]);
        data_bool(row, "current", tops[i] == v->q.top);
    }
}


/* What was found */

static void
show_source(struct explore_view *v, const struct explore_result *r)
{
    struct data *d = v->d;

    data_i64(d, "total", r->total);
    data_bool(d, "sampled", r->source == EXPLORE_SAMPLED);
    data_bool(d, "counted", r->source == EXPLORE_COUNTED);
    data_bool(d, "cut", r->cut);
    data_i64(d, "looked", r->looked);
    data_i64(d, "of", r->of);
    data_i64(d, "ratio",
             r->looked > 0 ? (r->of + r->looked / 2) / r->looked : 0);
}


/* "production · Chrome 126.0" */
static struct str
label(struct arena *a, const struct explore_query *q,
      const struct explore_group *g)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < q->nkeys; i++) {
        buf_text(&b, i > 0 ? " · " : "");
        buf_str(&b, g->values[i].n > 0 ? g->values[i] : STR("(none)"));
    }
    return q->nkeys > 0 ? buf_view(&b)
           : q->users   ? str_of(tr("users"))
                        : str_of(tr("events"));
}


static void
show_chart(struct explore_view *v, const struct explore_result *r,
           const struct explore_result *before)
{
    size_t n = r->ngroups < LAYERS ? r->ngroups : LAYERS;
    int64_t *other = arena_array(v->rq->a, v->q.slots, sizeof(int64_t));
    struct layer layers[LAYERS + 2];
    size_t all = n;
    bool rest = r->other.n > 0 || r->ngroups > n;

    for (size_t i = 0; i < n; i++) {
        layers[i] =
            (struct layer){ .name = label(v->rq->a, &v->q, &r->groups[i]),
                            .fill = fills[i],
                            .v = r->groups[i].slots };
    }
    for (size_t s = 0; s < v->q.slots && rest; s++) {
        other[s] = r->other.slots[s];
        for (size_t i = n; i < r->ngroups; i++) {
            other[s] += r->groups[i].slots[s];
        }
    }
    if (rest) {
        layers[all++] = (struct layer){ .name = str_of(tr("other")),
                                        .fill = "f-c7",
                                        .v = other };
    }
    if (before != NULL) {
        layers[all++] = explore_layer_before(v, before);
    }
    chart_stack(v->rq->a, data_child(v->d, "Chart"), &v->span, layers, all,
                NULL, 0);
}


struct str
explore_narrow(const struct explore_view *v, struct str key, struct str value)
{
    struct arena *a = v->rq->a;
    struct str term;

    if (value.n == 0 || str_is(key, "platform")) {
        return STR_NULL;
    }
    term = str_is(key, "project")
               ? str_printf(a, "project:%.*s", STR_FMT(value))
               : issue_tag_term(a, key, value);
    return link_with(v, "q",
                     v->box.text.n > 0 ? str_printf(
                         a, "%.*s %.*s", STR_FMT(v->box.text), STR_FMT(term))
                                       : term);
}


static void
show_share(struct explore_view *v, struct data *row, int64_t n, int64_t most,
           int64_t total)
{
    double share = total > 0 ? (double) n * 100 / (double) total : 0;

    data_i64(row, "n", n);
    data_str(row, "share",
             str_printf(v->rq->a,
                        share > 0 && share < .1 ? "< 0.1 %%" : "%.1f %%",
                        share));
    data_str(row, "width",
             str_printf(v->rq->a, "%.1f",
                        most > 0 ? (double) n * 100 / (double) most : 0.0));
}


static void
show_table(struct explore_view *v, const struct explore_result *r,
           struct explore_result *before)
{
    struct data *list = data_child(v->d, "Row");
    int64_t most = r->ngroups > 0 ? r->groups[0].n : 0;

    for (size_t i = 0; i < v->q.nkeys; i++) {
        data_item(data_child(v->d, "Head"), v->q.keys[i]);
    }
    for (size_t i = 0; i < r->ngroups; i++) {
        struct data *row = data_row(list);

        for (size_t k = 0; k < v->q.nkeys; k++) {
            struct data *cell = data_row(data_child(row, "Cell"));
            struct str value = r->groups[i].values[k];

            data_str(cell, "value", value.n > 0 ? value : STR_NULL);
            data_str(cell, "link", explore_narrow(v, v->q.keys[k], value));
        }
        show_share(v, row, r->groups[i].n, most, r->total);
        if (before != NULL) {
            explore_show_before(v, row, &r->groups[i], before);
        }
    }
    if (r->other.n > 0) {
        struct data *rest = data_child(v->d, "Other");

        show_share(v, rest, r->other.n, most > r->other.n ? most : r->other.n,
                   r->total);
        data_i64(rest, "groups", r->others);
        data_i64(rest, "span", (int64_t) v->q.nkeys);
        if (before != NULL) {
            explore_show_rest(v, rest, r->other.n, before);
        }
    }
}


static enum status
show_samples(struct explore_view *v)
{
    struct data *list = data_child(v->d, "Sample");
    struct explore_event *events;
    enum status st;
    size_t n;

    st = explore_newest(v->rq->db, v->rq->a, &v->q, SAMPLES, &events, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(list);
        const struct event_row *e = &events[i].row;
        ptrdiff_t colon = str_chr(e->user_tag, ':');

        data_str(row, "link",
                 str_printf(v->rq->a, "/%.*s/issues/%.*s/events/%.*s/",
                            STR_FMT(v->rq->org->slug),
                            STR_FMT(events[i].short_id), STR_FMT(e->event_id)));
        data_str(row, "issue", events[i].short_id);
        data_str(row, "title", e->title);
        data_text(row, "level", issue_level(e->level));
        data_time(row, "at", e->received_at);
        data_str(row, "environment", e->environment);
        data_str(row, "transaction", e->transaction);
        if (!str_null(e->release)) {
            data_str(row, "release", issue_release(e->release));
        }
        if (colon >= 0) {
            data_str(row, "user",
                     str_sub(e->user_tag, (size_t) colon + 1, e->user_tag.n));
        }
    }
    return st;
}


static enum form
read_form(struct request *rq)
{
    struct str name = request_arg(rq, "as");

    for (size_t i = 0; i < FORMS; i++) {
        if (str_is(name, forms[i][0])) {
            return (enum form) i;
        }
    }
    return AS_CHART;
}


enum status
page_explore(struct request *rq, struct response *rs)
{
    enum form form = read_form(rq);
    struct explore_view v;
    struct explore_result r, then, *before = NULL;
    enum status st;

    st = explore_read(rq, rs->data, &v);
    if (st != ST_OK) {
        return st;
    }
    show_form(&v, form);
    if (form == AS_MAP) {
        v.q.keys[0] = STR(EXPLORE_COUNTRY);
        v.q.nkeys = 1;
        v.q.top = EXPLORE_COUNTRIES;
    }
    if ((st = explore(rq->db, rq->a, &v.q, &r)) != ST_OK
        || (r.total > 0 && (st = show_samples(&v)) != ST_OK)
        || (st = explore_show_saved(rq, v.d, &v.box.base, false)) != ST_OK) {
        return st;
    }
    show_source(&v, &r);
    if (r.total == 0 && (st = explore_show_empty(&v)) != ST_OK) {
        return st;
    }
    explore_show_alert(&v, r.total);
    if (explore_compares(&v)) {
        if ((st = explore_before(&v, &then)) != ST_OK) {
            return st;
        }
        before = &then;
        data_i64(v.d, "before", then.total);
        span_change(rq->a, v.d, "change", r.total, then.total);
    }
    switch (form) {
    case AS_CHART:
        show_chart(&v, &r, before);
        break;
    case AS_MAP:
        explore_show_map(&v, &r, before);
        break;
    case AS_NUMBER:
        explore_show_number(&v, &r);
        break;
    case AS_TABLE:
    case FORMS:
        break;
    }
    if (v.q.nkeys > 0 && form != AS_MAP) {
        show_table(&v, &r, before);
    }
    return ST_OK;
}
