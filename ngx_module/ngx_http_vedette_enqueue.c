
/*
 * Make it durable: XADD, else the spool; and the only place where a durable
 * token is made.
 *
 * 200 means durable.  ngx_http_vedette_reply_accepted() wants a token, and the
 * token's type is complete in this file alone, which makes one when Redis has
 * acknowledged the entry, that is, with "appendfsync always", after its fsync,
 * and when the spool has called fdatasync with success.  So no other path in
 * the module can answer an event with 200; the compiler sees to it.
 *
 * What Redis does not take, or not in time, goes to the spool if there is one.
 * It may have landed in Redis all the same: an event that comes twice is stored
 * once.  Without a spool the answer is 503.
 */


#include "ngx_http_vedette_module.h"


struct ngx_http_vedette_durable_s {
    ngx_http_vedette_ctx_t  *ctx;
};


#define NGX_HTTP_VEDETTE_FIELDS  19

/* words before the first field */
#define NGX_HTTP_VEDETTE_XADD    3

#define NGX_HTTP_VEDETTE_WORDS                                                \
    (NGX_HTTP_VEDETTE_APART_WORDS + 2 * NGX_HTTP_VEDETTE_FIELDS)


static ngx_http_vedette_redis_t *ngx_http_vedette_server_of(
    ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_to_redis(ngx_http_vedette_ctx_t *ctx);
static void ngx_http_vedette_apart(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc);
static void ngx_http_vedette_received(ngx_str_t *text);
static ngx_uint_t ngx_http_vedette_message(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *arg, char *version, ngx_str_t *coding);
static ngx_uint_t ngx_http_vedette_pack(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *args, ngx_uint_t n, off_t size);
static ngx_int_t ngx_http_vedette_to_spool(ngx_http_vedette_ctx_t *ctx);
static void ngx_http_vedette_not_enqueued(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_unspooled(ngx_http_vedette_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_vedette_field(ngx_str_t **arg, char *name, u_char *data,
    size_t len);
static void ngx_http_vedette_header_field(ngx_str_t **arg, char *name,
    ngx_table_elt_t *h);
static u_char *ngx_http_vedette_dropped(u_char *dst, ngx_array_t *items);
static void ngx_http_vedette_enqueued(void *data, redisReply *reply);
static void ngx_http_vedette_spooled(void *data, ngx_int_t rc);


/* the content codings, as the worker is told of them */

static ngx_str_t  ngx_http_vedette_coding_names[] = {
    ngx_null_string,
    ngx_string("gzip"),
    ngx_string("deflate"),
    ngx_string("br"),
    ngx_string("zstd")
};

/* which nobody but us may send */
static ngx_str_t  ngx_http_vedette_coding_lz4 =
    ngx_string(VEDETTE_ENCODING_LZ4);


/* the last step */

ngx_int_t
ngx_http_vedette_enqueue(ngx_http_vedette_ctx_t *ctx)
{
    ngx_http_vedette_loc_conf_t  *conf;

    if (ctx->nothing) {
        return NGX_OK;
    }

    conf = ctx->conf;

    ctx->queued_at = ngx_http_vedette_now();
    ctx->server = ngx_http_vedette_server_of(ctx);

    if (conf->durability == NGX_HTTP_VEDETTE_RELAXED
        || (conf->durability == NGX_HTTP_VEDETTE_BY_REDIS
            && !(ctx->server->lax && conf->spool)))
    {
        if (ngx_http_vedette_to_redis(ctx) == NGX_AGAIN) {
            return NGX_AGAIN;
        }
    }

    return ngx_http_vedette_to_spool(ctx);
}


/* where the events of the key go: workers read all servers */

static ngx_http_vedette_redis_t *
ngx_http_vedette_server_of(ngx_http_vedette_ctx_t *ctx)
{
    uint32_t                   hash;
    ngx_http_vedette_fleet_t  *fleet;

    fleet = ctx->conf->fleet;

    if (fleet->n == 1) {
        return fleet->servers[0];
    }

    hash = ngx_crc32_long(ctx->public_key.data, NGX_HTTP_VEDETTE_KEY_LEN);

    return fleet->servers[hash % fleet->n];
}


static ngx_int_t
ngx_http_vedette_to_redis(ngx_http_vedette_ctx_t *ctx)
{
    char         *version;
    off_t         size;
    ngx_str_t     args[NGX_HTTP_VEDETTE_WORDS], *coding;
    ngx_uint_t    n;
    ngx_chain_t  *body, *packed;

    ngx_http_vedette_share_t  *share;

    size = ngx_http_vedette_body_size(ctx->body);

    if (size > VEDETTE_BODY_INLINE) {
        return ngx_http_vedette_body_send(ctx, size, ngx_http_vedette_apart);
    }

    body = ctx->body;
    coding = &ngx_http_vedette_coding_names[ctx->coding];
    version = VEDETTE_MESSAGE_VERSION_PACKED;

    if (ctx->conf->durability == NGX_HTTP_VEDETTE_BY_REDIS
        && ctx->coding == NGX_HTTP_VEDETTE_IDENTITY)
    {
        packed = ngx_http_vedette_lz4(ctx->request->pool, body, (size_t) size);

        if (packed) {
            body = packed;
            size = ngx_http_vedette_body_size(body);
            coding = &ngx_http_vedette_coding_lz4;
            version = VEDETTE_MESSAGE_VERSION_LZ4;
        }
    }

    ngx_str_set(&args[0], "XADD");
    ngx_str_set(&args[1], VEDETTE_STREAM);
    ngx_str_set(&args[2], "*");

    n = ngx_http_vedette_message(ctx, args + NGX_HTTP_VEDETTE_XADD,
                                 version, coding);
    if (n) {
        n = ngx_http_vedette_pack(ctx, args + NGX_HTTP_VEDETTE_XADD, n, size);
    }

    if (n == 0) {
        return NGX_ERROR;
    }

    if (n == 2) {
        share = &ctx->share;

        share->text = args[NGX_HTTP_VEDETTE_XADD + 1];
        share->body = body;
        share->size = (size_t) size;
        share->handler = ngx_http_vedette_enqueued;
        share->data = ctx;

        if (ngx_http_vedette_several_add(ctx->server, share) == NGX_OK) {
            return NGX_AGAIN;
        }
    }

    ctx->job = ngx_http_vedette_redis_send(ctx->server, args,
                                           NGX_HTTP_VEDETTE_XADD + n,
                                           body, ngx_http_vedette_enqueued,
                                           ctx);

    return ctx->job ? NGX_AGAIN : NGX_ERROR;
}


/*
 * All fields go into the first, behind the version, the body last: Redis needs
 * half the instructions for an entry of 5 words that it does for one of 27.
 * What is too long for that stays a field of its own.  Answer: how many words
 * there are then, the last of which the body is to continue; 0: no memory.
 */

static ngx_uint_t
ngx_http_vedette_pack(ngx_http_vedette_ctx_t *ctx, ngx_str_t *args,
    ngx_uint_t n, off_t size)
{
    u_char      *p, *start;
    size_t       len;
    ngx_uint_t   i;

    len = args[1].len + 1 + NGX_OFF_T_LEN + 1;

    for (i = 2; i < n; i += 2) {

        if (args[i + 1].len > VEDETTE_PACKED_MAX) {
            /* readers take them all as they are, too */
            goto beside;
        }

        len += 1 + NGX_SIZE_T_LEN + 1 + args[i + 1].len;
    }

    start = ngx_pnalloc(ctx->request->pool, NGX_HTTP_VEDETTE_SHARE_ROOM + len);
    if (start == NULL) {
        return 0;
    }

    start += NGX_HTTP_VEDETTE_SHARE_ROOM;

    p = ngx_cpymem(start, args[1].data, args[1].len);

    for (i = 2; i < n; i += 2) {
        *p++ = args[i].data[0];
        p = ngx_http_vedette_length(p, args[i + 1].len);
        *p++ = ':';
        p = ngx_cpymem(p, args[i + 1].data, args[i + 1].len);
    }

    n = 2;

    args[1].data = start;
    args[1].len = p - start;

    if (size > VEDETTE_PACKED_MAX) {
        goto beside;
    }

    *p++ = VEDETTE_F_BODY[0];
    p = ngx_http_vedette_digits(p, (uint64_t) size);
    *p++ = ':';

    args[1].len = p - start;

    return n;

beside:

    ngx_str_set(&args[n], VEDETTE_F_BODY);
    ngx_str_set(&args[n + 1], "");

    return n + 2;
}


/* a large body is there, or not: now the entry that makes it an event */

static void
ngx_http_vedette_apart(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc)
{
    ngx_str_t   args[NGX_HTTP_VEDETTE_WORDS];
    ngx_uint_t  n;

    if (rc == NGX_OK) {
        ngx_http_vedette_body_end(ctx, args);

        n = ngx_http_vedette_message(ctx, args + NGX_HTTP_VEDETTE_APART_WORDS,
                                     VEDETTE_MESSAGE_VERSION_APART,
                                 &ngx_http_vedette_coding_names[ctx->coding]);

        if (n) {
            n += NGX_HTTP_VEDETTE_APART_WORDS;

            ngx_str_set(&args[n], VEDETTE_F_SIZE);
            args[n + 1] = args[NGX_HTTP_VEDETTE_APART_WORDS - 3];

            ctx->job = ngx_http_vedette_redis_send(ctx->server, args,
                                               n + 2, NULL,
                                               ngx_http_vedette_enqueued, ctx);
            if (ctx->job) {
                return;
            }
        }
    }

    ngx_http_vedette_not_enqueued(ctx);
}


/* nginx's clock in digits, which is the same for what comes in one turn */

static void
ngx_http_vedette_received(ngx_str_t *text)
{
    ngx_time_t  *tp;

    static u_char      digits[NGX_INT64_LEN];
    static size_t      len;
    static time_t      sec;
    static ngx_uint_t  msec;

    tp = ngx_timeofday();

    if (len == 0 || sec != tp->sec || msec != tp->msec) {
        sec = tp->sec;
        msec = tp->msec;
        len = ngx_http_vedette_digits(digits, (uint64_t) sec * 1000000
                                              + msec * 1000)
              - digits;
    }

    text->data = digits;
    text->len = len;
}


/*
 * Fields and values of the entry but for the body, until the next event; 0: no
 * memory.
 */

static ngx_uint_t
ngx_http_vedette_message(ngx_http_vedette_ctx_t *ctx, ngx_str_t *arg,
    char *version, ngx_str_t *coding)
{
    u_char              *p, *start;
    size_t               len;
    ngx_str_t           *args, received;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    len = 4 * NGX_INT64_LEN + r->args.len
          + ctx->items->nelts * (NGX_INT_T_LEN + 1);

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return 0;
    }

    args = arg;

    ngx_http_vedette_field(&arg, VEDETTE_F_VERSION, (u_char *) version,
                           ngx_strlen(version));

    ngx_http_vedette_field(&arg, VEDETTE_F_ENDPOINT, ctx->endpoint->name.data,
                           ctx->endpoint->name.len);

    start = p;
    p = ngx_http_vedette_length(p, ctx->key->org);
    ngx_http_vedette_field(&arg, VEDETTE_F_ORG, start, p - start);

    start = p;
    p = ngx_http_vedette_length(p, ctx->key->project);
    ngx_http_vedette_field(&arg, VEDETTE_F_PROJECT, start, p - start);

    start = p;
    p = ngx_http_vedette_length(p, ctx->key->id);
    ngx_http_vedette_field(&arg, VEDETTE_F_KEY, start, p - start);

    if (ctx->has_id) {
        ngx_http_vedette_field(&arg, VEDETTE_F_EVENT_ID, ctx->event_id,
                               NGX_HTTP_VEDETTE_ID_LEN);
    }

    ngx_http_vedette_received(&received);
    ngx_http_vedette_field(&arg, VEDETTE_F_RECEIVED, received.data,
                           received.len);

    ngx_http_vedette_field(&arg, VEDETTE_F_ENCODING, coding->data, coding->len);

    ngx_http_vedette_header_field(&arg, VEDETTE_F_TYPE,
                                  r->headers_in.content_type);

    ngx_http_vedette_field(&arg, VEDETTE_F_CLIENT, ctx->client.data,
                           ctx->client.len);

    ngx_http_vedette_field(&arg, VEDETTE_F_ADDR, c->addr_text.data,
                           c->addr_text.len);

    ngx_http_vedette_header_field(&arg, VEDETTE_F_AGENT,
                                  r->headers_in.user_agent);

    ngx_http_vedette_field(&arg, VEDETTE_F_PARAM, ctx->param.data,
                           ctx->param.len);

    start = p;
    p = ngx_http_vedette_query(p, &r->args);
    ngx_http_vedette_field(&arg, VEDETTE_F_QUERY, start, p - start);

    ngx_http_vedette_field(&arg, VEDETTE_F_HEADERS, ctx->passed.data,
                           ctx->passed.len);

    start = p;
    p = ngx_http_vedette_dropped(p, ctx->items);
    ngx_http_vedette_field(&arg, VEDETTE_F_DROP, start, p - start);

    return arg - args;
}


static ngx_int_t
ngx_http_vedette_to_spool(ngx_http_vedette_ctx_t *ctx)
{
    u_char                      ch;
    ngx_int_t                   rc;
    ngx_str_t                   args[NGX_HTTP_VEDETTE_WORDS];
    ngx_uint_t                  i, n;
    ngx_time_t                 *tp;
    ngx_http_vedette_record_t   record;

    if (ctx->conf->spool == NULL) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_QUEUE, NULL);
    }

    n = ngx_http_vedette_message(ctx, args, VEDETTE_MESSAGE_VERSION,
                                 &ngx_http_vedette_coding_names[ctx->coding]);

    if (n == 0) {
        return NGX_ERROR;
    }

    ngx_str_set(&args[n], VEDETTE_F_BODY);

    tp = ngx_timeofday();

    ngx_memzero(&record, sizeof(ngx_http_vedette_record_t));

    record.args = args;
    record.nargs = n + 1;
    record.body = ctx->body;
    record.project = ctx->key->project;
    record.received = (uint64_t) tp->sec * 1000000 + tp->msec * 1000;

    if (ctx->has_id) {
        for (i = 0; i < NGX_HTTP_VEDETTE_ID_LEN; i++) {
            ch = ctx->event_id[i];
            ch = (ch <= '9') ? ch - '0' : ch - 'a' + 10;
            record.event_id[i / 2] = (u_char) (record.event_id[i / 2] << 4
                                               | ch);
        }
    }

    ctx->spooled.handler = ngx_http_vedette_spooled;
    ctx->spooled.data = ctx;

    rc = ngx_http_vedette_spool_add(ctx->conf->spool, &record, &ctx->spooled);

    return (rc == NGX_AGAIN) ? NGX_AGAIN : ngx_http_vedette_unspooled(ctx, rc);
}


