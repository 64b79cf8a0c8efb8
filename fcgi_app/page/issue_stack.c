/*
 * The stack trace: one block for each exception, the one that was caught last
 * first, below it what caused it or, of a group, what it holds; then the other
 * threads, folded.  Where no exception has frames (the Rust SDK sends them so)
 * or there is none, the threads' stacks, and without those a bare stack.
 * Inside, the newest call first, and runs of library frames folded into one
 * line.
 *
 * The switch In app / All / Raw and the order are done by the style sheet: the
 * page holds all of it once.
 */

#include "page/issue.h"

#include "util/buf.h"
#include "util/lang.h"

#define EXCEPTIONS_MAX 50
#define THREADS_MAX 100
#define FRAMES_MAX 500 /* of one stack; the digest keeps 250 */

/* Of the other threads: enough to see where each is, not to fill the page. */
#define BESIDE_MAX 12
#define BESIDE_FRAMES 20

/* One block on its way to the page. */
struct block {
    const struct issue_event *ev;
    const struct json *stack;
    const struct json *meta; /* of the stack */
    bool any_in_app;         /* else nothing is folded */
    bool open;               /* its newest in-app frame starts open */
};


static bool
in_app(const struct json *frame)
{
    return json_yes(json_get(frame, "in_app"));
}


static bool
has_in_app(const struct json *stack)
{
    json_each(frame, json_get(stack, "frames"))
    {
        if (in_app(frame)) {
            return true;
        }
    }
    return false;
}


static struct str
first_of(const struct json *frame, const char *a, const char *b, const char *c)
{
    struct str s = json_text_of(frame, a);

    s = s.n > 0 ? s : json_text_of(frame, b);
    return s.n > 0 ? s : json_text_of(frame, c);
}


/* Where the frame is, as its platform says it. */
static struct str
place(const struct json *frame, struct str platform)
{
    struct str s;

    if (str_is(platform, "java") || str_is(platform, "groovy")) {
        s = first_of(frame, "module", "filename", "abs_path");
    } else {
        s = first_of(frame, "filename", "abs_path", "module");
    }
    return s.n > 0 ? s : json_text_of(frame, "package");
}


struct str
issue_frame_words(const struct issue_event *ev, const struct json *frame)
{
    struct str platform = json_text_of(frame, "platform");
    struct str function = first_of(frame, "function", "raw_function", "symbol");

    platform = platform.n > 0 ? platform : ev->row->platform;
    return str_printf(ev->a, "%.*s · %.*s",
                      STR_FMT(function.n > 0 ? function : STR("<unknown>")),
                      STR_FMT(place(frame, platform)));
}


static struct str
line_of(struct arena *a, const struct json *frame)
{
    int64_t line = 0;
    int64_t column = 0;

    (void) json_i64(json_get(frame, "lineno"), &line);
    (void) json_i64(json_get(frame, "colno"), &column);
    if (line <= 0) {
        return STR_NULL;
    }
    return column > 0 ? str_printf(a, "%lld:%lld", (long long) line,
                                   (long long) column)
                      : str_printf(a, "%lld", (long long) line);
}


/* Source */

static void
add_lines(struct data *lines, const struct json *context)
{
    json_each(line, context)
    {
        data_str(data_row(lines), "text",
                 str_null(json_text(line)) ? STR("") : json_text(line));
    }
}


static void
source(const struct json *frame, struct data *d)
{
    const struct json *hit = json_get(frame, "context_line");
    const struct json *before = json_get(frame, "pre_context");
    struct data *src;
    struct data *row;
    struct data *lines;
    int64_t line = 0;

    if (str_null(json_text(hit))) {
        return;
    }
    (void) json_i64(json_get(frame, "lineno"), &line);
    line -= json_is(before, JSON_T_ARRAY) ? (int64_t) before->n : 0;

    src = data_child(d, "Src");
    data_i64(src, "start", line > 0 ? line : 1);
    lines = data_child(src, "Line");
    add_lines(lines, before);
    row = data_row(lines);
    data_str(row, "text", json_text(hit));
    data_bool(row, "hit", true);
    add_lines(lines, json_get(frame, "post_context"));
}


/* Frames */

/* Source and variables of calls that are shown, in bytes of the page, about;
 * those of a stack's newest call of the application always are. */
#define ROOM_IN_APP (10 << 10)
#define ROOM_LIBRARY (3 << 10)

/* What a line of source, or a variable, has around it. */
#define AROUND_LINE 10
#define AROUND_VARIABLE 45

#define RULES_MAX 16

