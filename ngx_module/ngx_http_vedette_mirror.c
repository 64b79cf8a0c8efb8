
/*
 * The mirror: a copy of what was accepted goes to another server that speaks
 * the protocol, for a trial beside the old one.
 *
 * Nginx has a "mirror" directive, and subrequests; both hold the request until
 * the copy is through, copy what is refused later, and know nothing of keys.
 * So this is a client of its own, behind the answer: when an event is durable
 * its copy is put into a queue in memory, and a few connections of the worker
 * carry it away.  The request does not wait, and never learns what became of
 * it.  When more bytes wait than "buffer", new copies are dropped; all ends
 * are counted, and the log tells of trouble once a minute.
 *
 * A copy has the body byte for byte, and the credentials of the other server
 * (vedette_mirror_dsn); a key without any is not copied.  Only an envelope that
 * names our DSN in its header, or that holds items which a limit has dropped,
 * has to be unpacked and written anew.  A body that nginx has put into a file
 * stays there until it is sent.
 *
 * The client speaks plain HTTP.  For TLS nginx itself is the better client: a
 * server{} on a Unix socket with proxy_pass does it (README).
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_MIRROR_BUFFER    (16 * 1024 * 1024)
#define NGX_HTTP_VEDETTE_MIRROR_TIMEOUT   10000
#define NGX_HTTP_VEDETTE_MIRROR_IDLE      55000
#define NGX_HTTP_VEDETTE_MIRROR_CHUNK     (64 * 1024)
#define NGX_HTTP_VEDETTE_MIRROR_HEAD      8192

#define NGX_HTTP_VEDETTE_MIRROR_MIN_WAIT  100
#define NGX_HTTP_VEDETTE_MIRROR_MAX_WAIT  5000

#define NGX_HTTP_VEDETTE_MIRROR_LOG_EVERY 60

/* a copy takes at least this of the buffer */
#define NGX_HTTP_VEDETTE_MIRROR_OVERHEAD  1024


/* the credentials for a key of ours */

typedef struct {
    ngx_str_node_t                   sn;
    ngx_str_t                        dsn;
    ngx_str_t                        key;
    ngx_str_t                        host;
    ngx_str_t                        path;
    ngx_str_t                        project;
} ngx_http_vedette_mirror_dsn_t;


typedef struct {
    ngx_queue_t                      queue;
    ngx_str_t                        head;
    u_char                          *body;      /* or it is in the file */
    ngx_fd_t                         fd;
    off_t                            offset;
    size_t                           size;
    size_t                           held;
    unsigned                         repeated:1;
} ngx_http_vedette_copy_t;


typedef struct {
    ngx_http_vedette_mirror_t       *mirror;
    ngx_connection_t                *connection;
    ngx_http_vedette_copy_t         *copy;
    size_t                           sent;
    u_char                          *chunk;
    size_t                           chunk_pos;
    size_t                           chunk_len;
    size_t                           in_len;
    off_t                            rest;      /* of the answer's body */
    ngx_uint_t                       status;
    unsigned                         connected:1;
    unsigned                         reused:1;
    unsigned                         answered:1;
    unsigned                         keep:1;
    u_char                           in[NGX_HTTP_VEDETTE_MIRROR_HEAD];
} ngx_http_vedette_mirror_conn_t;


struct ngx_http_vedette_mirror_s {
    /* configuration */
    ngx_str_t                        name;
    ngx_addr_t                      *addrs;
    ngx_uint_t                       naddrs;
    ngx_uint_t                       connections;
    size_t                           buffer;
    ngx_msec_t                       timeout;
    ngx_http_vedette_zone_t         *zone;

    /* the state of this worker */
    ngx_http_vedette_mirror_conn_t  *conns;
    ngx_queue_t                      waiting;
    size_t                           held;      /* bytes that wait */
    ngx_uint_t                       next;
    ngx_uint_t                       failures;
    ngx_event_t                      retry;
    time_t                           logged;
    unsigned                         started:1;
};


