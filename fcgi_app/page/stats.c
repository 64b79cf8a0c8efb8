/*
 * page/stats.c - /ORG/stats/: what was received and what became of it.
 *
 *     range     24h, 14d, 30d
 *     project   a slug; absent: all
 *     category  one of protocol.md 5.1; absent: all that are events
 *
 * /ORG/stats/csv/ is the same as a file, one row an outcome and bucket.
 */

#include "page/stats.h"

#include "model/organization.h"
#include "model/project.h"
#include "model/refused.h"
#include "page/pages.h"
#include "page/reason.h"
#include "util/lang.h"
#include "web/csv.h"
#include "web/route.h"
#include "web/show.h"

#define ROWS_MAX 10    /* of a table; the rest is one row */
#define CHOICES_MAX 40 /* projects in the menu */

/* In the order of enum stats_outcome, which is the order of the stack. */
const struct outcome_look outcome_looks[STATS_OUTCOMES] = {
    [STATS_INVALID] = { N_("invalid"), N_("Invalid"), "f-error" },
    [STATS_LIMITED] = { N_("rate limited"), N_("Rate limited"), "f-warning" },
    [STATS_FILTERED] = { N_("filtered"), N_("Filtered"), "f-c7" },
    [STATS_OTHER] = { N_("other"), N_("Other"), "f-c5" },
    [STATS_DISCARDED] = { N_("discarded by clients"),
                          N_("Discarded by clients"), "f-c2" },
    [STATS_ACCEPTED] = { N_("accepted"), N_("Accepted"), "f-c1" },
};

/* One request, while it is worked on. */
struct stats {
    struct request *rq;
    struct data *d;
    struct span span;
    struct project *projects; /* of the organisation */
    size_t nprojects;
    const struct project *chosen; /* NULL: all */
    struct str category;          /* the null str: events */
    struct stats_query q;
    struct stats_sample *samples;
    size_t nsamples;
    struct str *refused; /* reasons of which payloads are kept */
    size_t nrefused;
};


void
stats_draw(struct arena *a, struct data *d, const struct span *span,
           const struct stats_chart *chart)
{
    struct layer layers[STATS_OUTCOMES];
    size_t n = 0;

    for (int i = 0; i < STATS_OUTCOMES; i++) {
        if (chart->total[i] > 0) {
            layers[n++] =
                (struct layer){ .name = str_of(tr(outcome_looks[i].title)),
                                .fill = outcome_looks[i].fill,
                                .v = chart->n[i] };
        }
    }
    chart_stack(a, d, span, layers, n, NULL, 0);
}


void
stats_strip(struct arena *a, struct data *d, const struct stats_chart *chart)
{
    struct data *strip = data_child(d, "Strip");
    int64_t invalid = chart->total[STATS_INVALID] + chart->total[STATS_OTHER];

    data_i64(strip, "accepted", chart->total[STATS_ACCEPTED]);
    span_change(a, strip, "accepted_change", chart->total[STATS_ACCEPTED],
                chart->before);
    data_i64(strip, "filtered", chart->total[STATS_FILTERED]);
    data_i64(strip, "limited", chart->total[STATS_LIMITED]);
    data_i64(strip, "invalid", invalid);
    data_i64(strip, "refused",
             chart->total[STATS_FILTERED] + chart->total[STATS_LIMITED]
                 + invalid);
    span_change(a, strip, "refused_change",
                chart->total[STATS_FILTERED] + chart->total[STATS_LIMITED]
                    + invalid,
                chart->refused_before);
    data_i64(strip, "discarded", chart->total[STATS_DISCARDED]);
    span_change(a, strip, "discarded_change", chart->total[STATS_DISCARDED],
                chart->discarded_before);
}


static bool
counts_bytes(struct str category)
{
    return str_is(category, "log_byte") || str_is(category, "attachment");
}


