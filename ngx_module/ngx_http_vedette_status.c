
/*
 * How is this node?  The status location gives the counters of shared memory
 * (all workers together, since nginx was started) and the state of Redis as
 * the worker that answers sees it, as JSON for people and scripts or as the
 * text that Prometheus reads.  The health checks are those that load balancers
 * in front of a Relay already use: alive, and ready for events.
 */


#include "ngx_http_vedette_module.h"


#define NGX_HTTP_VEDETTE_STATUS_SIZE  32768


typedef struct {
    char                         *name;
    char                         *type;
    char                         *help;
    size_t                        offset;       /* in the shared memory */
} ngx_http_vedette_metric_t;


static ngx_uint_t ngx_http_vedette_status_wants_text(ngx_http_request_t *r);
static u_char *ngx_http_vedette_status_json(u_char *p, u_char *last,
    ngx_http_vedette_main_conf_t *vmcf, ngx_http_vedette_spool_state_t *spool);
static u_char *ngx_http_vedette_status_text(u_char *p, u_char *last,
    ngx_http_vedette_main_conf_t *vmcf, ngx_http_vedette_spool_state_t *spool);
static void ngx_http_vedette_see(ngx_http_vedette_shctx_t *sh,
    ngx_http_vedette_seen_t *now);
static ngx_uint_t ngx_http_vedette_within(ngx_http_vedette_seen_t *now,
    ngx_http_vedette_seen_t *then, ngx_uint_t percent);
static ngx_int_t ngx_http_vedette_status_outcome(ngx_http_vedette_shctx_t *sh,
    ngx_uint_t verdict, ngx_atomic_uint_t *n);
static u_char *ngx_http_vedette_status_head(u_char *p, u_char *last,
    char *name, char *type, char *help);
static u_char *ngx_http_vedette_status_name(u_char *p, u_char *last,
    ngx_str_t *name);


/* upper bounds of the buckets, in microseconds; the last one has none */

static ngx_uint_t  ngx_http_vedette_latencies[] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000
};

#define NGX_HTTP_VEDETTE_LATENCIES                                            \
    (sizeof(ngx_http_vedette_latencies) / sizeof(ngx_uint_t))


/* seconds; what is told is of one to two of them */
#define NGX_HTTP_VEDETTE_SEE_EVERY  300


static char  *ngx_http_vedette_ways[] = { "redis", "spool" };


static char  *ngx_http_vedette_mirror_ends[] = {
    "sent", "refused", "failed", "dropped", "unmapped"
};


#define ngx_http_vedette_shared(field)                                        \
    offsetof(ngx_http_vedette_shctx_t, field)

static ngx_http_vedette_metric_t  ngx_http_vedette_metrics[] = {

    { "requests_total", "counter", "Requests that the module has answered.",
      ngx_http_vedette_shared(requests) },

    { "items_limited_total", "counter", "Items dropped by a limit.",
      ngx_http_vedette_shared(dropped_items) },

    { "lookups_total", "counter", "Questions to Redis about a key.",
      ngx_http_vedette_shared(lookups) },

    { "late_replies_total", "counter",
      "Replies of Redis that came after the timeout.",
      ngx_http_vedette_shared(late_replies) },

    { "spool_records_total", "counter", "Events that went to the spool.",
      ngx_http_vedette_shared(spooled) },

    { "spool_full_total", "counter", "Times that the spool had no room.",
      ngx_http_vedette_shared(spool_full) },

    { "spool_faults_total", "counter", "Failures of the disk of the spool.",
      ngx_http_vedette_shared(spool_faults) },

    { "zone_keys", "gauge", "Keys in shared memory.",
      ngx_http_vedette_shared(nknown) },

    { "zone_unknown_keys", "gauge", "Keys known not to exist.",
      ngx_http_vedette_shared(nunknown) },

    { "zone_quotas", "gauge", "Counters of limits in shared memory.",
      ngx_http_vedette_shared(nquotas) },

    { "zone_evicted_total", "counter", "Entries that gave way to newer ones.",
      ngx_http_vedette_shared(evicted) },

    { "outcomes_waiting", "gauge", "Counters that Redis has still to get.",
      ngx_http_vedette_shared(noutcomes) },

    { "outcomes_lost_total", "counter",
      "Outcomes that found no room in shared memory.",
      ngx_http_vedette_shared(outcomes_lost) },

    { "ends_lost_total", "counter",
      "Refused events that cannot be found by their id: there were too many.",
      ngx_http_vedette_shared(ended_lost) },

    { NULL, NULL, NULL, 0 }
};


/* an event has become durable, so many microseconds after it was whole */

