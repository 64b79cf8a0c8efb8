/*
 * Stack-trace rules: grouping.md §1.8.
 *
 *     family:javascript module:core-js.* -app -group
 *     [ function:call ] | function:main module:app.* ^-app +group
 *
 * Rules run in order, each over all frames of a stack, because a later rule
 * may ask for the category that an earlier one gave.  A rule first asks which
 * families of platforms it is for, so that most of the built-in ones cost one
 * comparison a stack.  What of the built-in ones a frame's own texts match is
 * remembered from stack to stack (frame_verdict.h).
 */

#include "digest/grouping.h"

#include <stdlib.h>

#include "digest/frame_verdict.h"
#include "digest/glob.h"
#include "digest/rule_word.h"
#include "digest/stack_rules_builtin.h"

#define MATCHERS_MAX 10
#define ACTIONS_MAX 10

/* Built-in ones: a bit each. */
#define BUILTIN_MAX 64


/* ---- a parsed rule */

enum key {
    KEY_FAMILY,
    KEY_PATH,
    KEY_MODULE,
    KEY_FUNCTION,
    KEY_PACKAGE, /* so far what the frame itself says, and no rule changes */
    KEY_CATEGORY,
    KEY_APP,
    KEY_TYPE,
    KEY_VALUE,
    KEY_MECHANISM
};

static const struct {
    const char *name;
    enum key key;
    unsigned glob; /* flags */
} keys[] = {
    { "family", KEY_FAMILY, 0 },
    { "path", KEY_PATH, GLOB_PATH | GLOB_NOCASE },
    { "stack.abs_path", KEY_PATH, GLOB_PATH | GLOB_NOCASE },
    { "module", KEY_MODULE, 0 },
    { "stack.module", KEY_MODULE, 0 },
    { "function", KEY_FUNCTION, 0 },
    { "stack.function", KEY_FUNCTION, 0 },
    { "package", KEY_PACKAGE, GLOB_PATH | GLOB_NOCASE },
    { "stack.package", KEY_PACKAGE, GLOB_PATH | GLOB_NOCASE },
    { "category", KEY_CATEGORY, 0 },
    { "app", KEY_APP, 0 },
    { "error.type", KEY_TYPE, 0 },
    { "type", KEY_TYPE, 0 },
    { "error.value", KEY_VALUE, 0 },
    { "value", KEY_VALUE, 0 },
    { "error.mechanism", KEY_MECHANISM, 0 },
    { "mechanism", KEY_MECHANISM, 0 },
};

struct matcher {
    enum key key;
    bool negated;
    unsigned families; /* KEY_FAMILY */
    bool app;          /* KEY_APP */
    struct glob *glob; /* the others */
};

enum act { ACT_APP, ACT_GROUP, ACT_CATEGORY, ACT_MAX, ACT_MIN };

enum range { RANGE_SELF, RANGE_ABOVE, RANGE_BELOW };

struct action {
    enum act act;
    enum range range;
    bool plus;
    unsigned number;
    struct str category;
};

struct rule {
    unsigned families; /* of the frames that it can match at all */
    struct matcher matchers[MATCHERS_MAX];
    unsigned nmatchers;
    struct matcher *caller; /* the older neighbour */
    struct matcher *callee; /* the newer one */
    struct action actions[ACTIONS_MAX];
    unsigned nactions;
};

struct stack_rules {
    struct arena *arena; /* of the built-in ones */
    struct rule *rules;
    size_t n;
};


/* ---- reading */

static const struct {
    const char *name;
    unsigned families;
} families[] = {
    { "javascript", FAMILY_JAVASCRIPT },
    { "native", FAMILY_NATIVE },
    { "other", FAMILY_OTHER },
    { "all", FAMILY_OTHER | FAMILY_JAVASCRIPT | FAMILY_NATIVE },
};


static bool
read_families(struct str s, unsigned *out)
{
    struct str part;

    *out = 0;
    while (str_split(&s, ',', &part)) {
        unsigned before = *out;

        for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
            if (str_is(part, families[i].name)) {
                *out |= families[i].families;
            }
        }
        if (*out == before) {
            return false;
        }
    }
    return *out != 0;
}