typedef struct {
    u_char                          *data;
    size_t                           len;
    size_t                           size;
    size_t                           max;
} ngx_http_vedette_unpacked_t;


static char *ngx_http_vedette_mirror_same(ngx_conf_t *cf, ngx_array_t *mirrors,
    ngx_http_vedette_mirror_t *mirror, ngx_http_vedette_mirror_t **result);
static void ngx_http_vedette_mirror_count(ngx_http_vedette_mirror_t *mirror,
    ngx_uint_t end);
static ngx_int_t ngx_http_vedette_copy_head(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    ngx_uint_t anew);
static u_char *ngx_http_vedette_copy_path(u_char *p,
    ngx_http_vedette_ctx_t *ctx, ngx_http_vedette_mirror_dsn_t *dsn);
static u_char *ngx_http_vedette_copy_header(u_char *p, char *name,
    ngx_str_t *value);
static ngx_uint_t ngx_http_vedette_copy_printable(ngx_str_t *s);
static ngx_int_t ngx_http_vedette_copy_body(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_copy_t *copy, size_t room);
static ngx_int_t ngx_http_vedette_copy_anew(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    size_t room);
static ngx_int_t ngx_http_vedette_copy_unpack(void *data, u_char *p,
    u_char *last);
static u_char *ngx_http_vedette_copy_find_dsn(u_char *p, u_char *last,
    u_char **end);
static void ngx_http_vedette_copy_free(ngx_http_vedette_mirror_t *mirror,
    ngx_http_vedette_copy_t *copy);
static void ngx_http_vedette_mirror_pump(ngx_http_vedette_mirror_t *mirror);
static void ngx_http_vedette_mirror_retry(ngx_event_t *ev);
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
static void ngx_http_vedette_mirror_close(ngx_http_vedette_mirror_conn_t *conn);
static void ngx_http_vedette_mirror_drop(ngx_http_vedette_mirror_t *mirror);
static void ngx_http_vedette_mirror_trouble(ngx_http_vedette_mirror_t *mirror,
    ngx_uint_t status, char *why);


/* what the debug log takes for the connection of a timer */
static ngx_connection_t  ngx_http_vedette_mirror_dumb;


/*
 * vedette_mirror off | http://HOST[:PORT] | unix:/path [connections=4]
 *                [buffer=16m] [timeout=10s]
 */

char *
ngx_http_vedette_mirror_parse(ngx_conf_t *cf, ngx_array_t *mirrors,
    ngx_http_vedette_mirror_t **result)
{
    size_t                      skip;
    ssize_t                     size;
    ngx_int_t                   n;
    ngx_str_t                  *value, s;
    ngx_url_t                   u;
    ngx_uint_t                  i;
    ngx_http_vedette_mirror_t  *mirror;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        *result = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_vedette_starts(&value[1], "https://")) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vedette_mirror\" speaks plain http: for \"%V\" "
                           "name a server{} of this nginx that has it as "
                           "its proxy_pass", &value[1]);
        return NGX_CONF_ERROR;
    }

    mirror = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_mirror_t));
    if (mirror == NULL) {
        return NGX_CONF_ERROR;
    }

    skip = ngx_http_vedette_starts(&value[1], "http://")
           ? sizeof("http://") - 1 : 0;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url.data = value[1].data + skip;
    u.url.len = value[1].len - skip;
    u.default_port = 80;

    if (u.url.len && u.url.data[u.url.len - 1] == '/'
        && !ngx_http_vedette_starts(&u.url, "unix:"))
    {
        u.url.len--;
    }

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in \"%V\"",
                           u.err ? u.err : "invalid address", &value[1]);
        return NGX_CONF_ERROR;
    }

    mirror->name = u.url;
    mirror->addrs = u.addrs;
    mirror->naddrs = u.naddrs;
    mirror->connections = 4;
    mirror->buffer = NGX_HTTP_VEDETTE_MIRROR_BUFFER;
    mirror->timeout = NGX_HTTP_VEDETTE_MIRROR_TIMEOUT;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "connections=", 12) == 0) {
            n = ngx_atoi(value[i].data + 12, value[i].len - 12);

            if (n >= 1 && n <= 64) {
                mirror->connections = n;
                continue;
            }

        } else if (ngx_strncmp(value[i].data, "buffer=", 7) == 0) {
            s.data = value[i].data + 7;
            s.len = value[i].len - 7;

            size = ngx_parse_size(&s);

            if (size >= 64 * 1024) {
                mirror->buffer = size;
                continue;
            }

        } else if (ngx_strncmp(value[i].data, "timeout=", 8) == 0) {
            s.data = value[i].data + 8;
            s.len = value[i].len - 8;

            n = ngx_parse_time(&s, 0);

            if (n != NGX_ERROR && n > 0) {
                mirror->timeout = n;
                continue;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\": it is "
                           "connections=1..64, buffer=64k or more, or "
                           "timeout=", &value[i]);
        return NGX_CONF_ERROR;
    }

    return ngx_http_vedette_mirror_same(cf, mirrors, mirror, result);
}