/* The query of the address; ST_NOT_FOUND for a project that is none. */
static enum status
read_query(struct stats *s)
{
    struct request *rq = s->rq;
    struct str slug = request_arg(rq, "project");
    struct str category = request_arg(rq, "category");
    int64_t *ids;
    enum status st;

    st = request_projects(rq, &s->projects, &s->nprojects);
    if (st != ST_OK) {
        return st;
    }
    ids = arena_array(rq->a, s->nprojects + 1, sizeof(*ids));
    for (size_t i = 0; i < s->nprojects; i++) {
        if (slug.n > 0 && !str_eq(s->projects[i].slug, slug)) {
            continue;
        }
        ids[s->q.nprojects++] = s->projects[i].id;
        s->chosen = slug.n > 0 ? &s->projects[i] : NULL;
    }
    if (slug.n > 0 && s->chosen == NULL) {
        return ST_NOT_FOUND;
    }
    s->span = span_read(rq);
    s->q.organization_id = rq->org->id;
    s->q.projects = ids;
    s->q.before = s->span.from;
    s->q.from = s->span.from;
    s->q.to = s->span.to;
    s->q.categories = stats_event_categories;
    s->q.ncategories = STATS_EVENT_CATEGORIES;
    if (category.n > 0) {
        struct str *one = arena_array(rq->a, 1, sizeof(*one));

        *one = str_cut(category, 64);
        s->category = *one;
        s->q.categories = one;
        s->q.ncategories = 1;
    }
    return ST_OK;
}


static struct str
slug_of(const struct stats *s, int64_t id)
{
    for (size_t i = 0; i < s->nprojects; i++) {
        if (s->projects[i].id == id) {
            return s->projects[i].slug;
        }
    }
    return STR("");
}


/* "64 %" of all; "< 1 %" of something. */
static void
show_share(struct arena *a, struct data *d, int64_t part, int64_t whole)
{
    int64_t percent = whole > 0 ? (part * 100 + whole / 2) / whole : 0;

    if (whole > 0) {
        data_str(d, "share",
                 part > 0 && percent == 0
                     ? STR("< 1 %")
                     : str_printf(a, "%lld %%", (long long) percent));
    }
}


/* The strip and the sentence that adds up, in the order of the tables. */
static void
show_sums(struct stats *s, const struct stats_chart *chart)
{
    static const enum stats_outcome order[] = {
        STATS_ACCEPTED, STATS_FILTERED, STATS_LIMITED,
        STATS_INVALID,  STATS_OTHER,    STATS_DISCARDED,
    };
    struct data *list = data_child(s->d, "Sum");
    int64_t received = 0;

    for (size_t i = 0; i < STATS_OUTCOMES; i++) {
        enum stats_outcome o = order[i];
        struct data *row;

        if (o != STATS_DISCARDED) {
            received += chart->total[o];
        }
        if (o == STATS_OTHER && chart->total[o] == 0) {
            continue;
        }
        row = data_row(list);
        data_tr(row, "title", outcome_looks[o].title);
        data_tr(row, "label", outcome_looks[o].label);
        data_i64(row, "n", chart->total[o]);
        data_bool(row, "unsent", o == STATS_DISCARDED);
    }
    data_i64(s->d, "received", received);
    data_i64(s->d, "discarded", chart->total[STATS_DISCARDED]);
    data_bool(s->d, "any", received > 0 || chart->total[STATS_DISCARDED] > 0);
    data_bool(s->d, "in_bytes", counts_bytes(s->category));
}


static void
show_numbers(struct data *row, const struct stats_part *p)
{
    data_i64(row, "accepted", p->n[STATS_ACCEPTED]);
    data_i64(row, "filtered", p->n[STATS_FILTERED]);
    data_i64(row, "limited", p->n[STATS_LIMITED]);
    data_i64(row, "invalid", p->n[STATS_INVALID] + p->n[STATS_OTHER]);
    data_i64(row, "discarded", p->n[STATS_DISCARDED]);
    data_i64(row, "received", p->received);
    data_i64(row, "all", p->all);
}


