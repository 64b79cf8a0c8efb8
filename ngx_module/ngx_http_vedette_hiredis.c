
/*
 * What hiredis does for each command and each reply, in fewer steps, because
 * it shows in each request.
 *
 * A command is written by us (_redis.c); hiredis only has to know that a reply
 * will come, so it need not look for SUBSCRIBE in it or copy it.  And the reply
 * to an XADD is a short string that is gone when its handler returns: one that
 * is there already serves for all of them.
 */


#include "ngx_http_vedette_module.h"


/* an id of a stream has 41 at most */
#define NGX_HTTP_VEDETTE_SHORT_REPLY  64


static void *ngx_http_vedette_hiredis_string(const redisReadTask *task,
    char *str, size_t len);
static void ngx_http_vedette_hiredis_free(void *reply);


static redisReplyObjectFunctions  ngx_http_vedette_hiredis_theirs;
static redisReplyObjectFunctions  ngx_http_vedette_hiredis_ours;

static redisReply                 ngx_http_vedette_hiredis_reply;
static char  ngx_http_vedette_hiredis_text[NGX_HTTP_VEDETTE_SHORT_REPLY];
static ngx_uint_t                 ngx_http_vedette_hiredis_used;


/* for a new connection */

void
ngx_http_vedette_hiredis_init(redisAsyncContext *ac)
{
    if (ngx_http_vedette_hiredis_ours.createString == NULL) {

        ngx_http_vedette_hiredis_theirs = *ac->c.reader->fn;
        ngx_http_vedette_hiredis_ours = *ac->c.reader->fn;

        ngx_http_vedette_hiredis_ours.createString =
                                               ngx_http_vedette_hiredis_string;
        ngx_http_vedette_hiredis_ours.freeObject =
                                               ngx_http_vedette_hiredis_free;
    }

    ac->c.reader->fn = &ngx_http_vedette_hiredis_ours;
}


/* the next reply that nobody expects yet is for this one */

ngx_int_t
ngx_http_vedette_hiredis_expect(redisAsyncContext *ac, redisCallbackFn *fn,
    void *data)
{
    redisCallback  *cb;

    if (ac->c.flags & (REDIS_DISCONNECTING|REDIS_FREEING)) {
        return NGX_ERROR;
    }

    /* hiredis frees it */

    cb = calloc(1, sizeof(redisCallback));
    if (cb == NULL) {
        return NGX_ERROR;
    }

    cb->fn = fn;
    cb->privdata = data;

    if (ac->replies.tail) {
        ac->replies.tail->next = cb;

    } else {
        ac->replies.head = cb;
    }

    ac->replies.tail = cb;

    return NGX_OK;
}


static void *
ngx_http_vedette_hiredis_string(const redisReadTask *task, char *str,
    size_t len)
{
    redisReply  *reply;

    if (task->type != REDIS_REPLY_STRING || task->parent
        || len >= NGX_HTTP_VEDETTE_SHORT_REPLY || ngx_http_vedette_hiredis_used)
    {
        return ngx_http_vedette_hiredis_theirs.createString(task, str, len);
    }

    ngx_http_vedette_hiredis_used = 1;

    ngx_memcpy(ngx_http_vedette_hiredis_text, str, len);
    ngx_http_vedette_hiredis_text[len] = '\0';

    reply = &ngx_http_vedette_hiredis_reply;

    reply->type = REDIS_REPLY_STRING;
    reply->str = ngx_http_vedette_hiredis_text;
    reply->len = len;

    return reply;
}


static void
ngx_http_vedette_hiredis_free(void *reply)
{
    if (reply == &ngx_http_vedette_hiredis_reply) {
        ngx_http_vedette_hiredis_used = 0;
        return;
    }

    ngx_http_vedette_hiredis_theirs.freeObject(reply);
}