static bool
read_matcher(struct arena *a, struct str word, struct matcher *m)
{
    ptrdiff_t colon = str_chr(word, ':');
    struct str key, pattern;

    if (str_starts(word, STR("!"))) {
        m->negated = true;
        word = str_sub(word, 1, word.n);
        colon--;
    }
    if (colon <= 0) {
        return false;
    }
    key = str_sub(word, 0, (size_t) colon);
    pattern = str_sub(word, (size_t) colon + 1, word.n);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!str_is(key, keys[i].name)) {
            continue;
        }
        m->key = keys[i].key;
        if (m->key == KEY_FAMILY) {
            return read_families(pattern, &m->families);
        }
        if (m->key == KEY_APP) {
            return rule_bool_word(pattern, &m->app);
        }
        m->glob = glob_parse(a, pattern, keys[i].glob);
        return true;
    }
    return false;
}


/* ^-app v+group category=x max-frames=3; false when it is no action */
static bool
read_action(struct str s, struct action *act)
{
    int64_t number;
    ptrdiff_t equals = str_chr(s, '=');

    if (equals > 0) {
        struct str name = str_sub(s, 0, (size_t) equals);
        struct str value = str_sub(s, (size_t) equals + 1, s.n);

        if (str_is(name, "category")) {
            act->act = ACT_CATEGORY;
            act->category = value;
            return value.n > 0;
        }
        act->act = str_is(name, "max-frames") ? ACT_MAX : ACT_MIN;
        if (!str_i64(value, &number) || number < 0 || number > 1000) {
            return false;
        }
        act->number = (unsigned) number;
        return act->act == ACT_MAX || str_is(name, "min-frames");
    }

    if (str_starts(s, STR("^"))) {
        act->range = RANGE_ABOVE;
        s = str_sub(s, 1, s.n);

    } else if (str_starts(s, STR("v"))) {
        act->range = RANGE_BELOW;
        s = str_sub(s, 1, s.n);
    }
    if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-')) {
        return false;
    }
    act->plus = s.p[0] == '+';
    s = str_sub(s, 1, s.n);
    act->act = str_is(s, "group") ? ACT_GROUP : ACT_APP;
    return act->act == ACT_GROUP || str_is(s, "app");
}


/* The one matcher between brackets; *rest is moved behind them. */
static bool
read_neighbour(struct arena *a, struct str *rest, struct matcher **out)
{
    struct str word, s = str_trim(str_sub(*rest, 1, rest->n));
    ptrdiff_t end;

    *out = arena_new_of(a, struct matcher);
    if (!rule_word(a, &s, &word) || !read_matcher(a, word, *out)) {
        return false;
    }
    end = str_chr(s, ']');
    if (end == -1 || str_trim(str_sub(s, 0, (size_t) end)).n > 0) {
        return false;
    }
    *rest = str_trim(str_sub(s, (size_t) end + 1, s.n));
    return true;
}


static bool
take(struct str *s, char c)
{
    *s = str_trim(*s);
    if (s->n == 0 || s->p[0] != c) {
        return false;
    }
    *s = str_sub(*s, 1, s->n);
    return true;
}


static const char *
read_rule(struct arena *a, struct str line, struct rule *r)
{
    struct str word;

    if (line.p[0] == '['
        && (!read_neighbour(a, &line, &r->caller) || !take(&line, '|'))) {
        return "the caller must be written as [ key:pattern ] |";
    }

    r->families = FAMILY_OTHER | FAMILY_JAVASCRIPT | FAMILY_NATIVE;
    while (str_trim(line).n > 0) {
        if (take(&line, '|')) {
            line = str_trim(line);
            if (line.n == 0 || line.p[0] != '['
                || !read_neighbour(a, &line, &r->callee)) {
                return "the callee must be written as | [ key:pattern ]";
            }
            continue;
        }
        if (!rule_word(a, &line, &word)) {
            return "a quotation mark is missing";
        }
        if (r->nactions == ACTIONS_MAX || r->nmatchers == MATCHERS_MAX) {
            return "too long a rule";
        }
        if (read_action(word, &r->actions[r->nactions])) {
            r->nactions++;
            continue;
        }
        memset(&r->actions[r->nactions], 0, sizeof(r->actions[0]));
        if (r->nactions > 0
            || !read_matcher(a, word, &r->matchers[r->nmatchers])) {
            return "neither a matcher nor an action";
        }
        if (r->matchers[r->nmatchers].key == KEY_FAMILY
            && !r->matchers[r->nmatchers].negated) {
            r->families &= r->matchers[r->nmatchers].families;
            continue;
        }
        r->nmatchers++;
    }
    return r->nactions > 0 ? NULL : "no action";
}


