
/*
 * Who sends: credentials.
 *
 * They stand in X-Sentry-Auth, in Authorization (Sentry or Basic), in the
 * query, or, for envelopes, in the header line of the body.  The first of the
 * headers that has any wins; a header and a "sentry_key" in the query together
 * are an error, as at Sentry.  A query that has only other "sentry_..." names
 * is no second source: security reports carry such data.
 */


#include "ngx_http_vedette_module.h"


static ngx_int_t ngx_http_vedette_auth_pairs(ngx_http_vedette_ctx_t *ctx,
    u_char *p, u_char *last, u_char separator);
static ngx_int_t ngx_http_vedette_auth_pair(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_vedette_auth_basic(ngx_http_vedette_ctx_t *ctx,
    ngx_str_t *value);


/*
 * NGX_OK: ctx->public_key is set.  NGX_DECLINED: there are none outside the
 * body.  NGX_ABORT: refused.
 */

ngx_int_t
ngx_http_vedette_credentials(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_str_t            value;
    ngx_uint_t           found, in_query;
    ngx_table_elt_t     *h;
    ngx_http_request_t  *r;

    r = ctx->request;

    found = 0;
    rc = NGX_OK;

    if (ngx_http_vedette_starts(&ctx->x_sentry_auth, "sentry ")) {
        value = ctx->x_sentry_auth;
        found = 1;

    } else {
        h = r->headers_in.authorization;

        if (h && ngx_http_vedette_starts(&h->value, "sentry ")) {
            value = h->value;
            found = 1;

        } else if (h && ngx_http_vedette_starts(&h->value, "basic ")) {
            value = h->value;
            found = 2;
        }
    }

    in_query = (r->args.len
                && ngx_strlcasestrn(r->args.data, r->args.data + r->args.len,
                                    (u_char *) "sentry_key=",
                                    sizeof("sentry_key=") - 2)
                   != NULL);

    if (found && in_query) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_MULTIPLE_AUTH,
                                       NULL);
    }

    switch (found) {

    case 1:
        rc = ngx_http_vedette_auth_pairs(ctx,
                                         value.data + sizeof("sentry ") - 1,
                                         value.data + value.len, ',');
        break;

    case 2:
        rc = ngx_http_vedette_auth_basic(ctx, &value);

        if (rc == NGX_DECLINED) {
            return NGX_DECLINED;
        }

        break;

    default:

        if (r->args.len == 0
            || ngx_strlcasestrn(r->args.data, r->args.data + r->args.len,
                                (u_char *) "sentry_", sizeof("sentry_") - 2)
               == NULL)
        {
            return NGX_DECLINED;
        }

        rc = ngx_http_vedette_auth_pairs(ctx, r->args.data,
                                         r->args.data + r->args.len, '&');
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_vedette_public_key(ctx);
}


static ngx_int_t
ngx_http_vedette_auth_pairs(ngx_http_vedette_ctx_t *ctx, u_char *p,
    u_char *last, u_char separator)
{
    u_char     *end, *equal, *src, *dst;
    ngx_int_t   rc;
    ngx_str_t   name, value;

    for ( /* void */ ; p < last; p = end + 1) {

        end = memchr(p, separator, last - p);
        if (end == NULL) {
            end = last;
        }

        equal = memchr(p, '=', end - p);
        if (equal == NULL) {
            continue;
        }

        name.data = p;
        name.len = equal - p;

        /* only the part up to a second '=' counts */

        value.data = equal + 1;
        src = memchr(value.data, '=', end - value.data);
        value.len = (src ? src : end) - value.data;

        while (name.len && name.data[0] == ' ') {
            name.data++;
            name.len--;
        }

        while (name.len && name.data[name.len - 1] == ' ') {
            name.len--;
        }

        if (name.len < sizeof("sentry_") - 1
            || ngx_strncmp(name.data, "sentry_", sizeof("sentry_") - 1) != 0)
        {
            continue;
        }

        if (separator == '&') {
            dst = ngx_pnalloc(ctx->request->pool, value.len + 1);
            if (dst == NULL) {
                return NGX_ERROR;
            }

            src = value.data;
            value.data = dst;

            ngx_unescape_uri(&dst, &src, value.len, 0);

            value.len = dst - value.data;
        }

        while (value.len && value.data[0] == ' ') {
            value.data++;
            value.len--;
        }

        while (value.len && value.data[value.len - 1] == ' ') {
            value.len--;
        }

        rc = ngx_http_vedette_auth_pair(ctx, &name, &value);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_auth_pair(ngx_http_vedette_ctx_t *ctx, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char     *dot;
    ngx_int_t   version;

    if (name->len == sizeof("sentry_key") - 1
        && ngx_strncmp(name->data, "sentry_key", name->len) == 0)
    {
        ctx->public_key = *value;
        return NGX_OK;
    }

    if (name->len == sizeof("sentry_client") - 1
        && ngx_strncmp(name->data, "sentry_client", name->len) == 0)
    {
        ctx->client = *value;
        return NGX_OK;
    }

    if (name->len == sizeof("sentry_version") - 1
        && ngx_strncmp(name->data, "sentry_version", name->len) == 0)
    {
        dot = ngx_strlchr(value->data, value->data + value->len, '.');

        version = ngx_atoi(value->data, dot ? (size_t) (dot - value->data)
                                            : value->len);

        if (version == NGX_ERROR) {
            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_AUTH,
                                           "invalid value for version");
        }

        if (version > 7) {
            ctx->detail.data = ngx_pnalloc(ctx->request->pool,
                                   sizeof("unsupported protocol version ()")
                                   + NGX_INT_T_LEN);
            if (ctx->detail.data == NULL) {
                return NGX_ERROR;
            }

            ctx->detail.len = ngx_sprintf(ctx->detail.data,
                                          "unsupported protocol version (%i)",
                                          version)
                              - ctx->detail.data;

            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_VERSION,
                                           NULL);
        }
    }

    return NGX_OK;
}


