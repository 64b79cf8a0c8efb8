
/*
 * Which endpoint is it, and what do the request's headers say?
 *
 * The path is /PREFIX/api/PROJECT/ENDPOINT, where the prefix is whatever
 * stands in front, runs of slashes are one slash, and a final slash may be
 * there or not.  The endpoints are one table: a row more, and perhaps a skim
 * of its own, is a new endpoint.
 */


#include "ngx_http_vedette_module.h"


static ngx_uint_t ngx_http_vedette_route_match(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_endpoint_t *ep, u_char *p, u_char *last);
static ngx_uint_t ngx_http_vedette_route_segment(u_char **p, u_char *last,
    ngx_str_t *segment);
static ngx_int_t ngx_http_vedette_content_type(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_collect(ngx_http_vedette_ctx_t *ctx);
static ngx_http_vedette_coding_e ngx_http_vedette_coding(ngx_str_t *value);


/* bit n: one of the headers that are collected has a name of n bytes */
#define NGX_HTTP_VEDETTE_NAME_LENGTHS                                         \
    (1 << 6 | 1 << 7 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 18         \
     | 1 << 26)

#define KB  1024
#define MB  (1024 * 1024)

#define EP(name)  NGX_HTTP_VEDETTE_EP_##name


static ngx_str_t  ngx_http_vedette_security_types[] = {
    ngx_string("application/json"),
    ngx_string("application/csp-report"),
    ngx_string("application/expect-ct-report"),
    ngx_string("application/expect-ct-report+json"),
    ngx_string("application/expect-staple-report"),
    ngx_string("application/reports+json"),
    ngx_null_string
};

static ngx_str_t  ngx_http_vedette_nel_types[] = {
    ngx_string("application/json"),
    ngx_string("application/reports+json"),
    ngx_null_string
};

static ngx_str_t  ngx_http_vedette_otlp_types[] = {
    ngx_string("application/json"),
    ngx_string("application/x-protobuf"),
    ngx_null_string
};


/*
 * name: for the worker.  path: what follows the project, "*" is a parameter
 * and "$" the public key; or, with NO_PROJECT, what follows /api.  types: the
 * content types that are taken, or any.  item: the name of what a body is
 * that is no envelope.  max: of the decoded body, 0: a directive says.
 */

static ngx_http_vedette_endpoint_t  ngx_http_vedette_endpoints[] = {

    { ngx_string("envelope"), ngx_string("/envelope"), NGX_HTTP_POST,
      EP(BODY_DSN), NGX_HTTP_VEDETTE_ANSWER_ID,
      ngx_http_vedette_skim_envelope, ngx_null_string, NULL, 0 },

    { ngx_string("store"), ngx_string("/store"), NGX_HTTP_POST,
      EP(STORE), NGX_HTTP_VEDETTE_ANSWER_ID,
      ngx_http_vedette_skim_store, ngx_string("event"), NULL, 0 },

    { ngx_string("store"), ngx_string("/store"), NGX_HTTP_GET,
      EP(QUERY_BODY), NGX_HTTP_VEDETTE_ANSWER_PIXEL,
      ngx_http_vedette_skim_store, ngx_string("event"), NULL, 0 },

    { ngx_string("store"), ngx_string("/store"), NGX_HTTP_POST,
      EP(STORE)|EP(NO_PROJECT), NGX_HTTP_VEDETTE_ANSWER_ID,
      ngx_http_vedette_skim_store, ngx_string("event"), NULL, 0 },

    { ngx_string("store"), ngx_string("/store"), NGX_HTTP_GET,
      EP(QUERY_BODY)|EP(NO_PROJECT), NGX_HTTP_VEDETTE_ANSWER_PIXEL,
      ngx_http_vedette_skim_store, ngx_string("event"), NULL, 0 },

    { ngx_string("security"), ngx_string("/security"), NGX_HTTP_POST,
      0, NGX_HTTP_VEDETTE_ANSWER_EMPTY,
      ngx_http_vedette_skim_report, ngx_string("raw_security"),
      ngx_http_vedette_security_types, 0 },

    { ngx_string("security"), ngx_string("/csp-report"), NGX_HTTP_POST,
      0, NGX_HTTP_VEDETTE_ANSWER_EMPTY,
      ngx_http_vedette_skim_report, ngx_string("raw_security"),
      ngx_http_vedette_security_types, 0 },

    { ngx_string("nel"), ngx_string("/nel"), NGX_HTTP_POST,
      EP(SWALLOW), NGX_HTTP_VEDETTE_ANSWER_EMPTY,
      ngx_http_vedette_skim_report, ngx_string("nel"),
      ngx_http_vedette_nel_types, 12 * MB },

    { ngx_string("minidump"), ngx_string("/minidump"), NGX_HTTP_POST,
      EP(SWALLOW), NGX_HTTP_VEDETTE_ANSWER_UUID,
      ngx_http_vedette_skim_minidump, ngx_string("attachment"), NULL, 0 },

    { ngx_string("unreal"), ngx_string("/unreal/$"), NGX_HTTP_POST,
      EP(SWALLOW)|EP(LARGE), NGX_HTTP_VEDETTE_ANSWER_UUID,
      ngx_http_vedette_skim_report, ngx_string("unreal_report"), NULL, 0 },

    { ngx_string("attachments"), ngx_string("/events/*/attachments"),
      NGX_HTTP_POST, EP(ID_IN_PATH), NGX_HTTP_VEDETTE_ANSWER_CREATED,
      ngx_http_vedette_skim_attachments, ngx_string("attachment"), NULL, 0 },

    { ngx_string("cron"), ngx_string("/cron/*/$"), NGX_HTTP_GET|NGX_HTTP_POST,
      EP(SWALLOW)|EP(BODILESS), NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,
      ngx_http_vedette_skim_cron, ngx_string("check_in"), NULL, 100 * KB },

    { ngx_string("cron"), ngx_string("/cron/*"), NGX_HTTP_GET|NGX_HTTP_POST,
      EP(SWALLOW)|EP(BODILESS), NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,
      ngx_http_vedette_skim_cron, ngx_string("check_in"), NULL, 100 * KB },

    { ngx_string("otlp_traces"), ngx_string("/integration/otlp/v1/traces"),
      NGX_HTTP_POST, 0, NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,
      ngx_http_vedette_skim_report, ngx_string("span"),
      ngx_http_vedette_otlp_types, 12 * MB },

    { ngx_string("otlp_traces"), ngx_string("/otlp/v1/traces"),
      NGX_HTTP_POST, 0, NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,
      ngx_http_vedette_skim_report, ngx_string("span"),
      ngx_http_vedette_otlp_types, 12 * MB },

    { ngx_string("otlp_logs"), ngx_string("/integration/otlp/v1/logs"),
      NGX_HTTP_POST, 0, NGX_HTTP_VEDETTE_ANSWER_ACCEPTED,
      ngx_http_vedette_skim_report, ngx_string("log"),
      ngx_http_vedette_otlp_types, 12 * MB },

    /* as Relay has them */

    { ngx_string("live"), ngx_string("/relay/healthcheck/live"),
      NGX_HTTP_GET|NGX_HTTP_HEAD, EP(NO_PROJECT)|EP(HEALTH),
      NGX_HTTP_VEDETTE_ANSWER_EMPTY, NULL, ngx_null_string, NULL, 0 },

    { ngx_string("ready"), ngx_string("/relay/healthcheck/ready"),
      NGX_HTTP_GET|NGX_HTTP_HEAD, EP(NO_PROJECT)|EP(HEALTH)|EP(READY),
      NGX_HTTP_VEDETTE_ANSWER_EMPTY, NULL, ngx_null_string, NULL, 0 },

    { ngx_null_string, ngx_null_string, 0, 0, 0, NULL, ngx_null_string, NULL,
      0 }
};

#undef EP
#undef KB
#undef MB


/*
 * A prefix may itself hold /api/, so all of them are tried from the left.  A
 * path that is served, but not with this method, is remembered as such.
 */

ngx_int_t
ngx_http_vedette_route(ngx_http_vedette_ctx_t *ctx)
{
    u_char                       *p, *last;
    ngx_http_request_t           *r;
    ngx_http_vedette_endpoint_t  *ep;

    r = ctx->request;

    last = r->uri.data + r->uri.len;

    for (p = r->uri.data; p < last; p++) {

        if (*p != '/' || (size_t) (last - p) < sizeof("/api/") - 1
            || ngx_strncmp(p, "/api/", sizeof("/api/") - 1) != 0)
        {
            continue;
        }

        for (ep = ngx_http_vedette_endpoints; ep->name.len; ep++) {

            if (!ngx_http_vedette_route_match(ctx, ep,
                                              p + sizeof("/api") - 1, last))
            {
                continue;
            }

            ctx->endpoint = ep;
            ctx->methods |= ep->methods;

            if (r->method & (ep->methods|NGX_HTTP_OPTIONS)) {
                return NGX_OK;
            }
        }
    }

    if (ctx->endpoint) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_METHOD, NULL);
    }

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NOT_FOUND, NULL);
}


