
/*
 * Directives, and the way of a request through its steps.
 *
 * What can be refused without the body is refused without it: addresses that
 * nobody serves, missing credentials, and keys that the zone knows.  Then the
 * body is read, and the steps follow; each may wait for Redis and is taken up
 * again by ngx_http_vedette_resume().
 *
 * While a request waits nginx reads nothing from its client, so an abort is
 * seen only when the answer is written.  The request may still go early (a
 * worker that has to shut down, a broken HTTP/2 connection); its cleanup
 * handler then lets go of what it waits for.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_ZONE_SIZE  (8 * 1024 * 1024)
#define NGX_HTTP_VEDETTE_MAX_BODY   (512 * 1024 * 1024)
#define NGX_HTTP_VEDETTE_HEAP       (2 * 1024 * 1024)


static ngx_int_t ngx_http_vedette_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_vedette_early(ngx_http_vedette_ctx_t *ctx);
static u_char *ngx_http_vedette_log_handler(ngx_http_request_t *r,
    ngx_http_request_t *sr, u_char *buf, size_t len);
static ngx_int_t ngx_http_vedette_refused(ngx_http_vedette_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_vedette_body_handler(ngx_http_request_t *r);
static void ngx_http_vedette_run(ngx_http_vedette_ctx_t *ctx);
static ngx_int_t ngx_http_vedette_identify(ngx_http_vedette_ctx_t *ctx);
static void ngx_http_vedette_cleanup(void *data);

static ngx_int_t ngx_http_vedette_discreet(ngx_http_request_t *r);
static ngx_int_t ngx_http_vedette_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_vedette_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_vedette_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

static void *ngx_http_vedette_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_vedette_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_vedette_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_vedette_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_vedette(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_vedette_redis(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_http_vedette_redis_t *ngx_http_vedette_redis_server(ngx_conf_t *cf,
    ngx_str_t *address, ngx_uint_t first);
static char *ngx_http_vedette_spool(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_live(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_state(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_mirror_to(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_mirror_dsn(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_vedette_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_vedette_init_process(ngx_cycle_t *cycle);
static void ngx_http_vedette_keep_heap(ngx_log_t *log);
static void ngx_http_vedette_exit_process(ngx_cycle_t *cycle);


static ngx_conf_enum_t  ngx_http_vedette_durabilities[] = {
    { ngx_string("redis"), NGX_HTTP_VEDETTE_BY_REDIS },
    { ngx_string("spool"), NGX_HTTP_VEDETTE_BY_SPOOL },
    { ngx_string("relaxed"), NGX_HTTP_VEDETTE_RELAXED },
    { ngx_null_string, 0 }
};


/*
 * vedette on | off;                                                   location
 *     Takes events of SDKs here.  Default off.
 *
 * vedette_redis unix:/path | IP[:port] [user=...] [password=...] [db=0]
 *               [connections=64] [timeout=TIME];        http, server, location
 *     The Redis that has the keys and takes the events; no default.  16
 *     connections a worker are there at once, more only when 200 means that
 *     Redis has made an fsync.  timeout: longer than this a client does not
 *     wait for Redis; default 150ms with a spool, else 1s.
 *
 * vedette_spool off | FOLDER [size=20g] [min_free=10%];  http, server, location
 *     Where this node keeps what Redis does not take in time; no default, and
 *     without one such events are answered 503.  "vedette spool replay FOLDER
 *     --follow" brings them to Redis.  When all segments would take more than
 *     size, or the disk would be left with less than min_free, the answer is
 *     429.  The folder is made, its parent is not.
 *
 * vedette_durability redis | spool | relaxed;            http, server, location
 *     What 200 means.  redis (the default): a Redis with "appendfsync always"
 *     has acknowledged the event, that is, after its fsync, or it lies on the
 *     disk of this node's spool; a Redis with other settings gets nothing but
 *     from the spool (without one it is used, and a warning is logged).
 *     spool: always the spool; Redis gets it from the replay.
 *     relaxed: Redis with any settings: with "appendfsync everysec" its crash
 *     may lose the events of the last two seconds.
 *
 * vedette_zone SIZE;                                                      http
 *     Shared memory for keys, counters of limits and outcomes.  Default 8m,
 *     which is room for about 15 000 keys.
 *
 * vedette_state off | FOLDER;                                            http
 *     Where this node keeps what it knows of keys, for its next start while
 *     Redis is away.  Default: the folder of the first vedette_spool, else
 *     off.  The file is keys.state; the folder is made, its parent is not.
 *
 * vedette_max_envelope SIZE;                            http, server, location
 *     The largest request body, as sent and decoded.  Default 20m.  It takes
 *     the place of client_max_body_size.  Bodies larger than
 *     client_body_buffer_size (nginx: 16k) go through a temporary file: 256k
 *     keeps nearly all events in memory, and 1m is the most.
 *
 * vedette_max_event SIZE;                               http, server, location
 *     The largest event, decoded.  Default 1m.
 *
 * vedette_max_attachment SIZE;                          http, server, location
 *     All attachments of an envelope together, decoded.  Default 20m.
 *
 * vedette_live [max=1000];                                            location
 *     Holds the connections of browsers that wait for news, at most so many a
 *     worker; pages ask for /live/TICKET.
 *
 * vedette_mirror off | http://HOST[:PORT] | unix:/path [connections=4]
 *                [buffer=16m] [timeout=10s];            http, server, location
 *     Sends a copy of what was accepted to another server; default off.  At
 *     most so many connections and waiting bytes a worker; what does not fit
 *     is dropped and counted.  A name is resolved when nginx starts.
 *
 * vedette_mirror_dsn KEY DSN;                                             http
 *     What comes with our public KEY is copied with the DSN of the other
 *     server; other keys are not copied.
 *
 * vedette_status [json | prometheus];                                 location
 *     Answers with the state of this node; without a format as JSON, or as the
 *     text that Prometheus reads if the query says format=prometheus or the
 *     client accepts text/plain.
 */

