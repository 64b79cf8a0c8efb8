#include "page/span.h"

#include "model/release_recent.h"
#include "util/lang.h"
#include "util/timeutil.h"
#include "util/zone.h"
#include "web/show.h"

#define MINUS "\xE2\x88\x92"
#define NOTABLE 10     /* per cent, from which on a change is coloured */
#define CHANGE_MAX 999 /* per cent; more is ">999 %" */

static const struct {
    const char *name;
    const char *title;
    int64_t step;
    size_t slots;
} spans[] = {
    { "14d", N_("14 days"), 6 * 3600, 56 },
    { "24h", N_("24 hours"), 3600, 24 },
    { "30d", N_("30 days"), 86400, 30 },
};

/* The order of the menu. */
static const size_t menu[] = { 1, 0, 2 };


/* Hours of a slot that a custom span may have: the first that is enough. */
static const int64_t slot_hours[] = { 1, 2, 3, 6, 12, 24, 72 };

#define CUSTOM_SLOTS 30

/* From here back, counters by hour may be gone; those by day stay. */
#define HOUR_DAYS 34


static struct span
named(int64_t now, size_t at)
{
    int64_t step = spans[at].step * US_PER_SECOND;
    struct span span = { .name = spans[at].name,
                         .title = spans[at].title,
                         .step = spans[at].step,
                         .slots = spans[at].slots };

    span.to = now - now % step + step;
    span.from = span.to - (int64_t) span.slots * step;
    return span;
}


/* The end of a custom span: a time, or how many hours it has, "6h". */
static bool
read_end(struct str text, int64_t from, int64_t *to)
{
    int64_t hours;

    if (text.n > 1 && text.p[text.n - 1] == 'h'
        && str_i64(str_cut(text, text.n - 1), &hours)) {
        if (hours <= 0 || hours > SPAN_DAYS_MAX * 24) {
            return false;
        }
        *to = from + hours * US_PER_HOUR;
        return true;
    }
    return zone_parse(text, to);
}


/* False: from and to are no times, or in the wrong order. */
static bool
read_custom(const struct request *rq, struct span *out)
{
    int64_t from, to, step = 0;

    if (!zone_parse(request_arg(rq, "from"), &from)
        || !read_end(request_arg(rq, "to"), from, &to)) {
        return false;
    }
    to = to < rq->now ? to : rq->now;
    if (from <= 0 || from >= to) {
        return false;
    }
    if (from < to - SPAN_DAYS_MAX * US_PER_DAY) {
        from = to - SPAN_DAYS_MAX * US_PER_DAY;
    }
    for (size_t i = 0; i < sizeof(slot_hours) / sizeof(slot_hours[0]); i++) {
        step = slot_hours[i] * US_PER_HOUR;
        out->from = from - from % step;
        out->to = to + (step - to % step) % step;
        if ((out->to - out->from) / step <= CUSTOM_SLOTS
            && (step >= US_PER_DAY
                || span_before(out) > rq->now - HOUR_DAYS * US_PER_DAY)) {
            break;
        }
    }
    out->name = "custom";
    out->title = NULL;
    out->step = step / US_PER_SECOND;
    out->slots = (size_t) ((out->to - out->from) / step);
    return true;
}


struct span
span_read(const struct request *rq)
{
    struct str name = request_arg(rq, "range");
    struct span span;
    size_t at = 0;

    if (read_custom(rq, &span)) {
        return span;
    }
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (str_is(name, spans[i].name)) {
            at = i;
        }
    }
    return named(rq->now, at);
}


bool
span_custom(const struct span *span)
{
    return span->title == NULL;
}


/* "2026-07-24T06:00Z" */
static struct str
hour(struct arena *a, int64_t us)
{
    struct str iso = time_format_iso(a, us, false);

    return str_printf(a, "%.*sZ", STR_FMT(str_cut(iso, iso.n - 4)));
}


struct str
span_link(struct arena *a, int64_t from, int64_t seconds)
{
    return str_printf(a, "from=%.*s&to=%lldh", STR_FMT(hour(a, from)),
                      (long long) (seconds / 3600));
}


struct span
span_coarse(const struct span *span)
{
    struct span coarse = *span;

    if (span->slots == SPAN_SLOTS_MAX) {
        coarse.slots /= 4;
        coarse.step *= 4;
    }
    return coarse;
}


int64_t
span_before(const struct span *span)
{
    return span->from - (span->to - span->from);
}


int64_t
span_day(int64_t now)
{
    return release_recent_since(now);
}


