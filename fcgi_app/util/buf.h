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

/* Room when there is none; not to be called by others. */
void buf_grow(struct buf *b, size_t n);

/* Room for n more bytes at b->p + b->n, for the caller to fill and count. */
static inline void
buf_room(struct buf *b, size_t n)
{
    if (b->p == NULL || n >= b->size - b->n) {
        buf_grow(b, n);
    }
}

static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
    buf_room(b, n);
    if (n > 0) {
        memcpy(b->p + b->n, p, n);
    }
    b->n += n;
    b->p[b->n] = '\0';
}

static inline void
buf_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

static inline void
buf_text(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

static inline void
buf_char(struct buf *b, char c)
{
    buf_room(b, 1);
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline struct str
buf_view(const struct buf *b)
{
    return b->p != NULL ? str_make(b->p, b->n) : STR("");
}

#endif
