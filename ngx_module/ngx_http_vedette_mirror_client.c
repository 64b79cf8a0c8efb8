
/*
 * The client of the mirror: a few kept connections of a worker, one copy at a
 * time on each.
 *
 * A kept connection may have been closed by the server while the copy was on
 * its way: then the copy goes once more, over a new one.  What a server refuses
 * or does not answer in time is counted, and not sent again.  A server that
 * cannot be reached is left alone for a while, longer each time.
 */


#include "ngx_http_vedette_mirror.h"


#define NGX_HTTP_VEDETTE_MIRROR_IDLE      55000
#define NGX_HTTP_VEDETTE_MIRROR_CHUNK     (64 * 1024)
#define NGX_HTTP_VEDETTE_MIRROR_MIN_WAIT  100
#define NGX_HTTP_VEDETTE_MIRROR_MAX_WAIT  5000
#define NGX_HTTP_VEDETTE_MIRROR_LOG_EVERY 60


static ngx_int_t ngx_http_vedette_mirror_connect(
    ngx_http_vedette_mirror_conn_t *conn);
static void ngx_http_vedette_mirror_send(ngx_http_vedette_mirror_conn_t *conn);
static ssize_t ngx_http_vedette_mirror_next(
    ngx_http_vedette_mirror_conn_t *conn, u_char **p);
static void ngx_http_vedette_mirror_write_handler(ngx_event_t *wev);
static void ngx_http_vedette_mirror_read_handler(ngx_event_t *rev);
static ngx_int_t ngx_http_vedette_mirror_answer(
    ngx_http_vedette_mirror_conn_t *conn);
static ngx_uint_t ngx_http_vedette_mirror_header(u_char **p, u_char *last,
    ngx_str_t *name, ngx_str_t *value);
static void ngx_http_vedette_mirror_done(ngx_http_vedette_mirror_conn_t *conn);
static void ngx_http_vedette_mirror_failed(ngx_http_vedette_mirror_conn_t *conn,
    char *why);
static void ngx_http_vedette_mirror_trouble(ngx_http_vedette_mirror_t *mirror,
    ngx_uint_t status, char *why);


/* gives what waits to connections that are free */

void
ngx_http_vedette_mirror_pump(ngx_http_vedette_mirror_t *mirror)
{
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_vedette_copy_t         *copy;
    ngx_http_vedette_mirror_conn_t  *conn, *open, *closed;

    while (!ngx_queue_empty(&mirror->waiting) && !mirror->retry.timer_set) {

        open = NULL;
        closed = NULL;

        for (i = 0; i < mirror->connections; i++) {
            conn = &mirror->conns[i];

            if (conn->connection == NULL) {
                closed = conn;

            } else if (conn->copy == NULL) {
                open = conn;
            }
        }

        conn = open ? open : closed;

        if (conn == NULL) {
            return;
        }

        q = ngx_queue_head(&mirror->waiting);
        ngx_queue_remove(q);

        copy = ngx_queue_data(q, ngx_http_vedette_copy_t, queue);

        if (copy->repeated && open) {
            /* kept connections may all be stale: the second time a new one */
            ngx_http_vedette_mirror_close(open);
            open = NULL;
        }

        conn->copy = copy;
        conn->sent = 0;
        conn->chunk_pos = 0;
        conn->chunk_len = 0;
        conn->in_len = 0;
        conn->rest = 0;
        conn->answered = 0;
        conn->keep = 0;
        conn->reused = (open != NULL);

        if (open == NULL && ngx_http_vedette_mirror_connect(conn) != NGX_OK) {
            continue;
        }

        conn->connection->idle = 0;
        conn->connection->read->cancelable = 0;
        ngx_add_timer(conn->connection->read, mirror->timeout);

        if (conn->connected) {
            ngx_http_vedette_mirror_send(conn);
        }
    }
}


void
ngx_http_vedette_mirror_retry(ngx_event_t *ev)
{
    ngx_http_vedette_mirror_t  *mirror;

    mirror = (ngx_http_vedette_mirror_t *)
                 ((u_char *) ev - offsetof(ngx_http_vedette_mirror_t, retry));

    ngx_http_vedette_mirror_pump(mirror);
}


