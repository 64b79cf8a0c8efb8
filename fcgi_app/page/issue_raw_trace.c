/*
 * The trace as the platform itself would have printed it, for people who read
 * those and for pasting.  A platform is a row: where the head stands, which
 * call comes first, how a frame looks, and what joins a cause to its effect.
 */

#include "page/issue.h"

#include "util/buf.h"

#define RAW_MAX (256 * 1024) /* bytes */

struct frame_text {
    struct str function;
    struct str module;
    struct str file;
    struct str line; /* as text; null: not known */
    struct str column;
    struct str source;
};

struct form {
    const char *platform;
    bool oldest_first;  /* frames, and with them causes before effects */
    const char *before; /* the frames, when oldest_first */
    const char *cause;  /* between two exceptions */
    void (*frame)(struct buf *b, const struct frame_text *f);
};


static void
frame_python(struct buf *b, const struct frame_text *f)
{
    struct str source = str_trim(f->source);

    buf_addf(b, "  File \"%.*s\", line %.*s, in %.*s\n", STR_FMT(f->file),
             STR_FMT(f->line), STR_FMT(f->function));
    if (source.n > 0) {
        buf_text(b, "    ");
        buf_str(b, source);
        buf_char(b, '\n');
    }
}


static void
frame_java(struct buf *b, const struct frame_text *f)
{
    buf_text(b, "\tat ");
    if (f->module.n > 0) {
        buf_addf(b, "%.*s.", STR_FMT(f->module));
    }
    buf_addf(b, "%.*s(%.*s", STR_FMT(f->function), STR_FMT(f->file));
    if (!str_null(f->line)) {
        buf_addf(b, ":%.*s", STR_FMT(f->line));
    }
    buf_text(b, ")\n");
}


/* "file.js:10:5" */
static void
position(struct buf *b, const struct frame_text *f)
{
    buf_str(b, f->file);
    if (!str_null(f->line)) {
        buf_addf(b, ":%.*s", STR_FMT(f->line));
    }
    if (!str_null(f->column)) {
        buf_addf(b, ":%.*s", STR_FMT(f->column));
    }
}


static void
frame_javascript(struct buf *b, const struct frame_text *f)
{
    buf_addf(b, "    at %.*s (", STR_FMT(f->function));
    position(b, f);
    buf_text(b, ")\n");
}


static void
frame_csharp(struct buf *b, const struct frame_text *f)
{
    buf_text(b, "   at ");
    if (f->module.n > 0) {
        buf_addf(b, "%.*s.", STR_FMT(f->module));
    }
    buf_addf(b, "%.*s in %.*s:line %.*s\n", STR_FMT(f->function),
             STR_FMT(f->file), STR_FMT(f->line));
}


static void
frame_go(struct buf *b, const struct frame_text *f)
{
    if (f->module.n > 0) {
        buf_addf(b, "%.*s.", STR_FMT(f->module));
    }
    buf_addf(b, "%.*s(...)\n\t", STR_FMT(f->function));
    position(b, f);
    buf_char(b, '\n');
}


static void
frame_php(struct buf *b, const struct frame_text *f)
{
    buf_addf(b, "#- %.*s(%.*s): %.*s()\n", STR_FMT(f->file), STR_FMT(f->line),
             STR_FMT(f->function));
}


static void
frame_ruby(struct buf *b, const struct frame_text *f)
{
    buf_text(b, "\tfrom ");
    position(b, f);
    buf_addf(b, ":in `%.*s'\n", STR_FMT(f->function));
}


/* The last row is for every platform that has none. */
static const struct form forms[] = {
    { "python", true, "Traceback (most recent call last):\n",
      "\nThe above exception was the direct cause of the following "
      "exception:\n\n",
      frame_python },
    { "java", false, NULL, "Caused by: ", frame_java },
    { "groovy", false, NULL, "Caused by: ", frame_java },
    { "csharp", false, NULL, " ---> ", frame_csharp },
    { "go", false, NULL, "\ncaused by: ", frame_go },
    { "php", false, NULL, "\nCaused by: ", frame_php },
    { "ruby", false, NULL, "\nCaused by: ", frame_ruby },
    { NULL, false, NULL, "Caused by: ", frame_javascript },
};