/* 429 makes SDKs pause, which 503 does not; both make them drop the event */

static ngx_int_t
ngx_http_vedette_unspooled(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc)
{
    if (rc == NGX_DECLINED) {
        return ngx_http_vedette_limit_full(ctx);
    }

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_QUEUE, NULL);
}


/* a field that would be empty is left out */

static void
ngx_http_vedette_field(ngx_str_t **arg, char *name, u_char *data, size_t len)
{
    if (len == 0) {
        return;
    }

    (*arg)->data = (u_char *) name;
    (*arg)->len = ngx_strlen(name);
    (*arg)++;

    (*arg)->data = data;
    (*arg)->len = len;
    (*arg)++;
}


static void
ngx_http_vedette_header_field(ngx_str_t **arg, char *name, ngx_table_elt_t *h)
{
    if (h) {
        ngx_http_vedette_field(arg, name, h->value.data, h->value.len);
    }
}


/* without the credentials, and without what has become the body */

u_char *
ngx_http_vedette_query(u_char *dst, ngx_str_t *args)
{
    u_char      *p, *last, *end, *start, *equal;
    ngx_uint_t   i;

    static ngx_str_t  credentials[] = {
        ngx_string("sentry_key"),
        ngx_string("sentry_secret"),
        ngx_string("sentry_version"),
        ngx_string("sentry_client"),
        ngx_string("sentry_timestamp"),
        ngx_string("sentry_data"),
        ngx_null_string
    };

    start = dst;
    p = args->data;
    last = p + args->len;

    for ( /* void */ ; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        equal = ngx_strlchr(p, end, '=');
        if (equal == NULL) {
            equal = end;
        }

        for (i = 0; credentials[i].len; i++) {
            if (credentials[i].len == (size_t) (equal - p)
                && ngx_strncasecmp(credentials[i].data, p, equal - p) == 0)
            {
                break;
            }
        }

        if (credentials[i].len || end == p) {
            continue;
        }

        if (dst > start) {
            *dst++ = '&';
        }

        dst = ngx_cpymem(dst, p, end - p);
    }

    return dst;
}


