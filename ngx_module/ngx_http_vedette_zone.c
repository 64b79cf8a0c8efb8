
/*
 * Shared memory: what the workers of a node know together.
 *
 *     keys      records of project keys, and the news that a key is unknown
 *     quotas    how far the counters of limits have come
 *     outcomes  counters on their way to Redis
 *
 * Each is a table of strings.  A name begins with four bytes of the Redis
 * server, so that two installations on one nginx do not see each other's.
 * When the zone is full, the oldest go: first the unknown keys, which anybody
 * can make up, then the known ones and the quotas, which Redis still has.
 * Outcomes never go; if one finds no room at all it is counted as lost and
 * the log tells.
 *
 * An outcome is not lost and not doubled on the way to Redis either: one
 * worker takes a batch out of the zone, gives it a name, and sends it together
 * with that name until there is an answer; the script that adds it refuses
 * a name that it has seen.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_BATCH      128
#define NGX_HTTP_VEDETTE_OUTCOME    (NGX_HTTP_VEDETTE_ZONE_NAME - 4)

#define NGX_HTTP_VEDETTE_LAYOUT                                               \
    ((uint64_t) sizeof(ngx_http_vedette_shctx_t) << 32                        \
     | sizeof(ngx_http_vedette_key_t) << 16                                   \
     | sizeof(ngx_http_vedette_limit_t))

/* a key takes about half of this */
#define NGX_HTTP_VEDETTE_BUCKET     512

/* so many of the oldest go for one that is new */
#define NGX_HTTP_VEDETTE_MAX_EVICT  32


typedef struct {
    ngx_http_vedette_entry_t     entry;
    ngx_queue_t                  queue;
    uint64_t                     count;
    u_char                       data[1];
} ngx_http_vedette_outcome_node_t;


typedef struct {
    uint64_t                     count;
    size_t                       len;
    size_t                       count_len;
    u_char                       count_text[NGX_INT64_LEN];
    u_char                       name[NGX_HTTP_VEDETTE_OUTCOME];
} ngx_http_vedette_batch_entry_t;


struct ngx_http_vedette_flush_s {
    ngx_http_vedette_redis_t        *redis;
    ngx_http_vedette_job_t          *job;
    ngx_uint_t                       n;
    size_t                           marker_len;
    u_char                           marker[128];
    ngx_str_t                        args[5 + 2 * NGX_HTTP_VEDETTE_BATCH];
    ngx_http_vedette_batch_entry_t   entries[NGX_HTTP_VEDETTE_BATCH];
};

typedef struct ngx_http_vedette_flush_s  ngx_http_vedette_flush_t;


static ngx_int_t ngx_http_vedette_table_init(ngx_http_vedette_table_t *table,
    ngx_slab_pool_t *shpool, size_t size);
static ngx_int_t ngx_http_vedette_zone_evict(ngx_http_vedette_zone_t *zone);
static void ngx_http_vedette_outcome_add(ngx_http_vedette_zone_t *zone,
    u_char *name, size_t len, uint64_t count);
static ngx_http_vedette_flush_t *ngx_http_vedette_flush_take(
    ngx_http_vedette_redis_t *redis, ngx_uint_t force);
static void ngx_http_vedette_flush_back(ngx_http_vedette_flush_t *flush);
static void ngx_http_vedette_flush_done(void *data, redisReply *reply);


/* counters, marker of the batch; name and number of each counter */

static ngx_str_t  ngx_http_vedette_outcomes_script = ngx_string(
    "if redis.call('SET', KEYS[2], '1', 'NX', 'EX', 3600) then "
    "for i = 1, #ARGV, 2 do "
    "redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) "
    "end end "
    "return 1");

static ngx_uint_t  ngx_http_vedette_batches;


