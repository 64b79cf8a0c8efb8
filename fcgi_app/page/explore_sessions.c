/*
 * page/explore_sessions.c - /ORG/explore/sessions/: sessions instead of events,
 * how many there were and how they ended, by one key.
 *
 *     project, environment   choice.h
 *     range, from, to        span.h
 *     release                part of a version
 *     by                     release, environment, project; else how they ended
 *     top                    groups: 5, 10, 20, 50
 */

#include "page/explore.h"

#include "model/organization.h"
#include "model/project.h"
#include "model/session_sum.h"
#include "page/pages.h"
#include "page/releases.h"
#include "util/lang.h"
#include "web/csv.h"

#define LAYERS 6 /* of the chart; the rest is "other" */
#define TEXT_MAX 200

static const char *const fills[LAYERS] = { "f-c1", "f-c2", "f-c3",
                                           "f-c4", "f-c5", "f-c6" };

static const size_t tops[] = { 10, 5, 20, SESSION_TOP_MAX };

static const struct {
    const char *name;
    const char *title;
} keys[SESSION_KEYS] = {
    [SESSION_BY_NOTHING] = { "", N_("How they ended") },
    [SESSION_BY_RELEASE] = { "release", "Release" },
    [SESSION_BY_ENVIRONMENT] = { "environment", "Environment" },
    [SESSION_BY_PROJECT] = { "project", "Project" },
};

/* One request, while it is worked on. */
struct view {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct span span;
    struct session_query q;
    struct session_sums now;
    struct health before;
};


static enum status
read_view(struct request *rq, struct data *d, struct view *v)
{
    int64_t top = 0, *ids;
    enum status st;

    *v = (struct view){ .rq = rq, .d = d, .span = span_read(rq) };
    if ((st = choice_read(rq, d, &v->choice)) != ST_OK) {
        return st;
    }
    v->q = (struct session_query){
        .organization_id = rq->org->id,
        .projects = v->choice.projects.ids,
        .nprojects = v->choice.projects.n,
        .environment = v->choice.environment,
        .release = str_cut(str_trim(request_arg(rq, "release")), TEXT_MAX),
        .from = v->span.from,
        .to = v->span.to,
        .step = v->span.step,
        .slots = v->span.slots,
        .top = tops[0],
    };
    if (!v->choice.projects.limited) {
        ids = arena_array(rq->a, v->choice.nall, sizeof(*ids));
        for (size_t i = 0; i < v->choice.nall; i++) {
            ids[i] = v->choice.all[i].id;
        }
        v->q.projects = ids;
        v->q.nprojects = v->choice.nall;
    }
    for (size_t i = 1; i < SESSION_KEYS; i++) {
        if (str_is(request_arg(rq, "by"), keys[i].name)) {
            v->q.by = (enum session_key) i;
        }
    }
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
        if (str_i64(request_arg(rq, "top"), &top) && top == (int64_t) tops[i]) {
            v->q.top = tops[i];
        }
    }
    return session_sums(rq->db, rq->a, &v->q, &v->now);
}


/* All together in the period before. */
static enum status
read_before(struct view *v)
{
    struct session_query q = v->q;
    struct session_sums sums;
    enum status st;

    q.to = v->span.from;
    q.from = span_before(&v->span);
    q.by = SESSION_BY_NOTHING;
    st = session_sums(v->rq->db, v->rq->a, &q, &sums);
    v->before = sums.all;
    return st;
}


struct str
explore_other_data(const struct request *rq, bool sessions)
{
    static const char *const kept[] = { "project", "environment", "range",
                                        "from", "to" };
    struct fields args = { 0 };

    args.v = arena_array(rq->a, rq->args.n + 1, sizeof(*args.v));
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        struct str value;
        size_t at = 0;

        while (field_next(&rq->args, kept[i], &at, &value)) {
            args.v[args.n++] = (struct field){ str_of(kept[i]), value };
        }
    }
    return str_printf(rq->a, "/%.*s/explore/%s%.*s", STR_FMT(rq->org->slug),
                      sessions ? "sessions/" : "",
                      STR_FMT(query_with(rq->a, &args, "", STR_NULL)));
}


static void
show_form(struct view *v)
{
    struct data *list = data_child(v->d, "By");

    span_show(v->d, v->rq, &v->span);
    data_str(v->d, "release", v->q.release);
    data_str(v->d, "events", explore_other_data(v->rq, false));
    data_str(v->d, "export", query_with(v->rq->a, &v->rq->args, "", STR_NULL));
    for (size_t i = 0; i < SESSION_KEYS; i++) {
        struct data *row = data_row(list);

        data_text(row, "name", keys[i].name);
        data_tr(row, "title", keys[i].title);
        data_bool(row, "current", v->q.by == (enum session_key) i);
    }
    list = data_child(v->d, "Top");
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
        struct data *row = data_row(list);

        data_i64(row, "n", (int64_t) tops[i]);
        data_bool(row, "current", tops[i] == v->q.top);
    }
}


/* How sessions ended: of a group, or of all. */
static void
show_health(struct view *v, struct data *d, const struct health *h)
{
    struct arena *a = v->rq->a;

    data_i64(d, "sessions", h->sessions);
    data_i64(d, "crashed", h->crashed);
    data_i64(d, "errored", h->errored - h->crashed);
    data_i64(d, "user_days", h->users);
    release_show_rate(a, d, "free", h->crashed, h->sessions);
    release_show_rate(a, d, "users", h->users_crashed, h->users);
    if (h->durations > 0) {
        data_i64(d, "duration", h->duration_ms * 1000 / h->durations);
    }
    data_str(
        d, "share",
        str_printf(a, "%.1f %%",
                   (double) h->sessions * 100
                       / (double) (v->now.all.sessions > 0 ? v->now.all.sessions
                                                           : 1)));
}


