/*
 * util/arena.h - memory by lifetime.
 *
 * One arena per web request, per worker batch, per command; nothing inside is
 * freed by hand.  Allocation never fails: when memory is gone the process ends
 * with a message (its parent restarts it), which is why every input is bounded
 * before it is parsed.  Foreign objects (PGresult, HDF, CURL) are tied to an
 * arena by a cleanup on the line after they are made.
 */

#ifndef VEDETTE_UTIL_ARENA_H
#define VEDETTE_UTIL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "util/status.h"

struct arena;

struct arena *arena_new(void);

/* Runs the cleanups, newest first, and frees all. */
void arena_free(struct arena *a);

/* As arena_free, but keeps the arena and its first block for the next use. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);

/* n * size with the multiplication checked. */
void *arena_array(struct arena *a, size_t n, size_t size);

/*
 * A larger copy of a block; grows in place when the block is the arena's
 * newest.  The new part is not zeroed.
 */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0);

/* fn(data) when the arena is reset or freed. */
void arena_cleanup(struct arena *a, void (*fn)(void *), void *data);

/* Bytes handed out since the last reset; for budgets and status pages. */
size_t arena_used(const struct arena *a);

#define arena_new_of(a, type) ((type *) arena_alloc((a), sizeof(type)))

#endif
