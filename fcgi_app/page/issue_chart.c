/*
 * The chart of an issue, and with it which of its events are walked through:
 * ?range=, the time that the chart shows, ?at=, the bar of it that was chosen,
 * and ?environment=.  A range in the address narrows the walk as a bar does;
 * without one it goes through all events.
 */

#include "page/issue.h"

#include "model/issue_page.h"
#include "page/chart.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"

#define ENVIRONMENT_MAX 200 /* bytes */
#define AT "at"

static const struct range {
    const char *name;
    const char *title;
    int days;
    int bar; /* hours */
} ranges[] = {
    { "24h", N_("24 hours"), 1, 1 },
    { "14d", N_("14 days"), 14, 8 },
    { "30d", N_("30 days"), 30, 24 },
    { "90d", N_("90 days"), 90, 48 },
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))
#define DEFAULT_RANGE 1
#define HOURS_MAX (90 * 24)
#define BARS_MAX 56

/* What is read at least: a day and the one before it. */
#define DAYS_LEAST 2


static int64_t
round_up(int64_t us, int64_t to)
{
    return (us + to - 1) / to * to;
}


static const char *
fill_of(int level)
{
    return level >= 40   ? "f-error"
           : level >= 30 ? "f-warning"
           : level >= 20 ? "f-info"
                         : "f-bar";
}


/* The last 24 hours against the 24 before: "+312 %", or just a number. */
static void
change(struct arena *a, struct data *d, const int64_t *hours, int n)
{
    int64_t now = 0;
    int64_t before = 0;
    int64_t percent;

    for (int i = 0; i < 24; i++) {
        now += hours[n - 24 + i];
        before += hours[n - 48 + i];
    }
    data_i64(d, "day", now);
    if (before == 0) {
        return;
    }
    percent = (now - before) * 100 / before;
    data_str(d, "change",
             str_printf(a, "%s%lld %%", percent < 0 ? "−" : "+",
                        (long long) (percent < 0 ? -percent : percent)));
    data_bool(d, "worse", percent > 0);
}


/* The query with these names and no others. */
static struct str
query_of(const struct request *rq, const char *const *names, size_t n,
         const char *name, struct str value)
{
    struct fields kept = { .v = arena_array(rq->a, n, sizeof(struct field)) };

    for (size_t i = 0; i < n; i++) {
        struct str was = request_arg(rq, names[i]);

        if (was.n > 0) {
            kept.v[kept.n++] = (struct field){ str_of(names[i]), was };
        }
    }
    return query_with(rq->a, &kept, name, value);
}


void
issue_walk_read(const struct request *rq, struct issue_walk *out)
{
    static const char *const all[] = { "range", "environment", AT };
    struct str environment = request_arg(rq, "environment"),
               name = request_arg(rq, "range"), at = request_arg(rq, AT);
    const struct range *range;
    int64_t bar, chosen;

    *out = (struct issue_walk){ .range = DEFAULT_RANGE };
    for (size_t i = 0; i < RANGES; i++) {
        if (str_is(name, ranges[i].name)) {
            out->range = i;
            out->ranged = true;
        }
    }
    range = &ranges[out->range];
    bar = range->bar * US_PER_HOUR;
    out->to = round_up(rq->now + 1, bar);
    out->n = round_up(range->days * 24, range->bar) / range->bar;
    out->from = out->to - out->n * bar;

    if (environment.n > 0 && environment.n <= ENVIRONMENT_MAX) {
        out->events.environment = environment;
    }
    if (at.n > 0
        && time_parse_iso(str_printf(rq->a, "%.*s:00", STR_FMT(at)), &chosen)
        && chosen >= out->from && chosen < out->to) {
        out->at = chosen - (chosen - out->from) % bar;
        out->events.from = out->at;
        out->events.to = out->at + bar;

    } else if (out->ranged) {
        out->events.from = out->from;
        out->events.to = out->to;
    }
    out->narrow = out->events.to != 0 || !str_null(out->events.environment);
    out->query = query_of(rq, all, 3, "", STR_NULL);
    if (str_is(out->query, "?")) {
        out->query = STR("");
    }
}


static void
show_ranges(const struct request *rq, const struct issue_walk *walk,
            struct data *d)
{
    static const char *const kept[] = { "environment" };
    struct data *list = data_child(d, "Range");

