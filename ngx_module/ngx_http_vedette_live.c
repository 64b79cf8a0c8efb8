
/*
 * Browsers that wait for news, as server-sent events.
 *
 * A page of vedette web must not hold one of the few web processes while
 * nothing happens; an open connection costs nginx a few kilobytes.  The page
 * gets a ticket, and its script opens "<location>TICKET" here.  The ticket's
 * record in Redis says which projects it is good for (message.h, 7).
 *
 * As long as somebody waits, each worker reads the short stream of changes
 * once a second, from where it stopped, and gives every client the lines of
 * its projects:
 *
 *     data: [{"project":3,"events":12,"new":1,"issues":{"71":5,"70":7}}]
 *
 * A client has one buffer.  What does not fit, or comes while the buffer is
 * still on its way, is replaced by "event: missed" as soon as it has gone: the
 * page then looks by itself.  News are hints, never the truth.
 *
 * Rejected: SUBSCRIBE, which needs a connection of its own kind, and loses what
 * comes while it is not there.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_LIVE_TICK      1000
#define NGX_HTTP_VEDETTE_LIVE_PING      25000
/* a client comes again, with a new ticket, so that lost access ends */
#define NGX_HTTP_VEDETTE_LIVE_AGE       900
#define NGX_HTTP_VEDETTE_LIVE_BUFFER    8192
#define NGX_HTTP_VEDETTE_LIVE_PROJECTS  500
#define NGX_HTTP_VEDETTE_LIVE_ENTRIES   "100"
#define NGX_HTTP_VEDETTE_LIVE_ID        48


typedef struct {
    uint64_t                   project;
    uint64_t                   events;
    uint64_t                   fresh;
    ngx_str_t                  issues;
} ngx_http_vedette_line_t;


/* what a worker reads of a server, as long as somebody waits */

struct ngx_http_vedette_feed_s {
    ngx_http_vedette_redis_t  *redis;
    ngx_queue_t                clients;
    ngx_uint_t                 n;
    ngx_event_t                timer;
    ngx_http_vedette_job_t    *job;
    ngx_str_t                  last;         /* id of the entry */
    u_char                     last_text[NGX_HTTP_VEDETTE_LIVE_ID];
};


typedef struct {
    ngx_queue_t                queue;
    ngx_http_request_t        *request;
    ngx_http_vedette_feed_t   *feed;
    ngx_http_vedette_job_t    *job;          /* asks for the ticket */
    uint64_t                   org;
    uint64_t                  *projects;
    ngx_uint_t                 nprojects;
    time_t                     opened;
    ngx_msec_t                 sent;
    ngx_chain_t                out;
    ngx_buf_t                  buf;
    unsigned                   open:1;
    unsigned                   greeted:1;
    unsigned                   began:1;      /* data of this turn */
    unsigned                   missed:1;
} ngx_http_vedette_client_t;


