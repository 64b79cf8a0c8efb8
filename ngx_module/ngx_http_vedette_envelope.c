
/*
 * The skim: what does the body hold?
 *
 * The edge copies, it does not convert: the body is queued as it came.  But it
 * has to know whether the framing is sound, what categories the items belong
 * to, how large they are, and the event's id, because these decide the answer.
 * So the decoded body streams through a small machine once:
 *
 *     envelope = header { LF item } [ LF ]
 *     item     = header [ LF payload ]
 *
 * A header is a JSON object.  A payload has the length that its header says,
 * or else goes to the end of the line.  It is passed over unread, unless the
 * id of the event is still wanted: the envelope's header wins, then comes the
 * payload of an event, and at last one is made up.
 *
 * An item that is too large, or one too many, refuses the whole envelope, but
 * only at its end: then all items are known, and each has its outcome.
 */


#include "ngx_http_vedette_module.h"


/* what all types of a family may have together */

enum {
    NGX_HTTP_VEDETTE_FAMILY_EVENT = 0,
    NGX_HTTP_VEDETTE_FAMILY_ATTACHMENT,
    NGX_HTTP_VEDETTE_FAMILY_SESSION,
    NGX_HTTP_VEDETTE_FAMILY_CLIENT_REPORT,
    NGX_HTTP_VEDETTE_FAMILY_CHECK_IN,
    NGX_HTTP_VEDETTE_FAMILY_PROFILE,
    NGX_HTTP_VEDETTE_FAMILY_REPLAY,
    NGX_HTTP_VEDETTE_FAMILY_SPAN,
    NGX_HTTP_VEDETTE_FAMILY_LOG,
    NGX_HTTP_VEDETTE_FAMILY_TRACE_METRIC,
    NGX_HTTP_VEDETTE_FAMILY_METRIC,
    NGX_HTTP_VEDETTE_FAMILY_NEL,
    NGX_HTTP_VEDETTE_FAMILIES
};


#define KB  ((uint64_t) 1024)
#define MB  ((uint64_t) 1024 * 1024)


/*
 * Number of items; size of one (of a container: the average of what it holds);
 * size of all.  0: vedette_max_event or vedette_max_attachment.  The family of
 * events has room for what may stand beside the one event.
 */

static struct {
    ngx_uint_t                    number;
    uint64_t                      size;
    uint64_t                      total;
} ngx_http_vedette_families[] = {
    {   3,         0,         0 },    /* event */
    {  30,         0,         0 },    /* attachment */
    { 100,   10 * MB,   10 * MB },    /* session */
    { 100,  100 * KB,  100 * KB },    /* client report */
    {   1,  100 * KB,  100 * KB },    /* check-in */
    {   1,   50 * MB,   50 * MB },    /* profile */
    {   1,   10 * MB,   10 * MB },    /* replay */
    {  25,   10 * MB,   12 * MB },    /* span */
    {   1,    2 * MB,   12 * MB },    /* log */
    {   1,    1 * MB,   12 * MB },    /* trace metric */
    {   2,    1 * MB,    2 * MB },    /* metric: gone from SDKs */
    { 100,    1 * MB,    1 * MB }     /* nel */
};

#undef KB
#undef MB


#define CAT(name)     NGX_HTTP_VEDETTE_CAT_##name
#define FAMILY(name)  NGX_HTTP_VEDETTE_FAMILY_##name
#define NEEDS_ID      NGX_HTTP_VEDETTE_ITEM_NEEDS_ID
#define HAS_ID        NGX_HTTP_VEDETTE_ITEM_HAS_ID
#define EVENT         NGX_HTTP_VEDETTE_ITEM_EVENT
#define DEPENDENT     NGX_HTTP_VEDETTE_ITEM_DEPENDENT
#define BYTES         NGX_HTTP_VEDETTE_ITEM_BYTES
#define COUNTED       NGX_HTTP_VEDETTE_ITEM_COUNTED
#define RESERVED      NGX_HTTP_VEDETTE_ITEM_RESERVED