ngx_int_t
ngx_http_vedette_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_vedette_zone_t *ozone = data;

    size_t                    len;
    ngx_http_vedette_zone_t  *zone;

    zone = shm_zone->data;

    if (ozone) {
        zone->sh = ozone->sh;
        zone->shpool = ozone->shpool;

        if (zone->sh->layout != NGX_HTTP_VEDETTE_LAYOUT) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "vedette: the module was replaced by another version "
                          "since nginx was started, and cannot take over the "
                          "memory: upgrade nginx (USR2) or restart it");
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return NGX_OK;
    }

    zone->sh = ngx_slab_calloc(zone->shpool, sizeof(ngx_http_vedette_shctx_t));
    if (zone->sh == NULL) {
        return NGX_ERROR;
    }

    zone->shpool->data = zone->sh;

    zone->sh->layout = NGX_HTTP_VEDETTE_LAYOUT;

    ngx_queue_init(&zone->sh->known);
    ngx_queue_init(&zone->sh->unknown);
    ngx_queue_init(&zone->sh->used);
    ngx_queue_init(&zone->sh->pending);

    if (ngx_http_vedette_table_init(&zone->sh->keys, zone->shpool,
                                    shm_zone->shm.size)
        != NGX_OK
        || ngx_http_vedette_table_init(&zone->sh->quotas, zone->shpool,
                                       shm_zone->shm.size / 4)
           != NGX_OK
        || ngx_http_vedette_table_init(&zone->sh->outcomes, zone->shpool,
                                       shm_zone->shm.size / 4)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    len = sizeof(" in vedette zone \"\"") + shm_zone->shm.name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in vedette zone \"%V\"%Z",
                &shm_zone->shm.name);

    /* a full zone is normal: the oldest go */
    zone->shpool->log_nomem = 0;

    return NGX_OK;
}


/* with as many buckets as such a part of the zone can have entries, about */

static ngx_int_t
ngx_http_vedette_table_init(ngx_http_vedette_table_t *table,
    ngx_slab_pool_t *shpool, size_t size)
{
    uint32_t  n;

    for (n = 1; n < size / NGX_HTTP_VEDETTE_BUCKET; n *= 2) { /* void */ }

    table->mask = n - 1;
    table->buckets = ngx_slab_calloc(shpool,
                                     n * sizeof(ngx_http_vedette_entry_t *));

    return table->buckets ? NGX_OK : NGX_ERROR;
}


/* all of a table under the lock */

void *
ngx_http_vedette_table_find(ngx_http_vedette_table_t *table, ngx_str_t *name)
{
    uint32_t                   hash;
    ngx_http_vedette_entry_t  *entry;

    hash = ngx_murmur_hash2(name->data, name->len);

    for (entry = table->buckets[hash & table->mask];
         entry;
         entry = entry->next)
    {
        if (entry->hash == hash && entry->name.len == name->len
            && ngx_memcmp(entry->name.data, name->data, name->len) == 0)
        {
            return entry;
        }
    }

    return NULL;
}


/* its name is copied to data */

void
ngx_http_vedette_table_add(ngx_http_vedette_table_t *table,
    ngx_http_vedette_entry_t *entry, ngx_str_t *name, u_char *data)
{
    ngx_http_vedette_entry_t  **bucket;

    ngx_memcpy(data, name->data, name->len);

    entry->name.len = name->len;
    entry->name.data = data;
    entry->hash = ngx_murmur_hash2(data, name->len);

    bucket = &table->buckets[entry->hash & table->mask];

    entry->next = *bucket;
    *bucket = entry;
}


void
ngx_http_vedette_table_remove(ngx_http_vedette_table_t *table,
    ngx_http_vedette_entry_t *entry)
{
    ngx_http_vedette_entry_t  **link;

    link = &table->buckets[entry->hash & table->mask];

    while (*link != entry) {
        link = &(*link)->next;
    }

    *link = entry->next;
}


/* the server's place in the zone, which outlives a reload */

