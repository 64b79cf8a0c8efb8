/*
 * digest/scrub_parts.h - what the files of scrub rules share: a rule as it was
 * read (scrub_rule.c), the places it names (scrub_place.c), and how it is done
 * (scrub_apply.c, scrub_file.c).
 */

#ifndef VEDETTE_DIGEST_SCRUB_PARTS_H
#define VEDETTE_DIGEST_SCRUB_PARTS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "digest/scrub_rule.h"

#define SCRUB_PLACES_MAX 20
#define SCRUB_NAMES_OF_PLACE 20

struct glob;

enum place_part { PLACE_NAME, PLACE_ONE, PLACE_ANY }; /* x, *, ** */

struct scrub_place {
    bool excludes;
    bool file;         /* of an attachment, not of the event */
    struct glob *glob; /* its name; NULL: any */
    struct {
        enum place_part part;
        struct str name;
    } parts[SCRUB_NAMES_OF_PLACE];
    size_t n;
};

struct scrub_rule {
    enum scrub_method method;
    const char *type;  /* of the table, of an alias, or "pattern" */
    bool pair;         /* the pattern is of names */
    pcre2_code *code;  /* NULL: anything */
    pcre2_code *bytes; /* the same for files; NULL when it names none */
    struct str with;
    const struct scrub_place *places;
    size_t nplaces;
    const char *name;
    struct scrub_rule *next;
};

/* scrub_place.c: NULL, or what is wrong with it. */
const char *scrub_place_read(struct arena *a, struct str word,
                             struct scrub_place *out);
bool scrub_rule_meant_file(struct arena *a, const struct scrub_rule *rule,
                           struct str name);

/* scrub_apply.c */
enum scrub_found { SCRUB_NONE, SCRUB_FOUND, SCRUB_TOO_HARD };

/*
 * What of s, from a position on, the rule is about: [*at, *to).  TOO_HARD: it
 * backtracks too much to be sure that nothing is there.
 */
enum scrub_found scrub_find(const struct scrub_rule *rule, bool bytes,
                            struct str s, size_t from, size_t *at, size_t *to);

/* Whether a pair's rule is about this name. */
bool scrub_named(const struct scrub_rule *rule, struct str name);

/* What stands there instead of s. */
struct str scrub_instead(struct arena *a, const struct scrub_rule *rule,
                         struct str s);

#endif