ngx_http_vedette_item_type_t  ngx_http_vedette_item_types[] = {

    { ngx_string("event"), CAT(ERROR), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|HAS_ID|EVENT },

    { ngx_string("transaction"), CAT(TRANSACTION), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|HAS_ID|EVENT },

    { ngx_string("feedback"), CAT(FEEDBACK), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|HAS_ID|EVENT },

    { ngx_string("security"), CAT(SECURITY), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|HAS_ID|EVENT },

    { ngx_string("raw_security"), CAT(SECURITY), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|EVENT },

    { ngx_string("form_data"), CAT(NONE), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|DEPENDENT },

    { ngx_string("replay_event"), CAT(REPLAY), CAT(NONE), FAMILY(EVENT),
      NEEDS_ID|HAS_ID },

    { ngx_string("attachment"), CAT(ATTACHMENT), CAT(ATTACHMENT_ITEM),
      FAMILY(ATTACHMENT), NEEDS_ID|DEPENDENT|BYTES },

    { ngx_string("unreal_report"), CAT(ERROR), CAT(NONE), FAMILY(ATTACHMENT),
      NEEDS_ID|EVENT },

    { ngx_string("user_report"), CAT(FEEDBACK), CAT(NONE), FAMILY(ATTACHMENT),
      NEEDS_ID|DEPENDENT },

    { ngx_string("session"), CAT(SESSION), CAT(NONE), FAMILY(SESSION), 0 },

    { ngx_string("sessions"), CAT(SESSION), CAT(NONE), FAMILY(SESSION), 0 },

    { ngx_string("client_report"), CAT(NONE), CAT(NONE),
      FAMILY(CLIENT_REPORT), 0 },

    { ngx_string("check_in"), CAT(MONITOR), CAT(NONE), FAMILY(CHECK_IN), 0 },

    { ngx_string("profile"), CAT(PROFILE), CAT(NONE), FAMILY(PROFILE),
      NEEDS_ID|DEPENDENT },

    { ngx_string("profile_chunk"), CAT(PROFILE_CHUNK), CAT(NONE),
      FAMILY(PROFILE), 0 },

    { ngx_string("profile_chunk_ui"), CAT(PROFILE_CHUNK_UI), CAT(NONE),
      FAMILY(PROFILE), 0 },

    { ngx_string("replay_recording"), CAT(REPLAY), CAT(NONE), FAMILY(REPLAY),
      0 },

    { ngx_string("replay_video"), CAT(REPLAY), CAT(NONE), FAMILY(REPLAY), 0 },

    { ngx_string("span"), CAT(SPAN), CAT(NONE), FAMILY(SPAN), COUNTED },

    { ngx_string("log"), CAT(LOG_ITEM), CAT(LOG_BYTE), FAMILY(LOG), COUNTED },

    { ngx_string("trace_metric"), CAT(TRACE_METRIC), CAT(NONE),
      FAMILY(TRACE_METRIC), COUNTED },

    { ngx_string("statsd"), CAT(METRIC_BUCKET), CAT(NONE), FAMILY(METRIC), 0 },

    { ngx_string("metric_buckets"), CAT(METRIC_BUCKET), CAT(NONE),
      FAMILY(METRIC), 0 },

    { ngx_string("metric_meta"), CAT(METRIC_BUCKET), CAT(NONE),
      FAMILY(METRIC), 0 },

    { ngx_string("nel"), CAT(NONE), CAT(NONE), FAMILY(NEL), 0 },

    { ngx_string("integration"), CAT(NONE), CAT(NONE), FAMILY(NEL), RESERVED },

    { ngx_null_string, NGX_HTTP_VEDETTE_CAT_DEFAULT,
      NGX_HTTP_VEDETTE_CAT_NONE, 0, 0 }
};

#undef CAT
#undef FAMILY
#undef NEEDS_ID
#undef HAS_ID
#undef EVENT
#undef DEPENDENT
#undef BYTES
#undef COUNTED
#undef RESERVED

#define NGX_HTTP_VEDETTE_NO_LENGTH         -1