void
ngx_http_vedette_latency(ngx_http_vedette_shctx_t *sh, ngx_uint_t way,
    uint64_t us)
{
    ngx_uint_t                   i;
    ngx_http_vedette_latency_t  *latency;

    latency = &sh->latency[way];

    for (i = 0; i < NGX_HTTP_VEDETTE_LATENCIES; i++) {
        if (us <= ngx_http_vedette_latencies[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&latency->buckets[i], 1);
    (void) ngx_atomic_fetch_add(&latency->sum, us);
}


static void
ngx_http_vedette_see(ngx_http_vedette_shctx_t *sh,
    ngx_http_vedette_seen_t *now)
{
    ngx_uint_t  i, way;

    ngx_memzero(now, sizeof(ngx_http_vedette_seen_t));

    now->at = ngx_time();
    now->requests = sh->requests;
    now->accepted = sh->verdicts[NGX_HTTP_VEDETTE_ACCEPTED];
    now->limited = sh->verdicts[NGX_HTTP_VEDETTE_LIMITED];

    for (way = 0; way < NGX_HTTP_VEDETTE_WAYS; way++) {
        for (i = 0; i <= NGX_HTTP_VEDETTE_LATENCIES; i++) {
            now->buckets[i] += sh->latency[way].buckets[i];
        }
    }
}


/*
 * The bound, in microseconds, of the bucket that so many per cent of what came
 * since are within; one more than the last bound: beyond it; 0: nothing came.
 */

static ngx_uint_t
ngx_http_vedette_within(ngx_http_vedette_seen_t *now,
    ngx_http_vedette_seen_t *then, ngx_uint_t percent)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  all, n;

    all = 0;
    n = 0;

    for (i = 0; i <= NGX_HTTP_VEDETTE_LATENCIES; i++) {
        all += now->buckets[i] - then->buckets[i];
    }

    if (all == 0) {
        return 0;
    }

    for (i = 0; i < NGX_HTTP_VEDETTE_LATENCIES; i++) {
        n += now->buckets[i] - then->buckets[i];

        if (n * 100 >= all * percent) {
            return ngx_http_vedette_latencies[i];
        }
    }

    return ngx_http_vedette_latencies[NGX_HTTP_VEDETTE_LATENCIES - 1] + 1;
}


/*
 * What came in the last minutes to this node, for its sign of life: the numbers
 * that queue/rate.h describes.
 */

size_t
ngx_http_vedette_rate(ngx_http_vedette_zone_t *zone, u_char *buf, size_t size)
{
    ngx_http_vedette_seen_t    now, then;
    ngx_http_vedette_shctx_t  *sh;

    sh = zone->sh;

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_http_vedette_see(sh, &now);

    if (sh->seen[0].at == 0) {
        sh->seen[0] = now;
        sh->seen[1] = now;
    }

    if (now.at - sh->seen[0].at >= NGX_HTTP_VEDETTE_SEE_EVERY) {
        sh->seen[1] = sh->seen[0];
        sh->seen[0] = now;
    }

    then = sh->seen[1];

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return ngx_snprintf(buf, size, "%P %T %uA %uA %uA %ui %ui", ngx_parent,
                        now.at - then.at, now.requests - then.requests,
                        now.accepted - then.accepted,
                        now.limited - then.limited,
                        ngx_http_vedette_within(&now, &then, 50),
                        ngx_http_vedette_within(&now, &then, 99))
           - buf;
}


ngx_int_t
ngx_http_vedette_status_handler(ngx_http_request_t *r)
{
    u_char                          *p, *last, *start;
    ngx_int_t                        rc;
    ngx_str_t                        type;
    ngx_uint_t                       i, text;
    ngx_http_vedette_spool_t       **spools;
    ngx_http_vedette_main_conf_t    *vmcf;
    ngx_http_vedette_spool_state_t   spool;

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

    start = ngx_pnalloc(r->pool, NGX_HTTP_VEDETTE_STATUS_SIZE);
    if (start == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = start + NGX_HTTP_VEDETTE_STATUS_SIZE;

    ngx_memzero(&spool, sizeof(ngx_http_vedette_spool_state_t));

    spools = vmcf->spools.elts;

    for (i = 0; i < vmcf->spools.nelts; i++) {
        ngx_http_vedette_spool_look(spools[i], &spool);
    }

    text = ngx_http_vedette_status_wants_text(r);

    if (text) {
        p = ngx_http_vedette_status_text(start, last, vmcf, &spool);
        ngx_str_set(&type, "text/plain; version=0.0.4");

    } else {
        p = ngx_http_vedette_status_json(start, last, vmcf, &spool);
        ngx_str_set(&type, "application/json");
    }

    return ngx_http_vedette_reply_text(r, NGX_HTTP_OK, &type, start, p - start);
}


/* as the directive says, else the query, else what the client accepts */

static ngx_uint_t
ngx_http_vedette_status_wants_text(ngx_http_request_t *r)
{
    ngx_str_t                     value;
    ngx_uint_t                    i;
    ngx_list_part_t              *part;
    ngx_table_elt_t              *h;
    ngx_http_vedette_loc_conf_t  *vlcf;

    vlcf = ngx_http_get_module_loc_conf(r, ngx_http_vedette_module);

    if (vlcf->status_format != NGX_HTTP_VEDETTE_STATUS_ANY) {
        return vlcf->status_format == NGX_HTTP_VEDETTE_STATUS_TEXT;
    }

    if (ngx_http_arg(r, (u_char *) "format", 6, &value) == NGX_OK) {
        return ngx_http_vedette_is(&value, "prometheus");
    }

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {

            if (part->next == NULL) {
                return 0;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == 6
            && ngx_strncasecmp(h[i].key.data, (u_char *) "accept", 6) == 0)
        {
            return ngx_strlcasestrn(h[i].value.data,
                                    h[i].value.data + h[i].value.len,
                                    (u_char *) "openmetrics", 11 - 1)
                   || ngx_strlcasestrn(h[i].value.data,
                                       h[i].value.data + h[i].value.len,
                                       (u_char *) "text/plain", 10 - 1);
        }
    }
}


static u_char *
ngx_http_vedette_status_json(u_char *p, u_char *last,
    ngx_http_vedette_main_conf_t *vmcf, ngx_http_vedette_spool_state_t *spool)
{
    ngx_uint_t                    i, way, sep;
    ngx_atomic_uint_t             n;
    ngx_http_vedette_zone_t      *zone;
    ngx_http_vedette_redis_t    **redis;
    ngx_http_vedette_shctx_t     *sh;
    ngx_http_vedette_server_t    *server;
    ngx_http_vedette_latency_t   *latency;

    zone = vmcf->shm_zone->data;
    sh = zone->sh;

    p = ngx_slprintf(p, last, "{\"version\":\"%s\",\"requests\":%uA,"
                     "\"outcomes\":{", NGX_HTTP_VEDETTE_VERSION, sh->requests);

    for (i = 0, sep = 0; i < NGX_HTTP_VEDETTE_VERDICTS; i++) {

        if (ngx_http_vedette_status_outcome(sh, i, &n) != NGX_OK || n == 0) {
            continue;
        }

        p = ngx_slprintf(p, last, "%s\"%V\":%uA", sep++ ? "," : "",
                         ngx_http_vedette_verdict_name(i), n);
    }

    p = ngx_slprintf(p, last, "},\"items_limited\":%uA,\"queue\":{",
                     sh->dropped_items);

    /* how many became durable within so many microseconds, or less */

    for (way = 0; way < NGX_HTTP_VEDETTE_WAYS; way++) {
        latency = &sh->latency[way];

        p = ngx_slprintf(p, last, "%s\"%s\":{\"within_us\":{",
                         way ? "," : "", ngx_http_vedette_ways[way]);

        for (i = 0, n = 0; i < NGX_HTTP_VEDETTE_LATENCIES; i++) {
            n += latency->buckets[i];
            p = ngx_slprintf(p, last, "%s\"%ui\":%uA", i ? "," : "",
                             ngx_http_vedette_latencies[i], n);
        }

        p = ngx_slprintf(p, last, "},\"count\":%uA,\"sum_us\":%uA}",
                         n + latency->buckets[i], latency->sum);
    }

    p = ngx_slprintf(p, last, "},\"redis\":[");

    redis = vmcf->servers.elts;

    for (i = 0; i < vmcf->servers.nelts; i++) {
        server = &sh->servers[redis[i]->slot];

        p = ngx_slprintf(p, last, "%s{\"server\":\"", i ? "," : "");
        p = ngx_http_vedette_status_name(p, last, &redis[i]->name);
        p = ngx_slprintf(p, last, "\",\"state\":\"%s\","
                         "\"connections\":%ui,\"seconds_since_poll\":%T,"
                         "\"nodes\":%ui}",
                         redis[i]->down ? "down" : "up", redis[i]->nready,
                         server->version_at ? ngx_time() - server->version_at
                                            : (time_t) -1,
                         server->nodes);
    }

    p = ngx_slprintf(p, last, "],\"zone\":{\"keys\":%ui,\"unknown_keys\":%ui,"
                     "\"quotas\":%ui,\"outcomes_waiting\":%ui,"
                     "\"outcomes_lost\":%uA,\"ends_lost\":%uA,"
                     "\"evicted\":%uA,\"free\":%uz},"
                     "\"lookups\":%uA,\"late_replies\":%uA,",
                     sh->nknown, sh->nunknown, sh->nquotas, sh->noutcomes,
                     sh->outcomes_lost, sh->ended_lost, sh->evicted,
                     zone->shpool->pfree * ngx_pagesize, sh->lookups,
                     sh->late_replies);

    p = ngx_slprintf(p, last, "\"mirror\":{");

    for (i = 0; i < NGX_HTTP_VEDETTE_MIRROR_ENDS; i++) {
        p = ngx_slprintf(p, last, "%s\"%s\":%uA", i ? "," : "",
                         ngx_http_vedette_mirror_ends[i], sh->mirror[i]);
    }

    return ngx_slprintf(p, last, "},\"spool\":{\"records\":%uA,\"bytes\":%O,"
                        "\"segments\":%ui,\"age\":%T,"
                        "\"full\":%uA,\"faults\":%uA}}" CRLF,
                        sh->spooled, spool->bytes, spool->segments, spool->age,
                        sh->spool_full, sh->spool_faults);
}


static u_char *
ngx_http_vedette_status_text(u_char *p, u_char *last,
    ngx_http_vedette_main_conf_t *vmcf, ngx_http_vedette_spool_state_t *spool)
{
    ngx_uint_t                    i, way;
    ngx_atomic_uint_t             n;
    ngx_http_vedette_zone_t      *zone;
    ngx_http_vedette_redis_t    **redis;
    ngx_http_vedette_shctx_t     *sh;
    ngx_http_vedette_metric_t    *m;
    ngx_http_vedette_server_t    *server;
    ngx_http_vedette_latency_t   *latency;

    zone = vmcf->shm_zone->data;
    sh = zone->sh;
    redis = vmcf->servers.elts;

    for (m = ngx_http_vedette_metrics; m->name; m++) {
        p = ngx_http_vedette_status_head(p, last, m->name, m->type, m->help);
        p = ngx_slprintf(p, last, "vedette_%s %uA\n", m->name,
                         *(ngx_atomic_uint_t *) ((u_char *) sh + m->offset));
    }

    p = ngx_http_vedette_status_head(p, last, "outcomes_total", "counter",
                                     "Requests by what became of them.");

    for (i = 0; i < NGX_HTTP_VEDETTE_VERDICTS; i++) {
        if (ngx_http_vedette_status_outcome(sh, i, &n) == NGX_OK) {
            p = ngx_slprintf(p, last,
                             "vedette_outcomes_total{outcome=\"%V\"} %uA\n",
                             ngx_http_vedette_verdict_name(i), n);
        }
    }

    p = ngx_http_vedette_status_head(p, last, "queue_seconds", "histogram",
                        "From a whole, admitted request until it is durable.");

    for (way = 0; way < NGX_HTTP_VEDETTE_WAYS; way++) {
        latency = &sh->latency[way];

        for (i = 0, n = 0; i < NGX_HTTP_VEDETTE_LATENCIES; i++) {
            n += latency->buckets[i];
            p = ngx_slprintf(p, last, "vedette_queue_seconds_bucket{way=\"%s\","
                             "le=\"%ui.%06ui\"} %uA\n",
                             ngx_http_vedette_ways[way],
                             ngx_http_vedette_latencies[i] / 1000000,
                             ngx_http_vedette_latencies[i] % 1000000, n);
        }

        n += latency->buckets[i];

        p = ngx_slprintf(p, last, "vedette_queue_seconds_bucket{way=\"%s\","
                         "le=\"+Inf\"} %uA\n"
                         "vedette_queue_seconds_sum{way=\"%s\"} %uA.%06uA\n"
                         "vedette_queue_seconds_count{way=\"%s\"} %uA\n",
                         ngx_http_vedette_ways[way], n,
                         ngx_http_vedette_ways[way], latency->sum / 1000000,
                         latency->sum % 1000000,
                         ngx_http_vedette_ways[way], n);
    }

    p = ngx_http_vedette_status_head(p, last, "mirror_total", "counter",
                                     "Copies by what became of them.");

    for (i = 0; i < NGX_HTTP_VEDETTE_MIRROR_ENDS; i++) {
        p = ngx_slprintf(p, last, "vedette_mirror_total{end=\"%s\"} %uA\n",
                         ngx_http_vedette_mirror_ends[i], sh->mirror[i]);
    }

    p = ngx_http_vedette_status_head(p, last, "spool_bytes", "gauge",
                                     "Disk that the spool takes.");
    p = ngx_slprintf(p, last, "vedette_spool_bytes %O\n", spool->bytes);

    p = ngx_http_vedette_status_head(p, last, "spool_age_seconds", "gauge",
                                     "Age of the oldest segment.");
    p = ngx_slprintf(p, last, "vedette_spool_age_seconds %T\n", spool->age);

    p = ngx_http_vedette_status_head(p, last, "zone_free_bytes", "gauge",
                                     "Whole free pages of shared memory.");
    p = ngx_slprintf(p, last, "vedette_zone_free_bytes %uz\n",
                     zone->shpool->pfree * ngx_pagesize);

    p = ngx_http_vedette_status_head(p, last, "redis_up", "gauge",
                                     "Does the worker that answers reach it?");

    for (i = 0; i < vmcf->servers.nelts; i++) {
        p = ngx_slprintf(p, last, "vedette_redis_up{server=\"");
        p = ngx_http_vedette_status_name(p, last, &redis[i]->name);
        p = ngx_slprintf(p, last, "\"} %d\n", redis[i]->down ? 0 : 1);
    }

    p = ngx_http_vedette_status_head(p, last, "redis_connections", "gauge",
                                     "Connections of that worker.");

    for (i = 0; i < vmcf->servers.nelts; i++) {
        p = ngx_slprintf(p, last, "vedette_redis_connections{server=\"");
        p = ngx_http_vedette_status_name(p, last, &redis[i]->name);
        p = ngx_slprintf(p, last, "\"} %ui\n", redis[i]->nready);
    }

    p = ngx_http_vedette_status_head(p, last, "edge_nodes", "gauge",
                            "Edge nodes with a sign of life in this Redis.");

    for (i = 0; i < vmcf->servers.nelts; i++) {
        server = &sh->servers[redis[i]->slot];

        p = ngx_slprintf(p, last, "vedette_edge_nodes{server=\"");
        p = ngx_http_vedette_status_name(p, last, &redis[i]->name);
        p = ngx_slprintf(p, last, "\"} %ui\n", server->nodes);
    }

    return p;
}


/* several verdicts may have one name: the first of them stands for all */

static ngx_int_t
ngx_http_vedette_status_outcome(ngx_http_vedette_shctx_t *sh,
    ngx_uint_t verdict, ngx_atomic_uint_t *n)
{
    ngx_str_t   *name, *other;
    ngx_uint_t   i;

    name = ngx_http_vedette_verdict_name(verdict);
    *n = 0;

    for (i = 0; i < NGX_HTTP_VEDETTE_VERDICTS; i++) {
        other = ngx_http_vedette_verdict_name(i);

        if (other->len != name->len
            || ngx_memcmp(other->data, name->data, name->len) != 0)
        {
            continue;
        }

        if (i < verdict) {
            return NGX_DECLINED;
        }

        *n += sh->verdicts[i];
    }

    return NGX_OK;
}


static u_char *
ngx_http_vedette_status_head(u_char *p, u_char *last, char *name, char *type,
    char *help)
{
    return ngx_slprintf(p, last, "# HELP vedette_%s %s\n# TYPE vedette_%s %s\n",
                        name, help, name, type);
}


/* both forms escape alike */

static u_char *
ngx_http_vedette_status_name(u_char *p, u_char *last, ngx_str_t *name)
{
    size_t  i;

    for (i = 0; i < name->len && p + 2 < last; i++) {

        if (name->data[i] == '"' || name->data[i] == '\\') {
            *p++ = '\\';
        }

        *p++ = name->data[i];
    }

    return p;
}


/* live: this worker answers.  ready: and could keep an event */

ngx_int_t
ngx_http_vedette_healthcheck(ngx_http_request_t *r,
    ngx_http_vedette_loc_conf_t *conf, ngx_uint_t ready)
{
    u_char                    *p;
    size_t                     len;
    ngx_int_t                  rc;
    ngx_uint_t                 i, status, keeps;
    ngx_http_vedette_redis_t  *redis;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    status = NGX_HTTP_OK;
    p = (u_char *) "{\"is_healthy\":true}";

    keeps = 0;

    for (i = 0; i < conf->fleet->n; i++) {
        redis = conf->fleet->servers[i];

        if (conf->durability != NGX_HTTP_VEDETTE_BY_SPOOL
            && !redis->down && redis->nready)
        {
            keeps = 1;
        }
    }

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
