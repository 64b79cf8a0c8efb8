/*
 * Title, type, value and culprit: grouping.md §2.1.
 */

#include "digest/facts.h"

#include "digest/stacks.h"

#define TYPE_MAX 128
#define VALUE_MAX 1024
#define TITLE_PART_MAX 100
#define TITLE_MAX 250
#define CULPRIT_MAX 200


/* As str_cut, with "..." in the end when something was lost. */
static struct str
cut(struct arena *a, struct str s, size_t max)
{
    struct buf out = buf_in(a);

    if (s.n <= max) {
        return s;
    }
    buf_str(&out, str_cut(s, max - 3));
    buf_text(&out, "...");
    return buf_view(&out);
}


static struct str
part(struct arena *a, struct str s)
{
    return cut(a, one_line(a, first_line(s)), TITLE_PART_MAX);
}


/* ---- the title */

/*
 * The function where it happened: of the newest in-app frame that has one, else
 * of the newest that is no part of how one throws (abort, raise).
 */
static struct str
crash_function(const struct exception *e)
{
    struct str any = STR_NULL;

    for (unsigned i = e->stack != NULL ? e->stack->n : 0; i > 0; i--) {
        const struct frame *f = &e->stack->frames[i - 1];

        if (str_null(f->function) || str_is(f->function, "<redacted>")
            || str_is(f->function, "<unknown>")) {
            continue;
        }
        if (f->in_app) {
            return f->function;
        }
        if (str_null(any) && f->group >= 0) {
            any = f->function;
        }
    }
    return any;
}


static void
title_of_exception(struct arena *a, struct event *ev)
{
    const struct exception *e = &ev->stacks->exceptions[ev->stacks->main];
    struct str type = one_line(a, cut(a, str_trim(e->type), TYPE_MAX));
    struct str value = part(a, e->value), function;

    ev->value = cut(a, str_trim(e->value), VALUE_MAX);
    if (type.n == 0 || e->synthetic) {
        function = crash_function(e);
        if (function.n > 0) {
            type = cut(a, one_line(a, function), TYPE_MAX);

        } else if (type.n == 0) {
            type = STR("Error");
        }
    }
    ev->type = type;

    if (value.n > 0) {
        struct buf title = buf_in(a);

        buf_str(&title, type);
        buf_text(&title, ": ");
        buf_str(&title, value);
        ev->title = buf_view(&title);

    } else {
        ev->title = type;
    }
}


static void
title_of_message(struct arena *a, struct event *ev)
{
    struct json *entry = json_get(ev->doc, "logentry");
    struct str s = json_text_of(entry, "formatted");

    if (str_trim(s).n == 0) {
        s = json_text_of(entry, "message");
    }
    ev->title = part(a, s);
    ev->value = cut(a, str_trim(s), VALUE_MAX);
    if (ev->title.n == 0) {
        ev->title = STR("<unlabeled event>");
    }
}


/* ---- the culprit */

/* As people know it; native names are too long with all their arguments. */
static struct str
shown_function(const struct frame *f)
{
    return f->family == FAMILY_NATIVE || str_null(f->given) ? f->function
                                                            : f->given;
}


static struct str
culprit_of_frame(struct arena *a, const struct frame *f)
{
    struct str function = shown_function(f);
    struct str file = f->module.n > 0 ? f->module : f->filename;
    struct buf out = buf_in(a);

    if (f->family == FAMILY_NATIVE) {
        return function.n > 0 ? function : STR("?");
    }
    if (f->family == FAMILY_JAVASCRIPT) {
        buf_str(&out, function.n > 0 ? function : STR("?"));
        buf_char(&out, '(');
        buf_str(&out, file);
        buf_char(&out, ')');
        return buf_view(&out);
    }
    if (file.n == 0) {
        return function;
    }
    buf_str(&out, file);
    buf_text(&out, " in ");
    buf_str(&out, function.n > 0 ? function : STR("?"));
    return buf_view(&out);
}


static struct str
culprit(struct arena *a, const struct event *ev)
{
    const struct stacks *st = ev->stacks;
    const struct frame *f = stacks_crash_frame(st);

    if (!str_null(ev->transaction)) {
        return ev->transaction;
    }
    if (json_get(ev->doc, "csp") != NULL) {
        /* the directive, which item_security.c has put there */
        return json_text_of(ev->doc, "culprit");
    }
    if (st->n > 0 && st->exceptions[st->n - 1].synthetic) {
        return STR("");
    }
    if (f != NULL) {
        return culprit_of_frame(a, f);
    }
    return json_text(json_path(ev->doc, "request", "url", NULL));
}


void
facts_title(struct arena *a, struct event *ev)
{
    ev->type = STR("");
    ev->value = STR("");
    if (ev->stacks->n > 0) {
        title_of_exception(a, ev);

    } else {
        title_of_message(a, ev);
    }
    ev->title = cut(a, ev->title, TITLE_MAX);
    ev->culprit = cut(a, one_line(a, str_trim(culprit(a, ev))), CULPRIT_MAX);
    if (str_null(ev->culprit)) {
        ev->culprit = STR("");
    }
}