static ngx_uint_t
ngx_http_vedette_route_match(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_endpoint_t *ep, u_char *p, u_char *last)
{
    u_char     *q, *end;
    ngx_str_t   project, param, key, want, segment;

    ngx_str_null(&project);
    ngx_str_null(&param);
    ngx_str_null(&key);

    if (!(ep->flags & NGX_HTTP_VEDETTE_EP_NO_PROJECT)
        && !ngx_http_vedette_route_segment(&p, last, &project))
    {
        return 0;
    }

    q = ep->path.data;
    end = q + ep->path.len;

    while (ngx_http_vedette_route_segment(&q, end, &want)) {

        if (!ngx_http_vedette_route_segment(&p, last, &segment)) {
            return 0;
        }

        if (ngx_http_vedette_is(&want, "*")) {
            param = segment;

        } else if (ngx_http_vedette_is(&want, "$")) {
            key = segment;

        } else if (want.len != segment.len
                   || ngx_memcmp(want.data, segment.data, want.len) != 0)
        {
            return 0;
        }
    }

    if (ngx_http_vedette_route_segment(&p, last, &segment)) {
        return 0;
    }

    ctx->project_text = project;
    ctx->param = param;
    ctx->public_key = key;

    return 1;
}


/* the next segment of a path; runs of slashes are one, a final one is none */

