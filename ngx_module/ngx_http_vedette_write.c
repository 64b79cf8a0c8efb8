
/*
 * What goes out to Redis: commands in the buffer of hiredis, and bodies from
 * where nginx has read them to.
 *
 * A body is not copied on its way to the socket (limits.md A: at 40 KB copying
 * it is a third of the work).  The buffer has the commands without it, each
 * body knows after which byte of the buffer it goes, and one writev() takes
 * them in turn.  So hiredis must not write by itself, but once, while it
 * connects, when no body is there yet.
 *
 * The request that a body belongs to may go before the body has been written:
 * its time is up, or its client has left.  What is left of it is copied then,
 * because a command that has been begun has to be ended.
 */


#include "ngx_http_vedette_module.h"


/* one writev(): a command, two parts of its body, …, what follows the last */
#define NGX_HTTP_VEDETTE_WRITE_PARTS   (3 * 64 + 1)

/* smaller bodies are copied: that is cheaper than two more parts */
#define NGX_HTTP_VEDETTE_WRITE_SMALL   4096

/* so much of the buffer may be spent before the rest is moved to its front */
#define NGX_HTTP_VEDETTE_WRITE_SPENT   (64 * 1024)

/*
 * A buffer up to this size is kept for the next turn: it grows by doubling, and
 * a turn with small bodies fills 128 KB of it.  What pieces of files need is
 * more, and goes.
 */
#define NGX_HTTP_VEDETTE_WRITE_KEEP    (288 * 1024)


static void ngx_http_vedette_write_done(ngx_http_vedette_write_t *w,
    size_t size);


void
ngx_http_vedette_write_init(ngx_http_vedette_write_t *w)
{
    ngx_queue_init(&w->bodies);
    w->sent = 0;
    w->unsent = 0;
}


/* NGX_DECLINED: this one is to be copied to the buffer */

ngx_int_t
ngx_http_vedette_write_body(ngx_http_vedette_write_body_t *body,
    ngx_chain_t *chain, size_t len)
{
    ngx_uint_t    i;
    ngx_chain_t  *cl;

    if (len < NGX_HTTP_VEDETTE_WRITE_SMALL) {
        return NGX_DECLINED;
    }

    for (i = 0, cl = chain; cl; cl = cl->next, i++) {

        if (i == 2 || !ngx_buf_in_memory(cl->buf)) {
            return NGX_DECLINED;
        }

        body->part[i].data = cl->buf->pos;
        body->part[i].len = cl->buf->last - cl->buf->pos;
    }

    if (i == 1) {
        ngx_str_null(&body->part[1]);
    }

    body->queued = 0;
    body->copy = NULL;

    return NGX_OK;
}


/* the body follows the first so many bytes of the buffer as is its place */

void
ngx_http_vedette_write_queue(ngx_http_vedette_write_t *w,
    ngx_http_vedette_write_body_t *body)
{
    body->queued = 1;

    w->unsent += body->part[0].len + body->part[1].len;

    ngx_queue_insert_tail(&w->bodies, &body->queue);
}


/* the memory of the body goes, and its command has to be ended all the same */

