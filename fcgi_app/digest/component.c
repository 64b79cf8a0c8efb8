/*
 * Leaves.  Each is written as letter, text, separator, so that no two lists of
 * leaves make the same bytes.  A frame's leaves are worked out once and used
 * by both variants.
 *
 * Line numbers, variables, addresses, absolute paths and packages never count.
 */

#include "digest/component.h"

#include "digest/message.h"
#include "digest/steady.h"
#include "util/crypt.h"

#define CONTEXT_MAX 120 /* characters: a longer source line is generated */

static const struct {
    char letter;
    const char *name;
} kinds[] = {
    [LEAF_TYPE] = { 'T', "exception type" },
    [LEAF_VALUE] = { 'V', "exception value" },
    [LEAF_NS_DOMAIN] = { 'D', "error domain" },
    [LEAF_NS_CODE] = { 'N', "error code" },
    [LEAF_MODULE] = { 'm', "module" },
    [LEAF_FILENAME] = { 'n', "filename" },
    [LEAF_FUNCTION] = { 'f', "function" },
    [LEAF_CONTEXT] = { 'c', "source line" },
    [LEAF_MESSAGE] = { 'M', "message" },
    [LEAF_FINGERPRINT] = { 'F', "fingerprint" },
    [LEAF_CHECKSUM] = { 'C', "checksum" },
    [LEAF_SALT] = { 'S', "violation" },
    [LEAF_LOCATION] = { 'L', "location" },
    [LEAF_FALLBACK] = { '0', "nothing to group by" },
};


struct leaves
leaves_in(struct arena *a, unsigned version)
{
    return (struct leaves){ .bytes = buf_in(a), .version = version };
}


void
leaves_add(struct leaves *out, enum leaf kind, struct str value)
{
    buf_char(&out->bytes, kinds[kind].letter);
    buf_str(&out->bytes, value);
    buf_char(&out->bytes, '\x1f');

    if (out->n == COMPONENTS_MAX) {
        return;
    }
    if (out->list == NULL) {
        out->list =
            arena_array(out->bytes.arena, COMPONENTS_MAX, sizeof(*out->list));
    }
    out->list[out->n].name = kinds[kind].name;
    out->list[out->n++].value = value;
}


void
leaves_add_message(struct leaves *out, enum leaf kind, struct str value)
{
    leaves_add(out, kind,
               message_parameterize(out->bytes.arena, value, out->version,
                                    &out->differs));
}


void
leaves_hash(const struct leaves *l, unsigned char out[16])
{
    digest16(buf_view(&l->bytes), out);
}


/* ---- frames */

static bool
has_prefix(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_starts(s, str_of(list[i]))) {
            return true;
        }
    }
    return false;
}


/* True for a path that is a URL: says where a bundle lies, not which file. */
static bool
has_url_origin(const struct frame *f, bool file_too)
{
    static const char *const origins[] = { "http:", "https:", "applewebdata:",
                                           "blob:", "file:" };

    return has_prefix(f->abs_path, origins, file_too ? 5 : 4);
}


static struct str
basename_of(struct str s)
{
    for (size_t i = s.n; i > 0; i--) {
        if (s.p[i - 1] == '/' || s.p[i - 1] == '\\') {
            return str_sub(s, i, s.n);
        }
    }
    return s;
}


static struct str
module_leaf(struct arena *a, const struct frame *f, unsigned version)
{
    if (str_null(f->module)) {
        return STR_NULL;
    }
    if (f->family == FAMILY_JAVASCRIPT && str_chr(f->module, '/') != -1
        && str_ends(f->abs_path, f->module)) {
        return STR_NULL; /* a path that poses as a module */
    }
    if (f->platform == PLATFORM_JAVA) {
        return java_module_clean(a, f->module, version);
    }
    return version > 1 ? steady_module(a, f, f->module) : f->module;
}


static struct str
filename_leaf(struct arena *a, const struct frame *f, unsigned version)
{
    struct str s = f->filename;

    if (str_null(s) || str_is(s, "<anonymous>") || str_is(s, "[native code]")
        || has_url_origin(f, false)) {
        return STR_NULL;
    }
    s = basename_of(s);
    if (s.n == 0) {
        return STR_NULL;
    }
    if (f->platform == PLATFORM_JAVA) {
        s = java_filename_clean(a, s);
    }
    if (version > 1) {
        s = steady_filename(a, f, s);
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z') {
            return str_lower(a, s);
        }
    }
    return s;
}


/* White space as single spaces, trimmed; s itself when it is so already. */
static struct str
squeeze(struct arena *a, struct str s)
{
    bool clean = true;
    char *p;
    size_t k = 0;

    s = str_trim(s);
    for (size_t i = 0; i < s.n && clean; i++) {
        clean = s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r'
                && s.p[i] != '\f' && s.p[i] != '\v'
                && (s.p[i] != ' ' || s.p[i - 1] != ' ');
    }
    if (clean) {
        return s;
    }

    p = str_dup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool space = c == ' ' || (c >= '\t' && c <= '\r');

        if (!space) {
            p[k++] = c;

        } else if (k > 0 && p[k - 1] != ' ') {
            p[k++] = ' ';
        }
    }
    return str_make(p, k);
}


/* Version 1 took bytes for characters. */
static size_t
length(struct str s, unsigned version)
{
    size_t n = s.n;

    for (size_t i = 0; version > 1 && s.n > CONTEXT_MAX && i < s.n; i++) {
        n -= ((unsigned char) s.p[i] & 0xc0) == 0x80;
    }
    return n;
}