ngx_int_t
ngx_http_vedette_zone_server(ngx_http_vedette_zone_t *zone,
    ngx_http_vedette_redis_t *redis)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_http_vedette_server_t  *server;

    rc = NGX_OK;

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (i = 0; i < zone->sh->nservers; i++) {
        if (zone->sh->servers[i].id == redis->id) {
            goto found;
        }
    }

    if (i == NGX_HTTP_VEDETTE_MAX_SERVERS) {
        rc = NGX_ERROR;
        goto done;
    }

    zone->sh->nservers++;

    server = &zone->sh->servers[i];
    server->id = redis->id;
    server->version = NGX_HTTP_VEDETTE_NO_VERSION;
    server->flush_lease = ngx_current_msec;
    server->nodes = 1;

found:

    redis->slot = i;

done:

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return rc;
}


void
ngx_http_vedette_zone_name(ngx_str_t *name, u_char *buf,
    ngx_http_vedette_redis_t *redis, u_char *data, size_t len)
{
    len = ngx_min(len, NGX_HTTP_VEDETTE_ZONE_NAME - sizeof(uint32_t));

    name->data = buf;
    name->len = sizeof(uint32_t) + len;

    buf = ngx_cpymem(buf, &redis->id, sizeof(uint32_t));
    ngx_memcpy(buf, data, len);
}


/* under the lock */

