/*
 * envelope/multipart.h - multipart/form-data (RFC 7578), as crash reporters
 * send it.
 *
 *     struct multipart form;
 *     struct part part;
 *
 *     if (multipart_open(a, m->type, body, &form) == ST_OK) {
 *         while (multipart_next(&form, &part)) {
 *             …
 *         }
 *     }
 *
 * Bodies are not copied.  A part that is cut off at the end counts as ended.
 */

#ifndef VEDETTE_ENVELOPE_MULTIPART_H
#define VEDETTE_ENVELOPE_MULTIPART_H

#include "util/arena.h"
#include "util/str.h"

struct multipart {
    struct arena *arena;
    struct str delimiter; /* "\n--boundary" */
    struct str rest;      /* from behind a delimiter on */
    unsigned position;
};

struct part {
    unsigned position;   /* from 0 on */
    struct str name;     /* of the field */
    struct str filename; /* base name only; the null str: not a file */
    struct str type;     /* Content-Type; "" when there is none */
    struct str body;
};

/*
 * type: Content-Type with its boundary; when that says none, the first line of
 * the body does.  ST_INVALID: there is no first part.
 */
enum status multipart_open(struct arena *a, struct str type, struct str body,
                           struct multipart *out) MUST_CHECK;

/* False after the last. */
bool multipart_next(struct multipart *form, struct part *out);

/* The last part of a path, of either kind of slash. */
struct str base_name(struct str path);

#endif
