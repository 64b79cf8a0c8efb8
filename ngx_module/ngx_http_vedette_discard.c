
/*
 * The body of what is refused before it was read.
 *
 * nginx reads it away in pieces of 4 KB, which makes the refusal of a large
 * event dearer than its reading.  What has come already goes in one step here:
 * Linux drops bytes of a TCP socket without copying them (tcp(7), MSG_TRUNC).
 * Only the rest, and all other kinds of connections, are nginx's.
 */


#include "ngx_http_vedette_module.h"


/* what nginx would take at once */
#define NGX_HTTP_VEDETTE_DISCARD_SMALL  NGX_HTTP_DISCARD_BUFFER_SIZE

#define NGX_HTTP_VEDETTE_DISCARD_MOST   (1024 * 1024)


#if (NGX_LINUX)

static ngx_uint_t ngx_http_vedette_discardable(ngx_http_request_t *r);
static void ngx_http_vedette_discard_come(ngx_http_request_t *r);

#endif


/* as ngx_http_discard_request_body() */

ngx_int_t
ngx_http_vedette_discard(ngx_http_request_t *r)
{
#if (NGX_LINUX)

    if (ngx_http_vedette_discardable(r)) {
        ngx_http_vedette_discard_come(r);
    }

#endif

    return ngx_http_discard_request_body(r);
}


#if (NGX_LINUX)

/* a body of known length, right behind the headers in a TCP socket */

static ngx_uint_t
ngx_http_vedette_discardable(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    if (r != r->main || r->discard_body || r->request_body
        || r->http_version > NGX_HTTP_VERSION_11
        || r->headers_in.chunked || r->headers_in.expect)
    {
        return 0;
    }

    /* the address of the client may be one that a proxy has told */

    return c->recv == ngx_recv && c->read->ready && !c->read->eof
           && c->listening->type == SOCK_STREAM
           && (c->listening->sockaddr->sa_family == AF_INET
#if (NGX_HAVE_INET6)
               || c->listening->sockaddr->sa_family == AF_INET6
#endif
              );
}


static void
ngx_http_vedette_discard_come(ngx_http_request_t *r)
{
    off_t         rest;
    size_t        size;
    ssize_t       n;
    ngx_event_t  *rev;

    /* the first of it have come with the headers */

    rest = r->headers_in.content_length_n
           - (r->header_in->last - r->header_in->pos);

    if (rest <= NGX_HTTP_VEDETTE_DISCARD_SMALL) {
        return;
    }

    size = (size_t) ngx_min(rest, NGX_HTTP_VEDETTE_DISCARD_MOST);

    n = recv(r->connection->fd, NULL, size, MSG_TRUNC);

    if (n <= 0) {
        /* nginx finds out why */
        return;
    }

    r->headers_in.content_length_n -= n;

    /* as ngx_unix_recv() leaves it */

    rev = r->connection->read;

    if ((size_t) n < size) {

        if (!rev->pending_eof) {
            rev->ready = 0;
        }

        rev->available = 0;
        return;
    }

    if (rev->available > 0) {
        rev->available = ngx_max(rev->available - (int) n, 0);
    }
}

#endif
