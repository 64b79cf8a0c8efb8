/*
 * util/fnv.h - FNV-1a of 64 bits: for tables in memory, and to tell what is
 * equal by a number.  Whoever wants two texts of one hash finds them.
 */

#ifndef VEDETTE_UTIL_FNV_H
#define VEDETTE_UTIL_FNV_H

#include "util/str.h"

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)


/* One text more.  Its end is told, so that "ab","c" is not "a","bc". */
static inline uint64_t
fnv_text(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char) s.p[i]) * FNV_PRIME;
    }
    return (h ^ 0xff) * FNV_PRIME;
}

#endif