static ngx_int_t
ngx_http_vedette_mirror_connect(ngx_http_vedette_mirror_conn_t *conn)
{
    ngx_int_t                   rc;
    ngx_addr_t                 *addr;
    ngx_connection_t           *c;
    ngx_peer_connection_t       peer;
    ngx_http_vedette_mirror_t  *mirror;

    mirror = conn->mirror;
    addr = &mirror->addrs[mirror->next++ % mirror->naddrs];

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = addr->sockaddr;
    peer.socklen = addr->socklen;
    peer.name = &addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = ngx_cycle->log;
    peer.log_error = NGX_ERROR_INFO;

    rc = ngx_event_connect_peer(&peer);

    c = peer.connection;

    if (rc == NGX_ERROR || rc == NGX_BUSY || rc == NGX_DECLINED) {

        if (c) {
            ngx_close_connection(c);
        }

        ngx_http_vedette_mirror_failed(conn, "it cannot be connected to");

        return NGX_ERROR;
    }

    c->data = conn;
    c->log = ngx_cycle->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->read->handler = ngx_http_vedette_mirror_read_handler;
    c->write->handler = ngx_http_vedette_mirror_write_handler;

    conn->connection = c;
    conn->connected = (rc == NGX_OK);

    return NGX_OK;
}


static void
ngx_http_vedette_mirror_send(ngx_http_vedette_mirror_conn_t *conn)
{
    u_char            *p;
    ssize_t            n, len;
    ngx_connection_t  *c;

    c = conn->connection;

    for ( ;; ) {

        len = ngx_http_vedette_mirror_next(conn, &p);

        if (len == NGX_ERROR) {
            ngx_http_vedette_mirror_failed(conn, "its body cannot be read");
            return;
        }

        if (len == 0) {
            break;
        }

        n = c->send(c, p, len);

        if (n == NGX_ERROR) {
            ngx_http_vedette_mirror_failed(conn, conn->connected
                                           ? "the connection broke"
                                           : "it cannot be connected to");
            return;
        }

        if (n == NGX_AGAIN) {
            break;
        }

        conn->connected = 1;

        if (conn->sent >= conn->copy->head.len && conn->copy->body == NULL) {
            conn->chunk_pos += n;
        }

        conn->sent += n;

        ngx_add_timer(c->read, conn->mirror->timeout);
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK
        || ngx_handle_read_event(c->read, 0) != NGX_OK)
    {
        ngx_http_vedette_mirror_failed(conn, "out of memory");
    }
}


/* the next bytes; 0: there are no more */

static ssize_t
ngx_http_vedette_mirror_next(ngx_http_vedette_mirror_conn_t *conn, u_char **p)
{
    size_t                    done;
    ssize_t                   n;
    ngx_http_vedette_copy_t  *copy;

    copy = conn->copy;

    if (conn->sent < copy->head.len) {
        *p = copy->head.data + conn->sent;
        return copy->head.len - conn->sent;
    }

    done = conn->sent - copy->head.len;

    if (done == copy->size) {
        return 0;
    }

    if (copy->body) {
        *p = copy->body + done;
        return copy->size - done;
    }

    if (conn->chunk_pos == conn->chunk_len) {

        if (conn->chunk == NULL) {
            conn->chunk = ngx_alloc(NGX_HTTP_VEDETTE_MIRROR_CHUNK,
                                    ngx_cycle->log);
            if (conn->chunk == NULL) {
                return NGX_ERROR;
            }
        }

        n = pread(copy->fd, conn->chunk,
                  ngx_min(copy->size - done, NGX_HTTP_VEDETTE_MIRROR_CHUNK),
                  copy->offset + done);

        if (n <= 0) {
            return NGX_ERROR;
        }

        conn->chunk_pos = 0;
        conn->chunk_len = n;
    }

    *p = conn->chunk + conn->chunk_pos;

    return conn->chunk_len - conn->chunk_pos;
}


static void
ngx_http_vedette_mirror_write_handler(ngx_event_t *wev)
{
    ngx_connection_t                *c;
    ngx_http_vedette_mirror_conn_t  *conn;

    c = wev->data;
    conn = c->data;

    if (conn->copy) {
        ngx_http_vedette_mirror_send(conn);
    }
}


