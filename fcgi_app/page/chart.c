#include "page/chart.h"

#include "util/buf.h"
#include "util/timeutil.h"
#include "util/zone.h"
#include "web/bars.h"
#include "web/show.h"

#define HEIGHT 80
#define LABELS 5
#define DAY 86400     /* s */
#define HOUR_CHARS 13 /* "2026-11-24T08" */

#define STACK_HEIGHT 140
#define FLAG_ROOM 8.0 /* per cent that the text of a flag needs */


/* The smallest nice and even number that nothing rises above. */
static int64_t
scale(int64_t peak)
{
    static const int64_t tenths[] = { 10, 15, 20, 30, 40, 50, 60, 80, 100 };

    for (int64_t unit = 1;; unit *= 10) {
        for (size_t i = 0; i < sizeof(tenths) / sizeof(tenths[0]); i++) {
            int64_t top = tenths[i] * unit;

            if (top % 20 == 0 && top / 10 >= peak) {
                return top / 10;
            }
        }
    }
}


static int64_t
unit_of(size_t slots)
{
    return bars_unit(&(struct bars_gap){ 0.16, 0.007 }, slots);
}


static struct str
bars_of(struct arena *a, const struct series *s, int64_t top)
{
    int64_t unit = unit_of(s->n);
    struct bars b = { .d = buf_in(a) };

    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i] > 0) {
            bars_add(&b, (int64_t) i * unit, unit, HEIGHT,
                     bars_height(s->v[i], top, HEIGHT));
        }
    }
    return buf_view(&b.d);
}


/*
 * The parts of a time on a chart.  Counters of whole days are UTC's days, so
 * only shorter buckets can be told by the reader's clock.
 */
static struct tm
parts(int64_t us, int64_t step)
{
    time_t seconds = (time_t) (us / US_PER_SECOND);
    struct tm tm;

    if (step < DAY) {
        return zone_parts(us);
    }
    gmtime_r(&seconds, &tm);
    return tm;
}


/* What clock that is, and whether it is another than the reader's. */
static void
show_clock_used(struct data *d, int64_t from, int64_t step)
{
    data_text(d, "clock", step < DAY ? zone_parts(from).tm_zone : "UTC");
    data_bool(d, "foreign", step >= DAY && zone_parts(from).tm_gmtoff != 0);
}


static struct str
hour_of(struct arena *a, const struct tm *tm)
{
    return str_printf(a, "%02d:%02d", tm->tm_hour, tm->tm_min);
}


/* "24 Jul", or "09:00" when the whole is a day or two. */
static void
show_labels(struct arena *a, struct data *d, int64_t from, int64_t length,
            int64_t step)
{
    struct data *labels = data_child(d, "X");

    for (int i = 0; i < LABELS; i++) {
        struct data *row = data_row(labels);
        struct tm tm;

        data_i64(row, "at", i * 100 / (LABELS - 1));
        data_text(row, "anchor",
                  i == 0            ? "start"
                  : i == LABELS - 1 ? "end"
                                    : "middle");
        tm = parts(from + length * i / (LABELS - 1), step);
        data_str(row, "text",
                 length <= 2 * US_PER_DAY ? hour_of(a, &tm) : show_day(a, &tm));
    }
    show_clock_used(d, from, step);
}


static void
show_flags(struct arena *a, struct data *d, int64_t from, int64_t to,
           const struct flag *flags, size_t n)
{
    struct data *list = data_child(d, "Flag");
    double said = -100; /* where the latest text stands */

    for (size_t i = 0; i < n; i++) {
        struct data *row;
        double x;

        if (flags[i].at < from || flags[i].at >= to) {
            continue;
        }
        x = (double) (flags[i].at - from) * 100 / (double) (to - from);
        row = data_row(list);
        data_str(row, "x", str_printf(a, "%.1f", x));
        data_bool(row, "left", x > 80);
        if (x - said > FLAG_ROOM || said - x > FLAG_ROOM) {
            data_str(row, "text", flags[i].text);
            said = x;
        }
    }
}


void
chart_bars(struct arena *a, struct data *d, const struct series *s,
           const char *fill, const struct flag *flags, size_t nflags)
{
    int64_t length = (int64_t) s->n * s->step * US_PER_SECOND;
    struct buf values = buf_in(a);
    int64_t peak = 0;
    int64_t total = 0;
    int64_t top;

    for (size_t i = 0; i < s->n; i++) {
        peak = s->v[i] > peak ? s->v[i] : peak;
        total += s->v[i];
        buf_addf(&values, "%s%lld", i > 0 ? "," : "", (long long) s->v[i]);
    }
    top = scale(peak);

    data_str(d, "d", bars_of(a, s, top));
    data_i64(d, "width", (int64_t) s->n * unit_of(s->n));
    data_text(d, "class", fill);
    data_i64(d, "top", top);
    data_i64(d, "half", top / 2);
    show_labels(a, d, s->from, length, s->step);
    show_flags(a, d, s->from, s->from + length, flags, nflags);
    data_str(d, "v", buf_view(&values));
    data_str(d, "from", time_format_iso(a, s->from, false));
    data_i64(d, "step", s->step);
    data_tr(d, "name", s->name);
    data_i64(d, "peak", peak);
    data_i64(d, "total", total);
}


