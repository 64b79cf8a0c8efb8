/*
 * The file has three lists of rules, for browsers, systems and devices; of
 * each list the first rule counts that matches somewhere in the string.  A rule
 * names its results by replacement texts, in which $1 is what the first group
 * matched; what is not named is taken from the groups in order.
 *
 * About 1,100 rules with PCRE2's machine code are 4 MB when a process has
 * tried them all, and a string that is not in the cache costs up to a
 * millisecond.  A pattern that backtracks too much on a hostile string counts
 * as not matching.
 */

#include "digest/user_agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <yaml.h>

#include "util/buf.h"
#include "util/log.h"

#define RULES_MAX 20000  /* of a list; the file has 630 in its longest */
#define PATTERN_MAX 8192 /* bytes */
#define STEPS_MAX 100000 /* of one match */
#define GROUPS 10

#define CACHE_MAX 512
#define CACHE_SLOTS 1024 /* a power of two */


enum replacement { R_NAME, R_V1, R_V2, R_V3, R_BRAND, R_MODEL, R_COUNT };

struct rule {
    const char *pattern;
    bool nocase;
    bool hopeless; /* does not compile */
    pcre2_code *code;
    const char *with[R_COUNT];
    struct rule *next;
};

struct list {
    const char *name; /* in the file */
    struct rule *first;
    struct rule **end;
    unsigned n;
};

enum { BROWSERS, SYSTEMS, DEVICES, LISTS };

static struct list lists[LISTS] = {
    [BROWSERS] = { .name = "user_agent_parsers" },
    [SYSTEMS] = { .name = "os_parsers" },
    [DEVICES] = { .name = "device_parsers" },
};

static struct arena *rules; /* NULL: none were read */


/* ---- the file */

/* The keys of a rule; each list has its own names for the same things. */
static const struct {
    const char *key;
    enum replacement to;
} keys[] = {
    { "family_replacement", R_NAME }, { "os_replacement", R_NAME },
    { "device_replacement", R_NAME }, { "v1_replacement", R_V1 },
    { "os_v1_replacement", R_V1 },    { "v2_replacement", R_V2 },
    { "os_v2_replacement", R_V2 },    { "v3_replacement", R_V3 },
    { "os_v3_replacement", R_V3 },    { "brand_replacement", R_BRAND },
    { "model_replacement", R_MODEL },
};


static void
set(struct rule *rule, const char *key, const char *value)
{
    if (strcmp(key, "regex") == 0) {
        rule->pattern = value;
        return;
    }
    if (strcmp(key, "regex_flag") == 0) {
        rule->nocase = strchr(value, 'i') != NULL;
        return;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i].key) == 0) {
            rule->with[keys[i].to] = value;
        }
    }
}


static struct list *
list_of(const char *name)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (strcmp(name, lists[i].name) == 0) {
            return &lists[i];
        }
    }
    return NULL;
}


static void
add(struct list *l, struct rule *rule)
{
    if (rule->pattern != NULL && strlen(rule->pattern) <= PATTERN_MAX
        && l->n < RULES_MAX) {
        *l->end = rule;
        l->end = &rule->next;
        l->n++;
    }
}


/* Where reading stands: the list and the rule that are open, the last key. */
struct reading {
    struct list *list;
    struct rule *rule;
    const char *key;
    unsigned depth;
};


static void
take(struct reading *at, const yaml_event_t *e)
{
    const char *text;

    switch (e->type) {
    case YAML_MAPPING_START_EVENT:
        at->rule =
            at->depth++ == 2 ? arena_new_of(rules, struct rule) : at->rule;
        at->key = NULL;
        return;

    case YAML_SEQUENCE_START_EVENT:
        at->depth++;
        return;

    case YAML_MAPPING_END_EVENT:
        if (at->depth-- == 3 && at->list != NULL) {
            add(at->list, at->rule);
        }
        return;

    case YAML_SEQUENCE_END_EVENT:
        at->depth--;
        return;

    case YAML_SCALAR_EVENT:
        text = (const char *) e->data.scalar.value;
        if (at->depth == 1) {
            at->list = list_of(text);

        } else if (at->depth == 3) {
            char *copy = arena_strdup(rules, text);

            if (at->key == NULL) {
                at->key = copy;

            } else {
                set(at->rule, at->key, copy);
                at->key = NULL;
            }
        }
        return;

    default:
        return;
    }
}


