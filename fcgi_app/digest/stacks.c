/*
 * Reads the stacks out of the tree, lets the rules decide about the frames,
 * and writes their verdict back.
 */

#include "digest/stacks.h"

#include "digest/grouping.h"

static const struct {
    const char *name;
    enum platform platform;
    enum family family;
} platforms[] = {
    { "c", PLATFORM_C, FAMILY_NATIVE },
    { "cocoa", PLATFORM_COCOA, FAMILY_NATIVE },
    { "swift", PLATFORM_COCOA, FAMILY_NATIVE },
    { "csharp", PLATFORM_CSHARP, FAMILY_OTHER },
    { "go", PLATFORM_GO, FAMILY_OTHER },
    { "java", PLATFORM_JAVA, FAMILY_OTHER },
    { "javascript", PLATFORM_JAVASCRIPT, FAMILY_JAVASCRIPT },
    { "native", PLATFORM_NATIVE, FAMILY_NATIVE },
    { "node", PLATFORM_NODE, FAMILY_JAVASCRIPT },
    { "objc", PLATFORM_OBJC, FAMILY_NATIVE },
    { "php", PLATFORM_PHP, FAMILY_OTHER },
    { "python", PLATFORM_PYTHON, FAMILY_OTHER },
    { "ruby", PLATFORM_RUBY, FAMILY_OTHER },
};


static void
read_platform(struct str s, enum platform *platform, enum family *family)
{
    *platform = PLATFORM_OTHER;
    *family = FAMILY_OTHER;
    for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++) {
        if (str_is(s, platforms[i].name)) {
            *platform = platforms[i].platform;
            *family = platforms[i].family;
            return;
        }
    }
}


/* The texts of a frame; looked at in one pass over its members. */
#define TEXT(name, member)                                                     \
    {                                                                          \
        { #name, sizeof(#name) - 1 }, offsetof(struct frame, member)           \
    }

static const struct {
    struct str name;
    size_t offset;
} texts[] = {
    TEXT(function, given),
    TEXT(raw_function, raw_function),
    TEXT(module, module),
    TEXT(package, package),
    TEXT(filename, filename),
    TEXT(abs_path, abs_path),
    TEXT(context_line, context_line),
    TEXT(lineno, lineno),
    TEXT(colno, colno),
};


static void
read_text(struct frame *f, const struct json *v)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (str_eq(v->key, texts[i].name)) {
            /* an empty text says nothing */
            if (v->text.n > 0) {
                *(struct str *) ((char *) f + texts[i].offset) = v->text;
            }
            return;
        }
    }
}


static void
read_frame(struct arena *a, const struct stacks *st, struct json *node,
           struct frame *f)
{
    bool original = false;
    int64_t was = 0;

    f->node = node;
    f->platform = st->platform;
    f->family = st->family;
    f->client_in_app = f->told_in_app = -1;

    json_each(v, node)
    {
        switch (v->type) {
        case JSON_T_STRING:
            if (str_is(v->key, "platform")) {
                read_platform(v->text, &f->platform, &f->family);
                break;
            }
            read_text(f, v);
            break;

        case JSON_T_NUMBER:
            read_text(f, v);
            break;

        case JSON_T_BOOL:
            if (str_is(v->key, "in_app")) {
                f->told_in_app = v->flag;
            }
            break;

        case JSON_T_OBJECT:
            if (str_is(v->key, "data")) {
                struct json *map = json_get(v, "sourcemap");

                f->source_mapped = map != NULL && map->type != JSON_T_NULL;

                /* rules have run before: begin with what the client said */
                original = json_i64(json_get(v, "orig_in_app"), &was);
            }
            break;

        default:
            break;
        }
    }
    f->client_in_app = original ? (was > 0) - (was < 0) : f->told_in_app;
    f->function = function_trim(a, f);
}


static struct stack *
read_stack(struct arena *a, const struct stacks *st, const struct json *trace,
           const struct exception *owner)
{
    struct json *frames = json_get(trace, "frames");
    struct stack *s;

    if (!json_is(frames, JSON_T_ARRAY) || frames->n == 0) {
        return NULL;
    }
    s = arena_new_of(a, struct stack);
    s->owner = owner;
    s->frames = arena_array(a, frames->n, sizeof(*s->frames));
    json_each(node, frames)
    {
        if (node->type == JSON_T_OBJECT) {
            read_frame(a, st, node, &s->frames[s->n++]);
        }
    }
    return s->n > 0 ? s : NULL;
}