static void
ngx_http_vedette_mirror_read_handler(ngx_event_t *rev)
{
    ssize_t                          n;
    ngx_connection_t                *c;
    ngx_http_vedette_mirror_conn_t  *conn;

    c = rev->data;
    conn = c->data;

    if (rev->timedout || c->close) {

        if (conn->copy) {
            ngx_http_vedette_mirror_failed(conn, c->close
                                           ? "nginx stops"
                                           : "it does not answer in time");
        } else {
            ngx_http_vedette_mirror_close(conn);
        }

        return;
    }

    for ( ;; ) {

        n = c->recv(c, conn->in + conn->in_len,
                    NGX_HTTP_VEDETTE_MIRROR_HEAD - conn->in_len);

        if (n == NGX_AGAIN) {

            if (ngx_handle_read_event(rev, 0) != NGX_OK) {
                ngx_http_vedette_mirror_close(conn);
            }

            return;
        }

        if (conn->copy == NULL) {
            /* the server has enough of an idle connection */
            ngx_http_vedette_mirror_close(conn);
            return;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_vedette_mirror_failed(conn, conn->connected
                                           ? "the connection broke"
                                           : "it cannot be connected to");
            return;
        }

        if (conn->answered) {
            conn->rest -= n;

            if (conn->rest < 0) {
                conn->keep = 0;
            }

        } else {
            conn->in_len += n;

            if (ngx_http_vedette_mirror_answer(conn) == NGX_AGAIN) {
                continue;
            }
        }

        if (conn->rest <= 0) {
            ngx_http_vedette_mirror_done(conn);
            return;
        }
    }
}


/*
 * NGX_AGAIN: the head is not whole yet.  Else the status is known, and if the
 * connection may be kept, how much of the body is still to come.
 */

static ngx_int_t
ngx_http_vedette_mirror_answer(ngx_http_vedette_mirror_conn_t *conn)
{
    off_t       length;
    u_char     *p, *end, *last;
    ngx_int_t   status;
    ngx_str_t   name, value;

    p = conn->in;
    last = conn->in + conn->in_len;

    end = ngx_strnstr(p, CRLF CRLF, conn->in_len);

    if (end == NULL) {

        if (conn->in_len < NGX_HTTP_VEDETTE_MIRROR_HEAD) {
            return NGX_AGAIN;
        }

        end = last - 4;
    }

    conn->answered = 1;

    status = (conn->in_len > 12) ? ngx_atoi(p + 9, 3) : NGX_ERROR;

    conn->status = (ngx_strncmp(p, "HTTP/1.", 7) == 0 && status != NGX_ERROR)
                   ? status : 0;

    conn->keep = (p[7] == '1');
    length = (conn->status == 204) ? 0 : -1;

    p = ngx_strlchr(p, end, LF);

    while (p && ngx_http_vedette_mirror_header(&p, end, &name, &value)) {

        if (name.len == 14
            && ngx_strncasecmp(name.data, (u_char *) "content-length", 14) == 0)
        {
            length = ngx_atoof(value.data, value.len);

        } else if (name.len == 10
                   && ngx_strncasecmp(name.data, (u_char *) "connection", 10)
                      == 0
                   && ngx_strlcasestrn(value.data, value.data + value.len,
                                       (u_char *) "close", 5 - 1))
        {
            conn->keep = 0;
        }
    }

    conn->rest = length - (last - (end + 4));

    if (length < 0 || conn->rest < 0
        || conn->sent < conn->copy->head.len + conn->copy->size)
    {
        /* its end is not to be seen, or it has not heard us to our end */
        conn->keep = 0;
    }

    if (!conn->keep) {
        conn->rest = 0;
    }

    conn->in_len = 0;

    return NGX_OK;
}


/* the next line behind the LF at *p; 0: there is none */

static ngx_uint_t
ngx_http_vedette_mirror_header(u_char **p, u_char *last, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char  *colon, *end;

    name->data = *p + 1;

    if (name->data >= last) {
        return 0;
    }

    end = ngx_strlchr(name->data, last, LF);
    *p = end ? end : last;

    colon = ngx_strlchr(name->data, *p, ':');

    if (colon == NULL) {
        colon = *p;
    }

    name->len = colon - name->data;

    value->data = ngx_min(colon + 1, *p);

    while (value->data < *p && *value->data == ' ') {
        value->data++;
    }

    value->len = *p - value->data;

    while (value->len && (value->data[value->len - 1] == CR
                          || value->data[value->len - 1] == ' '))
    {
        value->len--;
    }

    return 1;
}