/* several locations may name the same server: one pool serves them */

static char *
ngx_http_vedette_mirror_same(ngx_conf_t *cf, ngx_array_t *mirrors,
    ngx_http_vedette_mirror_t *mirror, ngx_http_vedette_mirror_t **result)
{
    ngx_uint_t                   i;
    ngx_http_vedette_mirror_t  **other;

    other = mirrors->elts;

    for (i = 0; i < mirrors->nelts; i++) {

        if (other[i]->name.len != mirror->name.len
            || ngx_memcmp(other[i]->name.data, mirror->name.data,
                          mirror->name.len)
               != 0)
        {
            continue;
        }

        if (other[i]->connections != mirror->connections
            || other[i]->buffer != mirror->buffer
            || other[i]->timeout != mirror->timeout)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "mirror \"%V\" is given twice with different "
                               "parameters", &mirror->name);
            return NGX_CONF_ERROR;
        }

        *result = other[i];

        return NGX_CONF_OK;
    }

    other = ngx_array_push(mirrors);
    if (other == NULL) {
        return NGX_CONF_ERROR;
    }

    *other = mirror;
    *result = mirror;

    return NGX_CONF_OK;
}


/* vedette_mirror_dsn KEY http[s]://THEIRS[:secret]@HOST[:PORT][/path]/ID */

