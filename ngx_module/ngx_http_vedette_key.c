
/*
 * The record of the project key: whose is it, and may it send from here?
 *
 * Records come from Redis only, one HMGET for a key that the zone does not
 * have; requests of the same worker that want the same key wait for that one.
 * A record is labelled with VEDETTE_KEYS_VERSION as it was known before the
 * question was asked, and is good as long as that number has not changed (a
 * timer of each worker asks once a second).  So a change is seen within two
 * seconds, and the label is never newer than what it stands on.  When Redis
 * is away the number cannot change: known keys keep working, and a key that
 * is not known is answered 503, not 403.  An outdated record is better than
 * none: it is used when asking again has failed, and _state.c keeps it across a
 * restart for that.
 *
 * "There is no such key" is remembered too, for a short time and in a list
 * of bounded length, because anybody can make up keys.
 */


#include "ngx_http_vedette_module.h"


/* seconds that a record is used at most, even if nothing seems to change */
#define NGX_HTTP_VEDETTE_KEY_AGE      300
#define NGX_HTTP_VEDETTE_NO_KEY_AGE   10
#define NGX_HTTP_VEDETTE_MAX_NO_KEYS  1024


typedef struct {
    ngx_http_vedette_entry_t     entry;
    ngx_queue_t                  queue;
    uint64_t                     version;
    time_t                       read;
    time_t                       used;
    ngx_uint_t                   unknown;  /* unsigned  unknown:1 */
    u_char                       name[NGX_HTTP_VEDETTE_KEY_NAME];
    /* follows: ngx_http_vedette_key_t, limits, origins */
} ngx_http_vedette_key_node_t;

#define NGX_HTTP_VEDETTE_KEY_HEAD                                             \
    ngx_align(sizeof(ngx_http_vedette_key_node_t), NGX_ALIGNMENT)

#define ngx_http_vedette_key_of(node)                                         \
    ((ngx_http_vedette_key_t *)                                               \
         ((u_char *) (node) + NGX_HTTP_VEDETTE_KEY_HEAD))


struct ngx_http_vedette_lookup_s {
    ngx_str_node_t               sn;
    ngx_http_vedette_redis_t    *redis;
    ngx_queue_t                  waiters;
    uint64_t                     version;
    /* ngx_rbtree_delete() clears the one in the node */
    uint32_t                     hash;
    u_char                       name[NGX_HTTP_VEDETTE_KEY_NAME];
};


typedef struct {
    ngx_str_t                    scheme;
    ngx_str_t                    host;
    ngx_str_t                    port;
} ngx_http_vedette_origin_t;


static ngx_int_t ngx_http_vedette_key_cached(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *name, ngx_uint_t outdated);
static ngx_int_t ngx_http_vedette_key_ask(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *name);
static ngx_int_t ngx_http_vedette_key_stand_in(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *name);
static void ngx_http_vedette_key_answer(void *data, redisReply *reply);
static ngx_http_vedette_key_t *ngx_http_vedette_key_read(redisReply *reply,
    ngx_int_t *rc);
static void ngx_http_vedette_key_keep(ngx_http_vedette_lookup_t *lookup,
    ngx_http_vedette_key_t *key);
static ngx_uint_t ngx_http_vedette_key_same(ngx_http_vedette_key_t *a,
    ngx_http_vedette_key_t *b);
static uint64_t ngx_http_vedette_key_version(ngx_http_vedette_fleet_t *fleet);
static ngx_int_t ngx_http_vedette_origin_allowed(ngx_str_t *origins,
    ngx_str_t *url);
static void ngx_http_vedette_origin_split(ngx_http_vedette_origin_t *origin,
    u_char *p, u_char *last);
static ngx_uint_t ngx_http_vedette_origin_part(ngx_str_t *pattern,
    ngx_str_t *part);
static ngx_uint_t ngx_http_vedette_origin_host(ngx_str_t *pattern,
    ngx_str_t *host);