typedef enum {
    sw_header = 0,
    sw_header_end,
    sw_item,
    sw_item_header,
    sw_item_header_end,
    sw_payload,
    sw_payload_line,
    sw_payload_end
} ngx_http_vedette_skim_state_e;


typedef struct {
    ngx_http_vedette_ctx_t         *ctx;
    ngx_http_vedette_skim_state_e   state;

    /* of the header that is read; bit n: known member n was there */
    ngx_uint_t                      seen;

    /* bytes before those that are fed, the first of them, and where we are */
    uint64_t                        passed;
    u_char                         *first;
    u_char                         *here;

    /* the item, and where its header begins */
    uint64_t                        begin;
    ngx_uint_t                      position;
    ngx_http_vedette_item_type_t   *type;
    int64_t                         length;
    uint64_t                        size;
    uint64_t                        rest;
    uint32_t                        count;
    unsigned                        makes_event:1;
    unsigned                        of_ui:1;
    unsigned                        typed:1;
    unsigned                        of_spans:1;
    unsigned                        wants_id:1;

    /* the envelope */
    ngx_uint_t                      nevents;
    ngx_uint_t                      ncontainers;
    ngx_uint_t                      number[NGX_HTTP_VEDETTE_FAMILIES];
    uint64_t                        total[NGX_HTTP_VEDETTE_FAMILIES];

    /* a header, and the payload of an event: set when one begins */
    ngx_http_vedette_json_t         json;
    ngx_http_vedette_json_t         payload;
} ngx_http_vedette_skim_t;


static ngx_http_vedette_item_type_t *ngx_http_vedette_item_type(
    ngx_str_t *name);
static ngx_int_t ngx_http_vedette_skim_feed(void *data, u_char *p,
    u_char *last);
static ngx_int_t ngx_http_vedette_skim_end(ngx_http_vedette_skim_t *sk);
static ngx_int_t ngx_http_vedette_skim_header_member(void *data,
    ngx_str_t *name, ngx_http_vedette_json_type_e type, ngx_str_t *value);
static void ngx_http_vedette_skim_item_begin(ngx_http_vedette_skim_t *sk);
static ngx_int_t ngx_http_vedette_skim_item_member(void *data,
    ngx_str_t *name, ngx_http_vedette_json_type_e type, ngx_str_t *value);
static ngx_int_t ngx_http_vedette_skim_item_header(
    ngx_http_vedette_skim_t *sk);
static void ngx_http_vedette_skim_payload(ngx_http_vedette_skim_t *sk,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_vedette_skim_payload_member(void *data,
    ngx_str_t *name, ngx_http_vedette_json_type_e type, ngx_str_t *value);
static ngx_int_t ngx_http_vedette_skim_item_end(ngx_http_vedette_skim_t *sk);
static ngx_int_t ngx_http_vedette_skim_too_large(ngx_http_vedette_ctx_t *ctx);


/* the step */

ngx_int_t
ngx_http_vedette_skim(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ctx->skimmed) {
        return NGX_OK;
    }

    ctx->items = ngx_array_create(ctx->request->pool, 4,
                                  sizeof(ngx_http_vedette_item_t));
    if (ctx->items == NULL) {
        return NGX_ERROR;
    }

    rc = ctx->endpoint->skim(ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->needs_id && !ctx->has_id) {
        ngx_http_vedette_new_uuid(ctx->event_id);
        ctx->has_id = 1;
        ctx->id_made = 1;
    }

    ctx->skimmed = 1;

    return NGX_OK;
}


/* streams the decoded body through a sink; NGX_OK, or refused */

ngx_int_t
ngx_http_vedette_skim_body(ngx_http_vedette_ctx_t *ctx, uint64_t max,
    ngx_http_vedette_sink_pt sink, void *data)
{
    ngx_int_t                  rc;
    ngx_http_vedette_decode_t  d;

    d.sink = sink;
    d.data = data;
    d.rest = max;
    d.inner = 0;

    rc = ngx_http_vedette_decode(ctx->body, ctx->coding, &d);

    switch (rc) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_BAD_BODY,
                                       "the body does not match its encoding");

    case NGX_BUSY:
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_TOO_LARGE, NULL);

    default:
        return rc;
    }

    if (d.rest == max
        && !(ctx->endpoint->flags & NGX_HTTP_VEDETTE_EP_BODILESS))
    {
        return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_EMPTY_BODY, NULL);
    }

    return NGX_OK;
}


