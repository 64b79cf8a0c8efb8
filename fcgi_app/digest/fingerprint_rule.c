/*
 * Fingerprint rules: grouping.md §1.3.
 *
 *     type:TimeoutError -> timeout {{ tags.host }} title="Host is away"
 *
 *     [ function:retry ] | module:db.* | [ app:no ] -> database
 *
 * The first rule whose matchers all hold decides.  Matchers about frames must
 * hold on one frame, those about exceptions on one exception, those about
 * threads on one thread.  What stands between brackets is about the frame that
 * called that one, or that was called by it.
 */

#include "digest/grouping.h"

#include <stdlib.h>

#include "digest/glob.h"
#include "digest/rule_word.h"

#define MATCHERS_MAX 20
#define VALUES_MAX 20


/* ---- a parsed rule */

/* What a matcher looks at. */
enum kind { ON_EVENT, ON_EXCEPTION, ON_FRAME, ON_THREAD };

enum key {
    KEY_TYPE,
    KEY_VALUE,
    KEY_MODULE,
    KEY_PATH,
    KEY_PACKAGE,
    KEY_FUNCTION,
    KEY_APP,
    KEY_THREAD_ID,
    KEY_THREAD_NAME,
    KEY_THREAD_STATE,
    KEY_CRASHED,
    KEY_CURRENT,
    KEY_MESSAGE,
    KEY_LOGGER,
    KEY_LEVEL,
    KEY_FAMILY,
    KEY_SDK,
    KEY_RELEASE,
    KEY_TAG
};

static const struct {
    const char *name;
    enum key key;
    enum kind kind;
    unsigned glob; /* flags */
} keys[] = {
    { "error.type", KEY_TYPE, ON_EXCEPTION, 0 },
    { "type", KEY_TYPE, ON_EXCEPTION, 0 },
    { "error.value", KEY_VALUE, ON_EXCEPTION, GLOB_NOCASE },
    { "value", KEY_VALUE, ON_EXCEPTION, GLOB_NOCASE },
    { "stack.module", KEY_MODULE, ON_FRAME, 0 },
    { "module", KEY_MODULE, ON_FRAME, 0 },
    { "stack.abs_path", KEY_PATH, ON_FRAME, GLOB_PATH | GLOB_NOCASE },
    { "path", KEY_PATH, ON_FRAME, GLOB_PATH | GLOB_NOCASE },
    { "stack.package", KEY_PACKAGE, ON_FRAME, GLOB_PATH | GLOB_NOCASE },
    { "package", KEY_PACKAGE, ON_FRAME, GLOB_PATH | GLOB_NOCASE },
    { "stack.function", KEY_FUNCTION, ON_FRAME, 0 },
    { "function", KEY_FUNCTION, ON_FRAME, 0 },
    { "app", KEY_APP, ON_FRAME, 0 },
    { "thread.id", KEY_THREAD_ID, ON_THREAD, 0 },
    { "thread.name", KEY_THREAD_NAME, ON_THREAD, 0 },
    { "thread.state", KEY_THREAD_STATE, ON_THREAD, 0 },
    { "thread.crashed", KEY_CRASHED, ON_THREAD, 0 },
    { "thread.current", KEY_CURRENT, ON_THREAD, 0 },
    { "message", KEY_MESSAGE, ON_EVENT, GLOB_NOCASE },
    { "logger", KEY_LOGGER, ON_EVENT, 0 },
    { "level", KEY_LEVEL, ON_EVENT, GLOB_NOCASE },
    { "family", KEY_FAMILY, ON_EVENT, 0 },
    { "sdk", KEY_SDK, ON_EVENT, 0 },
    { "release", KEY_RELEASE, ON_EVENT, GLOB_PATH | GLOB_NOCASE },
};

struct matcher {
    enum key key;
    enum kind kind;
    bool negated;
    bool yes;          /* KEY_APP, KEY_CRASHED, KEY_CURRENT */
    struct str words;  /* KEY_FAMILY, KEY_SDK: with commas */
    struct str tag;    /* KEY_TAG */
    struct glob *glob; /* the others */
};

