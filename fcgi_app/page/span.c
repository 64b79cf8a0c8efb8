#include "page/span.h"

#include "util/lang.h"
#include "util/timeutil.h"

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


struct span
span_read(const struct request *rq)
{
    struct str name = request_arg(rq, "range");
    struct span span;
    int64_t step;
    size_t at = 0;

    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (str_is(name, spans[i].name)) {
            at = i;
        }
    }
    step = spans[at].step * US_PER_SECOND;
    span = (struct span){ .name = spans[at].name,
                          .title = spans[at].title,
                          .step = spans[at].step,
                          .slots = spans[at].slots };
    span.to = rq->now - rq->now % step + step;
    span.from = span.to - (int64_t) span.slots * step;
    return span;
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
    return now - now % US_PER_HOUR - 23 * US_PER_HOUR;
}


void
span_show(struct data *d, const struct request *rq, const struct span *span)
{
    struct data *node = data_child(d, "Span");
    struct data *list = data_child(node, "Choice");

    data_tr(node, "title", span->title);
    data_text(node, "name", span->name);
    for (size_t i = 0; i < sizeof(menu) / sizeof(menu[0]); i++) {
        struct data *row = data_row(list);
        const char *name = spans[menu[i]].name;

        data_tr(row, "title", spans[menu[i]].title);
        data_str(row, "link",
                 query_with(rq->a, &rq->args, "range", str_of(name)));
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
