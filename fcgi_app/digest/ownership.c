#include "digest/ownership.h"

#include "digest/glob.h"
#include "digest/rule_word.h"

#define FRAMES_MAX 500 /* that are looked at */
#define GLOBS_MAX 4    /* of a pattern */

enum kind { KIND_PATH, KIND_MODULE, KIND_URL, KIND_TAG, KIND_CODEOWNERS };

struct owner_pattern {
    enum kind kind;
    struct str tag; /* its key */
    struct glob *globs[GLOBS_MAX];
    size_t nglobs;
};


/* ---- reading */

static const struct {
    const char *word;
    enum kind kind;
    unsigned glob; /* flags */
} kinds[] = {
    { "path", KIND_PATH, GLOB_NOCASE },
    { "module", KIND_MODULE, 0 },
    { "url", KIND_URL, GLOB_NOCASE },
    { "codeowners", KIND_CODEOWNERS, GLOB_PATH | GLOB_NOCASE },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))


static void
add_glob(struct arena *a, struct owner_pattern *p, struct str text,
         unsigned flags)
{
    ptrdiff_t any = str_find(text, STR("/**/"));

    p->globs[p->nglobs++] = glob_parse(a, text, flags);
    if (any >= 0 && p->nglobs < GLOBS_MAX) {
        /* which may stand for no folder at all */
        p->globs[p->nglobs++] = glob_parse(
            a,
            str_printf(a, "%.*s/%.*s", (int) any, text.p,
                       STR_FMT(str_sub(text, (size_t) any + 4, text.n))),
            flags);
    }
}


/* As gitignore reads it: grouping.md §2.4. */
static void
add_codeowners(struct arena *a, struct owner_pattern *p, struct str s,
               unsigned flags)
{
    bool folder = str_ends(s, STR("/"));
    struct str bare = folder ? str_sub(s, 0, s.n - 1) : s;
    bool anchored = str_chr(bare, '/') >= 0;
    bool children = str_ends(bare, STR("/*")); /* and no deeper */
    struct str whole;

    if (str_starts(bare, STR("/"))) {
        bare = str_sub(bare, 1, bare.n);
    }
    whole = str_printf(a, "%s%.*s", anchored ? "/" : "**/", STR_FMT(bare));
    if (!folder) {
        add_glob(a, p, whole, flags);
    }
    if (!children) {
        add_glob(a, p, str_printf(a, "%.*s/**", STR_FMT(whole)), flags);
    }
}


/* Without one of the words in front it is a path, whatever colons it has. */
static bool
read_pattern(struct arena *a, struct str word, struct owner_pattern *p)
{
    ptrdiff_t colon = str_chr(word, ':');
    struct str name = str_sub(word, 0, colon > 0 ? (size_t) colon : 0);
    struct str text = str_sub(word, (size_t) (colon + 1), word.n);
    size_t i = 0;

    if (str_starts(name, STR("tags."))) {
        p->kind = KIND_TAG;
        p->tag = str_sub(name, 5, name.n);
        add_glob(a, p, text, 0);
        return p->tag.n > 0 && text.n > 0;
    }
    while (i < KINDS && !str_is(name, kinds[i].word)) {
        i++;
    }
    if (i == KINDS) {
        text = word;
        i = 0;
        if (name.n > 1 && str_chr(name, '/') < 0 && str_chr(name, '.') < 0
            && str_chr(name, '*') < 0) {
            return false; /* "pth:src": no path begins like this */
        }
    }
    p->kind = kinds[i].kind;
    if (p->kind == KIND_CODEOWNERS) {
        add_codeowners(a, p, text, kinds[i].glob);

    } else {
        add_glob(a, p, text, kinds[i].glob);
    }
    return text.n > 0;
}


static bool
is_owner(struct str word)
{
    ptrdiff_t at = str_chr(word, '@');

    return str_starts(word, STR("#"))
               ? word.n > 1
               : at > 0 && (size_t) at + 1 < word.n
                     && str_chr(str_sub(word, (size_t) at + 1, word.n), '@')
                            < 0;
}