static bool
read_rules(FILE *f)
{
    struct reading at = { 0 };
    yaml_parser_t parser;
    yaml_event_t e;
    bool more = true, ok = true;

    if (!yaml_parser_initialize(&parser)) {
        abort();
    }
    yaml_parser_set_input_file(&parser, f);
    while (more && (ok = yaml_parser_parse(&parser, &e) != 0)) {
        more = e.type != YAML_STREAM_END_EVENT;
        take(&at, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    return ok;
}


static void forget(void);


static void
drop_rules(void)
{
    forget();
    for (size_t i = 0; i < LISTS; i++) {
        for (struct rule *r = lists[i].first; r != NULL; r = r->next) {
            pcre2_code_free(r->code);
        }
        lists[i].first = NULL;
        lists[i].end = &lists[i].first;
        lists[i].n = 0;
    }
    arena_free(rules);
    rules = NULL;
}


enum status
user_agent_load(const char *path)
{
    FILE *f;
    bool ok;

    drop_rules();
    if ((f = fopen(path, "re")) == NULL) {
        log_warning("%s: %s; no browsers and systems are read out of "
                    "User-Agent headers",
                    path, strerror(errno));
        return ST_NOT_FOUND;
    }
    rules = arena_new();
    ok = read_rules(f);
    fclose(f);
    if (!ok || lists[BROWSERS].n == 0) {
        log_warning("%s: no rules of uap-core; no browsers and systems are "
                    "read out of User-Agent headers",
                    path);
        drop_rules();
        return ST_INVALID;
    }
    return ST_OK;
}


/* ---- matching */

/* A match: the groups of the rule that fitted. */
struct match {
    const struct rule *rule;
    struct str group[GROUPS];
};


static bool
compile(struct rule *rule)
{
    int error;
    PCRE2_SIZE at;

    if (rule->hopeless || rule->code != NULL) {
        return rule->code != NULL;
    }
    rule->code =
        pcre2_compile((PCRE2_SPTR) rule->pattern, PCRE2_ZERO_TERMINATED,
                      rule->nocase ? PCRE2_CASELESS : 0, &error, &at, NULL);
    if (rule->code == NULL) {
        log_warning("a rule of uap-core is left out: %.200s", rule->pattern);
        rule->hopeless = true;
        return false;
    }
    /* without machine code it is interpreted */
    (void) pcre2_jit_compile(rule->code, PCRE2_JIT_COMPLETE);
    return true;
}


static bool
match(const struct list *l, struct str text, struct match *m)
{
    static pcre2_match_context *bounds;
    static pcre2_match_data *data;

    if (bounds == NULL) {
        bounds = pcre2_match_context_create(NULL);
        data = pcre2_match_data_create(GROUPS, NULL);
        if (bounds == NULL || data == NULL) {
            abort();
        }
        pcre2_set_match_limit(bounds, STEPS_MAX);
    }
    for (struct rule *r = l->first; r != NULL; r = r->next) {
        const PCRE2_SIZE *ends;
        int n;

        if (!compile(r)
            || (n = pcre2_match(r->code, (PCRE2_SPTR) text.p, text.n, 0, 0,
                                data, bounds))
                   < 0) {
            continue;
        }
        *m = (struct match){ .rule = r };
        ends = pcre2_get_ovector_pointer(data);
        for (int i = 0; i < (n > 0 ? n : GROUPS); i++) {
            if (ends[2 * i] != PCRE2_UNSET && ends[2 * i + 1] >= ends[2 * i]) {
                m->group[i] = str_sub(text, ends[2 * i], ends[2 * i + 1]);
            }
        }
        return true;
    }
    return false;
}


/* The replacement text with $1 … $9 filled in, else the group as it is. */
static struct str
result(struct arena *a, const struct match *m, enum replacement which,
       unsigned group)
{
    const char *with = m->rule->with[which];
    struct buf out = buf_in(a);
    struct str s;

    if (with == NULL) {
        s = group > 0 && group < GROUPS ? str_trim(m->group[group]) : STR_NULL;
        return s.n > 0 ? s : STR_NULL;
    }
    for (; *with != '\0'; with++) {
        if (with[0] == '$' && with[1] >= '1' && with[1] <= '9') {
            with++;
            buf_str(&out, m->group[*with - '0']);

        } else {
            buf_char(&out, *with);
        }
    }
    s = str_trim(buf_view(&out));
    return s.n > 0 ? s : STR_NULL;
}


/* "124.0.6367": the parts up to the first that is missing. */
static struct str
version(struct arena *a, const struct match *m)
{
    struct buf out = buf_in(a);

    for (unsigned i = 0; i < 3; i++) {
        struct str part = result(a, m, R_V1 + i, 2 + i);

        if (part.n == 0) {
            break;
        }
        buf_text(&out, i > 0 ? "." : "");
        buf_str(&out, part);
    }
    return out.n > 0 ? buf_view(&out) : STR_NULL;
}


static struct str
known(struct str family)
{
    return str_is(family, "Other") ? STR_NULL : family;
}


/* Browsers froze these two in 2018 and 2020: what they mean is "or later". */
static struct str
or_later(struct arena *a, struct str os, struct str v)
{
    if ((str_is(os, "Windows") && str_is(v, "10"))
        || (str_is(os, "Mac OS X") && str_is(v, "10.15.7"))) {
        return str_printf(a, ">=%.*s", STR_FMT(v));
    }
    return v;
}


/* Every text in the arena or in text. */
static struct user_agent
read_text(struct arena *a, struct str text)
{
    struct user_agent ua = { 0 };
    struct match m;

    if (match(&lists[BROWSERS], text, &m)) {
        ua.browser = known(result(a, &m, R_NAME, 1));
        if (!str_null(ua.browser)) {
            ua.browser_major = result(a, &m, R_V1, 2);
            ua.browser_version = version(a, &m);
        }
    }
    if (match(&lists[SYSTEMS], text, &m)) {
        ua.os = known(result(a, &m, R_NAME, 1));
        if (!str_null(ua.os)) {
            ua.os_version = or_later(a, ua.os, version(a, &m));
        }
    }
    if (match(&lists[DEVICES], text, &m)) {
        ua.device = known(result(a, &m, R_NAME, 1));
        if (!str_null(ua.device)) {
            ua.device_brand = result(a, &m, R_BRAND, 0);
            ua.device_model = result(a, &m, R_MODEL, 1);
        }
    }
    return ua;
}


/* ---- the cache */

/* One piece of memory, its texts behind it. */
struct entry {
    struct str text;
    struct user_agent ua;
    struct entry *chain;         /* of the slot */
    struct entry *newer, *older; /* by use */
};

static struct entry *slots[CACHE_SLOTS];
static struct entry *newest, *oldest;
static unsigned entries;


static struct entry **
slot_of(struct str text)
{
    uint32_t h = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < text.n; i++) {
        h = (h ^ (unsigned char) text.p[i]) * 16777619U;
    }
    return &slots[h & (CACHE_SLOTS - 1)];
}


static void
unlink_use(struct entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &oldest) = e->newer;
}