#define ngx_http_vedette_is_url(s)                                            \
    (ngx_http_vedette_starts(s, "http://")                                    \
     || ngx_http_vedette_starts(s, "https://"))


/* the step: sets ctx->key, or waits for it, or refuses */

ngx_int_t
ngx_http_vedette_key(ngx_http_vedette_ctx_t *ctx)
{
    u_char     buf[NGX_HTTP_VEDETTE_ZONE_NAME];
    ngx_int_t  rc;
    ngx_str_t  name;

    if (ctx->key) {
        return NGX_OK;
    }

    ngx_http_vedette_zone_name(&name, buf, ctx->conf->redis,
                               ctx->public_key.data, ctx->public_key.len);

    rc = ngx_http_vedette_key_cached(ctx, &name, 0);

    if (rc == NGX_AGAIN && ctx->body_read) {
        rc = ngx_http_vedette_key_ask(ctx, &name);
    }

    return rc;
}


/*
 * NGX_OK: ctx->key is set.  NGX_ABORT: refused, there is no such key.
 * NGX_AGAIN: Redis must be asked.
 */

static ngx_int_t
ngx_http_vedette_key_cached(ngx_http_vedette_ctx_t *ctx, ngx_str_t *name,
    ngx_uint_t outdated)
{
    time_t                        age;
    ngx_int_t                     rc;
    ngx_queue_t                  *list;
    ngx_http_vedette_key_t       *key, *src;
    ngx_http_vedette_zone_t      *zone;
    ngx_http_vedette_key_node_t  *node;

    zone = ctx->conf->redis->zone;

    rc = NGX_AGAIN;

    ngx_shmtx_lock(&zone->shpool->mutex);

    node = ngx_http_vedette_table_find(&zone->sh->keys, name);

    if (node == NULL) {
        goto done;
    }

    age = ngx_time() - node->read;

    if (!outdated
        && (node->version != ngx_http_vedette_key_version(ctx->conf->fleet)
            || age > (time_t) (node->unknown ? NGX_HTTP_VEDETTE_NO_KEY_AGE
                                             : NGX_HTTP_VEDETTE_KEY_AGE)))
    {
        goto done;
    }

    if (node->used != ngx_time()) {

        /* once a second will do to tell the oldest */

        node->used = ngx_time();

        list = node->unknown ? &zone->sh->unknown : &zone->sh->known;

        ngx_queue_remove(&node->queue);
        ngx_queue_insert_head(list, &node->queue);
    }

    if (node->unknown) {
        rc = NGX_DECLINED;
        goto done;
    }

    src = ngx_http_vedette_key_of(node);

    key = ngx_palloc(ctx->request->pool, src->size);

    if (key == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    ngx_memcpy(key, src, src->size);
    ngx_http_vedette_key_fix(key);

    ctx->key = key;
    rc = NGX_OK;

done:

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (rc == NGX_DECLINED) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_WRONG_PROJECT,
                                       NULL);
    }

    return rc;
}


void
ngx_http_vedette_key_fix(ngx_http_vedette_key_t *key)
{
    u_char  *p;

    p = (u_char *) key + ngx_align(sizeof(ngx_http_vedette_key_t),
                                   NGX_ALIGNMENT);

    key->limits = (ngx_http_vedette_limit_t *) p;
    key->origins.data = p + key->nlimits * sizeof(ngx_http_vedette_limit_t);
}


/*
 * Under the lock.  A change of a record raises the number of each server that
 * is there, so their sum changes with any of them, whichever of them is away.
 */

static uint64_t
ngx_http_vedette_key_version(ngx_http_vedette_fleet_t *fleet)
{
    uint64_t                   version;
    ngx_uint_t                 i;
    ngx_http_vedette_redis_t  *redis;

    version = 0;

    for (i = 0; i < fleet->n; i++) {
        redis = fleet->servers[i];
        version += redis->zone->sh->servers[redis->slot].version;
    }

    return version;
}


