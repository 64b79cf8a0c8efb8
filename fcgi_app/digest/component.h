/*
 * digest/component.h - what of an exception, a stack and a frame counts for
 * grouping (grouping.md §1.4, §1.6).
 */

#ifndef VEDETTE_DIGEST_COMPONENT_H
#define VEDETTE_DIGEST_COMPONENT_H

#include "digest/stacks.h"

/* The kinds of leaves.  Their letters are part of every stored hash. */
enum leaf {
    LEAF_TYPE,
    LEAF_VALUE,
    LEAF_NS_DOMAIN,
    LEAF_NS_CODE,
    LEAF_MODULE,
    LEAF_FILENAME,
    LEAF_FUNCTION,
    LEAF_CONTEXT,
    LEAF_MESSAGE,
    LEAF_FINGERPRINT,
    LEAF_CHECKSUM,
    LEAF_SALT,
    LEAF_LOCATION,
    LEAF_FALLBACK
};

/* At most so many are kept for the page; all of them count. */
#define COMPONENTS_MAX 100

/* The leaves of one variant: what is hashed, and what is shown. */
struct leaves {
    struct buf bytes;
    struct event_component *list;
    size_t n;
    unsigned stacks;  /* stack traces that contributed */
    unsigned version; /* of the rules: at most GROUPING_VERSION */
    bool differs;     /* an earlier version would have said something else */
};

struct leaves leaves_in(struct arena *a, unsigned version);
void leaves_add(struct leaves *out, enum leaf kind, struct str value);

/* … with what varies in it taken out. */
void leaves_add_message(struct leaves *out, enum leaf kind, struct str value);
void leaves_hash(const struct leaves *l, unsigned char out[16]);

/* app: only in-app frames.  Each returns whether anything was added. */
bool stack_leaves(struct leaves *out, struct stack *s, bool app);
bool exception_leaves(struct leaves *out, const struct exception *e, bool app);

#endif
