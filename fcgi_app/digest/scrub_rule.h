/*
 * digest/scrub_rule.h - advanced rules of a project: what to look for, where,
 * and what to do with it (protocol.md §9).
 *
 *     remove anything from extra.payload
 *     mask creditcard,iban from $string
 *     replace /ORD-[0-9]+/ with "order" from logentry.** !logentry.params
 *     remove pair /^salary$/ from extra.'my.key'
 *     mask email from $attachments.'*.log'
 *     alias customer /C-[0-9]+/
 *     hash customer
 *
 * METHOD WHAT[,WHAT…] [with "TEXT"] [from PATH…], words between blanks.  WHAT
 * is a type, a pattern, "pair" and a pattern of a name (what is called so, and
 * what stands behind "name=" in a text), or what an alias above calls so.
 *
 * A path is names between dots; "*" is one name, "**" any number; what lies
 * below it is meant, too; a name in '' may hold anything.  "!" takes a path
 * out.  Without one all texts are meant, but no file: those are named by
 * $attachments.'NAME' with "*" and "?", and keep their length (scrub_file).  A
 * header or cookie is named by its name.  Ids, times and the platform are
 * never touched.
 */

#ifndef VEDETTE_DIGEST_SCRUB_RULE_H
#define VEDETTE_DIGEST_SCRUB_RULE_H

#include "util/arena.h"
#include "util/str.h"

#define SCRUB_RULES_MAX 100
#define SCRUB_PATH_MAX 40 /* names of a path in an event that are looked at */

enum scrub_method { SCRUB_REMOVE, SCRUB_MASK, SCRUB_HASH, SCRUB_REPLACE };

/* One thing to look for; what else its line names follows it. */
struct scrub_rule;

/* What the lines so far have given a name to. */
struct scrub_names;

struct scrub_names *scrub_names_new(struct arena *a);

/*
 * One line; NULL with *why, half a sentence, when it cannot be understood, and
 * NULL without when it was an alias.  Everything in the arena, compiled
 * patterns too.
 */
const struct scrub_rule *scrub_rule_parse(struct arena *a,
                                          struct scrub_names *names,
                                          struct str line, const char **why);

/* The next of its line, or NULL. */
const struct scrub_rule *scrub_rule_next(const struct scrub_rule *rule);

/* Is a value with this path meant? */
bool scrub_rule_meant(const struct scrub_rule *rule, const struct str *path,
                      size_t n);

/* One replacement in a text; positions in the new one. */
struct scrub_hit {
    const char *rule; /* "@creditcard:filter" */
    size_t from;
    size_t to;
};

#define SCRUB_HITS_MAX 20

/*
 * The text by the rule, s itself when there is nothing to do.  *gone: the
 * whole value is to go.  The path says what it is called; *nhits as of
 * scrub_text, 0 when the whole was replaced.
 */
struct str scrub_rule_apply(struct arena *a, const struct scrub_rule *rule,
                            const struct str *path, size_t n, struct str s,
                            struct scrub_hit *hits, size_t *nhits, bool *gone);

/* For _meta: "mask:creditcard" and "x", "m", "p" or "s". */
const char *scrub_rule_name(const struct scrub_rule *rule);
const char *scrub_rule_mark(const struct scrub_rule *rule);


/* ---- files: scrub_file.c */

enum scrub_file {
    SCRUB_FILE_AS_IT_IS,
    SCRUB_FILE_CHANGED,
    SCRUB_FILE_GONE,     /* a rule removes it whole */
    SCRUB_FILE_TOO_LARGE /* to be looked through: it must not be kept */
};

/*
 * The file by the rules that name it; *bytes becomes a copy when something was
 * found in it.  Whatever is put into its place is as long as what was there,
 * so a binary file keeps its form; texts of two bytes a letter, as Windows
 * writes them, are looked through as well.
 */
enum scrub_file scrub_file(struct arena *a, const struct scrub_rule **rules,
                           size_t n, struct str name, struct str *bytes);

#endif
