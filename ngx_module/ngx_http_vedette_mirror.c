
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


#include "ngx_http_vedette_mirror.h"


#define NGX_HTTP_VEDETTE_MIRROR_BUFFER    (16 * 1024 * 1024)
#define NGX_HTTP_VEDETTE_MIRROR_TIMEOUT   10000
/* a copy takes at least this of the buffer */
#define NGX_HTTP_VEDETTE_MIRROR_OVERHEAD  1024


static char *ngx_http_vedette_mirror_same(ngx_conf_t *cf, ngx_array_t *mirrors,
    ngx_http_vedette_mirror_t *mirror, ngx_http_vedette_mirror_t **result);


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

    hash = ngx_crc32_long(value[1].data, value[1].len);

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


void
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
    hash = ngx_crc32_long(name.data, name.len);

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
