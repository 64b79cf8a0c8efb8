#include "digest/scrub_rule.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "util/buf.h"
#include "util/crypt.h"

#define STEPS_MAX 20000 /* of a match: what backtracks more does not match */
#define HITS_MAX 1000   /* in one text */
#define PATHS_MAX 20
#define NAMES_MAX 20 /* of a path in a rule */
#define REPLACEMENT_MAX 200
#define ANY_NAMES_MAX 3 /* each of them tries every rest of a path */

struct path {
    bool excludes;
    struct str names[NAMES_MAX];
    size_t n;
};

struct scrub_rule {
    enum scrub_method method;
    const char *type; /* of the table, or "pattern" */
    pcre2_code *code; /* NULL: anything */
    struct str with;
    struct path *paths;
    size_t npaths;
    const char *name;
};

static const struct {
    const char *word;
    const char *mark; /* in _meta */
} methods[] = {
    [SCRUB_REMOVE] = { "remove", "x" },
    [SCRUB_MASK] = { "mask", "m" },
    [SCRUB_HASH] = { "hash", "p" },
    [SCRUB_REPLACE] = { "replace", "s" },
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

/* What can be looked for.  Letters alike. */
static const struct {
    const char *word;
    const char *pattern; /* NULL: the whole value */
} types[] = {
    { "anything", NULL },
    { "email", "[a-z0-9._%+'-]+@[a-z0-9-]+(?:\\.[a-z0-9-]+)+" },
    { "ip", "(?<![0-9a-z:._])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
            "(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}"
            "|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
            "|(?=[0-9a-f:]*::)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})"
            "(?![0-9a-z:_]|\\.[0-9])" },
    { "mac", "\\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\\b" },
    { "imei", "\\b[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]{1,2}\\b" },
    { "uuid", "\\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{"
              "12}\\b" },
    { "creditcard", "\\b(?:3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}"
                    "|(?:4[0-9]{3}|5[1-5][0-9]{2}|65[0-9]{2}|6011)"
                    "(?:[ -]?[0-9]{4}){3})\\b" },
    { "iban", "\\b[a-z]{2}[0-9]{2}[a-z0-9]{11,29}\\b" },
    { "ssn", "\\b[0-9]{3}-[0-9]{2}-[0-9]{4}\\b" },
    { "urlauth", "(?<=//)[^/?#\\s:@]*:[^/?#\\s@]+(?=@)" },
    { "pemkey", "-----BEGIN [A-Z ]*(?:PRIVATE|PUBLIC) KEY-----.*?"
                "-----END [A-Z ]*KEY-----" },
    { "bearer", "\\bbearer\\s+\\S+" },
    { "userpath", "(?<=[/\\\\]users[/\\\\]|[/\\\\]home[/\\\\])[^/\\\\\\s]+" },
    { "password", "(?<=[\"'?&\\s])(?:password|secret|passwd|api_?key|token)"
                  "[\"']?\\s*[=:]\\s*[\"']?[^\"'&\\s]+" },
};

/* Beginnings of paths that people know by a name. */
static const struct {
    const char *word;
    const char *path;
} aliases[] = {
    { "$string", "**" },
    { "$message", "logentry" },
    { "$user", "user" },
    { "$request", "request" },
    { "$http", "request" },
    { "$breadcrumb", "breadcrumbs.values.*" },
    { "$exception", "exception.values.*" },
    { "$stack", "**.stacktrace" },
    { "$frame", "**.frames.*" },
    { "$error", "exception.values.*" },
};


/* ---- reading */

static void *
arena_get(PCRE2_SIZE n, void *arena)
{
    return arena_alloc(arena, n);
}


static void
arena_put(void *p, void *arena)
{
    (void) p;
    (void) arena; /* goes with the arena */
}


static const char *
compile(struct arena *a, struct str pattern, pcre2_code **out)
{
    pcre2_general_context *memory =
        pcre2_general_context_create(arena_get, arena_put, a);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    int error;
    PCRE2_SIZE at;

    *out = pcre2_compile((PCRE2_SPTR) pattern.p, pattern.n,
                         PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_UTF
                             | PCRE2_NEVER_BACKSLASH_C,
                         &error, &at, context);
    return *out != NULL
               ? NULL
               : arena_printf(a, "the pattern is broken at its character %zu",
                              (size_t) at + 1);
}


/*
 * The next word: "/pattern/" and "\"text\"" are one each, without what stands
 * around them, which is told.
 */
static bool
next_word(struct str *rest, struct str *word, char *quote)
{
    size_t end = 0;

    *rest = str_trim(*rest);
    *quote = '\0';
    if (rest->n == 0) {
        return false;
    }
    if (rest->p[0] == '/' || rest->p[0] == '"') {
        *quote = rest->p[0];
        for (end = 1; end < rest->n && rest->p[end] != *quote; end++) {
            if (rest->p[end] == '\\' && *quote == '/') {
                end++;
            }
        }
        if (end >= rest->n) {
            *word = *rest; /* without an end: the caller's */
            *quote = '?';
            *rest = str_sub(*rest, rest->n, rest->n);
            return true;
        }
        *word = str_sub(*rest, 1, end);
        *rest = str_sub(*rest, end + 1, rest->n);
        return true;
    }
    while (end < rest->n && rest->p[end] != ' ' && rest->p[end] != '\t') {
        end++;
    }
    *word = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end, rest->n);
    return true;
}


