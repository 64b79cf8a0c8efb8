/*
 * The segment is read by pread into a window, not mapped: a sector that cannot
 * be read is an error code here, where a mapping would end the process, again
 * and again at each start.
 */

#include "queue/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/message.h"
#include "util/crc32c.h"
#include "util/log.h"

#define WINDOW_BYTES ((size_t) 256 * 1024)
#define SECTOR_BYTES ((size_t) 4096)
#define NAME_BYTES_MAX 32

struct spool_reader {
    int fd;
    const char *name;
    struct spool_head head;
    uint64_t size; /* of the file, as last seen */
    uint64_t pos;
    uint32_t number; /* that the record at pos should have */
    bool live;       /* as the last call said */
    bool ended;      /* an end record, or the end of the file, is before pos */

    unsigned char *window; /* of the file, from base on */
    size_t room;
    uint64_t base;
    size_t filled;
};

/* The head of a record, decoded. */
struct head {
    unsigned version;
    unsigned flags;
    uint32_t number;
    uint32_t length;
    uint32_t payload_crc;
};


static uint32_t
get16(const unsigned char *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8;
}


static uint32_t
get32(const unsigned char *p)
{
    return get16(p) | get16(p + 2) << 16;
}


static uint64_t
get64(const unsigned char *p)
{
    return get32(p) | (uint64_t) get32(p + 4) << 32;
}


/* Reads up to n bytes; unreadable sectors become zeros, which no CRC likes. */
static enum status
read_at(int fd, const char *name, unsigned char *p, size_t n, uint64_t at,
        size_t *got)
{
    *got = 0;
    while (*got < n) {
        uint64_t here = at + *got;
        ssize_t k = pread(fd, p + *got, n - *got, (off_t) here);

        if (k == -1 && errno == EIO) {
            size_t skip = SECTOR_BYTES - (size_t) (here % SECTOR_BYTES);

            if (skip > n - *got) {
                skip = n - *got;
            }
            /* the bytes before a bad sector may still be had one by one */
            k = pread(fd, p + *got, skip, (off_t) here);
            if (k == -1 && errno == EIO) {
                log_error("spool: %s: cannot read %zu bytes at %llu", name,
                          skip, (unsigned long long) here);
                memset(p + *got, 0, skip);
                k = (ssize_t) skip;
            }
        }
        if (k == -1 && errno == EINTR) {
            continue;
        }
        if (k == -1) {
            log_error("spool: reading %s: %s", name, strerror(errno));
            return ST_FAILED;
        }
        if (k == 0) {
            break;
        }
        *got += (size_t) k;
    }
    return ST_OK;
}


static bool
sum_is_right(const unsigned char *p)
{
    return crc32c(0, p, VEDETTE_SPOOL_CRC) == get32(p + VEDETTE_SPOOL_CRC);
}


/* What the head says; false: it says nothing. */
static bool
decode_segment(const unsigned char *p, struct spool_head *out, bool *newer)
{
    if (memcmp(p, VEDETTE_SPOOL_MAGIC, 8) != 0 || !sum_is_right(p)) {
        return false;
    }
    *newer = get16(p + VEDETTE_SPOOL_S_VERSION) > VEDETTE_SPOOL_VERSION;
    out->nonce = get64(p + VEDETTE_SPOOL_S_NONCE);
    out->created_at = (int64_t) get64(p + VEDETTE_SPOOL_S_CREATED);
    return true;
}


/*
 * Where the first record stands nobody but the edge has written, so its head
 * may be believed without the nonce, and tells it.
 */
static bool
decode_first(const unsigned char *p, struct spool_head *out, bool *newer)
{
    if (memcmp(p, VEDETTE_SPOOL_RECORD_MAGIC, 4) != 0 || !sum_is_right(p)) {
        return false;
    }
    *newer = false;
    out->nonce = get64(p + VEDETTE_SPOOL_R_NONCE);
    out->created_at = (int64_t) get64(p + VEDETTE_SPOOL_R_RECEIVED);
    return true;
}