static ngx_command_t  ngx_http_vedette_commands[] = {

    { ngx_string("vedette"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_vedette,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_vedette_loc_conf_t, enable),
      NULL },

    { ngx_string("vedette_redis"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_vedette_redis,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_spool"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_vedette_spool,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_durability"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_vedette_loc_conf_t, durability),
      &ngx_http_vedette_durabilities },

    { ngx_string("vedette_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_vedette_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_state"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_vedette_state,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_max_envelope"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_vedette_loc_conf_t, max_envelope),
      NULL },

    { ngx_string("vedette_max_event"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_vedette_loc_conf_t, max_event),
      NULL },

    { ngx_string("vedette_max_attachment"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_vedette_loc_conf_t, max_attachment),
      NULL },

    { ngx_string("vedette_live"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_vedette_live,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_mirror"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_vedette_mirror_to,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_mirror_dsn"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_vedette_mirror_dsn,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("vedette_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_vedette_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_vedette_module_ctx = {
    ngx_http_vedette_add_variables,        /* preconfiguration */
    ngx_http_vedette_init,                 /* postconfiguration */

    ngx_http_vedette_create_main_conf,     /* create main configuration */
    ngx_http_vedette_init_main_conf,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_vedette_create_loc_conf,      /* create location configuration */
    ngx_http_vedette_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_vedette_module = {
    NGX_MODULE_V1,
    &ngx_http_vedette_module_ctx,          /* module context */
    ngx_http_vedette_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_vedette_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_vedette_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_vedette_step_pt  ngx_http_vedette_steps[] = {
    ngx_http_vedette_identify,
    ngx_http_vedette_key,
    ngx_http_vedette_admit,
    ngx_http_vedette_skim,
    ngx_http_vedette_limit,
    ngx_http_vedette_enqueue,
    NULL
};


enum {
    NGX_HTTP_VEDETTE_VAR_PROJECT = 0,
    NGX_HTTP_VEDETTE_VAR_OUTCOME,
    NGX_HTTP_VEDETTE_VAR_EVENT_ID,
    NGX_HTTP_VEDETTE_VAR_QUEUE_TIME
};


static ngx_http_variable_t  ngx_http_vedette_variables[] = {

    { ngx_string("vedette_project"), NULL, ngx_http_vedette_variable,
      NGX_HTTP_VEDETTE_VAR_PROJECT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("vedette_outcome"), NULL, ngx_http_vedette_variable,
      NGX_HTTP_VEDETTE_VAR_OUTCOME, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("vedette_event_id"), NULL, ngx_http_vedette_variable,
      NGX_HTTP_VEDETTE_VAR_EVENT_ID, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("vedette_queue_time"), NULL, ngx_http_vedette_variable,
      NGX_HTTP_VEDETTE_VAR_QUEUE_TIME, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_vedette_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_cleanup_t           *cln;
    ngx_http_vedette_ctx_t       *ctx;
    ngx_http_vedette_loc_conf_t  *vlcf;

    if (r != r->main) {
        return NGX_HTTP_NOT_FOUND;
    }

    vlcf = ngx_http_get_module_loc_conf(r, ngx_http_vedette_module);

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_vedette_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_vedette_cleanup;
    cln->data = ctx;

    ctx->request = r;
    ctx->conf = vlcf;

    ngx_http_set_ctx(r, ctx, ngx_http_vedette_module);

    r->log_handler = ngx_http_vedette_log_handler;

    rc = ngx_http_vedette_early(ctx);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_vedette_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/* all that can be said without the body; NGX_DECLINED: the body is wanted */

static ngx_int_t
ngx_http_vedette_early(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_request_t           *r;
    ngx_http_vedette_redis_t     *redis;
    ngx_http_vedette_endpoint_t  *ep;

    r = ctx->request;

    rc = ngx_http_vedette_route(ctx);

    if (rc != NGX_OK) {
        return ngx_http_vedette_refused(ctx, rc);
    }

    ep = ctx->endpoint;

    if (ep->flags & NGX_HTTP_VEDETTE_EP_HEALTH) {
        return ngx_http_vedette_healthcheck(r, ctx->conf,
                                        ep->flags & NGX_HTTP_VEDETTE_EP_READY);
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_vedette_reply_preflight(r);
    }

    redis = ctx->conf->redis;

    if (redis->zone->sh->servers[redis->slot].closed) {
        rc = ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_CLOSED, NULL);
        return ngx_http_vedette_refused(ctx, rc);
    }

    rc = ngx_http_vedette_headers(ctx);

    if (rc != NGX_OK) {
        return ngx_http_vedette_refused(ctx, rc);
    }

    /* the content type may have made another of it */
    ep = ctx->endpoint;

    if (ctx->public_key.len == 0) {
        rc = ngx_http_vedette_credentials(ctx);
    }

    if (rc == NGX_DECLINED) {

        if (ep->flags & NGX_HTTP_VEDETTE_EP_BODY_DSN) {
            /* they may stand in the body */
            return NGX_DECLINED;
        }

        rc = ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_NO_AUTH, NULL);
    }

    if (rc != NGX_OK) {
        return ngx_http_vedette_refused(ctx, rc);
    }

    /* a key that we know: the zone only, Redis is asked later */

    rc = ngx_http_vedette_key(ctx);

    if (rc == NGX_AGAIN) {
        return NGX_DECLINED;
    }

    if (rc == NGX_OK) {
        rc = ngx_http_vedette_admit(ctx);
    }

    if (rc == NGX_OK && r->method == NGX_HTTP_POST
        && r->headers_in.content_length_n == 0 && !r->headers_in.chunked
        && !(ep->flags & NGX_HTTP_VEDETTE_EP_BODILESS))
    {
        rc = ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_EMPTY_BODY, NULL);
    }

    if (rc != NGX_OK) {

        if (ngx_http_vedette_ended_wants(ctx)) {
            return NGX_DECLINED;
        }

        return ngx_http_vedette_refused(ctx, rc);
    }

    return NGX_DECLINED;
}


/*
 * The context of this request in the error log.  Nginx would write the whole
 * request line, and the query or the path may hold the key: the query is left
 * out, and of the path each word that could be a key.
 */

static u_char *
ngx_http_vedette_log_handler(ngx_http_request_t *r, ngx_http_request_t *sr,
    u_char *buf, size_t len)
{
    u_char                    *p, *last, *q, *end, *word;
    ngx_str_t                  path;
    ngx_http_core_srv_conf_t  *cscf;

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    path = r->unparsed_uri;

    p = ngx_strlchr(path.data, path.data + path.len, '?');
    if (p) {
        path.len = p - path.data;
    }

    last = buf + len;

    p = ngx_slprintf(buf, last, ", server: %V, request: \"%V ",
                     &cscf->server_name, &r->method_name);

    q = path.data;
    end = q + path.len;

    while (q < end) {

        word = q;

        while (q < end && *q != '/') {
            q++;
        }

        if (q - word >= NGX_HTTP_VEDETTE_KEY_LEN) {
            p = ngx_slprintf(p, last, "...");

        } else {
            p = ngx_slprintf(p, last, "%*s", (size_t) (q - word), word);
        }

        if (q < end) {
            p = ngx_slprintf(p, last, "/");
            q++;
        }
    }

    p = ngx_slprintf(p, last, "\"");

    if (r->headers_in.host) {
        p = ngx_slprintf(p, last, ", host: \"%V\"",
                         &r->headers_in.host->value);
    }

    return p;
}


/*
 * Nginx itself may have something to tell of a request before the location is
 * known (a body that is too large): so each that has credentials in its query
 * gets our log handler at once, wherever it goes.
 */

static ngx_int_t
ngx_http_vedette_discreet(ngx_http_request_t *r)
{
    if (r == r->main && r->args.len
        && ngx_strlcasestrn(r->args.data, r->args.data + r->args.len,
                            (u_char *) "sentry_", 7 - 1))
    {
        r->log_handler = ngx_http_vedette_log_handler;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_vedette_refused(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc)
{
    if (rc == NGX_ERROR) {
        (void) ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_INTERNAL, NULL);
    }

    ctx->done = 1;

    return ngx_http_vedette_reply(ctx);
}


/* microseconds; nginx's own clock stands still while it is at work */

uint64_t
ngx_http_vedette_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


/* notes the verdict; the first one stands */

ngx_int_t
ngx_http_vedette_refuse(ngx_http_vedette_ctx_t *ctx,
    ngx_http_vedette_verdict_e verdict, char *cause)
{
    if (ctx->verdict == NGX_HTTP_VEDETTE_ACCEPTED) {
        ctx->verdict = verdict;

        if (cause) {
            ctx->cause.data = (u_char *) cause;
            ctx->cause.len = ngx_strlen(cause);
        }
    }

    return NGX_ABORT;
}


static void
ngx_http_vedette_body_handler(ngx_http_request_t *r)
{
    ngx_http_vedette_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_vedette_module);

    ctx->body_read = 1;
    ctx->body = r->request_body->bufs;

    ngx_http_vedette_run(ctx);
}


/* what the request waited for has come */

void
ngx_http_vedette_resume(ngx_http_vedette_ctx_t *ctx)
{
    ngx_connection_t  *c;

    c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    ngx_http_vedette_run(ctx);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_vedette_run(ngx_http_vedette_ctx_t *ctx)
{
    ngx_int_t  rc;

    while (ctx->verdict == NGX_HTTP_VEDETTE_ACCEPTED
           && ngx_http_vedette_steps[ctx->step])
    {
        rc = ngx_http_vedette_steps[ctx->step](ctx);

        if (rc == NGX_AGAIN) {
            return;
        }

        if (rc != NGX_OK) {
            /* does nothing if there is a verdict */
            (void) ngx_http_vedette_refuse(ctx, NGX_HTTP_VEDETTE_INTERNAL,
                                           NULL);
            break;
        }

        ctx->step++;
    }

    ngx_http_vedette_ended_look(ctx);

    rc = ngx_http_vedette_reply(ctx);

    ctx->done = 1;

    ngx_http_finalize_request(ctx->request, rc);
}


/* an answer was given by the last step */

void
ngx_http_vedette_finalize(ngx_http_vedette_ctx_t *ctx, ngx_int_t rc)
{
    ngx_connection_t  *c;

    c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    ctx->done = 1;

    ngx_http_finalize_request(ctx->request, rc);

    ngx_http_run_posted_requests(c);
}


/* the first step: credentials that only the body may have */

static ngx_int_t
ngx_http_vedette_identify(ngx_http_vedette_ctx_t *ctx)
{
    if (ctx->public_key.len) {
        return NGX_OK;
    }

    return ngx_http_vedette_skim(ctx);
}


static void
ngx_http_vedette_cleanup(void *data)
{
    ngx_http_vedette_ctx_t *ctx = data;

    if (ctx->job) {
        ngx_http_vedette_redis_cancel(ctx->job);
        ctx->job = NULL;
    }

    ngx_http_vedette_several_leave(&ctx->share);
    ngx_http_vedette_spool_cancel(&ctx->spooled);
    ngx_http_vedette_lookup_leave(ctx);
}


static ngx_int_t
ngx_http_vedette_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_vedette_main_conf_t  *vmcf;

    vmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_vedette_module);

    if (vmcf->servers.nelts) {
        cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

        h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = ngx_http_vedette_discreet;
    }

    return ngx_http_vedette_header_filter_init(cf);
}


static ngx_int_t
ngx_http_vedette_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_vedette_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                value;
    ngx_http_vedette_ctx_t  *ctx;

    ngx_str_null(&value);

    ctx = ngx_http_get_module_ctx(r, ngx_http_vedette_module);

    if (ctx && data == NGX_HTTP_VEDETTE_VAR_PROJECT) {
        value = ctx->project_text;

    } else if (ctx && data == NGX_HTTP_VEDETTE_VAR_OUTCOME && ctx->done) {
        value = *ngx_http_vedette_verdict_name(ctx->verdict);

    } else if (ctx && data == NGX_HTTP_VEDETTE_VAR_EVENT_ID && ctx->has_id) {
        value.data = ctx->event_id;
        value.len = NGX_HTTP_VEDETTE_ID_LEN;

    } else if (ctx && data == NGX_HTTP_VEDETTE_VAR_QUEUE_TIME
               && ctx->queue_time)
    {
        value.data = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(".000000"));
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        value.len = ngx_sprintf(value.data, "%uL.%06uL",
                                ctx->queue_time / 1000000,
                                ctx->queue_time % 1000000)
                    - value.data;
    }

    if (value.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = value.len;
    v->data = value.data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static void *
ngx_http_vedette_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_vedette_main_conf_t  *vmcf;

    vmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_main_conf_t));
    if (vmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     vmcf->shm_zone = NULL;
     */

    if (ngx_array_init(&vmcf->servers, cf->pool, 1,
                       sizeof(ngx_http_vedette_redis_t *))
        != NGX_OK
        || ngx_array_init(&vmcf->spools, cf->pool, 1,
                          sizeof(ngx_http_vedette_spool_t *))
           != NGX_OK
        || ngx_array_init(&vmcf->mirrors, cf->pool, 1,
                          sizeof(ngx_http_vedette_mirror_t *))
           != NGX_OK)
    {
        return NULL;
    }

    ngx_rbtree_init(&vmcf->mirror_dsns, &vmcf->mirror_dsns_sentinel,
                    ngx_str_rbtree_insert_value);

    vmcf->zone_size = NGX_CONF_UNSET_SIZE;
    vmcf->state = NGX_CONF_UNSET_PTR;

    return vmcf;
}


static char *
ngx_http_vedette_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_vedette_main_conf_t *vmcf = conf;

    ngx_str_t                   name;
    ngx_uint_t                  i;
    ngx_http_vedette_zone_t    *zone;
    ngx_http_vedette_redis_t  **redis;
    ngx_http_vedette_spool_t  **spool;

    ngx_conf_init_size_value(vmcf->zone_size, NGX_HTTP_VEDETTE_ZONE_SIZE);

    if (vmcf->servers.nelts == 0) {
        return NGX_CONF_OK;
    }

    if (vmcf->servers.nelts > NGX_HTTP_VEDETTE_MAX_SERVERS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "more than %d redis servers in \"vedette_redis\"",
                           NGX_HTTP_VEDETTE_MAX_SERVERS);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&name, "vedette");

    vmcf->shm_zone = ngx_shared_memory_add(cf, &name, vmcf->zone_size,
                                           &ngx_http_vedette_module);
    if (vmcf->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    vmcf->shm_zone->init = ngx_http_vedette_init_zone;
    vmcf->shm_zone->data = zone;

    redis = vmcf->servers.elts;

    for (i = 0; i < vmcf->servers.nelts; i++) {
        redis[i]->zone = zone;
    }

    if (vmcf->state == NGX_CONF_UNSET_PTR) {
        vmcf->state = NULL;

        if (vmcf->spools.nelts) {
            spool = vmcf->spools.elts;

            return ngx_http_vedette_state_default(cf,
                                         ngx_http_vedette_spool_path(spool[0]),
                                         &vmcf->state);
        }
    }

    return NGX_CONF_OK;
}


static void *
ngx_http_vedette_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_vedette_loc_conf_t  *vlcf;

    vlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_loc_conf_t));
    if (vlcf == NULL) {
        return NULL;
    }

    vlcf->enable = NGX_CONF_UNSET;
    vlcf->fleet = NGX_CONF_UNSET_PTR;
    vlcf->spool = NGX_CONF_UNSET_PTR;
    vlcf->mirror = NGX_CONF_UNSET_PTR;
    vlcf->durability = NGX_CONF_UNSET_UINT;
    vlcf->max_envelope = NGX_CONF_UNSET_SIZE;
    vlcf->max_event = NGX_CONF_UNSET_SIZE;
    vlcf->max_attachment = NGX_CONF_UNSET_SIZE;

    return vlcf;
}