enum status
stack_rules_parse(struct arena *a, struct str text, struct stack_rules **out,
                  struct rule_error *err)
{
    struct stack_rules *rs = arena_new_of(a, struct stack_rules);
    unsigned line_number = 0;
    size_t size = 0;
    struct str line;

    while (rule_line(&text, &line_number, &line)) {
        struct rule r;
        const char *wrong;

        memset(&r, 0, sizeof(r));
        wrong = rs->n == RULES_MAX ? "too many rules" : read_rule(a, line, &r);
        if (wrong != NULL) {
            if (err != NULL) {
                *err = (struct rule_error){ line_number, wrong };
            }
            return ST_INVALID;
        }
        if (rs->n == size) {
            size_t more = size > 0 ? size * 2 : 32;

            rs->rules =
                arena_grow(a, rs->rules, size * sizeof(r), more * sizeof(r));
            size = more;
        }
        rs->rules[rs->n++] = r;
    }
    *out = rs;
    return ST_OK;
}


/* ---- applying */

struct run {
    struct arena *a;
    struct stack *s;
    struct glob_path *paths; /* of each frame, once made */
    struct glob_path *packages;
    uint64_t *verdicts; /* of each frame, on the built-in rules */
};


static bool
match_path(struct run *run, struct glob_path *cache, unsigned i,
           struct str path, const struct glob *glob)
{
    if (path.n == 0) {
        return false;
    }
    if (str_null(cache[i].rooted)) {
        cache[i] = glob_path(run->a, path);
    }
    return glob_match_path(glob, &cache[i]);
}


static bool
match_text(struct str s, const struct glob *glob)
{
    return s.n > 0 && glob_match(glob, s);
}


static bool
holds(struct run *run, const struct matcher *m, unsigned i)
{
    const struct frame *f = &run->s->frames[i];
    const struct exception *e = run->s->owner;

    switch (m->key) {
    case KEY_FAMILY:
        return (f->family & m->families) != 0;

    case KEY_PATH:
        return match_path(run, run->paths, i,
                          f->abs_path.n > 0 ? f->abs_path : f->filename,
                          m->glob);

    case KEY_PACKAGE:
        return match_path(run, run->packages, i, f->package, m->glob);

    case KEY_MODULE:
        return match_text(f->module, m->glob);

    case KEY_FUNCTION:
        return match_text(f->function.n > 0 ? f->function : STR("<unknown>"),
                          m->glob);

    case KEY_CATEGORY:
        return match_text(f->category, m->glob);

    case KEY_APP:
        return f->in_app == m->app;

    case KEY_TYPE:
        return e != NULL && match_text(e->type, m->glob);

    case KEY_VALUE:
        return e != NULL && match_text(e->value, m->glob);

    case KEY_MECHANISM:
        return e != NULL && match_text(e->mechanism, m->glob);
    }
    return false;
}


/* As far as the frame's own texts say. */
static bool
texts_match(struct run *run, const struct rule *r, unsigned i)
{
    if ((run->s->frames[i].family & r->families) == 0) {
        return false;
    }
    for (unsigned k = 0; k < r->nmatchers; k++) {
        const struct matcher *m = &r->matchers[k];

        if (m->key <= KEY_PACKAGE && holds(run, m, i) == m->negated) {
            return false;
        }
    }
    return true;
}


/* … and what else it asks for. */
static bool
rest_matches(struct run *run, const struct rule *r, unsigned i)
{
    for (unsigned k = 0; k < r->nmatchers; k++) {
        const struct matcher *m = &r->matchers[k];

        if (m->key > KEY_PACKAGE && holds(run, m, i) == m->negated) {
            return false;
        }
    }
    if (r->caller != NULL
        && (i == 0 || holds(run, r->caller, i - 1) == r->caller->negated)) {
        return false;
    }
    return r->callee == NULL
           || (i + 1 < run->s->n
               && holds(run, r->callee, i + 1) != r->callee->negated);
}


static void
set(struct frame *f, const struct action *act)
{
    switch (act->act) {
    case ACT_APP:
        f->in_app = act->plus;
        break;

    case ACT_GROUP:
        f->group = act->plus ? 1 : -1;
        break;

    case ACT_CATEGORY:
        f->category = act->category;
        break;

    default:
        break;
    }
}


/*
 * first is whether this is the rule's first match in the stack, the oldest;
 * since is the one before.  All frames above the first are done with it; those
 * below the one before have been done with that.  So each rule sets each frame
 * a bounded number of times, however often it matches.
 */
