
/*
 * Ends of events: what was refused whole, by the id that its sender knows, for
 * "vedette event" and the page that traces one.
 *
 * It is a trace, not a ledger: outcomes count all of them.  Shared memory has a
 * few rings, and a key has its place in one, so that who floods takes away the
 * places of few others; what nobody has sent in time gives way to what is
 * newer, and is counted as lost.  About once a second what is there goes to
 * Redis in one command; without Redis it waits.
 *
 * Some requests are refused before their body is read.  As long as the ring
 * has room that of a known key is read all the same, if it is small, to find
 * the id in it; so no flood makes us read more than the rings can hold.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_ENDED                                                \
    (NGX_HTTP_VEDETTE_ENDED_RINGS * NGX_HTTP_VEDETTE_ENDED_PLACES)

/* a body is read for its id only */
#define NGX_HTTP_VEDETTE_ENDED_LOOK  (256 * 1024)

/* µs, ids, status, outcome, category, reason, and blanks */
#define NGX_HTTP_VEDETTE_ENDED_TEXT                                           \
    (4 * NGX_INT64_LEN + NGX_HTTP_VEDETTE_ID_LEN + 2 * 32                     \
     + NGX_HTTP_VEDETTE_ENDED_REASON + 8)


typedef struct {
    ngx_http_vedette_zone_t      *zone;
    ngx_uint_t                    n;
    ngx_http_vedette_ended_t      ends[NGX_HTTP_VEDETTE_ENDED];
    ngx_str_t                     args[6 + NGX_HTTP_VEDETTE_ENDED];
    u_char                        text[NGX_HTTP_VEDETTE_ENDED]
                                      [NGX_HTTP_VEDETTE_ENDED_TEXT];
} ngx_http_vedette_ends_t;


static ngx_uint_t ngx_http_vedette_ended_room(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_ended_is(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_ended_t *end);
static void ngx_http_vedette_ended_by_limit(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_ended_t *end);
static void ngx_http_vedette_ended_reason(ngx_http_vedette_ended_t *end,
    u_char *reason, size_t len);
static void ngx_http_vedette_ended_put(ngx_http_vedette_shctx_t *sh,
    ngx_http_vedette_ended_t *end);
static ngx_http_vedette_ends_t *ngx_http_vedette_ended_take(
    ngx_http_vedette_redis_t *redis);
static void ngx_http_vedette_ended_back(ngx_http_vedette_ends_t *ends);
static void ngx_http_vedette_ended_done(void *data, redisReply *reply);


/* the list; its last place, time to live, and what comes to its head */

static ngx_str_t  ngx_http_vedette_ended_script = ngx_string(
    "for i = 3, #ARGV do redis.call('LPUSH', KEYS[1], ARGV[i]) end "
    "redis.call('LTRIM', KEYS[1], 0, ARGV[1]) "
    "redis.call('EXPIRE', KEYS[1], ARGV[2]) "
    "return 1");


/* it is refused already: is its body worth reading? */

ngx_uint_t
ngx_http_vedette_ended_wants(ngx_http_vedette_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->verdict != NGX_HTTP_VEDETTE_WRONG_PROJECT
        && ctx->verdict != NGX_HTTP_VEDETTE_WRONG_ORIGIN)
    {
        return 0;
    }

    return ctx->key && !ctx->has_id && ctx->endpoint->skim
           && r->method == NGX_HTTP_POST && !r->headers_in.chunked
           && r->headers_in.content_length_n > 0
           && r->headers_in.content_length_n <= NGX_HTTP_VEDETTE_ENDED_LOOK
           && ngx_http_vedette_ended_room(ctx);
}


/* the body is there; what else is wrong with it does not matter any more */