struct rule {
    struct str text; /* as it was written */
    struct matcher matchers[MATCHERS_MAX];
    unsigned nmatchers;
    struct matcher *caller; /* of the frame that called; or NULL */
    struct matcher *callee; /* … that was called */
    struct str values[VALUES_MAX];
    unsigned nvalues;
    struct str *older; /* where version 1 saw others; or NULL */
    unsigned nolder;
    struct str title;
};

struct fingerprint_rules {
    struct arena *arena; /* of the built-in ones */
    struct rule *rules;
    size_t n;
};

/* A new build leaves browsers with names of chunks that are gone. */
static const char builtin_text[] =
    "family:javascript type:ChunkLoadError -> chunkloaderror\n"
    "family:javascript value:ChunkLoadError* -> chunkloaderror\n"
    "family:javascript value:\"*hydrating*Suspense boundary*\" -> "
    "hydrationerror {{tags.transaction}}\n"
    "family:javascript value:\"*hydration failed because*\" -> hydrationerror "
    "{{tags.transaction}}\n"
    "family:javascript value:\"*there was an error while hydrating*\" -> "
    "hydrationerror {{tags.transaction}}\n"
    "family:javascript value:\"*text content does not match server-rendered "
    "html*\" -> hydrationerror {{tags.transaction}}\n";


/* ---- reading */

static bool
read_matcher(struct arena *a, struct str word, struct matcher *m)
{
    struct str key, pattern;
    ptrdiff_t colon;

    if (str_starts(word, STR("!"))) {
        m->negated = true;
        word = str_sub(word, 1, word.n);
    }
    colon = str_chr(word, ':');
    if (colon <= 0) {
        return false;
    }
    key = str_sub(word, 0, (size_t) colon);
    pattern = str_sub(word, (size_t) colon + 1, word.n);

    if (str_starts(key, STR("tags.")) && key.n > 5) {
        m->key = KEY_TAG;
        m->kind = ON_EVENT;
        m->tag = str_sub(key, 5, key.n);
        m->glob = glob_parse(a, pattern, 0);
        return true;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (str_is(key, keys[i].name)) {
            m->key = keys[i].key;
            m->kind = keys[i].kind;
            if (m->key == KEY_APP || m->key == KEY_CRASHED
                || m->key == KEY_CURRENT) {
                return rule_bool_word(pattern, &m->yes);
            }
            m->words = pattern;
            m->glob = glob_parse(a, pattern, keys[i].glob);
            return true;
        }
    }
    return false;
}


/*
 * "{{ tags.x }}" is one word, though it has spaces; commas part words.  Version
 * 1 parted them only in front of a space.
 */
static bool
value_word(struct arena *a, struct str *rest, struct str *word,
           unsigned version)
{
    struct str s = str_trim(*rest), given;
    ptrdiff_t end;

    while (s.n > 0 && s.p[0] == ',') {
        s = str_trim(str_sub(s, 1, s.n));
    }
    *rest = s;
    if (str_starts(s, STR("{{")) && (end = str_find(s, STR("}}"))) != -1) {
        *word = str_sub(s, 0, (size_t) end + 2);
        *rest = str_sub(s, (size_t) end + 2, s.n);
        return true;
    }
    if (!rule_word(a, rest, word)) {
        return false;
    }
    given = str_sub(s, 0, s.n - rest->n);
    if (version > 1 && (end = str_chr(given, ',')) > 0
        && str_chr(given, '"') == -1 && !str_starts(given, STR("title="))) {
        *word = str_sub(s, 0, (size_t) end);
        *rest = str_sub(s, (size_t) end, s.n);
    }
    while (s.p[0] != '"' && str_ends(*word, STR(","))) {
        *word = str_sub(*word, 0, word->n - 1);
    }
    return true;
}


/* At most VALUES_MAX of them; what is wrong, or NULL. */
static const char *
read_words(struct arena *a, struct str s, unsigned version, struct str *values,
           unsigned *n, struct str *title)
{
    struct str word;

    while (str_trim(s).n > 0) {
        if (!value_word(a, &s, &word, version)) {
            return "a quotation mark is missing";
        }
        if (str_starts(word, STR("title="))) {
            *title = str_sub(word, 6, word.n);

        } else if (word.n > 0) {
            if (*n == VALUES_MAX) {
                return "too many values";
            }
            values[(*n)++] = word;
        }
    }
    return *n > 0 ? NULL : "no fingerprint after ->";
}