static char *
ngx_http_vedette_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_vedette_loc_conf_t *prev = parent;
    ngx_http_vedette_loc_conf_t *conf = child;

    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;

    /* not inherited, like the handler that belongs to it */
    if (conf->enable == NGX_CONF_UNSET) {
        conf->enable = 0;
    }

    ngx_conf_merge_ptr_value(conf->fleet, prev->fleet, NULL);
    conf->redis = conf->fleet ? conf->fleet->servers[0] : NULL;

    ngx_conf_merge_ptr_value(conf->spool, prev->spool, NULL);
    ngx_conf_merge_ptr_value(conf->mirror, prev->mirror, NULL);
    ngx_conf_merge_uint_value(conf->durability, prev->durability,
                              NGX_HTTP_VEDETTE_BY_REDIS);
    ngx_conf_merge_size_value(conf->max_envelope, prev->max_envelope,
                              20 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->max_event, prev->max_event, 1024 * 1024);
    ngx_conf_merge_size_value(conf->max_attachment, prev->max_attachment,
                              20 * 1024 * 1024);

    if (conf->live && conf->redis == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vedette_live\" needs a \"vedette_redis\" in "
                           "the same location, its server, or http");
        return NGX_CONF_ERROR;
    }

    if (!conf->enable) {
        return NGX_CONF_OK;
    }

    if (conf->max_envelope > NGX_HTTP_VEDETTE_MAX_BODY) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vedette_max_envelope\" is at most 512m");
        return NGX_CONF_ERROR;
    }

    if (conf->redis == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vedette on\" needs a \"vedette_redis\" in the "
                           "same location, its server, or http");
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < conf->fleet->n; i++) {

        if (conf->durability == NGX_HTTP_VEDETTE_BY_REDIS) {
            conf->fleet->servers[i]->strict = 1;
        }

        if (conf->spool) {
            conf->fleet->servers[i]->spooled = 1;
        }
    }

    if (conf->spool == NULL
        && conf->durability == NGX_HTTP_VEDETTE_BY_SPOOL)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"vedette_durability spool\" needs a "
                           "\"vedette_spool\" in the same location, its "
                           "server, or http");
        return NGX_CONF_ERROR;
    }

    /*
     * nginx's own limit of 1m would refuse large envelopes before we see them,
     * so ours takes its place; this block was merged before ours
     */

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->client_max_body_size = conf->max_envelope;

    /* a large body belongs into a file, _body.c and _spool.c take it there */

    if (clcf->client_body_buffer_size > VEDETTE_BODY_INLINE) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"client_body_buffer_size\" of a location with "
                           "\"vedette on\" is at most %dk, which is used",
                           VEDETTE_BODY_INLINE / 1024);
        clcf->client_body_buffer_size = VEDETTE_BODY_INLINE;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_vedette(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                         *rv;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_vedette_loc_conf_t  *vlcf = conf;

    rv = ngx_conf_set_flag_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK || !vlcf->enable) {
        return rv;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_vedette_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_vedette_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_loc_conf_t *vlcf = conf;

    ngx_str_t                  *value;
    ngx_uint_t                  i, k, n;
    ngx_http_vedette_fleet_t   *fleet;
    ngx_http_vedette_redis_t  **servers;

    if (vlcf->fleet != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    /* addresses, then parameters */

    for (n = 1; n + 1 < cf->args->nelts; n++) {
        if (ngx_strncmp(value[n + 1].data, "unix:", 5) != 0
            && ngx_strlchr(value[n + 1].data,
                           value[n + 1].data + value[n + 1].len, '=') != NULL)
        {
            break;
        }
    }

    fleet = ngx_palloc(cf->pool, sizeof(ngx_http_vedette_fleet_t));
    servers = ngx_palloc(cf->pool, n * sizeof(ngx_http_vedette_redis_t *));

    if (fleet == NULL || servers == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < n; i++) {
        servers[i] = ngx_http_vedette_redis_server(cf, &value[i + 1], n + 1);

        if (servers[i] == NULL) {
            return NGX_CONF_ERROR;
        }

        for (k = 0; k < i; k++) {
            if (servers[k] == servers[i]) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "redis \"%V\" is named twice",
                                   &servers[i]->name);
                return NGX_CONF_ERROR;
            }
        }
    }

    fleet->servers = servers;
    fleet->n = n;

    vlcf->fleet = fleet;

    return NGX_CONF_OK;
}