/* Where the latest event that ended for this reason is told of. */
static void
show_sample(struct stats *s, struct data *row, const struct stats_part *p)
{
    for (size_t i = 0; i < s->nsamples; i++) {
        const struct stats_sample *one = &s->samples[i];

        if (one->outcome == p->what && str_eq(one->reason, p->name)) {
            data_str(row, "sample",
                     str_printf(s->rq->a, "/%.*s/stats/event/?id=%.*s",
                                STR_FMT(s->rq->org->slug),
                                STR_FMT(one->event_id)));
            data_bool(s->d, "sampled", true);
        }
    }
}


/* Where payloads are shown that were refused for this reason. */
static void
show_refused(struct stats *s, struct data *row, const struct stats_part *p)
{
    for (size_t i = 0; p->what == STATS_INVALID && i < s->nrefused; i++) {
        if (str_eq(s->refused[i], p->name)) {
            data_str(row, "refused",
                     query_with(s->rq->a, &s->rq->args, "reason", p->name));
        }
    }
}


static void
show_subject(struct stats *s, struct data *row, enum stats_table table,
             const struct stats_part *p)
{
    struct str slug = slug_of(s, p->project_id);

    if (table == STATS_BY_CATEGORY) {
        data_str(row, "name", p->name);
        data_str(row, "link",
                 query_with(s->rq->a, &s->rq->args, "category", p->name));
        return;
    }
    if (table == STATS_BY_REASON) {
        reason_show(s->rq->a, row, p->name);
        show_sample(s, row, p);
        show_refused(s, row, p);
        data_tr(row, "outcome", outcome_looks[p->what].title);
        data_text(row, "class", outcome_looks[p->what].fill);
        return;
    }
    data_str(row, "project", slug);
    if (table == STATS_BY_KEY) {
        data_str(row, "name",
                 p->key_id == 0      ? STR("not known")
                 : str_null(p->name) ? STR("a deleted key")
                                     : p->name);
        return;
    }
    data_str(row, "name", slug);
    data_str(row, "link", query_with(s->rq->a, &s->rq->args, "project", slug));
}


/* What shares are of: of a sender what it sent. */
static int64_t
counted(enum stats_table table, const struct stats_part *p)
{
    return table == STATS_BY_PROJECT || table == STATS_BY_KEY ? p->received
                                                              : p->all;
}


/* The first ROWS_MAX, and all others as one: no table loses anything. */
static void
show_table(struct stats *s, const char *name, const struct stats_parts *parts,
           enum stats_table table)
{
    struct data *list = data_child(s->d, name);
    const struct stats_part *v = parts->v[table];
    struct stats_part rest = { 0 };
    int64_t whole = 0;
    size_t n = parts->n[table];

