/*
 * Exceptions, threads, stack traces, debug images: protocol.md §7.3.
 */

#include "digest/normalize.h"

/* Beyond this number of frames those in the middle lose their variables. */
#define RICH_FRAMES 50

/* SDKs' ways to say that they do not know the function. */
static const char *const nameless[] = { "?", "<unknown>", "<anonymous>" };


static bool
is_set(const struct json *object, const char *key)
{
    struct json *v = json_get(object, key);

    return v != NULL && v->type != JSON_T_NULL;
}


void
rule_registers(struct norm *n, const struct field *f, struct json *v,
               const struct at *at)
{
    rule_bag_object(n, f, v, at);
    if (v->type != JSON_T_OBJECT) {
        return;
    }
    json_each(e, v)
    {
        struct at here = { at, e->key, 0 };

        if (e->type != JSON_T_NULL) {
            rule_address(n, f, e, &here);
        }
    }
}


void
rule_adjustment(struct norm *n, const struct field *f, struct json *v,
                const struct at *at)
{
    static const char *const known[] = { "auto", "all", "all_but_first",
                                         "none" };

    (void) f;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (v->type == JSON_T_STRING && str_is(v->text, known[i])) {
            return;
        }
    }
    note_invalid(n, at, v, "expected auto, all, all_but_first or none");
}


/* The path of a URL, or the string itself. */
static struct str
path_of(struct str s)
{
    ptrdiff_t at = str_find(s, STR("://")), end;

    if (at <= 0 || at > 16) {
        return s;
    }
    s = str_sub(s, (size_t) at + 3, s.n);
    at = str_chr(s, '/');
    if (at == -1) {
        return STR("/");
    }
    s = str_sub(s, (size_t) at, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '?' || s.p[i] == '#') {
            return str_sub(s, 0, i);
        }
    }
    end = (ptrdiff_t) s.n;
    return str_sub(s, 0, (size_t) end);
}


void
frame_finish(struct norm *n, struct json *frame, const struct at *at)
{
    struct json *function = NULL, *filename = NULL, *abs_path = NULL;

    (void) at;
    json_each(v, frame)
    {
        if (v->type != JSON_T_STRING) {
            continue;
        }
        if (str_is(v->key, "function")) {
            function = v;

        } else if (str_is(v->key, "filename")) {
            filename = v;

        } else if (str_is(v->key, "abs_path")) {
            abs_path = v;
        }
    }

    if (function != NULL) {
        for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++) {
            if (str_is(function->text, nameless[i])) {
                json_remove(frame, "function");
                break;
            }
        }
    }
    if (filename == NULL && abs_path != NULL && abs_path->text.n > 0) {
        json_set(frame, STR("filename"),
                 json_new_str(n->a, path_of(abs_path->text)));

    } else if (abs_path == NULL && filename != NULL) {
        json_set(frame, STR("abs_path"), json_new_str(n->a, filename->text));
    }
}


static void
strip(struct json *frame)
{
    json_remove(frame, "vars");
    json_remove(frame, "pre_context");
    json_remove(frame, "post_context");
}


/*
 * Of many frames the first and last quarter of the budget keep all; in between
 * first the system frames are stripped, then, if still too many are rich, the
 * application's.
 */
static void
slim(struct json *frames)
{
    unsigned rich = frames->n, lo = RICH_FRAMES / 4;
    unsigned hi = frames->n - RICH_FRAMES / 4;

    for (int in_app = 0; in_app <= 1; in_app++) {
        unsigned i = 0;

        json_each(frame, frames)
        {
            if (rich <= RICH_FRAMES) {
                return;
            }
            if (i >= lo && i < hi
                && json_yes(json_get(frame, "in_app")) == (in_app == 1)) {
                strip(frame);
                rich--;
            }
            i++;
        }
    }
}


void
stacktrace_finish(struct norm *n, struct json *trace, const struct at *at)
{
    struct json *frames = json_get(trace, "frames");

    (void) n;
    (void) at;
    if (!json_is(frames, JSON_T_ARRAY)) {
        return;
    }
    if (frames->n == 0) {
        json_remove(trace, "frames");

    } else if (frames->n > RICH_FRAMES) {
        slim(frames);
    }
}


/* Some old SDKs sent "Type: text" as the value of an exception without type. */
static void
split_value(struct norm *n, struct json *exception)
{
    struct json *value = json_get(exception, "value");
    struct str s = json_text(value);
    ptrdiff_t at = str_find(s, STR(": "));

    if (at <= 0 || at > 128) {
        return;
    }
    for (ptrdiff_t i = 0; i < at; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.')) {
            return;
        }
    }
    json_set(exception, STR("type"),
             json_new_str(n->a, str_sub(s, 0, (size_t) at)));
    value->text = str_trim(str_sub(s, (size_t) at + 2, s.n));
}