static const struct form *
form_of(struct str platform)
{
    const struct form *f = forms;

    while (f->platform != NULL && !str_is(platform, f->platform)) {
        f++;
    }
    return f;
}


static struct str
text_or(struct str s, const char *other)
{
    return s.n > 0 ? s : str_of(other);
}


static struct str
number(struct arena *a, const struct json *v)
{
    int64_t n;

    return json_i64(v, &n) && n > 0 ? str_printf(a, "%lld", (long long) n)
                                    : STR_NULL;
}


static void
one_frame(struct buf *b, const struct form *form, const struct json *frame)
{
    struct frame_text f = {
        .function = text_or(json_text_of(frame, "function"), "<unknown>"),
        .module = json_text_of(frame, "module"),
        .file = json_text_of(frame, "abs_path"),
        .line = number(b->arena, json_get(frame, "lineno")),
        .column = number(b->arena, json_get(frame, "colno")),
        .source = json_text_of(frame, "context_line"),
    };

    if (f.file.n == 0 || form->frame == frame_java) {
        f.file = text_or(json_text_of(frame, "filename"), "<unknown>");
    }
    if (b->n < RAW_MAX) {
        form->frame(b, &f);
    }
}


static void
frames(struct buf *b, const struct form *form, const struct json *stack)
{
    const struct json *list = json_get(stack, "frames");
    const struct json **order;
    unsigned n = 0;

    if (!json_is(list, JSON_T_ARRAY) || list->n == 0) {
        return;
    }
    order = arena_array(b->arena, list->n, sizeof(*order));
    json_each(frame, list)
    {
        order[n++] = frame;
    }
    for (unsigned i = 0; i < n; i++) {
        one_frame(b, form, order[form->oldest_first ? i : n - 1 - i]);
    }
}


static void
head(struct buf *b, const struct json *exception)
{
    struct str type = text_or(json_text_of(exception, "type"), "Error");
    struct str value = json_text_of(exception, "value");

    buf_str(b, type);
    if (value.n > 0) {
        buf_text(b, ": ");
        buf_str(b, value);
    }
    buf_char(b, '\n');
}


static void
one_exception(struct buf *b, const struct form *form,
              const struct json *exception)
{
    const struct json *stack = json_get(exception, "stacktrace");

    if (!form->oldest_first) {
        head(b, exception);
        frames(b, form, stack);
        return;
    }
    if (stack != NULL) {
        buf_text(b, form->before);
        frames(b, form, stack);
    }
    head(b, exception);
}


/* cause: the older one, whose mechanism says how it came to the newer. */
static const char *
joint(const struct form *form, const struct json *cause)
{
    const struct json *mechanism = json_get(cause, "mechanism");
    struct str source = json_text_of(mechanism, "source");

    if (form->frame == frame_java
        && str_is(json_text_of(mechanism, "type"), "suppressed")) {
        return "Suppressed: ";
    }
    if (form->frame == frame_python && str_is(source, "__context__")) {
        return "\nDuring handling of the above exception, another exception "
               "occurred:\n\n";
    }
    return form->cause;
}


static void
exceptions(struct buf *b, const struct form *form, const struct json *values)
{
    const struct json **order;
    const struct json *before = NULL;
    unsigned n = 0;

    order = arena_array(b->arena, values->n, sizeof(*order));
    json_each(exception, values)
    {
        order[n++] = exception;
    }
    for (unsigned i = 0; i < n; i++) {
        const struct json *one = order[form->oldest_first ? i : n - 1 - i];

        if (before != NULL) {
            buf_text(b, joint(form, form->oldest_first ? before : one));
        }
        one_exception(b, form, one);
        before = one;
    }
}


struct str
issue_raw_trace(const struct issue_event *ev)
{
    const struct form *form = form_of(ev->row->platform);
    const struct json *values = json_path(ev->doc, "exception", "values", NULL);
    struct buf b = buf_in(ev->a);
    bool traced = false;

    if (json_is(values, JSON_T_ARRAY) && values->n > 0) {
        exceptions(&b, form, values);
        traced = issue_has_frames(values);
    }
    if (!traced) {
        json_each(thread, json_path(ev->doc, "threads", "values", NULL))
        {
            frames(&b, form, json_get(thread, "stacktrace"));
        }
        frames(&b, form, json_get(ev->doc, "stacktrace"));
    }
    return str_cut(buf_view(&b), RAW_MAX);
}
