
/*
 * Bodies that are one thing: reports of browsers, crashes of the Unreal
 * Engine, OTLP, and check-ins over plain HTTP.
 *
 * The edge measures them and leaves the rest to the worker.  Only a check-in
 * is looked into, because a client that forgot the status has to hear of it.
 * What an OTLP request holds is not counted here: it is one item, and as many
 * bytes as it has.
 */


#include "ngx_http_vedette_module.h"


typedef struct {
    ngx_http_vedette_ctx_t   *ctx;
    ngx_http_vedette_json_t   json;
    unsigned                  complete:1;
    unsigned                  has_status:1;
} ngx_http_vedette_check_in_t;


static ngx_int_t ngx_http_vedette_report_feed(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_no_body(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_check_in_feed(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_check_in_member(void *data,
    ngx_str_t *name, ngx_http_vedette_json_type_e type, ngx_str_t *value);


ngx_int_t
ngx_http_vedette_skim_report(ngx_http_vedette_ctx_t *ctx)
{
    uint64_t   size, max;
    ngx_int_t  rc;

    size = 0;
    max = ctx->endpoint->max;

    if (max == 0) {
        max = (ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_LARGE)
              ? ctx->conf->max_attachment : ctx->conf->max_event;
    }

    rc = ngx_http_vedette_skim_body(ctx, max, ngx_http_vedette_report_feed,
                                    &size);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_vedette_skim_item(ctx, &ctx->endpoint->item, 0, size)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_report_feed(void *data, u_char *p, u_char *last)
{
    uint64_t *size = data;

    *size += last - p;

    return NGX_OK;
}


/* a check-in is an object in the body, or else what the query says */

ngx_int_t
ngx_http_vedette_skim_cron(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_str_t                     status;
    ngx_table_elt_t              *type;
    ngx_http_vedette_check_in_t   ci;

    ngx_memzero(&ci, sizeof(ngx_http_vedette_check_in_t));

    ci.ctx = ctx;
    ngx_http_vedette_json_init(&ci.json, ngx_http_vedette_check_in_member,
                               &ci);

    type = ctx->request->headers_in.content_type;

    if (ctx->request->method == NGX_HTTP_POST
        && type && ngx_http_vedette_starts(&type->value, "application/json"))
    {
        rc = ngx_http_vedette_skim_body(ctx, ctx->endpoint->max,
                                        ngx_http_vedette_check_in_feed, &ci);

        if (rc != NGX_OK) {
            return rc;
        }

        if (!ci.complete) {
            return ngx_http_vedette_bad_json(ctx, "unexpected end of input");
        }

    } else {

        ci.has_status = (ngx_http_arg(ctx->request, (u_char *) "status",
                                      sizeof("status") - 1, &status)
                         == NGX_OK && status.len);

        if (ngx_http_vedette_no_body(ctx) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (!ci.has_status) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_CHECK_IN,
                                       "missing status");
    }

    if (ngx_http_vedette_skim_item(ctx, &ctx->endpoint->item, 0, 0) == NULL) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* what came is not meant; what is queued has a body, which is empty */

static ngx_int_t
ngx_http_vedette_no_body(ngx_http_vedette_ctx_t *ctx)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = ngx_create_temp_buf(ctx->request->pool, 1);
    cl = ngx_alloc_chain_link(ctx->request->pool);

    if (b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;

    ctx->body = cl;
    ctx->coding = NGX_HTTP_VEDETTE_IDENTITY;

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_check_in_feed(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_check_in_t *ci = data;

    if (ci->complete) {
        return NGX_OK;
    }

    switch (ngx_http_vedette_json_feed(&ci->json, &p, last)) {

    case NGX_AGAIN:
        return NGX_OK;

    case NGX_OK:
        ci->complete = 1;
        return NGX_OK;

    default:
        return ngx_http_vedette_bad_json(ci->ctx, ci->json.error);
    }
}


static ngx_int_t
ngx_http_vedette_check_in_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_check_in_t *ci = data;

    if (ngx_http_vedette_is(name, "status")
        && type == NGX_HTTP_VEDETTE_JSON_STRING && value->len)
    {
        ci->has_status = 1;
    }

    return NGX_OK;
}
