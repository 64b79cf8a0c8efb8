/*
 * Rules as they are written: methods, types, what an alias has named.
 */

#include "digest/scrub_parts.h"

#define REPLACEMENT_MAX 200
#define LOOKS_MAX 10 /* of one line */
#define NAMES_MAX 40 /* that lines have given */
#define NAME_LEAST 2

/* One thing to look for, as it was written. */
struct look {
    const char *type;
    struct str pattern; /* null: anything */
    bool pair;
};

struct looks {
    struct str name; /* of an alias */
    struct look list[LOOKS_MAX];
    size_t n;
};

struct scrub_names {
    struct looks list[NAMES_MAX];
    size_t n;
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
    bool pair;           /* of names */
} types[] = {
    { "anything", NULL, false },
    { "email",
      "(?<![a-z0-9._%+'-])[a-z0-9._%+'-]++@[a-z0-9-]++"
      "(?:\\.[a-z0-9-]++)++",
      false },
    { "ip",
      "(?<![0-9a-z:._])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
      "(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}"
      "|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
      "|(?=[0-9a-f:]*::)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})"
      "(?![0-9a-z:_]|\\.[0-9])",
      false },
    { "mac", "\\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\\b", false },
    { "imei", "\\b[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]{1,2}\\b", false },
    { "uuid",
      "\\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{"
      "12}\\b",
      false },
    { "creditcard",
      "\\b(?:3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}"
      "|(?:4[0-9]{3}|5[1-5][0-9]{2}|65[0-9]{2}|6011)"
      "(?:[ -]?[0-9]{4}){3})\\b",
      false },
    { "iban", "\\b[a-z]{2}[0-9]{2}[a-z0-9]{11,29}\\b", false },
    { "ssn", "\\b[0-9]{3}-[0-9]{2}-[0-9]{4}\\b", false },
    { "usssn", "\\b[0-9]{3}-[0-9]{2}-[0-9]{4}\\b", false },
    { "urlauth", "(?<=//)[^/?#\\s:@]*:[^/?#\\s@]+(?=@)", false },
    { "pemkey",
      "-----BEGIN [A-Z ]*(?:PRIVATE|PUBLIC) KEY-----.*?"
      "-----END [A-Z ]*KEY-----",
      false },
    { "bearer", "\\bbearer\\s+\\S+", false },
    { "userpath", "(?<=[/\\\\]users[/\\\\]|[/\\\\]home[/\\\\])[^/\\\\\\s]+",
      false },
    { "password",
      "password|secret|passwd|api[_-]?key|auth|credentials|mysql_pwd"
      "|private[_-]?key|token",
      true },
};


/* ---- memory of patterns */

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
compile(struct arena *a, struct str pattern, uint32_t options, pcre2_code **out)
{
    pcre2_general_context *memory =
        pcre2_general_context_create(arena_get, arena_put, a);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    int error;
    PCRE2_SIZE at;

    *out = pcre2_compile((PCRE2_SPTR) pattern.p, pattern.n,
                         PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C
                             | options,
                         &error, &at, context);
    return *out != NULL
               ? NULL
               : arena_printf(a, "the pattern is broken at its character %zu",
                              (size_t) at + 1);
}


/* ---- words */

static size_t
end_of_quoted(struct str s, char quote)
{
    size_t end = 1;

    while (end < s.n && s.p[end] != quote) {
        end += s.p[end] == '\\' && quote == '/' ? 2 : 1;
    }
    return end;
}


/* Up to a blank or a comma that is not inside of '' in a path. */
static size_t
end_of_word(struct str s)
{
    bool quoted = false;
    size_t end = 0;

    while (end < s.n && (quoted || memchr(" \t,", s.p[end], 3) == NULL)) {
        if (s.p[end] == '\'') {
            quoted =
                !quoted && (end == 0 || memchr(".!", s.p[end - 1], 2) != NULL);
        }
        end++;
    }
    return end;
}


/*
 * The next word: "/pattern/" and "\"text\"" are one each, without what stands
 * around them, which is told; '?' when its end is missing.  A comma is one.
 */