/* Of the trace as text; a longer one has a page of its own. */
#define RAW_MAX 3000


struct stack_room {
    size_t bytes[2];             /* by in_app() */
    int64_t left;                /* calls without theirs */
    struct str rules[RULES_MAX]; /* of library calls, that are offered */
    size_t nrules;
};


static bool
has_room(const struct block *b, const struct json *frame, bool first)
{
    static const char *const parts[] = { "vars", "pre_context", "context_line",
                                         "post_context" };
    struct stack_room *left = b->ev->room;
    size_t *room = &left->bytes[in_app(frame)];
    struct buf text = buf_in(b->ev->a);
    size_t size = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct json *part = json_get(frame, parts[i]);

        if (part != NULL) {
            json_write(&text, part);
            size += part->n * (i == 0 ? AROUND_VARIABLE : AROUND_LINE);
        }
    }
    size += text.n;
    if (str_null(b->ev->whole) || size == 0 || first) {
        return true;
    }
    if (size > *room) {
        *room = 0; /* what is older has none either */
        return false;
    }
    *room -= size;
    return true;
}


static void
one_frame(const struct block *b, const struct json *frame, unsigned index,
          bool first, struct data *d)
{
    struct arena *a = b->ev->a;
    struct str platform = json_text_of(frame, "platform");
    struct str function = first_of(frame, "function", "raw_function", "symbol");
    struct str address = json_text_of(frame, "instruction_addr");
    const struct json *vars = json_get(frame, "vars");
    const struct json *meta =
        issue_meta_at(issue_meta(b->meta, "frames"), index);

    if (platform.n == 0) {
        platform = b->ev->row->platform;
    }
    data_str(d, "fn", function.n > 0 ? function : STR("<unknown>"));
    data_str(d, "file", place(frame, platform));
    data_str(d, "path", json_text_of(frame, "abs_path"));
    data_str(d, "line", line_of(a, frame));
    if (place(frame, platform).n == 0) {
        data_str(d, "file", address);
    }
    data_bool(d, "in_app", in_app(frame));
    data_bool(d, "minified", issue_is_minified(frame, platform));
    if (in_app(frame)) {
        issue_frame_more(b->ev, frame, platform, d);
    }
    if (!has_room(b, frame, first)) {
        b->ev->room->left++;
        return;
    }
    source(frame, d);
    if (vars != NULL && vars->n > 0) {
        issue_variables(a, data_child(d, "Vars"), vars,
                        issue_meta(meta, "vars"));
    }
}


/* "django.views" of "django.views.generic.base" or of its path. */
static struct str
package_of(struct arena *a, const struct json *frame)
{
    struct str module = json_text_of(frame, "module");
    char sep = '.';
    size_t parts = 0;
    size_t i;

    if (module.n == 0) {
        module = first_of(frame, "package", "filename", "abs_path");
        sep = '/';
    }
    for (i = 0; i < module.n; i++) {
        if (module.p[i] == sep && i > 0 && ++parts == 2) {
            break;
        }
    }
    (void) a;
    return str_sub(module, 0, i);
}


/* The names of a run's packages, three at most, each once. */
static struct str
packages_of(struct arena *a, const struct json *const *frames, size_t n)
{
    struct str seen[3];
    struct buf b = buf_in(a);
    size_t count = 0;

    for (size_t i = 0; i < n && count < 3; i++) {
        struct str name = package_of(a, frames[i]);
        bool known = name.n == 0;

        for (size_t j = 0; j < count && !known; j++) {
            known = str_eq(seen[j], name);
        }
        if (!known) {
            seen[count++] = name;
            buf_text(&b, b.n > 0 ? ", " : "");
            buf_str(&b, name);
        }
    }
    return buf_view(&b);
}


/* The rule that makes these calls the application's own: once a page. */
static struct str
library_rule(const struct issue_event *ev, const struct json *frame)
{
    struct str rule = issue_library_rule(ev, frame);
    struct stack_room *room = ev->room;

    for (size_t i = 0; i < room->nrules; i++) {
        if (str_eq(room->rules[i], rule)) {
            return STR_NULL;
        }
    }
    if (room->nrules < RULES_MAX) {
        room->rules[room->nrules++] = rule;
    }
    return rule;
}


struct frame_list {
    const struct json *v[FRAMES_MAX]; /* the newest first */
    unsigned index[FRAMES_MAX];       /* in the event */
    size_t n;
};


