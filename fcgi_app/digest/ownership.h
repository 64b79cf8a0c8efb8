/*
 * digest/ownership.h - ownership rules: whose an issue is, by where it comes
 * from (grouping.md §2.4).
 *
 *     path:src/billing*             ann@example.org #payments
 *     module:shop.checkout.*        #shop
 *     url:https://shop.example/pay*  #payments
 *     tags.transaction:"GET /cart"  #shop
 *     codeowners:/docs/             #writers
 *     path:vendor*
 *
 * One rule a line: a pattern, then mail addresses of members and #teams, the
 * first of which an issue is assigned to.  The last rule that matches wins; one
 * without owners says nobody.  A pattern is the whole of a path (of any frame),
 * with * for any run; without a word in front it is a path, too.  codeowners:
 * is a line of a CODEOWNERS file, read as gitignore does, and asks frames of
 * the application only.
 */

#ifndef VEDETTE_DIGEST_OWNERSHIP_H
#define VEDETTE_DIGEST_OWNERSHIP_H

#include "json/doc.h"

#define OWNERSHIP_RULES "ownership.rules"   /* the text */
#define OWNERSHIP_ASSIGN "ownership.assign" /* "off": only suggest */
#define OWNERSHIP_NAMES "ownership.names"   /* of CODEOWNERS, in our words */

#define OWNER_RULES_MAX 2000
#define OWNERS_MAX 10 /* of a rule */

struct owner_rule {
    unsigned line;      /* from 1 */
    struct str text;    /* as it was written */
    struct str *owners; /* addresses in lower case, "#slug" */
    size_t n;
    struct owner_pattern *pattern;
};

struct ownership {
    struct owner_rule *rules;
    size_t n;
    bool assign; /* not only suggest */
};

/* What is wrong, and where. */
struct ownership_error {
    unsigned line;
    struct str word; /* of the line */
    const char *text;
};

/* The rules live in a and point into text.  ST_INVALID: see *err. */
enum status ownership_parse(struct arena *a, struct str text,
                            struct ownership *out,
                            struct ownership_error *err) MUST_CHECK;

/* The last rule that matches an event as it is stored, or NULL. */
const struct owner_rule *ownership_match(struct arena *a,
                                         const struct ownership *o,
                                         const struct json *doc);

/* An event that has only this: "key=value" as a tag, else a path, a module and
 * a URL at once. */
struct json *ownership_example(struct arena *a, struct str text);

#endif
