/*
 * util/word.h - eight bytes of a text at a time, looked at as one number.
 *
 * Each test leaves the high bit of a byte set: exactly so for the lowest byte
 * that it finds, and none at all when there is nothing to find; above a hit
 * there may be others that are none.
 */

#ifndef VEDETTE_UTIL_WORD_H
#define VEDETTE_UTIL_WORD_H

#include <stdint.h>
#include <string.h>

#define WORD_ONES UINT64_C(0x0101010101010101)
#define WORD_HIGH UINT64_C(0x8080808080808080)

static inline uint64_t
word_at(const char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}


/* Bytes below c, which is no more than 0x80. */
static inline uint64_t
word_below(uint64_t w, unsigned char c)
{
    return (w - WORD_ONES * c) & ~w & WORD_HIGH;
}


static inline uint64_t
word_is(uint64_t w, char c)
{
    return word_below(w ^ (WORD_ONES * (unsigned char) c), 1);
}


/* What JSON writes with a backslash, and what may not stand in a string. */
static inline uint64_t
word_special(uint64_t w)
{
    return word_below(w, 0x20) | word_is(w, '"') | word_is(w, '\\');
}


/* The capitals (ASCII) become small. */
static inline uint64_t
word_lower(uint64_t w)
{
    uint64_t low = w & ~WORD_HIGH;
    uint64_t from_a = low + WORD_ONES * (0x80 - 'A');
    uint64_t beyond_z = low + WORD_ONES * (0x7f - 'Z');

    return w | ((from_a ^ beyond_z) & ~w & WORD_HIGH) >> 2;
}

#endif
