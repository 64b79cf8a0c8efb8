#include "envelope/unpack.h"

#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

#define FIRST_SIZE ((size_t) 256 * 1024)

static const struct {
    struct str magic;
    const char *ending;
} packers[] = {
    { { "\x1f\x8b", 2 }, ".gz" },
    { { "\xfd"
        "7zXZ\0",
        6 },
      ".xz" },
    { { "BZh", 3 }, ".bz2" },
    { { "\x28\xb5\x2f\xfd", 4 }, ".zst" },
};

#define PACKERS (sizeof(packers) / sizeof(packers[0]))


/* Reads to the end into *p, which grows; its size is *n afterwards. */
static enum status
read_all(struct archive *ar, size_t limit, char **p, size_t *n)
{
    size_t size = 0;

    for (;;) {
        la_ssize_t got;

        if (*n == size) {
            size = size > 0 ? size * 2 : FIRST_SIZE;
            if ((*p = realloc(*p, size)) == NULL) {
                abort();
            }
        }
        got = archive_read_data(ar, *p + *n, size - *n);
        if (got < 0) {
            return ST_INVALID;
        }
        if (got == 0) {
            return ST_OK;
        }
        *n += (size_t) got;
        if (*n > limit) {
            return ST_LIMITED;
        }
    }
}


static enum status
open_raw(struct archive *ar, struct str bytes)
{
    struct archive_entry *entry;

    if (archive_read_support_filter_gzip(ar) < ARCHIVE_WARN
        || archive_read_support_filter_xz(ar) < ARCHIVE_WARN
        || archive_read_support_filter_bzip2(ar) < ARCHIVE_WARN
        || archive_read_support_filter_zstd(ar) < ARCHIVE_WARN
        || archive_read_support_format_raw(ar) != ARCHIVE_OK
        || archive_read_open_memory(ar, bytes.p, bytes.n) != ARCHIVE_OK
        || archive_read_next_header(ar, &entry) != ARCHIVE_OK
        /* the magic bytes alone: what follows is none of it */
        || archive_filter_code(ar, 0) == ARCHIVE_FILTER_NONE) {
        return ST_INVALID;
    }
    return ST_OK;
}


enum status
unpack(struct arena *a, struct str bytes, size_t limit, struct str *name,
       struct str *out)
{
    struct archive *ar;
    char *p = NULL;
    size_t n = 0, i = 0;
    enum status st;

    while (i < PACKERS && !str_starts(bytes, packers[i].magic)) {
        i++;
    }
    if (i == PACKERS) {
        *out = bytes;
        return ST_OK;
    }
    if ((ar = archive_read_new()) == NULL) {
        abort();
    }
    st = open_raw(ar, bytes);
    if (st == ST_OK) {
        st = read_all(ar, limit, &p, &n);
    }
    archive_read_free(ar);
    if (st != ST_OK) {
        free(p);
        return st;
    }
    arena_cleanup(a, free, p);
    *out = str_make(p, n);
    if (name != NULL && str_ends(*name, str_of(packers[i].ending))) {
        *name = str_sub(*name, 0, name->n - strlen(packers[i].ending));
    }
    return ST_OK;
}