char *
ngx_http_vedette_mirror_parse_dsn(ngx_conf_t *cf, ngx_rbtree_t *dsns)
{
    u_char                         *p, *last, *at, *colon, *slash;
    uint32_t                        hash;
    ngx_str_t                      *value;
    ngx_http_vedette_mirror_dsn_t  *dsn;

    value = cf->args->elts;

    if (value[1].len != NGX_HTTP_VEDETTE_KEY_LEN
        || !ngx_http_vedette_copy_printable(&value[1]))
    {
        return "needs a public key of ours, 32 characters";
    }

    p = value[2].data;
    last = p + value[2].len;

    if (ngx_http_vedette_starts(&value[2], "https://")) {
        p += sizeof("https://") - 1;

    } else if (ngx_http_vedette_starts(&value[2], "http://")) {
        p += sizeof("http://") - 1;

    } else {
        last = p;
    }

    at = ngx_strlchr(p, last, '@');

    slash = last;

    while (at && slash > at && *slash != '/') {
        slash--;
    }

    if (at == NULL || at == p || slash == at || slash + 1 >= last
        || !ngx_http_vedette_copy_printable(&value[2]))
    {
        return "needs a DSN of the other server, "
               "http[s]://KEY@HOST[/path]/PROJECT";
    }

    dsn = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_mirror_dsn_t));
    if (dsn == NULL) {
        return NGX_CONF_ERROR;
    }

    colon = ngx_strlchr(p, at, ':');

    dsn->dsn = value[2];

    dsn->key.data = p;
    dsn->key.len = (colon ? colon : at) - p;

    dsn->project.data = slash + 1;
    dsn->project.len = last - (slash + 1);

    p = ngx_strlchr(at, last, '/');

    dsn->host.data = at + 1;
    dsn->host.len = p - (at + 1);

    dsn->path.data = p;
    dsn->path.len = slash - p;

    hash = ngx_crc32_short(value[1].data, value[1].len);

    if (ngx_str_rbtree_lookup(dsns, &value[1], hash)) {
        return "is given twice for the same key";
    }

    dsn->sn.str = value[1];
    dsn->sn.node.key = hash;

    ngx_rbtree_insert(dsns, &dsn->sn.node);

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_vedette_mirror_start(ngx_http_vedette_mirror_t *mirror,
    ngx_cycle_t *cycle, ngx_http_vedette_zone_t *zone)
{
    ngx_uint_t  i;

    ngx_http_vedette_mirror_dumb.fd = (ngx_socket_t) -1;

    mirror->conns = ngx_pcalloc(cycle->pool, mirror->connections
                                   * sizeof(ngx_http_vedette_mirror_conn_t));
    if (mirror->conns == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < mirror->connections; i++) {
        mirror->conns[i].mirror = mirror;
    }

    ngx_queue_init(&mirror->waiting);

    mirror->retry.handler = ngx_http_vedette_mirror_retry;
    mirror->retry.data = &ngx_http_vedette_mirror_dumb;
    mirror->retry.log = cycle->log;
    mirror->retry.cancelable = 1;

    mirror->zone = zone;
    mirror->started = 1;

    return NGX_OK;
}


/* the worker ends; it has waited for what was on its way */

void
ngx_http_vedette_mirror_stop(ngx_http_vedette_mirror_t *mirror)
{
    ngx_uint_t                       i;
    ngx_http_vedette_mirror_conn_t  *conn;

    if (!mirror->started) {
        return;
    }

    mirror->started = 0;

    for (i = 0; i < mirror->connections; i++) {
        conn = &mirror->conns[i];

        if (conn->copy) {
            ngx_http_vedette_mirror_count(mirror,
                                          NGX_HTTP_VEDETTE_MIRROR_FAILED);
            ngx_http_vedette_copy_free(mirror, conn->copy);
            conn->copy = NULL;
        }

        if (conn->connection) {
            ngx_http_vedette_mirror_close(conn);
        }

        if (conn->chunk) {
            ngx_free(conn->chunk);
        }
    }

    ngx_http_vedette_mirror_drop(mirror);

    if (mirror->retry.timer_set) {
        ngx_del_timer(&mirror->retry);
    }
}


static void
ngx_http_vedette_mirror_count(ngx_http_vedette_mirror_t *mirror, ngx_uint_t end)
{
    (void) ngx_atomic_fetch_add(&mirror->zone->sh->mirror[end], 1);
}


/* an event is durable: its copy, if there is room for it */