static const char *
read_values(struct arena *a, struct str s, struct rule *r)
{
    const char *wrong =
        read_words(a, s, GROUPING_VERSION, r->values, &r->nvalues, &r->title);
    struct str older[VALUES_MAX], title;
    unsigned n = 0;

    if (wrong == NULL && read_words(a, s, 1, older, &n, &title) == NULL
        && n != r->nvalues) {
        r->older = arena_array(a, n, sizeof(older[0]));
        memcpy(r->older, older, n * sizeof(older[0]));
        r->nolder = n;
    }
    return wrong;
}


static bool
take(struct str *s, const char *sign)
{
    *s = str_trim(*s);
    if (!str_starts(*s, str_of(sign))) {
        return false;
    }
    *s = str_trim(str_sub(*s, strlen(sign), s->n));
    return true;
}


/* "[ key:pattern ]", of a frame; *rest is moved behind it. */
static bool
read_neighbour(struct arena *a, struct str *rest, struct matcher **out)
{
    struct matcher *m = arena_new_of(a, struct matcher);
    struct str word;

    if (*out != NULL || !take(rest, "[") || !rule_word(a, rest, &word)
        || !read_matcher(a, word, m) || m->kind != ON_FRAME) {
        return false;
    }
    *out = m;
    return take(rest, "]");
}


/* One matcher, or a neighbour of the frame; what is wrong, or NULL. */
static const char *
read_term(struct arena *a, struct str *line, struct rule *r)
{
    struct str word;

    if (str_starts(*line, STR("["))) {
        return read_neighbour(a, line, &r->caller) && take(line, "|")
                   ? NULL
                   : "the caller must be written as [ key:pattern ] |";
    }
    if (take(line, "|")) {
        return read_neighbour(a, line, &r->callee)
                   ? NULL
                   : "the callee must be written as | [ key:pattern ]";
    }
    if (!rule_word(a, line, &word)) {
        return "a quotation mark is missing";
    }
    if (r->nmatchers == MATCHERS_MAX) {
        return "too many matchers";
    }
    return read_matcher(a, word, &r->matchers[r->nmatchers++])
               ? NULL
               : "unknown matcher";
}


static bool
asks(const struct rule *r, enum kind kind)
{
    for (unsigned i = 0; i < r->nmatchers; i++) {
        if (r->matchers[i].kind == kind) {
            return true;
        }
    }
    return false;
}


static const char *
read_rule(struct arena *a, struct str line, struct rule *r)
{
    const char *wrong = NULL;

    while (!take(&line, "->")) {
        if (line.n == 0) {
            return "-> and a fingerprint are missing";
        }
        if ((wrong = read_term(a, &line, r)) != NULL) {
            return wrong;
        }
    }
    if (r->nmatchers == 0) {
        return "no matcher before ->";
    }
    if ((r->caller != NULL || r->callee != NULL) && !asks(r, ON_FRAME)) {
        return "a caller or callee needs a matcher of a frame beside it";
    }
    return read_values(a, line, r);
}


enum status
fingerprint_rules_parse(struct arena *a, struct str text,
                        struct fingerprint_rules **out, struct rule_error *err)
{
    struct fingerprint_rules *rs = arena_new_of(a, struct fingerprint_rules);
    unsigned line_number = 0;
    size_t size = 0;
    struct str line;

    while (rule_line(&text, &line_number, &line)) {
        struct rule r;
        const char *wrong;

        memset(&r, 0, sizeof(r));
        r.text = line;
        wrong = rs->n == RULES_MAX ? "too many rules" : read_rule(a, line, &r);
        if (wrong != NULL) {
            if (err != NULL) {
                *err = (struct rule_error){ line_number, wrong };
            }
            return ST_INVALID;
        }
        if (rs->n == size) {
            size_t more = size > 0 ? size * 2 : 16;

            rs->rules =
                arena_grow(a, rs->rules, size * sizeof(r), more * sizeof(r));
            size = more;
        }
        rs->rules[rs->n++] = r;
    }
    *out = rs;
    return ST_OK;
}


