/*
 * util/utf8.h - reading UTF-8 strictly: no surrogates, no overlong forms,
 * nothing above U+10FFFF.
 */

#ifndef VEDETTE_UTIL_UTF8_H
#define VEDETTE_UTIL_UTF8_H

#include "util/str.h"

/*
 * The code point at the start of s, which is not empty; *size: its bytes.
 * Broken input gives UTF8_BROKEN and a size of 1.
 */
#define UTF8_BROKEN UINT32_MAX
uint32_t utf8_read(struct str s, size_t *size);

bool utf8_valid(struct str s);

/* Code points; a broken byte counts as one. */
size_t utf8_length(struct str s);

#endif