static void
collect(const struct json *stack, struct frame_list *out)
{
    const struct json *frames = json_get(stack, "frames");
    unsigned skip;
    unsigned i = 0;
    size_t at;

    out->n = 0;
    if (!json_is(frames, JSON_T_ARRAY)) {
        return;
    }
    skip = frames->n > FRAMES_MAX ? frames->n - FRAMES_MAX : 0;
    out->n = frames->n - skip;
    at = out->n;
    json_each(frame, frames)
    {
        if (i++ >= skip) {
            out->v[--at] = frame;
            out->index[at] = i - 1;
        }
    }
}


static void
frames(const struct block *b, struct data *list)
{
    struct frame_list all;
    bool open = b->open, first = true;

    collect(b->stack, &all);
    for (size_t i = 0; i < all.n;) {
        struct data *row = data_row(list);
        struct str names;
        size_t run = i;

        while (run < all.n && b->any_in_app && !in_app(all.v[run])) {
            run++;
        }
        if (run == i) {
            one_frame(b, all.v[i], all.index[i], first, row);
            data_bool(row, "open", open);
            open = first = false;
            i++;
            continue;
        }
        data_i64(row, "lib", (int64_t) (run - i));
        names = packages_of(b->ev->a, all.v + i, run - i);
        data_str(row, "names", names.n > 0 ? names : STR_NULL);
        data_str(row, "rule", library_rule(b->ev, all.v[i]));
        for (; i < run; i++) {
            one_frame(b, all.v[i], all.index[i], false,
                      data_row(data_child(row, "Frame")));
        }
    }
}


/* Blocks */

/* The name of the thread that it was thrown in; STR_NULL: it has none. */
static struct str
thread_name(const struct issue_event *ev, const struct json *exception)
{
    struct str id = issue_line(ev->a, json_get(exception, "thread_id"));

    json_each(thread, json_path(ev->doc, "threads", "values", NULL))
    {
        if (id.n > 0 && str_eq(issue_line(ev->a, json_get(thread, "id")), id)) {
            return json_text_of(thread, "name");
        }
    }
    return STR_NULL;
}


/* "mechanism django · unhandled · thread worker-7" */
static void
mechanism(const struct issue_event *ev, const struct json *exception,
          struct data *d)
{
    const struct json *m = json_get(exception, "mechanism");
    const struct json *handled = json_get(m, "handled");
    struct str type = json_text_of(m, "type");
    struct str thread = thread_name(ev, exception);
    struct buf b = buf_in(ev->a);

    if (type.n > 0) {
        buf_text(&b, "mechanism ");
        buf_str(&b, type);
    }
    if (json_is(handled, JSON_T_BOOL)) {
        buf_text(&b, b.n > 0 ? " · " : "");
        buf_text(&b, json_yes(handled) ? "handled" : "unhandled");
    }
    if (thread.n > 0) {
        buf_text(&b, b.n > 0 ? " · thread " : "thread ");
        buf_str(&b, thread);
    }
    data_str(d, "mechanism", buf_view(&b));
}


/* What its mechanism says beside that: in words, by signals and error codes. */
static void
mechanism_more(struct arena *a, const struct json *exception,
               const struct json *meta, struct data *list)
{
    static const struct {
        const char *name;
        const char *title;
    } texts[] = { { "description", N_("Description") },
                  { "help_link", N_("Help") } };
    static const char *const bags[] = { "data", "meta" };
    const struct json *m = json_get(exception, "mechanism");

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct json *v = json_get(m, texts[i].name);
        struct data *row;

        if (json_text(v).n > 0) {
            row = data_row(list);
            data_tr(row, "k", texts[i].title);
            issue_value(a, row, v, issue_meta(meta, texts[i].name));
        }
    }
    for (size_t i = 0; i < sizeof(bags) / sizeof(bags[0]); i++) {
        issue_values(a, list, json_get(m, bags[i]), issue_meta(meta, bags[i]));
    }
}


/*
 * "caused by", "suppressed" (as by Java's try-with-resources), or of which
 * group it is a part: the exception that its mechanism names as its parent,
 * when that one says that it is a group.
 */
static void
relation(const struct json *values, const struct json *exception,
         struct data *d)
{
    int64_t parent, id;

    data_bool(d, "cause", true);
    data_bool(d, "suppressed",
              str_is(json_text(json_path(exception, "mechanism", "type", NULL)),
                     "suppressed"));
    if (!json_i64(json_path(exception, "mechanism", "parent_id", NULL),
                  &parent)) {
        return;
    }
    json_each(other, values)
    {
        const struct json *m = json_get(other, "mechanism");

        if (json_i64(json_get(m, "exception_id"), &id) && id == parent
            && json_yes(json_get(m, "is_exception_group"))) {
            data_str(d, "group", json_text_of(other, "type"));
            return;
        }
    }
}


