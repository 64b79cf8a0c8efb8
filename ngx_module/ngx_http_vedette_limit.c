
/*
 * Quotas: may it?
 *
 * The items of a request are put together by category, and each such group is
 * held against the limits of the key's record that concern it.  A counter is
 * raised in Redis, by one script for all groups and limits, so that the whole
 * fleet counts as one and each unit exactly once.  A group passes if all of
 * its counters have room, and only then any of them is raised.
 *
 * The script runs before the XADD and not with it: a body that is refused must
 * never travel to Redis.  The price is a second round trip, but only for keys
 * that have a limit at all.  If the XADD fails afterwards, what was counted
 * stays counted: the client was told 503, and the counter errs to the side of
 * the limit by one request.
 *
 * One thing that a single counter counts, which is the usual case, needs no
 * script: INCRBY tells each its place, who is within the limit passes, and who
 * is not takes back what he has added.  That stays exact, because a counter is
 * above its limit only when as many as it allows have passed.  In Redis that
 * is a tenth of the script's instructions.  The script begins each window, so
 * that there is no counter without an end.
 *
 * What the script tells is remembered in shared memory until the window ends.
 * A counter only grows, so what does not fit there does not fit in Redis: an
 * exhausted key costs no traffic at all, however hard it is hit.  When Redis
 * does not answer, the node counts for itself: of what the fleet had left when
 * it was last heard of, or of the whole in a new window, each node takes an
 * equal share.  What it has let pass then is added to the counter with the next
 * question that gets an answer, if the window is still open.
 *
 * With the event go what depends on it: attachments, profile, user report.
 * A limit on attachments alone leaves the event, and leaves a minidump, which
 * is the event.
 */


#include "ngx_http_vedette_module.h"

#include <ngx_sha1.h>


#define NGX_HTTP_VEDETTE_NO_PARENT   ((ngx_uint_t) -1)

/* a counter outlives its window by this */
#define NGX_HTTP_VEDETTE_QUOTA_GRACE 60

/* bytes of its name */
#define NGX_HTTP_VEDETTE_COUNTER                                              \
    (sizeof(VEDETTE_QUOTA_PREFIX ":")                                         \
     + sizeof(((ngx_http_vedette_limit_t *) 0)->id) + NGX_INT64_LEN)


typedef struct {
    ngx_http_vedette_entry_t     entry;
    ngx_queue_t                  queue;
    time_t                       seen;
    time_t                       slot;
    uint64_t                     used;         /* by all, as Redis has it */
    uint64_t                     own;          /* by us, not told yet */
    u_char                       data[1];
} ngx_http_vedette_quota_node_t;


typedef struct {
    ngx_http_vedette_limit_t    *limit;
    uint64_t                     quantity;
    time_t                       slot;
    time_t                       end;
    uint64_t                     used;
    uint64_t                     own;          /* told with this question */
} ngx_http_vedette_pair_t;


typedef struct {
    ngx_uint_t                   category;
    ngx_uint_t                   second;
    uint64_t                     quantity;
    uint64_t                     second_quantity;
    ngx_uint_t                   parent;
    ngx_uint_t                   check;        /* 1-based, of the script */
    ngx_array_t                  pairs;        /* ngx_http_vedette_pair_t */
    ngx_http_vedette_limit_t    *refused_by;
    unsigned                     event:1;
    unsigned                     dependent:1;
    unsigned                     refused:1;
    unsigned                     settled:1;    /* Redis need not be asked */
} ngx_http_vedette_group_t;


typedef struct {
    ngx_array_t                  groups;       /* ngx_http_vedette_group_t */
    ngx_str_t                   *args;
    ngx_uint_t                   nargs;
    ngx_uint_t                   npairs;
    ngx_http_vedette_pair_t     *pair;         /* the last of them */
    unsigned                     loading:1;
} ngx_http_vedette_limits_t;


/* nothing at all is refused too when a window is full */

#define ngx_http_vedette_full(pair, used)                                     \
    ((used) + ngx_max((pair)->quantity, 1) > (pair)->limit->limit)


static ngx_http_vedette_limits_t *ngx_http_vedette_limit_groups(
    ngx_http_vedette_ctx_t *ctx);
static ngx_http_vedette_group_t *ngx_http_vedette_limit_group(
    ngx_http_vedette_limits_t *lm, ngx_http_vedette_item_t *item);
static ngx_uint_t ngx_http_vedette_limit_group_of(
    ngx_http_vedette_limits_t *lm, ngx_http_vedette_item_t *item,
    ngx_uint_t has_event);
