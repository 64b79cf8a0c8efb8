/*
 * Blocks of at least 16 KiB in a list, a bump pointer in the newest.  Requests
 * over a quarter of a block get a block of their own, put behind the newest so
 * that its free tail stays in use.
 */

#include "util/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t) 16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *);
    void *data;
};

struct arena {
    struct block *blocks; /* the newest first; the last is kept by reset */
    struct cleanup *cleanups;
    size_t used;
};


static void *
must(void *p)
{
    if (p == NULL) {
        fputs("vedette: out of memory\n", stderr);
        abort();
    }
    return p;
}


static struct block *
block_new(size_t size)
{
    struct block *b = must(malloc(sizeof(struct block) + size));

    b->next = NULL;
    b->size = size;
    b->used = 0;
    return b;
}


struct arena *
arena_new(void)
{
    struct arena *a = must(calloc(1, sizeof(struct arena)));

    a->blocks = block_new(BLOCK_SIZE);
    return a;
}


void
arena_reset(struct arena *a)
{
    while (a->cleanups != NULL) {
        struct cleanup *c = a->cleanups;

        a->cleanups = c->next;
        c->fn(c->data);
    }

    while (a->blocks->next != NULL) {
        struct block *b = a->blocks;

        a->blocks = b->next;
        free(b);
    }

    a->blocks->used = 0;
    a->used = 0;
}


void
arena_free(struct arena *a)
{
    if (a == NULL) {
        return;
    }
    arena_reset(a);
    free(a->blocks);
    free(a);
}


static void *
take(struct arena *a, size_t size)
{
    struct block *b = a->blocks;
    void *p;

    if (size > SIZE_MAX / 2) {
        must(NULL);
    }
    size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    a->used += size;

    if (size > b->size - b->used) {
        if (size > BLOCK_SIZE / 4) {
            struct block *own = block_new(size);

            /* before the last block, which reset keeps, if there is one */
            if (b->next == NULL) {
                own->next = b;
                a->blocks = own;

            } else {
                own->next = b->next;
                b->next = own;
            }
            own->used = size;
            return own->data;
        }

        b = block_new(BLOCK_SIZE);
        b->next = a->blocks;
        a->blocks = b;
    }

    p = b->data + b->used;
    b->used += size;
    return p;
}


void *
arena_alloc(struct arena *a, size_t size)
{
    return memset(take(a, size), 0, size);
}


void *
arena_array(struct arena *a, size_t n, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(n, size, &total)) {
        must(NULL);
    }
    return arena_alloc(a, total);
}


void *
arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
    struct block *b = a->blocks;
    size_t held = (old_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    size_t more;
    void *p;

    if (new_size <= held && old != NULL) {
        return old;
    }

    if (old != NULL && held <= b->used
        && (unsigned char *) old == b->data + b->used - held
        && new_size - held <= b->size - b->used) {
        more = ((new_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1)) - held;
        if (more <= b->size - b->used) {
            b->used += more;
            a->used += more;
            return old;
        }
    }

    p = take(a, new_size);
    if (old_size > 0) {
        memcpy(p, old, old_size);
    }
    return p;
}


char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = take(a, n + 1);

    if (n > 0) {
        memcpy(p, s, n);
    }
    p[n] = '\0';
    return p;
}


char *
arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}


char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    char *p;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    if (n == -1) {
        n = 0;
    }
    p = take(a, (size_t) n + 1);
    p[0] = '\0';
    vsnprintf(p, (size_t) n + 1, fmt, again);
    va_end(again);
    return p;
}


char *
arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *p;

    va_start(ap, fmt);
    p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}


void
arena_cleanup(struct arena *a, void (*fn)(void *), void *data)
{
    struct cleanup *c = arena_alloc(a, sizeof(struct cleanup));

    c->fn = fn;
    c->data = data;
    c->next = a->cleanups;
    a->cleanups = c;
}


size_t
arena_used(const struct arena *a)
{
    return a->used;
}