/* one question for all requests of this worker that want the key */

static ngx_int_t
ngx_http_vedette_key_ask(ngx_http_vedette_ctx_t *ctx, ngx_str_t *name)
{
    u_char                      buf[sizeof(VEDETTE_KEY_PREFIX)
                                    + NGX_HTTP_VEDETTE_KEY_LEN];
    uint32_t                    hash;
    ngx_str_t                   args[8];
    ngx_uint_t                  i;
    ngx_http_vedette_zone_t    *zone;
    ngx_http_vedette_fleet_t   *fleet;
    ngx_http_vedette_redis_t   *redis;
    ngx_http_vedette_lookup_t  *lookup;

    redis = ctx->conf->redis;
    zone = redis->zone;
    hash = ngx_crc32_long(name->data, name->len);

    lookup = (ngx_http_vedette_lookup_t *)
                 ngx_str_rbtree_lookup(&redis->lookups, name, hash);

    if (lookup == NULL) {

        lookup = ngx_alloc(sizeof(ngx_http_vedette_lookup_t), ngx_cycle->log);
        if (lookup == NULL) {
            return NGX_ERROR;
        }

        lookup->redis = redis;
        lookup->hash = hash;
        lookup->sn.node.key = hash;
        lookup->sn.str.data = lookup->name;
        lookup->sn.str.len = name->len;
        ngx_memcpy(lookup->name, name->data, name->len);

        ngx_shmtx_lock(&zone->shpool->mutex);

        lookup->version = ngx_http_vedette_key_version(ctx->conf->fleet);

        ngx_shmtx_unlock(&zone->shpool->mutex);

        ngx_queue_init(&lookup->waiters);

        ngx_str_set(&args[0], "HMGET");
        args[1].data = buf;
        args[1].len = ngx_sprintf(buf, VEDETTE_KEY_PREFIX "%V",
                                  &ctx->public_key)
                      - buf;
        ngx_str_set(&args[2], VEDETTE_K_ORG);
        ngx_str_set(&args[3], VEDETTE_K_PROJECT);
        ngx_str_set(&args[4], VEDETTE_K_KEY);
        ngx_str_set(&args[5], VEDETTE_K_STATE);
        ngx_str_set(&args[6], VEDETTE_K_ORIGINS);
        ngx_str_set(&args[7], VEDETTE_K_LIMITS);

        /* each server has all records */

        fleet = ctx->conf->fleet;

        for (i = 0; i < fleet->n; i++) {
            if (ngx_http_vedette_redis_send(fleet->servers[i], args, 8, NULL,
                                            ngx_http_vedette_key_answer,
                                            lookup))
            {
                break;
            }
        }

        if (i == fleet->n) {
            ngx_free(lookup);

            return ngx_http_vedette_key_stand_in(ctx, name);
        }

        ngx_rbtree_insert(&redis->lookups, &lookup->sn.node);

        (void) ngx_atomic_fetch_add(&zone->sh->lookups, 1);
    }

    ctx->lookup = lookup;
    ngx_queue_insert_tail(&lookup->waiters, &ctx->waiting);

    return NGX_AGAIN;
}


/* Redis does not answer: what we know, even if it is out of date */

static ngx_int_t
ngx_http_vedette_key_stand_in(ngx_http_vedette_ctx_t *ctx, ngx_str_t *name)
{
    ngx_int_t  rc;

    rc = ngx_http_vedette_key_cached(ctx, name, 1);

    if (rc == NGX_AGAIN) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_CONFIG, NULL);
    }

    if (rc == NGX_ERROR) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_INTERNAL, NULL);
    }

    return rc;
}


/* the request ends before the answer came */

void
ngx_http_vedette_lookup_leave(ngx_http_vedette_ctx_t *ctx)
{
    if (ctx->lookup) {
        ngx_queue_remove(&ctx->waiting);
        ctx->lookup = NULL;
    }
}