static bool
next_word(struct str *rest, struct str *word, char *quote)
{
    size_t end;

    *rest = str_trim(*rest);
    *quote = '\0';
    if (rest->n == 0) {
        return false;
    }
    if (rest->p[0] == '/' || rest->p[0] == '"') {
        *quote = rest->p[0];
        end = end_of_quoted(*rest, *quote);
        *word = str_sub(*rest, 1, end);
        *quote = end >= rest->n ? '?' : *quote;
        *rest = str_sub(*rest, end + 1, rest->n);
        return true;
    }
    end = end_of_word(*rest);
    end = end == 0 ? 1 : end;
    *word = str_sub(*rest, 0, end);
    *rest = str_sub(*rest, end, rest->n);
    return true;
}


/* ---- what to look for */

static const char *
add_look(struct looks *looks, struct look look)
{
    if (looks->n == LOOKS_MAX) {
        return "more than ten things to look for";
    }
    looks->list[looks->n++] = look;
    return NULL;
}


static const char *
add_pattern(struct looks *looks, struct str word, char quote, bool pair,
            const char *type)
{
    return quote != '/'  ? "a pattern stands between slashes"
           : word.n == 0 ? "the pattern is empty"
                         : add_look(looks, (struct look){ type, word, pair });
}


static const char *
add_named(const struct scrub_names *names, struct looks *looks, struct str word)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_is(word, types[i].word)) {
            return add_look(looks, (struct look){ types[i].word,
                                                  str_of(types[i].pattern),
                                                  types[i].pair });
        }
    }
    for (size_t i = 0; i < names->n; i++) {
        const char *why = NULL;

        if (!str_eq(word, names->list[i].name)) {
            continue;
        }
        for (size_t k = 0; why == NULL && k < names->list[i].n; k++) {
            why = add_look(looks, names->list[i].list[k]);
        }
        return why;
    }
    return "what to look for is not known";
}


/* WHAT[,WHAT…]; type: what patterns are called. */
static const char *
read_what(const struct scrub_names *names, struct str *line, const char *type,
          struct looks *looks)
{
    for (;;) {
        const char *why;
        struct str word;
        char quote;

        if (!next_word(line, &word, &quote) || quote == '?'
            || str_is(word, ",")) {
            return "what to look for is missing";
        }
        if (quote == '\0' && str_is(word, "pair")) {
            why = next_word(line, &word, &quote)
                      ? add_pattern(looks, word, quote, true, type)
                      : "behind pair comes the pattern of a name";

        } else if (quote != '\0') {
            why = add_pattern(looks, word, quote, false, type);

        } else {
            why = add_named(names, looks, word);
        }
        if (why != NULL) {
            return why;
        }
        *line = str_trim(*line);
        if (!str_starts(*line, STR(","))) {
            return NULL;
        }
        *line = str_sub(*line, 1, line->n);
    }
}


static bool
is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_'
            && c != '-') {
            return false;
        }
    }
    return s.n >= NAME_LEAST && s.p[0] >= 'a' && s.p[0] <= 'z'
           && !str_is(s, "pair") && !str_is(s, "from") && !str_is(s, "with");
}


/* alias NAME WHAT[,WHAT…] */
static const char *
read_alias(struct arena *a, struct scrub_names *names, struct str line)
{
    struct looks looks = { .n = 0 }, known = { .n = 0 };
    const char *why;
    char quote;

    if (!next_word(&line, &looks.name, &quote) || quote != '\0'
        || !is_name(looks.name)) {
        return "an alias is a name of small letters, and what it stands for";
    }
    if (add_named(names, &known, looks.name) == NULL) {
        return "this name has a meaning already";
    }
    if (names->n == NAMES_MAX) {
        return "these are too many aliases";
    }
    why = read_what(names, &line, str_dup(a, looks.name), &looks);
    if (why == NULL && line.n > 0) {
        why = "behind an alias comes nothing";
    }
    for (size_t i = 0; why == NULL && i < looks.n; i++) {
        pcre2_code *code;

        why = str_null(looks.list[i].pattern)
                  ? NULL
                  : compile(a, looks.list[i].pattern, PCRE2_UTF, &code);
    }
    if (why == NULL) {
        names->list[names->n++] = looks;
    }
    return why;
}


