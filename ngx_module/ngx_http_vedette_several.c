
/*
 * What comes in one turn of the event loop shares an entry of the stream.
 *
 * For Redis a command and an entry cost more than a small body does, and a turn
 * under load has tens of requests.  So they are gathered per server, and an
 * event that is posted with the first of them sends what there is when the turn
 * has read all sockets: version 5, or as it is what remained alone.  It is
 * ahead of the connections' own posted events, so the turn still ends with one
 * write for each.  Nobody waits for others.
 *
 * Each request has a share.  It may leave by itself when its client goes, and
 * it is told by itself what became of the entry; its handler may end other
 * requests, even others of this entry, and begin new ones, which gather anew.
 * That is also why nobody is told while a request is added: the one that adds
 * could be among them.
 */


#include "ngx_http_vedette_module.h"


/* larger ones go by themselves: there would be no room for another */
#define NGX_HTTP_VEDETTE_SEVERAL_SMALL  (VEDETTE_SEVERAL_BYTES / 2)


struct ngx_http_vedette_several_s {
    ngx_queue_t              queue;             /* in redis->gathered */
    ngx_queue_t              shares;
    ngx_uint_t               n;
    size_t                   size;
    ngx_http_vedette_job_t  *job;               /* NULL: not sent, or told */
    unsigned                 told:1;
};


static ngx_http_vedette_several_t *ngx_http_vedette_several_open(
    ngx_http_vedette_redis_t *redis, size_t size);
static void ngx_http_vedette_several_turn(ngx_event_t *ev);
static ngx_int_t ngx_http_vedette_several_send(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_several_t *several);
static void ngx_http_vedette_several_length(ngx_str_t *text, size_t size);
static void ngx_http_vedette_several_told(void *data, redisReply *reply);


void
ngx_http_vedette_several_init(ngx_http_vedette_redis_t *redis, ngx_log_t *log)
{
    ngx_queue_init(&redis->gathered);

    redis->turn.handler = ngx_http_vedette_several_turn;
    redis->turn.data = redis;
    redis->turn.log = log;
}


/*
 * A value of version 3 or 4, with NGX_HTTP_VEDETTE_SHARE_ROOM bytes of room in
 * front of its text; it must last until the share has left.  NGX_OK: the
 * handler will be called once, as that of a job, and not at once.
 * NGX_DECLINED: it is to go by itself.
 */

ngx_int_t
ngx_http_vedette_several_add(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_share_t *share)
{
    size_t                       size;
    ngx_chain_t                 *cl;
    ngx_http_vedette_several_t  *several;

    size = share->text.len + share->size;

    if (size > NGX_HTTP_VEDETTE_SEVERAL_SMALL
        || !ngx_http_vedette_redis_usable(redis))
    {
        return NGX_DECLINED;
    }

    for (cl = share->body; cl; cl = cl->next) {
        if (!ngx_buf_in_memory(cl->buf)) {
            /* reading it may fail, and the others would fail with it */
            return NGX_DECLINED;
        }
    }

    several = ngx_http_vedette_several_open(redis, size);
    if (several == NULL) {
        return NGX_DECLINED;
    }

    several->n++;
    several->size += size;

    share->several = several;
    share->written = NULL;

    ngx_queue_insert_tail(&several->shares, &share->queue);

    return NGX_OK;
}


/* one that has room for so many bytes */

static ngx_http_vedette_several_t *
ngx_http_vedette_several_open(ngx_http_vedette_redis_t *redis, size_t size)
{
    ngx_queue_t                 *q;
    ngx_http_vedette_several_t  *several;

    if (!ngx_queue_empty(&redis->gathered)) {

        q = ngx_queue_last(&redis->gathered);
        several = ngx_queue_data(q, ngx_http_vedette_several_t, queue);

        if (several->n < VEDETTE_SEVERAL_MAX
            && several->size + size <= VEDETTE_SEVERAL_BYTES)
        {
            return several;
        }
    }

    several = ngx_alloc(sizeof(ngx_http_vedette_several_t), ngx_cycle->log);
    if (several == NULL) {
        return NULL;
    }

    ngx_queue_init(&several->shares);

    several->n = 0;
    several->size = 0;
    several->job = NULL;
    several->told = 0;

    ngx_queue_insert_tail(&redis->gathered, &several->queue);

    if (!redis->turn.posted) {
        ngx_post_event(&redis->turn, &ngx_posted_events);
    }

    return several;
}