enum status
spool_read_head(int fd, const char *name, struct spool_head *out, bool *newer)
{
    static const struct {
        uint64_t at;
        bool (*decode)(const unsigned char *p, struct spool_head *out,
                       bool *newer);
    } places[] = { { 0, decode_segment },
                   { VEDETTE_SPOOL_COPY, decode_segment },
                   { VEDETTE_SPOOL_FIRST, decode_first } };
    unsigned char p[VEDETTE_SPOOL_HEAD];
    enum status st;
    size_t got;

    *newer = false;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        st = read_at(fd, name, p, sizeof(p), places[i].at, &got);
        if (st != ST_OK) {
            return st;
        }
        if (got == sizeof(p) && places[i].decode(p, out, newer)) {
            return *newer ? ST_INVALID : ST_OK;
        }
    }
    return ST_INVALID;
}


enum status
spool_open(int fd, const char *name, struct spool_reader **out)
{
    struct spool_head head;
    struct spool_reader *r;
    enum status st;
    bool newer;

    if ((st = spool_read_head(fd, name, &head, &newer)) != ST_OK) {
        return st;
    }
    r = calloc(1, sizeof(*r));
    if (r == NULL) {
        abort();
    }
    r->fd = fd;
    r->name = name;
    r->head = head;
    r->pos = VEDETTE_SPOOL_FIRST;
    *out = r;
    return ST_OK;
}


void
spool_close(struct spool_reader *r)
{
    if (r == NULL) {
        return;
    }
    free(r->window);
    free(r);
}


const struct spool_head *
spool_head(const struct spool_reader *r)
{
    return &r->head;
}


void
spool_seek(struct spool_reader *r, uint64_t next, uint32_t number)
{
    /* a place that was written down wrong must not become an endless one */
    next = next < VEDETTE_SPOOL_FIRST ? VEDETTE_SPOOL_FIRST : next;
    r->pos = (next + VEDETTE_SPOOL_ALIGN - 1) / VEDETTE_SPOOL_ALIGN
             * VEDETTE_SPOOL_ALIGN;
    r->number = number;
    r->ended = false;
    r->filled = 0;
}


/*
 * n bytes of the file at a place, in *p; fewer (*got) only at the end of the
 * file.  They stay until the next call.
 */
static enum status
look(struct spool_reader *r, uint64_t at, size_t n, const unsigned char **p,
     size_t *got)
{
    size_t room = n > WINDOW_BYTES ? n : WINDOW_BYTES;
    enum status st;

    if (at >= r->base && at - r->base <= r->filled
        && r->filled - (size_t) (at - r->base) >= n) {
        *p = r->window + (at - r->base);
        *got = n;
        return ST_OK;
    }
    if (room > r->room || (r->room > WINDOW_BYTES && room == WINDOW_BYTES)) {
        free(r->window);
        r->window = malloc(room);
        if (r->window == NULL) {
            abort();
        }
        r->room = room;
    }
    r->filled = 0;
    r->base = at;
    st = read_at(r->fd, r->name, r->window, room, at, &r->filled);
    *p = r->window;
    *got = r->filled < n ? r->filled : n;
    return st;
}


static enum status
look_size(struct spool_reader *r)
{
    struct stat file;

    if (fstat(r->fd, &file) == -1) {
        log_error("spool: reading %s: %s", r->name, strerror(errno));
        return ST_FAILED;
    }
    r->size = (uint64_t) file.st_size;
    return ST_OK;
}


