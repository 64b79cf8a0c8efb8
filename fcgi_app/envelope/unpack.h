/*
 * envelope/unpack.h - files that come packed, known by their first bytes.
 */

#ifndef VEDETTE_ENVELOPE_UNPACK_H
#define VEDETTE_ENVELOPE_UNPACK_H

#include "util/arena.h"
#include "util/str.h"

/*
 * The contents of a file that gzip, xz, bzip2 or zstd packed; of any other,
 * the bytes as they are.  name, which may be NULL, loses the ending that says
 * so.  Never makes more than limit bytes: ST_LIMITED; ST_INVALID: broken.
 */
enum status unpack(struct arena *a, struct str bytes, size_t limit,
                   struct str *name, struct str *out) MUST_CHECK;

#endif
