
/*
 * The answer: what each verdict looks like, ids, the headers of CORS and of
 * rate limits.
 *
 * An error is {"detail": "...", "causes": ["..."]}, in the wording that SDKs
 * and their users know; X-Sentry-Error repeats the detail.  The headers of
 * CORS are added by a filter, so that answers of nginx itself have them too:
 * without them a page's script could not even read the status.
 */


#include "ngx_http_vedette_module.h"

#include <sys/random.h>


typedef struct {
    ngx_uint_t   status;
    /* for status page and access log */
    ngx_str_t    name;
    ngx_str_t    detail;
    /* of the outcome "invalid", if the key is known */
    ngx_str_t    reason;
} ngx_http_vedette_verdict_t;


static ngx_int_t ngx_http_vedette_allow(ngx_http_request_t *r,
    ngx_uint_t methods);
static u_char *ngx_http_vedette_quote(u_char *p, ngx_str_t *s);
static ngx_int_t ngx_http_vedette_limit_headers(ngx_http_vedette_ctx_t *ctx);
static void ngx_http_vedette_count(ngx_http_vedette_ctx_t *ctx);
static void ngx_http_vedette_invalid(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_success(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_send(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *type, ngx_str_t *body);
static ngx_int_t ngx_http_vedette_header_filter(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


/* in the order of ngx_http_vedette_verdict_e */

static ngx_http_vedette_verdict_t  ngx_http_vedette_verdicts[] = {

    { NGX_HTTP_OK,
      ngx_string("accepted"),
      ngx_null_string,
      ngx_null_string },

    { NGX_HTTP_NOT_FOUND,
      ngx_string("not_found"),
      ngx_string("no such endpoint"),
      ngx_null_string },

    { NGX_HTTP_NOT_ALLOWED,
      ngx_string("disallowed_method"),
      ngx_string("method not allowed"),
      ngx_null_string },

    { NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
      ngx_string("content_encoding"),
      ngx_string("unsupported content encoding"),
      ngx_null_string },

    { NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
      ngx_string("content_type"),
      ngx_string("unsupported content type"),
      ngx_null_string },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("project_path"),
      ngx_string("bad project path parameter"),
      ngx_null_string },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("event_id_path"),
      ngx_string("bad event id path parameter"),
      ngx_null_string },

    { NGX_HTTP_UNAUTHORIZED,
      ngx_string("auth_missing"),
      ngx_string("missing authorization information"),
      ngx_null_string },

    { NGX_HTTP_UNAUTHORIZED,
      ngx_string("auth_multiple"),
      ngx_string("multiple authorization payloads detected"),
      ngx_null_string },

    { NGX_HTTP_UNAUTHORIZED,
      ngx_string("auth_header"),
      ngx_string("bad x-sentry-auth header"),
      ngx_null_string },

    { NGX_HTTP_UNAUTHORIZED,
      ngx_string("auth_envelope"),
      ngx_string("bad envelope authentication header"),
      ngx_null_string },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("public_key"),
      ngx_string("bad sentry DSN public key"),
      ngx_null_string },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("auth_version"),
      ngx_string("unsupported protocol version"),
      ngx_null_string },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("no_data"),
      ngx_string("empty request body"),
      ngx_string("no_data") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_compression"),
      ngx_string("invalid request body"),
      ngx_string("invalid_compression") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_json"),
      ngx_string("invalid JSON data"),
      ngx_string("invalid_json") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_envelope"),
      ngx_string("invalid event envelope"),
      ngx_string("invalid_envelope") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_multipart"),
      ngx_string("invalid multipart data"),
      ngx_string("invalid_multipart") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("missing_minidump_upload"),
      ngx_string("missing minidump"),
      ngx_string("missing_minidump_upload") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_minidump"),
      ngx_string("invalid minidump"),
      ngx_string("invalid_minidump") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_compression"),
      ngx_string("invalid compression container"),
      ngx_string("invalid_compression") },

    { NGX_HTTP_BAD_REQUEST,
      ngx_string("invalid_check_in"),
      ngx_string("invalid check-in"),
      ngx_string("payload") },

    { NGX_HTTP_FORBIDDEN,
      ngx_string("project_id"),
      ngx_string("event submission rejected with_reason: ProjectId"),
      ngx_string("project_id") },

    { NGX_HTTP_FORBIDDEN,
      ngx_string("cors"),
      ngx_string("event submission rejected with_reason: Cors"),
      ngx_string("cors") },

    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
      ngx_string("too_large"),
      ngx_string("the request body is too large"),
      ngx_string("too_large:body") },

    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
      ngx_string("item_too_large"),
      ngx_string("envelope exceeded size limits"),
      ngx_string("too_large:") },

    { NGX_HTTP_TOO_MANY_REQUESTS,
      ngx_string("rate_limited"),
      ngx_string("the data was dropped because a quota or rate limit was "
                 "reached; this does not affect your application"),
      ngx_null_string },

    { NGX_HTTP_TOO_MANY_REQUESTS,
      ngx_string("spool_full"),
      ngx_string("events cannot be taken at the moment; this does not affect "
                 "your application"),
      ngx_string("spool_full") },

    { NGX_HTTP_SERVICE_UNAVAILABLE,
      ngx_string("queue"),
      ngx_string("failed to queue envelope"),
      ngx_null_string },

    { NGX_HTTP_SERVICE_UNAVAILABLE,
      ngx_string("project_state"),
      ngx_string("the project's configuration cannot be read at the moment"),
      ngx_null_string },

    { NGX_HTTP_SERVICE_UNAVAILABLE,
      ngx_string("closed"),
      ngx_string("events are not taken for a while; this does not affect your "
                 "application"),
      ngx_null_string },

    { NGX_HTTP_INTERNAL_SERVER_ERROR,
      ngx_string("internal"),
      ngx_string("internal error"),
      ngx_null_string }
};