/* "24 Jul 06:00"; whole days are UTC's: "24 Jul". */
static struct str
moment(struct arena *a, int64_t us, bool days)
{
    time_t seconds = (time_t) (us / US_PER_SECOND);
    struct tm tm = zone_parts(us);

    if (days) {
        gmtime_r(&seconds, &tm);
        return show_day(a, &tm);
    }
    return str_printf(a, "%.*s %02d:%02d", STR_FMT(show_day(a, &tm)),
                      tm.tm_hour, tm.tm_min);
}


/* As <input type="datetime-local"> has it. */
static struct str
local(struct arena *a, int64_t us)
{
    struct tm tm = zone_parts(us);

    return str_printf(a, "%04d-%02d-%02dT%02d:%02d", tm.tm_year + 1900,
                      tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}


static void
show_title(struct arena *a, struct data *node, const struct span *span)
{
    bool days = span->step >= US_PER_DAY / US_PER_SECOND;
    struct str from, to;

    data_bool(node, "custom", span_custom(span));
    if (!span_custom(span)) {
        data_tr(node, "title", span->title);
        data_tr(node, "length", span->title);
        data_str(
            node, "within",
            lang_fill(a, N_("in the last {0}"), FILL(str_of(tr(span->title)))));
        return;
    }
    from = moment(a, span->from, days);
    to = moment(a, days ? span->to - 1 : span->to, days);
    data_str(node, "length", show_took(a, span->to - span->from));
    if (str_eq(from, to)) {
        data_str(node, "title", from);
        data_str(node, "within", lang_fill(a, N_("on {0}"), FILL(from)));
        return;
    }
    data_str(
        node, "title",
        str_printf(a, "%.*s \xE2\x80\x93 %.*s", STR_FMT(from), STR_FMT(to)));
    data_str(node, "within",
             lang_fill(a, N_("from {0} to {1}"), FILL(from, to)));
}


static bool
of_span(struct str name)
{
    return str_is(name, "range") || str_is(name, "from") || str_is(name, "to")
           || str_is(name, "cursor");
}


void
span_show(struct data *d, const struct request *rq, const struct span *span)
{
    struct data *node = data_child(d, "Span");
    struct data *list = data_child(node, "Choice");
    struct fields rest = { 0 };

    rest.v = arena_array(rq->a, rq->args.n + 1, sizeof(struct field));
    for (size_t i = 0; i < rq->args.n; i++) {
        if (!of_span(rq->args.v[i].name)) {
            struct data *row = data_row(data_child(node, "Keep"));

            rest.v[rest.n++] = rq->args.v[i];
            data_str(row, "name", rq->args.v[i].name);
            data_str(row, "value", rq->args.v[i].value);
        }
    }
    show_title(rq->a, node, span);
    data_text(node, "name", span->name);
    data_str(node, "link",
             span_custom(span) ? str_printf(
                 rq->a, "?%.*s",
                 STR_FMT(span_link(rq->a, span->from,
                                   (int64_t) span->slots * span->step)))
                               : str_printf(rq->a, "?range=%s", span->name));
    data_str(node, "from_at", time_format_iso(rq->a, span->from, false));
    data_str(node, "to_at", time_format_iso(rq->a, span->to, false));
    data_str(node, "from", local(rq->a, span->from));
    data_str(node, "to", local(rq->a, span->to));
    data_text(node, "clock", zone_parts(span->from).tm_zone);
    for (size_t i = 0; i < sizeof(menu) / sizeof(menu[0]); i++) {
        struct data *row = data_row(list);
        const char *name = spans[menu[i]].name;

        data_tr(row, "title", spans[menu[i]].title);
        data_str(row, "link", query_with(rq->a, &rest, "range", str_of(name)));
        data_bool(row, "current", str_is(str_of(name), span->name));
    }
}


void
span_change(struct arena *a, struct data *d, const char *name, int64_t now,
            int64_t before)
{
    const char *up = str_dup(a, str_printf(a, "%s_up", name));
    const char *down = str_dup(a, str_printf(a, "%s_down", name));
    double change;

    if (before <= 0) {
        return;
    }
    change = ((double) now - (double) before) * 100 / (double) before;
    if (change > CHANGE_MAX) {
        data_text(d, name, "> +999 %");
        data_bool(d, up, true);
        return;
    }
    data_bool(d, up, change >= NOTABLE);
    data_bool(d, down, change <= -NOTABLE);
    data_str(d, name,
             str_printf(a, "%s%.0f %%",
                        change >= 0.5    ? "+"
                        : change <= -0.5 ? MINUS
                                         : "",
                        change < 0 ? -change : change));
}


void
span_compare(struct arena *a, struct data *d, int64_t now, int64_t before)
{
    if (before < 0) {
        return;
    }
    data_bool(d, "compared", true);
    data_i64(d, "before", before);
    if (before == 0 && now > 0) {
        data_tr(d, "change", N_("new"));
        data_bool(d, "change_up", true);

    } else {
        span_change(a, d, "change", now, before);
    }
}
