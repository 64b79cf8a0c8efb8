/*
 * The entries of a fingerprint and their variables: grouping.md §1.2.
 */

#include "digest/fingerprint.h"

#include "digest/grouping.h"
#include "digest/stacks.h"

#define TITLE_MAX 200


/* ---- the variables */

static const struct exception *
last_exception(const struct event *ev)
{
    const struct stacks *st = ev->stacks;

    return st->n > 0 ? &st->exceptions[st->n - 1] : NULL;
}


static struct str
first_of(struct str a, struct str b)
{
    return a.n > 0 ? a : b;
}


static struct str
transaction(const struct event *ev)
{
    return json_text_of(ev->doc, "transaction");
}


static struct str
type(const struct event *ev)
{
    const struct exception *e = last_exception(ev);

    return e != NULL ? e->type : STR_NULL;
}


static struct str
value(const struct event *ev)
{
    const struct exception *e = last_exception(ev);

    return e != NULL ? e->value : STR_NULL;
}


static struct str
message(const struct event *ev)
{
    struct json *entry = json_get(ev->doc, "logentry");
    struct str s = first_of(json_text_of(entry, "formatted"),
                            json_text_of(entry, "message"));

    return first_of(s, value(ev));
}


static struct str
function(const struct event *ev)
{
    const struct frame *f = stacks_crash_frame(ev->stacks);

    return f != NULL ? f->function : STR_NULL;
}


static struct str
abs_path(const struct event *ev)
{
    const struct frame *f = stacks_crash_frame(ev->stacks);

    return f != NULL ? first_of(f->abs_path, f->filename) : STR_NULL;
}


static struct str
filename(const struct event *ev)
{
    const struct frame *f = stacks_crash_frame(ev->stacks);

    return f != NULL ? first_of(f->filename, f->abs_path) : STR_NULL;
}


static struct str
module(const struct event *ev)
{
    const struct frame *f = stacks_crash_frame(ev->stacks);

    return f != NULL ? f->module : STR_NULL;
}


static struct str
package(const struct event *ev)
{
    const struct frame *f = stacks_crash_frame(ev->stacks);
    struct str s = f != NULL ? f->package : STR_NULL;

    for (size_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '/' || s.p[i - 1] == '\\') {
            return str_sub(s, i, s.n);
        }
    }
    return s;
}


static struct str
level(const struct event *ev)
{
    return json_text_of(ev->doc, "level");
}


static struct str
logger(const struct event *ev)
{
    return json_text_of(ev->doc, "logger");
}


static const struct {
    const char *name;
    struct str (*get)(const struct event *);
    const char *absent;
} variables[] = {
    { "transaction", transaction, "<no-transaction>" },
    { "message", message, "<no-message>" },
    { "error.type", type, "<no-type>" },
    { "type", type, "<no-type>" },
    { "error.value", value, "<no-value>" },
    { "value", value, "<no-value>" },
    { "stack.function", function, "<no-function>" },
    { "function", function, "<no-function>" },
    { "stack.abs_path", abs_path, "<no-abs-path>" },
    { "path", abs_path, "<no-abs-path>" },
    { "stack.filename", filename, "<no-filename>" },
    { "stack.module", module, "<no-module>" },
    { "module", module, "<no-module>" },
    { "stack.package", package, "<no-package>" },
    { "package", package, "<no-package>" },
    { "level", level, "<no-level>" },
    { "logger", logger, "<no-logger>" },
};


static struct str
tag(const struct event *ev, struct str key)
{
    for (size_t i = 0; i < ev->ntags; i++) {
        if (str_eq(ev->tags[i].key, key)) {
            return ev->tags[i].value;
        }
    }
    return STR_NULL;
}