/* ---- the rest of a rule */

static const char *
read_where(struct arena *a, struct str rest, struct scrub_rule *r)
{
    struct scrub_place *places =
        arena_array(a, SCRUB_PLACES_MAX, sizeof(struct scrub_place));
    struct str word;
    char quote;

    r->places = places;
    while (next_word(&rest, &word, &quote)) {
        const char *why = quote != '\0' || str_is(word, ",")
                              ? "a path is missing"
                          : r->nplaces == SCRUB_PLACES_MAX
                              ? "more than 20 paths"
                              : scrub_place_read(a, word, &places[r->nplaces]);

        if (why != NULL) {
            return why;
        }
        r->nplaces++;
    }
    return r->nplaces > 0 ? NULL : "a path is missing";
}


/* Behind what to look for. */
static const char *
read_rest(struct arena *a, struct str line, struct scrub_rule *r)
{
    struct str word;
    char quote;

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


static bool
names_a_file(const struct scrub_rule *r)
{
    for (size_t i = 0; i < r->nplaces; i++) {
        if (r->places[i].file && !r->places[i].excludes) {
            return true;
        }
    }
    return false;
}


/* One look of a line whose other words are in `line`. */
static const char *
make(struct arena *a, const struct scrub_rule *line, const struct look *look,
     struct scrub_rule *r)
{
    bool file = names_a_file(line);
    const char *why = NULL;

    *r = *line;
    r->type = look->type;
    r->pair = look->pair;
    r->name = arena_printf(a, "%s:%s", methods[r->method].word, r->type);
    if (str_null(r->with)) {
        r->with = str_printf(a, "[%s]", r->type);
    }
    if (str_null(look->pattern)) {
        return file && r->method != SCRUB_REMOVE
                   ? "a whole file can only be removed"
                   : NULL;
    }
    why = compile(a, look->pattern, PCRE2_UTF, &r->code);
    if (why == NULL && file) {
        why = compile(a, look->pattern, PCRE2_NEVER_UTF, &r->bytes);
    }
    return why;
}


static const char *
read_method(struct str *line, enum scrub_method *out)
{
    struct str word;
    char quote;

    if (next_word(line, &word, &quote) && quote == '\0') {
        for (size_t i = 0; i < METHODS; i++) {
            if (str_is(word, methods[i].word)) {
                *out = (enum scrub_method) i;
                return NULL;
            }
        }
    }
    return "it begins with remove, mask, hash, replace or alias";
}


const struct scrub_rule *
scrub_rule_parse(struct arena *a, struct scrub_names *names, struct str line,
                 const char **why)
{
    struct scrub_rule rest = { .with = STR_NULL }, *first = NULL, *last = NULL;
    struct looks looks = { .n = 0 };
    struct str copy = str_copy(a, str_trim(line)), word;
    char quote;

    line = copy;
    if (next_word(&line, &word, &quote) && quote == '\0'
        && str_is(word, "alias")) {
        *why = read_alias(a, names, line);
        return NULL;
    }
    line = copy;
    if ((*why = read_method(&line, &rest.method)) != NULL
        || (*why = read_what(names, &line, "pattern", &looks)) != NULL
        || (*why = read_rest(a, line, &rest)) != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < looks.n; i++) {
        struct scrub_rule *r = arena_new_of(a, struct scrub_rule);

        if ((*why = make(a, &rest, &looks.list[i], r)) != NULL) {
            return NULL;
        }
        if (last != NULL) {
            last->next = r;
        }
        first = first != NULL ? first : r;
        last = r;
    }
    return first;
}


struct scrub_names *
scrub_names_new(struct arena *a)
{
    struct scrub_names *names = arena_new_of(a, struct scrub_names);

    names->n = 0;
    return names;
}


/* ---- what others ask of one */

const struct scrub_rule *
scrub_rule_next(const struct scrub_rule *rule)
{
    return rule->next;
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