    for (size_t i = 0; i < n; i++) {
        whole += counted(table, &v[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (i < ROWS_MAX) {
            struct data *row = data_row(list);

            show_subject(s, row, table, &v[i]);
            show_numbers(row, &v[i]);
            data_bool(row, "bytes",
                      counts_bytes(table == STATS_BY_CATEGORY ? v[i].name
                                                              : s->category));
            show_share(s->rq->a, row, counted(table, &v[i]), whole);
            continue;
        }
        for (int o = 0; o < STATS_OUTCOMES; o++) {
            rest.n[o] += v[i].n[o];
        }
        rest.received += v[i].received;
        rest.all += v[i].all;
    }
    if (n > ROWS_MAX) {
        struct data *row = data_row(list);

        data_str(
            row, "name",
            lang_fill(s->rq->a, N_("{0} {0|other|others}"),
                      FILL(show_full(s->rq->a, (int64_t) (n - ROWS_MAX)))));
        data_bool(row, "rest", true);
        show_numbers(row, &rest);
        show_share(s->rq->a, row, counted(table, &rest), whole);
    }
}


static void
show_menus(struct stats *s)
{
    const struct fields *args = &s->rq->args;
    struct data *list = data_child(s->d, "Choice");
    struct arena *a = s->rq->a;

    span_show(s->d, s->rq, &s->span);
    data_str(s->d, "link_all", query_with(a, args, "project", STR_NULL));
    data_str(s->d, "link_events", query_with(a, args, "category", STR_NULL));
    data_str(s->d, "link_csv", query_with(a, args, "", STR_NULL));
    data_str(s->d, "category", s->category);
    if (s->chosen != NULL) {
        data_str(s->d, "chosen", s->chosen->slug);
    }
    for (size_t i = 0; i < s->nprojects && i < CHOICES_MAX; i++) {
        struct data *row = data_row(list);

        data_str(row, "slug", s->projects[i].slug);
        data_str(row, "link",
                 query_with(a, args, "project", s->projects[i].slug));
        data_bool(row, "current", s->chosen == &s->projects[i]);
    }
}


/* Nothing to show: because nothing ever came, or only not lately. */
static void
show_empty(struct stats *s)
{
    for (size_t i = 0; i < s->nprojects; i++) {
        if (s->projects[i].first_event_at != 0) {
            return;
        }
    }
    data_bool(s->d, "never", true);
    if (s->nprojects > 0) {
        data_str(s->d, "waiting", s->projects[0].slug);
    }
}


enum status
page_stats(struct request *rq, struct response *rs)
{
    struct stats s = { .rq = rq, .d = rs->data, .category = STR_NULL };
    struct stats_chart chart;
    struct stats_parts parts;
    enum status st;

    st = read_query(&s);
    if (st == ST_OK) {
        st =
            stats_chart(rq->db, rq->a, &s.q, s.span.step, s.span.slots, &chart);
    }
    if (st == ST_OK) {
        st = stats_parts(rq->db, rq->a, &s.q, &parts);
    }
    if (st == ST_OK) {
        st = stats_samples(rq->db, rq->a, &s.q, &s.samples, &s.nsamples);
    }
    if (st == ST_OK && request_may(rq, "project:write")) {
        st = refused_reasons(rq->db, rq->a, rq->org->id, s.q.projects,
                             s.q.nprojects, &s.refused, &s.nrefused);
    }
    if (st == ST_OK) {
        st = stats_storage(rq, rs->data, s.q.projects, s.q.nprojects);
    }
    if (st != ST_OK) {
        return st;
    }
    show_menus(&s);
    show_sums(&s, &chart);
    stats_draw(rq->a, data_child(rs->data, "Chart"), &s.span, &chart);
    show_table(&s, "Category", &parts, STATS_BY_CATEGORY);
    show_table(&s, "ByProject", &parts, STATS_BY_PROJECT);
    show_table(&s, "Key", &parts, STATS_BY_KEY);
    show_table(&s, "Reason", &parts, STATS_BY_REASON);
    show_empty(&s);
    return ST_OK;
}


static void
add_field(struct buf *b, struct str s)
{
    buf_char(b, ',');
    csv_field(b, s);
}


enum status
page_stats_csv(struct request *rq, struct response *rs)
{
    struct stats s = { .rq = rq, .d = rs->data, .category = STR_NULL };
    struct buf b = buf_in(rq->a);
    struct stats_row *rows;
    enum status st;
    size_t n;

    st = read_query(&s);
    if (st == ST_OK) {
        st = stats_rows(rq->db, rq->a, &s.q, s.span.step, &rows, &n);
    }
    if (st != ST_OK) {
        return st;
    }
    buf_text(&b, "from,project,key,category,outcome,reason,quantity\r\n");
    for (size_t i = 0; i < n && i < STATS_ROWS_MAX; i++) {
        buf_str(&b, time_format_iso(rq->a, rows[i].at, false));
        add_field(&b, slug_of(&s, rows[i].project_id));
        add_field(&b, rows[i].key);
        add_field(&b, rows[i].category);
        add_field(&b, rows[i].outcome);
        add_field(&b, rows[i].reason);
        buf_addf(&b, ",%lld\r\n", (long long) rows[i].quantity);
    }
    if (n > STATS_ROWS_MAX) {
        buf_addf(&b,
                 "cut after %d rows: choose a project or a shorter time\r\n",
                 STATS_ROWS_MAX);
    }
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a,
                               "attachment; filename=\"%.*s-stats-%s.csv\"",
                               STR_FMT(rq->org->slug), s.span.name));
    response_raw(rs, "text/csv; charset=utf-8", buf_view(&b));
    return ST_OK;
}