static struct str
resolve(struct arena *a, const struct event *ev, struct str name)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (str_is(name, variables[i].name)) {
            return first_of(variables[i].get(ev), str_of(variables[i].absent));
        }
    }
    if (str_starts(name, STR("tags."))) {
        struct str key = str_sub(name, 5, name.n);

        return first_of(tag(ev, key),
                        str_printf(a, "<no-value-for-tag-%.*s>", STR_FMT(key)));
    }
    return str_printf(a, "<unrecognized-variable-%.*s>", STR_FMT(name));
}


/* The name in "{{ name }}", when s is that and nothing else. */
static bool
variable(struct str s, struct str *name)
{
    if (!str_starts(s, STR("{{")) || !str_ends(s, STR("}}")) || s.n < 5) {
        return false;
    }
    *name = str_trim(str_sub(s, 2, s.n - 2));
    if (name->n == 0) {
        return false;
    }
    for (size_t i = 0; i < name->n; i++) {
        if (name->p[i] == ' ' || (name->p[i] >= '\t' && name->p[i] <= '\r')) {
            return false;
        }
    }
    return true;
}


struct str
prints_expand(struct arena *a, const struct event *ev, struct str text)
{
    struct buf out = buf_in(a);

    while (text.n > 0 && out.n < TITLE_MAX) {
        ptrdiff_t from = str_find(text, STR("{{")), to;
        struct str name;

        to = from == -1
                 ? -1
                 : str_find(str_sub(text, (size_t) from, text.n), STR("}}"));
        if (to == -1
            || !variable(str_sub(text, (size_t) from, (size_t) (from + to + 2)),
                         &name)) {
            size_t n = from == -1 ? text.n : (size_t) from + 2;

            buf_str(&out, str_sub(text, 0, n));
            text = str_sub(text, n, text.n);
            continue;
        }
        buf_str(&out, str_sub(text, 0, (size_t) from));
        buf_str(&out, resolve(a, ev, name));
        text = str_sub(text, (size_t) (from + to + 2), text.n);
    }
    return str_cut(buf_view(&out), TITLE_MAX);
}


/* ---- the entries */

static void
add(struct arena *a, const struct event *ev, struct prints *out, struct str s)
{
    struct print *p = &out->entries[out->n++];
    struct str name;

    p->value = s;
    if (!variable(s, &name)) {
        return;
    }
    if (str_is(name, "default")) {
        p->is_default = true;
        out->has_default = true;
        return;
    }
    p->value = resolve(a, ev, name);
}


static bool
by_rule(struct arena *a, struct event *ev, struct prints *out, unsigned version)
{
    const struct fingerprint_rules *own =
        ev->grouping != NULL ? ev->grouping->fingerprint : NULL;
    struct fingerprint_verdict verdict;

    if (!fingerprint_rules_match(a, ev, own, &verdict)) {
        return false;
    }
    if (verdict.older != NULL) {
        out->differs = true;
        if (version == 1) {
            verdict.values = verdict.older;
            verdict.n = verdict.nolder;
        }
    }
    out->rule = verdict.rule;
    out->entries = arena_array(a, verdict.n, sizeof(*out->entries));
    for (size_t i = 0; i < verdict.n; i++) {
        add(a, ev, out, verdict.values[i]);
    }
    out->by =
        verdict.builtin ? "built-in fingerprint rule" : "fingerprint rule";
    if (verdict.title.n > 0) {
        ev->title = prints_expand(a, ev, verdict.title);
    }
    return true;
}


struct prints
prints_of(struct arena *a, struct event *ev, unsigned version)
{
    struct prints out = { 0 };
    struct json *list = json_get(ev->doc, "fingerprint");

    if (!by_rule(a, ev, &out, version)) {
        if (!json_is(list, JSON_T_ARRAY) || list->n == 0) {
            return out;
        }
        out.entries = arena_array(a, list->n, sizeof(*out.entries));
        json_each(e, list)
        {
            if (e->type == JSON_T_STRING) {
                add(a, ev, &out, e->text);
            }
        }
        out.by = "client fingerprint";
    }
    if (out.n == 1 && out.has_default) {
        out.n = 0; /* as if there were none */
    }
    return out;
}
