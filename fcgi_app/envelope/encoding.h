/*
 * envelope/encoding.h - content codings of request bodies (protocol.md §1.4).
 */

#ifndef VEDETTE_ENVELOPE_ENCODING_H
#define VEDETTE_ENVELOPE_ENCODING_H

#include "util/arena.h"
#include "util/str.h"

/*
 * The body without its Content-Encoding: gzip (also in several members),
 * deflate (zlib or raw), br, zstd, the edge's own lz4 (queue/message.h); "",
 * identity and utf-8 leave it as it is,
 * and *out is then body itself.  Never makes more than limit bytes: ST_LIMITED
 * above it; ST_INVALID for a corrupt or cut stream and for an unknown coding.
 * What follows the end of a stream is ignored.
 */
enum status encoding_decode(struct arena *a, struct str coding, struct str body,
                            size_t limit, struct str *out) MUST_CHECK;

#endif
