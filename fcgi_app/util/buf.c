#include "util/buf.h"

#include <stdio.h>
#include <stdlib.h>


void
buf_grow(struct buf *b, size_t n)
{
    size_t want, size;

    if (__builtin_add_overflow(b->n, n, &want)
        || __builtin_add_overflow(want, 1, &want)) {
        abort();
    }
    size = b->size < 64 ? 64 : b->size;
    while (size < want) {
        size += size / 2;
    }
    b->p = arena_grow(b->arena, b->p, b->size, size);
    b->size = size;
    b->p[b->n] = '\0';
}


void
buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    if (n > 0) {
        buf_room(b, (size_t) n);
        vsnprintf(b->p + b->n, (size_t) n + 1, fmt, again);
        b->n += (size_t) n;
    }
    va_end(again);
}