/* ---- matching */

static bool
text(struct arena *a, struct str s, const struct glob *glob, bool nocase)
{
    return s.n > 0 && glob_match(glob, nocase ? str_lower(a, s) : s);
}


static bool
path(struct arena *a, struct str s, const struct glob *glob)
{
    struct glob_path p;

    if (s.n == 0) {
        return false;
    }
    p = glob_path(a, s);
    return glob_match_path(glob, &p);
}


static bool
one_of(struct str words, struct str s)
{
    struct str word;

    while (str_split(&words, ',', &word)) {
        if (str_eq(str_trim(word), s)) {
            return true;
        }
    }
    return false;
}


static bool
on_frame(struct arena *a, const struct matcher *m, const struct frame *f)
{
    switch (m->key) {
    case KEY_MODULE:
        return text(a, f->module, m->glob, false);

    case KEY_PATH:
        return path(a, f->abs_path, m->glob) || path(a, f->filename, m->glob);

    case KEY_PACKAGE:
        return path(a, f->package, m->glob);

    case KEY_FUNCTION:
        return text(a, f->function, m->glob, false);

    default:
        return f->in_app == m->yes;
    }
}


static bool
on_exception(struct arena *a, const struct matcher *m,
             const struct exception *e)
{
    return m->key == KEY_TYPE ? text(a, e->type, m->glob, false)
                              : text(a, e->value, m->glob, true);
}


static bool
on_message(struct arena *a, const struct matcher *m, const struct event *ev)
{
    struct json *entry = json_get(ev->doc, "logentry");

    if (text(a, json_text_of(entry, "formatted"), m->glob, true)
        || text(a, json_text_of(entry, "message"), m->glob, true)) {
        return true;
    }
    for (unsigned i = 0; i < ev->stacks->n; i++) {
        if (text(a, ev->stacks->exceptions[i].value, m->glob, true)) {
            return true;
        }
    }
    return false;
}


static bool
on_tag(const struct matcher *m, const struct event *ev)
{
    for (size_t i = 0; i < ev->ntags; i++) {
        if (str_eq(ev->tags[i].key, m->tag)) {
            return glob_match(m->glob, ev->tags[i].value);
        }
    }
    return false;
}


static bool
on_event(struct arena *a, const struct matcher *m, const struct event *ev)
{
    static const char *const family_names[] = {
        [FAMILY_OTHER] = "other",
        [FAMILY_JAVASCRIPT] = "javascript",
        [FAMILY_NATIVE] = "native",
    };

    switch (m->key) {
    case KEY_MESSAGE:
        return on_message(a, m, ev);

    case KEY_LOGGER:
        return text(a, json_text_of(ev->doc, "logger"), m->glob, false);

    case KEY_LEVEL:
        return text(a, json_text_of(ev->doc, "level"), m->glob, true);

    case KEY_FAMILY:
        return one_of(m->words, STR("all"))
               || one_of(m->words, str_of(family_names[ev->stacks->family]));

    case KEY_SDK:
        return one_of(m->words,
                      json_text(json_path(ev->doc, "sdk", "name", NULL)));

    case KEY_RELEASE:
        return path(a, json_text_of(ev->doc, "release"), m->glob);

    default:
        return on_tag(m, ev);
    }
}


static bool
all_on_event(struct arena *a, const struct rule *r, const struct event *ev)
{
    for (unsigned i = 0; i < r->nmatchers; i++) {
        const struct matcher *m = &r->matchers[i];

        if (m->kind == ON_EVENT && on_event(a, m, ev) == m->negated) {
            return false;
        }
    }
    return true;
}


static bool
all_on_frame(struct arena *a, const struct rule *r, const struct frame *f)
{
    for (unsigned i = 0; i < r->nmatchers; i++) {
        const struct matcher *m = &r->matchers[i];

        if (m->kind == ON_FRAME && on_frame(a, m, f) == m->negated) {
            return false;
        }
    }
    return true;
}


/* A neighbour that is asked for has to be there. */
static bool
is_beside(struct arena *a, const struct matcher *m, const struct stack *s,
          unsigned i)
{
    return m == NULL
           || (i < s->n && on_frame(a, m, &s->frames[i]) != m->negated);
}


