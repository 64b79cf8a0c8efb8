/*
 * page/release_list.c - /ORG/releases/: which releases there are, and how well
 * they do.
 *
 *     project, environment   choice.h
 *     range                  24h, 14d, 30d: what health is counted over
 *     q                      part of a version
 *     sort                   version: by semantic version; else by first event
 *     cursor                 pager.h
 *
 * Adoption is always that of the last 24 hours.
 */

#include "page/releases.h"

#include "model/organization.h"
#include "model/version.h"
#include "page/choice.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/chart.h"
#include "web/pager.h"
#include "web/platform.h"

#define TEXT_MAX 200

/* What is asked of each release. */
enum asked {
    OVER,    /* over the span */
    BEFORE,  /* the release before it, over the same */
    TODAY,   /* over the last 24 hours */
    PROJECT, /* its project, over the same */
    HOURS,   /* by slot of coarse */
    ASKS
};

/* A page of the list, while it is worked on. */
struct list {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct span span;
    struct release *rows;
    size_t n;
    int64_t *ids;
    struct release_ask *asks; /* ASKS of each release */
    struct span coarse;
    struct deploy *deploys;
    size_t ndeploys;
    struct release_mark *marks; /* by release */
};


static enum status
load_health(struct list *l)
{
    struct request *rq = l->rq;
    int64_t day = span_day(rq->now);
    enum status st;

    for (size_t i = 0; i < l->n; i++) {
        l->ids[i] = l->rows[i].id;
    }
    st = release_marks(rq->db, rq->a, rq->org->id, l->ids, l->n, &l->marks);
    if (st != ST_OK) {
        return st;
    }
    l->asks = arena_array(rq->a, l->n * ASKS, sizeof(*l->asks));
    for (size_t i = 0; i < l->n; i++) {
        const struct release *r = &l->rows[i];
        struct release_ask *ask = &l->asks[i * ASKS];

        ask[OVER] = (struct release_ask){
            .id = r->id, .from = l->span.from, .to = l->span.to, .slots = 1
        };
        ask[BEFORE] = ask[OVER];
        ask[BEFORE].id = l->marks[i].before;
        ask[TODAY] = (struct release_ask){
            .id = r->id, .from = day, .to = rq->now, .slots = 1
        };
        ask[PROJECT] = (struct release_ask){ .id = r->project_id,
                                             .project = true,
                                             .from = day,
                                             .to = rq->now,
                                             .slots = 1 };
        ask[HOURS] = (struct release_ask){ .id = r->id,
                                           .from = l->coarse.from,
                                           .to = l->coarse.to,
                                           .step = l->coarse.step,
                                           .slots = l->coarse.slots };
    }
    st = release_numbers(rq->db, rq->a, l->choice.environment, l->asks,
                         l->n * ASKS);
    return st == ST_OK ? release_deploys(rq->db, rq->a, l->ids, l->n,
                                         &l->deploys, &l->ndeploys)
                       : st;
}


static const struct health *
numbers(const struct list *l, size_t i, enum asked what)
{
    return l->asks[i * ASKS + what].v;
}


/* Sessions over time, or events of what sends none. */
static void
show_spark(struct list *l, struct data *row, size_t i)
{
    int64_t *v = arena_array(l->rq->a, l->coarse.slots, sizeof(int64_t));
    bool sessions = numbers(l, i, OVER)->sessions > 0;

    for (size_t k = 0; k < l->coarse.slots; k++) {
        const struct health *h = &numbers(l, i, HOURS)[k];

        v[k] = sessions ? h->sessions : h->events;
    }
    chart_spark(data_child(row, "Spark"),
                &(struct series){ .name = sessions ? "sessions" : "events",
                                  .v = v,
                                  .n = l->coarse.slots,
                                  .from = l->coarse.from,
                                  .step = l->coarse.step,
                                  .hot_from = l->coarse.slots });
}