/* "−0.40 points": how much the rate of sessions without a crash has changed. */
static void
show_points(struct view *v, struct data *d)
{
    double now = health_crash_free(v->now.all.crashed, v->now.all.sessions);
    double then = health_crash_free(v->before.crashed, v->before.sessions);

    if (now < 0 || then < 0) {
        return;
    }
    data_str(d, "then", release_rate(v->rq->a, then));
    data_bool(d, "worse", now < then);
}


static void
show_chart(struct view *v)
{
    const struct session_sums *s = &v->now;
    struct layer layers[LAYERS + 1];
    size_t n = s->n < LAYERS ? s->n : LAYERS;
    size_t slots = v->q.slots;
    int64_t *other = arena_array(v->rq->a, slots, sizeof(*other));

    if (v->q.by == SESSION_BY_NOTHING) {
        layers[0] = (struct layer){ .name = str_of(tr("without errors")),
                                    .fill = "f-c1",
                                    .v = s->well };
        layers[1] = (struct layer){ .name = str_of(tr("with errors")),
                                    .fill = "f-warning",
                                    .v = s->errored };
        layers[2] = (struct layer){ .name = str_of(tr("crashed")),
                                    .fill = "f-fatal",
                                    .v = s->crashed };
        n = 3;

    } else {
        for (size_t i = 0; i < n; i++) {
            struct str name = s->groups[i].name;

            layers[i] =
                (struct layer){ .name = name.n > 0 ? name : STR("(none)"),
                                .fill = fills[i],
                                .v = s->groups[i].slots };
        }
        for (size_t k = 0; k < slots; k++) {
            other[k] = s->other.slots[k];
            for (size_t i = n; i < s->n; i++) {
                other[k] += s->groups[i].slots[k];
            }
        }
        if (s->n > n || s->others > 0) {
            layers[n++] = (struct layer){ .name = str_of(tr("other")),
                                          .fill = "f-c7",
                                          .v = other };
        }
    }
    chart_stack(v->rq->a, data_child(v->d, "Chart"), &v->span, layers, n, NULL,
                0);
}


static struct str
link_of(struct view *v, struct str name)
{
    struct request *rq = v->rq;
    struct str part = url_encode(rq->a, name);

    if (name.n == 0) {
        return STR_NULL;
    }
    if (v->q.by == SESSION_BY_ENVIRONMENT) {
        return query_with(rq->a, &rq->args, "environment", name);
    }
    return str_printf(rq->a, "/%.*s/%s/%.*s/", STR_FMT(rq->org->slug),
                      v->q.by == SESSION_BY_RELEASE ? "releases" : "projects",
                      STR_FMT(part));
}


static void
show_table(struct view *v)
{
    const struct session_sums *s = &v->now;

    if (v->q.by == SESSION_BY_NOTHING) {
        return;
    }
    data_tr(v->d, "head", keys[v->q.by].title);
    for (size_t i = 0; i < s->n; i++) {
        struct data *row = data_row(data_child(v->d, "Row"));

        data_str(row, "name",
                 s->groups[i].name.n > 0 ? s->groups[i].name : STR_NULL);
        data_str(row, "link", link_of(v, s->groups[i].name));
        show_health(v, row, &s->groups[i].sum);
    }
    if (s->others > 0) {
        show_health(v, data_child(v->d, "Other"), &s->other.sum);
        data_i64(data_child(v->d, "Other"), "groups", s->others);
    }
}


enum status
page_explore_sessions(struct request *rq, struct response *rs)
{
    struct view v;
    struct data *all = data_child(rs->data, "All");
    enum status st = read_view(rq, rs->data, &v);

    if (st != ST_OK || (st = read_before(&v)) != ST_OK
        || (st = explore_show_saved(rq, v.d, &rq->args, true)) != ST_OK) {
        return st;
    }
    show_form(&v);
    explore_show_session_alert(
        rq, v.d, &v.choice, v.q.release,
        health_crash_free(v.now.all.crashed, v.now.all.sessions));
    show_health(&v, all, &v.now.all);
    span_change(rq->a, all, "change", v.now.all.sessions, v.before.sessions);
    show_points(&v, all);
    show_chart(&v);
    show_table(&v);
    return ST_OK;
}


static void
line(struct buf *b, struct str name, const struct health *h)
{
    csv_field(b, name);
    buf_addf(b, ",%lld,%lld,%lld,%lld,%lld,%lld,%lld\r\n",
             (long long) h->sessions, (long long) h->crashed,
             (long long) h->unhandled, (long long) h->abnormal,
             (long long) h->errored, (long long) h->users,
             (long long) h->users_crashed);
}


enum status
page_explore_sessions_csv(struct request *rq, struct response *rs)
{
    struct buf b = buf_in(rq->a);
    struct view v;
    enum status st = read_view(rq, rs->data, &v);

    if (st != ST_OK) {
        return st;
    }
    buf_text(&b, v.q.by == SESSION_BY_NOTHING ? "group" : keys[v.q.by].name);
    buf_text(&b, ",sessions,crashed,unhandled,abnormal,errored,user_days,"
                 "user_days_crashed\r\n");
    for (size_t i = 0; i < v.now.n; i++) {
        line(&b, v.now.groups[i].name, &v.now.groups[i].sum);
    }
    if (v.now.others > 0) {
        line(&b, STR("(other)"), &v.now.other.sum);
    }
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a,
                               "attachment; filename=\"%.*s-sessions-%s.csv\"",
                               STR_FMT(rq->org->slug), v.span.name));
    response_raw(rs, "text/csv; charset=utf-8", buf_view(&b));
    return ST_OK;
}