void
ngx_http_vedette_mirror(ngx_http_vedette_ctx_t *ctx)
{
    size_t                          room;
    uint32_t                        hash;
    ngx_int_t                       rc;
    ngx_str_t                       name;
    ngx_uint_t                      i, anew;
    ngx_http_vedette_copy_t        *copy;
    ngx_http_vedette_item_t        *item;
    ngx_http_vedette_mirror_t      *mirror;
    ngx_http_vedette_main_conf_t   *vmcf;
    ngx_http_vedette_mirror_dsn_t  *dsn;

    mirror = ctx->conf->mirror;

    if (!mirror->started) {
        return;
    }

    vmcf = ngx_http_get_module_main_conf(ctx->request, ngx_http_vedette_module);

    name = ctx->public_key;
    hash = ngx_crc32_short(name.data, name.len);

    dsn = (ngx_http_vedette_mirror_dsn_t *)
              ngx_str_rbtree_lookup(&vmcf->mirror_dsns, &name, hash);

    if (dsn == NULL) {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_UNMAPPED);
        return;
    }

    if (mirror->held + NGX_HTTP_VEDETTE_MIRROR_OVERHEAD > mirror->buffer) {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_DROPPED);
        return;
    }

    room = mirror->buffer - mirror->held - NGX_HTTP_VEDETTE_MIRROR_OVERHEAD;

    copy = ngx_calloc(sizeof(ngx_http_vedette_copy_t), ngx_cycle->log);
    if (copy == NULL) {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_DROPPED);
        return;
    }

    copy->fd = NGX_INVALID_FILE;

    anew = 0;

    if (ctx->endpoint->skim == ngx_http_vedette_skim_envelope) {

        anew = (ctx->header_dsn.len != 0);
        item = ctx->items->elts;

        for (i = 0; i < ctx->items->nelts; i++) {
            anew |= item[i].dropped;
        }
    }

    rc = anew ? ngx_http_vedette_copy_anew(ctx, dsn, copy, room)
              : ngx_http_vedette_copy_body(ctx, copy, room);

    if (rc == NGX_OK) {
        rc = ngx_http_vedette_copy_head(ctx, dsn, copy, anew);
    }

    copy->held = copy->size + NGX_HTTP_VEDETTE_MIRROR_OVERHEAD;
    mirror->held += copy->held;

    if (rc != NGX_OK) {
        ngx_http_vedette_mirror_count(mirror, NGX_HTTP_VEDETTE_MIRROR_DROPPED);
        ngx_http_vedette_copy_free(mirror, copy);
        return;
    }

    ngx_queue_insert_tail(&mirror->waiting, &copy->queue);

    ngx_http_vedette_mirror_pump(mirror);
}


/* the request line and the headers */

static ngx_int_t
ngx_http_vedette_copy_head(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    ngx_uint_t anew)
{
    size_t               len;
    u_char              *p, *start, *query;
    ngx_str_t            s;
    ngx_http_request_t  *r;

    r = ctx->request;

    len = 1024 + dsn->path.len + 2 * dsn->key.len + dsn->project.len
          + dsn->host.len + ctx->endpoint->path.len + ctx->param.len
          + r->args.len + ctx->client.len + ctx->content_encoding.len
          + ctx->origin.len + r->connection->addr_text.len;

    if (r->headers_in.content_type) {
        len += r->headers_in.content_type->value.len;
    }

    if (r->headers_in.user_agent) {
        len += r->headers_in.user_agent->value.len;
    }

    if (r->headers_in.referer) {
        len += r->headers_in.referer->value.len;
    }

    start = ngx_alloc(len, ngx_cycle->log);
    if (start == NULL) {
        return NGX_ERROR;
    }

    copy->head.data = start;

    p = ngx_cpymem(start, "POST ", 5);
    s.data = p;
    p = ngx_http_vedette_copy_path(p, ctx, dsn);

    query = p;
    p = ngx_http_vedette_query(p + 1, &r->args);

    if (p == query + 1) {
        p = query;

    } else {
        *query = '?';
    }

    s.len = p - s.data;

    if (!ngx_http_vedette_copy_printable(&s)) {
        /* what nginx has decoded does not fit into a request line */
        return NGX_DECLINED;
    }

    p = ngx_sprintf(p, " HTTP/1.1" CRLF "Host: %V" CRLF
                    "X-Sentry-Auth: Sentry sentry_version=7, sentry_key=%V",
                    &dsn->host, &dsn->key);

    if (ctx->client.len && ngx_http_vedette_copy_printable(&ctx->client)
        && ngx_strlchr(ctx->client.data, ctx->client.data + ctx->client.len,
                       ',')
           == NULL)
    {
        p = ngx_sprintf(p, ", sentry_client=%V", &ctx->client);
    }

    p = ngx_sprintf(p, CRLF "Content-Length: %uz" CRLF, copy->size);

    if (r->headers_in.content_type) {
        p = ngx_http_vedette_copy_header(p, "Content-Type",
                                         &r->headers_in.content_type->value);
    }

    if (!anew) {
        p = ngx_http_vedette_copy_header(p, "Content-Encoding",
                                         &ctx->content_encoding);
    }

    if (r->headers_in.user_agent) {
        p = ngx_http_vedette_copy_header(p, "User-Agent",
                                         &r->headers_in.user_agent->value);
    }

    if (r->headers_in.referer) {
        p = ngx_http_vedette_copy_header(p, "Referer",
                                         &r->headers_in.referer->value);
    }

    p = ngx_http_vedette_copy_header(p, "Origin", &ctx->origin);
    p = ngx_http_vedette_copy_header(p, "X-Forwarded-For",
                                     &r->connection->addr_text);

    *p++ = CR; *p++ = LF;

    copy->head.len = p - start;

    return NGX_OK;
}