void
ngx_http_vedette_ended_look(ngx_http_vedette_ctx_t *ctx)
{
    ngx_str_t  detail, cause;

    if (ctx->items || !ctx->body_read || !ngx_http_vedette_ended_wants(ctx)) {
        return;
    }

    ctx->items = ngx_array_create(ctx->request->pool, 4,
                                  sizeof(ngx_http_vedette_item_t));
    if (ctx->items == NULL) {
        return;
    }

    detail = ctx->detail;
    cause = ctx->cause;

    (void) ctx->endpoint->skim(ctx);

    ctx->detail = detail;
    ctx->cause = cause;
}


/* a place is free: a look without the lock, it need not be exact */

static ngx_uint_t
ngx_http_vedette_ended_room(ngx_http_vedette_ctx_t *ctx)
{
    ngx_uint_t                       ring;
    ngx_http_vedette_ended_ring_t   *e;

    ring = ctx->key->id % NGX_HTTP_VEDETTE_ENDED_RINGS;
    e = &ctx->conf->redis->zone->sh->ended[ring];

    return e->places[e->next % NGX_HTTP_VEDETTE_ENDED_PLACES].project == 0;
}


/* a request of a known key was refused, and answered with this status */

void
ngx_http_vedette_ended(ngx_http_vedette_ctx_t *ctx, ngx_uint_t status,
    ngx_str_t *reason)
{
    ngx_time_t                *tp;
    ngx_http_vedette_ended_t   end;
    ngx_http_vedette_zone_t   *zone;

    if (ctx->key == NULL || !ctx->has_id || ctx->id_made) {
        return;
    }

    end.limited = (ctx->verdict == NGX_HTTP_VEDETTE_SPOOL_FULL);
    end.reason_len = 0;
    ngx_http_vedette_ended_reason(&end, reason->data, reason->len);

    if (ctx->verdict == NGX_HTTP_VEDETTE_ITEM_TOO_LARGE) {
        ngx_http_vedette_ended_reason(&end, ctx->too_large.data,
                                      ctx->too_large.len);
    }

    if (ngx_http_vedette_ended_is(ctx, &end) != NGX_OK || end.reason_len == 0)
    {
        return;
    }

    tp = ngx_timeofday();

    end.redis = ctx->conf->redis->id;
    end.status = (uint16_t) status;
    end.at = (uint64_t) tp->sec * 1000000 + tp->msec * 1000;
    end.org = ctx->key->org;
    end.project = ctx->key->project;
    end.key = ctx->key->id;
    ngx_memcpy(end.event_id, ctx->event_id, NGX_HTTP_VEDETTE_ID_LEN);

    zone = ctx->conf->redis->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_http_vedette_ended_put(zone->sh, &end);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/*
 * Which event it is about, as far as the request was read: attachments and
 * transactions have ids too, but nobody asks after them.
 */

static ngx_int_t
ngx_http_vedette_ended_is(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_ended_t *end)
{
    ngx_uint_t                i, category;
    ngx_http_vedette_item_t  *item;

    item = ctx->items ? ctx->items->elts : NULL;

    for (i = 0; item && i < ctx->items->nelts; i++) {

        category = item[i].event ? NGX_HTTP_VEDETTE_CAT_ERROR
                       : ngx_http_vedette_item_types[item[i].type].category;

        if (category != NGX_HTTP_VEDETTE_CAT_ERROR
            && category != NGX_HTTP_VEDETTE_CAT_SECURITY
            && category != NGX_HTTP_VEDETTE_CAT_FEEDBACK)
        {
            continue;
        }

        end->category = (u_char) category;

        if (item[i].dropped) {
            ngx_http_vedette_ended_by_limit(ctx, end);
        }

        return NGX_OK;
    }

    if (item && i) {
        return NGX_DECLINED;
    }

    /* it was no longer read when an item had come to its end */

    category = ngx_http_vedette_item_category(&ctx->endpoint->item);

    if (category == NGX_HTTP_VEDETTE_CAT_ATTACHMENT) {

        if (!(ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_SWALLOW)) {
            return NGX_DECLINED;
        }

        category = NGX_HTTP_VEDETTE_CAT_ERROR;
    }

    end->category = (u_char) category;

    return NGX_OK;
}


/* the limit that holds for its category, of those that refused something */

static void
ngx_http_vedette_ended_by_limit(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_ended_t *end)
{
    ngx_uint_t                   i, n;
    ngx_http_vedette_refusal_t  *refusal;

    n = ctx->refusals ? ctx->refusals->nelts : 0;
    refusal = n ? ctx->refusals->elts : NULL;

    for (i = 0; i < n; i++) {
        if (refusal[i].limit->categories & ((uint32_t) 1 << end->category)) {
            break;
        }
    }

    if (n == 0) {
        return;
    }

    refusal += (i < n) ? i : 0;

    end->limited = 1;
    end->reason_len = 0;
    ngx_http_vedette_ended_reason(end, refusal->limit->reason,
                                  refusal->limit->reason_len);
}


static void
ngx_http_vedette_ended_reason(ngx_http_vedette_ended_t *end, u_char *reason,
    size_t len)
{
    if (len == 0) {
        return;
    }

    len = ngx_min(len, (size_t) (NGX_HTTP_VEDETTE_ENDED_REASON
                                 - end->reason_len));

    ngx_memcpy(end->reason + end->reason_len, reason, len);
    end->reason_len += (u_char) len;
}


/* under the lock */

static void
ngx_http_vedette_ended_put(ngx_http_vedette_shctx_t *sh,
    ngx_http_vedette_ended_t *end)
{
    ngx_http_vedette_ended_t       *place;
    ngx_http_vedette_ended_ring_t  *ring;

    ring = &sh->ended[end->key % NGX_HTTP_VEDETTE_ENDED_RINGS];
    place = &ring->places[ring->next++ % NGX_HTTP_VEDETTE_ENDED_PLACES];

    if (place->project) {
        (void) ngx_atomic_fetch_add(&sh->ended_lost, 1);

    } else {
        sh->nended++;
    }

    *place = *end;
}


/* about once a second, from each worker: who comes first has all of them */

void
ngx_http_vedette_ended_send(ngx_http_vedette_redis_t *redis)
{
    ngx_http_vedette_job_t   *job;
    ngx_http_vedette_ends_t  *ends;

    if (redis->zone->sh->nended == 0 || redis->down) {
        return;
    }

    ends = ngx_http_vedette_ended_take(redis);

    if (ends == NULL) {
        return;
    }

    job = ngx_http_vedette_redis_send(redis, ends->args, 6 + ends->n, NULL,
                                      ngx_http_vedette_ended_done, ends);
    if (job == NULL) {
        ngx_http_vedette_ended_back(ends);
        return;
    }

    ngx_http_vedette_redis_background(job);
}


/* the worker ends: over a blocking connection, if there is one */

void
ngx_http_vedette_ended_last(ngx_http_vedette_redis_t *redis, redisContext *c)
{
    size_t                    len[6 + NGX_HTTP_VEDETTE_ENDED];
    ngx_uint_t                i;
    const char               *args[6 + NGX_HTTP_VEDETTE_ENDED];
    redisReply               *reply;
    ngx_http_vedette_ends_t  *ends;

    ends = c ? ngx_http_vedette_ended_take(redis) : NULL;

    if (ends == NULL) {
        return;
    }

    for (i = 0; i < 6 + ends->n; i++) {
        args[i] = (char *) ends->args[i].data;
        len[i] = ends->args[i].len;
    }

    reply = redisCommandArgv(c, (int) i, args, len);

    ngx_http_vedette_ended_done(ends, reply);

    if (reply) {
        freeReplyObject(reply);
    }
}


static ngx_http_vedette_ends_t *
ngx_http_vedette_ended_take(ngx_http_vedette_redis_t *redis)
{
    u_char                    *p;
    uint64_t                   numbers[5];
    ngx_str_t                 *arg, *word;
    ngx_uint_t                 i, k;
    ngx_http_vedette_zone_t   *zone;
    ngx_http_vedette_ends_t   *ends;
    ngx_http_vedette_ended_t  *end;

    static ngx_str_t  outcomes[] = {
        ngx_string("invalid"),
        ngx_string("rate_limited")
    };

    ends = ngx_alloc(sizeof(ngx_http_vedette_ends_t), ngx_cycle->log);
    if (ends == NULL) {
        return NULL;
    }

    zone = redis->zone;

    ends->zone = zone;
    ends->n = 0;

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (i = 0; i < NGX_HTTP_VEDETTE_ENDED; i++) {
        end = &zone->sh->ended[i / NGX_HTTP_VEDETTE_ENDED_PLACES]
                         .places[i % NGX_HTTP_VEDETTE_ENDED_PLACES];

        if (end->project && end->redis == redis->id) {
            ends->ends[ends->n++] = *end;
            end->project = 0;
            zone->sh->nended--;
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (ends->n == 0) {
        ngx_free(ends);
        return NULL;
    }

    arg = ends->args;

    ngx_str_set(&arg[0], "EVAL");
    arg[1] = ngx_http_vedette_ended_script;
    ngx_str_set(&arg[2], "1");
    ngx_str_set(&arg[3], VEDETTE_ENDED);
    ngx_str_set(&arg[4], VEDETTE_ENDED_LAST);
    ngx_str_set(&arg[5], VEDETTE_ENDED_TTL);

    for (i = 0; i < ends->n; i++) {
        end = &ends->ends[i];
        word = &ngx_http_vedette_categories[end->category];

        p = ends->text[i];
        arg[6 + i].data = p;

        numbers[0] = end->at;
        numbers[1] = end->org;
        numbers[2] = end->project;
        numbers[3] = end->key;
        numbers[4] = end->status;

        for (k = 0; k < 5; k++) {
            p = ngx_http_vedette_digits(p, numbers[k]);
            *p++ = ' ';
        }

        p = ngx_cpymem(p, end->event_id, NGX_HTTP_VEDETTE_ID_LEN);
        *p++ = ' ';
        p = ngx_cpymem(p, outcomes[end->limited].data,
                       outcomes[end->limited].len);
        *p++ = ' ';
        p = ngx_cpymem(p, word->data, word->len);
        *p++ = ' ';
        p = ngx_cpymem(p, end->reason, end->reason_len);

        arg[6 + i].len = p - arg[6 + i].data;
    }

    return ends;
}


/* where there is still room */

static void
ngx_http_vedette_ended_back(ngx_http_vedette_ends_t *ends)
{
    ngx_uint_t                       i;
    ngx_http_vedette_shctx_t        *sh;
    ngx_http_vedette_ended_ring_t   *ring;

    sh = ends->zone->sh;

    ngx_shmtx_lock(&ends->zone->shpool->mutex);

    for (i = 0; i < ends->n; i++) {
        ring = &sh->ended[ends->ends[i].key % NGX_HTTP_VEDETTE_ENDED_RINGS];

        if (ring->places[ring->next % NGX_HTTP_VEDETTE_ENDED_PLACES].project) {
            (void) ngx_atomic_fetch_add(&sh->ended_lost, 1);

        } else {
            ngx_http_vedette_ended_put(sh, &ends->ends[i]);
        }
    }

    ngx_shmtx_unlock(&ends->zone->shpool->mutex);

    ngx_free(ends);
}


/* no answer: once more, the reader knows what it has had.  An error: gone */

static void
ngx_http_vedette_ended_done(void *data, redisReply *reply)
{
    ngx_http_vedette_ends_t *ends = data;

    if (reply == NULL) {
        ngx_http_vedette_ended_back(ends);
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        (void) ngx_atomic_fetch_add(&ends->zone->sh->ended_lost, ends->n);
    }

    ngx_free(ends);
}