/* the row of a type; that of the table's end if it is unknown */

static ngx_http_vedette_item_type_t *
ngx_http_vedette_item_type(ngx_str_t *name)
{
    ngx_http_vedette_item_type_t  *t;

    for (t = ngx_http_vedette_item_types; t->name.len; t++) {
        if (t->name.len == name->len
            && ngx_memcmp(t->name.data, name->data, name->len) == 0)
        {
            break;
        }
    }

    return t;
}


/* of an endpoint's item; an envelope has none */

ngx_uint_t
ngx_http_vedette_item_category(ngx_str_t *name)
{
    ngx_http_vedette_item_type_t  *t;

    t = ngx_http_vedette_item_type(name);

    return t->category < NGX_HTTP_VEDETTE_CAT_N ? t->category
                                                : NGX_HTTP_VEDETTE_CAT_DEFAULT;
}


/* a body that is one item, or a part of one that is many */

ngx_http_vedette_item_t *
ngx_http_vedette_skim_item(ngx_http_vedette_ctx_t *ctx, ngx_str_t *type,
    ngx_uint_t position, uint64_t size)
{
    ngx_http_vedette_item_t       *item;
    ngx_http_vedette_item_type_t  *t;

    t = ngx_http_vedette_item_type(type);

    item = ngx_array_push(ctx->items);
    if (item == NULL) {
        return NULL;
    }

    item->position = position;
    item->type = t - ngx_http_vedette_item_types;
    item->size = size;
    item->count = 1;
    item->event = 0;
    item->dropped = 0;

    if (t->flags & NGX_HTTP_VEDETTE_ITEM_NEEDS_ID) {
        ctx->needs_id = 1;
    }

    return item;
}


