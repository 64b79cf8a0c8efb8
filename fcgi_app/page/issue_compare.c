/*
 * Two stacks side by side: of the latest events of two issues, line by line,
 * what both have on the same row.  A line is an exception's type or a call
 * without its line number, which says little of two places being the same.
 */

#include "page/issue.h"

#define LINES_MAX 150

struct lines {
    struct str v[LINES_MAX];
    bool in_app[LINES_MAX];
    size_t n;
};

/* How many lines the ends from here on have in common. */
typedef unsigned char common[LINES_MAX + 1][LINES_MAX + 1];


static void
add(struct lines *out, struct str text, bool in_app)
{
    if (out->n < LINES_MAX) {
        out->v[out->n] = text;
        out->in_app[out->n++] = in_app;
    }
}


static void
stack(const struct issue_event *ev, const struct json *of, struct lines *out)
{
    const struct json *frames = json_path(of, "stacktrace", "frames", NULL);

    for (unsigned i = json_is(frames, JSON_T_ARRAY) ? frames->n : 0; i-- > 0;) {
        const struct json *frame = json_at(frames, i);

        add(out, issue_frame_words(ev, frame),
            json_yes(json_get(frame, "in_app")));
    }
}


static void
collect(const struct issue_event *ev, struct lines *out)
{
    const struct json *exceptions =
        json_path(ev->doc, "exception", "values", NULL);
    const struct json *threads = json_path(ev->doc, "threads", "values", NULL);

    for (unsigned i = json_is(exceptions, JSON_T_ARRAY) ? exceptions->n : 0;
         i-- > 0;) {
        const struct json *e = json_at(exceptions, i);

        add(out, json_text_of(e, "type"), true);
        stack(ev, e, out);
    }
    if (!issue_has_frames(exceptions)) {
        json_each(thread, threads)
        {
            stack(ev, thread, out);
        }
        stack(ev, ev->doc, out);
    }
}


static void
row(struct data *list, const struct lines *left, size_t i,
    const struct lines *right, size_t k)
{
    struct data *d = data_row(list);

    if (left != NULL) {
        data_str(d, "left", left->v[i]);
        data_bool(d, "left_app", left->in_app[i]);
    }
    if (right != NULL) {
        data_str(d, "right", right->v[k]);
        data_bool(d, "right_app", right->in_app[k]);
    }
    data_bool(d, "same", left != NULL && right != NULL);
}


void
issue_compare(const struct issue_event *left, const struct issue_event *right,
              struct data *d)
{
    struct lines *a = arena_new_of(left->a, struct lines),
                 *b = arena_new_of(left->a, struct lines);
    common *n = arena_alloc(left->a, sizeof(*n));
    struct data *list = data_child(d, "Row");
    size_t i = 0, k = 0, same = 0;

    a->n = b->n = 0;
    collect(left, a);
    collect(right, b);
    memset(*n, 0, sizeof(*n));
    for (i = a->n; i-- > 0;) {
        for (k = b->n; k-- > 0;) {
            unsigned char down = (*n)[i + 1][k], over = (*n)[i][k + 1];

            (*n)[i][k] = str_eq(a->v[i], b->v[k])
                             ? (unsigned char) ((*n)[i + 1][k + 1] + 1)
                         : down > over ? down
                                       : over;
        }
    }
    for (i = k = 0; i < a->n || k < b->n;) {
        if (i < a->n && k < b->n && str_eq(a->v[i], b->v[k])) {
            row(list, a, i++, b, k++);
            same++;

        } else if (k == b->n
                   || (i < a->n && (*n)[i + 1][k] >= (*n)[i][k + 1])) {
            row(list, a, i++, NULL, 0);

        } else {
            row(list, NULL, 0, b, k++);
        }
    }
    data_i64(d, "same", (int64_t) same);
    data_i64(d, "lines", (int64_t) (a->n > b->n ? a->n : b->n));
}
