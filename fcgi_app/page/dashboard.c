/*
 * page/dashboard.c - /ORG/dashboard/: an organisation at a glance, and the way
 * there from /ORG/.
 *
 * Everything is from counters: the ledger (exact), and the states of the 999
 * unresolved issues that were seen last.
 *
 *     range   24h, 14d, 30d, or any two times
 *     review  all; else issues of the reader's teams only
 *
 * Of many projects these are tens of
 * thousands of rows to add up: there the sums may be a minute old.
 */

#include "page/dashboard.h"

#include <stdlib.h>

#include "model/account.h"
#include "model/affected.h"
#include "model/organization.h"
#include "model/overview.h"
#include "model/project.h"
#include "page/issue.h"
#include "page/map.h"
#include "page/pages.h"
#include "page/reason.h"
#include "page/stats.h"
#include "util/lang.h"
#include "web/chart.h"
#include "web/health.h"
#include "web/platform.h"
#include "web/route.h"

#define CARDS STATS_PROJECTS_MAX /* no more than RELEASE_OWN */
#define SERIES 5                 /* of the chart; the rest is "other" */
#define ISSUES 6
#define COUNTRIES 6       /* in the table */
#define COUNTRIES_MAX 300 /* on the map */
#define KEEP_SECONDS 60

static const char *const fills[SERIES] = { "f-c1", "f-c2", "f-c3", "f-c4",
                                           "f-c5" };

/* One request, while it is worked on. */
struct board {
    struct request *rq;
    struct data *d;
    struct span span;
    struct project *projects; /* of the organisation */
    size_t nprojects;
    int64_t stars[CARDS]; /* favourites, which have a card first */
    size_t nstars;
    struct stats_query q;
    struct stats_projects stats;
    struct overview_review *review;
    size_t nreview;
    struct overview_news found;
    const struct project *cards[CARDS];
    size_t ncards;
    struct release_news *news;
    bool mine; /* for review: of the reader's teams only */
};


static bool
any_events(const struct project *projects, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (projects[i].first_event_at != 0) {
            return true;
        }
    }
    return false;
}


static const struct project *
project_of(const struct board *b, int64_t id)
{
    for (size_t i = 0; i < b->nprojects; i++) {
        if (b->projects[i].id == id) {
            return &b->projects[i];
        }
    }
    return NULL;
}


static struct overview_review
review_of(const struct board *b, int64_t project_id)
{
    for (size_t i = 0; i < b->nreview; i++) {
        if (b->review[i].project_id == project_id) {
            return b->review[i];
        }
    }
    return (struct overview_review){ 0 };
}


/* How old sums may be. */
static int
keep(const struct board *b)
{
    return b->nprojects > PROJECTS_MANY ? KEEP_SECONDS : 0;
}


static int
by_id(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}


static enum status
read_numbers(struct board *b)
{
    struct request *rq = b->rq;
    int64_t *ids = arena_array(rq->a, b->nprojects, sizeof(*ids));
    enum status st;

    for (size_t i = 0; i < b->nprojects; i++) {
        ids[i] = b->projects[i].id;
        if (b->projects[i].starred && b->nstars < CARDS) {
            b->stars[b->nstars++] = ids[i];
        }
    }
    /* in one order for all readers, whose answers are kept */
    qsort(ids, b->nprojects, sizeof(*ids), by_id);
    b->q = (struct stats_query){
        .organization_id = rq->org->id,
        .projects = ids,
        .nprojects = b->nprojects,
        .before = span_before(&b->span),
        .from = b->span.from,
        .to = b->span.to,
        .categories = stats_event_categories,
        .ncategories = STATS_EVENT_CATEGORIES,
        .keep = keep(b),
        .wanted = b->stars,
        .nwanted = b->nstars,
    };
    st = stats_projects(rq->db, rq->a, &b->q, b->span.step, b->span.slots,
                        &b->stats);
    if (st != ST_OK) {
        return st;
    }
    return overview_review(rq->db, rq->a, rq->org->id, &rq->access,
                           b->span.from, b->q.before, &b->review, &b->nreview,
                           &b->found);
}


/* How many issues the span has brought. */
static void
show_new(struct board *b)
{
    int64_t n = b->found.issues, before = b->found.before;
    bool more = n > ISSUE_COUNT_CAP;

    data_i64(b->d, "came", more ? ISSUE_COUNT_CAP : n);
    data_bool(b->d, "came_more", more);
    if (!more && before <= ISSUE_COUNT_CAP) {
        span_change(b->rq->a, b->d, "came_change", n, before);
    }
    data_bool(b->d, "came_before", before > 0);
}