static bool
add_names(struct path *p, struct str text)
{
    struct str name;

    while (str_split(&text, '.', &name)) {
        if (name.n == 0 || p->n == NAMES_MAX) {
            return false;
        }
        p->names[p->n++] = name;
    }
    return true;
}


static const char *
read_path(struct str word, struct path *p)
{
    struct str first;
    int any = 0;

    memset(p, 0, sizeof(*p));
    if (str_starts(word, STR("!"))) {
        p->excludes = true;
        word = str_sub(word, 1, word.n);
    }
    if (str_starts(word, STR("$"))) {
        bool known = false;

        if (!str_split(&word, '.', &first)) {
            return "a path is missing";
        }
        for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
            if (str_is(first, aliases[i].word)) {
                known = add_names(p, str_of(aliases[i].path));
            }
        }
        if (!known) {
            return "it names a kind of value that is not known";
        }
    }
    if (word.n > 0 && !add_names(p, word)) {
        return "a path is names between dots, at most 20";
    }
    for (size_t i = 0; i < p->n; i++) {
        any += str_is(p->names[i], "**") ? 1 : 0;
    }
    return p->n == 0             ? "a path is missing"
           : any > ANY_NAMES_MAX ? "more than three ** in a path"
                                 : NULL;
}


static const char *
read_type(struct arena *a, struct str word, char quote, struct scrub_rule *r)
{
    if (quote == '/') {
        r->type = "pattern";
        return word.n == 0 ? "the pattern is empty"
                           : compile(a, word, &r->code);
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_is(word, types[i].word)) {
            r->type = types[i].word;
            return types[i].pattern != NULL
                       ? compile(a, str_of(types[i].pattern), &r->code)
                       : NULL;
        }
    }
    return "what to look for is not known";
}


static const char *
read_where(struct arena *a, struct str rest, struct scrub_rule *r)
{
    struct str word;
    char quote;

    r->paths = arena_array(a, PATHS_MAX, sizeof(struct path));
    while (next_word(&rest, &word, &quote)) {
        const char *why = quote != '\0' ? "a path is missing"
                          : r->npaths == PATHS_MAX
                              ? "more than 20 paths"
                              : read_path(word, &r->paths[r->npaths]);

        if (why != NULL) {
            return why;
        }
        r->npaths++;
    }
    return r->npaths > 0 ? NULL : "a path is missing";
}


static const char *
read_rule(struct arena *a, struct str line, struct scrub_rule *r)
{
    const char *why = "it begins with remove, mask, hash or replace";
    struct str word;
    char quote;

    if (!next_word(&line, &word, &quote) || quote != '\0') {
        return why;
    }
    for (size_t i = 0; i < METHODS; i++) {
        if (str_is(word, methods[i].word)) {
            r->method = (enum scrub_method) i;
            why = NULL;
        }
    }
    if (why != NULL) {
        return why;
    }
    if (!next_word(&line, &word, &quote) || quote == '?') {
        return "what to look for is missing";
    }
    if ((why = read_type(a, word, quote, r)) != NULL) {
        return why;
    }
    r->with = str_printf(a, "[%s]", r->type);
    while (next_word(&line, &word, &quote)) {
        if (quote == '\0' && str_is(word, "from")) {
            return read_where(a, line, r);
        }
        if (quote != '\0' || !str_is(word, "with")
            || !next_word(&line, &word, &quote) || quote != '"'
            || r->method != SCRUB_REPLACE || word.n > REPLACEMENT_MAX) {
            return "after that comes with \"a text\" of a replacement, or from "
                   "and paths";
        }
        r->with = str_copy(a, word);
    }
    return NULL;
}