static void
exceptions(const struct issue_event *ev, const struct json *values,
           struct data *list)
{
    const struct json *order[EXCEPTIONS_MAX];
    const struct json *meta =
        json_get(json_get(json_get(ev->doc, "_meta"), "exception"), "values");
    unsigned n = values->n < EXCEPTIONS_MAX ? values->n : EXCEPTIONS_MAX;
    unsigned skip = values->n - n;
    unsigned i = 0;
    bool any = false;

    json_each(exception, values)
    {
        if (i++ >= skip) {
            order[i - 1 - skip] = exception;
            any = any || has_in_app(json_get(exception, "stacktrace"));
        }
    }
    for (i = n; i-- > 0;) {
        struct data *d = data_row(list);
        struct block b = {
            .ev = ev,
            .stack = json_get(order[i], "stacktrace"),
            .meta = issue_meta(issue_meta_at(meta, i + skip), "stacktrace"),
            .open = i + 1 == n,
        };
        struct str module = json_text_of(order[i], "module");
        struct str type = json_text_of(order[i], "type");

        b.any_in_app = any && has_in_app(b.stack);
        data_str(d, "type", type.n > 0 ? type : STR("Error"));
        data_str(d, "module", module);
        issue_value(ev->a, data_child(d, "Value"), json_get(order[i], "value"),
                    issue_meta(issue_meta_at(meta, i + skip), "value"));
        if (i + 1 < n) {
            relation(values, order[i], d);
        }
        mechanism(ev, order[i], d);
        mechanism_more(ev->a, order[i],
                       issue_meta(issue_meta_at(meta, i + skip), "mechanism"),
                       data_child(d, "Mechanism"));
        frames(&b, data_child(d, "Frame"));
    }
}


static struct str
thread_title(struct arena *a, const struct json *thread)
{
    struct str name = json_text_of(thread, "name");
    struct str id = issue_line(a, json_get(thread, "id"));

    if (name.n > 0) {
        return lang_fill(a, N_("Thread {0}"), FILL(name));
    }
    return id.n > 0 && !str_is(id, "null")
               ? lang_fill(a, N_("Thread {0}"), FILL(id))
               : str_of(tr("Stack"));
}


/* The crashed thread first, then the current one, then the rest. */
static int
thread_rank(const struct json *thread)
{
    return json_yes(json_get(thread, "crashed"))   ? 0
           : json_yes(json_get(thread, "current")) ? 1
                                                   : 2;
}


static void
threads(const struct issue_event *ev, const struct json *values,
        struct data *list)
{
    const struct json *meta =
        json_get(json_get(json_get(ev->doc, "_meta"), "threads"), "values");
    unsigned count = 0;

    for (int rank = 0; rank <= 2; rank++) {
        unsigned i = 0;

        json_each(thread, values)
        {
            struct block b = {
                .ev = ev,
                .stack = json_get(thread, "stacktrace"),
                .meta = issue_meta(issue_meta_at(meta, i++), "stacktrace"),
                .open = count == 0,
            };
            struct data *d;

            if (thread_rank(thread) != rank || b.stack == NULL
                || count == THREADS_MAX) {
                continue;
            }
            count++;
            b.any_in_app = has_in_app(b.stack);
            d = data_row(list);
            data_str(d, "type", thread_title(ev->a, thread));
            data_text(d, "mechanism",
                      rank == 0   ? "crashed"
                      : rank == 1 ? "current"
                                  : "");
            frames(&b, data_child(d, "Frame"));
        }
    }
}


/* The thread that an exception came from: its stack stands above. */
static bool
has_thrown(struct arena *a, const struct json *exceptions,
           const struct json *thread)
{
    struct str id = issue_line(a, json_get(thread, "id"));

    json_each(exception, exceptions)
    {
        const struct json *of = json_get(exception, "thread_id");

        if (of != NULL && str_eq(issue_line(a, of), id)) {
            return true;
        }
    }
    return json_yes(json_get(thread, "crashed"));
}


/* What else ran: its calls without source, the newest first. */
static void
thread_beside(const struct issue_event *ev, const struct json *thread,
              struct data *d)
{
    struct block b = { .ev = ev, .stack = json_get(thread, "stacktrace") };
    struct frame_list all;

