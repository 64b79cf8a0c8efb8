/*
 * digest/glob.h - the patterns of grouping rules (grouping.md §1.3).
 *
 * '*' any run, '?' one byte, '[a-z]' and '[!a-z]' a class, '{one,two}' as a
 * whole pattern: one of them.  Most patterns are a prefix, a suffix or a part,
 * which is found out once, when the pattern is read.
 */

#ifndef VEDETTE_DIGEST_GLOB_H
#define VEDETTE_DIGEST_GLOB_H

#include "util/str.h"

enum glob_flags {
    GLOB_PATH = 1,  /* '*' stops at '/', '**' does not */
    GLOB_NOCASE = 2 /* the pattern is lowered; the subject must be so */
};

struct glob;

/* Points into pattern unless it has to be lowered. */
struct glob *glob_parse(struct arena *a, struct str pattern, unsigned flags);

bool glob_match(const struct glob *g, struct str s);

/*
 * A path as path globs want it: lower case, '/' only, with a '/' in front when
 * it has none.  glob_match_path tries it with and without that.
 */
struct glob_path {
    struct str rooted; /* "/app/x.py" */
    bool relative;     /* the '/' was added */
};

struct glob_path glob_path(struct arena *a, struct str path);
bool glob_match_path(const struct glob *g, const struct glob_path *p);

#endif