static void
ngx_http_vedette_mirror_done(ngx_http_vedette_mirror_conn_t *conn)
{
    ngx_connection_t           *c;
    ngx_http_vedette_mirror_t  *mirror;

    mirror = conn->mirror;
    c = conn->connection;

    mirror->failures = 0;

    if (conn->status >= 200 && conn->status < 300) {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_SENT);

    } else {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_REFUSED);
        ngx_http_vedette_mirror_trouble(mirror, conn->status, "it refuses");
    }

    ngx_http_vedette_copy_free(mirror, conn->copy);
    conn->copy = NULL;

    if (conn->keep) {
        /* also in a worker that ends: what waits goes over it, in order */
        c->idle = 1;
        c->read->cancelable = 1;
        ngx_add_timer(c->read, NGX_HTTP_VEDETTE_MIRROR_IDLE);

        if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
            ngx_http_vedette_mirror_close(conn);
        }

    } else {
        ngx_http_vedette_mirror_close(conn);
    }

    ngx_http_vedette_mirror_pump(mirror);
}


/*
 * A server that cannot be reached gets nothing for a while, and what waits
 * goes on waiting.  A connection that was kept may have been closed while we
 * used it: that is no failure, the copy goes once more.
 */

static void
ngx_http_vedette_mirror_failed(ngx_http_vedette_mirror_conn_t *conn, char *why)
{
    ngx_msec_t                  wait;
    ngx_uint_t                  stale, shift;
    ngx_http_vedette_copy_t    *copy;
    ngx_http_vedette_mirror_t  *mirror;

    mirror = conn->mirror;
    copy = conn->copy;
    conn->copy = NULL;

    stale = conn->reused && !conn->answered && conn->in_len == 0
            && !copy->repeated && conn->connection
            && !conn->connection->read->timedout;

    if ((stale || !conn->connected) && !ngx_exiting) {
        copy->repeated = 1;
        ngx_queue_insert_head(&mirror->waiting, &copy->queue);

    } else {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_FAILED);
        ngx_http_vedette_copy_free(mirror, copy);
    }

    if (conn->connection) {
        ngx_http_vedette_mirror_close(conn);
    }

    if (ngx_exiting) {
        /* the worker does not stay for a server that is in trouble */
        ngx_http_vedette_mirror_drop(mirror);
        return;
    }

    if (stale) {
        ngx_http_vedette_mirror_pump(mirror);
        return;
    }

    ngx_http_vedette_mirror_trouble(mirror, 0, why);

    shift = ngx_min(mirror->failures, 6);
    wait = ngx_min(NGX_HTTP_VEDETTE_MIRROR_MIN_WAIT << shift,
                   NGX_HTTP_VEDETTE_MIRROR_MAX_WAIT);

    mirror->failures++;

    if (!mirror->retry.timer_set) {
        ngx_add_timer(&mirror->retry, wait / 2 + ngx_random() % (wait / 2));
    }
}


void
ngx_http_vedette_mirror_close(ngx_http_vedette_mirror_conn_t *conn)
{
    ngx_close_connection(conn->connection);

    conn->connection = NULL;
    conn->connected = 0;
}


void
ngx_http_vedette_mirror_drop(ngx_http_vedette_mirror_t *mirror)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&mirror->waiting)) {
        q = ngx_queue_head(&mirror->waiting);
        ngx_queue_remove(q);

        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_DROPPED);
        ngx_http_vedette_copy_free(mirror,
                          ngx_queue_data(q, ngx_http_vedette_copy_t, queue));
    }
}


static void
ngx_http_vedette_mirror_trouble(ngx_http_vedette_mirror_t *mirror,
    ngx_uint_t status, char *why)
{
    if (ngx_time() - mirror->logged < NGX_HTTP_VEDETTE_MIRROR_LOG_EVERY) {
        return;
    }

    mirror->logged = ngx_time();

    if (status) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "vedette: mirror \"%V\": %s a copy with status %ui: is "
                      "the DSN of \"vedette_mirror_dsn\" right?",
                      &mirror->name, why, status);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "vedette: mirror \"%V\": %s; copies are dropped when more "
                  "than %uz bytes wait, which harms nobody else",
                  &mirror->name, why, mirror->buffer);
}
