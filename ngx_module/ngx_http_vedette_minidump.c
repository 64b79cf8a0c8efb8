
/*
 * Multipart uploads: minidumps with what comes along, and attachments of an
 * event that was sent before.
 *
 * A client that crashed sends once, and has to hear at once whether this can
 * be a minidump at all.  So the file is looked at: its first bytes, and if it
 * is packed with gzip or zstd the first bytes inside, with a cap on the size;
 * xz and bzip2 are believed.  Some crash reporters know the event's id; then it
 * is found in one of the places where they put it, in this order of trust:
 * the msgpack event, the JSON event, the form field.
 *
 * All of it is queued as it came, and the worker takes it apart.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_FORM_FIELD   64

/* more parts than this are no crash report */
#define NGX_HTTP_VEDETTE_MAX_PARTS    256
#define NGX_HTTP_VEDETTE_MAX_FILES    32


enum {
    NGX_HTTP_VEDETTE_PART_OTHER = 0,
    NGX_HTTP_VEDETTE_PART_FILE,
    NGX_HTTP_VEDETTE_PART_DUMP,
    NGX_HTTP_VEDETTE_PART_ID,
    NGX_HTTP_VEDETTE_PART_JSON,
    NGX_HTTP_VEDETTE_PART_MSGPACK
};


typedef struct {
    ngx_http_vedette_ctx_t        *ctx;
    ngx_http_vedette_multipart_t   mp;
    ngx_uint_t                     position;
    ngx_uint_t                     kind;
    uint64_t                       size;
    uint64_t                       total;
    ngx_uint_t                     files;

    /* the beginning of the dump, and then of what is packed in it */
    u_char                         magic[6];
    size_t                         magic_len;
    u_char                         inner_magic[4];
    size_t                         inner_len;
    ngx_http_vedette_decode_t      inner;
    unsigned                       recognised:1;
    unsigned                       packed:1;
    unsigned                       zstd:1;
    unsigned                       dump:1;
    unsigned                       wants_dump:1;

    /* the event's id; the trust in where it was found */
    ngx_uint_t                     trust;
    u_char                         field[NGX_HTTP_VEDETTE_FORM_FIELD];
    size_t                         field_len;
    ngx_http_vedette_json_t        json;
    ngx_http_vedette_msgpack_t     msgpack;
    unsigned                       json_over:1;
} ngx_http_vedette_upload_t;


static ngx_int_t ngx_http_vedette_upload(ngx_http_vedette_ctx_t *ctx,
    ngx_uint_t dump);
