
/*
 * A copy for the mirror: request line, headers and body, as the other server
 * wants them.
 */


#include "ngx_http_vedette_mirror.h"


typedef struct {
    u_char                          *data;
    size_t                           len;
    size_t                           size;
    size_t                           max;
} ngx_http_vedette_unpacked_t;


static u_char *ngx_http_vedette_copy_path(u_char *p,
    ngx_http_vedette_ctx_t *ctx, ngx_http_vedette_mirror_dsn_t *dsn);
static u_char *ngx_http_vedette_copy_header(u_char *p, char *name,
    ngx_str_t *value);
static ngx_int_t ngx_http_vedette_copy_unpack(void *data, u_char *p,
    u_char *last);
static u_char *ngx_http_vedette_copy_find_dsn(u_char *p, u_char *last,
    u_char **end);


/* the request line and the headers */

ngx_int_t
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

ngx_uint_t
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

ngx_int_t
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

ngx_int_t
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


void
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