ngx_str_t *
ngx_http_vedette_verdict_name(ngx_http_vedette_verdict_e verdict)
{
    return &ngx_http_vedette_verdicts[verdict].name;
}


/* an answer that promises nothing: a refusal, or there was nothing to keep */

ngx_int_t
ngx_http_vedette_reply(ngx_http_vedette_ctx_t *ctx)
{
    u_char                      *p;
    size_t                       len;
    ngx_int_t                    rc;
    ngx_str_t                   *detail, body;
    ngx_http_request_t          *r;
    ngx_http_vedette_verdict_t  *v;

    r = ctx->request;

    if (ctx->verdict == NGX_HTTP_VEDETTE_ACCEPTED) {

        if (ctx->nothing) {
            return ngx_http_vedette_success(ctx);
        }

        /* not reached: what is kept is accepted with a token */
        ctx->verdict = NGX_HTTP_VEDETTE_INTERNAL;
    }

    if (ctx->verdict == NGX_HTTP_VEDETTE_LIMITED
        && (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_SWALLOW))
    {
        /* its outcome is counted, and nothing promised but to stop trying */
        ngx_http_vedette_ended(ctx, NGX_HTTP_OK,
                        &ngx_http_vedette_verdicts[ctx->verdict].reason);
        return ngx_http_vedette_success(ctx);
    }

    v = &ngx_http_vedette_verdicts[ctx->verdict];
    detail = ctx->detail.len ? &ctx->detail : &v->detail;

    ngx_http_vedette_invalid(ctx);
    ngx_http_vedette_ended(ctx, v->status, &v->reason);
    ngx_http_vedette_miss(ctx);
    ngx_http_vedette_count(ctx);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "vedette: refused: %V%s%V", detail,
                  ctx->cause.len ? ": " : "", &ctx->cause);

    if (!ctx->body_read) {
        rc = ngx_http_vedette_discard(r);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    len = sizeof("{\"detail\":\"\",\"causes\":[\"\"]}")
          + 6 * (detail->len + ctx->cause.len);

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body.data = p;

    p = ngx_cpymem(p, "{\"detail\":", sizeof("{\"detail\":") - 1);

    if (detail == &v->detail) {
        /* ours have nothing that would have to be escaped */
        *p++ = '"';
        p = ngx_cpymem(p, detail->data, detail->len);
        *p++ = '"';

    } else {
        p = ngx_http_vedette_quote(p, detail);
    }

    if (ctx->cause.len) {
        p = ngx_cpymem(p, ",\"causes\":[", sizeof(",\"causes\":[") - 1);
        p = ngx_http_vedette_quote(p, &ctx->cause);
        *p++ = ']';
    }

    *p++ = '}';

    body.len = p - body.data;

    if (ngx_http_vedette_add_header(r, "X-Sentry-Error",
                                    sizeof("X-Sentry-Error") - 1,
                                    detail->data, detail->len)
        != NGX_OK
        || ngx_http_vedette_limit_headers(ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->verdict == NGX_HTTP_VEDETTE_BAD_METHOD
        && ngx_http_vedette_allow(r, ctx->methods) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_vedette_reply_json(r, v->status, body.data, body.len);
}


/* the answer to what is durable; see _enqueue.c for the token */

ngx_int_t
ngx_http_vedette_reply_accepted(ngx_http_vedette_ctx_t *ctx,
    const ngx_http_vedette_durable_t *durable)
{
    if (durable == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->queue_time = ngx_http_vedette_now() - ctx->queued_at + 1;

    ngx_http_vedette_latency(ctx->conf->redis->zone->sh, ctx->by_spool,
                             ctx->queue_time);

    if (ctx->conf->mirror) {
        ngx_http_vedette_mirror(ctx);
    }

    return ngx_http_vedette_success(ctx);
}


static ngx_int_t
ngx_http_vedette_success(ngx_http_vedette_ctx_t *ctx)
{
    u_char               *p, *id;
    ngx_str_t             body, type;
    ngx_uint_t            status;
    ngx_http_request_t   *r;

    /* 1 x 1, nothing to see */
    static u_char  pixel[] =
        "GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00"
        "\x01\x00\x00\x02\x00;";

    r = ctx->request;

    ngx_http_vedette_count(ctx);

    if (ngx_http_vedette_limit_headers(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, sizeof("{\"id\":\"\"}")
                             + NGX_HTTP_VEDETTE_ID_LEN + 4);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    id = ctx->event_id;
    status = NGX_HTTP_OK;
    body.data = p;

    ngx_str_null(&type);

    switch (ctx->endpoint->answer) {

    case NGX_HTTP_VEDETTE_ANSWER_ID:

        ngx_str_set(&type, "application/json");

        if (ctx->has_id) {
            p = ngx_cpymem(p, "{\"id\":\"", sizeof("{\"id\":\"") - 1);
            p = ngx_cpymem(p, id, NGX_HTTP_VEDETTE_ID_LEN);
            *p++ = '"'; *p++ = '}';
        } else {
            p = ngx_cpymem(p, "{}", 2);
        }

        break;

    case NGX_HTTP_VEDETTE_ANSWER_UUID:

        ngx_str_set(&type, "text/plain");

        p = ngx_sprintf(p, "%*s-%*s-%*s-%*s-%*s", (size_t) 8, id,
                        (size_t) 4, id + 8, (size_t) 4, id + 12,
                        (size_t) 4, id + 16, (size_t) 12, id + 20);
        break;

    case NGX_HTTP_VEDETTE_ANSWER_PIXEL:

        ngx_str_set(&type, "image/gif");

        body.data = pixel;
        p = pixel + sizeof(pixel) - 1;
        break;

    case NGX_HTTP_VEDETTE_ANSWER_CREATED:
        status = NGX_HTTP_CREATED;
        break;

    case NGX_HTTP_VEDETTE_ANSWER_ACCEPTED:
        status = NGX_HTTP_ACCEPTED;
        break;

    default: /* NGX_HTTP_VEDETTE_ANSWER_EMPTY */
        break;
    }

    body.len = p - body.data;

    return ngx_http_vedette_send(r, status, &type, &body);
}


/* the preflight: no credentials, no body */

ngx_int_t
ngx_http_vedette_reply_preflight(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    static struct {
        ngx_str_t  name;
        ngx_str_t  value;
    } headers[] = {
        { ngx_string("Access-Control-Allow-Methods"), ngx_string("POST") },
        { ngx_string("Access-Control-Allow-Headers"),
          ngx_string("x-sentry-auth,x-requested-with,x-forwarded-for,origin,"
                     "referer,accept,content-type,authentication,"
                     "authorization,content-encoding,transfer-encoding,"
                     "sentry-trace,baggage") },
        { ngx_string("Access-Control-Max-Age"), ngx_string("3600") },
        { ngx_string("Vary"),
          ngx_string("origin, access-control-request-method, "
                     "access-control-request-headers") },
        { ngx_null_string, ngx_null_string }
    };

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; headers[i].name.len; i++) {
        if (ngx_http_vedette_add_header(r, (char *) headers[i].name.data,
                                        headers[i].name.len,
                                        headers[i].value.data,
                                        headers[i].value.len)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


ngx_int_t
ngx_http_vedette_reply_json(ngx_http_request_t *r, ngx_uint_t status,
    u_char *data, size_t len)
{
    ngx_str_t  type;

    ngx_str_set(&type, "application/json");

    return ngx_http_vedette_reply_text(r, status, &type, data, len);
}


ngx_int_t
ngx_http_vedette_reply_text(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, u_char *data, size_t len)
{
    ngx_str_t  body;

    body.data = data;
    body.len = len;

    return ngx_http_vedette_send(r, status, type, &body);
}


static ngx_int_t
ngx_http_vedette_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = body->len;

    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    /* some SDKs cannot read a compressed answer this small */
    r->gzip_tested = 1;
    r->gzip_ok = 0;

    if (body->len == 0) {
        r->header_only = 1;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_vedette_add_header(ngx_http_request_t *r, char *name,
    size_t name_len, u_char *value, size_t value_len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = name_len;
    h->value.data = value;
    h->value.len = value_len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_allow(ngx_http_request_t *r, ngx_uint_t methods)
{
    ngx_str_t  value;

    if ((methods & NGX_HTTP_GET) && (methods & NGX_HTTP_POST)) {
        ngx_str_set(&value, "GET, POST, OPTIONS");

    } else if (methods & NGX_HTTP_POST) {
        ngx_str_set(&value, "POST, OPTIONS");

    } else {
        ngx_str_set(&value, "GET, HEAD");
    }

    return ngx_http_vedette_add_header(r, "Allow", sizeof("Allow") - 1,
                                       value.data, value.len);
}


static u_char *
ngx_http_vedette_quote(u_char *p, ngx_str_t *s)
{
    *p++ = '"';

    p = (u_char *) ngx_escape_json(p, s->data, s->len);

    *p++ = '"';

    return p;
}


/* Retry-After for a refusal; X-Sentry-Rate-Limits whatever the status is */

static ngx_int_t
ngx_http_vedette_limit_headers(ngx_http_vedette_ctx_t *ctx)
{
    u_char                      *p, *start;
    size_t                       len;
    ngx_uint_t                   i, longest;
    ngx_http_vedette_limit_t    *limit;
    ngx_http_vedette_refusal_t  *refusal;

    if (ctx->verdict == NGX_HTTP_VEDETTE_CLOSED) {
        return ngx_http_vedette_add_header(ctx->request, "Retry-After",
                                           sizeof("Retry-After") - 1,
                                           (u_char *) VEDETTE_BRAKE_RETRY,
                                           sizeof(VEDETTE_BRAKE_RETRY) - 1);
    }

    if (ctx->refusals == NULL) {
        return NGX_OK;
    }

    len = 2 * NGX_INT_T_LEN;

    for (i = 0; ngx_http_vedette_categories[i].len; i++) {
        len += ngx_http_vedette_categories[i].len + 1;
    }

    len = ctx->refusals->nelts * (len + sizeof(limit->scope)
                                  + sizeof(limit->reason) + 8)
          + NGX_INT_T_LEN;

    p = ngx_pnalloc(ctx->request->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    start = p;
    longest = 1;
    refusal = ctx->refusals->elts;

    for (i = 0; i < ctx->refusals->nelts; i++) {
        limit = refusal[i].limit;
        longest = ngx_max(longest, refusal[i].retry);

        if (i) {
            *p++ = ','; *p++ = ' ';
        }

        p = ngx_http_vedette_digits(p, refusal[i].retry);
        *p++ = ':';
        p = ngx_http_vedette_category_list(p, limit->categories);
        *p++ = ':';
        p = ngx_cpymem(p, limit->scope, limit->scope_len);
        *p++ = ':';
        p = ngx_cpymem(p, limit->reason, limit->reason_len);
    }

    if (ngx_http_vedette_add_header(ctx->request, "X-Sentry-Rate-Limits",
                                    sizeof("X-Sentry-Rate-Limits") - 1,
                                    start, p - start)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->verdict != NGX_HTTP_VEDETTE_LIMITED
        && ctx->verdict != NGX_HTTP_VEDETTE_SPOOL_FULL)
    {
        return NGX_OK;
    }

    start = p;
    p = ngx_http_vedette_digits(p, longest);

    return ngx_http_vedette_add_header(ctx->request, "Retry-After",
                                       sizeof("Retry-After") - 1,
                                       start, p - start);
}


static void
ngx_http_vedette_count(ngx_http_vedette_ctx_t *ctx)
{
    ngx_http_vedette_shctx_t  *sh;

    sh = ctx->conf->redis->zone->sh;

    (void) ngx_atomic_fetch_add(&sh->requests, 1);
    (void) ngx_atomic_fetch_add(&sh->verdicts[ctx->verdict], 1);
}


/* the outcomes of a refused request of a known key */

static void
ngx_http_vedette_invalid(ngx_http_vedette_ctx_t *ctx)
{
    char                          *outcome;
    u_char                         reason[64], *p;
    ngx_str_t                     *prefix;
    ngx_uint_t                     i, category;
    ngx_http_vedette_item_t       *item;
    ngx_http_vedette_item_type_t  *t;

    prefix = &ngx_http_vedette_verdicts[ctx->verdict].reason;

    if (ctx->key == NULL || prefix->len == 0) {
        return;
    }

    outcome = "invalid";

    if (ctx->verdict == NGX_HTTP_VEDETTE_SPOOL_FULL) {
        outcome = "rate_limited";

    } else if (ctx->verdict != NGX_HTTP_VEDETTE_ITEM_TOO_LARGE) {

        category = ngx_http_vedette_item_category(&ctx->endpoint->item);

        if (category == NGX_HTTP_VEDETTE_CAT_ATTACHMENT) {

            /* a minidump is an event, and an attachment */

            if (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_SWALLOW) {
                ngx_http_vedette_outcome(ctx, "invalid",
                                         NGX_HTTP_VEDETTE_CAT_ERROR, 1,
                                         prefix->data, prefix->len);
            }

            ngx_http_vedette_outcome(ctx, "invalid",
                                     NGX_HTTP_VEDETTE_CAT_ATTACHMENT_ITEM, 1,
                                     prefix->data, prefix->len);
        }

        ngx_http_vedette_outcome(ctx, "invalid", category, 1, prefix->data,
                                 prefix->len);
        return;
    }

    p = ngx_snprintf(reason, sizeof(reason), "%V%V", prefix, &ctx->too_large);

    item = ctx->items->elts;

    for (i = 0; i < ctx->items->nelts; i++) {
        t = &ngx_http_vedette_item_types[item[i].type];

        if (item[i].dropped) {
            /* a limit has counted it */
            continue;
        }

        if (t->flags & NGX_HTTP_VEDETTE_ITEM_BYTES) {
            ngx_http_vedette_outcome(ctx, outcome, t->category,
                                     item[i].size ? item[i].size : 1, reason,
                                     p - reason);
            ngx_http_vedette_outcome(ctx, outcome, t->second, 1, reason,
                                     p - reason);

        } else {
            ngx_http_vedette_outcome(ctx, outcome, t->category,
                                     item[i].count, reason, p - reason);
            ngx_http_vedette_outcome(ctx, outcome, t->second, item[i].size,
                                     reason, p - reason);
        }
    }
}


/*
 * 32 hex digits, or with dashes; written in lower case without.  NGX_DECLINED:
 * the nil id.  NGX_ERROR: not an id; out is not touched then.
 */

ngx_int_t
ngx_http_vedette_uuid(u_char *out, u_char *p, size_t len)
{
    u_char      ch, id[NGX_HTTP_VEDETTE_ID_LEN], bits, bad;
    ngx_uint_t  i;

    if (len != 32 && len != 36) {
        return NGX_ERROR;
    }

    if (len == 36) {

        if (p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-') {
            return NGX_ERROR;
        }

        ngx_memcpy(id, p, 8);
        ngx_memcpy(id + 8, p + 9, 4);
        ngx_memcpy(id + 12, p + 14, 4);
        ngx_memcpy(id + 16, p + 19, 4);
        ngx_memcpy(id + 20, p + 24, 12);

    } else {
        ngx_memcpy(id, p, NGX_HTTP_VEDETTE_ID_LEN);
    }

    bits = 0;
    bad = 0;

    /* without branches: the compiler takes many bytes at once */

    for (i = 0; i < NGX_HTTP_VEDETTE_ID_LEN; i++) {
        ch = id[i];
        ch |= (u_char) ((u_char) (ch - 'A') < 26) << 5;
        id[i] = ch;

        bits |= ch ^ '0';
        bad |= ((u_char) (ch - '0') > 9) & ((u_char) (ch - 'a') > 5);
    }

    if (bad) {
        return NGX_ERROR;
    }

    if (bits == 0) {
        return NGX_DECLINED;
    }

    ngx_memcpy(out, id, NGX_HTTP_VEDETTE_ID_LEN);

    return NGX_OK;
}


void
ngx_http_vedette_new_uuid(u_char *out)
{
    u_char      id[16];
    ngx_uint_t  i;

    if (getrandom(id, sizeof(id), GRND_NONBLOCK) != (ssize_t) sizeof(id)) {

        for (i = 0; i < sizeof(id); i++) {
            id[i] = (u_char) (ngx_random() >> 7);
        }
    }

    /* version 4, RFC 9562 */

    id[6] = (u_char) ((id[6] & 0x0f) | 0x40);
    id[8] = (u_char) ((id[8] & 0x3f) | 0x80);

    ngx_hex_dump(out, id, sizeof(id));
}


static ngx_int_t
ngx_http_vedette_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                    i, n;
    ngx_http_vedette_loc_conf_t  *vlcf;

    static struct {
        ngx_str_t  name;
        ngx_str_t  value;
    } headers[] = {
        { ngx_string("Access-Control-Allow-Origin"), ngx_string("*") },
        { ngx_string("Cross-Origin-Resource-Policy"),
          ngx_string("cross-origin") },
        { ngx_string("Access-Control-Expose-Headers"),
          ngx_string("x-sentry-error,x-sentry-rate-limits,retry-after") }
    };

    vlcf = ngx_http_get_module_loc_conf(r, ngx_http_vedette_module);

    if (r == r->main && vlcf->enable) {

        /* a preflight has the first two */
        n = (r->method == NGX_HTTP_OPTIONS) ? 2 : 3;

        for (i = 0; i < n; i++) {
            if (ngx_http_vedette_add_header(r, (char *) headers[i].name.data,
                                            headers[i].name.len,
                                            headers[i].value.data,
                                            headers[i].value.len)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_vedette_header_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_vedette_header_filter;

    return NGX_OK;
}