static struct str
context_leaf(struct arena *a, const struct frame *f, unsigned version)
{
    switch (f->platform) {
    case PLATFORM_JAVASCRIPT:
    case PLATFORM_NODE:
    case PLATFORM_PYTHON:
    case PLATFORM_PHP:
    case PLATFORM_RUBY:
        break;

    default:
        return STR_NULL;
    }
    if (str_null(f->context_line)
        || length(f->context_line, version) > CONTEXT_MAX
        || (f->family == FAMILY_JAVASCRIPT && str_null(f->function)
            && has_url_origin(f, true))) {
        return STR_NULL;
    }
    struct str s = squeeze(a, f->context_line);

    return s.n > 0 ? s : STR_NULL;
}


static void
frame_leaves(struct arena *a, struct frame *f, unsigned version)
{
    f->leaf_module = module_leaf(a, f, version);
    f->leaf_filename =
        str_null(f->leaf_module) ? filename_leaf(a, f, version) : STR_NULL;
    f->leaf_context = context_leaf(a, f, version);
    f->leaf_function = version > 1 ? steady_function(a, f, f->function)
                                   : unsteady_function(f, f->function);
    if (f->family == FAMILY_JAVASCRIPT && f->source_mapped
        && !str_null(f->leaf_context)) {
        f->leaf_function = STR_NULL; /* minified: another one each build */
    }
}


/* Also says whether the version before would have found other leaves. */
static bool
frame_leaves_differ(struct arena *a, struct frame *f, unsigned version)
{
    struct frame earlier = *f;

    frame_leaves(a, f, version);
    if (version == 1) {
        return false;
    }
    frame_leaves(a, &earlier, version - 1);
    return !str_eq(earlier.leaf_module, f->leaf_module)
           || !str_eq(earlier.leaf_filename, f->leaf_filename)
           || !str_eq(earlier.leaf_context, f->leaf_context)
           || !str_eq(earlier.leaf_function, f->leaf_function);
}


/* ---- stacks */

static bool
has_leaf(const struct frame *f)
{
    return !str_null(f->leaf_module) || !str_null(f->leaf_filename)
           || !str_null(f->leaf_function) || !str_null(f->leaf_context);
}


static bool
is_nowhere(const struct frame *f)
{
    static const char *const paths[] = { "[native code]", "native code",
                                         "eval code", "<anonymous>" };

    if (f->family != FAMILY_JAVASCRIPT) {
        return false;
    }
    if (str_is(f->given, "eval")) {
        return true;
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (str_is(f->abs_path, paths[i])) {
            return true;
        }
    }
    return false;
}


static bool
is_repeat(const struct frame *a, const struct frame *b)
{
    return str_eq(a->lineno, b->lineno) && str_eq(a->colno, b->colno)
           && str_eq(a->given, b->given) && str_eq(a->filename, b->filename)
           && str_eq(a->module, b->module) && str_eq(a->abs_path, b->abs_path)
           && str_eq(a->package, b->package);
}


static bool
counts(const struct stack *s, unsigned i, bool app)
{
    const struct frame *f = &s->frames[i];

    if (app && !f->in_app) {
        return false;
    }
    if (f->group < 0 || !has_leaf(f) || is_nowhere(f)) {
        return false;
    }
    return i == 0 || !is_repeat(f, &s->frames[i - 1]);
}


static void
add(struct leaves *out, enum leaf kind, struct str s)
{
    if (!str_null(s)) {
        leaves_add(out, kind, s);
    }
}


bool
stack_leaves(struct leaves *out, struct stack *s, bool app)
{
    unsigned total = 0, skip = 0;

    if (s == NULL) {
        return false;
    }
    if (s->leaves_version != out->version) {
        s->leaves_differ = false;
        for (unsigned i = 0; i < s->n; i++) {
            s->leaves_differ |= frame_leaves_differ(
                out->bytes.arena, &s->frames[i], out->version);
        }
        s->leaves_version = out->version;
    }
    out->differs |= s->leaves_differ;

    /* one frame of a page without a function says only "somewhere here" */
    if (s->n == 1 && s->frames[0].family == FAMILY_JAVASCRIPT
        && str_null(s->frames[0].function)
        && has_url_origin(&s->frames[0], true)) {
        return false;
    }

    for (unsigned i = 0; i < s->n; i++) {
        total += counts(s, i, app);
    }
    if (total == 0 || total < s->min_frames) {
        return false;
    }
    if (s->max_frames > 0 && total > s->max_frames) {
        skip = total - s->max_frames;
    }

    for (unsigned i = 0; i < s->n; i++) {
        const struct frame *f = &s->frames[i];

        if (!counts(s, i, app)) {
            continue;
        }
        if (skip > 0) {
            skip--;
            continue;
        }
        add(out, LEAF_MODULE, f->leaf_module);
        add(out, LEAF_FILENAME, f->leaf_filename);
        add(out, LEAF_FUNCTION, f->leaf_function);
        add(out, LEAF_CONTEXT, f->leaf_context);
        buf_char(&out->bytes, '\x1e');
    }
    out->stacks++;
    return true;
}


bool
exception_leaves(struct leaves *out, const struct exception *e, bool app)
{
    size_t before = out->bytes.n;

    if (!e->synthetic && e->type.n > 0) {
        leaves_add(out, LEAF_TYPE, e->type);
    }
    add(out, LEAF_NS_DOMAIN, e->ns_domain);
    add(out, LEAF_NS_CODE, e->ns_code);

    if (!stack_leaves(out, e->stack, app) && str_null(e->ns_domain)
        && str_null(e->ns_code) && e->value.n > 0) {
        leaves_add_message(out, LEAF_VALUE, e->value);
    }
    buf_char(&out->bytes, '\x1d');
    return out->bytes.n > before + 1;
}