    data_tr(d, "range", ranges[walk->range].title);
    for (size_t i = 0; i < RANGES; i++) {
        struct data *row = data_row(list);

        data_tr(row, "title", ranges[i].title);
        data_str(row, "link",
                 query_of(rq, kept, 1, "range", str_of(ranges[i].name)));
        data_bool(row, "current", i == walk->range);
    }
}


/* Links of the bars, of the way back, and of the menu of environments. */
static void
show_choice(const struct request *rq, const struct issue_walk *walk,
            struct data *d)
{
    static const char *const in_bar[] = { "range", "environment" };
    static const char *const in_place[] = { "range", AT };
    struct str in = walk->events.environment;

    data_bool(d, "narrow", walk->narrow);
    data_str(d, "bar", query_of(rq, in_bar, 2, "", STR_NULL));
    if (walk->at != 0) {
        data_time(d, "from", walk->events.from);
        data_time(d, "to", walk->events.to);
    }
    data_str(d, "environment", in);
    data_str(d, "anywhere", query_of(rq, in_place, 2, "", STR_NULL));
    data_str(d, "somewhere", query_of(rq, in_place, 2, "environment", STR("")));
}


/* The times in which the issue was archived, as a path in 1000 x 80. */
static void
shade(struct arena *a, struct data *d, const struct issue_walk *walk,
      const struct issue_turn *turns, size_t n, int64_t now)
{
    struct buf path = buf_in(a);

    for (size_t i = 0; i < n; i++) {
        int64_t from = turns[i].at;
        int64_t to = i + 1 < n ? turns[i + 1].at : now;

        from = from > walk->from ? from : walk->from;
        to = to < walk->to ? to : walk->to;
        if (turns[i].archived && from < to) {
            int64_t x = (from - walk->from) * 1000 / (walk->to - walk->from);
            int64_t end = (to - walk->from) * 1000 / (walk->to - walk->from);

            buf_addf(&path, "M%lld 0H%lldV80H%lldz", (long long) x,
                     (long long) (end > x ? end : x + 1), (long long) x);
        }
    }
    if (path.n > 0) {
        data_str(d, "shade", buf_view(&path));
    }
}


enum status
issue_chart(struct request *rq, const struct issue_walk *walk, struct data *d)
{
    const struct range *range = &ranges[walk->range];
    int days = range->days > DAYS_LEAST ? range->days : DAYS_LEAST;
    int hours = (int) round_up(days * 24, range->bar);
    int64_t from = walk->to - hours * US_PER_HOUR;
    int first = hours - (int) walk->n * range->bar;
    int past = (int) ((round_up(rq->now + 1, US_PER_HOUR) - from)
                      / US_PER_HOUR); /* hours up to now */
    bool in = !str_null(walk->events.environment);
    struct data *chart = data_child(d, "Chart");
    struct flag flags[ISSUE_CHART_FLAGS];
    int64_t bars[BARS_MAX] = { 0 };
    struct issue_chart read;
    struct series series;
    enum status st;

    st = issue_chart_read(rq->db, rq->a, rq->issue, from, (size_t) hours,
                          walk->events.environment, &read);
    if (st != ST_OK) {
        return st;
    }
    change(rq->a, d, read.hours, past);
    for (int i = 0; i < (int) walk->n * range->bar; i++) {
        bars[i / range->bar] += (in ? read.here : read.hours)[first + i];
    }
    for (size_t i = 0; i < read.nflags; i++) {
        flags[i] = (struct flag){ read.flags[i].first_seen,
                                  issue_release(read.flags[i].version) };
    }

    series = (struct series){ .name = "events",
                              .v = bars,
                              .n = (size_t) walk->n,
                              .from = walk->from,
                              .step = range->bar * 3600,
                              .hot_from = (size_t) walk->n };
    chart_bars(rq->a, chart, &series, fill_of(rq->issue->level), flags,
               read.nflags);
    chart_choose(rq->a, chart, &series, walk->at);
    shade(rq->a, chart, walk, read.turns, read.nturns, rq->now);
    show_ranges(rq, walk, chart);
    show_choice(rq, walk, data_child(d, "Walk"));
    if (in && read.cut) {
        data_i64(chart, "looked", EVENT_WALK_LOOK);
    }
    return ST_OK;
}
