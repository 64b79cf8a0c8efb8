/*
 * Each coding is a row: a function that turns the whole input into a sink.
 * The sink grows by doubling up to the limit and no further, so a bomb costs
 * at most the limit, whatever it claims about itself.  The memory comes from
 * malloc, which can grow a large block in place, and is tied to the arena.
 *
 * The decoders of zlib and zstd are made once in a process and reset for each
 * body: their set-up costs more than a small body.
 */

#include "envelope/encoding.h"

#include <stdlib.h>

#include <brotli/decode.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

#define FIRST_SIZE ((size_t) 16 * 1024)


struct sink {
    char *p;
    size_t n;
    size_t size;
    size_t limit;
};

typedef enum status (*decode_fn)(struct str in, struct sink *out);


/* Room for at least one byte more; false at the limit. */
static bool
more(struct sink *s)
{
    size_t size = s->size > 0 ? s->size * 2 : FIRST_SIZE;
    char *p;

    if (s->n < s->size) {
        return true;
    }
    /* one byte over the limit shows that there is more than the limit */
    if (s->size > s->limit) {
        return false;
    }
    if (size > s->limit) {
        size = s->limit + 1;
    }
    p = realloc(s->p, size);
    if (p == NULL) {
        abort();
    }
    s->p = p;
    s->size = size;
    return true;
}


static z_stream *
inflater(int window_bits)
{
    static z_stream z;
    static bool made;

    if (!made) {
        if (inflateInit2(&z, window_bits) != Z_OK) {
            abort();
        }
        made = true;

    } else if (inflateReset2(&z, window_bits) != Z_OK) {
        abort();
    }
    return &z;
}


static enum status
inflate_all(int window_bits, struct str in, struct sink *out)
{
    z_stream *z = inflater(window_bits);
    uInt room;
    int rc;

    /* zlib does not write to its input, it only forgot to say so */
    z->next_in = (unsigned char *) (uintptr_t) in.p;
    z->avail_in = (uInt) in.n;

    for (;;) {
        if (!more(out)) {
            return ST_LIMITED;
        }
        room = (uInt) (out->size - out->n);
        z->next_out = (unsigned char *) out->p + out->n;
        z->avail_out = room;
        rc = inflate(z, Z_NO_FLUSH);
        out->n += room - z->avail_out;

        if (rc == Z_STREAM_END) {
            /* another gzip member? */
            if (window_bits <= 15 || z->avail_in < 2 || z->next_in[0] != 0x1f
                || z->next_in[1] != 0x8b) {
                return ST_OK;
            }
            if (inflateReset(z) != Z_OK) {
                abort();
            }

        } else if (rc != Z_OK || (z->avail_in == 0 && z->avail_out > 0)) {
            return ST_INVALID;
        }
    }
}


static enum status
decode_gzip(struct str in, struct sink *out)
{
    return inflate_all(15 + 16, in, out);
}


/* RFC 9110 means zlib; some senders leave its header out. */
static enum status
decode_deflate(struct str in, struct sink *out)
{
    unsigned char c0 = in.n > 1 ? (unsigned char) in.p[0] : 0;
    unsigned char c1 = in.n > 1 ? (unsigned char) in.p[1] : 0;
    bool zlib = (c0 & 0x0f) == 8 && (c0 * 256 + c1) % 31 == 0;

    return inflate_all(zlib ? 15 : -15, in, out);
}


static enum status
decode_brotli(struct str in, struct sink *out)
{
    BrotliDecoderState *d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    BrotliDecoderResult rc = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    const uint8_t *next_in = (const uint8_t *) in.p;
    size_t avail_in = in.n, room;
    enum status st = ST_LIMITED;

    if (d == NULL) {
        abort();
    }
    while (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && more(out)) {
        uint8_t *next_out = (uint8_t *) out->p + out->n;

        room = out->size - out->n;
        rc = BrotliDecoderDecompressStream(d, &avail_in, &next_in, &room,
                                           &next_out, NULL);
        out->n = out->size - room;
    }
    BrotliDecoderDestroyInstance(d);

    if (rc == BROTLI_DECODER_RESULT_SUCCESS) {
        st = ST_OK;

    } else if (rc != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        st = ST_INVALID;
    }
    return st;
}


static enum status
decode_zstd(struct str in, struct sink *out)
{
    static ZSTD_DCtx *d;
    ZSTD_inBuffer from = { in.p, in.n, 0 };
    size_t rc;

    if (d == NULL && (d = ZSTD_createDCtx()) == NULL) {
        abort();
    }
    ZSTD_DCtx_reset(d, ZSTD_reset_session_only);

    for (;;) {
        ZSTD_outBuffer to;

        if (!more(out)) {
            return ST_LIMITED;
        }
        to = (ZSTD_outBuffer){ out->p, out->size, out->n };
        rc = ZSTD_decompressStream(d, &to, &from);
        out->n = to.pos;

        if (ZSTD_isError(rc)) {
            return ST_INVALID;
        }
        if (rc == 0) {
            return ST_OK;
        }
        if (from.pos == from.size && to.pos < to.size) {
            return ST_INVALID;
        }
    }
}


/*
 * Of queue/message.h: the length, then a block.  A block is never less than a
 * 255th of what it makes, so that its length cannot be a lie at our cost.
 */
static enum status
decode_lz4(struct str in, struct sink *out)
{
    const unsigned char *p = (const unsigned char *) in.p;
    size_t n;

    if (in.n < 4) {
        return ST_INVALID;
    }
    n = p[0] | (size_t) p[1] << 8 | (size_t) p[2] << 16 | (size_t) p[3] << 24;
    if (n == 0 || n / 255 > in.n) {
        return ST_INVALID;
    }
    if (n > out->limit) {
        return ST_LIMITED;
    }
    if ((out->p = malloc(n)) == NULL) {
        abort();
    }
    out->n = out->size = n;
    return LZ4_decompress_safe(in.p + 4, out->p, (int) (in.n - 4), (int) n)
                   == (int) n
               ? ST_OK
               : ST_INVALID;
}


static const struct {
    const char *name;
    decode_fn decode; /* NULL: nothing to do */
} codings[] = {
    { "", NULL },
    { "identity", NULL },
    { "utf-8", NULL },
    { "gzip", decode_gzip },
    { "x-gzip", decode_gzip },
    { "deflate", decode_deflate },
    { "br", decode_brotli },
    { "zstd", decode_zstd },
    { "lz4", decode_lz4 },
};


enum status
encoding_decode(struct arena *a, struct str coding, struct str body,
                size_t limit, struct str *out)
{
    size_t n = sizeof(codings) / sizeof(codings[0]), i = 0;
    struct sink sink = { .limit = limit };
    enum status st;

    while (i < n && !str_ieq(coding, str_of(codings[i].name))) {
        i++;
    }
    if (i == n || body.n > UINT32_MAX / 2) {
        return ST_INVALID;
    }
    if (codings[i].decode == NULL) {
        *out = body;
        return body.n <= limit ? ST_OK : ST_LIMITED;
    }

    st = codings[i].decode(body, &sink);
    if (st == ST_OK && sink.n > limit) {
        st = ST_LIMITED;
    }
    if (st != ST_OK) {
        free(sink.p);
        return st;
    }
    arena_cleanup(a, free, sink.p);
    *out = str_make(sink.p, sink.n);
    return ST_OK;
}