const struct scrub_rule *
scrub_rule_parse(struct arena *a, struct str line, const char **why)
{
    struct scrub_rule *r = arena_new_of(a, struct scrub_rule);

    memset(r, 0, sizeof(*r));
    line = str_copy(a, line);
    *why = read_rule(a, line, r);
    r->name = *why == NULL
                  ? arena_printf(a, "%s:%s", methods[r->method].word, r->type)
                  : NULL;
    return *why == NULL ? r : NULL;
}


/* ---- paths */

/* All names of the pattern, and perhaps more names of the value. */
static bool
fits(const struct str *want, size_t nwant, const struct str *path, size_t n)
{
    if (nwant == 0) {
        return true;
    }
    if (str_is(want[0], "**")) {
        if (nwant == 1) {
            return true;
        }
        for (size_t i = 0; i < n; i++) {
            if (fits(want + 1, nwant - 1, path + i, n - i)) {
                return true;
            }
        }
        return false;
    }
    return n > 0 && (str_is(want[0], "*") || str_ieq(want[0], path[0]))
           && fits(want + 1, nwant - 1, path + 1, n - 1);
}


bool
scrub_rule_meant(const struct scrub_rule *rule, const struct str *path,
                 size_t n)
{
    bool meant = false, wanted = false;

    for (size_t i = 0; i < rule->npaths; i++) {
        const struct path *p = &rule->paths[i];
        bool hit = fits(p->names, p->n, path, n);

        if (p->excludes && hit) {
            return false;
        }
        wanted = wanted || !p->excludes;
        meant = meant || hit;
    }
    return meant || !wanted;
}


/* ---- doing it */

static void
put(struct arena *a, struct buf *out, const struct scrub_rule *rule,
    struct str s)
{
    switch (rule->method) {
    case SCRUB_REMOVE:
        return;

    case SCRUB_MASK:
        for (size_t i = 0; i < s.n; i++) {
            if (((unsigned char) s.p[i] & 0xC0) != 0x80) {
                buf_char(out, '*'); /* one a character */
            }
        }
        return;

    case SCRUB_HASH:
        buf_str(out, str_cut(mac_hex(a, STR("vedette scrub"), s), 40));
        return;

    case SCRUB_REPLACE:
        buf_str(out, rule->with);
        return;
    }
}


static struct str
each_match(struct arena *a, const struct scrub_rule *rule, struct str s)
{
    static pcre2_match_context *bounds;
    static pcre2_match_data *data;
    struct buf out = buf_in(a);
    size_t from = 0, done = 0;

    if (bounds == NULL) {
        bounds = pcre2_match_context_create(NULL);
        data = pcre2_match_data_create(1, NULL);
        if (bounds == NULL || data == NULL) {
            abort();
        }
        pcre2_set_match_limit(bounds, STEPS_MAX);
    }
    for (int i = 0; i < HITS_MAX && from < s.n; i++) {
        PCRE2_SIZE *at;

        if (pcre2_match(rule->code, (PCRE2_SPTR) s.p, s.n, from,
                        i > 0 ? PCRE2_NO_UTF_CHECK : 0, data, bounds)
            < 0) {
            break;
        }
        at = pcre2_get_ovector_pointer(data);
        if (at[1] <= at[0]) {
            break; /* it matches nothing */
        }
        buf_str(&out, str_sub(s, done, at[0]));
        put(a, &out, rule, str_sub(s, at[0], at[1]));
        from = done = at[1];
    }
    if (done == 0) {
        return s;
    }
    buf_str(&out, str_sub(s, done, s.n));
    return buf_view(&out);
}


struct str
scrub_rule_apply(struct arena *a, const struct scrub_rule *rule, struct str s,
                 bool *gone)
{
    struct buf out;

    *gone = false;
    if (rule->code != NULL) {
        return each_match(a, rule, s);
    }
    if (rule->method == SCRUB_REMOVE) {
        *gone = true;
        return s;
    }
    out = buf_in(a);
    put(a, &out, rule, s);
    return buf_view(&out);
}


const char *
scrub_rule_name(const struct scrub_rule *rule)
{
    return rule->name;
}


const char *
scrub_rule_mark(const struct scrub_rule *rule)
{
    return methods[rule->method].mark;
}