static ngx_int_t ngx_http_vedette_limit_pairs(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static void ngx_http_vedette_limit_local(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static ngx_int_t ngx_http_vedette_limit_ask(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static ngx_int_t ngx_http_vedette_limit_raise(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_pair_t *pair);
static void ngx_http_vedette_limit_raised(void *data, redisReply *reply);
static void ngx_http_vedette_limit_tell(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_pair_t *pair, char *command, int64_t value);
static u_char *ngx_http_vedette_limit_counter(u_char *p,
    ngx_http_vedette_pair_t *pair);
static ngx_int_t ngx_http_vedette_limit_args(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static ngx_http_vedette_redis_t *ngx_http_vedette_limit_server(
    ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_limit_send(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static void ngx_http_vedette_limit_answer(void *data, redisReply *reply);
static void ngx_http_vedette_limit_uncounted(ngx_http_vedette_redis_t *redis,
    redisReply *reply);
static void ngx_http_vedette_limit_settle(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm, redisReply **counts);
static ngx_int_t ngx_http_vedette_limit_verdict(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm);
static ngx_int_t ngx_http_vedette_limit_refusal(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limit_t *limit);
static ngx_http_vedette_quota_node_t *ngx_http_vedette_quota(
    ngx_http_vedette_redis_t *redis, ngx_http_vedette_limit_t *limit,
    ngx_uint_t create);
static uint64_t ngx_http_vedette_quota_used(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair);
static uint64_t ngx_http_vedette_quota_take(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair);
static void ngx_http_vedette_quota_owe(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair, uint64_t quantity);
static ngx_uint_t ngx_http_vedette_quota_share(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair);
static void ngx_http_vedette_quota_set(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair, uint64_t used);


/* in the order of the enum */

ngx_str_t  ngx_http_vedette_categories[] = {
    ngx_string("default"),
    ngx_string("error"),
    ngx_string("transaction"),
    ngx_string("security"),
    ngx_string("attachment"),
    ngx_string("attachment_item"),
    ngx_string("session"),
    ngx_string("profile"),
    ngx_string("profile_chunk"),
    ngx_string("profile_chunk_ui"),
    ngx_string("replay"),
    ngx_string("monitor"),
    ngx_string("span"),
    ngx_string("feedback"),
    ngx_string("metric_bucket"),
    ngx_string("log_item"),
    ngx_string("log_byte"),
    ngx_string("trace_metric"),
    ngx_null_string
};


static ngx_http_vedette_limit_t  ngx_http_vedette_limit_spool = {
    .id = "spool",
    .id_len = sizeof("spool") - 1,
    .reason = "spool_full",
    .reason_len = sizeof("spool_full") - 1,
    .scope = "organization",
    .scope_len = sizeof("organization") - 1,
    .categories = NGX_HTTP_VEDETTE_ANY_CATEGORY,
    .window = 1
};


/*
 * KEYS: counters.  ARGV, for each check: the check on which it depends or 0,
 * the number of its counters, and for each of these quantity, limit, time of
 * expiry, and what has passed already without a question.  Answer: what each
 * counter held when its turn came.  Each is raised as if there were room, and
 * if there is none all of them are set back: what most of them cost is one
 * command.  Who raises a counter from nothing lets it expire: to say so each
 * time would be half of the work.
 */

static ngx_str_t  ngx_http_vedette_limit_script = ngx_string(
    "local call, number = redis.call, tonumber "
    "local used, passed = {}, {} "
    "local i, k = 1, 1 "
    "while ARGV[i] do "
      "local n = number(ARGV[i + 1]) "
      "local raised = ARGV[i] == '0' or passed[number(ARGV[i])] "
      "local pass = raised "
      "i = i + 2 "
      "for a = i, i + 4 * n - 4, 4 do "
        "local more = raised and ARGV[a] or '0' "
        "local q, own = number(more), number(ARGV[a + 3]) "
        "if own > 0 then more = string.format('%.0f', q + own) end "
        "local u = call('INCRBY', KEYS[k], more) - q "
        "if u == own then "
          "call('EXPIREAT', KEYS[k], ARGV[a + 2]) "
        "end "
        "used[k] = u "
        "k = k + 1 "
        "if u + (q > 0 and q or 1) > number(ARGV[a + 1]) then "
          "pass = false "
        "end "
      "end "
      "if raised and not pass then "
        "for j = 1, n do "
          "call('INCRBY', KEYS[k - n - 1 + j], 0 - ARGV[i + 4 * (j - 1)]) "
        "end "
      "end "
      "passed[#passed + 1] = pass "
      "i = i + 4 * n "
    "end "
    "return used");

/* made by the first worker's first use; 40 hex digits */

static u_char  ngx_http_vedette_limit_sha1[40];


/* the step */

ngx_int_t
ngx_http_vedette_limit(ngx_http_vedette_ctx_t *ctx)
{
    ngx_http_vedette_limits_t  *lm;

    if (ctx->key->nlimits == 0 || ctx->items->nelts == 0) {
        return NGX_OK;
    }

    lm = ctx->limits;

    if (lm == NULL) {

        lm = ngx_http_vedette_limit_groups(ctx);

        if (lm == NULL || ngx_http_vedette_limit_pairs(ctx, lm) != NGX_OK) {
            return NGX_ERROR;
        }

        ctx->limits = lm;

        ngx_http_vedette_limit_local(ctx, lm);

        if (lm->npairs) {

            if (ngx_http_vedette_limit_ask(ctx, lm) == NGX_OK) {
                return NGX_AGAIN;
            }

            ngx_http_vedette_limit_settle(ctx, lm, NULL);
        }
    }

    return ngx_http_vedette_limit_verdict(ctx, lm);
}


static ngx_http_vedette_limits_t *
ngx_http_vedette_limit_groups(ngx_http_vedette_ctx_t *ctx)
{
    ngx_uint_t                     i, g, parent;
    ngx_http_vedette_item_t       *item;
    ngx_http_vedette_group_t      *group;
    ngx_http_vedette_limits_t     *lm;
    ngx_http_vedette_item_type_t  *t;

    lm = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_vedette_limits_t));
    if (lm == NULL) {
        return NULL;
    }

    if (ngx_array_init(&lm->groups, ctx->request->pool, 4,
                       sizeof(ngx_http_vedette_group_t))
        != NGX_OK)
    {
        return NULL;
    }

    item = ctx->items->elts;

    /* the event first: the others may depend on it */

    for (i = 0; i < ctx->items->nelts; i++) {
        t = &ngx_http_vedette_item_types[item[i].type];

        if ((t->flags & NGX_HTTP_VEDETTE_ITEM_EVENT) || item[i].event) {

            if (ngx_http_vedette_limit_group(lm, &item[i]) == NULL) {
                return NULL;
            }
        }
    }

    for (i = 0; i < ctx->items->nelts; i++) {
        t = &ngx_http_vedette_item_types[item[i].type];

        if (!(t->flags & NGX_HTTP_VEDETTE_ITEM_EVENT) && !item[i].event) {

            if (ngx_http_vedette_limit_group(lm, &item[i]) == NULL) {
                return NULL;
            }
        }
    }

    group = lm->groups.elts;
    parent = NGX_HTTP_VEDETTE_NO_PARENT;

    for (g = 0; g < lm->groups.nelts; g++) {

        if (group[g].event && parent == NGX_HTTP_VEDETTE_NO_PARENT) {
            parent = g;
        }

        group[g].parent = group[g].dependent ? parent
                                             : NGX_HTTP_VEDETTE_NO_PARENT;
    }

    return lm;
}


/* the group of an item, with the item added to it */

static ngx_http_vedette_group_t *
ngx_http_vedette_limit_group(ngx_http_vedette_limits_t *lm,
    ngx_http_vedette_item_t *item)
{
    ngx_uint_t                     g;
    ngx_http_vedette_group_t      *group;
    ngx_http_vedette_item_type_t  *t;

    t = &ngx_http_vedette_item_types[item->type];

    g = ngx_http_vedette_limit_group_of(lm, item, lm->groups.nelts != 0);

    if (g < lm->groups.nelts) {
        group = (ngx_http_vedette_group_t *) lm->groups.elts + g;

        if (item->event) {
            /* it belongs to the event, which counts once */
            return group;
        }

    } else {
        group = ngx_array_push(&lm->groups);
        if (group == NULL) {
            return NULL;
        }

        ngx_memzero(group, sizeof(ngx_http_vedette_group_t));

        group->category = t->category;
        group->second = t->second;
        group->event = (t->flags & NGX_HTTP_VEDETTE_ITEM_EVENT) ? 1 : 0;
        group->dependent = (t->flags & NGX_HTTP_VEDETTE_ITEM_DEPENDENT) ? 1 : 0;

        if (item->event) {
            group->category = NGX_HTTP_VEDETTE_CAT_ERROR;
            group->second = NGX_HTTP_VEDETTE_CAT_NONE;
            group->event = 1;
            group->dependent = 0;
            group->quantity = 1;
            return group;
        }
    }

    if (t->flags & NGX_HTTP_VEDETTE_ITEM_BYTES) {
        group->quantity += item->size ? item->size : 1;
        group->second_quantity++;

    } else {
        group->quantity += item->count;
        group->second_quantity += item->size;
    }

    return group;
}


static ngx_uint_t
ngx_http_vedette_limit_group_of(ngx_http_vedette_limits_t *lm,
    ngx_http_vedette_item_t *item, ngx_uint_t has_event)
{
    ngx_uint_t                     g, event, dependent;
    ngx_http_vedette_group_t      *group;
    ngx_http_vedette_item_type_t  *t;

    t = &ngx_http_vedette_item_types[item->type];
    group = lm->groups.elts;

    event = (t->flags & NGX_HTTP_VEDETTE_ITEM_EVENT) || item->event;
    dependent = (t->flags & NGX_HTTP_VEDETTE_ITEM_DEPENDENT) ? 1 : 0;

    for (g = 0; g < lm->groups.nelts; g++) {

        if (event ? group[g].event
                  : (!group[g].event && group[g].category == t->category
                     && group[g].dependent == dependent))
        {
            return g;
        }
    }

    return g;
}


/* which limits concern which group, and with what quantity */

static ngx_int_t
ngx_http_vedette_limit_pairs(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    time_t                     now;
    uint32_t                   first, second;
    uint64_t                   quantity;
    ngx_uint_t                 g, i;
    ngx_http_vedette_pair_t   *pair;
    ngx_http_vedette_group_t  *group;
    ngx_http_vedette_limit_t  *limit;

    now = ngx_time();
    group = lm->groups.elts;

    for (g = 0; g < lm->groups.nelts; g++) {

        if (ngx_array_init(&group[g].pairs, ctx->request->pool,
                           ctx->key->nlimits, sizeof(ngx_http_vedette_pair_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (group[g].category == NGX_HTTP_VEDETTE_CAT_NONE) {
            continue;
        }

        first = (uint32_t) 1 << group[g].category;
        second = 0;

        if (group[g].second != NGX_HTTP_VEDETTE_CAT_NONE) {
            second = (uint32_t) 1 << group[g].second;
        }

        for (i = 0; i < ctx->key->nlimits; i++) {
            limit = &ctx->key->limits[i];

            if (limit->categories == NGX_HTTP_VEDETTE_ANY_CATEGORY) {

                /* things, not bytes */
                quantity = group[g].quantity;

                if (group[g].category == NGX_HTTP_VEDETTE_CAT_ATTACHMENT) {
                    quantity = group[g].second_quantity;
                }

            } else if (limit->categories & first) {
                quantity = group[g].quantity;

            } else if (limit->categories & second) {
                quantity = group[g].second_quantity;

            } else {
                continue;
            }

            pair = ngx_array_push(&group[g].pairs);
            if (pair == NULL) {
                return NGX_ERROR;
            }

            pair->limit = limit;
            pair->quantity = quantity;
            pair->slot = now / limit->window;
            pair->end = (pair->slot + 1) * limit->window;
            pair->used = 0;
            pair->own = 0;
        }
    }

    return NGX_OK;
}


/* what needs no question: limits of nothing, and windows known to be full */

static void
ngx_http_vedette_limit_local(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    uint64_t                   used;
    ngx_uint_t                 g, i;
    ngx_http_vedette_pair_t   *pair;
    ngx_http_vedette_zone_t   *zone;
    ngx_http_vedette_group_t  *group, *parent;

    zone = ctx->conf->redis->zone;
    group = lm->groups.elts;

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (g = 0; g < lm->groups.nelts; g++) {

        if (group[g].parent != NGX_HTTP_VEDETTE_NO_PARENT) {
            parent = &group[group[g].parent];

            if (parent->refused) {
                group[g].refused = 1;
                group[g].settled = 1;
                group[g].refused_by = parent->refused_by;
                continue;
            }
        }

        pair = group[g].pairs.elts;

        for (i = 0; i < group[g].pairs.nelts; i++) {

            if (pair[i].limit->limit) {
                used = ngx_http_vedette_quota_used(ctx->conf->redis, &pair[i]);
                pair[i].used = used;

                if (!ngx_http_vedette_full(&pair[i], used)) {
                    continue;
                }
            }

            group[g].refused = 1;
            group[g].settled = 1;
            group[g].refused_by = pair[i].limit;
            break;
        }

        if (group[g].pairs.nelts == 0) {
            group[g].settled = 1;
        }

        if (!group[g].settled) {
            lm->npairs += group[g].pairs.nelts;

            for (i = 0; i < group[g].pairs.nelts; i++) {
                pair[i].own = ngx_http_vedette_quota_take(ctx->conf->redis,
                                                          &pair[i]);
                lm->pair = &pair[i];
            }
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/* NGX_OK: there will be an answer */

static ngx_int_t
ngx_http_vedette_limit_ask(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    ngx_http_vedette_pair_t  *pair;

    pair = lm->pair;

    if (lm->npairs == 1 && pair->quantity == 1 && pair->own == 0 && pair->used)
    {
        return ngx_http_vedette_limit_raise(ctx, pair);
    }

    if (ngx_http_vedette_limit_args(ctx, lm) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_vedette_limit_send(ctx, lm);
}


/* one more, of a counter that somebody has begun */

static ngx_int_t
ngx_http_vedette_limit_raise(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_pair_t *pair)
{
    u_char     name[NGX_HTTP_VEDETTE_COUNTER];
    ngx_str_t  args[3];

    ngx_str_set(&args[0], "INCRBY");
    args[1].data = name;
    args[1].len = ngx_http_vedette_limit_counter(name, pair) - name;
    ngx_str_set(&args[2], "1");

    ctx->job = ngx_http_vedette_redis_send(ngx_http_vedette_limit_server(ctx),
                                           args, 3, NULL,
                                           ngx_http_vedette_limit_raised, ctx);

    return ctx->job ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_vedette_limit_raised(void *data, redisReply *reply)
{
    ngx_http_vedette_ctx_t *ctx = data;

    ngx_http_vedette_pair_t    *pair;
    ngx_http_vedette_limits_t  *lm;

    ctx->job = NULL;

    lm = ctx->limits;
    pair = lm->pair;

    if (reply && reply->type != REDIS_REPLY_INTEGER) {
        ngx_http_vedette_limit_uncounted(ctx->conf->redis, reply);
        reply = NULL;
    }

    if (reply) {

        /* what it held when the turn came */
        reply->integer--;

        if (reply->integer == 0) {
            /* Redis has lost it */
            ngx_http_vedette_limit_tell(ctx, pair, "EXPIREAT",
                                    pair->end + NGX_HTTP_VEDETTE_QUOTA_GRACE);
        }

        if (ngx_http_vedette_full(pair, (uint64_t) reply->integer)) {
            ngx_http_vedette_limit_tell(ctx, pair, "INCRBY", -1);
        }
    }

    ngx_http_vedette_limit_settle(ctx, lm, reply ? &reply : NULL);

    ngx_http_vedette_resume(ctx);
}


/* nobody waits for it */

static void
ngx_http_vedette_limit_tell(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_pair_t *pair, char *command, int64_t value)
{
    u_char     name[NGX_HTTP_VEDETTE_COUNTER], text[NGX_INT64_LEN];
    ngx_str_t  args[3];

    args[0].data = (u_char *) command;
    args[0].len = ngx_strlen(command);
    args[1].data = name;
    args[1].len = ngx_http_vedette_limit_counter(name, pair) - name;
    args[2].data = text;
    args[2].len = ngx_sprintf(text, "%L", value) - text;

    (void) ngx_http_vedette_redis_send(ngx_http_vedette_limit_server(ctx),
                                       args, 3, NULL, NULL, NULL);
}


static u_char *
ngx_http_vedette_limit_counter(u_char *p, ngx_http_vedette_pair_t *pair)
{
    p = ngx_cpymem(p, VEDETTE_QUOTA_PREFIX, sizeof(VEDETTE_QUOTA_PREFIX) - 1);
    p = ngx_cpymem(p, pair->limit->id, pair->limit->id_len);
    *p++ = ':';

    return ngx_http_vedette_digits(p, pair->slot);
}


/* EVALSHA sha1 numkeys key... (parent n (quantity limit expiry own)...)... */

static ngx_int_t
ngx_http_vedette_limit_args(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    u_char                    *p, digest[20];
    size_t                     len;
    ngx_sha1_t                 sha1;
    ngx_str_t                 *key, *arg;
    ngx_uint_t                 g, i, n, parent;
    ngx_http_vedette_pair_t   *pair;
    ngx_http_vedette_group_t  *group;

    if (ngx_http_vedette_limit_sha1[0] == '\0') {
        ngx_sha1_init(&sha1);
        ngx_sha1_update(&sha1, ngx_http_vedette_limit_script.data,
                        ngx_http_vedette_limit_script.len);
        ngx_sha1_final(digest, &sha1);

        ngx_hex_dump(ngx_http_vedette_limit_sha1, digest, 20);
    }

    n = 3 + lm->npairs + 2 * lm->groups.nelts + 4 * lm->npairs;

    lm->args = ngx_palloc(ctx->request->pool, n * sizeof(ngx_str_t));

    len = NGX_INT64_LEN
          + lm->npairs * (NGX_HTTP_VEDETTE_COUNTER + 3 * NGX_INT64_LEN
                          + NGX_TIME_T_LEN)
          + lm->groups.nelts * 2 * NGX_INT64_LEN;

    p = ngx_pnalloc(ctx->request->pool, len);

    if (lm->args == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&lm->args[0], "EVALSHA");
    lm->args[1].data = ngx_http_vedette_limit_sha1;
    lm->args[1].len = sizeof(ngx_http_vedette_limit_sha1);

    lm->args[2].data = p;
    p = ngx_http_vedette_length(p, lm->npairs);
    lm->args[2].len = p - lm->args[2].data;

    key = &lm->args[3];
    arg = key + lm->npairs;

    group = lm->groups.elts;
    n = 0;

    for (g = 0; g < lm->groups.nelts; g++) {

        if (group[g].settled) {
            continue;
        }

        group[g].check = ++n;

        parent = 0;

        if (group[g].parent != NGX_HTTP_VEDETTE_NO_PARENT) {
            parent = group[group[g].parent].check;
        }

        arg->data = p;
        p = ngx_http_vedette_length(p, parent);
        arg->len = p - arg->data;
        arg++;

        arg->data = p;
        p = ngx_http_vedette_length(p, group[g].pairs.nelts);
        arg->len = p - arg->data;
        arg++;

        pair = group[g].pairs.elts;

        for (i = 0; i < group[g].pairs.nelts; i++) {

            key->data = p;
            p = ngx_http_vedette_limit_counter(p, &pair[i]);
            key->len = p - key->data;
            key++;

            arg->data = p;
            p = ngx_http_vedette_length(p, pair[i].quantity);
            arg->len = p - arg->data;
            arg++;

            arg->data = p;
            p = ngx_http_vedette_digits(p, pair[i].limit->limit);
            arg->len = p - arg->data;
            arg++;

            arg->data = p;
            p = ngx_http_vedette_digits(p, pair[i].end
                                           + NGX_HTTP_VEDETTE_QUOTA_GRACE);
            arg->len = p - arg->data;
            arg++;

            arg->data = p;
            p = ngx_http_vedette_length(p, pair[i].own);
            arg->len = p - arg->data;
            arg++;
        }
    }

    lm->nargs = arg - lm->args;

    return NGX_OK;
}


/* the counters of an organisation, and of what is in it, are together */

static ngx_http_vedette_redis_t *
ngx_http_vedette_limit_server(ngx_http_vedette_ctx_t *ctx)
{
    ngx_http_vedette_fleet_t  *fleet;

    fleet = ctx->conf->fleet;

    return fleet->servers[ctx->key->org % fleet->n];
}


static ngx_int_t
ngx_http_vedette_limit_send(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    ctx->job = ngx_http_vedette_redis_send(ngx_http_vedette_limit_server(ctx),
                                           lm->args, lm->nargs, NULL,
                                           ngx_http_vedette_limit_answer, ctx);

    return ctx->job ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_vedette_limit_answer(void *data, redisReply *reply)
{
    ngx_http_vedette_ctx_t *ctx = data;

    ngx_http_vedette_limits_t  *lm;

    ctx->job = NULL;

    lm = ctx->limits;

    if (reply && reply->type == REDIS_REPLY_ERROR) {

        if (ngx_strncmp(reply->str, "NOSCRIPT", 8) == 0 && !lm->loading) {

            /* this loads it as well */

            lm->loading = 1;
            ngx_str_set(&lm->args[0], "EVAL");
            lm->args[1] = ngx_http_vedette_limit_script;

            if (ngx_http_vedette_limit_send(ctx, lm) == NGX_OK) {
                return;
            }

        } else {
            ngx_http_vedette_limit_uncounted(ctx->conf->redis, reply);
        }
    }

    if (reply
        && (reply->type != REDIS_REPLY_ARRAY || reply->elements != lm->npairs))
    {
        reply = NULL;
    }

    ngx_http_vedette_limit_settle(ctx, lm, reply ? reply->element : NULL);

    ngx_http_vedette_resume(ctx);
}


static void
ngx_http_vedette_limit_uncounted(ngx_http_vedette_redis_t *redis,
    redisReply *reply)
{
    if (ngx_time() - redis->logged < 60) {
        return;
    }

    redis->logged = ngx_time();

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "vedette: redis \"%V\" refuses to count limits: %s; "
                  "this node counts for itself", &redis->name,
                  reply->type == REDIS_REPLY_ERROR ? reply->str
                                                   : "unexpected reply");
}


/*
 * What each counter held, reckoned as the script has done; without an answer,
 * this node's own count.
 */

static void
ngx_http_vedette_limit_settle(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm, redisReply **counts)
{
    uint64_t                   used;
    ngx_uint_t                 g, i, n, full;
    ngx_http_vedette_pair_t   *pair;
    ngx_http_vedette_zone_t   *zone;
    ngx_http_vedette_group_t  *group, *parent;

    zone = ctx->conf->redis->zone;
    group = lm->groups.elts;
    n = 0;

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (g = 0; g < lm->groups.nelts; g++) {

        if (group[g].settled) {
            continue;
        }

        if (group[g].parent != NGX_HTTP_VEDETTE_NO_PARENT) {
            parent = &group[group[g].parent];

            if (parent->refused) {
                group[g].refused = 1;
                group[g].refused_by = parent->refused_by;
            }
        }

        pair = group[g].pairs.elts;

        for (i = 0; i < group[g].pairs.nelts; i++) {

            if (counts) {
                pair[i].used = (counts[n]->type == REDIS_REPLY_INTEGER)
                               ? (uint64_t) counts[n]->integer : 0;
                n++;

                full = ngx_http_vedette_full(&pair[i], pair[i].used);

            } else {
                /* it may have been told all the same: that errs to the limit */
                ngx_http_vedette_quota_owe(ctx->conf->redis, &pair[i],
                                           pair[i].own);

                full = ngx_http_vedette_quota_share(ctx->conf->redis, &pair[i]);
            }

            if (full && !group[g].refused) {
                group[g].refused = 1;
                group[g].refused_by = pair[i].limit;
            }
        }

        for (i = 0; i < group[g].pairs.nelts; i++) {

            if (counts) {
                used = pair[i].used + (group[g].refused ? 0 : pair[i].quantity);

                ngx_http_vedette_quota_set(ctx->conf->redis, &pair[i], used);

            } else if (!group[g].refused) {
                ngx_http_vedette_quota_owe(ctx->conf->redis, &pair[i],
                                           pair[i].quantity);
            }
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/* drops what was refused, counts it, and says so to the client */

static ngx_int_t
ngx_http_vedette_limit_verdict(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limits_t *lm)
{
    ngx_uint_t                 g, i, left;
    ngx_http_vedette_item_t   *item;
    ngx_http_vedette_group_t  *group;
    ngx_http_vedette_limit_t  *limit;

    group = lm->groups.elts;

    for (g = 0; g < lm->groups.nelts; g++) {

        if (!group[g].refused) {
            continue;
        }

        limit = group[g].refused_by;

        if (ngx_http_vedette_limit_refusal(ctx, limit) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_vedette_outcome(ctx, "rate_limited", group[g].category,
                                 group[g].quantity, limit->reason,
                                 limit->reason_len);
        ngx_http_vedette_outcome(ctx, "rate_limited", group[g].second,
                                 group[g].second_quantity, limit->reason,
                                 limit->reason_len);
    }

    if (ctx->refusals == NULL) {
        return NGX_OK;
    }

    item = ctx->items->elts;
    left = 0;

    for (i = 0; i < ctx->items->nelts; i++) {

        g = ngx_http_vedette_limit_group_of(lm, &item[i], 1);

        if (g < lm->groups.nelts && group[g].refused) {
            item[i].dropped = 1;

            (void) ngx_atomic_fetch_add(
                                   &ctx->conf->redis->zone->sh->dropped_items,
                                   1);
        } else {
            left++;
        }
    }

    if (left == 0) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_LIMITED, NULL);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_limit_refusal(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_limit_t *limit)
{
    time_t                       now, left;
    ngx_uint_t                   i;
    ngx_http_vedette_refusal_t  *refusal;

    if (ctx->refusals == NULL) {
        ctx->refusals = ngx_array_create(ctx->request->pool, 2,
                                         sizeof(ngx_http_vedette_refusal_t));
        if (ctx->refusals == NULL) {
            return NGX_ERROR;
        }
    }

    refusal = ctx->refusals->elts;

    for (i = 0; i < ctx->refusals->nelts; i++) {
        if (refusal[i].limit == limit) {
            return NGX_OK;
        }
    }

    refusal = ngx_array_push(ctx->refusals);
    if (refusal == NULL) {
        return NGX_ERROR;
    }

    now = ngx_time();
    left = (now / limit->window + 1) * limit->window - now;

    if (limit->limit == 0) {
        left = NGX_HTTP_VEDETTE_REJECT_RETRY;
    }

    if (limit == &ngx_http_vedette_limit_spool) {
        /* not all clients at once */
        left = 30 + ngx_random() % 61;
    }

    refusal->limit = limit;
    refusal->retry = ngx_min(left, NGX_HTTP_VEDETTE_MAX_RETRY);

    return NGX_OK;
}


/* the spool is full: as if a limit held back everything, for a while */

ngx_int_t
ngx_http_vedette_limit_full(ngx_http_vedette_ctx_t *ctx)
{
    if (ngx_http_vedette_limit_refusal(ctx, &ngx_http_vedette_limit_spool)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_SPOOL_FULL, NULL);
}


/* under the lock */

static ngx_http_vedette_quota_node_t *
ngx_http_vedette_quota(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_limit_t *limit, ngx_uint_t create)
{
    u_char                          buf[NGX_HTTP_VEDETTE_ZONE_NAME];
    ngx_str_t                       name;
    ngx_http_vedette_zone_t        *zone;
    ngx_http_vedette_quota_node_t  *node;

    zone = redis->zone;

    ngx_http_vedette_zone_name(&name, buf, redis, limit->id, limit->id_len);

    node = ngx_http_vedette_table_find(&zone->sh->quotas, &name);

    if (node) {

        if (node->seen != ngx_time()) {

            /* once a second will do to tell the oldest */

            node->seen = ngx_time();

            ngx_queue_remove(&node->queue);
            ngx_queue_insert_head(&zone->sh->used, &node->queue);
        }

        return node;
    }

    if (!create) {
        return NULL;
    }

    node = ngx_http_vedette_zone_alloc(zone,
                    offsetof(ngx_http_vedette_quota_node_t, data) + name.len);

    if (node == NULL) {
        return NULL;
    }

    node->slot = 0;
    node->used = 0;
    node->own = 0;
    node->seen = ngx_time();

    ngx_http_vedette_table_add(&zone->sh->quotas, &node->entry, &name,
                               node->data);
    ngx_queue_insert_head(&zone->sh->used, &node->queue);
    zone->sh->nquotas++;

    return node;
}


static uint64_t
ngx_http_vedette_quota_used(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair)
{
    ngx_http_vedette_quota_node_t  *node;

    node = ngx_http_vedette_quota(redis, pair->limit, 0);

    return (node && node->slot == pair->slot) ? node->used + node->own : 0;
}


/* what Redis has not been told of, to tell it */

static uint64_t
ngx_http_vedette_quota_take(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair)
{
    uint64_t                        own;
    ngx_http_vedette_quota_node_t  *node;

    node = ngx_http_vedette_quota(redis, pair->limit, 0);

    if (node == NULL || node->slot != pair->slot) {
        return 0;
    }

    own = node->own;
    node->own = 0;

    return own;
}


/* adds to it */

static void
ngx_http_vedette_quota_owe(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair, uint64_t quantity)
{
    ngx_http_vedette_quota_node_t  *node;

    if (quantity == 0) {
        return;
    }

    node = ngx_http_vedette_quota(redis, pair->limit, 1);

    if (node == NULL) {
        return;
    }

    if (node->slot != pair->slot) {
        node->slot = pair->slot;
        node->used = 0;
        node->own = 0;
    }

    node->own += quantity;
}


/* is this node's share used up? */

static ngx_uint_t
ngx_http_vedette_quota_share(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair)
{
    uint64_t                        used, own, share, nodes;
    ngx_http_vedette_quota_node_t  *node;

    used = 0;
    own = 0;

    node = ngx_http_vedette_quota(redis, pair->limit, 0);

    if (node && node->slot == pair->slot) {
        used = ngx_min(node->used, pair->limit->limit);
        own = node->own;
    }

    nodes = ngx_max(redis->zone->sh->servers[redis->slot].nodes, 1);

    /* rounded up: a small limit is not no event at all */
    share = (pair->limit->limit - used + nodes - 1) / nodes;

    return own + ngx_max(pair->quantity, 1) > share;
}


static void
ngx_http_vedette_quota_set(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_pair_t *pair, uint64_t used)
{
    ngx_http_vedette_quota_node_t  *node;

    node = ngx_http_vedette_quota(redis, pair->limit, 1);

    if (node == NULL) {
        return;
    }

    if (node->slot != pair->slot) {
        node->slot = pair->slot;
        node->used = used;
        node->own = 0;
        return;
    }

    /* answers of several connections may overtake each other */

    node->used = ngx_max(node->used, used);
}


/* under the lock */

void
ngx_http_vedette_quota_forget(ngx_http_vedette_zone_t *zone, ngx_queue_t *q)
{
    ngx_http_vedette_quota_node_t  *node;

    node = ngx_queue_data(q, ngx_http_vedette_quota_node_t, queue);

    ngx_queue_remove(q);
    ngx_http_vedette_table_remove(&zone->sh->quotas, &node->entry);
    ngx_slab_free_locked(zone->shpool, node);
    zone->sh->nquotas--;
}


/* id scope window limit categories reason; a line we do not understand: none */

ngx_int_t
ngx_http_vedette_limit_parse(ngx_http_vedette_limit_t *limit, u_char *p,
    u_char *last)
{
    off_t       n;
    u_char     *end;
    ngx_str_t   word[6], name;
    ngx_uint_t  i;

    for (i = 0; i < 6; i++) {

        while (p < last && *p == ' ') {
            p++;
        }

        end = ngx_strlchr(p, last, ' ');
        if (end == NULL) {
            end = last;
        }

        if (end == p) {
            return NGX_DECLINED;
        }

        word[i].data = p;
        word[i].len = end - p;

        for ( /* void */ ; p < end; p++) {
            if (*p < ' ') {
                /* it becomes part of a header, and of a line of a file */
                return NGX_DECLINED;
            }
        }
    }

    if (word[0].len > sizeof(limit->id) || word[1].len > sizeof(limit->scope)
        || word[5].len > sizeof(limit->reason))
    {
        return NGX_DECLINED;
    }

    n = ngx_atoof(word[2].data, word[2].len);

    if (n == NGX_ERROR || n < 1 || n > 366 * 86400) {
        return NGX_DECLINED;
    }

    limit->window = (uint32_t) n;

    n = ngx_atoof(word[3].data, word[3].len);

    /* numbers are doubles in the script */

    if (n == NGX_ERROR || n > ((off_t) 1 << 52)) {
        return NGX_DECLINED;
    }

    limit->limit = (uint64_t) n;

    limit->categories = 0;

    p = word[4].data;
    last = p + word[4].len;

    if (word[4].len == 1 && *p == '*') {
        limit->categories = NGX_HTTP_VEDETTE_ANY_CATEGORY;
        p = last;
    }

    for ( /* void */ ; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ';');
        if (end == NULL) {
            end = last;
        }

        name.data = p;
        name.len = end - p;

        for (i = 0; i < NGX_HTTP_VEDETTE_CAT_N; i++) {
            if (ngx_http_vedette_categories[i].len == name.len
                && ngx_memcmp(ngx_http_vedette_categories[i].data, name.data,
                              name.len)
                   == 0)
            {
                limit->categories |= (uint32_t) 1 << i;
            }
        }
    }

    if (limit->categories == 0) {
        return NGX_DECLINED;
    }

    ngx_memcpy(limit->id, word[0].data, word[0].len);
    limit->id_len = (u_char) word[0].len;

    ngx_memcpy(limit->scope, word[1].data, word[1].len);
    limit->scope_len = (u_char) word[1].len;

    ngx_memcpy(limit->reason, word[5].data, word[5].len);
    limit->reason_len = (u_char) word[5].len;

    return NGX_OK;
}


/* names joined by ';'; nothing for all categories */

u_char *
ngx_http_vedette_category_list(u_char *p, uint32_t categories)
{
    u_char      *start;
    ngx_uint_t   i;

    if (categories == NGX_HTTP_VEDETTE_ANY_CATEGORY) {
        return p;
    }

    start = p;

    for (i = 0; i < NGX_HTTP_VEDETTE_CAT_N; i++) {

        if (!(categories & ((uint32_t) 1 << i))) {
            continue;
        }

        if (p > start) {
            *p++ = ';';
        }

        p = ngx_cpymem(p, ngx_http_vedette_categories[i].data,
                       ngx_http_vedette_categories[i].len);
    }

    return p;
}