ngx_int_t
ngx_http_vedette_write_keep(ngx_http_vedette_write_body_t *body)
{
    u_char  *p;
    size_t   len;

    if (!body->queued || body->copy) {
        return NGX_OK;
    }

    len = body->part[0].len + body->part[1].len;

    p = ngx_alloc(len, ngx_cycle->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->copy = p;

    p = ngx_cpymem(p, body->part[0].data, body->part[0].len);
    ngx_memcpy(p, body->part[1].data, body->part[1].len);

    body->part[0].data = body->copy;
    body->part[0].len = len;
    ngx_str_null(&body->part[1]);

    return NGX_OK;
}


void
ngx_http_vedette_write_drop(ngx_http_vedette_write_body_t *body)
{
    if (body->queued) {
        body->queued = 0;
        ngx_queue_remove(&body->queue);
    }

    if (body->copy) {
        ngx_free(body->copy);
        body->copy = NULL;
    }
}


/* NGX_OK: all is written.  NGX_AGAIN: the socket takes no more now */

ngx_int_t
ngx_http_vedette_write_flush(ngx_http_vedette_write_t *w, ngx_fd_t fd,
    sds *buf)
{
    int                             i, n;
    size_t                          at, len, size;
    ssize_t                         sent;
    ngx_queue_t                    *q;
    struct iovec                    iov[NGX_HTTP_VEDETTE_WRITE_PARTS];
    ngx_http_vedette_write_body_t  *body;

    for ( ;; ) {
        at = w->sent;
        len = sdslen(*buf);
        size = 0;
        n = 0;

        for (q = ngx_queue_head(&w->bodies);
             q != ngx_queue_sentinel(&w->bodies)
                 && n <= NGX_HTTP_VEDETTE_WRITE_PARTS - 4;
             q = ngx_queue_next(q))
        {
            body = ngx_queue_data(q, ngx_http_vedette_write_body_t, queue);

            if (body->place > at) {
                iov[n].iov_base = *buf + at;
                iov[n].iov_len = body->place - at;
                size += iov[n++].iov_len;
                at = body->place;
            }

            for (i = 0; i < 2; i++) {
                if (body->part[i].len) {
                    iov[n].iov_base = body->part[i].data;
                    iov[n].iov_len = body->part[i].len;
                    size += iov[n++].iov_len;
                }
            }
        }

        if (q == ngx_queue_sentinel(&w->bodies) && len > at) {
            iov[n].iov_base = *buf + at;
            iov[n].iov_len = len - at;
            size += iov[n++].iov_len;
        }

        if (n == 0) {
            break;
        }

        sent = writev(fd, iov, n);

        if (sent == -1) {

            if (ngx_errno == NGX_EINTR) {
                continue;
            }

            if (ngx_errno != NGX_EAGAIN) {
                return NGX_ERROR;
            }

            sent = 0;
        }

        ngx_http_vedette_write_done(w, (size_t) sent);

        if ((size_t) sent < size) {

            if (w->sent > NGX_HTTP_VEDETTE_WRITE_SPENT) {

                for (q = ngx_queue_head(&w->bodies);
                     q != ngx_queue_sentinel(&w->bodies);
                     q = ngx_queue_next(q))
                {
                    body = ngx_queue_data(q, ngx_http_vedette_write_body_t,
                                          queue);
                    body->place -= w->sent;
                }

                sdsrange(*buf, (int) w->sent, -1);
                w->sent = 0;
            }

            return NGX_AGAIN;
        }
    }

    w->sent = 0;

    if (sdslen(*buf) + sdsavail(*buf) > NGX_HTTP_VEDETTE_WRITE_KEEP) {
        sdsfree(*buf);
        *buf = sdsempty();

        return *buf ? NGX_OK : NGX_ERROR;
    }

    sdsclear(*buf);

    return NGX_OK;
}


static void
ngx_http_vedette_write_done(ngx_http_vedette_write_t *w, size_t size)
{
    size_t                          n;
    ngx_uint_t                      i;
    ngx_queue_t                    *q;
    ngx_http_vedette_write_body_t  *body;

    while (!ngx_queue_empty(&w->bodies)) {
        q = ngx_queue_head(&w->bodies);
        body = ngx_queue_data(q, ngx_http_vedette_write_body_t, queue);

        n = ngx_min(body->place - w->sent, size);
        w->sent += n;
        size -= n;

        for (i = 0; i < 2; i++) {
            n = ngx_min(body->part[i].len, size);
            body->part[i].data += n;
            body->part[i].len -= n;
            w->unsent -= n;
            size -= n;
        }

        if (w->sent < body->place || body->part[0].len || body->part[1].len) {
            return;
        }

        ngx_http_vedette_write_drop(body);
    }

    w->sent += size;
}