static void
link_newest(struct entry *e)
{
    e->newer = NULL;
    e->older = newest;
    *(newest != NULL ? &newest->newer : &oldest) = e;
    newest = e;
}


static void
drop_oldest(void)
{
    struct entry *e = oldest, **at = slot_of(e->text);

    while (*at != e) {
        at = &(*at)->chain;
    }
    *at = e->chain;
    unlink_use(e);
    entries--;
    free(e);
}


static void
forget(void)
{
    while (oldest != NULL) {
        drop_oldest();
    }
}


static struct str
keep(char **room, struct str s)
{
    char *p = *room;

    if (str_null(s)) {
        return s;
    }
    memcpy(p, s.p, s.n);
    *room += s.n;
    return str_make(p, s.n);
}


static struct entry *
entry_new(struct str text, const struct user_agent *ua)
{
    size_t size = text.n + ua->browser.n + ua->browser_major.n
                  + ua->browser_version.n + ua->os.n + ua->os_version.n
                  + ua->device.n + ua->device_brand.n + ua->device_model.n;
    struct entry *e = calloc(1, sizeof(struct entry) + size);
    char *room;

    if (e == NULL) {
        abort();
    }
    room = (char *) (e + 1);
    e->text = keep(&room, text);
    e->ua.browser = keep(&room, ua->browser);
    e->ua.browser_major = keep(&room, ua->browser_major);
    e->ua.browser_version = keep(&room, ua->browser_version);
    e->ua.os = keep(&room, ua->os);
    e->ua.os_version = keep(&room, ua->os_version);
    e->ua.device = keep(&room, ua->device);
    e->ua.device_brand = keep(&room, ua->device_brand);
    e->ua.device_model = keep(&room, ua->device_model);
    return e;
}


const struct user_agent *
user_agent_find(struct str text)
{
    static const struct user_agent nothing;
    static struct arena *scratch;
    struct entry *e, **slot;
    struct user_agent ua;

    text = str_trim(str_sub(text, 0, USER_AGENT_MAX));
    if (text.n == 0 || rules == NULL) {
        return &nothing;
    }
    slot = slot_of(text);
    for (e = *slot; e != NULL; e = e->chain) {
        if (str_eq(e->text, text)) {
            unlink_use(e);
            link_newest(e);
            return &e->ua;
        }
    }

    if (scratch == NULL) {
        scratch = arena_new();
    }
    ua = read_text(scratch, text);
    e = entry_new(text, &ua);
    arena_reset(scratch);

    if (entries == CACHE_MAX) {
        drop_oldest();
    }
    e->chain = *slot;
    *slot = e;
    link_newest(e);
    entries++;
    return &e->ua;
}