    collect(b.stack, &all);
    data_str(d, "title", thread_title(ev->a, thread));
    data_bool(d, "current", json_yes(json_get(thread, "current")));
    data_str(d, "state", json_text_of(thread, "state"));
    data_i64(d, "frames", (int64_t) all.n);
    for (size_t i = 0; i < all.n && i < BESIDE_FRAMES; i++) {
        struct data *row = data_row(data_child(d, "Frame"));
        struct str platform = json_text_of(all.v[i], "platform");
        struct str function =
            first_of(all.v[i], "function", "raw_function", "symbol");

        data_str(row, "fn", function.n > 0 ? function : STR("<unknown>"));
        data_str(
            row, "file",
            place(all.v[i], platform.n > 0 ? platform : ev->row->platform));
        data_str(row, "line", line_of(ev->a, all.v[i]));
        data_bool(row, "in_app", in_app(all.v[i]));
    }
    if (all.n > BESIDE_FRAMES) {
        data_i64(d, "more", (int64_t) (all.n - BESIDE_FRAMES));
    }
}


static void
beside(const struct issue_event *ev, const struct json *exceptions,
       const struct json *values, struct data *d)
{
    int64_t n = 0;

    json_each(thread, values)
    {
        const struct json *v = json_path(thread, "stacktrace", "frames", NULL);

        if (!json_is(v, JSON_T_ARRAY) || v->n == 0
            || has_thrown(ev->a, exceptions, thread)) {
            continue;
        }
        if (n++ < BESIDE_MAX) {
            thread_beside(ev, thread, data_row(data_child(d, "Thread")));
        }
    }
    if (n > BESIDE_MAX) {
        data_i64(d, "more_threads", n - BESIDE_MAX);
    }
}


bool
issue_has_frames(const struct json *exceptions)
{
    json_each(exception, exceptions)
    {
        const struct json *v =
            json_path(exception, "stacktrace", "frames", NULL);

        if (json_is(v, JSON_T_ARRAY) && v->n > 0) {
            return true;
        }
    }
    return false;
}


static void
bare(const struct issue_event *ev, const struct json *stack, struct data *list)
{
    struct block b = {
        .ev = ev,
        .stack = stack,
        .meta = json_path(ev->doc, "_meta", "stacktrace", NULL),
        .any_in_app = has_in_app(stack),
        .open = true,
    };

    list = data_row(list);
    data_text(list, "type", "Stack");
    frames(&b, data_child(list, "Frame"));
}


static bool
has_minified(const struct issue_event *ev, const struct json *stack)
{
    json_each(frame, json_get(stack, "frames"))
    {
        struct str platform = json_text_of(frame, "platform");

        if (issue_is_minified(frame,
                              platform.n > 0 ? platform : ev->row->platform)) {
            return true;
        }
    }
    return false;
}


void
issue_stack(const struct issue_event *event, struct data *d)
{
    struct stack_room room = { .bytes = { ROOM_LIBRARY, ROOM_IN_APP } };
    struct issue_event with = *event, *ev = &with;
    const struct json *exception =
        json_path(event->doc, "exception", "values", NULL);
    const struct json *thread =
        json_path(event->doc, "threads", "values", NULL);
    const struct json *stack = json_get(event->doc, "stacktrace");
    bool minified = has_minified(ev, stack);
    bool traced = false;
    struct data *list;
    struct str raw;

    if (exception == NULL && thread == NULL && stack == NULL) {
        return;
    }
    with.room = &room;
    list = data_child(data_child(d, "Stack"), "Exc");

    if (json_is(exception, JSON_T_ARRAY) && exception->n > 0) {
        exceptions(ev, exception, list);
        traced = issue_has_frames(exception);
    }
    if (traced && json_is(thread, JSON_T_ARRAY)) {
        beside(ev, exception, thread, data_child(d, "Stack"));

    } else if (!traced && json_is(thread, JSON_T_ARRAY) && thread->n > 0) {
        threads(ev, thread, list);

    } else if (!traced && stack != NULL) {
        bare(ev, stack, list);
    }
    json_each(e, exception)
    {
        minified = minified || has_minified(ev, json_get(e, "stacktrace"));
    }
    data_bool(data_child(d, "Stack"), "minified", minified);
    data_i64(data_child(d, "Stack"), "left", room.left);
    data_str(data_child(d, "Stack"), "whole", ev->whole);
    raw = issue_raw_trace(ev);
    if (raw.n > RAW_MAX && !str_null(ev->text) && !str_null(ev->whole)) {
        data_str(data_child(d, "Stack"), "text", ev->text);
    } else {
        data_str(data_child(d, "Stack"), "raw", raw);
    }
}
