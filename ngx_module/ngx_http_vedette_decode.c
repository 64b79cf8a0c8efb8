
/*
 * Content codings: the body, decoded piece by piece into one buffer of the
 * worker, and each piece handed to a sink.  Nothing is kept, so that memory
 * does not depend on what a bomb unpacks to; more than "rest" bytes end it.
 *
 * A body is looked through in one go, without returning to the event loop:
 * the limit of an envelope's size bounds the time.  That is why one decoder
 * of each kind is enough for a worker.
 */


#include "ngx_http_vedette_module.h"

#include <zlib.h>
#include <brotli/decode.h>
#include <zstd.h>


#define NGX_HTTP_VEDETTE_DECODE_BUF   65536

/* 8M: what zstd's own tools use up to level 19 */
#define NGX_HTTP_VEDETTE_ZSTD_WINDOW  23


typedef struct {
    ngx_int_t  (*open)(ngx_http_vedette_decode_t *d, u_char *p, size_t len);
    ngx_int_t  (*feed)(ngx_http_vedette_decode_t *d, u_char *p, u_char *last);
    ngx_int_t  (*done)(ngx_http_vedette_decode_t *d);
} ngx_http_vedette_codec_t;


static ngx_int_t ngx_http_vedette_decode_file(ngx_http_vedette_decode_t *d,
    ngx_buf_t *b, ngx_http_vedette_codec_t *codec, ngx_uint_t *opened);
static ngx_int_t ngx_http_vedette_decode_feed(ngx_http_vedette_decode_t *d,
    u_char *p, u_char *last, ngx_http_vedette_codec_t *codec,
    ngx_uint_t *opened);
static ngx_int_t ngx_http_vedette_give(ngx_http_vedette_decode_t *d, u_char *p,
    u_char *last);

static ngx_int_t ngx_http_vedette_identity_open(ngx_http_vedette_decode_t *d,
    u_char *p, size_t len);
static ngx_int_t ngx_http_vedette_identity_done(ngx_http_vedette_decode_t *d);
static ngx_int_t ngx_http_vedette_br_open(ngx_http_vedette_decode_t *d,
    u_char *p, size_t len);
static void ngx_http_vedette_br_close(void);
static ngx_int_t ngx_http_vedette_br_feed(ngx_http_vedette_decode_t *d,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_br_done(ngx_http_vedette_decode_t *d);


/* rows in the order of ngx_http_vedette_coding_e */

static ngx_http_vedette_codec_t  ngx_http_vedette_codecs[] = {

    { ngx_http_vedette_identity_open,
      ngx_http_vedette_give,
      ngx_http_vedette_identity_done },

    { ngx_http_vedette_gzip_open,
      ngx_http_vedette_inflate_feed,
      ngx_http_vedette_inflate_done },

    { ngx_http_vedette_inflate_open,
      ngx_http_vedette_inflate_feed,
      ngx_http_vedette_inflate_done },

    { ngx_http_vedette_br_open,
      ngx_http_vedette_br_feed,
      ngx_http_vedette_br_done },

    { ngx_http_vedette_zstd_open,
      ngx_http_vedette_zstd_feed,
      ngx_http_vedette_zstd_done }
};


/* the outer coding, and what the body may have inside of it */

static struct {
    z_stream             stream;
    unsigned             ready:1;
    unsigned             ended:1;
} ngx_http_vedette_inflaters[2];

static BrotliDecoderState  *ngx_http_vedette_br;
static ZSTD_DStream        *ngx_http_vedette_zstd[2];
static size_t               ngx_http_vedette_zstd_hint[2];

static u_char  ngx_http_vedette_in_buf[NGX_HTTP_VEDETTE_DECODE_BUF];
static u_char  ngx_http_vedette_out_buf[2][NGX_HTTP_VEDETTE_DECODE_BUF];


/*
 * NGX_OK: all of the body went to the sink.  NGX_DECLINED: it is corrupt.
 * NGX_BUSY: it is longer than d->rest.  NGX_ERROR: no memory, or no file.
 * Whatever else the sink returned ended it.
 */

ngx_int_t
ngx_http_vedette_decode(ngx_chain_t *body, ngx_http_vedette_coding_e coding,
    ngx_http_vedette_decode_t *d)
{
    ngx_int_t                  rc;
    ngx_buf_t                 *b;
    ngx_uint_t                 opened;
    ngx_chain_t               *cl;
    ngx_http_vedette_codec_t  *codec;

    codec = &ngx_http_vedette_codecs[coding];
    opened = 0;
    rc = NGX_OK;

    for (cl = body; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            rc = ngx_http_vedette_decode_feed(d, b->pos, b->last, codec,
                                              &opened);

        } else if (b->in_file) {
            rc = ngx_http_vedette_decode_file(d, b, codec, &opened);
        }

        if (rc != NGX_OK) {
            break;
        }
    }

    if (opened) {
        if (rc == NGX_OK) {
            rc = codec->done(d);
        }

        ngx_http_vedette_br_close();
    }

    return rc;
}