static ngx_int_t ngx_http_vedette_upload_feed(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_upload_begin(void *data, ngx_str_t *name,
    ngx_uint_t file);
static ngx_int_t ngx_http_vedette_upload_bytes(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_upload_end(void *data);
static ngx_int_t ngx_http_vedette_dump_raw(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_dump_bytes(ngx_http_vedette_upload_t *up,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_dump_recognise(
    ngx_http_vedette_upload_t *up);
static ngx_int_t ngx_http_vedette_dump_unpack(ngx_http_vedette_upload_t *up,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_dump_inner(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_dump_end(ngx_http_vedette_upload_t *up);
static ngx_int_t ngx_http_vedette_upload_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value);
static void ngx_http_vedette_upload_id(ngx_http_vedette_upload_t *up,
    ngx_uint_t trust, u_char *p, size_t len);


static ngx_str_t  ngx_http_vedette_attachment = ngx_string("attachment");


ngx_int_t
ngx_http_vedette_skim_minidump(ngx_http_vedette_ctx_t *ctx)
{
    ngx_str_t         type;
    ngx_table_elt_t  *h;

    h = ctx->request->headers_in.content_type;

    ngx_str_null(&type);

    if (h) {
        type = h->value;
    }

    ctx->needs_id = 1;

    if (ngx_http_vedette_starts(&type, "application/octet-stream")
        || ngx_http_vedette_starts(&type, "application/x-dmp"))
    {
        return ngx_http_vedette_upload(ctx, 2);
    }

    return ngx_http_vedette_upload(ctx, 1);
}


ngx_int_t
ngx_http_vedette_skim_attachments(ngx_http_vedette_ctx_t *ctx)
{
    return ngx_http_vedette_upload(ctx, 0);
}


/* dump: 0, none is wanted; 1, one of the parts; 2, the whole body */

static ngx_int_t
ngx_http_vedette_upload(ngx_http_vedette_ctx_t *ctx, ngx_uint_t dump)
{
    uint64_t                    max;
    ngx_int_t                   rc;
    ngx_str_t                   type;
    ngx_http_vedette_item_t    *item;
    ngx_http_vedette_upload_t  *up;

    up = ngx_pcalloc(ctx->request->pool, sizeof(ngx_http_vedette_upload_t));
    if (up == NULL) {
        return NGX_ERROR;
    }

    up->ctx = ctx;
    up->wants_dump = (dump != 0);

    up->inner.sink = ngx_http_vedette_dump_inner;
    up->inner.data = up;
    up->inner.rest = ctx->conf->max_attachment;
    up->inner.inner = 1;

    max = ctx->conf->max_envelope;

    if (dump == 2) {
        up->dump = 1;

        rc = ngx_http_vedette_skim_body(ctx, max, ngx_http_vedette_dump_raw,
                                        up);

        if (rc == NGX_OK) {
            rc = ngx_http_vedette_dump_end(up);
        }

        if (rc != NGX_OK) {
            return rc;
        }

        item = ngx_http_vedette_skim_item(ctx, &ngx_http_vedette_attachment,
                                          0, up->size);
        if (item == NULL) {
            return NGX_ERROR;
        }

        item->event = 1;

        return NGX_OK;
    }

    ngx_str_null(&type);

    if (ctx->request->headers_in.content_type) {
        type = ctx->request->headers_in.content_type->value;
    }

    up->mp.begin = ngx_http_vedette_upload_begin;
    up->mp.bytes = ngx_http_vedette_upload_bytes;
    up->mp.end = ngx_http_vedette_upload_end;
    up->mp.data = up;

    if (ngx_http_vedette_multipart_init(&up->mp, &type) != NGX_OK) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_MULTIPART,
                                       "the content type has no boundary");
    }

    rc = ngx_http_vedette_skim_body(ctx, max, ngx_http_vedette_upload_feed, up);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_vedette_multipart_done(&up->mp) != NGX_OK) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_MULTIPART,
                                       "unexpected end of file");
    }

    if (up->wants_dump && !up->dump) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_MINIDUMP,
                                       NULL);
    }

    if (ctx->too_large.len) {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_ITEM_TOO_LARGE,
                                       NULL);
    }

    ctx->nothing = (ctx->items->nelts == 0);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_upload_feed(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_upload_t *up = data;

    ngx_int_t  rc;

    rc = ngx_http_vedette_multipart_feed(&up->mp, p, last);

    if (rc == NGX_DECLINED) {
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_BAD_MULTIPART,
                                       NULL);
    }

    return rc;
}