/* its memory goes; the handler will not be called any more */

void
ngx_http_vedette_several_leave(ngx_http_vedette_share_t *share)
{
    ngx_http_vedette_several_t  *several;

    several = share->several;

    if (several == NULL) {
        return;
    }

    share->several = NULL;

    ngx_queue_remove(&share->queue);

    several->n--;

    if (several->told) {
        return;
    }

    if (several->job == NULL) {
        /* the turn has not ended: it was never there */
        several->size -= share->text.len + share->size;
        return;
    }

    if (share->written) {
        ngx_http_vedette_redis_keep(several->job, share->written);
    }

    if (several->n == 0) {
        ngx_http_vedette_redis_cancel(several->job);
        ngx_free(several);
    }
}


static void
ngx_http_vedette_several_turn(ngx_event_t *ev)
{
    ngx_queue_t                 *q;
    ngx_http_vedette_redis_t    *redis;
    ngx_http_vedette_several_t  *several;

    redis = ev->data;

    while (!ngx_queue_empty(&redis->gathered)) {

        q = ngx_queue_head(&redis->gathered);
        ngx_queue_remove(q);

        several = ngx_queue_data(q, ngx_http_vedette_several_t, queue);

        if (ngx_http_vedette_several_send(redis, several) != NGX_OK) {
            ngx_http_vedette_several_told(several, NULL);
        }
    }
}


/* NGX_ERROR: they will not be told */

static ngx_int_t
ngx_http_vedette_several_send(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_several_t *several)
{
    ngx_str_t                  args[5];
    ngx_uint_t                 i;
    ngx_queue_t               *q;
    ngx_http_vedette_part_t    parts[VEDETTE_SEVERAL_MAX];
    ngx_http_vedette_share_t  *share;

    if (several->n == 0) {
        return NGX_ERROR;
    }

    ngx_str_set(&args[0], "XADD");
    ngx_str_set(&args[1], VEDETTE_STREAM);
    ngx_str_set(&args[2], "*");
    ngx_str_set(&args[3], VEDETTE_F_VERSION);

    if (several->n == 1) {
        ngx_str_set(&args[4], "");

    } else {
        ngx_str_set(&args[4], VEDETTE_MESSAGE_VERSION_SEVERAL);
    }

    i = 0;

    for (q = ngx_queue_head(&several->shares);
         q != ngx_queue_sentinel(&several->shares);
         q = ngx_queue_next(q))
    {
        share = ngx_queue_data(q, ngx_http_vedette_share_t, queue);

        parts[i].head = share->text;
        parts[i].body = share->body;
        parts[i].size = share->size;

        if (several->n > 1) {
            ngx_http_vedette_several_length(&parts[i].head, share->size);
        }

        i++;
    }

    several->job = ngx_http_vedette_redis_send_parts(redis, args, 5, parts, i,
                                                  ngx_http_vedette_several_told,
                                                  several);
    if (several->job == NULL) {
        return NGX_ERROR;
    }

    i = 0;

    for (q = ngx_queue_head(&several->shares);
         q != ngx_queue_sentinel(&several->shares);
         q = ngx_queue_next(q))
    {
        share = ngx_queue_data(q, ngx_http_vedette_share_t, queue);
        share->written = parts[i++].written;
    }

    return NGX_OK;
}


/* in front of the text, where there is room for it */

static void
ngx_http_vedette_several_length(ngx_str_t *text, size_t size)
{
    u_char  *p, digits[NGX_INT64_LEN];
    size_t   len;

    p = ngx_http_vedette_digits(digits, text->len + size);
    *p++ = ':';

    len = p - digits;

    text->data -= len;
    text->len += len;

    ngx_memcpy(text->data, digits, len);
}


static void
ngx_http_vedette_several_told(void *data, redisReply *reply)
{
    ngx_http_vedette_several_t *several = data;

    ngx_queue_t               *q;
    ngx_http_vedette_share_t  *share;

    several->told = 1;
    several->job = NULL;

    while (!ngx_queue_empty(&several->shares)) {

        q = ngx_queue_head(&several->shares);
        ngx_queue_remove(q);

        share = ngx_queue_data(q, ngx_http_vedette_share_t, queue);
        share->several = NULL;

        share->handler(share->data, reply);
    }

    ngx_free(several);
}