static void
ngx_http_vedette_key_answer(void *data, redisReply *reply)
{
    ngx_http_vedette_lookup_t *lookup = data;

    ngx_int_t                rc;
    ngx_queue_t             *q;
    ngx_http_vedette_ctx_t  *ctx;
    ngx_http_vedette_key_t  *key;

    ngx_rbtree_delete(&lookup->redis->lookups, &lookup->sn.node);

    key = ngx_http_vedette_key_read(reply, &rc);

    if (rc != NGX_ERROR) {
        ngx_http_vedette_key_keep(lookup, key);
    }

    while (!ngx_queue_empty(&lookup->waiters)) {

        q = ngx_queue_head(&lookup->waiters);
        ctx = ngx_queue_data(q, ngx_http_vedette_ctx_t, waiting);

        ngx_http_vedette_lookup_leave(ctx);

        if (rc == NGX_DECLINED) {
            (void) ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_WRONG_PROJECT,
                                           NULL);

        } else if (rc == NGX_OK) {
            ctx->key = ngx_palloc(ctx->request->pool, key->size);

            if (ctx->key == NULL) {
                (void) ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_INTERNAL,
                                               NULL);
            } else {
                ngx_memcpy(ctx->key, key, key->size);
                ngx_http_vedette_key_fix(ctx->key);
            }

        } else {
            (void) ngx_http_vedette_key_stand_in(ctx, &lookup->sn.str);
        }

        ngx_http_vedette_resume(ctx);
    }

    if (key) {
        ngx_free(key);
    }

    ngx_free(lookup);
}


/*
 * Makes the block of a record.  NGX_DECLINED: there is no record.  NGX_ERROR:
 * no answer, or one that we do not understand.
 */

static ngx_http_vedette_key_t *
ngx_http_vedette_key_read(redisReply *reply, ngx_int_t *rc)
{
    off_t                     ids[3];
    ngx_str_t                 state, origins, limits;
    ngx_uint_t                i;
    redisReply              **e;
    ngx_http_vedette_key_t   *key;

    *rc = NGX_ERROR;

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 6)
    {
        return NULL;
    }

    e = reply->element;

    if (e[0]->type == REDIS_REPLY_NIL && e[1]->type == REDIS_REPLY_NIL) {
        *rc = NGX_DECLINED;
        return NULL;
    }

    for (i = 0; i < 6; i++) {
        if (e[i]->type != REDIS_REPLY_STRING
            && (i < 4 || e[i]->type != REDIS_REPLY_NIL))
        {
            goto invalid;
        }
    }

    for (i = 0; i < 3; i++) {
        ids[i] = ngx_atoof((u_char *) e[i]->str, e[i]->len);

        if (ids[i] == NGX_ERROR) {
            goto invalid;
        }
    }

    state.data = (u_char *) e[3]->str;
    state.len = e[3]->len;

    ngx_str_null(&origins);
    ngx_str_null(&limits);

    if (e[4]->type == REDIS_REPLY_STRING) {
        origins.data = (u_char *) e[4]->str;
        origins.len = ngx_min((size_t) e[4]->len, NGX_HTTP_VEDETTE_MAX_ORIGINS);
    }

    if (e[5]->type == REDIS_REPLY_STRING) {
        limits.data = (u_char *) e[5]->str;
        limits.len = e[5]->len;
    }

    key = ngx_http_vedette_key_make(ids, &state,
                      e[4]->type == REDIS_REPLY_STRING ? &origins : NULL,
                      &limits);
    if (key) {
        *rc = NGX_OK;
    }

    return key;

invalid:

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "vedette: a key record in redis is not valid: was it written "
                  "by another version?");

    return NULL;
}


/*
 * The block of a record: ids of organisation, project and key; patterns of
 * origins, or NULL for any; lines of limits.  Freed by ngx_free().
 */