/* several locations may name the same server: one pool serves them */

static ngx_http_vedette_redis_t *
ngx_http_vedette_redis_server(ngx_conf_t *cf, ngx_str_t *address,
    ngx_uint_t first)
{
    ngx_uint_t                      i;
    ngx_http_vedette_redis_t       *redis, **r;
    ngx_http_vedette_main_conf_t   *vmcf;

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_vedette_redis_t));
    if (redis == NULL) {
        return NULL;
    }

    if (ngx_http_vedette_redis_parse(cf, address, first, redis)
        != NGX_CONF_OK)
    {
        return NULL;
    }

    vmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_vedette_module);

    r = vmcf->servers.elts;

    for (i = 0; i < vmcf->servers.nelts; i++) {

        if (r[i]->name.len != redis->name.len
            || ngx_memcmp(r[i]->name.data, redis->name.data, redis->name.len)
               != 0)
        {
            continue;
        }

        if (r[i]->connections != redis->connections
            || r[i]->timeout != redis->timeout
            || r[i]->user.len != redis->user.len
            || (redis->user.len > 0
                && ngx_memcmp(r[i]->user.data, redis->user.data,
                              redis->user.len)
                   != 0)
            || r[i]->password.len != redis->password.len
            || (redis->password.len > 0
                && ngx_memcmp(r[i]->password.data, redis->password.data,
                              redis->password.len)
                   != 0))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "redis \"%V\" is given twice with different "
                               "parameters", &redis->name);
            return NULL;
        }

        return r[i];
    }

    r = ngx_array_push(&vmcf->servers);
    if (r == NULL) {
        return NULL;
    }

    *r = redis;

    return redis;
}