static ngx_int_t
ngx_http_vedette_decode_file(ngx_http_vedette_decode_t *d, ngx_buf_t *b,
    ngx_http_vedette_codec_t *codec, ngx_uint_t *opened)
{
    off_t      offset;
    u_char    *p;
    size_t     size;
    ssize_t    n;
    ngx_int_t  rc;

    p = ngx_http_vedette_in_buf;

    for (offset = b->file_pos; offset < b->file_last; offset += n) {

        size = (size_t) ngx_min(b->file_last - offset,
                                NGX_HTTP_VEDETTE_DECODE_BUF);

        n = ngx_read_file(b->file, p, size, offset);

        if (n == NGX_ERROR || n == 0) {
            return NGX_ERROR;
        }

        rc = ngx_http_vedette_decode_feed(d, p, p + n, codec, opened);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_decode_feed(ngx_http_vedette_decode_t *d, u_char *p,
    u_char *last, ngx_http_vedette_codec_t *codec, ngx_uint_t *opened)
{
    ngx_int_t  rc;

    if (p == last) {
        return NGX_OK;
    }

    if (!*opened) {
        rc = codec->open(d, p, last - p);

        if (rc != NGX_OK) {
            return rc;
        }

        *opened = 1;
    }

    return codec->feed(d, p, last);
}


static ngx_int_t
ngx_http_vedette_give(ngx_http_vedette_decode_t *d, u_char *p, u_char *last)
{
    uint64_t  n;

    n = last - p;

    if (n > d->rest) {
        return NGX_BUSY;
    }

    d->rest -= n;

    return d->sink(d->data, p, last);
}


static ngx_int_t
ngx_http_vedette_identity_open(ngx_http_vedette_decode_t *d, u_char *p,
    size_t len)
{
    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_identity_done(ngx_http_vedette_decode_t *d)
{
    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_inflate_init(ngx_http_vedette_decode_t *d, int window)
{
    int        rc;
    z_stream  *z;

    z = &ngx_http_vedette_inflaters[d->inner].stream;

    ngx_http_vedette_inflaters[d->inner].ended = 0;

    z->next_in = NULL;
    z->avail_in = 0;

    if (ngx_http_vedette_inflaters[d->inner].ready) {
        rc = inflateReset2(z, window);

    } else {
        z->zalloc = Z_NULL;
        z->zfree = Z_NULL;
        z->opaque = Z_NULL;

        rc = inflateInit2(z, window);
    }

    if (rc != Z_OK) {
        return NGX_ERROR;
    }

    ngx_http_vedette_inflaters[d->inner].ready = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_vedette_gzip_open(ngx_http_vedette_decode_t *d, u_char *p, size_t len)
{
    return ngx_http_vedette_inflate_init(d, MAX_WBITS + 16);
}


/* "deflate" is zlib's format; some send a bare deflate stream */

ngx_int_t
ngx_http_vedette_inflate_open(ngx_http_vedette_decode_t *d, u_char *p,
    size_t len)
{
    ngx_uint_t  zlib;

    zlib = (p[0] & 0x0f) == 8 && (p[0] >> 4) <= 7
           && (len < 2 || (p[0] * 256 + p[1]) % 31 == 0);

    return ngx_http_vedette_inflate_init(d, zlib ? MAX_WBITS : -MAX_WBITS);
}


ngx_int_t
ngx_http_vedette_inflate_feed(ngx_http_vedette_decode_t *d, u_char *p,
    u_char *last)
{
    int        zrc;
    u_char    *out;
    z_stream  *z;
    ngx_int_t  rc;

    z = &ngx_http_vedette_inflaters[d->inner].stream;
    out = ngx_http_vedette_out_buf[d->inner];

    z->next_in = p;
    z->avail_in = (uInt) (last - p);

    do {
        if (ngx_http_vedette_inflaters[d->inner].ended) {
            /* bytes behind the end: the worker might see another end */
            return z->avail_in ? NGX_DECLINED : NGX_OK;
        }

        z->next_out = out;
        z->avail_out = NGX_HTTP_VEDETTE_DECODE_BUF;

        zrc = inflate(z, Z_NO_FLUSH);

        if (zrc == Z_STREAM_END) {
            ngx_http_vedette_inflaters[d->inner].ended = 1;

        } else if (zrc == Z_MEM_ERROR) {
            return NGX_ERROR;

        } else if (zrc != Z_OK && zrc != Z_BUF_ERROR) {
            return NGX_DECLINED;
        }

        if (z->next_out > out) {
            rc = ngx_http_vedette_give(d, out, z->next_out);

            if (rc != NGX_OK) {
                return rc;
            }
        }

    } while (z->avail_in || z->avail_out == 0);

    return NGX_OK;
}


ngx_int_t
ngx_http_vedette_inflate_done(ngx_http_vedette_decode_t *d)
{
    return ngx_http_vedette_inflaters[d->inner].ended ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_vedette_br_open(ngx_http_vedette_decode_t *d, u_char *p, size_t len)
{
    /* brotli has no reset */

    ngx_http_vedette_br = BrotliDecoderCreateInstance(NULL, NULL, NULL);

    return ngx_http_vedette_br ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_vedette_br_close(void)
{
    if (ngx_http_vedette_br) {
        BrotliDecoderDestroyInstance(ngx_http_vedette_br);
        ngx_http_vedette_br = NULL;
    }
}


static ngx_int_t
ngx_http_vedette_br_feed(ngx_http_vedette_decode_t *d, u_char *p, u_char *last)
{
    u_char               *out;
    size_t                in_len, out_len;
    ngx_int_t             rc;
    const uint8_t        *in;
    BrotliDecoderResult   brc;

    in = p;
    in_len = last - p;

    do {
        out = ngx_http_vedette_out_buf[0];
        out_len = NGX_HTTP_VEDETTE_DECODE_BUF;

        brc = BrotliDecoderDecompressStream(ngx_http_vedette_br, &in_len, &in,
                                            &out_len, &out, NULL);

        if (brc == BROTLI_DECODER_RESULT_ERROR
            || (brc == BROTLI_DECODER_RESULT_SUCCESS && in_len))
        {
            return NGX_DECLINED;
        }

        if (out > ngx_http_vedette_out_buf[0]) {
            rc = ngx_http_vedette_give(d, ngx_http_vedette_out_buf[0], out);

            if (rc != NGX_OK) {
                return rc;
            }
        }

    } while (brc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_br_done(ngx_http_vedette_decode_t *d)
{
    return BrotliDecoderIsFinished(ngx_http_vedette_br) ? NGX_OK
                                                        : NGX_DECLINED;
}


ngx_int_t
ngx_http_vedette_zstd_open(ngx_http_vedette_decode_t *d, u_char *p, size_t len)
{
    size_t         rc;
    ZSTD_DStream  *z;

    z = ngx_http_vedette_zstd[d->inner];

    if (z == NULL) {

        z = ZSTD_createDStream();
        if (z == NULL) {
            return NGX_ERROR;
        }

        ngx_http_vedette_zstd[d->inner] = z;

        rc = ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax,
                                    NGX_HTTP_VEDETTE_ZSTD_WINDOW);
        if (ZSTD_isError(rc)) {
            return NGX_ERROR;
        }
    }

    rc = ZSTD_DCtx_reset(z, ZSTD_reset_session_only);

    ngx_http_vedette_zstd_hint[d->inner] = 1;

    return ZSTD_isError(rc) ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_vedette_zstd_feed(ngx_http_vedette_decode_t *d, u_char *p,
    u_char *last)
{
    size_t          rc;
    u_char         *dst;
    ngx_int_t       n;
    ZSTD_inBuffer   in;
    ZSTD_outBuffer  out;

    dst = ngx_http_vedette_out_buf[d->inner];

    in.src = p;
    in.size = last - p;
    in.pos = 0;

    do {
        out.dst = dst;
        out.size = NGX_HTTP_VEDETTE_DECODE_BUF;
        out.pos = 0;

        rc = ZSTD_decompressStream(ngx_http_vedette_zstd[d->inner], &out,
                                   &in);

        if (ZSTD_isError(rc)) {
            return NGX_DECLINED;
        }

        /* 0: a frame has ended; another may follow, as RFC 8878 has it */
        ngx_http_vedette_zstd_hint[d->inner] = rc;

        if (out.pos) {
            n = ngx_http_vedette_give(d, dst, dst + out.pos);

            if (n != NGX_OK) {
                return n;
            }
        }

    } while (in.pos < in.size || (rc && out.pos == out.size));

    return NGX_OK;
}


ngx_int_t
ngx_http_vedette_zstd_done(ngx_http_vedette_decode_t *d)
{
    return ngx_http_vedette_zstd_hint[d->inner] ? NGX_DECLINED : NGX_OK;
}