void
exception_finish(struct norm *n, struct json *exception, const struct at *at)
{
    if (!is_set(exception, "type")) {
        if (!is_set(exception, "value")) {
            note_error(n, at->up, "missing_attribute", "type or value");
            node_take_all(exception); /* the list drops what is empty */
            return;
        }
        split_value(n, exception);
    }
}


/* The older flat forms of what now stands in meta. */
void
mechanism_finish(struct norm *n, struct json *mechanism, const struct at *at)
{
    static const struct {
        const char *old;
        const char *name;
    } moved[] = {
        { "posix_signal", "signal" }, { "signal", "signal" },
        { "errno", "errno" },         { "mach_exception", "mach_exception" },
        { "ns_error", "ns_error" },
    };
    struct json *data = json_get(mechanism, "data");

    (void) at;
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct json *v = json_get(data, moved[i].old), *meta;

        if (!json_is(v, JSON_T_OBJECT)) {
            continue;
        }
        meta = json_get(mechanism, "meta");
        if (!json_is(meta, JSON_T_OBJECT)) {
            meta = json_new(n->a, JSON_T_OBJECT);
            json_set(mechanism, STR("meta"), meta);
        }
        v = json_remove(data, moved[i].old);
        if (json_get(meta, moved[i].name) == NULL) {
            json_set(meta, str_of(moved[i].name), v);
        }
    }
    if (data != NULL && data->n == 0) {
        json_remove(mechanism, "data");
    }

    if (json_text_of(mechanism, "type").n == 0) {
        json_set(mechanism, STR("type"), json_new_str(n->a, STR("generic")));
    }
}


void
breadcrumb_finish(struct norm *n, struct json *crumb, const struct at *at)
{
    (void) at;
    if (crumb->n == 0) {
        return;
    }
    if (!is_set(crumb, "type")) {
        json_set(crumb, STR("type"), json_new_str(n->a, STR("default")));
    }
    if (!is_set(crumb, "level")) {
        json_set(crumb, STR("level"), json_new_str(n->a, STR("info")));
    }
}


/* The first Apple images had names of their own. */
void
image_finish(struct norm *n, struct json *image, const struct at *at)
{
    static const struct {
        const char *old;
        const char *name;
    } renamed[] = { { "uuid", "debug_id" }, { "name", "code_file" } };

    (void) at;
    if (!str_is(json_text_of(image, "type"), "apple")) {
        return;
    }
    json_set(image, STR("type"), json_new_str(n->a, STR("macho")));
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        struct json *v = json_remove(image, renamed[i].old);

        if (v != NULL && !is_set(image, renamed[i].name)) {
            json_set(image, str_of(renamed[i].name), v);
        }
    }
    json_remove(image, "cpu_type");
    json_remove(image, "cpu_subtype");
}


/* Takes the stack out of holder and gives it to the exception. */
static void
move_stack(struct json *holder, struct json *exception)
{
    static const char *const names[] = { "stacktrace", "raw_stacktrace" };

    for (size_t i = 0; i < 2; i++) {
        struct json *v = json_remove(holder, names[i]);

        if (v != NULL && v->type != JSON_T_NULL) {
            json_set(exception, str_of(names[i]), v);
        }
    }
}


static bool
same_id(const struct json *a, const struct json *b)
{
    return a != NULL && b != NULL && a->text.n > 0 && str_eq(a->text, b->text);
}


/*
 * An exception without a stack takes its thread's, and the only one without
 * takes the legacy one of the event.  Moved, not copied: each stack is shown
 * and grouped by once.
 */
void
normalize_traces(struct norm *n)
{
    struct json *exceptions = json_path(n->doc, "exception", "values", NULL);
    struct json *threads = json_path(n->doc, "threads", "values", NULL);
    struct json *bare = NULL;
    unsigned bare_count = 0;

    json_each(exception, exceptions)
    {
        if (!is_set(exception, "stacktrace")) {
            bare = exception;
            bare_count++;
        }
    }
    if (bare_count != 1) {
        return;
    }

    if (is_set(n->doc, "stacktrace") && exceptions->n == 1) {
        move_stack(n->doc, bare);
        return;
    }
    json_each(thread, threads)
    {
        if (same_id(json_get(thread, "id"), json_get(bare, "thread_id"))) {
            move_stack(thread, bare);
            return;
        }
    }
}