/* Of the whole organisation: for who sees all of it. */
static void
show_users(struct board *b)
{
    struct request *rq = b->rq;
    struct affected users;

    if (!rq->access.all
        || affected_count(rq->redis, rq->a, rq->org->id, b->q.before,
                          b->span.from, b->span.to, &users)
               != ST_OK) {
        return;
    }
    data_i64(b->d, "users", users.now);
    data_time(b->d, "users_since", users.since);
    if (users.before >= 0) {
        span_change(rq->a, b->d, "users_change", users.now, users.before);
    }
}


static void
show_strip(struct board *b)
{
    int64_t fresh = 0, regressed = 0, escalating = 0, open_issues = 0, delay;

    for (size_t i = 0; i < b->nreview; i++) {
        fresh += b->review[i].fresh;
        regressed += b->review[i].regressed;
        escalating += b->review[i].escalating;
        open_issues += b->review[i].unresolved;
    }
    stats_strip(b->rq->a, b->d, &b->stats.sum);
    data_i64(b->d, "open", open_issues);
    data_bool(b->d, "open_more", open_issues >= ISSUE_COUNT_CAP);
    data_i64(b->d, "review", fresh + regressed + escalating);
    data_i64(b->d, "fresh", fresh);
    data_i64(b->d, "regressed", regressed);
    data_time(b->d, "newest", b->found.newest);
    show_new(b);
    data_i64(b->d, "back", b->found.regressions);
    span_change(b->rq->a, b->d, "back_change", b->found.regressions,
                b->found.regressions_before);
    show_users(b);
    if (health_delay(b->rq, &delay)) {
        data_i64(b->d, "delay", delay);
    }
}


/* A project's card: its bars, its numbers, the change. */
static void
show_card(struct board *b, const struct project *project,
          const struct stats_project *stats)
{
    struct data *row = data_row(data_child(b->d, "Projects"));
    struct overview_review review = review_of(b, project->id);
    struct span span = span_coarse(&b->span);
    int64_t v[SPAN_SLOTS_MAX] = { 0 };
    size_t merge = b->span.slots / span.slots;

    for (size_t i = 0; stats != NULL && i < b->span.slots; i++) {
        v[i / merge] += stats->n[i];
    }
    data_str(row, "slug", project->slug);
    data_str(row, "name", project->name);
    data_bool(row, "starred", project->starred);
    platform_fill(row, project->platform);
    data_bool(row, "waiting", project->first_event_at == 0);
    data_i64(row, "events", stats != NULL ? stats->total : 0);
    data_i64(row, "open", review.unresolved);
    data_i64(row, "fresh", review.fresh);
    dashboard_card(b->rq, row, b->news, project->id);
    if (stats != NULL) {
        span_change(b->rq->a, row, "change", stats->total, stats->before);
    }
    chart_card(data_child(row, "Chart"), &(struct series){
                                             .name = "events",
                                             .v = v,
                                             .n = span.slots,
                                             .from = span.from,
                                             .step = span.step,
                                             .hot_from = span.slots,
                                         });
}


static const struct stats_project *
stats_of(const struct board *b, int64_t id)
{
    for (size_t i = 0; i < b->stats.n; i++) {
        if (b->stats.v[i].id == id) {
            return &b->stats.v[i];
        }
    }
    return NULL;
}


/* Which projects have a card: favourites, then the busiest, then others by
 * name as long as there is room. */
static void
choose_cards(struct board *b)
{
    const struct project **cards = b->cards;
    size_t n = 0;

    while (n < b->nprojects && n < CARDS && b->projects[n].starred) {
        cards[n] = &b->projects[n];
        n++;
    }
    for (size_t i = 0; i < b->stats.n && n < CARDS; i++) {
        const struct project *p = project_of(b, b->stats.v[i].id);

        if (p != NULL && !p->starred && b->stats.v[i].total > 0) {
            cards[n++] = p;
        }
    }
    for (size_t i = 0; i < b->nprojects && n < CARDS; i++) {
        const struct stats_project *s = stats_of(b, b->projects[i].id);

        if (!b->projects[i].starred && (s == NULL || s->total == 0)) {
            cards[n++] = &b->projects[i];
        }
    }
    b->ncards = n;
}