/* What stands in the head at p, if it is one of this segment. */
static bool
decode(const struct spool_reader *r, const unsigned char *p, struct head *h,
       struct spool_record *rec)
{
    if (memcmp(p, VEDETTE_SPOOL_RECORD_MAGIC, 4) != 0
        || get64(p + VEDETTE_SPOOL_R_NONCE) != r->head.nonce
        || !sum_is_right(p)) {
        return false;
    }
    h->version = get16(p + VEDETTE_SPOOL_R_VERSION);
    h->flags = get16(p + VEDETTE_SPOOL_R_FLAGS);
    h->number = get32(p + VEDETTE_SPOOL_R_NUMBER);
    h->length = get32(p + VEDETTE_SPOOL_R_LENGTH);
    h->payload_crc = get32(p + VEDETTE_SPOOL_R_PAYLOAD_CRC);
    rec->known = true;
    rec->project = get64(p + VEDETTE_SPOOL_R_PROJECT);
    rec->received_at = (int64_t) get64(p + VEDETTE_SPOOL_R_RECEIVED);
    memcpy(rec->event_id, p + VEDETTE_SPOOL_R_EVENT_ID, 16);
    return true;
}


/* A head of this segment, at pos or later; *at is the file's size if none. */
static enum status
find_head(struct spool_reader *r, uint64_t *at, struct head *h,
          struct spool_record *rec)
{
    const unsigned char *p;
    enum status st;
    size_t got, i;

    for (;;) {
        st = look(r, *at, WINDOW_BYTES, &p, &got);
        if (st != ST_OK) {
            return st;
        }
        for (i = 0; i + VEDETTE_SPOOL_HEAD <= got; i += VEDETTE_SPOOL_ALIGN) {
            if (decode(r, p + i, h, rec)) {
                *at += i;
                return ST_OK;
            }
        }
        if (got < WINDOW_BYTES) {
            *at = r->size > *at + got ? r->size : *at + got;
            return ST_OK;
        }
        *at += i;
    }
}


/* True if the file holds nothing but zeros from pos on. */
static enum status
only_zeros(struct spool_reader *r, bool *yes)
{
    const unsigned char *p;
    enum status st;
    size_t got;

    *yes = true;
    for (uint64_t at = r->pos; *yes; at += got) {
        st = look(r, at, WINDOW_BYTES, &p, &got);
        if (st != ST_OK || got == 0) {
            return st;
        }
        *yes = p[0] == 0 && memcmp(p, p + 1, got - 1) == 0;
    }
    return ST_OK;
}


static uint64_t
after(uint64_t at, uint32_t length)
{
    uint64_t padded = ((uint64_t) length + VEDETTE_SPOOL_ALIGN - 1)
                      / VEDETTE_SPOOL_ALIGN * VEDETTE_SPOOL_ALIGN;

    return at + VEDETTE_SPOOL_HEAD + padded;
}


/* Nothing whole follows: a clean end, or torn bytes once before it. */
static enum status
end(struct spool_reader *r, struct spool_record *out)
{
    enum status st;
    bool zeros;

    if ((st = only_zeros(r, &zeros)) != ST_OK) {
        return st;
    }
    out->kind = zeros ? SPOOL_END : SPOOL_TORN;
    out->known = false;
    r->pos = r->size > r->pos ? r->size : r->pos;
    out->next = r->pos;
    out->number = r->number;
    r->ended = true;
    return ST_OK;
}


static enum status
await_more(struct spool_reader *r, struct spool_record *out)
{
    r->filled = 0;
    out->kind = SPOOL_WAIT;
    return ST_OK;
}


/*
 * At pos stands no whole record.  from: where to look for the next one;
 * by_head: the damaged one's own head is whole, so that it counts as one.
 */
static enum status
damaged(struct spool_reader *r, uint64_t from, bool by_head,
        struct spool_record *out)
{
    struct spool_record found;
    uint64_t at = from;
    struct head h;
    enum status st;

    if ((st = find_head(r, &at, &h, &found)) != ST_OK) {
        return st;
    }
    if (at >= r->size) {
        return end(r, out);
    }
    out->kind = SPOOL_DAMAGED;
    out->known = by_head;
    out->lost = h.number > r->number ? h.number - r->number : 1;
    r->pos = at;
    r->number = h.number;
    out->next = r->pos;
    out->number = r->number;
    return ST_OK;
}