ngx_http_vedette_key_t *
ngx_http_vedette_key_make(off_t *ids, ngx_str_t *state, ngx_str_t *origins,
    ngx_str_t *limits)
{
    size_t                   size;
    u_char                  *p, *last, *end;
    ngx_uint_t               n;
    ngx_http_vedette_key_t  *key;

    p = limits->data;
    last = p + limits->len;

    for (n = (p < last); p < last; p++) {
        if (*p == LF) {
            n++;
        }
    }

    n = ngx_min(n, NGX_HTTP_VEDETTE_MAX_LIMITS);

    size = ngx_align(sizeof(ngx_http_vedette_key_t), NGX_ALIGNMENT)
           + n * sizeof(ngx_http_vedette_limit_t)
           + (origins ? origins->len : 0);

    key = ngx_calloc(size, ngx_cycle->log);
    if (key == NULL) {
        return NULL;
    }

    key->org = (uint64_t) ids[0];
    key->project = (uint64_t) ids[1];
    key->id = (uint64_t) ids[2];
    key->enabled = ngx_http_vedette_is(state, "on");
    key->any_origin = (origins == NULL);

    ngx_http_vedette_key_fix(key);

    p = limits->data;

    for ( /* void */ ; p < last && key->nlimits < n; p = end + 1) {

        end = ngx_strlchr(p, last, LF);
        if (end == NULL) {
            end = last;
        }

        if (end > p
            && ngx_http_vedette_limit_parse(&key->limits[key->nlimits], p, end)
               == NGX_OK)
        {
            key->nlimits++;
        }
    }

    ngx_http_vedette_key_fix(key);

    if (origins) {
        key->origins.len = origins->len;
        ngx_memcpy(key->origins.data, origins->data, origins->len);
    }

    key->size = size;

    return key;
}


