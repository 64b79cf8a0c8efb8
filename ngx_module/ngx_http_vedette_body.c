
/*
 * A large body, which goes to Redis apart from its entry (message.h, 1a).
 *
 * nginx has put it into a temporary file; from there it goes piece by piece,
 * the next one when Redis has acknowledged the last, so that however many of
 * them come at once, each has one piece in our memory.  It costs a round trip a
 * piece, but nothing else waits for it.
 *
 * Redis says no when it holds too many of them already.  Then, and when it
 * fails on the way, the spool takes the body from the file.  What has been sent
 * until then goes at once, or when its time is up.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_BODY_NAME  32


struct ngx_http_vedette_apart_s {
    ngx_http_vedette_apart_pt    handler;
    ngx_uint_t                   pieces;
    ngx_uint_t                   next;         /* the piece to send */
    ngx_str_t                    size;         /* in digits */
    ngx_str_t                    npieces;      /* the same */
    ngx_str_t                    key;
    ngx_str_t                    name;         /* the end of the key */

    /* what is left of the body, and the piece as a chain */
    ngx_chain_t                 *body;
    off_t                        pos;
    ngx_chain_t                 *piece;
    u_char                       number[NGX_INT_T_LEN];
};


static ngx_int_t ngx_http_vedette_body_next(ngx_http_vedette_ctx_t *ctx);
static ngx_chain_t *ngx_http_vedette_body_piece(
    ngx_http_vedette_apart_t *apart);
static void ngx_http_vedette_body_sent(void *data, redisReply *reply);


off_t
ngx_http_vedette_body_size(ngx_chain_t *body)
{
    off_t         size;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = body; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    return size;
}


/* NGX_AGAIN: the handler will be called */

