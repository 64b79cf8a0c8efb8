
/*
 * How is this node?  The status location gives the counters of shared memory
 * (all workers together, since nginx was started) and the state of Redis as
 * the worker that answers sees it.  The health checks are those that load
 * balancers in front of a Relay already use: alive, and ready for events.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_STATUS_SIZE  8192


ngx_int_t
ngx_http_vedette_status_handler(ngx_http_request_t *r)
{
    u_char                         *p, *last, *start;
    ngx_int_t                       rc;
    ngx_uint_t                      i, sep;
    ngx_http_vedette_zone_t        *zone;
    ngx_http_vedette_redis_t      **redis;
    ngx_http_vedette_shctx_t       *sh;
    ngx_http_vedette_server_t      *server;
    ngx_http_vedette_main_conf_t   *vmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    vmcf = ngx_http_get_module_main_conf(r, ngx_http_vedette_module);

    if (vmcf->shm_zone == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    zone = vmcf->shm_zone->data;
    sh = zone->sh;

    start = ngx_pnalloc(r->pool, NGX_HTTP_VEDETTE_STATUS_SIZE);
    if (start == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = start;
    last = start + NGX_HTTP_VEDETTE_STATUS_SIZE;

    p = ngx_slprintf(p, last, "{\"version\":\"%s\",\"requests\":%uA,"
                     "\"outcomes\":{", NGX_HTTP_VEDETTE_VERSION, sh->requests);

    for (i = 0, sep = 0; i < NGX_HTTP_VEDETTE_VERDICTS; i++) {

        if (sh->verdicts[i] == 0) {
            continue;
        }

        p = ngx_slprintf(p, last, "%s\"%V\":%uA", sep++ ? "," : "",
                         ngx_http_vedette_verdict_name(i), sh->verdicts[i]);
    }

    p = ngx_slprintf(p, last, "},\"items_limited\":%uA,\"redis\":[",
                     sh->dropped_items);

    redis = vmcf->servers.elts;

    for (i = 0; i < vmcf->servers.nelts; i++) {
        server = &sh->servers[redis[i]->slot];

        p = ngx_slprintf(p, last, "%s{\"server\":\"%V\",\"state\":\"%s\","
                         "\"connections\":%ui,\"seconds_since_poll\":%T,"
                         "\"nodes\":%ui}",
                         i ? "," : "", &redis[i]->name,
                         redis[i]->down ? "down" : "up", redis[i]->nready,
                         server->version_at ? ngx_time() - server->version_at
                                            : (time_t) -1,
                         server->nodes);
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    p = ngx_slprintf(p, last, "],\"zone\":{\"keys\":%ui,\"unknown_keys\":%ui,"
                     "\"quotas\":%ui,\"outcomes_waiting\":%ui,"
                     "\"outcomes_lost\":%uA,\"evicted\":%uA,\"free\":%uz},"
                     "\"lookups\":%uA,\"late_replies\":%uA,"
                     "\"spool\":{\"records\":%uA,\"bytes\":%uA,"
                     "\"full\":%uA,\"faults\":%uA}}" CRLF,
                     sh->nknown, sh->nunknown, sh->nquotas, sh->noutcomes,
                     sh->outcomes_lost, sh->evicted,
                     zone->shpool->pfree * ngx_pagesize, sh->lookups,
                     sh->late_replies, sh->spooled, sh->spool_used,
                     sh->spool_full, sh->spool_faults);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return ngx_http_vedette_reply_json(r, NGX_HTTP_OK, start, p - start);
}


/* live: this worker answers.  ready: and could keep an event */

ngx_int_t
ngx_http_vedette_healthcheck(ngx_http_request_t *r,
    ngx_http_vedette_loc_conf_t *conf, ngx_uint_t ready)
{
    u_char      *p;
    size_t       len;
    ngx_int_t    rc;
    ngx_uint_t   status, keeps;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    status = NGX_HTTP_OK;
    p = (u_char *) "{\"is_healthy\":true}";

    keeps = conf->durability != NGX_HTTP_VEDETTE_BY_SPOOL
            && !conf->redis->down && conf->redis->nready;

    if (!keeps && conf->spool) {
        keeps = ngx_http_vedette_spool_ready(conf->spool);
    }

    if (ready && !keeps) {
        status = NGX_HTTP_SERVICE_UNAVAILABLE;
        p = (u_char *) "{\"is_healthy\":false}";
    }

    len = ngx_strlen(p);

    return ngx_http_vedette_reply_json(r, status, p, len);
}
