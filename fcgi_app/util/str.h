/*
 * util/str.h - text with a length.
 *
 * A struct str points at bytes that somebody else owns (an arena, a message, a
 * literal); it is passed by value, need not end in NUL and may hold NUL.
 * { NULL, 0 } is the absent string, which differs from the empty one only for
 * str_null.
 */

#ifndef VEDETTE_UTIL_STR_H
#define VEDETTE_UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/arena.h"

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NULL ((struct str){ NULL, 0 })

/* For printf's "%.*s", whole: links, settings and mails are made with it.  A
 * huge value cannot flood a log, whose lines have their own bound (log.c). */
#define STR_FMT(s)                                                             \
    (int) ((s).n > INT32_MAX ? INT32_MAX : (s).n), ((s).p ? (s).p : "")

static inline struct str
str_of(const char *s)
{
    return (struct str){ s, s != NULL ? strlen(s) : 0 };
}

static inline struct str
str_make(const char *p, size_t n)
{
    return (struct str){ p, n };
}

static inline bool
str_null(struct str s)
{
    return s.p == NULL;
}

static inline bool
str_eq(struct str a, struct str b)
{
    /* most that differ do so in their length or at once: no call for those */
    return a.n == b.n
           && (a.n == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0));
}

static inline bool
str_is(struct str a, const char *b)
{
    return str_eq(a, str_of(b));
}

/* ASCII letters alike. */
bool str_ieq(struct str a, struct str b);

/* < 0, 0, > 0 by bytes, a prefix before the longer one. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Position of the first byte c or part, or -1. */
ptrdiff_t str_chr(struct str s, char c);
ptrdiff_t str_rchr(struct str s, char c);
ptrdiff_t str_find(struct str s, struct str part);

/* As str_find, ASCII letters alike. */
ptrdiff_t str_ifind(struct str s, struct str part);

/* The part [from, to), both cut to the length. */
struct str str_sub(struct str s, size_t from, size_t to);

/* Without white space (ASCII) at both ends. */
struct str str_trim(struct str s);

/*
 * Takes the part before the next sep off *rest and returns it; false when
 * *rest is exhausted.  "a,b," yields "a", "b", "".  Start with *rest = s.
 */
bool str_split(struct str *rest, char sep, struct str *part);

/* The first n bytes at most, never cutting inside a UTF-8 sequence. */
struct str str_cut(struct str s, size_t n);

/* Whole-string decimal; false when it is none or does not fit. */
bool str_i64(struct str s, int64_t *out);
bool str_double(struct str s, double *out);

/* Copies, ended by NUL. */
char *str_dup(struct arena *a, struct str s);
struct str str_copy(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s); /* ASCII */
struct str str_upper(struct arena *a, struct str s);
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* "left: right", where it is asked for at each event: printf is ten times
 * dearer. */
struct str str_pair(struct arena *a, struct str left, const char *between,
                    struct str right);

/* The decimal digits of v into out, not ended; how many. */
#define STR_DIGITS 20
size_t str_digits(char out[STR_DIGITS], int64_t v);

#endif