static char *
ngx_http_vedette_spool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_loc_conf_t *vlcf = conf;

    ngx_http_vedette_main_conf_t  *vmcf;

    if (vlcf->spool != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    vmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_vedette_module);

    return ngx_http_vedette_spool_parse(cf, &vmcf->spools, &vlcf->spool);
}


static char *
ngx_http_vedette_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_main_conf_t *vmcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    if (vmcf->zone_size != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (32 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone size \"%V\" is too small, it takes %uzk",
                           &value[1], 32 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    vmcf->zone_size = size;

    return NGX_CONF_OK;
}


static char *
ngx_http_vedette_live(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_loc_conf_t *vlcf = conf;

    ngx_int_t                  n;
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (vlcf->live) {
        return "is duplicate";
    }

    n = 1000;

    if (cf->args->nelts == 2) {
        value = cf->args->elts;

        if (ngx_strncmp(value[1].data, "max=", 4) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\": it is max=NUMBER",
                               &value[1]);
            return NGX_CONF_ERROR;
        }

        n = ngx_atoi(value[1].data + 4, value[1].len - 4);

        if (n == NGX_ERROR || n == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid number of clients in \"%V\"",
                               &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    vlcf->live = n;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_vedette_live_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_vedette_state(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_main_conf_t *vmcf = conf;

    return ngx_http_vedette_state_parse(cf, &vmcf->state);
}


static char *
ngx_http_vedette_mirror_to(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_loc_conf_t *vlcf = conf;

    ngx_http_vedette_main_conf_t  *vmcf;

    if (vlcf->mirror != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    vmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_vedette_module);

    return ngx_http_vedette_mirror_parse(cf, &vmcf->mirrors, &vlcf->mirror);
}


static char *
ngx_http_vedette_mirror_dsn(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_main_conf_t *vmcf = conf;

    return ngx_http_vedette_mirror_parse_dsn(cf, &vmcf->mirror_dsns);
}


static char *
ngx_http_vedette_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_vedette_loc_conf_t *vlcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "json") == 0) {
            vlcf->status_format = NGX_HTTP_VEDETTE_STATUS_JSON;

        } else if (ngx_strcmp(value[1].data, "prometheus") == 0) {
            vlcf->status_format = NGX_HTTP_VEDETTE_STATUS_TEXT;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid format \"%V\": it is json or "
                               "prometheus", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_vedette_status_handler;

    return NGX_CONF_OK;
}


/* in workers only: helpers of the cache run this too, the master does not */

static ngx_int_t
ngx_http_vedette_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_http_vedette_redis_t      **redis;
    ngx_http_vedette_spool_t      **spool;
    ngx_http_vedette_mirror_t     **mirror;
    ngx_http_vedette_main_conf_t   *vmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    vmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_vedette_module);

    if (vmcf == NULL) {
        return NGX_OK;
    }

    redis = vmcf->servers.elts;

    if (vmcf->servers.nelts) {
        ngx_http_vedette_keep_heap(cycle->log);
    }

    for (i = 0; i < vmcf->servers.nelts; i++) {

        if (ngx_http_vedette_zone_server(redis[i]->zone, redis[i]) != NGX_OK) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "vedette: the zone has seen more than %d redis "
                          "servers since nginx was started: restart it",
                          NGX_HTTP_VEDETTE_MAX_SERVERS);
            return NGX_ERROR;
        }

        if (ngx_http_vedette_redis_start(redis[i], cycle) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (vmcf->shm_zone == NULL) {
        return NGX_OK;
    }

    mirror = vmcf->mirrors.elts;

    for (i = 0; i < vmcf->mirrors.nelts; i++) {
        if (ngx_http_vedette_mirror_start(mirror[i], cycle,
                                          vmcf->shm_zone->data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (vmcf->state
        && ngx_http_vedette_state_start(vmcf->state, cycle,
                                        vmcf->shm_zone->data)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    spool = vmcf->spools.elts;

    for (i = 0; i < vmcf->spools.nelts; i++) {
        if (ngx_http_vedette_spool_start(spool[i], cycle, vmcf->shm_zone->data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * The C library gives the end of its heap back when 128 KB of it are free, and
 * a body of 40 KB takes it anew: a page fault or two for each.  A block that it
 * has had to map and may keep tells it that twice as much is worth keeping.
 */

static void
ngx_http_vedette_keep_heap(ngx_log_t *log)
{
    void  *p;

    p = ngx_alloc(NGX_HTTP_VEDETTE_HEAP, log);

    if (p) {
        ngx_free(p);
    }
}


static void
ngx_http_vedette_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                      i;
    ngx_http_vedette_redis_t      **redis;
    ngx_http_vedette_spool_t      **spool;
    ngx_http_vedette_mirror_t     **mirror;
    ngx_http_vedette_main_conf_t   *vmcf;

    vmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_vedette_module);

    if (vmcf == NULL) {
        return;
    }

    redis = vmcf->servers.elts;

    for (i = 0; i < vmcf->servers.nelts; i++) {
        ngx_http_vedette_redis_stop(redis[i]);
    }

    spool = vmcf->spools.elts;

    for (i = 0; i < vmcf->spools.nelts; i++) {
        ngx_http_vedette_spool_stop(spool[i]);
    }

    mirror = vmcf->mirrors.elts;

    for (i = 0; i < vmcf->mirrors.nelts; i++) {
        ngx_http_vedette_mirror_stop(mirror[i]);
    }

    if (vmcf->shm_zone && vmcf->state) {
        ngx_http_vedette_state_stop(vmcf->state);
    }
}
