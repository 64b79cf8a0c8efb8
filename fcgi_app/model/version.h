/*
 * model/version.h - what the name of a release says.
 *
 *     package@1.4.2-rc.1+b771      package, number, build
 *
 * A version is semantic when its number is one to four numbers with an
 * optional pre-release; a commit's hash or a date in words is not.  Semantic
 * versions have an order, in which the package and the build do not count.
 */

#ifndef VEDETTE_MODEL_VERSION_H
#define VEDETTE_MODEL_VERSION_H

#include "util/arena.h"
#include "util/str.h"

/* Bytes of a release's name. */
#define VERSION_MAX 200

struct version {
    struct str package; /* "" when there is none */
    struct str number;  /* "1.4.2-rc.1", or all but package and build */
    struct str build;
    bool is_semantic;
    int64_t numbers[4]; /* major, minor, patch, revision */
    struct str pre;     /* "rc.1" */
};

/* Whether a release may be called so (protocol.md §7.2). */
bool version_is_valid(struct str text);

void version_parse(struct str text, struct version *out);

/* "1.4.2": what people call it; a hash is cut to 12 characters. */
struct str version_short(struct str text);

/*
 * Bytes whose order is that of the versions (semver.org 11): the
 * release.sort_key. The null str when the version is not semantic.
 */
struct str version_sort_key(struct arena *a, struct str text);

/*
 * < 0, 0, > 0 as a is older than, as old as or newer than b; false when one of
 * them has no order.
 */
bool version_compare(struct str a, struct str b, int *out);

#endif
