/*
 * page/project.c - /ORG/projects/PROJECT/: one project at a glance, or how to
 * set it up while nothing has come.
 *
 *     range  24h, 14d, 30d
 *     by     level; outcome
 *
 * Numbers of the strip and of the outcomes are from the ledger, levels and tags
 * from counters that follow it by seconds (model/overview.h).
 */

#include "model/project.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/overview.h"
#include "page/issue.h"
#include "page/map.h"
#include "page/pages.h"
#include "page/project_side.h"
#include "page/stats.h"
#include "util/lang.h"
#include "web/login.h"

#define RELEASES 3 /* flags on the chart */

/* A card for each; the first ones stand first. */
static const struct {
    const char *key;
    const char *title;
} cards[] = {
    { "environment", "Environment" }, { "release", "Release" },
    { "error.type", N_("Type") },     { "runtime", N_("Runtime") },
    { "browser", "Browser" },         { "os", "Operating system" },
    { "device", N_("Device") },       { "server_name", N_("Server") },
};

/* On the map. */
#define COUNTRY "geo.country_code"
#define COUNTRY_ROWS 10

#define CARDS (sizeof(cards) / sizeof(cards[0]))

static const char *const level_fills[OVERVIEW_LEVELS] = { "f-fatal", "f-error",
                                                          "f-warning", "f-info",
                                                          "f-c7" };

/* One request, while it is worked on. */
struct glance {
    struct request *rq;
    struct data *d;
    struct span span;
    struct overview_query q;
    struct flag releases[RELEASES];
    size_t nreleases;
    struct str newest; /* release; null: none of the span */
};


/* The stream with this search in this project. */
static struct str
stream_link(struct glance *g, struct str term)
{
    struct request *rq = g->rq;

    return str_printf(rq->a, "/%.*s/issues/?project=%.*s&q=%.*s",
                      STR_FMT(rq->org->slug),
                      STR_FMT(url_encode(rq->a, rq->project->slug)),
                      STR_FMT(url_encode(rq->a, term)));
}


static enum status
show_outcomes(struct glance *g, struct stats_chart *chart)
{
    struct request *rq = g->rq;
    struct stats_query q = {
        .organization_id = rq->org->id,
        .projects = &rq->project->id,
        .nprojects = 1,
        .before = span_before(&g->span),
        .from = g->span.from,
        .to = g->span.to,
        .categories = stats_event_categories,
        .ncategories = STATS_EVENT_CATEGORIES,
    };
    enum status st;

    st = stats_chart(rq->db, rq->a, &q, g->span.step, g->span.slots, chart);
    if (st == ST_OK) {
        stats_strip(rq->a, g->d, chart);
    }
    return st;
}


/* How many issues want a look; one statement. */
static enum status
show_counts(struct glance *g)
{
    struct request *rq = g->rq;
    struct id_set set = { .limited = true, .ids = &rq->project->id, .n = 1 };
    struct issue_counts counts;
    enum status st;

    st = issue_counts(rq->db, rq->a, rq->org->id, &rq->access, &set,
                      !str_null(rq->login->flash), &counts);
    if (st != ST_OK) {
        return st;
    }
    data_i64(g->d, "open",
             counts.unresolved > ISSUE_COUNT_CAP ? ISSUE_COUNT_CAP
                                                 : counts.unresolved);
    data_bool(g->d, "open_more", counts.unresolved > ISSUE_COUNT_CAP);
    data_i64(g->d, "review", counts.for_review);
    data_i64(g->d, "regressed", counts.regressed);
    return ST_OK;
}


static void
show_tag(struct glance *g, struct data *list, const struct overview_tag *tag,
         int64_t most)
{
    struct data *row = data_row(list);
    bool type = str_is(tag->key, "error.type");
    struct str term =
        type ? str_printf(g->rq->a, "\"%.*s\"", STR_FMT(tag->value))
             : issue_tag_term(g->rq->a, tag->key, tag->value);

    data_str(row, "value", tag->value);
    data_i64(row, "n", tag->times_seen);
    data_str(row, "width",
             str_printf(g->rq->a, "%.1f",
                        (double) tag->times_seen * 100 / (double) most));
    data_str(row, "link", stream_link(g, term));
}


static void
show_card(struct glance *g, size_t card, const struct overview_tag *tags,
          size_t n)
{
    struct data *d = data_row(data_child(g->d, "Card"));
    struct data *list = data_child(d, "Value");
    int64_t most = 1, shown = 0, total = 0, values = 0;
    int64_t listed = 0;

    data_tr(d, "title", cards[card].title);
    for (size_t i = 0; i < n; i++) {
        const struct overview_tag *tag = &tags[i];

        if (!str_is(tag->key, cards[card].key) || tag->place > OVERVIEW_TOP) {
            continue;
        }
        most = tag->place == 1 ? tag->times_seen : most;
        show_tag(g, list, tag, most);
        shown += tag->times_seen;
        total = tag->total;
        values = tag->values;
        listed++;
    }
    if (values > listed) {
        struct data *row = data_row(list);

        data_i64(row, "others", values - listed);
        data_i64(row, "n", total - shown);
        data_str(row, "width",
                 str_printf(g->rq->a, "%.1f",
                            total - shown > most ? 100.0
                                                 : (double) (total - shown)
                                                       * 100 / (double) most));
    }
}


static void
show_map(struct glance *g, const struct overview_tag *tags, size_t n)
{
    struct map_count *counts = arena_array(g->rq->a, n, sizeof(*counts));
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        if (str_is(tags[i].key, COUNTRY)) {
            counts[found++] = (struct map_count){
                .code = tags[i].value,
                .n = tags[i].times_seen,
                .link = stream_link(
                    g, issue_tag_term(g->rq->a, tags[i].key, tags[i].value)),
            };
        }
    }
    if (found > 0) {
        map_fill(g->rq->a, data_child(g->d, "Map"), counts, found,
                 COUNTRY_ROWS);
    }
}


