
/*
 * The body of the legacy store endpoint: one event as a JSON object, or that
 * in base64, or that deflated and in base64.  With GET it stands in the query,
 * as sentry_data, and becomes the body that is queued.
 */


#include "ngx_http_vedette_module.h"


typedef struct {
    ngx_http_vedette_ctx_t         *ctx;
    ngx_http_vedette_json_t         json;
    uint32_t                        bits;
    ngx_uint_t                      nbits;
    ngx_http_vedette_decode_t       inner;
    unsigned                        begun:1;
    unsigned                        base64:1;
    unsigned                        padded:1;
    unsigned                        inner_begun:1;
    unsigned                        deflated:1;
    unsigned                        complete:1;
    unsigned                        transaction:1;
} ngx_http_vedette_store_t;


static ngx_int_t ngx_http_vedette_store_query(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_store_feed(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_store_base64(ngx_http_vedette_store_t *st,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_store_inner(ngx_http_vedette_store_t *st,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_store_json(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_store_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value);


static ngx_str_t  ngx_http_vedette_transaction = ngx_string("transaction");


ngx_int_t
ngx_http_vedette_skim_store(ngx_http_vedette_ctx_t *ctx)
{
    uint64_t                  max, size;
    ngx_int_t                 rc;
    ngx_http_vedette_store_t  st;

    if (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_QUERY_BODY) {

        rc = ngx_http_vedette_store_query(ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    max = ctx->conf->max_event;

    ngx_memzero(&st, sizeof(ngx_http_vedette_store_t));

    st.ctx = ctx;
    ngx_http_vedette_json_init(&st.json, ngx_http_vedette_store_member, &st);

    st.inner.sink = ngx_http_vedette_store_json;
    st.inner.data = &st;
    st.inner.rest = max;
    st.inner.inner = 1;

    /* base64 makes four bytes of three */

    rc = ngx_http_vedette_skim_body(ctx, max + max / 2,
                                    ngx_http_vedette_store_feed, &st);

    if (rc != NGX_OK) {
        return rc;
    }

    if ((st.deflated && ngx_http_vedette_inflate_done(&st.inner) != NGX_OK)
        || (st.base64 && ((st.nbits != 0 && !st.padded) || !st.inner_begun)))
    {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_BODY,
                                       "invalid base64 or zlib data");
    }

    if (!st.complete) {
        return ngx_http_vedette_bad_json(ctx, "unexpected end of input");
    }

    size = max - st.inner.rest;

    if (ngx_http_vedette_skim_item(ctx, st.transaction
                                        ? &ngx_http_vedette_transaction
                                        : &ctx->endpoint->item,
                                   0, size)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* sentry_data: unescaped, in JSON "+" is a space, in base64 it is not */

static ngx_int_t
ngx_http_vedette_store_query(ngx_http_vedette_ctx_t *ctx)
{
    u_char              *p, *src, *dst;
    ngx_buf_t           *b;
    ngx_str_t            value;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_arg(r, (u_char *) "sentry_data", sizeof("sentry_data") - 1,
                     &value)
        != NGX_OK
        || value.len == 0)
    {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_EMPTY_BODY, NULL);
    }

    b = ngx_create_temp_buf(r->pool, value.len);
    cl = ngx_alloc_chain_link(r->pool);

    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    src = value.data;
    dst = b->pos;

    ngx_unescape_uri(&dst, &src, value.len, 0);

    b->last = dst;

    if (value.data[0] == '{' || ngx_strncasecmp(value.data, (u_char *) "%7b", 3)
                                == 0)
    {
        for (p = b->pos, src = value.data; p < b->last; p++) {

            /* an escaped "+" is one */

            if (*src == '%' && src + 2 < value.data + value.len) {
                src += 3;
                continue;
            }

            if (*src++ == '+') {
                *p = ' ';
            }
        }
    }

    cl->buf = b;
    cl->next = NULL;

    ctx->body = cl;
    ctx->coding = NGX_HTTP_VEDETTE_IDENTITY;

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_store_feed(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_store_t *st = data;

    if (!st->begun) {
        st->begun = 1;
        st->base64 = (*p != '{' && *p != ' ' && *p != '\t' && *p != CR
                      && *p != LF);
    }

    if (st->base64) {
        return ngx_http_vedette_store_base64(st, p, last);
    }

    if ((uint64_t) (last - p) > st->inner.rest) {
        return NGX_BUSY;
    }

    st->inner.rest -= last - p;

    return ngx_http_vedette_store_json(st, p, last);
}


static ngx_int_t
ngx_http_vedette_store_base64(ngx_http_vedette_store_t *st, u_char *p,
    u_char *last)
{
    u_char     buf[4096], *out, ch, v;
    ngx_int_t  rc;

    out = buf;

    for ( /* void */ ; p < last; p++) {

        ch = *p;

        if (ch >= 'A' && ch <= 'Z') {
            v = ch - 'A';

        } else if (ch >= 'a' && ch <= 'z') {
            v = ch - 'a' + 26;

        } else if (ch >= '0' && ch <= '9') {
            v = ch - '0' + 52;

        } else if (ch == '+') {
            v = 62;

        } else if (ch == '/') {
            v = 63;

        } else if (ch == '=' && st->nbits >= 1 && st->nbits <= 6) {
            st->padded = 1;
            continue;

        } else {
            return NGX_DECLINED;
        }

        if (st->padded) {
            return NGX_DECLINED;
        }

        st->bits = (st->bits << 6) | v;
        st->nbits += 6;

        if (st->nbits >= 8) {
            st->nbits -= 8;
            *out++ = (u_char) (st->bits >> st->nbits);
            st->bits &= (1 << st->nbits) - 1;
        }

        if (out == buf + sizeof(buf)) {
            rc = ngx_http_vedette_store_inner(st, buf, out);

            if (rc != NGX_OK) {
                return rc;
            }

            out = buf;
        }
    }

    return ngx_http_vedette_store_inner(st, buf, out);
}


static ngx_int_t
ngx_http_vedette_store_inner(ngx_http_vedette_store_t *st, u_char *p,
    u_char *last)
{
    ngx_int_t  rc;

    if (p == last) {
        return NGX_OK;
    }

    if (!st->inner_begun) {
        st->inner_begun = 1;
        st->deflated = (*p != '{');

        if (st->deflated) {
            rc = ngx_http_vedette_inflate_open(&st->inner, p, last - p);

            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    if (st->deflated) {
        return ngx_http_vedette_inflate_feed(&st->inner, p, last);
    }

    if ((uint64_t) (last - p) > st->inner.rest) {
        return NGX_BUSY;
    }

    st->inner.rest -= last - p;

    return ngx_http_vedette_store_json(st, p, last);
}


static ngx_int_t
ngx_http_vedette_store_json(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_store_t *st = data;

    ngx_int_t  rc;

    if (!st->complete) {

        rc = ngx_http_vedette_json_feed(&st->json, &p, last);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_ABORT) {
            return ngx_http_vedette_bad_json(st->ctx,
                                             "event_id is not a UUID");
        }

        if (rc != NGX_OK) {
            return ngx_http_vedette_bad_json(st->ctx, st->json.error);
        }

        st->complete = 1;
    }

    for ( /* void */ ; p < last; p++) {
        if (*p != ' ' && *p != '\t' && *p != CR && *p != LF) {
            return ngx_http_vedette_bad_json(st->ctx, "trailing characters");
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_store_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_store_t *st = data;

    if (ngx_http_vedette_is(name, "type")) {
        st->transaction = ngx_http_vedette_is(value, "transaction");
        return NGX_OK;
    }

    if (!ngx_http_vedette_is(name, "event_id")
        || ngx_http_vedette_is(value, "null"))
    {
        return NGX_OK;
    }

    if (type != NGX_HTTP_VEDETTE_JSON_STRING) {
        return NGX_ABORT;
    }

    /* as in the worker, the last of several counts */

    switch (ngx_http_vedette_uuid(st->ctx->event_id, value->data, value->len)) {

    case NGX_OK:
        st->ctx->has_id = 1;
        return NGX_OK;

    case NGX_DECLINED:
        st->ctx->has_id = 0;
        return NGX_OK;

    default:
        return NGX_ABORT;
    }
}


ngx_int_t
ngx_http_vedette_bad_json(ngx_http_vedette_ctx_t *ctx, char *why)
{
    size_t   len;
    u_char  *p;

    len = sizeof("invalid JSON data: ") - 1 + ngx_strlen(why);

    p = ngx_pnalloc(ctx->request->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->detail.data = p;
    ctx->detail.len = len;

    p = ngx_cpymem(p, "invalid JSON data: ", sizeof("invalid JSON data: ") - 1);
    ngx_memcpy(p, why, ngx_strlen(why));

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_JSON, NULL);
}