static u_char *
ngx_http_vedette_dropped(u_char *dst, ngx_array_t *items)
{
    u_char                   *start;
    ngx_uint_t                i;
    ngx_http_vedette_item_t  *item;

    start = dst;
    item = items->elts;

    for (i = 0; i < items->nelts; i++) {
        if (item[i].dropped) {
            dst = ngx_sprintf(dst, dst > start ? ",%ui" : "%ui",
                              item[i].position);
        }
    }

    return dst;
}


static void
ngx_http_vedette_enqueued(void *data, redisReply *reply)
{
    ngx_http_vedette_ctx_t *ctx = data;

    ngx_http_vedette_durable_t  durable;

    ctx->job = NULL;

    if (reply && reply->type == REDIS_REPLY_STRING) {

        durable.ctx = ctx;

        ngx_http_vedette_finalize(ctx,
                              ngx_http_vedette_reply_accepted(ctx, &durable));
        return;
    }

    if (reply) {
        ngx_http_vedette_not_taken(ctx->server, reply);
    }

    ngx_http_vedette_not_enqueued(ctx);
}


void
ngx_http_vedette_not_taken(ngx_http_vedette_redis_t *redis, redisReply *reply)
{
    if (ngx_time() - redis->logged < 60) {
        return;
    }

    redis->logged = ngx_time();

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "vedette: redis \"%V\" does not take events: %s; is its "
                  "memory or its disk full, is it a replica?", &redis->name,
                  reply->type == REDIS_REPLY_ERROR ? reply->str
                                                   : "unexpected reply");
}


/* Redis has not taken it, or we do not know */

static void
ngx_http_vedette_not_enqueued(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t  rc;

    ngx_http_vedette_body_drop(ctx);

    rc = ngx_http_vedette_to_spool(ctx);

    if (rc == NGX_AGAIN) {
        return;
    }

    if (rc == NGX_ERROR) {
        (void) ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_INTERNAL, NULL);
    }

    ngx_http_vedette_resume(ctx);
}


static void
ngx_http_vedette_spooled(void *data, ngx_int_t rc)
{
    ngx_http_vedette_ctx_t *ctx = data;

    ngx_http_vedette_durable_t  durable;

    if (rc == NGX_OK) {

        ctx->by_spool = 1;
        durable.ctx = ctx;

        ngx_http_vedette_finalize(ctx,
                              ngx_http_vedette_reply_accepted(ctx, &durable));
        return;
    }

    (void) ngx_http_vedette_unspooled(ctx, rc);

    ngx_http_vedette_resume(ctx);
}