static void ngx_http_vedette_live_ticket(void *data, redisReply *reply);
static ngx_int_t ngx_http_vedette_live_projects(
    ngx_http_vedette_client_t *client, u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_live_open(ngx_http_vedette_client_t *client);
static void ngx_http_vedette_live_close(ngx_http_vedette_client_t *client,
    ngx_int_t rc);
static void ngx_http_vedette_live_cleanup(void *data);
static void ngx_http_vedette_live_write_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_vedette_live_send(ngx_http_vedette_client_t *client);
static void ngx_http_vedette_live_tick(ngx_event_t *ev);
static void ngx_http_vedette_live_read(void *data, redisReply *reply);
static void ngx_http_vedette_live_entries(ngx_http_vedette_feed_t *feed,
    redisReply *entries);
static void ngx_http_vedette_live_line(ngx_http_vedette_feed_t *feed,
    u_char *p, u_char *last);
static void ngx_http_vedette_live_add(ngx_http_vedette_client_t *client,
    ngx_http_vedette_line_t *line);
static void ngx_http_vedette_live_flush(ngx_http_vedette_feed_t *feed);
static u_char *ngx_http_vedette_live_number(u_char *p, u_char *last,
    uint64_t *n);


/* what the debug log takes for the connection of a timer */
static ngx_connection_t  ngx_http_vedette_live_dumb;


ngx_int_t
ngx_http_vedette_live_handler(ngx_http_request_t *r)
{
    u_char                       *p;
    ngx_int_t                     rc;
    ngx_str_t                     args[2];
    ngx_uint_t                    i;
    ngx_http_cleanup_t           *cln;
    ngx_http_vedette_feed_t      *feed;
    ngx_http_vedette_client_t    *client;
    ngx_http_vedette_loc_conf_t  *vlcf;

    if (r != r->main || r->uri.len < NGX_HTTP_VEDETTE_ID_LEN) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (r->method != NGX_HTTP_GET) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    p = r->uri.data + r->uri.len - NGX_HTTP_VEDETTE_ID_LEN;

    for (i = 0; i < NGX_HTTP_VEDETTE_ID_LEN; i++) {
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f'))) {
            return NGX_HTTP_FORBIDDEN;
        }
    }

    vlcf = ngx_http_get_module_loc_conf(r, ngx_http_vedette_module);

    feed = vlcf->redis->feed;

    if (feed->n >= vlcf->live) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "vedette: %ui browsers wait for news already, raise "
                      "\"vedette_live max=\"", feed->n);
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    client = ngx_pcalloc(r->pool, sizeof(ngx_http_vedette_client_t));
    if (client == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    client->buf.start = ngx_pnalloc(r->pool, NGX_HTTP_VEDETTE_LIVE_BUFFER);
    if (client->buf.start == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    client->buf.pos = client->buf.start;
    client->buf.last = client->buf.start;
    client->buf.end = client->buf.start + NGX_HTTP_VEDETTE_LIVE_BUFFER;
    client->buf.temporary = 1;
    client->buf.flush = 1;
    client->out.buf = &client->buf;

    client->request = r;
    client->feed = feed;

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_vedette_live_cleanup;
    cln->data = client;

    ngx_queue_insert_tail(&feed->clients, &client->queue);
    feed->n++;

    args[1].len = sizeof(VEDETTE_LIVE_TICKET) - 1 + NGX_HTTP_VEDETTE_ID_LEN;
    args[1].data = ngx_pnalloc(r->pool, args[1].len);
    if (args[1].data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&args[0], "GET");
    (void) ngx_cpymem(ngx_cpymem(args[1].data, VEDETTE_LIVE_TICKET,
                                 sizeof(VEDETTE_LIVE_TICKET) - 1),
                      p, NGX_HTTP_VEDETTE_ID_LEN);

    client->job = ngx_http_vedette_redis_send(vlcf->redis, args, 2, NULL,
                                              ngx_http_vedette_live_ticket,
                                              client);
    if (client->job == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    r->main->count++;

    return NGX_DONE;
}


static void
ngx_http_vedette_live_ticket(void *data, redisReply *reply)
{
    ngx_http_vedette_client_t *client = data;

    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = client->request->connection;
    client->job = NULL;

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        rc = NGX_HTTP_SERVICE_UNAVAILABLE;

    } else if (reply->type != REDIS_REPLY_STRING
               || ngx_http_vedette_live_projects(client, (u_char *) reply->str,
                                          (u_char *) reply->str + reply->len)
                  != NGX_OK)
    {
        rc = NGX_HTTP_FORBIDDEN;

    } else {
        rc = ngx_http_vedette_live_open(client);
    }

    if (rc != NGX_OK) {
        ngx_http_vedette_live_close(client, rc);
    }

    ngx_http_run_posted_requests(c);
}


/* "org project project ..." */

static ngx_int_t
ngx_http_vedette_live_projects(ngx_http_vedette_client_t *client, u_char *p,
    u_char *last)
{
    client->projects = ngx_palloc(client->request->pool,
                            NGX_HTTP_VEDETTE_LIVE_PROJECTS * sizeof(uint64_t));
    if (client->projects == NULL) {
        return NGX_ERROR;
    }

    p = ngx_http_vedette_live_number(p, last, &client->org);

    while (p && p < last && client->nprojects < NGX_HTTP_VEDETTE_LIVE_PROJECTS)
    {
        p = ngx_http_vedette_live_number(p, last,
                                         &client->projects[client->nprojects]);
        client->nprojects++;
    }

    return p ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_vedette_live_open(ngx_http_vedette_client_t *client)
{
    ngx_int_t                 rc;
    ngx_http_request_t       *r;
    ngx_http_vedette_feed_t  *feed;

    r = client->request;
    feed = client->feed;

    r->headers_out.status = NGX_HTTP_OK;
    ngx_str_set(&r->headers_out.content_type, "text/event-stream");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    if (ngx_http_vedette_add_header(r, "Cache-Control",
                                    sizeof("Cache-Control") - 1,
                                    (u_char *) "no-store",
                                    sizeof("no-store") - 1)
        != NGX_OK
        || ngx_http_vedette_add_header(r, "X-Accel-Buffering",
                                       sizeof("X-Accel-Buffering") - 1,
                                       (u_char *) "no", sizeof("no") - 1)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    client->open = 1;
    client->opened = ngx_time();

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_vedette_live_write_handler;

    client->buf.last = ngx_cpymem(client->buf.last, ": vedette\n\n",
                                  sizeof(": vedette\n\n") - 1);

    if (!feed->timer.timer_set) {
        ngx_add_timer(&feed->timer, 1);
    }

    if (feed->last.len == 0) {
        /* greeted as soon as it is known what is news */
        return NGX_OK;
    }

    client->greeted = 1;

    return ngx_http_vedette_live_send(client);
}


static void
ngx_http_vedette_live_close(ngx_http_vedette_client_t *client, ngx_int_t rc)
{
    ngx_http_request_t *r = client->request;

    if (client->open && rc == NGX_OK) {
        rc = ngx_http_send_special(r, NGX_HTTP_LAST);
    }

    ngx_http_finalize_request(r, rc);
}


static void
ngx_http_vedette_live_cleanup(void *data)
{
    ngx_http_vedette_client_t *client = data;

    if (client->job) {
        ngx_http_vedette_redis_cancel(client->job);
        client->job = NULL;
    }

    ngx_queue_remove(&client->queue);
    client->feed->n--;
}


/* what was left of the last output goes on */

static void
ngx_http_vedette_live_write_handler(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_connection_t          *c;
    ngx_http_core_loc_conf_t  *clcf;

    c = r->connection;
    wev = c->write;

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                      "a browser does not take its news");
        c->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!c->buffered && !r->buffered) {

        if (wev->timer_set) {
            ngx_del_timer(wev);
        }

    } else if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


static ngx_int_t
ngx_http_vedette_live_send(ngx_http_vedette_client_t *client)
{
    ngx_http_request_t *r = client->request;

    client->sent = ngx_current_msec;
    client->out.next = NULL;

    if (ngx_http_output_filter(r, &client->out) == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (r->connection->buffered || r->buffered) {
        ngx_http_vedette_live_write_handler(r);
    }

    return NGX_OK;
}


ngx_http_vedette_feed_t *
ngx_http_vedette_live_feed(ngx_http_vedette_redis_t *redis, ngx_cycle_t *cycle)
{
    ngx_http_vedette_feed_t  *feed;

    feed = ngx_pcalloc(cycle->pool, sizeof(ngx_http_vedette_feed_t));
    if (feed == NULL) {
        return NULL;
    }

    feed->redis = redis;
    ngx_queue_init(&feed->clients);

    ngx_http_vedette_live_dumb.fd = (ngx_socket_t) -1;

    feed->timer.handler = ngx_http_vedette_live_tick;
    feed->timer.data = &ngx_http_vedette_live_dumb;
    feed->timer.log = cycle->log;

    /* not cancelable: a worker that leaves stays until it has said goodbye */

    return feed;
}


static void
ngx_http_vedette_live_tick(ngx_event_t *ev)
{
    ngx_str_t                   args[6];
    ngx_uint_t                  n;
    ngx_queue_t                *q, *next;
    ngx_connection_t           *c;
    ngx_http_vedette_feed_t    *feed;
    ngx_http_vedette_client_t  *client;

    feed = (ngx_http_vedette_feed_t *)
               ((u_char *) ev - offsetof(ngx_http_vedette_feed_t, timer));

    for (q = ngx_queue_head(&feed->clients);
         q != ngx_queue_sentinel(&feed->clients);
         q = next)
    {
        next = ngx_queue_next(q);
        client = ngx_queue_data(q, ngx_http_vedette_client_t, queue);

        if (!client->open) {
            continue;
        }

        if (ngx_exiting || ngx_quit || ngx_terminate
            || ngx_time() - client->opened > NGX_HTTP_VEDETTE_LIVE_AGE)
        {
            c = client->request->connection;
            ngx_http_vedette_live_close(client, NGX_OK);
            ngx_http_run_posted_requests(c);
        }
    }

    if (feed->n == 0) {
        /* who comes next begins at the end of the stream */
        feed->last.len = 0;
        return;
    }

    ngx_add_timer(&feed->timer, NGX_HTTP_VEDETTE_LIVE_TICK);

    if (feed->job) {
        return;
    }

    if (feed->last.len == 0) {
        ngx_str_set(&args[0], "XREVRANGE");
        ngx_str_set(&args[1], VEDETTE_LIVE);
        ngx_str_set(&args[2], "+");
        ngx_str_set(&args[3], "-");
        ngx_str_set(&args[4], "COUNT");
        ngx_str_set(&args[5], "1");
        n = 6;

    } else {
        ngx_str_set(&args[0], "XREAD");
        ngx_str_set(&args[1], "COUNT");
        ngx_str_set(&args[2], NGX_HTTP_VEDETTE_LIVE_ENTRIES);
        ngx_str_set(&args[3], "STREAMS");
        ngx_str_set(&args[4], VEDETTE_LIVE);
        args[5] = feed->last;
        n = 6;
    }

    feed->job = ngx_http_vedette_redis_send(feed->redis, args, n, NULL,
                                            ngx_http_vedette_live_read, feed);
    if (feed->job) {
        ngx_http_vedette_redis_background(feed->job);
    }
}


/* of XREVRANGE: entries; of XREAD: streams with entries, or nothing */

static void
ngx_http_vedette_live_read(void *data, redisReply *reply)
{
    ngx_http_vedette_feed_t *feed = data;

    ngx_uint_t   first;
    redisReply  *entries;

    feed->job = NULL;
    first = (feed->last.len == 0);

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        return;
    }

    entries = reply;

    if (!first) {
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1
            && reply->element[0]->type == REDIS_REPLY_ARRAY
            && reply->element[0]->elements == 2)
        {
            entries = reply->element[0]->element[1];

        } else {
            entries = NULL;
        }
    }

    if (first) {
        feed->last.data = feed->last_text;
        feed->last.len = sizeof("0-0") - 1;
        ngx_memcpy(feed->last_text, "0-0", feed->last.len);
    }

    if (entries && entries->type == REDIS_REPLY_ARRAY) {

        if (first) {
            /* only where it ends */
            if (entries->elements == 1
                && entries->element[0]->type == REDIS_REPLY_ARRAY
                && entries->element[0]->elements == 2
                && entries->element[0]->element[0]->type == REDIS_REPLY_STRING
                && (size_t) entries->element[0]->element[0]->len
                   <= NGX_HTTP_VEDETTE_LIVE_ID)
            {
                feed->last.len = entries->element[0]->element[0]->len;
                ngx_memcpy(feed->last_text,
                           entries->element[0]->element[0]->str,
                           feed->last.len);
            }

        } else {
            ngx_http_vedette_live_entries(feed, entries);
        }
    }

    ngx_http_vedette_live_flush(feed);
}


static void
ngx_http_vedette_live_entries(ngx_http_vedette_feed_t *feed,
    redisReply *entries)
{
    u_char      *p, *end, *last;
    size_t       i, k;
    redisReply  *entry, *id, *fields;

    for (i = 0; i < entries->elements; i++) {
        entry = entries->element[i];

        if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2) {
            continue;
        }

        id = entry->element[0];
        fields = entry->element[1];

        if (id->type != REDIS_REPLY_STRING
            || (size_t) id->len > NGX_HTTP_VEDETTE_LIVE_ID
            || fields->type != REDIS_REPLY_ARRAY)
        {
            continue;
        }

        feed->last.len = id->len;
        ngx_memcpy(feed->last_text, id->str, feed->last.len);

        for (k = 0; k + 1 < fields->elements; k += 2) {

            if (fields->element[k]->type != REDIS_REPLY_STRING
                || fields->element[k + 1]->type != REDIS_REPLY_STRING
                || ngx_strcmp(fields->element[k]->str, VEDETTE_LIVE_CHANGES)
                   != 0)
            {
                continue;
            }

            p = (u_char *) fields->element[k + 1]->str;
            last = p + fields->element[k + 1]->len;

            while (p < last) {
                end = ngx_strlchr(p, last, '\n');
                if (end == NULL) {
                    end = last;
                }

                ngx_http_vedette_live_line(feed, p, end);
                p = end + 1;
            }
        }
    }
}