static void
act(struct stack *s, const struct action *a, unsigned i, bool first,
    unsigned since)
{
    unsigned from = i, to = i + 1;

    if (a->act == ACT_MAX) {
        s->max_frames = a->number;
        return;
    }
    if (a->act == ACT_MIN) {
        s->min_frames = a->number;
        return;
    }
    if (a->range == RANGE_ABOVE) {
        from = i + 1;
        to = first ? s->n : from;

    } else if (a->range == RANGE_BELOW) {
        from = first ? 0 : since;
        to = i;
    }
    for (unsigned k = from; k < to; k++) {
        set(&s->frames[k], a);
    }
}


static void
run_rule(struct run *run, const struct rule *r, uint64_t bit)
{
    unsigned since = 0;
    bool first = true;

    for (unsigned i = 0; i < run->s->n; i++) {
        if ((bit != 0 ? (run->verdicts[i] & bit) == 0 : !texts_match(run, r, i))
            || !rest_matches(run, r, i)) {
            continue;
        }
        for (unsigned n = 0; n < r->nactions; n++) {
            act(run->s, &r->actions[n], i, first, since);
        }
        first = false;
        since = i;
    }
}


static uint64_t
verdict(struct run *run, const struct stack_rules *rs, unsigned i)
{
    uint64_t key = frame_verdict_key(&run->s->frames[i]), rules = 0;

    if (frame_verdict_find(key, &rules)) {
        return rules;
    }
    for (size_t k = 0; k < rs->n; k++) {
        rules |= (uint64_t) texts_match(run, &rs->rules[k], i) << k;
    }
    if (key != 0) {
        frame_verdict_keep(key, rules);
    }
    return rules;
}


static void
run_builtin(struct run *run, const struct stack_rules *rs)
{
    uint64_t any = 0;

    for (unsigned i = 0; i < run->s->n; i++) {
        any |= run->verdicts[i] = verdict(run, rs, i);
    }
    for (size_t k = 0; k < rs->n; k++) {
        if ((any & UINT64_C(1) << k) != 0) {
            run_rule(run, &rs->rules[k], UINT64_C(1) << k);
        }
    }
}


static void
run_own(struct run *run, const struct stack_rules *rs, unsigned seen)
{
    for (size_t k = 0; k < rs->n; k++) {
        if ((rs->rules[k].families & seen) != 0) {
            run_rule(run, &rs->rules[k], 0);
        }
    }
}


/*
 * What holds for a frame whose SDK did not say.  Sentry takes all of them for
 * the system's; here the SDKs that never say count as the application's, minus
 * what the rules below take out, which groups the same and reads better.
 */
static bool
default_in_app(const struct frame *f)
{
    switch (f->platform) {
    case PLATFORM_JAVASCRIPT:
        return str_find(f->abs_path, STR("/node_modules/")) == -1
               && str_find(f->abs_path, STR("webpack:///~/")) == -1
               && !str_starts(f->filename, STR("~/"));

    case PLATFORM_PHP:
    case PLATFORM_RUBY:
    case PLATFORM_GO:
    case PLATFORM_JAVA:
        return true;

    default:
        return false;
    }
}


static const struct stack_rules *
builtin(void)
{
    static struct stack_rules *rules; /* for the life of the process */

    if (rules == NULL) {
        struct arena *arena = arena_new();

        if (stack_rules_parse(arena, str_of(stack_rules_builtin), &rules, NULL)
                != ST_OK
            || rules->n > BUILTIN_MAX) {
            abort(); /* a unit test reads them */
        }
        rules->arena = arena;
    }
    return rules;
}


void
stack_rules_apply(struct arena *a, struct stack *s,
                  const struct stack_rules *own)
{
    struct run run = { .a = a, .s = s };
    unsigned seen = 0;

    run.paths = arena_array(a, s->n, sizeof(*run.paths));
    run.packages = arena_array(a, s->n, sizeof(*run.packages));
    run.verdicts = arena_array(a, s->n, sizeof(*run.verdicts));
    s->max_frames = s->min_frames = 0;
    for (unsigned i = 0; i < s->n; i++) {
        struct frame *f = &s->frames[i];

        f->in_app =
            f->client_in_app >= 0 ? f->client_in_app > 0 : default_in_app(f);
        f->group = 0;
        f->category = STR_NULL;
        seen |= f->family;
    }

    run_builtin(&run, builtin());
    if (own != NULL) {
        run_own(&run, own, seen);
    }
}