/* Where it is: the latest deploy to each environment. */
static void
show_deploys(struct list *l, struct data *row, int64_t release)
{
    for (size_t i = 0; i < l->ndeploys; i++) {
        bool again = l->deploys[i].release_id != release;
        struct data *d;

        for (size_t k = 0; k < i && !again; k++) {
            again =
                l->deploys[k].release_id == release
                && str_eq(l->deploys[k].environment, l->deploys[i].environment);
        }
        if (!again) {
            d = data_row(data_child(row, "Deploy"));
            data_str(d, "environment", l->deploys[i].environment);
            data_time(d, "at", l->deploys[i].finished_at);
        }
    }
}


static void
show_capped(struct data *row, const char *name, const char *more, int64_t n)
{
    data_i64(row, name, n > RELEASE_COUNT_CAP ? RELEASE_COUNT_CAP : n);
    data_bool(row, more, n > RELEASE_COUNT_CAP);
}


/* Beside a rate how it differs from that of the release before, in points;
 * nothing where either is of too few. */
static void
show_points(struct list *l, struct data *row, const char *name, double now,
            int64_t sample_now, double then, int64_t sample_then)
{
    double points = now - then;
    struct data *d;

    if (sample_now < RELEASE_SAMPLE || sample_then < RELEASE_SAMPLE) {
        return;
    }
    d = data_child(row, name);
    data_str(d, "points",
             str_printf(l->rq->a, "%s%.2f",
                        points >= 0.005    ? "+"
                        : points <= -0.005 ? "\xE2\x88\x92"
                                           : "",
                        points < 0 ? -points : points));
    data_bool(d, "worse", points <= -0.005);
    data_bool(d, "better", points >= 0.005);
    data_str(d, "then", release_rate(l->rq->a, then));
}


static void
show_change(struct list *l, struct data *row, size_t i)
{
    const struct health *h = numbers(l, i, OVER), *b = numbers(l, i, BEFORE);

    if (l->marks[i].before == 0) {
        return;
    }
    data_str(row, "before", version_short(l->marks[i].before_version));
    show_points(l, row, "ByFree", health_crash_free(h->crashed, h->sessions),
                h->sessions, health_crash_free(b->crashed, b->sessions),
                b->sessions);
    show_points(l, row, "ByUsers",
                health_crash_free(h->users_crashed, h->users), h->users,
                health_crash_free(b->users_crashed, b->users), b->users);
}


static void
show_row(struct list *l, size_t i)
{
    struct arena *a = l->rq->a;
    const struct release *r = &l->rows[i];
    const struct health *h = numbers(l, i, OVER);
    struct data *row = data_row(data_child(l->d, "Release"));
    struct version v;

    version_parse(r->version, &v);
    data_str(row, "version", r->version);
    data_str(row, "short", version_short(r->version));
    data_str(row, "package", v.package.n > 0 ? v.package : STR_NULL);
    data_str(row, "build", v.build.n > 0 ? v.build : STR_NULL);
    data_str(row, "link", release_link(l->rq, r->version, r->project_slug));
    data_str(row, "project", r->project_slug);
    platform_fill(row, r->platform);
    data_time(row, "first_seen", r->first_seen);
    data_time(row, "last_seen", r->last_seen);
    data_time(row, "released", r->released_at);
    show_capped(row, "fresh", "fresh_more", r->new_issues);
    show_capped(row, "back", "back_more", l->marks[i].regressed);
    if (l->marks[i].authors > 0) {
        data_str(row, "authors", l->marks[i].names);
        data_i64(row, "others",
                 l->marks[i].authors > RELEASE_AUTHORS
                     ? l->marks[i].authors - RELEASE_AUTHORS
                     : 0);
    }
    data_i64(row, "events", h->events);
    data_i64(row, "sessions", h->sessions);
    release_show_rate(a, row, "free", h->crashed, h->sessions);
    release_show_rate(a, row, "users", h->users_crashed, h->users);
    release_show_adoption(a, row, numbers(l, i, TODAY)->sessions,
                          numbers(l, i, PROJECT)->sessions,
                          h->sessions > 2 * numbers(l, i, TODAY)->sessions);
    show_change(l, row, i);
    show_spark(l, row, i);
    show_deploys(l, row, r->id);
}


