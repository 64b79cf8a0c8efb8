#include "web/chart.h"

#include "util/timeutil.h"
#include "web/bars.h"

struct box {
    int64_t height;
    int64_t free; /* above the highest bar */
    struct bars_gap gap;
};

/* The line that bars stand on is the style sheet's. */
static const struct box spark = { 24, 1, { 0.2, 1.0 / 120 } };
static const struct box card = { 40, 3, { 0.16, 0.007 } };


static void
chart(struct data *d, const struct series *s, const struct box *box)
{
    int64_t unit = bars_unit(&box->gap, s->n);
    struct arena *a = arena_new();
    struct bars cold = { .d = buf_in(a) }, hot = { .d = buf_in(a) };
    struct buf values = buf_in(a);
    int64_t max = 0, total = 0;

    for (size_t i = 0; i < s->n; i++) {
        max = s->v[i] > max ? s->v[i] : max;
        total += s->v[i];
    }
    for (size_t i = 0; i < s->n; i++) {
        buf_addf(&values, "%s%lld", i > 0 ? "," : "", (long long) s->v[i]);
        if (s->v[i] > 0) {
            bars_add(i >= s->hot_from ? &hot : &cold, (int64_t) i * unit, unit,
                     box->height,
                     bars_height(s->v[i], max, box->height - box->free));
        }
    }
    if (cold.d.n > 0) {
        data_str(d, "d", buf_view(&cold.d));
    }
    if (hot.d.n > 0) {
        data_str(d, "hot", buf_view(&hot.d));
    }
    data_i64(d, "width", (int64_t) s->n * unit);
    data_str(d, "v", buf_view(&values));
    data_str(d, "from", time_format_iso(a, s->from, false));
    data_i64(d, "step", s->step);
    data_i64(d, "peak", max);
    data_i64(d, "total", total);
    data_tr(d, "name", s->name);
    arena_free(a);
}


void
chart_spark(struct data *d, const struct series *s)
{
    chart(d, s, &spark);
}


void
chart_card(struct data *d, const struct series *s)
{
    chart(d, s, &card);
}