ngx_int_t
ngx_http_vedette_body_send(ngx_http_vedette_ctx_t *ctx, off_t size,
    ngx_http_vedette_apart_pt handler)
{
    u_char                    *p;
    ngx_buf_t                 *b;
    ngx_pool_t                *pool;
    ngx_chain_t               *cl, **last;
    ngx_http_vedette_apart_t  *apart;

    pool = ctx->request->pool;

    apart = ngx_pcalloc(pool, sizeof(ngx_http_vedette_apart_t));
    if (apart == NULL) {
        return NGX_ERROR;
    }

    apart->handler = handler;
    apart->pieces = (size + VEDETTE_BODY_PIECE - 1) / VEDETTE_BODY_PIECE;
    apart->body = ctx->body;

    /* a piece has at most as many parts as all of it */

    last = &apart->piece;

    for (cl = ctx->body; cl; cl = cl->next) {
        b = ngx_calloc_buf(pool);
        *last = ngx_alloc_chain_link(pool);

        if (b == NULL || *last == NULL) {
            return NGX_ERROR;
        }

        (*last)->buf = b;
        (*last)->next = NULL;
        last = &(*last)->next;
    }

    p = ngx_pnalloc(pool, NGX_OFF_T_LEN + NGX_INT_T_LEN
                          + sizeof(VEDETTE_BODY_PREFIX) - 1
                          + NGX_HTTP_VEDETTE_BODY_NAME);
    if (p == NULL) {
        return NGX_ERROR;
    }

    apart->size.data = p;
    p = ngx_sprintf(p, "%O", size);
    apart->size.len = p - apart->size.data;

    apart->npieces.data = p;
    p = ngx_sprintf(p, "%ui", apart->pieces);
    apart->npieces.len = p - apart->npieces.data;

    apart->key.data = p;
    p = ngx_cpymem(p, VEDETTE_BODY_PREFIX, sizeof(VEDETTE_BODY_PREFIX) - 1);
    apart->name.data = p;
    apart->name.len = NGX_HTTP_VEDETTE_BODY_NAME;
    apart->key.len = p + NGX_HTTP_VEDETTE_BODY_NAME - apart->key.data;

    ngx_http_vedette_new_uuid(p);

    ctx->apart = apart;

    if (ngx_http_vedette_body_next(ctx) != NGX_OK) {
        ctx->apart = NULL;
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_vedette_body_next(ngx_http_vedette_ctx_t *ctx)
{
    u_char                     most[NGX_INT_T_LEN], ttl[NGX_INT_T_LEN];
    ngx_str_t                  args[11];
    ngx_uint_t                 n;
    ngx_http_vedette_apart_t  *apart;

    apart = ctx->apart;

    ngx_str_set(&args[0], "EVAL");

    if (apart->next == 0) {
        ngx_str_set(&args[1], VEDETTE_BODY_BEGIN);
        ngx_str_set(&args[2], "2");
        ngx_str_set(&args[3], VEDETTE_BODIES);
        args[4] = apart->key;
        args[5] = apart->name;
        args[6] = apart->size;
        args[7].data = most;
        args[7].len = ngx_sprintf(most, "%d", VEDETTE_BODIES_MAX) - most;
        ngx_str_set(&args[8], VEDETTE_BODY_PREFIX);
        args[9].data = ttl;
        args[9].len = ngx_sprintf(ttl, "%d", VEDETTE_BODY_TTL) - ttl;
        n = 10;

    } else {
        ngx_str_set(&args[1], VEDETTE_BODY_NEXT);
        ngx_str_set(&args[2], "1");
        args[3] = apart->key;
        args[4].data = apart->number;
        args[4].len = ngx_sprintf(apart->number, "%ui", apart->next)
                      - apart->number;
        n = 5;
    }

    /* all of this word is the piece */
    ngx_str_set(&args[n], "");
    n++;

    apart->next++;

    ctx->job = ngx_http_vedette_redis_send(ctx->server, args, n,
                                           ngx_http_vedette_body_piece(apart),
                                           ngx_http_vedette_body_sent, ctx);

    return ctx->job ? NGX_OK : NGX_ERROR;
}


/* the next piece of what is left */

static ngx_chain_t *
ngx_http_vedette_body_piece(ngx_http_vedette_apart_t *apart)
{
    off_t         size, left;
    ngx_buf_t    *b, *from;
    ngx_chain_t  *cl;

    left = VEDETTE_BODY_PIECE;

    for (cl = apart->piece; cl; cl = cl->next) {
        b = cl->buf;

        if (apart->body == NULL || left == 0) {
            /* an empty part: it counts nothing */
            ngx_memzero(b, sizeof(ngx_buf_t));
            b->memory = 1;
            continue;
        }

        from = apart->body->buf;
        size = ngx_min(ngx_buf_size(from) - apart->pos, left);

        *b = *from;

        if (ngx_buf_in_memory(from)) {
            b->pos = from->pos + apart->pos;
            b->last = b->pos + size;

        } else {
            b->file_pos = from->file_pos + apart->pos;
            b->file_last = b->file_pos + size;
        }

        left -= size;
        apart->pos += size;

        if (apart->pos == ngx_buf_size(from)) {
            apart->body = apart->body->next;
            apart->pos = 0;
        }
    }

    return apart->piece;
}


static void
ngx_http_vedette_body_sent(void *data, redisReply *reply)
{
    ngx_http_vedette_ctx_t *ctx = data;

    ngx_int_t                  rc;
    ngx_http_vedette_apart_t  *apart;

    ctx->job = NULL;
    apart = ctx->apart;

    rc = NGX_ERROR;

    if (reply && reply->type != REDIS_REPLY_INTEGER) {
        ngx_http_vedette_not_taken(ctx->server, reply);

    } else if (reply && reply->integer == 1) {

        if (apart->next < apart->pieces) {

            if (ngx_http_vedette_body_next(ctx) == NGX_OK) {
                return;
            }

        } else {
            rc = NGX_OK;
        }
    }

    apart->handler(ctx, rc);
}


/* the words of the last step, before those of the entry */

void
ngx_http_vedette_body_end(ngx_http_vedette_ctx_t *ctx, ngx_str_t *args)
{
    ngx_http_vedette_apart_t  *apart;

    apart = ctx->apart;

    ngx_str_set(&args[0], "EVAL");
    ngx_str_set(&args[1], VEDETTE_BODY_END);
    ngx_str_set(&args[2], "3");
    args[3] = apart->key;
    ngx_str_set(&args[4], VEDETTE_STREAM);
    ngx_str_set(&args[5], VEDETTE_BODIES);
    args[6] = apart->name;
    args[7] = apart->size;
    args[8] = apart->npieces;
    ngx_str_set(&args[9], VEDETTE_BODY_PREFIX);
}


/* the body goes another way; if its entry is there already, so is its copy */

void
ngx_http_vedette_body_drop(ngx_http_vedette_ctx_t *ctx)
{
    ngx_str_t  args[2];

    if (ctx->apart == NULL) {
        return;
    }

    ngx_str_set(&args[0], "UNLINK");
    args[1] = ctx->apart->key;

    ctx->apart = NULL;

    (void) ngx_http_vedette_redis_send(ctx->server, args, 2, NULL, NULL, NULL);
}