static ngx_uint_t
ngx_http_vedette_route_segment(u_char **p, u_char *last, ngx_str_t *segment)
{
    u_char  *end;

    while (*p < last && **p == '/') {
        (*p)++;
    }

    end = ngx_strlchr(*p, last, '/');
    if (end == NULL) {
        end = last;
    }

    segment->data = *p;
    segment->len = end - *p;

    *p = end;

    return segment->len != 0;
}


/* what the headers and the path say, apart from credentials */

ngx_int_t
ngx_http_vedette_headers(ngx_http_vedette_ctx_t *ctx)
{
    off_t      project;
    ngx_int_t  rc;

    rc = ngx_http_vedette_collect(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    ctx->coding = ngx_http_vedette_coding(&ctx->content_encoding);

    if (ctx->coding == NGX_HTTP_VEDETTE_UNKNOWN_CODING) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_ENCODING,
                                       NULL);
    }

    if (!(ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_NO_PROJECT)) {

        project = ngx_atoof(ctx->project_text.data, ctx->project_text.len);

        if (project == NGX_ERROR) {
            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_PROJECT,
                                           "the project id is not a number");
        }

        ctx->project = (uint64_t) project;
    }

    rc = ngx_http_vedette_content_type(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_ID_IN_PATH) {

        if (ngx_http_vedette_uuid(ctx->event_id, ctx->param.data,
                                  ctx->param.len)
            != NGX_OK)
        {
            return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_EVENT_ID,
                                           NULL);
        }

        ctx->has_id = 1;
    }

    if (ctx->public_key.len) {
        /* of the path */
        return ngx_http_vedette_public_key(ctx);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_content_type(ngx_http_vedette_ctx_t *ctx)
{
    u_char                       *end;
    ngx_str_t                     type, *wanted;
    ngx_table_elt_t              *h;
    ngx_http_vedette_endpoint_t  *ep;

    ep = ctx->endpoint;
    h = ctx->request->headers_in.content_type;

    ngx_str_null(&type);

    if (h) {
        type = h->value;
    }

    /* the type alone makes an envelope of what is sent to the store */

    if ((ep->flags & NGX_HTTP_VEDETTE_EP_STORE)
        && ngx_http_vedette_is(&type, "application/x-sentry-envelope")
        && !(ep->flags & NGX_HTTP_VEDETTE_EP_NO_PROJECT))
    {
        ctx->endpoint = &ngx_http_vedette_endpoints[0];
        return NGX_OK;
    }

    if (ep->types == NULL) {
        return NGX_OK;
    }

    end = ngx_strlchr(type.data, type.data + type.len, ';');
    if (end) {
        type.len = end - type.data;
    }

    while (type.len && type.data[type.len - 1] == ' ') {
        type.len--;
    }

    for (wanted = ep->types; wanted->len; wanted++) {
        if (wanted->len == type.len
            && ngx_strncasecmp(wanted->data, type.data, type.len) == 0)
        {
            return NGX_OK;
        }
    }

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_TYPE, NULL);
}


