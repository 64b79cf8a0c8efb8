#include "web/chart.h"

#include <stdio.h>

#include "util/buf.h"
#include "util/timeutil.h"

struct box {
    double width;
    double height;
    double least; /* of a bar that is not zero */
    double gap;   /* share of a bucket, at most gap_max units */
    double gap_max;
    double top;  /* kept free above the highest bar */
    double unit; /* that heights are rounded to */
};

/* The line that bars stand on is the style sheet's. */
static const struct box spark = { 120, 24, 1.2, 0.2, 1, 1, 1 };
static const struct box card = { 1000, 40, 1.2, 0.16, 7, 3, 0.1 };


/* "12.5" with one decimal at most: a page has hundreds of them. */
static void
add_number(struct buf *b, double v)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%.1f", v);

    while (n > 0 && text[n - 1] == '0') {
        n--;
    }
    if (n > 0 && text[n - 1] == '.') {
        n--;
    }
    if (text[0] == '0' && n > 1) {
        buf_add(b, text + 1, (size_t) n - 1); /* ".5" */
        return;
    }
    buf_add(b, text, (size_t) n);
}


/*
 * One path of bars.  Each is drawn from its foot, left to right, down to the
 * foot again and along it to the next one, which takes no room as nothing is
 * stroked: a page has hundreds of bars.
 */
struct path {
    struct buf d;
    double x; /* where the pen is, at the foot */
};


/* Relative moves of what is rounded add up to no error. */
static double
nearest(double v, double unit)
{
    return (double) (int64_t) (v / unit + 0.5) * unit;
}


static void
add_bar(struct path *p, const struct box *box, const struct series *s, size_t i,
        int64_t max)
{
    double step = box->width / (double) s->n;
    double gap =
        step * box->gap < box->gap_max ? step * box->gap : box->gap_max;
    double x = nearest((double) i * step + gap / 2, 0.1);
    double end = nearest((double) (i + 1) * step - gap / 2, 0.1);
    double h;

    if (s->v[i] <= 0) {
        return;
    }
    h = (double) s->v[i] / (double) max * (box->height - box->top);
    h = h < box->least ? box->least : h;
    if (p->d.n == 0) {
        buf_char(&p->d, 'M');
        add_number(&p->d, x);
        buf_char(&p->d, ' ');
        add_number(&p->d, box->height);
    } else {
        buf_char(&p->d, 'h');
        add_number(&p->d, x - p->x);
    }
    buf_char(&p->d, 'V');
    add_number(&p->d, nearest(box->height - h, box->unit));
    buf_char(&p->d, 'h');
    add_number(&p->d, end - x);
    buf_char(&p->d, 'V');
    add_number(&p->d, box->height);
    p->x = end;
}


static void
chart(struct data *d, const struct series *s, const struct box *box)
{
    struct arena *a = arena_new();
    struct path cold = { .d = buf_in(a) }, hot = { .d = buf_in(a) };
    struct buf values = buf_in(a);
    int64_t max = 0, total = 0;

    for (size_t i = 0; i < s->n; i++) {
        max = s->v[i] > max ? s->v[i] : max;
        total += s->v[i];
    }
    for (size_t i = 0; i < s->n; i++) {
        add_bar(i >= s->hot_from ? &hot : &cold, box, s, i, max);
        buf_addf(&values, "%s%lld", i > 0 ? "," : "", (long long) s->v[i]);
    }
    if (cold.d.n > 0) {
        data_str(d, "d", buf_view(&cold.d));
    }
    if (hot.d.n > 0) {
        data_str(d, "hot", buf_view(&hot.d));
    }
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