/* of the endpoint, with "*" the parameter and "$" the key */

static u_char *
ngx_http_vedette_copy_path(u_char *p, ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn)
{
    u_char  *q, *last;

    p = ngx_sprintf(p, "%V/api/%V", &dsn->path, &dsn->project);

    q = ctx->endpoint->path.data;
    last = q + ctx->endpoint->path.len;

    for ( /* void */ ; q < last; q++) {

        switch (*q) {

        case '*':
            p = ngx_cpymem(p, ctx->param.data, ctx->param.len);
            break;

        case '$':
            p = ngx_cpymem(p, dsn->key.data, dsn->key.len);
            break;

        default:
            *p++ = *q;
        }
    }

    *p++ = '/';

    return p;
}


static u_char *
ngx_http_vedette_copy_header(u_char *p, char *name, ngx_str_t *value)
{
    if (value->len == 0) {
        return p;
    }

    return ngx_sprintf(p, "%s: %V" CRLF, name, value);
}


/* no blanks, no control characters */

static ngx_uint_t
ngx_http_vedette_copy_printable(ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}


/* byte for byte: a block of memory, or the file where nginx has put it */

static ngx_int_t
ngx_http_vedette_copy_body(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_copy_t *copy, size_t room)
{
    off_t         size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = ctx->body; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if ((size_t) size > room) {
        return NGX_DECLINED;
    }

    copy->size = (size_t) size;

    if (size == 0) {
        return NGX_OK;
    }

    b = ctx->body->buf;

    if (ctx->body->next == NULL && !ngx_buf_in_memory(b)) {

        copy->fd = dup(b->file->fd);
        copy->offset = b->file_pos;

        return copy->fd == NGX_INVALID_FILE ? NGX_ERROR : NGX_OK;
    }

    copy->body = ngx_alloc(copy->size, ngx_cycle->log);
    if (copy->body == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_vedette_copy_chain(ctx->body, copy->body);
}


/* an envelope without what was dropped, and with the other DSN */

static ngx_int_t
ngx_http_vedette_copy_anew(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_mirror_dsn_t *dsn, ngx_http_vedette_copy_t *copy,
    size_t room)
{
    u_char                       *p, *from, *begin, *end, *last;
    ngx_uint_t                    i;
    ngx_http_vedette_item_t      *item;
    ngx_http_vedette_decode_t     d;
    ngx_http_vedette_unpacked_t   in;

    ngx_memzero(&in, sizeof(ngx_http_vedette_unpacked_t));

    in.max = room > dsn->dsn.len ? room - dsn->dsn.len : 0;

    d.sink = ngx_http_vedette_copy_unpack;
    d.data = &in;
    d.rest = ctx->conf->max_envelope;
    d.inner = 0;

    if (ngx_http_vedette_decode(ctx->body, ctx->coding, &d) != NGX_OK) {
        goto failed;
    }

    copy->body = ngx_alloc(in.len + dsn->dsn.len + 1, ngx_cycle->log);
    if (copy->body == NULL) {
        goto failed;
    }

    p = copy->body;
    from = in.data;
    last = in.data + in.len;

    begin = NULL;

    if (ctx->header_dsn.len) {
        end = ngx_strlchr(from, last, LF);
        begin = ngx_http_vedette_copy_find_dsn(from, end ? end : last, &end);

        if (begin == NULL) {
            goto failed;
        }

        p = ngx_cpymem(p, from, begin - from);
        p = ngx_cpymem(p, dsn->dsn.data, dsn->dsn.len);
        from = end;
    }

    item = ctx->items->elts;

    for (i = 0; i < ctx->items->nelts; i++) {

        if (!item[i].dropped) {
            continue;
        }

        if (item[i].begin < (uint64_t) (from - in.data)
            || item[i].end > in.len || item[i].begin > item[i].end)
        {
            goto failed;
        }

        begin = in.data + item[i].begin;
        p = ngx_cpymem(p, from, begin - from);
        from = in.data + item[i].end;

        if (from < last && *from == LF) {
            from++;
        }
    }

    p = ngx_cpymem(p, from, last - from);

    copy->size = p - copy->body;

    ngx_free(in.data);

    return NGX_OK;

failed:

    if (in.data) {
        ngx_free(in.data);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_vedette_copy_unpack(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_unpacked_t *in = data;

    size_t   size;
    u_char  *more;

    if (in->len + (last - p) > in->max) {
        return NGX_ABORT;
    }

    if (in->len + (last - p) > in->size) {
        size = ngx_max(in->size * 2, in->len + (last - p));

        more = ngx_alloc(size, ngx_cycle->log);
        if (more == NULL) {
            return NGX_ERROR;
        }

        if (in->data) {
            ngx_memcpy(more, in->data, in->len);
            ngx_free(in->data);
        }

        in->data = more;
        in->size = size;
    }

    ngx_memcpy(in->data + in->len, p, last - p);
    in->len += last - p;

    return NGX_OK;
}


/*
 * The value of "dsn" in a header that the skim has understood, so what is
 * looked for is the first string of that name that is a member of the
 * outermost object.
 */

static u_char *
ngx_http_vedette_copy_find_dsn(u_char *p, u_char *last, u_char **end)
{
    u_char      *begin;
    ngx_uint_t   depth, member;

    depth = 0;
    member = 0;

    for ( /* void */ ; p < last; p++) {

        switch (*p) {

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            depth--;
            break;

        case ',':
            member = 0;
            break;

        case '"':

            begin = ++p;

            while (p < last && *p != '"') {
                p += (*p == '\\') ? 2 : 1;
            }

            if (p >= last) {
                return NULL;
            }

            if (member) {
                *end = p;
                return begin;
            }

            if (depth == 1 && p - begin == 3
                && ngx_memcmp(begin, "dsn", 3) == 0)
            {
                member = 1;
            }

            break;
        }
    }

    return NULL;
}


static void
ngx_http_vedette_copy_free(ngx_http_vedette_mirror_t *mirror,
    ngx_http_vedette_copy_t *copy)
{
    mirror->held -= copy->held;

    if (copy->head.data) {
        ngx_free(copy->head.data);
    }

    if (copy->body) {
        ngx_free(copy->body);
    }

    if (copy->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(copy->fd);
    }

    ngx_free(copy);
}


/* gives what waits to connections that are free */

static void
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


static void
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

    if (conn->keep && !ngx_exiting) {
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


static void
ngx_http_vedette_mirror_close(ngx_http_vedette_mirror_conn_t *conn)
{
    ngx_close_connection(conn->connection);

    conn->connection = NULL;
    conn->connected = 0;
}


static void
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