static ngx_int_t
ngx_http_vedette_upload_begin(void *data, ngx_str_t *name, ngx_uint_t file)
{
    ngx_http_vedette_upload_t *up = data;

    if (up->mp.parts > NGX_HTTP_VEDETTE_MAX_PARTS) {
        return NGX_DECLINED;
    }

    up->size = 0;
    up->field_len = 0;
    up->kind = file ? NGX_HTTP_VEDETTE_PART_FILE : NGX_HTTP_VEDETTE_PART_OTHER;

    if (!up->wants_dump) {
        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "upload_file_minidump")) {

        if (!up->dump) {
            up->kind = NGX_HTTP_VEDETTE_PART_DUMP;
            up->dump = 1;
        }

    } else if (ngx_http_vedette_is(name, "__sentry-event")) {
        up->kind = NGX_HTTP_VEDETTE_PART_MSGPACK;
        ngx_http_vedette_msgpack_init(&up->msgpack, "event_id");

    } else if (ngx_http_vedette_is(name, "__sentry-breadcrumb1")
               || ngx_http_vedette_is(name, "__sentry-breadcrumb2"))
    {
        up->kind = NGX_HTTP_VEDETTE_PART_OTHER;

    } else if (!file && ngx_http_vedette_is(name, "sentry")) {
        up->kind = NGX_HTTP_VEDETTE_PART_JSON;
        up->json_over = 0;
        ngx_http_vedette_json_init(&up->json, ngx_http_vedette_upload_member,
                                   up);

    } else if (!file && ngx_http_vedette_is(name, "sentry[event_id]")) {
        up->kind = NGX_HTTP_VEDETTE_PART_ID;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_upload_bytes(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_upload_t *up = data;

    size_t  n;

    up->size += last - p;

    switch (up->kind) {

    case NGX_HTTP_VEDETTE_PART_DUMP:
        return ngx_http_vedette_dump_bytes(up, p, last);

    case NGX_HTTP_VEDETTE_PART_MSGPACK:
        ngx_http_vedette_msgpack_feed(&up->msgpack, p, last);
        break;

    case NGX_HTTP_VEDETTE_PART_JSON:

        if (!up->json_over
            && ngx_http_vedette_json_feed(&up->json, &p, last) != NGX_AGAIN)
        {
            /* what is broken is ignored, as in the worker */
            up->json_over = 1;
        }

        break;

    case NGX_HTTP_VEDETTE_PART_ID:
        n = ngx_min((size_t) (last - p), sizeof(up->field) - up->field_len);

        ngx_memcpy(up->field + up->field_len, p, n);
        up->field_len += n;
        break;

    default:
        break;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_upload_end(void *data)
{
    ngx_http_vedette_upload_t *up = data;

    ngx_int_t                 rc;
    ngx_uint_t                position;
    ngx_http_vedette_item_t  *item;

    position = up->position++;

    switch (up->kind) {

    case NGX_HTTP_VEDETTE_PART_ID:
        ngx_http_vedette_upload_id(up, 1, up->field, up->field_len);
        return NGX_OK;

    case NGX_HTTP_VEDETTE_PART_MSGPACK:

        if (up->msgpack.found) {
            ngx_http_vedette_upload_id(up, 3, up->msgpack.text,
                                       up->msgpack.text_len);
        }

        return NGX_OK;

    case NGX_HTTP_VEDETTE_PART_DUMP:
        rc = ngx_http_vedette_dump_end(up);

        if (rc != NGX_OK) {
            return rc;
        }

        break;

    case NGX_HTTP_VEDETTE_PART_FILE:
        break;

    default:
        return NGX_OK;
    }

    up->total += up->size;

    if (++up->files > NGX_HTTP_VEDETTE_MAX_FILES
        || up->total > up->ctx->conf->max_attachment)
    {
        up->ctx->too_large = ngx_http_vedette_attachment;
        return NGX_OK;
    }

    item = ngx_http_vedette_skim_item(up->ctx, &ngx_http_vedette_attachment,
                                      position, up->size);
    if (item == NULL) {
        return NGX_ERROR;
    }

    item->event = (up->kind == NGX_HTTP_VEDETTE_PART_DUMP);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_dump_raw(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_upload_t *up = data;

    up->size += last - p;

    return ngx_http_vedette_dump_bytes(up, p, last);
}


static ngx_int_t
ngx_http_vedette_dump_bytes(ngx_http_vedette_upload_t *up, u_char *p,
    u_char *last)
{
    u_char     *q;
    ngx_int_t   rc;

    if (up->recognised) {
        return up->packed ? ngx_http_vedette_dump_unpack(up, p, last) : NGX_OK;
    }

    for (q = p; q < last && up->magic_len < sizeof(up->magic); q++) {
        up->magic[up->magic_len++] = *q;
    }

    if (up->magic_len < sizeof(up->magic)) {
        return NGX_OK;
    }

    rc = ngx_http_vedette_dump_recognise(up);

    if (rc != NGX_OK || !up->packed) {
        return rc;
    }

    rc = ngx_http_vedette_dump_unpack(up, up->magic,
                                      up->magic + sizeof(up->magic));

    if (rc != NGX_OK || q == last) {
        return rc;
    }

    return ngx_http_vedette_dump_unpack(up, q, last);
}


static ngx_int_t
ngx_http_vedette_dump_recognise(ngx_http_vedette_upload_t *up)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    static struct {
        ngx_str_t   magic;
        ngx_uint_t  packed;
        ngx_uint_t  zstd;
    } kinds[] = {
        { ngx_string("MDMP"), 0, 0 },
        { ngx_string("PMDM"), 0, 0 },
        { ngx_string("\x1f\x8b"), 1, 0 },
        { ngx_string("\x28\xb5\x2f\xfd"), 1, 1 },
        { ngx_string("\xfd\x37\x7a\x58\x5a"), 0, 0 },
        { ngx_string("BZh"), 0, 0 },

        /* old Electron: a multipart body as the field */
        { ngx_string("--"), 0, 0 },
        { ngx_null_string, 0, 0 }
    };

    for (i = 0; kinds[i].magic.len; i++) {
        if (up->magic_len >= kinds[i].magic.len
            && ngx_memcmp(up->magic, kinds[i].magic.data, kinds[i].magic.len)
               == 0)
        {
            break;
        }
    }

    if (kinds[i].magic.len == 0) {
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_BAD_MINIDUMP,
                                       NULL);
    }

    up->recognised = 1;
    up->packed = kinds[i].packed;
    up->zstd = kinds[i].zstd;

    if (!up->packed) {
        return NGX_OK;
    }

    rc = up->zstd ? ngx_http_vedette_zstd_open(&up->inner, NULL, 0)
                  : ngx_http_vedette_gzip_open(&up->inner, NULL, 0);

    return rc;
}


static ngx_int_t
ngx_http_vedette_dump_unpack(ngx_http_vedette_upload_t *up, u_char *p,
    u_char *last)
{
    ngx_int_t  rc;

    rc = up->zstd ? ngx_http_vedette_zstd_feed(&up->inner, p, last)
                  : ngx_http_vedette_inflate_feed(&up->inner, p, last);

    switch (rc) {

    case NGX_DECLINED:
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_BAD_CONTAINER,
                                       NULL);

    case NGX_BUSY:
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_TOO_LARGE,
                                       NULL);

    default:
        return rc;
    }
}