static const char *
read_owners(struct arena *a, struct str rest, struct owner_rule *rule,
            struct str *word)
{
    rule->owners = arena_array(a, OWNERS_MAX, sizeof(*rule->owners));
    while ((rest = str_trim(rest)).n > 0) {
        if (!rule_word(a, &rest, word)) {
            *word = rest;
            return "A quotation mark is not closed.";
        }
        if (!is_owner(*word)) {
            return "An owner is a mail address or a #team.";
        }
        if (rule->n == OWNERS_MAX) {
            return "A rule has ten owners at most.";
        }
        rule->owners[rule->n++] = str_lower(a, *word);
    }
    return NULL;
}


static const char *
read_rule(struct arena *a, struct str line, struct owner_rule *rule,
          struct str *word)
{
    struct str rest = line;

    rule->text = line;
    rule->pattern = arena_new_of(a, struct owner_pattern);
    if (!rule_word(a, &rest, word)) {
        *word = line;
        return "A quotation mark is not closed.";
    }
    if (!read_pattern(a, *word, rule->pattern)) {
        return "A pattern begins with path:, module:, url:, tags.NAME: or "
               "codeowners:, and something follows.";
    }
    return read_owners(a, rest, rule, word);
}


enum status
ownership_parse(struct arena *a, struct str text, struct ownership *out,
                struct ownership_error *err)
{
    struct str line, rest = text;
    unsigned number = 0;
    size_t lines = 0;

    while (rule_line(&rest, &number, &line)) {
        lines++;
    }
    *out = (struct ownership){ .assign = true };
    *err = (struct ownership_error){ .text = NULL };
    if (lines > OWNER_RULES_MAX) {
        err->text = "These are more than 2,000 rules.";
        return ST_INVALID;
    }
    out->rules = arena_array(a, lines, sizeof(*out->rules));
    number = 0;
    rest = text;
    while (rule_line(&rest, &number, &line)) {
        struct owner_rule *rule = &out->rules[out->n++];

        rule->line = number;
        err->text = read_rule(a, line, rule, &err->word);
        if (err->text != NULL) {
            err->line = number;
            return ST_INVALID;
        }
    }
    return ST_OK;
}


/* ---- what a rule can be about */

struct subject {
    struct glob_path filename; /* n 0: none */
    struct glob_path abs_path;
    struct glob_path file; /* as a repository would have it */
    struct str module;
    bool in_app;
};

struct subjects {
    struct arena *a;
    const struct json *doc;
    struct subject *v;
    size_t n;
    struct str url; /* in lower case */
};


static struct glob_path
path_of(struct arena *a, struct str s)
{
    return s.n > 0 ? glob_path(a, s) : (struct glob_path){ 0 };
}


/* "app:///src/a.js" and "./src/a.js" are src/a.js */
static struct str
file_of(struct arena *a, struct str filename, struct str module, bool java)
{
    ptrdiff_t scheme = str_find(filename, STR("://")), slash;

    if (java && module.n > 0 && str_chr(filename, '/') < 0) {
        char *path = str_dup(a, module);
        ptrdiff_t dot = str_rchr(module, '.');

        for (ptrdiff_t i = 0; i < dot; i++) {
            path[i] = path[i] == '.' ? '/' : path[i];
        }
        return str_printf(a, "%.*s/%.*s", (int) (dot > 0 ? dot : 0), path,
                          STR_FMT(filename));
    }
    if (scheme > 0) {
        filename = str_sub(filename, (size_t) scheme + 3, filename.n);
        slash = str_chr(filename, '/');
        filename =
            str_sub(filename, slash >= 0 ? (size_t) slash + 1 : 0, filename.n);
    }
    while (str_starts(filename, STR("./"))) {
        filename = str_sub(filename, 2, filename.n);
    }
    return filename;
}


static void
add_frames(struct subjects *s, const struct json *stacktrace)
{
    bool java = str_is(json_text_of(s->doc, "platform"), "java");

    json_each(frame, json_get(stacktrace, "frames"))
    {
        struct str filename = json_text_of(frame, "filename");
        struct str module = json_text_of(frame, "module");

        if (s->n == FRAMES_MAX) {
            return;
        }
        s->v[s->n++] = (struct subject){
            .filename = path_of(s->a, filename),
            .abs_path = path_of(s->a, json_text_of(frame, "abs_path")),
            .file = path_of(s->a, file_of(s->a, filename, module, java)),
            .module = module,
            .in_app = json_yes(json_get(frame, "in_app")),
        };
    }
}


