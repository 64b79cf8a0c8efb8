
/*
 * What hiredis does for each command and each reply, in fewer steps, because
 * it shows in each request.
 *
 * A command is written by us (_redis.c); hiredis only has to know that a reply
 * will come, so it need not look for SUBSCRIBE in it or copy it.  And the reply
 * to an XADD is a short string, that to an INCRBY a number, and either is gone
 * when its handler returns: one that is there already serves for all of them,
 * and hiredis does not see it at all unless it came together with another kind
 * of reply, or in two parts.
 */


#include "ngx_http_vedette_module.h"


/* an id of a stream has 41 at most */
#define NGX_HTTP_VEDETTE_SHORT_REPLY  64

/* one read from the socket, which is some hundred of them */
#define NGX_HTTP_VEDETTE_REPLIES      (16 * 1024)

/* so many callbacks are kept for the next commands */
#define NGX_HTTP_VEDETTE_CALLBACKS    512


/* hiredis has it, its header has not */
void redisProcessCallbacks(redisAsyncContext *ac);

static ngx_uint_t ngx_http_vedette_hiredis_between(redisReader *reader);
static u_char *ngx_http_vedette_hiredis_short(u_char *p, u_char *last,
    redisReply *reply);
static void ngx_http_vedette_hiredis_call(redisAsyncContext *ac,
    redisReply *reply);
static void *ngx_http_vedette_hiredis_string(const redisReadTask *task,
    char *str, size_t len);
static void ngx_http_vedette_hiredis_free(void *reply);


static redisReplyObjectFunctions  ngx_http_vedette_hiredis_theirs;
static redisReplyObjectFunctions  ngx_http_vedette_hiredis_ours;

static redisReply                 ngx_http_vedette_hiredis_reply;
static char  ngx_http_vedette_hiredis_text[NGX_HTTP_VEDETTE_SHORT_REPLY];
static ngx_uint_t                 ngx_http_vedette_hiredis_used;

static redisCallback             *ngx_http_vedette_hiredis_callbacks;
static ngx_uint_t                 ngx_http_vedette_hiredis_ncallbacks;


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

    cb = ngx_http_vedette_hiredis_callbacks;

    if (cb) {
        ngx_http_vedette_hiredis_callbacks = cb->next;
        ngx_http_vedette_hiredis_ncallbacks--;

    } else {
        /* hiredis may free it */
        cb = calloc(1, sizeof(redisCallback));
        if (cb == NULL) {
            return NGX_ERROR;
        }
    }

    cb->next = NULL;
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


/* the socket can be read: calls those whose replies are there */

void
ngx_http_vedette_hiredis_read(redisAsyncContext *ac)
{
    u_char       *p, *next, *last;
    ssize_t       n;
    redisReply   *reply;
    redisReader  *reader;

    static u_char  buf[NGX_HTTP_VEDETTE_REPLIES];

    reader = ac->c.reader;
    reply = &ngx_http_vedette_hiredis_reply;

    if (!(ac->c.flags & REDIS_CONNECTED) || ac->c.err
        || !ngx_http_vedette_hiredis_between(reader))
    {
        /* it connects, or has to do with the beginning of a reply */
        redisAsyncHandleRead(ac);
        return;
    }

    n = recv(ac->c.fd, buf, sizeof(buf), 0);

    if (n == -1 && (ngx_errno == NGX_EAGAIN || ngx_errno == NGX_EINTR)) {
        return;
    }

    p = buf;
    last = buf + ngx_max(n, 0);

    while (p < last && ac->replies.head) {

        next = ngx_http_vedette_hiredis_short(p, last, reply);

        if (next == NULL) {
            break;
        }

        p = next;

        ngx_http_vedette_hiredis_call(ac, reply);

        if (ac->c.flags & REDIS_FREEING) {
            redisAsyncFree(ac);
            return;
        }
    }

    if (n <= 0) {
        /* it finds out about the end or the error for itself */
        redisAsyncHandleRead(ac);
        return;
    }

    if (p == last) {
        return;
    }

    if (redisReaderFeed(reader, (char *) p, last - p) != REDIS_OK) {
        redisAsyncFree(ac);
        return;
    }

    /* without another read: there may be nothing behind it but the end */

    redisProcessCallbacks(ac);
}


/*
 * It has nothing of a reply: either it has not been asked since the last one,
 * or it has looked for the next and not found its first byte.
 */

static ngx_uint_t
ngx_http_vedette_hiredis_between(redisReader *reader)
{
    return reader->pos == reader->len
           && (reader->ridx == -1
               || (reader->ridx == 0 && reader->rstack[0].type == -1));
}


/*
 * "$" length CRLF text CRLF, whole and short, or ":" number CRLF; what follows
 * it, or NULL.
 */

static u_char *
ngx_http_vedette_hiredis_short(u_char *p, u_char *last, redisReply *reply)
{
    size_t      n;
    u_char      type, *first;
    ngx_uint_t  digits;

    if (last - p < 4) {
        return NULL;
    }

    type = *p++;
    first = p;

    for (n = 0; p < last && *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (*p - '0');
    }

    digits = p - first;

    /* "$-1", which is no string, and numbers below 0 have none here */

    if (digits == 0 || digits > 18 || last - p < 2 || *p != CR) {
        return NULL;
    }

    p += 2;

    switch (type) {

    case ':':
        reply->type = REDIS_REPLY_INTEGER;
        reply->integer = (long long) n;
        reply->len = 0;
        return p;

    case '$':

        if (n >= NGX_HTTP_VEDETTE_SHORT_REPLY || (size_t) (last - p) < n + 2) {
            return NULL;
        }

        reply->type = REDIS_REPLY_STRING;
        reply->len = n;

        ngx_memcpy(ngx_http_vedette_hiredis_text, p, n);

        return p + n + 2;

    default:
        return NULL;
    }
}


/* the first of those who wait; within it hiredis does not free the context */

static void
ngx_http_vedette_hiredis_call(redisAsyncContext *ac, redisReply *reply)
{
    void             *data;
    redisCallback    *cb;
    redisCallbackFn  *fn;

    cb = ac->replies.head;

    ac->replies.head = cb->next;

    if (ac->replies.tail == cb) {
        ac->replies.tail = NULL;
    }

    fn = cb->fn;
    data = cb->privdata;

    if (ngx_http_vedette_hiredis_ncallbacks < NGX_HTTP_VEDETTE_CALLBACKS) {
        cb->next = ngx_http_vedette_hiredis_callbacks;
        ngx_http_vedette_hiredis_callbacks = cb;
        ngx_http_vedette_hiredis_ncallbacks++;

    } else {
        free(cb);
    }

    reply->str = ngx_http_vedette_hiredis_text;
    reply->str[reply->len] = '\0';

    ac->c.flags |= REDIS_IN_CALLBACK;

    fn(ac, reply, data);

    ac->c.flags &= ~REDIS_IN_CALLBACK;
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
