/*
 * envelope/store.h - bodies of the legacy store endpoint (protocol.md §1.4).
 */

#ifndef VEDETTE_ENVELOPE_STORE_H
#define VEDETTE_ENVELOPE_STORE_H

#include "util/arena.h"
#include "util/str.h"

/*
 * The JSON text of a store request: the body as it is, or what it holds in
 * base64, or in base64 of zlib; an empty body means the query's sentry_data
 * (GET from old browsers).  At most limit bytes.  ST_INVALID, ST_LIMITED.
 */
enum status store_body(struct arena *a, struct str body, struct str query,
                       size_t limit, struct str *out) MUST_CHECK;

/*
 * A value of a raw query, percent-decoded; the null str when it is not there.
 * '+' stays: releases and base64 have it.
 */
struct str query_value(struct arena *a, struct str query, struct str name);

#endif
