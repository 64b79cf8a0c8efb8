/*
 * util/buf.h - a growing byte string in an arena.
 *
 * Always ended by a NUL that is not counted.  struct buf b = buf_in(a);
 */

#ifndef VEDETTE_UTIL_BUF_H
#define VEDETTE_UTIL_BUF_H

#include "util/str.h"

struct buf {
    struct arena *arena;
    char *p;
    size_t n;
    size_t size;
};

static inline struct buf
buf_in(struct arena *a)
{
    return (struct buf){ a, NULL, 0, 0 };
}

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_text(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Room for n more bytes at b->p + b->n, for the caller to fill and count. */
void buf_room(struct buf *b, size_t n);

static inline struct str
buf_view(const struct buf *b)
{
    return b->p != NULL ? str_make(b->p, b->n) : STR("");
}

#endif