/* Basic base64(public_key:anything); another Basic is not meant for us */

static ngx_int_t
ngx_http_vedette_auth_basic(ngx_http_vedette_ctx_t *ctx, ngx_str_t *value)
{
    u_char     *colon;
    ngx_str_t   encoded, decoded;

    encoded.data = value->data + sizeof("basic ") - 1;
    encoded.len = value->len - (sizeof("basic ") - 1);

    while (encoded.len && encoded.data[0] == ' ') {
        encoded.data++;
        encoded.len--;
    }

    decoded.data = ngx_pnalloc(ctx->request->pool,
                               ngx_base64_decoded_length(encoded.len) + 1);
    if (decoded.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64(&decoded, &encoded) != NGX_OK) {
        return NGX_DECLINED;
    }

    colon = ngx_strlchr(decoded.data, decoded.data + decoded.len, ':');

    ctx->public_key.data = decoded.data;
    ctx->public_key.len = colon ? (size_t) (colon - decoded.data)
                                : decoded.len;

    return NGX_OK;
}


/* is it one? */

ngx_int_t
ngx_http_vedette_public_key(ngx_http_vedette_ctx_t *ctx)
{
    u_char     *dot, bad;
    size_t      i;
    ngx_str_t  *key;

    key = &ctx->public_key;

    if (key->len == 0) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_AUTH,
                                       "missing public key in auth header");
    }

    /* "<key>.no-cache" and other flags */

    dot = memchr(key->data, '.', key->len);
    if (dot) {
        key->len = dot - key->data;
    }

    if (key->len != NGX_HTTP_VEDETTE_KEY_LEN) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_KEY,
                                       "the key is not 32 characters long");
    }

    bad = 0;

    /* without branches: the compiler takes many bytes at once */

    for (i = 0; i < NGX_HTTP_VEDETTE_KEY_LEN; i++) {
        bad |= (u_char) (key->data[i] - 0x21) > 0x7e - 0x21;
    }

    if (bad) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_KEY,
                                       "the key is not ASCII");
    }

    return NGX_OK;
}


/*
 * The "dsn" of the envelope's header line: credentials if there are no
 * others, else it has to agree with them.
 *
 *     scheme://key[:secret]@host[:port][/path]/project
 */

ngx_int_t
ngx_http_vedette_header_dsn(ngx_http_vedette_ctx_t *ctx)
{
    u_char     *p, *last, *at, *colon, *slash;
    uint64_t    project;
    ngx_int_t   n;
    ngx_str_t   key;

    if (ctx->header_dsn.len == 0) {

        if (ctx->public_key.len == 0) {
            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_AUTH,
                                           NULL);
        }

        return NGX_OK;
    }

    p = ctx->header_dsn.data;
    last = p + ctx->header_dsn.len;

    if (ngx_http_vedette_starts(&ctx->header_dsn, "https://")) {
        p += sizeof("https://") - 1;

    } else if (ngx_http_vedette_starts(&ctx->header_dsn, "http://")) {
        p += sizeof("http://") - 1;

    } else {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE_AUTH,
                                       "the dsn has no valid scheme");
    }

    at = ngx_strlchr(p, last, '@');

    if (at == NULL || at == p) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE_AUTH,
                                       "the dsn has no public key");
    }

    colon = ngx_strlchr(p, at, ':');

    key.data = p;
    key.len = (colon ? colon : at) - p;

    slash = last;

    while (slash > at && slash[-1] != '/') {
        slash--;
    }

    n = (slash == at) ? NGX_ERROR : ngx_atoof(slash, last - slash);

    if (n == NGX_ERROR) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE_AUTH,
                                       "the dsn has no project id");
    }

    project = (uint64_t) n;

    if (project != ctx->project) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                   "project id header mismatch between envelope and request");
    }

    if (ctx->public_key.len == 0) {
        ctx->public_key = key;

        return ngx_http_vedette_public_key(ctx);
    }

    if (key.len < NGX_HTTP_VEDETTE_KEY_LEN
        || ngx_strncmp(key.data, ctx->public_key.data,
                       NGX_HTTP_VEDETTE_KEY_LEN) != 0
        || (key.len > NGX_HTTP_VEDETTE_KEY_LEN
            && key.data[NGX_HTTP_VEDETTE_KEY_LEN] != '.'))
    {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                   "public key header mismatch between envelope and request");
    }

    return NGX_OK;
}
