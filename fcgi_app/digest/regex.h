/*
 * digest/regex.h - a fixed regular expression, for rules that are tables.
 *
 *     static struct regex crawlers = { "Googlebot|bots?[/\\s\\);]" };
 *
 * Letters alike, '.' is any byte.  Compiled when it is first used.
 */

#ifndef VEDETTE_DIGEST_REGEX_H
#define VEDETTE_DIGEST_REGEX_H

#include "util/str.h"

struct regex {
    const char *pattern;
    void *code;
};

/* Does it match somewhere?  What backtracks too much does not match. */
bool regex_matches(struct regex *r, struct str s);

#endif