static bool
any_frame(struct arena *a, const struct rule *r, const struct stack *s)
{
    for (unsigned i = 0; s != NULL && i < s->n; i++) {
        /* before the first is behind all */
        if (all_on_frame(a, r, &s->frames[i])
            && is_beside(a, r->caller, s, i - 1)
            && is_beside(a, r->callee, s, i + 1)) {
            return true;
        }
    }
    return false;
}


static bool
all_on_exception(struct arena *a, const struct rule *r,
                 const struct exception *e)
{
    for (unsigned i = 0; i < r->nmatchers; i++) {
        const struct matcher *m = &r->matchers[i];

        if (m->kind == ON_EXCEPTION && on_exception(a, m, e) == m->negated) {
            return false;
        }
    }
    return true;
}


static bool
on_thread(struct arena *a, const struct matcher *m, const struct json *thread)
{
    const struct json *id = json_get(thread, "id");

    switch (m->key) {
    case KEY_THREAD_ID:
        return id != NULL && text(a, id->text, m->glob, false);

    case KEY_THREAD_NAME:
        return text(a, json_text_of(thread, "name"), m->glob, false);

    case KEY_THREAD_STATE:
        return text(a, json_text_of(thread, "state"), m->glob, false);

    default:
        return m->yes
               == json_yes(json_get(thread, m->key == KEY_CRASHED ? "crashed"
                                                                  : "current"));
    }
}


static bool
all_on_thread(struct arena *a, const struct rule *r, const struct json *thread)
{
    for (unsigned i = 0; i < r->nmatchers; i++) {
        const struct matcher *m = &r->matchers[i];

        if (m->kind == ON_THREAD && on_thread(a, m, thread) == m->negated) {
            return false;
        }
    }
    return true;
}


static bool
any_thread(struct arena *a, const struct rule *r, const struct event *ev)
{
    json_each(thread, json_path(ev->doc, "threads", "values", NULL))
    {
        if (all_on_thread(a, r, thread)) {
            return true;
        }
    }
    return false;
}


static bool
matches(struct arena *a, const struct rule *r, const struct event *ev)
{
    const struct stacks *st = ev->stacks;
    bool found = false;

    if (!all_on_event(a, r, ev)) {
        return false;
    }
    if (asks(r, ON_EXCEPTION)) {
        for (unsigned i = 0; i < st->n && !found; i++) {
            found = all_on_exception(a, r, &st->exceptions[i]);
        }
        if (!found) {
            return false;
        }
    }
    if (asks(r, ON_THREAD) && !any_thread(a, r, ev)) {
        return false;
    }
    if (!asks(r, ON_FRAME)) {
        return true;
    }
    for (unsigned i = 0; i < st->n; i++) {
        if (any_frame(a, r, st->exceptions[i].stack)) {
            return true;
        }
    }
    return any_frame(a, r, st->bare) || any_frame(a, r, st->thread);
}


static bool
find(struct arena *a, const struct event *ev,
     const struct fingerprint_rules *rs, struct fingerprint_verdict *out)
{
    for (size_t i = 0; i < rs->n; i++) {
        const struct rule *r = &rs->rules[i];

        if (matches(a, r, ev)) {
            out->values = r->values;
            out->n = r->nvalues;
            out->rule = r->text;
            out->older = r->older;
            out->nolder = r->nolder;
            out->title = r->title;
            return true;
        }
    }
    return false;
}


static const struct fingerprint_rules *
builtin(void)
{
    static struct fingerprint_rules *rules; /* for the life of the process */

    if (rules == NULL) {
        struct arena *arena = arena_new();

        if (fingerprint_rules_parse(arena, str_of(builtin_text), &rules, NULL)
            != ST_OK) {
            abort(); /* a unit test reads them */
        }
        rules->arena = arena;
    }
    return rules;
}


bool
fingerprint_rules_match(struct arena *a, const struct event *ev,
                        const struct fingerprint_rules *own,
                        struct fingerprint_verdict *out)
{
    memset(out, 0, sizeof(*out));
    if (own != NULL && find(a, ev, own, out)) {
        return true;
    }
    out->builtin = true;
    return find(a, ev, builtin(), out);
}