/* The flags of the chart and the strip's newest release. */
static void
take_release(struct glance *g, const struct overview_tag *tag)
{
    if (!str_is(tag->key, "release") || tag->age > RELEASES) {
        return;
    }
    if (tag->age == 1) {
        g->newest = tag->value;
        data_str(g->d, "release", issue_release(tag->value));
        data_time(g->d, "release_at", tag->first_seen);
    }
    g->releases[g->nreleases++] =
        (struct flag){ tag->first_seen, issue_release(tag->value) };
}


static enum status
show_tags(struct glance *g)
{
    struct str keys[CARDS + 1];
    struct overview_tag *tags;
    enum status st;
    size_t n, nkeys = 0;

    for (size_t i = 0; i < CARDS; i++) {
        keys[nkeys++] = str_of(cards[i].key);
    }
    keys[nkeys++] = STR(COUNTRY);
    st = overview_tags(g->rq->db, g->rq->a, &g->q, keys, nkeys, &tags, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < CARDS; i++) {
        show_card(g, i, tags, n);
    }
    show_map(g, tags, n);
    for (size_t i = 0; i < n; i++) {
        take_release(g, &tags[i]);
    }
    return ST_OK;
}


static enum status
show_levels(struct glance *g)
{
    struct layer layers[OVERVIEW_LEVELS];
    struct overview_levels counts;
    enum status st;
    size_t n = 0;

    st = overview_levels(g->rq->db, g->rq->a, &g->q, g->span.step,
                         g->span.slots, &counts);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < OVERVIEW_LEVELS; i++) {
        bool any = false;

        for (size_t k = 0; k < g->span.slots; k++) {
            any = any || counts.n[i][k] > 0;
        }
        if (any) {
            layers[n++] =
                (struct layer){ .name = str_of(tr(overview_level_names[i])),
                                .fill = level_fills[i],
                                .v = counts.n[i] };
        }
    }
    chart_stack(g->rq->a, data_child(g->d, "Chart"), &g->span, layers, n,
                g->releases, g->nreleases);
    data_str(data_child(g->d, "Chart"), "explore",
             str_printf(g->rq->a, "/%.*s/explore/?by=level&project=%.*s",
                        STR_FMT(g->rq->org->slug),
                        STR_FMT(g->rq->project->slug)));
    return ST_OK;
}


static enum status
show_issues(struct glance *g)
{
    struct span span = span_coarse(&g->span);
    struct overview_issue *list;
    int64_t ids[3 * OVERVIEW_TOP], *counts;
    enum status st;
    size_t n;

    st = overview_issues(g->rq->db, g->rq->a, &g->q, g->newest, &list, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = list[i].issue.id;
    }
    st = issue_hours(g->rq->db, g->rq->a, ids, (int) n, span.from, span.step,
                     (int) span.slots, &counts);
    if (st != ST_OK) {
        return st;
    }
    for (int place = 1; place <= OVERVIEW_TOP; place++) {
        for (size_t i = 0; i < n; i++) {
            if (list[i].newest == place) {
                issue_mini(g->rq, data_row(data_child(g->d, "Newest")),
                           &list[i].issue, counts + i * span.slots, &span);
            }
            if (list[i].fresh == place) {
                issue_mini(g->rq, data_row(data_child(g->d, "Fresh")),
                           &list[i].issue, counts + i * span.slots, &span);
            }
            if (list[i].frequent == place) {
                issue_mini(g->rq, data_row(data_child(g->d, "Frequent")),
                           &list[i].issue, counts + i * span.slots, &span);
            }
        }
    }
    return ST_OK;
}


static enum status
show_glance(struct glance *g)
{
    bool outcomes = str_is(request_arg(g->rq, "by"), "outcome");
    struct stats_chart chart;
    enum status st;

    span_show(g->d, g->rq, &g->span);
    data_bool(g->d, "outcomes", outcomes);
    data_str(g->d, "link_level",
             query_with(g->rq->a, &g->rq->args, "by", STR_NULL));
    data_str(g->d, "link_outcome",
             query_with(g->rq->a, &g->rq->args, "by", STR("outcome")));

    if ((st = show_outcomes(g, &chart)) != ST_OK
        || (st = show_counts(g)) != ST_OK || (st = show_tags(g)) != ST_OK
        || (st = show_issues(g)) != ST_OK
        || (st = project_side(g->rq, g->d, &g->q, g->newest)) != ST_OK) {
        return st;
    }
    if (outcomes) {
        stats_draw(g->rq->a, data_child(g->d, "Chart"), &g->span, &chart);
        return ST_OK;
    }
    return show_levels(g);
}


enum status
page_project(struct request *rq, struct response *rs)
{
    struct glance g = { .rq = rq, .d = rs->data, .span = span_read(rq) };

    g.newest = STR_NULL;
    if (rq->project->first_event_at == 0) {
        response_redirect(
            rs, str_printf(rq->a, "/%.*s/projects/%.*s/getting-started/",
                           STR_FMT(rq->org->slug), STR_FMT(rq->project->slug)));
        return ST_OK;
    }
    g.q = (struct overview_query){ .organization_id = rq->org->id,
                                   .project_id = rq->project->id,
                                   .from = g.span.from,
                                   .to = g.span.to };
    if (g.q.to > rq->now) {
        /* counters by day serve for today */
        g.q.to += (US_PER_DAY - g.q.to % US_PER_DAY) % US_PER_DAY;
    }
    return show_glance(&g);
}