/* A layer's bars, each on top of what is below it. */
static struct str
stacked(struct arena *a, const struct layer *l, size_t slots, int64_t top,
        int64_t *below)
{
    int64_t unit = unit_of(slots);
    struct bars b = { .d = buf_in(a) };

    for (size_t i = 0; i < slots; i++) {
        int64_t foot = bars_height(below[i], top, STACK_HEIGHT);

        if (l->v[i] <= 0) {
            continue;
        }
        below[i] += l->v[i];
        bars_add(&b, (int64_t) i * unit, unit, STACK_HEIGHT - foot,
                 bars_height(below[i], top, STACK_HEIGHT) - foot);
    }
    return b.d.n > 0 ? buf_view(&b.d) : STR_NULL;
}


/* Steps at the height of each bucket. */
static struct str
line(struct arena *a, const struct layer *l, size_t slots, int64_t top)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < slots; i++) {
        buf_addf(&b, "%s%lldh%lld", i == 0 ? "M-.5 " : "V",
                 (long long) (STACK_HEIGHT
                              - bars_height(l->v[i], top, STACK_HEIGHT)),
                 (long long) unit_of(slots));
    }
    return buf_view(&b);
}


/* "23 Nov 18:00", or "23 Nov" of whole days. */
static struct str
bucket(struct arena *a, int64_t us, int64_t step)
{
    struct tm tm = parts(us, step);
    struct str day = show_day(a, &tm);

    return step >= DAY ? day
                       : str_printf(a, "%.*s %.*s", STR_FMT(day),
                                    STR_FMT(hour_of(a, &tm)));
}


void
chart_choose(struct arena *a, struct data *d, const struct series *s,
             int64_t chosen)
{
    struct data *list = data_child(d, "Bar");

    data_i64(d, "bars", (int64_t) s->n);
    for (size_t i = 0; i < s->n; i++) {
        int64_t at = s->from + (int64_t) i * s->step * US_PER_SECOND;
        struct data *row;

        if (s->v[i] <= 0) {
            continue;
        }
        row = data_row(list);
        data_str(row, "at",
                 str_printf(a, "at=%.*s", HOUR_CHARS,
                            time_format_iso(a, at, false).p));
        data_i64(row, "i", (int64_t) i);
        data_str(row, "when", bucket(a, at, s->step));
        data_i64(row, "n", s->v[i]);
        data_bool(row, "chosen", at == chosen);
    }
}


static bool
any_line(const struct layer *layers, size_t n, size_t slot)
{
    for (size_t k = 0; k < n; k++) {
        if (layers[k].line && layers[k].v[slot] > 0) {
            return true;
        }
    }
    return false;
}


/* The twin of the picture. */
static void
show_table(struct arena *a, struct data *d, const struct span *span,
           const struct layer *layers, size_t n, const int64_t *sums)
{
    struct data *list = data_child(d, "Row");

    for (size_t i = 0; i < span->slots; i++) {
        struct data *row, *cells;
        int64_t at;

        if (sums[i] == 0 && !any_line(layers, n, i)) {
            continue;
        }
        row = data_row(list);
        cells = data_child(row, "N");
        at = span->from + (int64_t) i * span->step * US_PER_SECOND;
        data_str(row, "at", bucket(a, at, span->step));
        data_str(row, "span", span_link(a, at, span->step));
        for (size_t k = 0; k < n; k++) {
            data_item(cells, str_printf(a, "%lld", (long long) layers[k].v[i]));
        }
    }
}


/* What the axis has to reach: a line may rise above all bars. */
static int64_t
highest(const struct layer *layers, size_t n, size_t slots, int64_t peak)
{
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; layers[k].line && i < slots; i++) {
            peak = layers[k].v[i] > peak ? layers[k].v[i] : peak;
        }
    }
    return peak;
}


void
chart_stack(struct arena *a, struct data *d, const struct span *span,
            const struct layer *layers, size_t n, const struct flag *flags,
            size_t nflags)
{
    int64_t *sums = arena_array(a, span->slots, sizeof(*sums));
    int64_t *below = arena_array(a, span->slots, sizeof(*below));
    struct data *list = data_child(d, "Layer");
    struct buf values = buf_in(a);
    int64_t peak = 0, all = 0, top;

    for (size_t i = 0; i < span->slots; i++) {
        for (size_t k = 0; k < n; k++) {
            sums[i] += layers[k].line ? 0 : layers[k].v[i];
        }
        peak = sums[i] > peak ? sums[i] : peak;
        all += sums[i];
    }
    top = scale(highest(layers, n, span->slots, peak));
    for (size_t k = 0; k < n; k++) {
        struct data *row = data_row(list);
        int64_t total = 0;

        buf_addf(&values, "%s%.*s:", k > 0 ? ";" : "", STR_FMT(layers[k].name));
        for (size_t i = 0; i < span->slots; i++) {
            total += layers[k].v[i];
            buf_addf(&values, "%s%lld", i > 0 ? "," : "",
                     (long long) layers[k].v[i]);
        }
        data_str(row, "name", layers[k].name);
        data_text(row, "class", layers[k].fill);
        data_i64(row, "total", total);
        data_str(row, "d",
                 layers[k].line
                     ? line(a, &layers[k], span->slots, top)
                     : stacked(a, &layers[k], span->slots, top, below));
    }
    show_labels(a, d, span->from, span->to - span->from, span->step);
    show_flags(a, d, span->from, span->to, flags, nflags);
    show_table(a, d, span, layers, n, sums);
    data_i64(d, "width", (int64_t) span->slots * unit_of(span->slots));
    data_str(d, "v", buf_view(&values));
    data_str(d, "from", time_format_iso(a, span->from, false));
    data_i64(d, "step", span->step);
    data_i64(d, "top", top);
    data_i64(d, "half", top / 2);
    data_i64(d, "peak", peak);
    data_i64(d, "total", all);
}
