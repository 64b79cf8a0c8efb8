/*
 * digest/scrub_rule.h - advanced rules of a project: what to look for, where,
 * and what to do with it (protocol.md §9).
 *
 *     remove anything from extra.payload
 *     mask creditcard from $string
 *     replace /ORD-[0-9]+/ with "order" from logentry.** !logentry.params
 *     hash email
 *
 * METHOD [TYPE] [with "TEXT"] [from PATH…], words between blanks.  A path is
 * names between dots; "*" is one name, "**" any number; what lies below it is
 * meant, too.  "!" takes a path out.  Without one all texts are meant.  A
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

struct scrub_rule;

/*
 * One line; NULL with *why, half a sentence, when it cannot be understood.
 * Everything in the arena, compiled patterns too.
 */
const struct scrub_rule *scrub_rule_parse(struct arena *a, struct str line,
                                          const char **why);

/* Is a value with this path meant? */
bool scrub_rule_meant(const struct scrub_rule *rule, const struct str *path,
                      size_t n);

/*
 * The text by the rule, s itself when there is nothing to do.  *gone: the
 * whole value is to go.
 */
struct str scrub_rule_apply(struct arena *a, const struct scrub_rule *rule,
                            struct str s, bool *gone);

/* For _meta: "mask:creditcard" and "x", "m", "p" or "s". */
const char *scrub_rule_name(const struct scrub_rule *rule);
const char *scrub_rule_mark(const struct scrub_rule *rule);

#endif
