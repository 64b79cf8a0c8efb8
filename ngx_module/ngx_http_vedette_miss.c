
/*
 * Near misses: who knocks at a project and is refused, for the page that waits
 * for its first event.
 *
 * It is a hint.  The same one is told once in five seconds by each worker, and
 * no more than twenty a second are told in all; nobody waits for it, and
 * without Redis it is gone.  No credential is in it.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_MISSES      64     /* that are remembered */
#define NGX_HTTP_VEDETTE_MISS_PAUSE  5
#define NGX_HTTP_VEDETTE_MISS_RATE   20     /* a second */


typedef struct {
    uint32_t                      hash;
    time_t                        at;
} ngx_http_vedette_miss_t;


static ngx_uint_t ngx_http_vedette_miss_fresh(u_char *p, size_t len);


static ngx_http_vedette_miss_t  ngx_http_vedette_misses[
                                                   NGX_HTTP_VEDETTE_MISSES];

static ngx_str_t  ngx_http_vedette_miss_script = ngx_string(
    "redis.call('LPUSH', KEYS[1], ARGV[1]) "
    "redis.call('LTRIM', KEYS[1], 0, ARGV[2]) "
    "redis.call('EXPIRE', KEYS[1], ARGV[3]) "
    "return 1");


/* what people can do something about; else NULL */

static ngx_str_t *
ngx_http_vedette_miss_reason(ngx_http_vedette_ctx_t *ctx)
{
    static ngx_str_t  unknown = ngx_string("key_unknown");
    static ngx_str_t  off = ngx_string("key_off");
    static ngx_str_t  other = ngx_string("key_other_project");

    switch (ctx->verdict) {

    case NGX_HTTP_VEDETTE_ACCEPTED:
    case NGX_HTTP_VEDETTE_NOT_FOUND:
    case NGX_HTTP_VEDETTE_SPOOL_FULL:
    case NGX_HTTP_VEDETTE_NO_QUEUE:
    case NGX_HTTP_VEDETTE_NO_CONFIG:
    case NGX_HTTP_VEDETTE_CLOSED:
    case NGX_HTTP_VEDETTE_INTERNAL:
        return NULL;

    case NGX_HTTP_VEDETTE_WRONG_PROJECT:

        if (ctx->key == NULL) {
            return &unknown;
        }

        return ctx->key->enabled ? &other : &off;

    default:
        return ngx_http_vedette_verdict_name(ctx->verdict);
    }
}


void
ngx_http_vedette_miss(ngx_http_vedette_ctx_t *ctx)
{
    size_t       len;
    u_char       buf[512], now[NGX_INT64_LEN], *p, *start;
    ngx_str_t    args[7], *reason, *addr;
    ngx_uint_t   i;

    if (ctx->project == 0) {
        return;
    }

    reason = ngx_http_vedette_miss_reason(ctx);

    if (reason == NULL) {
        return;
    }

    addr = &ctx->request->connection->addr_text;

    /* the time before it is for those that are told */
    start = buf + NGX_INT64_LEN + 1;

    p = ngx_http_vedette_digits(start, ctx->project);
    *p++ = ' ';
    p = ngx_cpymem(p, reason->data, reason->len);
    *p++ = ' ';
    p = ngx_cpymem(p, addr->data, addr->len);
    *p++ = ' ';

    len = ngx_min(ctx->origin.len, VEDETTE_MISS_ORIGIN);

    for (i = 0; i < len; i++) {
        *p++ = (ctx->origin.data[i] > ' ' && ctx->origin.data[i] < 0x7f)
               ? ctx->origin.data[i] : '?';
    }

    if (!ngx_http_vedette_miss_fresh(start, p - start)) {
        return;
    }

    len = ngx_http_vedette_digits(now, ngx_time()) - now;
    start -= len + 1;

    ngx_memcpy(start, now, len);
    start[len] = ' ';

    ngx_str_set(&args[0], "EVAL");
    args[1] = ngx_http_vedette_miss_script;
    ngx_str_set(&args[2], "1");
    ngx_str_set(&args[3], VEDETTE_MISSES);
    args[4].data = start;
    args[4].len = p - start;
    ngx_str_set(&args[5], VEDETTE_MISSES_LAST);
    ngx_str_set(&args[6], VEDETTE_MISSES_TTL);

    (void) ngx_http_vedette_redis_send(ctx->conf->redis, args, 7, NULL, NULL,
                                       NULL);
}


/* not told of late, and there is room for it in this second */

static ngx_uint_t
ngx_http_vedette_miss_fresh(u_char *p, size_t len)
{
    static time_t             second;
    static ngx_uint_t         told;

    uint32_t                  hash;
    ngx_http_vedette_miss_t  *m;

    hash = ngx_murmur_hash2(p, len);
    m = &ngx_http_vedette_misses[hash % NGX_HTTP_VEDETTE_MISSES];

    if (m->hash == hash && ngx_time() - m->at < NGX_HTTP_VEDETTE_MISS_PAUSE) {
        return 0;
    }

    if (second != ngx_time()) {
        second = ngx_time();
        told = 0;
    }

    if (told == NGX_HTTP_VEDETTE_MISS_RATE) {
        return 0;
    }

    told++;
    m->hash = hash;
    m->at = ngx_time();

    return 1;
}
