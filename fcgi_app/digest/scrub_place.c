/*
 * Where a rule looks: paths of an event, names of files.
 */

#include "digest/glob.h"
#include "digest/scrub_parts.h"

#define ANY_PARTS_MAX 3 /* each of them tries every rest of a path */

/* Beginnings of paths that people know by a name. */
static const struct {
    const char *word;
    const char *path;
} aliases[] = {
    { "$string", "**" },
    { "$event", "**" },
    { "$message", "logentry" },
    { "$logentry", "logentry" },
    { "$user", "user" },
    { "$request", "request" },
    { "$http", "request" },
    { "$sdk", "sdk" },
    { "$breadcrumb", "breadcrumbs.values.*" },
    { "$exception", "exception.values.*" },
    { "$error", "exception.values.*" },
    { "$thread", "threads.values.*" },
    { "$stack", "**.stacktrace" },
    { "$stacktrace", "**.stacktrace" },
    { "$frame", "**.frames.*" },
};

/* What is inside of a dump has no names. */
static const char *const of_dumps[] = {
    "$minidump",
    "$heap_memory",
    "$stack_memory",
    "$binary",
};


/* ---- reading */

/* Takes the next name off, which may stand in ''. */
static bool
next_name(struct str *rest, struct str *name, bool *quoted)
{
    ptrdiff_t end;

    *quoted = str_starts(*rest, STR("'"));
    if (!*quoted) {
        return str_split(rest, '.', name) && name->n > 0;
    }
    end = str_chr(str_sub(*rest, 1, rest->n), '\'');
    if (end < 1) {
        return false;
    }
    *name = str_sub(*rest, 1, (size_t) end + 1);
    *rest = str_sub(*rest, (size_t) end + 2, rest->n);
    if (rest->n == 0) {
        *rest = STR_NULL;
        return true;
    }
    if (rest->p[0] != '.' || rest->n == 1) {
        return false;
    }
    *rest = str_sub(*rest, 1, rest->n);
    return true;
}


static bool
add_names(struct scrub_place *p, struct str rest)
{
    while (!str_null(rest)) {
        struct str name;
        bool quoted;

        if (!next_name(&rest, &name, &quoted) || p->n == SCRUB_NAMES_OF_PLACE) {
            return false;
        }
        p->parts[p->n].name = name;
        p->parts[p->n++].part = quoted               ? PLACE_NAME
                                : str_is(name, "*")  ? PLACE_ONE
                                : str_is(name, "**") ? PLACE_ANY
                                                     : PLACE_NAME;
    }
    return true;
}


/* Behind "$attachments". */
static const char *
read_file(struct arena *a, struct str rest, struct scrub_place *p)
{
    p->file = true;
    if (str_null(rest)) {
        return NULL;
    }
    if (!add_names(p, rest) || p->n != 1) {
        return "a file is named like $attachments.'name.txt'";
    }
    if (p->parts[0].part == PLACE_NAME) {
        p->glob = glob_parse(a, p->parts[0].name, GLOB_NOCASE);
    }
    return NULL;
}


static const char *
read_alias(struct arena *a, struct str word, struct scrub_place *p,
           struct str *rest)
{
    struct str first;

    *rest = word;
    if (!str_split(rest, '.', &first)) {
        return "a path is missing";
    }
    if (str_is(first, "$attachments")) {
        const char *why = read_file(a, *rest, p);

        *rest = STR_NULL;
        return why;
    }
    for (size_t i = 0; i < sizeof(of_dumps) / sizeof(of_dumps[0]); i++) {
        if (str_is(first, of_dumps[i])) {
            return "a dump is looked through as a whole: $attachments.'*.dmp'";
        }
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (str_is(first, aliases[i].word)) {
            return add_names(p, str_of(aliases[i].path)) ? NULL : "";
        }
    }
    return "it names a kind of value that is not known";
}


const char *
scrub_place_read(struct arena *a, struct str word, struct scrub_place *p)
{
    const char *why = NULL;
    int any = 0;

    memset(p, 0, sizeof(*p));
    if (str_starts(word, STR("!"))) {
        p->excludes = true;
        word = str_sub(word, 1, word.n);
    }
    if (str_starts(word, STR("$"))) {
        why = read_alias(a, word, p, &word);
    }
    if (why != NULL || p->file) {
        return why;
    }
    if (!str_null(word) && !add_names(p, word)) {
        return "a path is names between dots, at most 20";
    }
    for (size_t i = 0; i < p->n; i++) {
        any += p->parts[i].part == PLACE_ANY ? 1 : 0;
    }
    return p->n == 0             ? "a path is missing"
           : any > ANY_PARTS_MAX ? "more than three ** in a path"
                                 : NULL;
}


/* ---- is it meant? */

/* All parts from the k-th on, and perhaps more names of the value. */
static bool
fits(const struct scrub_place *p, size_t k, const struct str *path, size_t n)
{
    if (k == p->n) {
        return true;
    }
    if (p->parts[k].part == PLACE_ANY) {
        if (k + 1 == p->n) {
            return true;
        }
        for (size_t i = 0; i < n; i++) {
            if (fits(p, k + 1, path + i, n - i)) {
                return true;
            }
        }
        return false;
    }
    return n > 0
           && (p->parts[k].part == PLACE_ONE
               || str_ieq(p->parts[k].name, path[0]))
           && fits(p, k + 1, path + 1, n - 1);
}


bool
scrub_rule_meant(const struct scrub_rule *rule, const struct str *path,
                 size_t n)
{
    bool meant = false, wanted = false;

    for (size_t i = 0; i < rule->nplaces; i++) {
        const struct scrub_place *p = &rule->places[i];
        bool hit = !p->file && fits(p, 0, path, n);

        if (p->excludes && hit) {
            return false;
        }
        wanted = wanted || !p->excludes;
        meant = meant || hit;
    }
    return meant || !wanted;
}


/* Only what a rule names. */
bool
scrub_rule_meant_file(struct arena *a, const struct scrub_rule *rule,
                      struct str name)
{
    struct str lower = str_lower(a, name);
    bool meant = false;

    for (size_t i = 0; i < rule->nplaces; i++) {
        const struct scrub_place *p = &rule->places[i];

        if (p->file && (p->glob == NULL || glob_match(p->glob, lower))) {
            if (p->excludes) {
                return false;
            }
            meant = true;
        }
    }
    return meant;
}