/* "org project events new [issue:events,...]" */

static void
ngx_http_vedette_live_line(ngx_http_vedette_feed_t *feed, u_char *p,
    u_char *last)
{
    uint64_t                    org;
    ngx_uint_t                  i;
    ngx_queue_t                *q;
    ngx_http_vedette_line_t     line;
    ngx_http_vedette_client_t  *client;

    p = ngx_http_vedette_live_number(p, last, &org);
    p = ngx_http_vedette_live_number(p, last, &line.project);
    p = ngx_http_vedette_live_number(p, last, &line.events);
    p = ngx_http_vedette_live_number(p, last, &line.fresh);

    if (p == NULL) {
        return;
    }

    line.issues.data = p;
    line.issues.len = last - p;

    for (i = 0; i < line.issues.len; i++) {
        if (!((p[i] >= '0' && p[i] <= '9') || p[i] == ':' || p[i] == ',')) {
            return;
        }
    }

    for (q = ngx_queue_head(&feed->clients);
         q != ngx_queue_sentinel(&feed->clients);
         q = ngx_queue_next(q))
    {
        client = ngx_queue_data(q, ngx_http_vedette_client_t, queue);

        if (!client->greeted || client->missed || client->org != org) {
            continue;
        }

        for (i = 0; i < client->nprojects; i++) {
            if (client->projects[i] == line.project) {
                ngx_http_vedette_live_add(client, &line);
                break;
            }
        }
    }
}