/* one pass over the headers for all that nginx has no pointer to */

static ngx_int_t
ngx_http_vedette_collect(ngx_http_vedette_ctx_t *ctx)
{
    size_t               len;
    u_char              *p;
    ngx_uint_t           i, n, passed;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h, *pass[8];
    ngx_http_request_t  *r;

    static ngx_str_t  names[] = {
        ngx_string("x-sentry-auth"),
        ngx_string("content-encoding"),
        ngx_string("origin"),
        ngx_string("referer"),
        ngx_string("sec-ch-ua"),
        ngx_string("sec-ch-ua-model"),
        ngx_string("sec-ch-ua-platform"),
        ngx_string("sec-ch-ua-platform-version"),
        ngx_null_string
    };

    r = ctx->request;

    passed = 0;
    len = 0;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {

            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        /* most headers have the length of none of these names */

        if (h[i].key.len > 26
            || !(NGX_HTTP_VEDETTE_NAME_LENGTHS & (1 << h[i].key.len)))
        {
            continue;
        }

        for (n = 0; names[n].len; n++) {
            if (names[n].len == h[i].key.len
                && ngx_strncmp(names[n].data, h[i].lowcase_key, names[n].len)
                   == 0)
            {
                break;
            }
        }

        switch (n) {

        case 0:
            if (ctx->x_sentry_auth.data == NULL) {
                ctx->x_sentry_auth = h[i].value;
            }

            continue;

        case 1:
            if (ctx->content_encoding.data == NULL) {
                ctx->content_encoding = h[i].value;
            }

            continue;

        case 2:
            if (ctx->origin.data == NULL) {
                ctx->origin = h[i].value;
            }

            break;

        default:
            break;
        }

        if (names[n].len && passed < sizeof(pass) / sizeof(pass[0])) {
            pass[passed++] = &h[i];
            len += h[i].key.len + 2 + h[i].value.len + 1;
        }
    }

    if (passed == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->passed.data = p;
    ctx->passed.len = len;

    for (i = 0; i < passed; i++) {
        p = ngx_cpymem(p, pass[i]->lowcase_key, pass[i]->key.len);
        *p++ = ':'; *p++ = ' ';
        p = ngx_cpymem(p, pass[i]->value.data, pass[i]->value.len);
        *p++ = LF;
    }

    return NGX_OK;
}


/* some SDKs send an empty value, others a character set */

static ngx_http_vedette_coding_e
ngx_http_vedette_coding(ngx_str_t *value)
{
    ngx_uint_t  i;

    static struct {
        ngx_str_t                  name;
        ngx_http_vedette_coding_e  coding;
    } codings[] = {
        { ngx_string("gzip"), NGX_HTTP_VEDETTE_GZIP },
        { ngx_string("deflate"), NGX_HTTP_VEDETTE_DEFLATE },
        { ngx_string("br"), NGX_HTTP_VEDETTE_BR },
        { ngx_string("zstd"), NGX_HTTP_VEDETTE_ZSTD },
        { ngx_string("identity"), NGX_HTTP_VEDETTE_IDENTITY },
        { ngx_string("utf-8"), NGX_HTTP_VEDETTE_IDENTITY },
        { ngx_null_string, NGX_HTTP_VEDETTE_UNKNOWN_CODING }
    };

    if (value->len == 0) {
        return NGX_HTTP_VEDETTE_IDENTITY;
    }

    for (i = 0; codings[i].name.len; i++) {
        if (codings[i].name.len == value->len
            && ngx_strncasecmp(codings[i].name.data, value->data, value->len)
               == 0)
        {
            break;
        }
    }

    return codings[i].coding;
}