ngx_int_t
ngx_http_vedette_skim_envelope(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_http_vedette_skim_t  sk;

    ngx_memzero(&sk, offsetof(ngx_http_vedette_skim_t, json));

    sk.ctx = ctx;
    sk.state = sw_header;
    sk.first = (u_char *) "";
    ngx_http_vedette_json_init(&sk.json, ngx_http_vedette_skim_header_member,
                               &sk);

    rc = ngx_http_vedette_skim_body(ctx, ctx->conf->max_envelope,
                                    ngx_http_vedette_skim_feed, &sk);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_vedette_skim_end(&sk);

    if (rc != NGX_OK) {
        return rc;
    }

    ctx->nothing = (ctx->items->nelts == 0);

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_skim_feed(void *data, u_char *p, u_char *last)
{
    ngx_http_vedette_skim_t *sk = data;

    size_t     n;
    u_char    *end;
    ngx_int_t  rc;

    sk->first = p;

    while (p < last) {

        sk->here = p;

        switch (sk->state) {

        case sw_header:
        case sw_item_header:

            rc = ngx_http_vedette_json_feed(&sk->json, &p, last);

            if (rc == NGX_AGAIN) {
                p = last;
                break;
            }

            if (sk->state == sw_header) {

                if (rc != NGX_OK) {
                    return ngx_http_vedette_refuse(sk->ctx,
                                                NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                                                "invalid envelope header");
                }

                rc = ngx_http_vedette_header_dsn(sk->ctx);
                if (rc != NGX_OK) {
                    return rc;
                }

                sk->state = sw_header_end;
                break;
            }

            if (rc != NGX_OK
                || ngx_http_vedette_skim_item_header(sk) != NGX_OK)
            {
                return ngx_http_vedette_refuse(sk->ctx,
                                               NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                                               "invalid item header");
            }

            sk->state = sw_item_header_end;
            break;

        case sw_item:

            sk->begin = sk->passed + (p - sk->first);
            ngx_http_vedette_skim_item_begin(sk);
            sk->state = sw_item_header;
            break;

        case sw_header_end:
        case sw_item_header_end:
        case sw_payload_end:

            if (*p != LF) {
                return ngx_http_vedette_refuse(sk->ctx,
                                NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                                "missing newline after header or payload");
            }

            p++;

            if (sk->state != sw_item_header_end) {
                sk->state = sw_item;
                break;
            }

            if (sk->length == NGX_HTTP_VEDETTE_NO_LENGTH) {
                sk->state = sw_payload_line;
                break;
            }

            sk->state = sw_payload;

            if (sk->rest) {
                break;
            }

            sk->here = p;

            if (ngx_http_vedette_skim_item_end(sk) != NGX_OK) {
                return NGX_ERROR;
            }

            sk->state = sw_payload_end;
            break;

        case sw_payload:

            n = (size_t) ngx_min((uint64_t) (last - p), sk->rest);

            ngx_http_vedette_skim_payload(sk, p, p + n);

            p += n;
            sk->rest -= n;

            if (sk->rest) {
                break;
            }

            sk->here = p;

            if (ngx_http_vedette_skim_item_end(sk) != NGX_OK) {
                return NGX_ERROR;
            }

            sk->state = sw_payload_end;
            break;

        case sw_payload_line:

            end = ngx_strlchr(p, last, LF);

            ngx_http_vedette_skim_payload(sk, p, end ? end : last);

            if (end == NULL) {
                p = last;
                break;
            }

            sk->here = end;

            if (ngx_http_vedette_skim_item_end(sk) != NGX_OK) {
                return NGX_ERROR;
            }

            p = end + 1;
            sk->state = sw_item;
            break;
        }
    }

    sk->passed += last - sk->first;

    return NGX_OK;
}


/* the input ends here: may it? */

static ngx_int_t
ngx_http_vedette_skim_end(ngx_http_vedette_skim_t *sk)
{
    char  *cause;

    cause = NULL;

    sk->here = sk->first;

    switch (sk->state) {

    case sw_header:
        cause = ngx_http_vedette_json_begun(&sk->json)
                ? "invalid envelope header" : "missing envelope header";
        break;

    case sw_item_header:
        /* white space, and then nothing */
        cause = ngx_http_vedette_json_begun(&sk->json)
                ? "invalid item header" : "unexpected end of file";
        break;

    case sw_item_header_end:
    case sw_payload:

        if (sk->rest) {
            cause = "unexpected end of file";
            break;
        }

        /* fall through */

    case sw_payload_line:

        if (ngx_http_vedette_skim_item_end(sk) != NGX_OK) {
            return NGX_ERROR;
        }

        break;

    default:
        break;
    }

    if (cause) {
        return ngx_http_vedette_refuse(sk->ctx, NGX_HTTP_VEDETTE_BAD_ENVELOPE,
                                       cause);
    }

    if (sk->ctx->too_large.len) {
        return ngx_http_vedette_skim_too_large(sk->ctx);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_skim_header_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_skim_t *sk = data;

    ngx_uint_t               i;
    ngx_http_vedette_ctx_t  *ctx;

    static ngx_str_t  members[] = {
        ngx_string("event_id"),
        ngx_string("dsn"),
        ngx_string("sdk"),
        ngx_string("sent_at"),
        ngx_string("trace"),
        ngx_null_string
    };

    ctx = sk->ctx;

    for (i = 0; members[i].len; i++) {
        if (members[i].len == name->len
            && ngx_memcmp(members[i].data, name->data, name->len) == 0)
        {
            break;
        }
    }

    if (members[i].len == 0) {
        return NGX_OK;
    }

    if (sk->seen & ((ngx_uint_t) 1 << i)) {
        return NGX_ABORT;
    }

    sk->seen |= (ngx_uint_t) 1 << i;

    if (i > 1 || ngx_http_vedette_is(value, "null")) {
        return NGX_OK;
    }

    if (type != NGX_HTTP_VEDETTE_JSON_STRING) {
        return NGX_ABORT;
    }

    if (i == 0) {

        switch (ngx_http_vedette_uuid(ctx->event_id, value->data, value->len)) {

        case NGX_OK:
            ctx->has_id = 1;
            ctx->id_from_header = 1;
            return NGX_OK;

        case NGX_DECLINED:
            /* the nil id: none */
            return NGX_OK;

        default:
            return NGX_ABORT;
        }
    }

    if (value->len == NGX_HTTP_VEDETTE_JSON_VALUE) {
        return NGX_ABORT;
    }

    ctx->header_dsn.data = ngx_pstrdup(ctx->request->pool, value);

    if (ctx->header_dsn.data == NULL) {
        return NGX_ABORT;
    }

    ctx->header_dsn.len = value->len;

    return NGX_OK;
}


static void
ngx_http_vedette_skim_item_begin(ngx_http_vedette_skim_t *sk)
{
    ngx_http_vedette_json_init(&sk->json, ngx_http_vedette_skim_item_member,
                               sk);
    sk->seen = 0;
    sk->type = NULL;
    sk->length = NGX_HTTP_VEDETTE_NO_LENGTH;
    sk->size = 0;
    sk->rest = 0;
    sk->count = 0;
    sk->typed = 0;
    sk->makes_event = 0;
    sk->of_ui = 0;
    sk->of_spans = 0;
    sk->wants_id = 0;
}


static ngx_int_t
ngx_http_vedette_skim_item_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_skim_t *sk = data;

    off_t                          n;
    ngx_http_vedette_item_type_t  *t;

    if (ngx_http_vedette_is(name, "type")) {

        if (type != NGX_HTTP_VEDETTE_JSON_STRING || sk->typed) {
            return NGX_ABORT;
        }

        sk->typed = 1;

        t = ngx_http_vedette_item_type(value);

        if (t->name.len) {
            sk->type = t;
        }

        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "length")) {

        if (ngx_http_vedette_is(value, "null")) {
            return NGX_OK;
        }

        n = (type == NGX_HTTP_VEDETTE_JSON_NUMBER)
            ? ngx_atoof(value->data, value->len) : NGX_ERROR;

        if (n == NGX_ERROR || n > (off_t) 0xffffffff
            || sk->length != NGX_HTTP_VEDETTE_NO_LENGTH)
        {
            return NGX_ABORT;
        }

        sk->length = n;
        sk->rest = n;

        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "item_count")) {

        n = (type == NGX_HTTP_VEDETTE_JSON_NUMBER)
            ? ngx_atoof(value->data, value->len) : NGX_ERROR;

        if (n != NGX_ERROR && n <= (off_t) 0x7fffffff) {
            sk->count = (uint32_t) n;
        }

        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "attachment_type")) {
        sk->makes_event = ngx_http_vedette_is(value, "event.minidump")
                       || ngx_http_vedette_is(value, "event.applecrashreport")
                       || ngx_http_vedette_is(value, "event.payload")
                       || ngx_http_vedette_is(value, "event.breadcrumbs");
        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "content_type")) {
        /* of other types each item is a container, and of their family */
        sk->of_spans = ngx_http_vedette_is(value,
                           "application/vnd.sentry.items.span.v2+json");
        return NGX_OK;
    }

    if (ngx_http_vedette_is(name, "platform")) {
        sk->of_ui = ngx_http_vedette_is(value, "android")
                    || ngx_http_vedette_is(value, "cocoa")
                    || ngx_http_vedette_is(value, "javascript");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_skim_item_header(ngx_http_vedette_skim_t *sk)
{
    ngx_http_vedette_item_type_t  *t;

    if (!sk->typed) {
        return NGX_DECLINED;
    }

    t = sk->type;

    if (t == NULL) {
        return NGX_OK;
    }

    if (t->flags & NGX_HTTP_VEDETTE_ITEM_RESERVED) {
        return NGX_DECLINED;
    }

    if (t->category == NGX_HTTP_VEDETTE_CAT_PROFILE_CHUNK && sk->of_ui) {
        /* the next row is the one for user interfaces */
        sk->type = t + 1;
    }

    if (!sk->ctx->has_id && (t->flags & NGX_HTTP_VEDETTE_ITEM_HAS_ID)) {
        sk->wants_id = 1;
        ngx_http_vedette_json_init(&sk->payload,
                                   ngx_http_vedette_skim_payload_member, sk);
    }

    return NGX_OK;
}


static void
ngx_http_vedette_skim_payload(ngx_http_vedette_skim_t *sk, u_char *p,
    u_char *last)
{
    sk->size += last - p;

    if (sk->wants_id
        && ngx_http_vedette_json_feed(&sk->payload, &p, last) != NGX_AGAIN)
    {
        /* found, or it has none, or is no JSON, which is for the worker */
        sk->wants_id = 0;
    }
}


static ngx_int_t
ngx_http_vedette_skim_payload_member(void *data, ngx_str_t *name,
    ngx_http_vedette_json_type_e type, ngx_str_t *value)
{
    ngx_http_vedette_skim_t *sk = data;

    if (type != NGX_HTTP_VEDETTE_JSON_STRING
        || !ngx_http_vedette_is(name, "event_id"))
    {
        return NGX_OK;
    }

    if (ngx_http_vedette_uuid(sk->ctx->event_id, value->data, value->len)
        == NGX_OK)
    {
        sk->ctx->has_id = 1;
    }

    return NGX_DONE;
}


static ngx_int_t
ngx_http_vedette_skim_item_end(ngx_http_vedette_skim_t *sk)
{
    uint64_t                       size, max, total;
    ngx_uint_t                     family, number;
    ngx_http_vedette_ctx_t        *ctx;
    ngx_http_vedette_item_t       *item;
    ngx_http_vedette_item_type_t  *t;

    ctx = sk->ctx;
    t = sk->type;

    if (t == NULL) {
        sk->position++;
        return NGX_OK;
    }

    family = t->family;

    number = ++sk->number[family];
    sk->total[family] += sk->size;

    if (t->flags & NGX_HTTP_VEDETTE_ITEM_EVENT) {
        sk->nevents++;
    }

    if (family == NGX_HTTP_VEDETTE_FAMILY_SPAN && sk->of_spans) {
        sk->ncontainers++;
    }

    switch (family) {

    case NGX_HTTP_VEDETTE_FAMILY_EVENT:
        max = ctx->conf->max_event;
        total = max;
        break;

    case NGX_HTTP_VEDETTE_FAMILY_ATTACHMENT:
        max = ctx->conf->max_attachment;
        total = max;
        break;

    default:
        max = ngx_http_vedette_families[family].size;
        total = ngx_http_vedette_families[family].total;
    }

    size = sk->size;

    if ((t->flags & NGX_HTTP_VEDETTE_ITEM_COUNTED) && sk->count) {
        size /= sk->count;
    }

    if (size > max || sk->total[family] > total || sk->nevents > 1
        || sk->ncontainers > 1
        || number > ngx_http_vedette_families[family].number)
    {
        if (ctx->too_large.len == 0) {
            ctx->too_large = t->name;
        }

        if (number > ngx_http_vedette_families[family].number) {
            sk->position++;
            return NGX_OK;
        }
    }

    item = ngx_array_push(ctx->items);
    if (item == NULL) {
        return NGX_ERROR;
    }

    item->position = sk->position++;
    item->type = t - ngx_http_vedette_item_types;
    item->size = sk->size;
    item->count = sk->count ? sk->count : 1;
    item->event = sk->makes_event;
    item->dropped = 0;
    item->begin = sk->begin;
    item->end = sk->passed + (sk->here - sk->first);

    if (t->flags & NGX_HTTP_VEDETTE_ITEM_NEEDS_ID) {
        ctx->needs_id = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_skim_too_large(ngx_http_vedette_ctx_t *ctx)
{
    u_char  *p;

    p = ngx_pnalloc(ctx->request->pool,
                    sizeof("envelope exceeded size limits for type ''")
                    + ctx->too_large.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->detail.data = p;
    ctx->detail.len = ngx_sprintf(p, "envelope exceeded size limits for type "
                                  "'%V'", &ctx->too_large)
                      - p;

    return ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_ITEM_TOO_LARGE, NULL);
}