static void
ngx_http_vedette_live_add(ngx_http_vedette_client_t *client,
    ngx_http_vedette_line_t *line)
{
    u_char     *p;
    size_t      size;
    ngx_buf_t  *b;

    b = &client->buf;

    if (!client->began) {

        if (b->pos != b->last) {
            client->missed = 1;
            return;
        }

        b->pos = b->start;
        b->last = b->start;
    }

    /* the names of issues get quotes: at most twice the size, and "]\n\n" */

    size = sizeof("data: [,{\"project\":,\"events\":,\"new\":,\"issues\":{}}")
           - 1 + 3 * NGX_INT64_LEN + 2 * line->issues.len + sizeof("]\n\n");

    if ((size_t) (b->end - b->last) < size) {
        client->missed = 1;
        return;
    }

    p = ngx_sprintf(b->last, "%s{\"project\":%uL,\"events\":%uL,\"new\":%uL,"
                    "\"issues\":{", client->began ? "," : "data: [",
                    line->project, line->events, line->fresh);

    client->began = 1;

    if (line->issues.len) {
        size_t  i;

        *p++ = '"';

        for (i = 0; i < line->issues.len; i++) {

            if (line->issues.data[i] == ':') {
                *p++ = '"';
                *p++ = ':';

            } else if (line->issues.data[i] == ',') {
                *p++ = ',';
                *p++ = '"';

            } else {
                *p++ = line->issues.data[i];
            }
        }
    }

    *p++ = '}';
    *p++ = '}';

    b->last = p;
}