/* With the head at pos decoded; *whole: the payload is, too. */
static enum status
take_payload(struct spool_reader *r, const struct head *h, bool *whole,
             struct spool_record *out)
{
    size_t n = VEDETTE_SPOOL_HEAD + (size_t) h->length, got;
    const unsigned char *p;
    enum status st;

    *whole = false;
    if (h->length > VEDETTE_SPOOL_PAYLOAD_MAX || n > r->size
        || r->pos > r->size - n) {
        return ST_OK;
    }
    st = look(r, r->pos, n, &p, &got);
    if (st != ST_OK || got < n) {
        return st;
    }
    p += VEDETTE_SPOOL_HEAD;
    out->payload = str_make((const char *) p, h->length);
    *whole = crc32c(0, p, h->length) == h->payload_crc;
    return ST_OK;
}


/* The head at pos is whole and has the right number. */
static enum status
take(struct spool_reader *r, const struct head *h, bool live,
     struct spool_record *out)
{
    enum status st;
    bool whole;

    if (h->version > VEDETTE_SPOOL_VERSION) {
        log_error("spool: %s: the record at %llu has version %u: use a newer "
                  "vedette",
                  r->name, (unsigned long long) r->pos, h->version);
        return ST_INVALID;
    }
    if ((h->flags & VEDETTE_SPOOL_END) != 0) {
        r->ended = true;
        return ST_OK;
    }
    if ((st = take_payload(r, h, &whole, out)) != ST_OK) {
        return st;
    }
    if (!whole && live) {
        return await_more(r, out);
    }
    if (!whole) {
        return damaged(r,
                       h->length <= VEDETTE_SPOOL_PAYLOAD_MAX
                           ? after(r->pos, h->length)
                           : r->pos + VEDETTE_SPOOL_ALIGN,
                       true, out);
    }
    out->kind = SPOOL_RECORD;
    out->next = r->pos = after(r->pos, h->length);
    out->number = ++r->number;
    return ST_OK;
}


enum status
spool_next(struct spool_reader *r, bool live, struct spool_record *out)
{
    const unsigned char *p;
    struct head h;
    enum status st;
    size_t got;

    *out = (struct spool_record){
        .kind = SPOOL_END, .at = r->pos, .next = r->pos, .number = r->number
    };
    if (r->ended) {
        return ST_OK;
    }
    if (r->live && !live) {
        /* the writer may have added to what is in the window */
        r->filled = 0;
    }
    r->live = live;

    if ((st = look_size(r)) != ST_OK
        || (st = look(r, r->pos, VEDETTE_SPOOL_HEAD, &p, &got)) != ST_OK) {
        return st;
    }
    if (got < VEDETTE_SPOOL_HEAD || !decode(r, p, &h, out)) {
        return live ? await_more(r, out)
                    : damaged(r, r->pos + VEDETTE_SPOOL_ALIGN, false, out);
    }
    if (h.number > r->number) {
        /* the records between are gone; this one is taken by the next call */
        return damaged(r, r->pos, false, out);
    }
    r->number = h.number;
    return take(r, &h, live, out);
}


enum status
spool_words(struct arena *a, struct str payload, struct str **words, size_t *n)
{
    const unsigned char *p = (const unsigned char *) payload.p;
    size_t left = payload.n, count;
    struct str *list;

    if (left < 4) {
        return ST_INVALID;
    }
    count = get32(p);
    p += 4;
    left -= 4;
    if (count == 0 || count % 2 != 0 || count > VEDETTE_SPOOL_WORDS_MAX) {
        return ST_INVALID;
    }

    list = arena_array(a, count, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        uint32_t length;

        if (left < 4 || (length = get32(p)) > left - 4
            || (i % 2 == 0 && (length == 0 || length > NAME_BYTES_MAX))) {
            return ST_INVALID;
        }
        list[i] = str_make((const char *) p + 4, length);
        p += 4 + length;
        left -= 4 + length;
    }
    if (left != 0) {
        return ST_INVALID;
    }
    *words = list;
    *n = count;
    return ST_OK;
}