static ngx_int_t
ngx_http_vedette_dump_inner(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_upload_t *up = data;

    while (p < last && up->inner_len < sizeof(up->inner_magic)) {
        up->inner_magic[up->inner_len++] = *p++;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_dump_end(ngx_http_vedette_upload_t *up)
{
    ngx_int_t  rc;

    if (!up->recognised) {

        /* shorter than the longest magic */

        rc = ngx_http_vedette_dump_recognise(up);

        if (rc == NGX_OK && up->packed) {
            rc = ngx_http_vedette_dump_unpack(up, up->magic,
                                              up->magic + up->magic_len);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (!up->packed) {
        return NGX_OK;
    }

    rc = up->zstd ? ngx_http_vedette_zstd_done(&up->inner)
                  : ngx_http_vedette_inflate_done(&up->inner);

    if (rc != NGX_OK) {
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_BAD_CONTAINER,
                                       NULL);
    }

    if (up->inner_len != sizeof(up->inner_magic)
        || (ngx_memcmp(up->inner_magic, "MDMP", 4) != 0
            && ngx_memcmp(up->inner_magic, "PMDM", 4) != 0))
    {
        return ngx_http_vedette_refuse(up->ctx, NGX_HTTP_VEDETTE_BAD_MINIDUMP,
                                       NULL);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_upload_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_upload_t *up = data;

    if (type == NGX_HTTP_VEDETTE_JSON_STRING
        && ngx_http_vedette_is(name, "event_id"))
    {
        ngx_http_vedette_upload_id(up, 2, value->data, value->len);
    }

    return NGX_OK;
}


static void
ngx_http_vedette_upload_id(ngx_http_vedette_upload_t *up, ngx_uint_t trust,
    u_char *p, size_t len)
{
    if (trust > up->trust
        && ngx_http_vedette_uuid(up->ctx->event_id, p, len) == NGX_OK)
    {
        up->ctx->has_id = 1;
        up->trust = trust;
    }
}