/* sends what this turn has brought, a sign of life where it has been silent */

static void
ngx_http_vedette_live_flush(ngx_http_vedette_feed_t *feed)
{
    ngx_int_t                   rc;
    ngx_buf_t                  *b;
    ngx_queue_t                *q, *next;
    ngx_connection_t           *c;
    ngx_http_vedette_client_t  *client;

    for (q = ngx_queue_head(&feed->clients);
         q != ngx_queue_sentinel(&feed->clients);
         q = next)
    {
        next = ngx_queue_next(q);
        client = ngx_queue_data(q, ngx_http_vedette_client_t, queue);
        b = &client->buf;

        if (!client->open) {
            continue;
        }

        if (!client->greeted) {
            client->greeted = 1;

        } else if (client->began) {
            client->began = 0;
            b->last = ngx_cpymem(b->last, "]\n\n", sizeof("]\n\n") - 1);

        } else if (b->pos != b->last) {
            /* still on its way */
            continue;

        } else if (client->missed) {
            client->missed = 0;
            b->pos = b->start;
            b->last = ngx_cpymem(b->start, "event: missed\ndata:\n\n",
                                 sizeof("event: missed\ndata:\n\n") - 1);

        } else if (ngx_current_msec - client->sent
                   > NGX_HTTP_VEDETTE_LIVE_PING)
        {
            b->pos = b->start;
            b->last = ngx_cpymem(b->start, ":\n\n", sizeof(":\n\n") - 1);

        } else {
            continue;
        }

        c = client->request->connection;
        rc = ngx_http_vedette_live_send(client);

        if (rc != NGX_OK) {
            ngx_http_vedette_live_close(client, rc);
        }

        ngx_http_run_posted_requests(c);
    }
}


/* a number and the space behind it; NULL if p is, or there is none */

static u_char *
ngx_http_vedette_live_number(u_char *p, u_char *last, uint64_t *n)
{
    u_char  *start = p;

    if (p == NULL) {
        return NULL;
    }

    for (*n = 0; p < last && *p >= '0' && *p <= '9' && p - start < 19; p++) {
        *n = *n * 10 + (*p - '0');
    }

    if (p == start || (p < last && *p != ' ')) {
        return NULL;
    }

    return p < last ? p + 1 : p;
}