static void
ngx_http_vedette_key_keep(ngx_http_vedette_lookup_t *lookup,
    ngx_http_vedette_key_t *key)
{
    ngx_http_vedette_zone_t  *zone;

    zone = lookup->redis->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_http_vedette_key_store(zone, &lookup->sn.str, key, lookup->version,
                               ngx_time());

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/* under the lock; without a record: there is no such key */

void
ngx_http_vedette_key_store(ngx_http_vedette_zone_t *zone, ngx_str_t *name,
    ngx_http_vedette_key_t *key, uint64_t version, time_t read)
{
    size_t                        size;
    ngx_uint_t                    known;
    ngx_queue_t                  *q, *list;
    ngx_http_vedette_key_t       *old;
    ngx_http_vedette_key_node_t  *node;

    known = 0;

    node = ngx_http_vedette_table_find(&zone->sh->keys, name);

    if (node) {

        if (!node->unknown) {
            old = ngx_http_vedette_key_of(node);
            known = (key && ngx_http_vedette_key_same(old, key));
            zone->sh->keys_changed += (key == NULL);
        }

        ngx_http_vedette_key_forget(zone, &node->queue);
    }

    zone->sh->keys_changed += (key && !known);

    if (key == NULL && zone->sh->nunknown >= NGX_HTTP_VEDETTE_MAX_NO_KEYS) {
        q = ngx_queue_last(&zone->sh->unknown);
        ngx_http_vedette_key_forget(zone, q);
    }

    size = NGX_HTTP_VEDETTE_KEY_HEAD + (key ? key->size : 0);

    node = ngx_http_vedette_zone_alloc(zone, size);

    if (node == NULL) {
        /* then we ask again next time */
        return;
    }

    node->version = version;
    node->read = read;
    node->used = ngx_time();
    node->unknown = (key == NULL);

    if (key) {
        ngx_memcpy(ngx_http_vedette_key_of(node), key, key->size);
        list = &zone->sh->known;
        zone->sh->nknown++;

    } else {
        list = &zone->sh->unknown;
        zone->sh->nunknown++;
    }

    ngx_http_vedette_table_add(&zone->sh->keys, &node->entry, name, node->name);
    ngx_queue_insert_head(list, &node->queue);
}


/* but for the pointers, which are those of whoever made the block */

static ngx_uint_t
ngx_http_vedette_key_same(ngx_http_vedette_key_t *a, ngx_http_vedette_key_t *b)
{
    size_t  head;

    head = ngx_align(sizeof(ngx_http_vedette_key_t), NGX_ALIGNMENT);

    return a->size == b->size && a->org == b->org && a->project == b->project
           && a->id == b->id && a->nlimits == b->nlimits
           && a->origins.len == b->origins.len && a->enabled == b->enabled
           && a->any_origin == b->any_origin
           && ngx_memcmp((u_char *) a + head, (u_char *) b + head,
                         a->size - head)
              == 0;
}


/*
 * Under the lock: a copy of all records that are known, the latest used first,
 * for as long as there is memory.  Freed by ngx_free().
 */

ngx_http_vedette_known_t *
ngx_http_vedette_key_known(ngx_http_vedette_zone_t *zone, size_t *size)
{
    u_char                       *p, *last;
    size_t                        len;
    ngx_queue_t                  *q;
    ngx_http_vedette_key_t       *key;
    ngx_http_vedette_known_t     *known, *first;
    ngx_http_vedette_key_node_t  *node;

    len = 0;

    for (q = ngx_queue_head(&zone->sh->known);
         q != ngx_queue_sentinel(&zone->sh->known);
         q = ngx_queue_next(q))
    {
        node = ngx_queue_data(q, ngx_http_vedette_key_node_t, queue);
        key = ngx_http_vedette_key_of(node);
        len += NGX_HTTP_VEDETTE_KNOWN_HEAD
               + ngx_align(key->size, NGX_ALIGNMENT);
    }

    *size = len;

    first = ngx_alloc(len + 1, ngx_cycle->log);
    if (first == NULL) {
        return NULL;
    }

    p = (u_char *) first;
    last = p + len;

    for (q = ngx_queue_head(&zone->sh->known);
         q != ngx_queue_sentinel(&zone->sh->known) && p < last;
         q = ngx_queue_next(q))
    {
        node = ngx_queue_data(q, ngx_http_vedette_key_node_t, queue);
        key = ngx_http_vedette_key_of(node);

        known = (ngx_http_vedette_known_t *) p;
        ngx_memcpy(known->name, node->name, sizeof(node->name));

        p += NGX_HTTP_VEDETTE_KNOWN_HEAD;
        ngx_memcpy(p, key, key->size);
        ngx_http_vedette_key_fix((ngx_http_vedette_key_t *) p);

        p += ngx_align(key->size, NGX_ALIGNMENT);
    }

    return first;
}


/* under the lock */

void
ngx_http_vedette_key_forget(ngx_http_vedette_zone_t *zone, ngx_queue_t *q)
{
    ngx_http_vedette_key_node_t  *node;

    node = ngx_queue_data(q, ngx_http_vedette_key_node_t, queue);

    if (node->unknown) {
        zone->sh->nunknown--;

    } else {
        zone->sh->nknown--;
    }

    ngx_queue_remove(q);
    ngx_http_vedette_table_remove(&zone->sh->keys, &node->entry);
    ngx_slab_free_locked(zone->shpool, node);
}


/*
 * The step: the key is known; is it this project's, enabled, from here?  What
 * is not a URL ("Origin: null") is as good as no origin, and is allowed.
 */

ngx_int_t
ngx_http_vedette_admit(ngx_http_vedette_ctx_t *ctx)
{
    ngx_str_t                url;
    ngx_table_elt_t         *referer;
    ngx_http_vedette_key_t  *key;

    if (ctx->admitted) {
        return NGX_OK;
    }

    key = ctx->key;

    if (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_NO_PROJECT) {
        ctx->project = key->project;
    }

    if (!key->enabled || key->project != ctx->project) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_WRONG_PROJECT,
                                       NULL);
    }

    if (!key->any_origin) {

        url = ctx->origin;
        referer = ctx->request->headers_in.referer;

        if (!ngx_http_vedette_is_url(&url) && referer) {
            url = referer->value;
        }

        if (ngx_http_vedette_is_url(&url)
            && ngx_http_vedette_origin_allowed(&key->origins, &url) != NGX_OK)
        {
            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_WRONG_ORIGIN,
                                           NULL);
        }
    }

    ctx->admitted = 1;

    return NGX_OK;
}