/* How many there would be without one part of what was asked for. */
static enum status
count(struct list *l, struct data *row, const struct release_filter *filter)
{
    struct request *rq = l->rq;
    struct release *rows;
    enum status st;
    bool more = false;
    size_t n = 0;

    st = release_list(rq->db, rq->a, rq->org->id, filter, 0, false, &rows, &n,
                      &more);
    choice_counted(row, (int64_t) n, more);
    return st;
}


static enum status
show_empty(struct list *l, const struct release_filter *filter)
{
    struct request *rq = l->rq;
    struct id_set seen = request_sees(rq);
    struct release_filter other;
    enum status st = ST_OK;

    if (choice_none_yet(rq, l->d, &l->choice)) {
        return ST_OK;
    }
    if (filter->text.n > 0) {
        other = *filter;
        other.text = STR_NULL;
        st = count(l,
                   choice_without(l->d, NULL, filter->text,
                                  query_with(rq->a, &rq->args, "q", STR_NULL)),
                   &other);
    }
    if (st == ST_OK && !str_null(filter->environment)) {
        other = *filter;
        other.environment = STR_NULL;
        st = count(l,
                   choice_without(
                       l->d, N_("All environments"), STR_NULL,
                       query_with(rq->a, &rq->args, "environment", STR_NULL)),
                   &other);
    }
    if (st == ST_OK && l->choice.chosen > 0) {
        other = *filter;
        other.projects = &seen;
        st = count(
            l,
            choice_without(l->d, N_("All projects"), STR_NULL,
                           query_with(rq->a, &rq->args, "project", STR_NULL)),
            &other);
    }
    return st;
}


static void
show_frame(struct list *l, struct str q, bool by_version)
{
    struct request *rq = l->rq;

    span_show(l->d, rq, &l->span);
    data_str(l->d, "q", q);
    data_bool(l->d, "by_version", by_version);
    data_str(l->d, "link_time", query_with(rq->a, &rq->args, "sort", STR_NULL));
    data_str(l->d, "link_version",
             query_with(rq->a, &rq->args, "sort", STR("version")));
    data_str(l->d, "here",
             str_printf(rq->a, "/%.*s/releases/", STR_FMT(rq->org->slug)));
    data_bool(l->d, "filtered",
              q.n > 0 || request_arg(rq, "project").n > 0
                  || !str_null(l->choice.environment));
}


enum status
page_release_list(struct request *rq, struct response *rs)
{
    struct list l = { .rq = rq, .d = rs->data, .span = span_read(rq) };
    struct pager pager = pager_read(rq), first = { 0 }, last = { 0 };
    bool by_version = str_is(request_arg(rq, "sort"), "version"), more;
    struct str q = str_cut(str_trim(request_arg(rq, "q")), TEXT_MAX);
    struct release_filter filter = { .text = q, .by_version = by_version };
    enum status st;

    if ((st = choice_read(rq, rs->data, &l.choice)) != ST_OK) {
        return st;
    }
    filter.projects = &l.choice.projects;
    filter.environment = l.choice.environment;
    st = release_list(rq->db, rq->a, rq->org->id, &filter,
                      pager.set ? pager.id : 0, pager.set && pager.backward,
                      &l.rows, &l.n, &more);
    if (st != ST_OK) {
        return st;
    }
    show_frame(&l, q, by_version);
    if (l.n == 0 && (st = show_empty(&l, &filter)) != ST_OK) {
        return st;
    }
    l.coarse = span_coarse(&l.span);
    l.ids = arena_array(rq->a, l.n, sizeof(int64_t));
    if (l.n > 0) {
        if ((st = load_health(&l)) != ST_OK) {
            return st;
        }
        first = (struct pager){ .set = true, .id = l.rows[0].id };
        last = (struct pager){ .set = true, .id = l.rows[l.n - 1].id };
    }
    for (size_t i = 0; i < l.n; i++) {
        show_row(&l, i);
    }
    pager_show(rs->data, rq, &pager, l.n, more, first, last);
    data_i64(rs->data, "n", (int64_t) l.n);
    return ST_OK;
}