static void
read_exception(struct arena *a, const struct stacks *st, struct json *node,
               struct exception *e)
{
    struct json *mechanism = json_get(node, "mechanism");
    struct json *handled = json_get(mechanism, "handled");
    struct json *ns = json_path(mechanism, "meta", "ns_error", NULL);
    struct json *code = json_get(ns, "code");

    e->node = node;
    e->type = json_text_of(node, "type");
    e->value = json_text_of(node, "value");
    e->module = json_text_of(node, "module");
    e->mechanism = json_text_of(mechanism, "type");
    e->synthetic = json_yes(json_get(mechanism, "synthetic"));
    e->handled = json_yes(handled);
    e->unhandled = json_is(handled, JSON_T_BOOL) && !handled->flag;
    e->is_group = json_yes(json_get(mechanism, "is_exception_group"));
    e->has_id = json_i64(json_get(mechanism, "exception_id"), &e->id);
    e->has_parent = json_i64(json_get(mechanism, "parent_id"), &e->parent);
    e->ns_domain = json_text_of(ns, "domain");
    if (code != NULL
        && (code->type == JSON_T_NUMBER || code->type == JSON_T_STRING)) {
        e->ns_code = code->text;
    }
    e->stack = read_stack(a, st, json_get(node, "stacktrace"), e);
}


/* Exactly one crashed, else exactly one current, else the only one. */
static struct json *
sole_thread(const struct json *threads)
{
    static const char *const marks[] = { "crashed", "current" };

    for (size_t i = 0; i < 2; i++) {
        struct json *found = NULL;
        unsigned count = 0;

        json_each(thread, threads)
        {
            if (json_yes(json_get(thread, marks[i]))) {
                found = thread;
                count++;
            }
        }
        if (count == 1) {
            return found;
        }
    }
    return threads != NULL && threads->n == 1 ? threads->first : NULL;
}


/*
 * Writes in_app where the tree says something else, and keeps what the client
 * said in data.orig_in_app, so that changed rules can run again.
 */
static void
write_back(struct arena *a, const struct stack *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        struct frame *f = &s->frames[i];
        struct json *data;

        if (f->told_in_app == f->in_app) {
            continue;
        }
        json_set(f->node, STR("in_app"), json_new_bool(a, f->in_app));
        data = json_get(f->node, "data");
        if (!json_is(data, JSON_T_OBJECT)) {
            data = json_new(a, JSON_T_OBJECT);
            json_set(f->node, STR("data"), data);
        }
        json_set(data, STR("orig_in_app"), json_new_i64(a, f->client_in_app));
    }
}


static void
decide(struct arena *a, const struct event *ev, struct stack *s)
{
    if (s != NULL) {
        stack_rules_apply(a, s,
                          ev->grouping != NULL ? ev->grouping->stack : NULL);
        write_back(a, s);
    }
}


void
stacks_build(struct arena *a, struct event *ev)
{
    struct json *values = json_path(ev->doc, "exception", "values", NULL);
    struct json *threads = json_path(ev->doc, "threads", "values", NULL);
    struct stacks *st = arena_new_of(a, struct stacks);

    read_platform(json_text_of(ev->doc, "platform"), &st->platform,
                  &st->family);

    if (json_is(values, JSON_T_ARRAY) && values->n > 0) {
        st->exceptions = arena_array(a, values->n, sizeof(*st->exceptions));
        json_each(node, values)
        {
            if (node->type == JSON_T_OBJECT) {
                read_exception(a, st, node, &st->exceptions[st->n++]);
            }
        }
    }
    for (unsigned i = 0; i < st->n; i++) {
        decide(a, ev, st->exceptions[i].stack);
    }

    st->thread =
        read_stack(a, st, json_get(sole_thread(threads), "stacktrace"), NULL);
    decide(a, ev, st->thread);
    st->bare = read_stack(a, st, json_get(ev->doc, "stacktrace"), NULL);
    decide(a, ev, st->bare);

    exception_groups(a, st);
    ev->stacks = st;
}


struct stack *
stacks_crashed(const struct stacks *st)
{
    for (unsigned i = st->n; i > 0; i--) {
        if (st->exceptions[i - 1].stack != NULL) {
            return st->exceptions[i - 1].stack;
        }
    }
    return st->bare != NULL ? st->bare : st->thread;
}


struct frame *
stacks_crash_frame(const struct stacks *st)
{
    struct stack *s = stacks_crashed(st);

    if (s == NULL) {
        return NULL;
    }
    for (unsigned i = s->n; i > 0; i--) {
        if (s->frames[i - 1].in_app) {
            return &s->frames[i - 1];
        }
    }
    return &s->frames[s->n - 1];
}