static enum status
read_news(struct board *b)
{
    struct request *rq = b->rq;
    int64_t ids[CARDS];

    for (size_t i = 0; i < b->ncards; i++) {
        ids[i] = b->cards[i]->id;
    }
    return dashboard_news(rq, b->q.projects, b->nprojects, ids, b->ncards,
                          b->span.from, keep(b), &b->news);
}


static void
show_cards(struct board *b)
{
    for (size_t i = 0; i < b->ncards; i++) {
        show_card(b, b->cards[i], stats_of(b, b->cards[i]->id));
    }
    data_i64(b->d, "hidden", (int64_t) (b->nprojects - b->ncards));
}


static void
show_chart(struct board *b)
{
    struct layer layers[SERIES + 1];
    struct flag flags[DASHBOARD_FLAGS];
    size_t nflags;
    int64_t *other = arena_array(b->rq->a, b->span.slots, sizeof(*other));
    bool rest = false;
    size_t n = 0;

    for (size_t i = 0; i < b->stats.n; i++) {
        const struct stats_project *s = &b->stats.v[i];
        const struct project *p = project_of(b, s->id);

        if (s->total == 0) {
            continue;
        }
        if (p != NULL && n < SERIES) {
            layers[n] =
                (struct layer){ .name = p->slug, .fill = fills[n], .v = s->n };
            n++;
            continue;
        }
        for (size_t k = 0; k < b->span.slots; k++) {
            other[k] += s->n[k];
        }
        rest = true;
    }
    if (rest) {
        layers[n++] = (struct layer){ .name = str_of(tr("other")),
                                      .fill = "f-c7",
                                      .v = other };
    }
    nflags = dashboard_releases(b->rq, b->d, b->news, flags);
    chart_stack(b->rq->a, data_child(b->d, "Chart"), &b->span, layers, n, flags,
                nflags);
    data_str(data_child(b->d, "Chart"), "explore",
             str_printf(b->rq->a, "/%.*s/explore/?by=project",
                        STR_FMT(b->rq->org->slug)));
}


static void
show_reasons(struct board *b)
{
    const struct stats_reason *reasons = b->stats.reasons;
    struct data *list = data_child(b->d, "Reason");

    for (size_t i = 0; i < b->stats.nreasons; i++) {
        struct data *row = data_row(list);

        reason_show(b->rq->a, row, reasons[i].reason);
        data_tr(row, "outcome", outcome_looks[reasons[i].outcome].title);
        data_text(row, "class", outcome_looks[reasons[i].outcome].fill);
        data_i64(row, "n", reasons[i].quantity);
        data_str(row, "width",
                 str_printf(b->rq->a, "%.1f",
                            (double) reasons[i].quantity * 100
                                / (double) reasons[0].quantity));
    }
}


/* Of the reader's teams, if these do not have all that there is; ?review=all.
 */
static void
read_mine(struct board *b, struct id_set *set)
{
    struct request *rq = b->rq;
    size_t own = 0;

    for (size_t i = 0; i < b->nprojects; i++) {
        own += access_own(&rq->access, b->projects[i].id);
    }
    if (own == 0 || own == b->nprojects) {
        return;
    }
    b->mine = !str_is(request_arg(rq, "review"), "all");
    data_bool(b->d, "teams", true);
    data_bool(b->d, "mine", b->mine);
    data_str(b->d, "link_mine",
             query_with(rq->a, &rq->args, "review", STR_NULL));
    data_str(b->d, "link_all",
             query_with(rq->a, &rq->args, "review", STR("all")));
    if (b->mine) {
        *set = (struct id_set){ true, rq->access.projects, rq->access.n };
    }
}


/* New, regressed and escalating issues, those that were seen last. */
static enum status
show_issues(struct board *b)
{
    struct request *rq = b->rq;
    struct search_names names = { .account_id = rq->account->id };
    struct span span = span_coarse(&b->span);
    struct issue_query query;
    struct issue_list page;
    int64_t ids[ISSUES], *counts;
    enum status st;
    int n;

    issue_query_parse(rq->a, STR("is:for_review"), &names, &query);
    read_mine(b, &query.filter.projects);
    st = issue_list(rq->db, rq->a, rq->org->id, &rq->access, &query.filter,
                    ISSUE_BY_LAST_SEEN, &(struct issue_cursor){ .near = true },
                    &page);
    if (st != ST_OK) {
        return st;
    }
    n = page.n < ISSUES ? page.n : ISSUES;
    data_bool(b->d, "acts", request_may(rq, "event:write"));
    for (int i = 0; i < n; i++) {
        ids[i] = page.rows[i].id;
    }
    st = issue_hours(rq->db, rq->a, ids, n, span.from, span.step,
                     (int) span.slots, &counts);
    for (int i = 0; st == ST_OK && i < n; i++) {
        issue_mini(rq, data_row(data_child(b->d, "Issue")), &page.rows[i],
                   counts + (size_t) i * span.slots, &span);
    }
    return st;
}