/*
 * Patterns are separated by blanks: [scheme://]host[:port][/anything], where
 * "*" is any and "*.x" is x and all below it.
 */

static ngx_int_t
ngx_http_vedette_origin_allowed(ngx_str_t *origins, ngx_str_t *url)
{
    u_char                     *p, *last, *end;
    ngx_http_vedette_origin_t   origin, pattern;

    ngx_http_vedette_origin_split(&origin, url->data, url->data + url->len);

    p = origins->data;
    last = p + origins->len;

    for ( /* void */ ; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ' ');
        if (end == NULL) {
            end = last;
        }

        if (end == p) {
            continue;
        }

        ngx_http_vedette_origin_split(&pattern, p, end);

        if (ngx_http_vedette_origin_part(&pattern.scheme, &origin.scheme)
            && ngx_http_vedette_origin_part(&pattern.port, &origin.port)
            && ngx_http_vedette_origin_host(&pattern.host, &origin.host))
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* [scheme://][user@]host[:port][/anything]; a part that is not there is "" */

static void
ngx_http_vedette_origin_split(ngx_http_vedette_origin_t *origin, u_char *p,
    u_char *last)
{
    u_char  *q;

    ngx_str_null(&origin->scheme);
    ngx_str_null(&origin->port);

    for (q = p; q + 2 < last; q++) {
        if (q[0] == ':' && q[1] == '/' && q[2] == '/') {
            origin->scheme.data = p;
            origin->scheme.len = q - p;
            p = q + 3;
            break;
        }
    }

    for (q = p; q < last; q++) {
        if (*q == '/' || *q == '?' || *q == '#') {
            last = q;
            break;
        }
    }

    q = ngx_strlchr(p, last, '@');
    if (q) {
        p = q + 1;
    }

    if (p < last && *p == '[') {
        q = ngx_strlchr(p, last, ']');
        q = q ? q + 1 : last;

    } else {
        q = ngx_strlchr(p, last, ':');
        q = q ? q : last;
    }

    origin->host.data = p;
    origin->host.len = q - p;

    if (q < last && *q == ':') {
        origin->port.data = q + 1;
        origin->port.len = last - (q + 1);
    }
}


static ngx_uint_t
ngx_http_vedette_origin_part(ngx_str_t *pattern, ngx_str_t *part)
{
    if (pattern->len == 0 || (pattern->len == 1 && pattern->data[0] == '*')) {
        return 1;
    }

    return pattern->len == part->len
           && ngx_strncasecmp(pattern->data, part->data, part->len) == 0;
}


static ngx_uint_t
ngx_http_vedette_origin_host(ngx_str_t *pattern, ngx_str_t *host)
{
    size_t     skip;
    ngx_str_t  tail;

    if (ngx_http_vedette_origin_part(pattern, host)) {
        return 1;
    }

    if (pattern->len < 3 || pattern->data[0] != '*' || pattern->data[1] != '.')
    {
        return 0;
    }

    /* "*.x": x itself, or a name that ends in ".x" */

    skip = (host->len == pattern->len - 2) ? 2 : 1;

    tail.data = pattern->data + skip;
    tail.len = pattern->len - skip;

    return host->len >= tail.len
           && ngx_strncasecmp(tail.data, host->data + host->len - tail.len,
                              tail.len)
              == 0;
}
