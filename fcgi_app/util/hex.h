/*
 * util/hex.h - hexadecimal text, other encodings of its kind, and event ids.
 */

#ifndef VEDETTE_UTIL_HEX_H
#define VEDETTE_UTIL_HEX_H

#include "util/str.h"

/* Lower-case text of n bytes. */
struct str hex_encode(struct arena *a, const void *p, size_t n);

/* Reads 2 * n digits of either case; false on any other text. */
bool hex_decode(struct str s, unsigned char *out, size_t n);

/* RFC 4648, with padding, without line ends. */
struct str base64_encode(struct arena *a, struct str s);

/* A part of a path or query as it is written there: RFC 3986 escapes. */
struct str url_encode(struct arena *a, struct str s);

/*
 * A UUID as 32 hex digits or in its dashed form (also in braces) to 16 bytes.
 */
bool uuid_parse(struct str s, unsigned char out[16]);

/* 16 bytes as 32 lower-case digits without dashes: how event ids are shown. */
struct str uuid_hex(struct arena *a, const unsigned char id[16]);

/* A random (version 4) UUID. */
void uuid_random(unsigned char out[16]);

#endif