void *
ngx_http_vedette_zone_alloc(ngx_http_vedette_zone_t *zone, size_t size)
{
    void        *p;
    ngx_uint_t   i;

    for (i = 0; i < NGX_HTTP_VEDETTE_MAX_EVICT; i++) {

        p = ngx_slab_alloc_locked(zone->shpool, size);

        if (p || ngx_http_vedette_zone_evict(zone) != NGX_OK) {
            return p;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_vedette_zone_evict(ngx_http_vedette_zone_t *zone)
{
    ngx_queue_t               *q;
    ngx_http_vedette_shctx_t  *sh;

    sh = zone->sh;

    if (!ngx_queue_empty(&sh->unknown)) {
        q = ngx_queue_last(&sh->unknown);
        ngx_http_vedette_key_forget(zone, q);

    } else if (!ngx_queue_empty(&sh->used)
               && (sh->nquotas > sh->nknown || ngx_queue_empty(&sh->known)))
    {
        q = ngx_queue_last(&sh->used);
        ngx_http_vedette_quota_forget(zone, q);

    } else if (!ngx_queue_empty(&sh->known)) {
        q = ngx_queue_last(&sh->known);
        ngx_http_vedette_key_forget(zone, q);

    } else {
        return NGX_DECLINED;
    }

    sh->evicted++;

    return NGX_OK;
}


/*
 * Counts what only the edge knows of.  The hour is that of the edge's clock.
 */

void
ngx_http_vedette_outcome(ngx_http_vedette_ctx_t *ctx, char *outcome,
    ngx_uint_t category, uint64_t quantity, u_char *reason, size_t len)
{
    u_char                    buf[NGX_HTTP_VEDETTE_ZONE_NAME], *p;
    uint64_t                  numbers[4];
    ngx_str_t                *word, name;
    ngx_uint_t                i;
    ngx_http_vedette_key_t   *key;
    ngx_http_vedette_zone_t  *zone;

    key = ctx->key;

    if (key == NULL || category >= NGX_HTTP_VEDETTE_CAT_N) {
        return;
    }

    zone = ctx->conf->redis->zone;

    p = ngx_cpymem(buf, &ctx->conf->redis->id, sizeof(uint32_t));

    numbers[0] = ngx_time() / 3600;
    numbers[1] = key->org;
    numbers[2] = key->project;
    numbers[3] = key->id;

    for (i = 0; i < 4; i++) {
        p = ngx_http_vedette_length(p, numbers[i]);
        *p++ = ':';
    }

    word = &ngx_http_vedette_categories[category];

    p = ngx_cpymem(p, outcome, ngx_strlen(outcome));
    *p++ = ':';
    p = ngx_cpymem(p, word->data, word->len);
    *p++ = ':';

    len = ngx_min(len, (size_t) (buf + NGX_HTTP_VEDETTE_ZONE_NAME - p));
    p = ngx_cpymem(p, reason, len);

    name.data = buf;
    name.len = p - buf;

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_http_vedette_outcome_add(zone, name.data, name.len, quantity);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/* under the lock */

static void
ngx_http_vedette_outcome_add(ngx_http_vedette_zone_t *zone, u_char *data,
    size_t len, uint64_t count)
{
    ngx_str_t                         name;
    ngx_http_vedette_outcome_node_t  *node;

    name.data = data;
    name.len = len;

    node = ngx_http_vedette_table_find(&zone->sh->outcomes, &name);

    if (node) {
        node->count += count;
        return;
    }

    node = ngx_http_vedette_zone_alloc(zone,
                       offsetof(ngx_http_vedette_outcome_node_t, data) + len);

    if (node == NULL) {

        if (zone->sh->outcomes_lost == 0) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: the zone has no room for an outcome and "
                          "nothing to give up: raise \"vedette_zone\"");
        }

        zone->sh->outcomes_lost += count;
        return;
    }

    node->count = count;

    ngx_http_vedette_table_add(&zone->sh->outcomes, &node->entry, &name,
                               node->data);
    ngx_queue_insert_tail(&zone->sh->pending, &node->queue);
    zone->sh->noutcomes++;
}


/* about once a second, from each worker: one of them does it */

void
ngx_http_vedette_outcomes_send(ngx_http_vedette_redis_t *redis)
{
    ngx_http_vedette_flush_t  *flush;

    flush = ngx_http_vedette_flush_take(redis, 0);

    if (flush == NULL || flush->job) {
        return;
    }

    flush->job = ngx_http_vedette_redis_send(redis, flush->args,
                                             5 + 2 * flush->n, NULL,
                                             ngx_http_vedette_flush_done,
                                             flush);
    if (flush->job) {
        ngx_http_vedette_redis_background(flush->job);
    }
}


/*
 * The worker ends: everything, over a blocking connection.  Without one, or if
 * that fails, the batch goes back to the zone, for the workers that come after
 * a reload.
 */

void
ngx_http_vedette_outcomes_last(ngx_http_vedette_redis_t *redis,
    redisContext *c)
{
    size_t                     len[5 + 2 * NGX_HTTP_VEDETTE_BATCH];
    ngx_uint_t                 i, n;
    redisReply                *reply;
    const char                *args[5 + 2 * NGX_HTTP_VEDETTE_BATCH];
    ngx_http_vedette_flush_t  *flush;

    for ( ;; ) {

        if (c == NULL && (redis->flush == NULL || redis->flush->n == 0)) {
            return;
        }

        flush = ngx_http_vedette_flush_take(redis, 1);

        if (flush == NULL) {
            return;
        }

        reply = NULL;

        if (c) {
            n = 5 + 2 * flush->n;

            for (i = 0; i < n; i++) {
                args[i] = (char *) flush->args[i].data;
                len[i] = flush->args[i].len;
            }

            reply = redisCommandArgv(c, (int) n, args, len);
        }

        if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
            ngx_http_vedette_flush_back(flush);

            if (reply) {
                freeReplyObject(reply);
            }

            return;
        }

        freeReplyObject(reply);
        flush->n = 0;
    }
}


static void
ngx_http_vedette_flush_back(ngx_http_vedette_flush_t *flush)
{
    u_char                           buf[NGX_HTTP_VEDETTE_ZONE_NAME];
    ngx_str_t                        name;
    ngx_uint_t                       i;
    ngx_http_vedette_zone_t         *zone;
    ngx_http_vedette_batch_entry_t  *entry;

    zone = flush->redis->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (i = 0; i < flush->n; i++) {
        entry = &flush->entries[i];

        ngx_http_vedette_zone_name(&name, buf, flush->redis, entry->name,
                                   entry->len);
        ngx_http_vedette_outcome_add(zone, name.data, name.len, entry->count);
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    flush->n = 0;
}


static ngx_http_vedette_flush_t *
ngx_http_vedette_flush_take(ngx_http_vedette_redis_t *redis, ngx_uint_t force)
{
    ngx_str_t                        *arg;
    ngx_queue_t                      *q, *next;
    ngx_cycle_t                      *cycle;
    ngx_http_vedette_zone_t          *zone;
    ngx_http_vedette_flush_t         *flush;
    ngx_http_vedette_server_t        *server;
    ngx_http_vedette_batch_entry_t   *entry;
    ngx_http_vedette_outcome_node_t  *node;

    flush = redis->flush;

    if (flush && flush->n) {
        return flush;
    }

    zone = redis->zone;

    if (ngx_queue_empty(&zone->sh->pending)) {
        return NULL;
    }

    if (flush == NULL) {
        flush = ngx_alloc(sizeof(ngx_http_vedette_flush_t), ngx_cycle->log);
        if (flush == NULL) {
            return NULL;
        }

        flush->redis = redis;
        flush->job = NULL;
        flush->n = 0;

        redis->flush = flush;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    server = &zone->sh->servers[redis->slot];

    if (!force
        && (ngx_msec_int_t) (server->flush_lease - ngx_current_msec) > 0)
    {
        ngx_shmtx_unlock(&zone->shpool->mutex);
        return NULL;
    }

    server->flush_lease = ngx_current_msec + 900;

    for (q = ngx_queue_head(&zone->sh->pending);
         q != ngx_queue_sentinel(&zone->sh->pending)
         && flush->n < NGX_HTTP_VEDETTE_BATCH;
         q = next)
    {
        next = ngx_queue_next(q);

        node = ngx_queue_data(q, ngx_http_vedette_outcome_node_t, queue);

        if (ngx_memcmp(node->data, &redis->id, sizeof(uint32_t)) != 0) {
            continue;
        }

        entry = &flush->entries[flush->n++];

        entry->count = node->count;
        entry->len = node->entry.name.len - sizeof(uint32_t);
        ngx_memcpy(entry->name, node->data + sizeof(uint32_t), entry->len);

        ngx_queue_remove(q);
        ngx_http_vedette_table_remove(&zone->sh->outcomes, &node->entry);
        ngx_slab_free_locked(zone->shpool, node);
        zone->sh->noutcomes--;
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (flush->n == 0) {
        return NULL;
    }

    cycle = (ngx_cycle_t *) ngx_cycle;

    flush->marker_len = ngx_snprintf(flush->marker, sizeof(flush->marker),
                                     "%s%V:%P:%T:%ui", VEDETTE_OUTCOMES_BATCH,
                                     &cycle->hostname, ngx_pid, ngx_time(),
                                     ngx_http_vedette_batches++)
                        - flush->marker;

    arg = flush->args;

    ngx_str_set(&arg[0], "EVAL");
    arg[1] = ngx_http_vedette_outcomes_script;
    ngx_str_set(&arg[2], "2");
    ngx_str_set(&arg[3], VEDETTE_OUTCOMES);
    arg[4].data = flush->marker;
    arg[4].len = flush->marker_len;

    arg += 5;

    for (entry = flush->entries; entry < flush->entries + flush->n; entry++) {
        entry->count_len = ngx_sprintf(entry->count_text, "%uL", entry->count)
                           - entry->count_text;

        arg->data = entry->name;
        arg->len = entry->len;
        arg++;

        arg->data = entry->count_text;
        arg->len = entry->count_len;
        arg++;
    }

    return flush;
}


static void
ngx_http_vedette_flush_done(void *data, redisReply *reply)
{
    ngx_http_vedette_flush_t *flush = data;

    flush->job = NULL;

    if (reply == NULL) {
        /* it may have been added or not: the same batch once more */
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {

        if (ngx_time() - flush->redis->logged >= 60) {
            flush->redis->logged = ngx_time();

            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: redis \"%V\" refuses the outcomes: %s",
                          &flush->redis->name, reply->str);
        }

        return;
    }

    flush->n = 0;
}