static int
by_review(const void *left, const void *right)
{
    const struct overview_review *a = left, *b = right;
    int64_t x = a->fresh + a->regressed + a->escalating;
    int64_t y = b->fresh + b->regressed + b->escalating;

    return x != y ? (x > y ? -1 : 1)
                  : (a->project_id > b->project_id)
                        - (a->project_id < b->project_id);
}


/* Which projects want a look most. */
static void
show_review(struct board *b)
{
    struct data *list = data_child(b->d, "Review");

    qsort(b->review, b->nreview, sizeof(*b->review), by_review);
    for (size_t i = 0; i < b->nreview && i < ISSUES; i++) {
        const struct overview_review *r = &b->review[i];
        const struct project *p = project_of(b, r->project_id);
        int64_t n = r->fresh + r->regressed + r->escalating;
        struct data *row;

        if (p == NULL || n == 0) {
            continue;
        }
        row = data_row(list);
        data_str(row, "slug", p->slug);
        data_i64(row, "n", n);
        data_i64(row, "fresh", r->fresh);
        data_i64(row, "regressed", r->regressed);
        data_i64(row, "escalating", r->escalating);
    }
}


static enum status
show_countries(struct board *b)
{
    struct request *rq = b->rq;
    struct overview_country *list;
    struct map_count *counts;
    enum status st;
    size_t n;

    st = overview_countries(rq->db, rq->a, rq->org->id, &rq->access,
                            b->span.from, COUNTRIES_MAX, keep(b), &list, &n);
    if (st != ST_OK || n == 0) {
        return st;
    }
    counts = arena_array(rq->a, n, sizeof(*counts));
    for (size_t i = 0; i < n; i++) {
        struct str term =
            issue_tag_term(rq->a, STR("geo.country_code"), list[i].code);

        counts[i] = (struct map_count){
            .code = list[i].code,
            .n = list[i].times_seen,
            .link = str_printf(rq->a, "/%.*s/issues/?q=%.*s",
                               STR_FMT(rq->org->slug),
                               STR_FMT(url_encode(rq->a, term))),
        };
    }
    map_fill(rq->a, data_child(b->d, "Map"), counts, n, COUNTRIES);
    return ST_OK;
}


enum status
page_dashboard(struct request *rq, struct response *rs)
{
    struct board b = { .rq = rq, .d = rs->data, .span = span_read(rq) };
    enum status st;

    st = request_projects(rq, &b.projects, &b.nprojects);
    if (st != ST_OK) {
        return st;
    }
    span_show(b.d, rq, &b.span);
    if (!any_events(b.projects, b.nprojects)) {
        data_bool(b.d, "some_hidden", !rq->access.all);
        if (b.nprojects > 0) {
            data_str(b.d, "waiting", b.projects[0].slug);
        }
        return ST_OK;
    }
    data_bool(b.d, "any", true);
    if ((st = read_numbers(&b)) != ST_OK) {
        return st;
    }
    choose_cards(&b);
    if ((st = read_news(&b)) != ST_OK || (st = show_issues(&b)) != ST_OK
        || (st = show_countries(&b)) != ST_OK) {
        return st;
    }
    show_reasons(&b);
    show_strip(&b);
    show_cards(&b);
    show_review(&b);
    show_chart(&b);
    return dashboard_alerts(rq, b.d);
}


/* /ORG/: the dashboard, or the projects while there is nothing to show. */
enum status
page_organization(struct request *rq, struct response *rs)
{
    struct project *projects;
    enum status st;
    size_t n;

    st = request_projects(rq, &projects, &n);
    if (st != ST_OK) {
        return st;
    }
    if (!any_events(projects, n)) {
        return page_project_list(rq, rs);
    }
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/dashboard/", STR_FMT(rq->org->slug)));
    return ST_OK;
}