static void
collect(struct subjects *s)
{
    s->v = arena_array(s->a, FRAMES_MAX, sizeof(*s->v));
    json_each(exception, json_path(s->doc, "exception", "values", NULL))
    {
        add_frames(s, json_get(exception, "stacktrace"));
    }
    add_frames(s, json_get(s->doc, "stacktrace"));
    if (s->n == 0) {
        json_each(thread, json_path(s->doc, "threads", "values", NULL))
        {
            add_frames(s, json_get(thread, "stacktrace"));
        }
    }
    s->url =
        str_lower(s->a, json_text(json_path(s->doc, "request", "url", NULL)));
}


/* ---- matching */

static bool
any_glob(const struct owner_pattern *p, const struct glob_path *path)
{
    for (size_t i = 0; path->rooted.n > 0 && i < p->nglobs; i++) {
        if (p->kind == KIND_CODEOWNERS ? glob_match(p->globs[i], path->rooted)
                                       : glob_match_path(p->globs[i], path)) {
            return true;
        }
    }
    return false;
}


/* tags.user.email and the like look at the user. */
static struct str
tag_of(const struct json *doc, struct str key)
{
    json_each(pair, json_get(doc, "tags"))
    {
        if (str_eq(json_text(json_at(pair, 0)), key)) {
            return json_text(json_at(pair, 1));
        }
    }
    return str_starts(key, STR("user.")) ? json_text(
               json_get_str(json_get(doc, "user"), str_sub(key, 5, key.n)))
                                         : STR_NULL;
}


static bool
matches(const struct subjects *s, const struct owner_pattern *p)
{
    struct str tag;

    switch (p->kind) {
    case KIND_URL:
        return s->url.n > 0 && glob_match(p->globs[0], s->url);

    case KIND_TAG:
        tag = tag_of(s->doc, p->tag);
        return tag.n > 0 && glob_match(p->globs[0], tag);

    default:
        break;
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct subject *v = &s->v[i];

        if (p->kind == KIND_MODULE
                ? v->module.n > 0 && glob_match(p->globs[0], v->module)
            : p->kind == KIND_CODEOWNERS
                ? v->in_app && any_glob(p, &v->file)
                : any_glob(p, &v->filename) || any_glob(p, &v->abs_path)) {
            return true;
        }
    }
    return false;
}


const struct owner_rule *
ownership_match(struct arena *a, const struct ownership *o,
                const struct json *doc)
{
    struct subjects s = { .a = a, .doc = doc };

    collect(&s);
    for (size_t i = o->n; i-- > 0;) {
        if (matches(&s, o->rules[i].pattern)) {
            return &o->rules[i];
        }
    }
    return NULL;
}


struct json *
ownership_example(struct arena *a, struct str text)
{
    struct json *doc = json_new(a, JSON_T_OBJECT);
    struct json *trace = json_new(a, JSON_T_OBJECT);
    struct json *frames = json_new(a, JSON_T_ARRAY);
    struct json *frame = json_new(a, JSON_T_OBJECT);
    struct json *request = json_new(a, JSON_T_OBJECT);
    ptrdiff_t equals = str_chr(text, '=');

    if (equals > 0 && str_find(text, STR("://")) < 0) {
        struct json *tags = json_new(a, JSON_T_ARRAY);
        struct json *pair = json_new(a, JSON_T_ARRAY);

        json_append(pair, json_new_str(a, str_sub(text, 0, (size_t) equals)));
        json_append(
            pair, json_new_str(a, str_sub(text, (size_t) equals + 1, text.n)));
        json_append(tags, pair);
        json_set(doc, STR("tags"), tags);
        return doc;
    }
    json_set(frame, STR("filename"), json_new_str(a, text));
    json_set(frame, STR("module"), json_new_str(a, text));
    json_set(frame, STR("in_app"), json_new_bool(a, true));
    json_append(frames, frame);
    json_set(trace, STR("frames"), frames);
    json_set(doc, STR("stacktrace"), trace);
    json_set(request, STR("url"), json_new_str(a, text));
    json_set(doc, STR("request"), request);
    return doc;
}
