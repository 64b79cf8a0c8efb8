
/*
 * A body on its way to a Redis that calls fsync for each: what is written to
 * its file is what it takes, so a text goes there in LZ4, a half or a third of
 * its size.  That costs nginx a few microseconds and Redis, which is one thread
 * for all edges, half of its work; and the same memory of Redis holds two or
 * three times as many events while the workers are away.
 *
 * What came in a coding is packed already, and what is small gains nothing.
 */


#include "ngx_http_vedette_module.h"

#include <lz4.h>


#define NGX_HTTP_VEDETTE_LZ4_MIN  4096

/* this is done in the event loop: 0.2 ms */
#define NGX_HTTP_VEDETTE_LZ4_MAX  (256 * 1024)

/* bytes of the length in front of the block */
#define NGX_HTTP_VEDETTE_LZ4_HEAD  4


static u_char *ngx_http_vedette_lz4_whole(ngx_chain_t *body);


/* it is one piece, or is put together here */

static u_char *
ngx_http_vedette_lz4_whole(ngx_chain_t *body)
{
    static u_char  whole[NGX_HTTP_VEDETTE_LZ4_MAX];

    if (body->next == NULL && ngx_buf_in_memory(body->buf)) {
        return body->buf->pos;
    }

    return ngx_http_vedette_copy_chain(body, whole) == NGX_OK ? whole : NULL;
}


/* the body in VEDETTE_ENCODING_LZ4; NULL: it goes as it is */

ngx_chain_t *
ngx_http_vedette_lz4(ngx_pool_t *pool, ngx_chain_t *body, size_t size)
{
    int           n;
    u_char       *p;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    static u_char        packed[NGX_HTTP_VEDETTE_LZ4_MAX / 4 * 3];
    static LZ4_stream_t  state;

    if (size < NGX_HTTP_VEDETTE_LZ4_MIN || size > NGX_HTTP_VEDETTE_LZ4_MAX) {
        return NULL;
    }

    p = ngx_http_vedette_lz4_whole(body);
    if (p == NULL) {
        return NULL;
    }

    /* to save less than a quarter does not pay */

    n = LZ4_compress_fast_extState(&state, (char *) p, (char *) packed,
                                   (int) size, (int) (size / 4 * 3), 1);
    if (n <= 0) {
        return NULL;
    }

    b = ngx_create_temp_buf(pool, NGX_HTTP_VEDETTE_LZ4_HEAD + n);
    cl = ngx_alloc_chain_link(pool);

    if (b == NULL || cl == NULL) {
        return NULL;
    }

    *b->last++ = (u_char) size;
    *b->last++ = (u_char) (size >> 8);
    *b->last++ = (u_char) (size >> 16);
    *b->last++ = (u_char) (size >> 24);

    b->last = ngx_cpymem(b->last, packed, n);

    cl->buf = b;
    cl->next = NULL;

    return cl;
}
