
/*
 * Connections to Redis, inside nginx's event loop.
 *
 * Each worker keeps a small pool of connections to each server and spreads
 * commands over it.  In a turn of its loop Redis reads from each client once:
 * a few kilobytes, or one large command.  A connection that has as much without
 * an answer gets nothing more as long as there is another, so that Redis has
 * much to do in each turn.  With "appendfsync always" it makes one fsync for
 * all of that: many connections are what makes group commit work, and when all
 * have enough, the pool grows, up to its bound.
 * Commands that were given during one turn of our loop leave together: the
 * write is a posted event.
 *
 * A command is a job.  hiredis 0.14 has no timeouts, so each connection keeps
 * its jobs in order of age and one timer for the oldest.  When time is up the
 * handler is told that there is no answer, and the job stays behind as a
 * tombstone which swallows the late reply.  A connection with a tombstone is
 * stalled and gets no new commands; when it remains so, it is closed.
 *
 * A server is down when a connection could not be made (or AUTH, SELECT or
 * PING failed on it).  Then commands are refused at once, and one probe at a
 * time tries again, with a growing, jittered delay.  The loss of a working
 * connection alone does not make it down: the next command opens another.
 *
 * Sockets are opened by workers only, never by the master, and an address is
 * a Unix socket or an IP, because hiredis resolves names blockingly.
 *
 * hiredis reads the replies, but for the short ones (_hiredis.c), and keeps the
 * buffer of what is to be written; the writing is ours (_write.c), so that a
 * body goes from nginx's buffers straight to the socket.  One in a temporary
 * file is read to its place in the buffer.
 */


#include "ngx_http_vedette_module.h"


/*
 * a worker holds no more unsent bytes for a server than this and one body for
 * each connection
 */
#define NGX_HTTP_VEDETTE_MAX_UNSENT   (64 * 1024 * 1024)

/*
 * A connection gets no more than so many bytes without an answer as long as
 * another has fewer.  That is about what Redis reads from one in a turn of its
 * loop: so it has few turns, each with as much as it can take from a few
 * connections, and one argument of more than 32 KB from each.  With
 * "appendfsync always" the connections share what goes into an fsync.
 */
#define NGX_HTTP_VEDETTE_LOAD         (32 * 1024)
#define NGX_HTTP_VEDETTE_STRICT_LOAD  (12 * 1024)

/* so many connections are there from the beginning, the others if need be */
#define NGX_HTTP_VEDETTE_POOL         16

/* milliseconds from one of the others to the next, and after a failure */
#define NGX_HTTP_VEDETTE_GROW         10
#define NGX_HTTP_VEDETTE_NO_GROWTH    5000

/* so many jobs are kept for the next commands */
#define NGX_HTTP_VEDETTE_JOBS         512

#define NGX_HTTP_VEDETTE_TICK         1000
#define NGX_HTTP_VEDETTE_PROC_TICKS   5
#define NGX_HTTP_VEDETTE_CHECK_TICKS  60

/* why it may lose what it has acknowledged */
#define NGX_HTTP_VEDETTE_LAX_FSYNC    1
#define NGX_HTTP_VEDETTE_LAX_EVICTS   2
#define NGX_HTTP_VEDETTE_MIN_BACKOFF  50
#define NGX_HTTP_VEDETTE_MAX_BACKOFF  5000

/* so many answers in turn with a number that is less than the known one */
#define NGX_HTTP_VEDETTE_SET_BACK     3

/* a stalled connection is closed after so many timeouts */
#define NGX_HTTP_VEDETTE_STALLED      5

/* while a server is down, say so once a minute */
#define NGX_HTTP_VEDETTE_LOG_EVERY    60


struct ngx_http_vedette_job_s {
    ngx_queue_t                queue;
    ngx_msec_t                 deadline;
    ngx_http_vedette_conn_t   *conn;
    ngx_http_vedette_job_pt    handler;
    void                      *data;
    /* more than one are elsewhere */
    ngx_http_vedette_write_body_t  body;
    ngx_http_vedette_write_body_t  *bodies;
    ngx_uint_t                 nbodies;
    size_t                     size;
    unsigned                   late:1;
    /* a client waits: an exiting worker stays for it */
    unsigned                   waited:1;
};


static redisContext *ngx_http_vedette_redis_blocking(
    ngx_http_vedette_redis_t *redis);
static ngx_http_vedette_conn_t *ngx_http_vedette_redis_pick(
    ngx_http_vedette_redis_t *redis);
static void ngx_http_vedette_redis_grow(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_conn_t *conn);
static void ngx_http_vedette_redis_rotate(ngx_http_vedette_conn_t *conn);
static ngx_http_vedette_job_t *ngx_http_vedette_conn_send(
    ngx_http_vedette_conn_t *conn, ngx_str_t *args, ngx_uint_t n,
    ngx_http_vedette_part_t *parts, ngx_uint_t nparts,
    ngx_http_vedette_job_pt handler, void *data);
static ngx_http_vedette_job_t *ngx_http_vedette_job_alloc(void);
static void ngx_http_vedette_job_free(ngx_http_vedette_job_t *job);
static ngx_int_t ngx_http_vedette_job_bodies(ngx_http_vedette_job_t *job,
    ngx_http_vedette_part_t *parts, ngx_uint_t nparts);
static void ngx_http_vedette_job_unsent(ngx_http_vedette_job_t *job);
static ngx_inline u_char *ngx_http_vedette_conn_length(u_char *p, u_char type,
    size_t n);
static ngx_int_t ngx_http_vedette_conn_open(ngx_http_vedette_conn_t *conn);
static ngx_int_t ngx_http_vedette_conn_greet(ngx_http_vedette_conn_t *conn);
static void ngx_http_vedette_conn_close(ngx_http_vedette_conn_t *conn);
static void ngx_http_vedette_conn_lost(ngx_http_vedette_conn_t *conn,
    ngx_uint_t was_ready, char *reason);
static void ngx_http_vedette_conn_greeted(void *data, redisReply *reply);
static void ngx_http_vedette_conn_ready(void *data, redisReply *reply);
static void ngx_http_vedette_conn_reply(redisAsyncContext *ac, void *reply,
    void *data);
static void ngx_http_vedette_conn_connected(const redisAsyncContext *ac,
    int status);
static void ngx_http_vedette_conn_expire(ngx_event_t *ev);
static void ngx_http_vedette_conn_read_handler(ngx_event_t *rev);
static void ngx_http_vedette_conn_write_handler(ngx_event_t *wev);
static void ngx_http_vedette_conn_add_read(void *data);
static void ngx_http_vedette_conn_del_read(void *data);
static void ngx_http_vedette_conn_add_write(void *data);
static void ngx_http_vedette_conn_del_write(void *data);
static void ngx_http_vedette_conn_cleanup(void *data);
static void ngx_http_vedette_redis_reconnect(ngx_event_t *ev);
static void ngx_http_vedette_redis_tick(ngx_event_t *ev);
static void ngx_http_vedette_redis_version(void *data, redisReply *reply);
static void ngx_http_vedette_redis_check(ngx_http_vedette_redis_t *redis);
static void ngx_http_vedette_redis_checked(void *data, redisReply *reply);
static void ngx_http_vedette_redis_sign_of_life(
    ngx_http_vedette_redis_t *redis);
static void ngx_http_vedette_redis_nodes(void *data, redisReply *reply);
static size_t ngx_http_vedette_redis_proc_name(u_char *buf, size_t size);


/* what the debug log takes for the connection of a timer */
static ngx_connection_t  ngx_http_vedette_redis_dumb;

static ngx_uint_t        ngx_http_vedette_redis_stopping;

/* jobs for the next commands: malloc() shows in each request */
static ngx_queue_t       ngx_http_vedette_jobs = {
    &ngx_http_vedette_jobs, &ngx_http_vedette_jobs
};
static ngx_uint_t        ngx_http_vedette_njobs;


/*
 * The process' hash, the set of nodes; time to live of either, this node, name
 * and value of each field.  Answer: the number of nodes.
 */

static ngx_str_t  ngx_http_vedette_proc_script = ngx_string(
    "local now = redis.call('TIME')[1] "
    "redis.call('HSET', KEYS[1], unpack(ARGV, 4)) "
    "redis.call('EXPIRE', KEYS[1], ARGV[1]) "
    "redis.call('ZADD', KEYS[2], now, ARGV[3]) "
    "redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2]) "
    "return redis.call('ZCARD', KEYS[2])");


/*
 * vedette_redis unix:/path | IP[:port] ... [user=] [password=] [db=]
 *               [connections=] [timeout=]
 *
 * One of its servers; the parameters begin with the first of them.
 */

char *
ngx_http_vedette_redis_parse(ngx_conf_t *cf, ngx_str_t *address,
    ngx_uint_t first, ngx_http_vedette_redis_t *redis)
{
    size_t      len;
    u_char     *p;
    ngx_int_t   n;
    ngx_str_t  *value, s;
    ngx_url_t   u;
    ngx_uint_t  i;

    value = cf->args->elts;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *address;
    u.default_port = 6379;
    u.no_resolve = 1;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK || u.naddrs == 0) {

        if (address != &value[1]) {
            /* it may be a password whose name was forgotten */
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter number %ui: it is neither "
                               "an address nor user=, password=, db=, "
                               "connections=1..256 or timeout=",
                               (ngx_uint_t) (address - value));
            return NGX_CONF_ERROR;
        }
    }

    if (u.err) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in \"%V\"", u.err,
                           &u.url);
        return NGX_CONF_ERROR;
    }

    if (u.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is a host name: give an IP address or "
                           "\"unix:/path\"", &u.url);
        return NGX_CONF_ERROR;
    }

    redis->connections = 64;
    redis->timeout = NGX_CONF_UNSET_MSEC;
    ngx_str_set(&redis->database, "0");

    for (i = first; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "user=", 5) == 0) {
            redis->user.data = value[i].data + 5;
            redis->user.len = value[i].len - 5;
            continue;
        }

        if (ngx_strncmp(value[i].data, "password=", 9) == 0) {
            redis->password.data = value[i].data + 9;
            redis->password.len = value[i].len - 9;
            continue;
        }

        if (ngx_strncmp(value[i].data, "db=", 3) == 0) {
            n = ngx_atoi(value[i].data + 3, value[i].len - 3);

            if (n == NGX_ERROR) {
                goto invalid;
            }

            redis->database.data = value[i].data + 3;
            redis->database.len = value[i].len - 3;
            continue;
        }

        if (ngx_strncmp(value[i].data, "connections=", 12) == 0) {
            n = ngx_atoi(value[i].data + 12, value[i].len - 12);

            if (n == NGX_ERROR || n < 1 || n > 256) {
                goto invalid;
            }

            redis->connections = n;
            continue;
        }

        if (ngx_strncmp(value[i].data, "timeout=", 8) == 0) {
            s.data = value[i].data + 8;
            s.len = value[i].len - 8;

            n = ngx_parse_time(&s, 0);

            if (n == NGX_ERROR || n == 0) {
                goto invalid;
            }

            redis->timeout = n;
            continue;
        }

        goto invalid;
    }

#if (NGX_HAVE_UNIX_DOMAIN)

    if (u.family == AF_UNIX) {
        redis->unix_socket = 1;
        redis->host = u.addrs[0].name;

        /* "unix:/path", and hiredis wants the path */
        redis->host.data += 5;
        redis->host.len -= 5;
    }

#endif

    if (!redis->unix_socket) {
        redis->host.data = ngx_pnalloc(cf->pool, NGX_SOCKADDR_STRLEN + 1);
        if (redis->host.data == NULL) {
            return NGX_CONF_ERROR;
        }

        redis->host.len = ngx_sock_ntop(u.addrs[0].sockaddr, u.addrs[0].socklen,
                                        redis->host.data, NGX_SOCKADDR_STRLEN,
                                        0);
        redis->port = u.port;
    }

    /* hiredis wants C strings */

    p = ngx_pnalloc(cf->pool, redis->host.len + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(p, redis->host.data, redis->host.len);
    p[redis->host.len] = '\0';
    redis->host.data = p;

    len = redis->host.len + sizeof("unix::65535/") - 1 + redis->database.len;

    redis->name.data = ngx_pnalloc(cf->pool, len);
    if (redis->name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    if (redis->unix_socket) {
        p = ngx_sprintf(redis->name.data, "unix:%V", &redis->host);

    } else {
        p = ngx_sprintf(redis->name.data, "%V:%ui", &redis->host,
                        (ngx_uint_t) redis->port);
    }

    p = ngx_sprintf(p, "/%V", &redis->database);

    redis->name.len = p - redis->name.data;
    redis->id = ngx_crc32_short(redis->name.data, redis->name.len);

    return NGX_CONF_OK;

invalid:

    /* the parameter may be a mistyped password */

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter number %ui: it is user=, password=, "
                       "db=, connections=1..256 or timeout=", i);

    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_vedette_redis_start(ngx_http_vedette_redis_t *redis,
    ngx_cycle_t *cycle)
{
    ngx_uint_t                i;
    ngx_http_vedette_conn_t  *conn;

    ngx_http_vedette_redis_dumb.fd = (ngx_socket_t) -1;

    redis->conns = ngx_pcalloc(cycle->pool,
                          redis->connections * sizeof(ngx_http_vedette_conn_t));
    if (redis->conns == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < redis->connections; i++) {
        conn = &redis->conns[i];

        conn->redis = redis;
        ngx_queue_init(&conn->jobs);

        conn->timer.handler = ngx_http_vedette_conn_expire;
        conn->timer.data = &ngx_http_vedette_redis_dumb;
        conn->timer.log = cycle->log;
    }

    ngx_rbtree_init(&redis->lookups, &redis->lookups_sentinel,
                    ngx_str_rbtree_insert_value);

    if (redis->timeout == NGX_CONF_UNSET_MSEC) {
        redis->timeout = redis->spooled ? 150 : 1000;
    }

    ngx_http_vedette_several_init(redis, cycle->log);

    redis->feed = ngx_http_vedette_live_feed(redis, cycle);
    if (redis->feed == NULL) {
        return NGX_ERROR;
    }

    redis->started_at = ngx_time();
    redis->started = 1;

    redis->reconnect.handler = ngx_http_vedette_redis_reconnect;
    redis->reconnect.data = &ngx_http_vedette_redis_dumb;
    redis->reconnect.log = cycle->log;
    redis->reconnect.cancelable = 1;

    redis->tick.handler = ngx_http_vedette_redis_tick;
    redis->tick.data = &ngx_http_vedette_redis_dumb;
    redis->tick.log = cycle->log;
    redis->tick.cancelable = 1;

    ngx_add_timer(&redis->tick, 1);

    return NGX_OK;
}


/*
 * The worker ends: nobody waits any more.  What outcomes are left is sent over
 * a blocking connection, which may take a moment but not long.
 */

void
ngx_http_vedette_redis_stop(ngx_http_vedette_redis_t *redis)
{
    size_t         len;
    u_char         name[NGX_MAXHOSTNAMELEN + 64];
    ngx_uint_t     i;
    redisReply    *reply;
    redisContext  *c;

    if (!redis->started) {
        return;
    }

    ngx_http_vedette_redis_stopping = 1;

    for (i = 0; i < redis->connections; i++) {
        if (redis->conns[i].ac) {
            redisAsyncFree(redis->conns[i].ac);
        }
    }

    if (redis->reconnect.timer_set) {
        ngx_del_timer(&redis->reconnect);
    }

    if (redis->tick.timer_set) {
        ngx_del_timer(&redis->tick);
    }

    redis->started = 0;

    c = redis->down ? NULL : ngx_http_vedette_redis_blocking(redis);

    ngx_http_vedette_outcomes_last(redis, c);
    ngx_http_vedette_ended_last(redis, c);

    if (c == NULL) {
        return;
    }

    len = ngx_http_vedette_redis_proc_name(name, sizeof(name));

    reply = redisCommand(c, "DEL %b", name, len);
    if (reply) {
        freeReplyObject(reply);
    }

    redisFree(c);
}


static redisContext *
ngx_http_vedette_redis_blocking(ngx_http_vedette_redis_t *redis)
{
    redisReply      *reply;
    redisContext    *c;
    struct timeval   tv;

    tv.tv_sec = 0;
    tv.tv_usec = 250 * 1000;

    if (redis->unix_socket) {
        c = redisConnectUnixWithTimeout((char *) redis->host.data, tv);

    } else {
        c = redisConnectWithTimeout((char *) redis->host.data, redis->port, tv);
    }

    if (c == NULL) {
        return NULL;
    }

    if (c->err || redisSetTimeout(c, tv) != REDIS_OK) {
        redisFree(c);
        return NULL;
    }

    if (redis->password.len) {
        reply = redis->user.len
                ? redisCommand(c, "AUTH %b %b", redis->user.data,
                               redis->user.len, redis->password.data,
                               redis->password.len)
                : redisCommand(c, "AUTH %b", redis->password.data,
                               redis->password.len);
        if (reply) {
            freeReplyObject(reply);
        }
    }

    reply = redisCommand(c, "SELECT %b", redis->database.data,
                         redis->database.len);

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {

        if (reply) {
            freeReplyObject(reply);
        }

        redisFree(c);
        return NULL;
    }

    freeReplyObject(reply);

    return c;
}


/*
 * Gives a command: its arguments, the last of which goes on with the bytes of
 * the chain if body is not NULL.  NULL: it could not be given, and the handler
 * will not be called.
 */

ngx_http_vedette_job_t *
ngx_http_vedette_redis_send(ngx_http_vedette_redis_t *redis, ngx_str_t *args,
    ngx_uint_t n, ngx_chain_t *body, ngx_http_vedette_job_pt handler,
    void *data)
{
    ngx_http_vedette_part_t  part;

    if (body == NULL) {
        return ngx_http_vedette_redis_send_parts(redis, args, n, NULL, 0,
                                                 handler, data);
    }

    ngx_str_set(&part.head, "");
    part.body = body;
    part.size = (size_t) ngx_http_vedette_body_size(body);

    return ngx_http_vedette_redis_send_parts(redis, args, n, &part, 1, handler,
                                             data);
}


/* the same, but that the last argument goes on with all these parts */

ngx_http_vedette_job_t *
ngx_http_vedette_redis_send_parts(ngx_http_vedette_redis_t *redis,
    ngx_str_t *args, ngx_uint_t n, ngx_http_vedette_part_t *parts,
    ngx_uint_t nparts, ngx_http_vedette_job_pt handler, void *data)
{
    ngx_http_vedette_conn_t  *conn;

    conn = ngx_http_vedette_redis_pick(redis);

    if (conn == NULL) {
        return NULL;
    }

    return ngx_http_vedette_conn_send(conn, args, n, parts, nparts, handler,
                                      data);
}


/* the handler will not be called any more */

void
ngx_http_vedette_redis_cancel(ngx_http_vedette_job_t *job)
{
    ngx_uint_t  i;

    job->handler = NULL;

    ngx_http_vedette_redis_background(job);

    for (i = 0; i < job->nbodies; i++) {
        ngx_http_vedette_redis_keep(job, &job->bodies[i]);
    }
}


/* the memory of one of its bodies goes */

void
ngx_http_vedette_redis_keep(ngx_http_vedette_job_t *job,
    ngx_http_vedette_write_body_t *body)
{
    if (ngx_http_vedette_write_keep(body) != NGX_OK) {

        /* half a command is the end of its connection: Redis forgets it */

        ngx_http_vedette_write_drop(body);
        (void) ngx_shutdown_socket(job->conn->connection->fd, SHUT_RDWR);
    }
}


/* no client waits for this one */

void
ngx_http_vedette_redis_background(ngx_http_vedette_job_t *job)
{
    if (job->waited) {
        job->waited = 0;

        if (--job->conn->nwaited == 0) {
            job->conn->timer.cancelable = 1;
        }
    }
}


/* whether it makes sense to prepare a command */

ngx_uint_t
ngx_http_vedette_redis_usable(ngx_http_vedette_redis_t *redis)
{
    return redis->started && !redis->down && !ngx_http_vedette_redis_stopping;
}


static ngx_http_vedette_conn_t *
ngx_http_vedette_redis_pick(ngx_http_vedette_redis_t *redis)
{
    size_t                    unsent, limit;
    ngx_uint_t                i, n, full;
    ngx_http_vedette_conn_t  *conn, *busy, *connecting, *closed, *spare;

    if (!ngx_http_vedette_redis_usable(redis)) {
        return NULL;
    }

    limit = redis->strict ? NGX_HTTP_VEDETTE_STRICT_LOAD
                          : NGX_HTTP_VEDETTE_LOAD;
    full = 0;
    busy = NULL;
    connecting = NULL;
    closed = NULL;
    spare = NULL;

    for (i = 0, n = redis->next; i < redis->connections; i++, n++) {

        if (n == redis->connections) {
            n = 0;
        }

        conn = &redis->conns[n];

        if (conn->ac == NULL) {

            if (n < NGX_HTTP_VEDETTE_POOL) {
                closed = conn;
            }

            spare = conn;
            continue;
        }

        if (conn->stalled
            || (conn->ac->c.flags & (REDIS_DISCONNECTING|REDIS_FREEING)))
        {
            continue;
        }

        if (!conn->ready) {
            connecting = conn;
            continue;
        }

        unsent = sdslen(conn->ac->c.obuf) + conn->write.unsent;

        if (unsent > NGX_HTTP_VEDETTE_MAX_UNSENT / redis->connections) {
            full = 1;
            continue;
        }

        if (conn->unanswered > limit) {

            if (busy == NULL || conn->unanswered < busy->unanswered) {
                busy = conn;
            }

            continue;
        }

        redis->next = n;

        return conn;
    }

    if (busy) {

        if (spare && redis->strict) {
            ngx_http_vedette_redis_grow(redis, spare);
        }

        ngx_http_vedette_redis_rotate(busy);
        return busy;
    }

    if (full) {
        return NULL;
    }

    if (connecting) {
        return connecting;
    }

    if (closed && ngx_http_vedette_conn_open(closed) == NGX_OK) {
        return closed;
    }

    return NULL;
}


/* all have enough to do: one more, and not at once again */

static void
ngx_http_vedette_redis_grow(ngx_http_vedette_redis_t *redis,
    ngx_http_vedette_conn_t *conn)
{
    if ((ngx_msec_int_t) (ngx_current_msec - redis->grow_at) < 0) {
        return;
    }

    redis->grow_at = ngx_current_msec + NGX_HTTP_VEDETTE_GROW;

    (void) ngx_http_vedette_conn_open(conn);
}


/* the next command goes to the next connection */

static void
ngx_http_vedette_redis_rotate(ngx_http_vedette_conn_t *conn)
{
    ngx_http_vedette_redis_t  *redis;

    redis = conn->redis;

    redis->next = conn - redis->conns + 1;

    if (redis->next == redis->connections) {
        redis->next = 0;
    }
}


/*
 * The command is written to its place in the buffer, and counts when nothing
 * can fail any more: one that has been begun cannot be taken back.
 */

static ngx_http_vedette_job_t *
ngx_http_vedette_conn_send(ngx_http_vedette_conn_t *conn, ngx_str_t *args,
    ngx_uint_t n, ngx_http_vedette_part_t *parts, ngx_uint_t nparts,
    ngx_http_vedette_job_pt handler, void *data)
{
    sds                      obuf;
    u_char                  *head, *p;
    size_t                   len, last, elsewhere;
    ngx_uint_t               i;
    redisAsyncContext       *ac;
    ngx_http_vedette_job_t  *job;

    ac = conn->ac;

    job = ngx_http_vedette_job_alloc();
    if (job == NULL) {
        return NULL;
    }

    for (i = 0; i < nparts; i++) {
        parts[i].written = NULL;
    }

    if (conn->ready && nparts
        && ngx_http_vedette_job_bodies(job, parts, nparts) != NGX_OK)
    {
        goto failed;
    }

    len = 1 + NGX_SIZE_T_LEN + 2;

    for (i = 0; i < n; i++) {
        len += 1 + NGX_SIZE_T_LEN + 2 + args[i].len + 2;
    }

    last = args[n - 1].len;
    elsewhere = 0;

    for (i = 0; i < nparts; i++) {
        last += parts[i].head.len + parts[i].size;

        if (parts[i].written) {
            elsewhere += parts[i].size;
        }
    }

    len += last - args[n - 1].len - elsewhere;

    obuf = sdsMakeRoomFor(ac->c.obuf, len);
    if (obuf == NULL) {
        goto failed;
    }

    ac->c.obuf = obuf;

    head = (u_char *) obuf + sdslen(obuf);

    p = ngx_http_vedette_conn_length(head, '*', n);

    for (i = 0; i < n - 1; i++) {

        if (args[i].len == 1) {
            /* the name of a field, of which an entry may have many */
            ngx_memcpy(p, "$1" CRLF "?" CRLF, 7);
            p[4] = args[i].data[0];
            p += 7;
            continue;
        }

        p = ngx_http_vedette_conn_length(p, '$', args[i].len);
        p = ngx_cpymem(p, args[i].data, args[i].len);
        *p++ = CR; *p++ = LF;
    }

    p = ngx_http_vedette_conn_length(p, '$', last);
    p = ngx_cpymem(p, args[i].data, args[i].len);

    for (i = 0; i < nparts; i++) {
        p = ngx_cpymem(p, parts[i].head.data, parts[i].head.len);

        if (parts[i].written) {
            parts[i].written->place = p - (u_char *) obuf;
            continue;
        }

        if (ngx_http_vedette_copy_chain(parts[i].body, p) != NGX_OK) {
            goto failed;
        }

        p += parts[i].size;
    }

    *p++ = CR; *p++ = LF;

    if (ngx_http_vedette_hiredis_expect(ac, ngx_http_vedette_conn_reply, job)
        != NGX_OK)
    {
        goto failed;
    }

    for (i = 0; i < job->nbodies; i++) {
        ngx_http_vedette_write_queue(&conn->write, &job->bodies[i]);
    }

    sdsIncrLen(obuf, (int) (p - head));

    ngx_http_vedette_conn_add_write(conn);

    job->conn = conn;
    job->handler = handler;
    job->data = data;
    job->late = 0;
    job->waited = 0;
    job->size = p - head + elsewhere;
    job->deadline = ngx_current_msec + conn->redis->timeout;

    ngx_queue_insert_tail(&conn->jobs, &job->queue);
    conn->unanswered += job->size;

    if (handler) {
        job->waited = 1;
        conn->nwaited++;
        conn->timer.cancelable = 0;
    }

    if (!conn->timer.timer_set) {
        ngx_add_timer(&conn->timer, conn->redis->timeout);
    }

    return job;

failed:

    ngx_http_vedette_job_free(job);

    return NULL;
}


/* those bodies that are not copied get their place in the job */

static ngx_int_t
ngx_http_vedette_job_bodies(ngx_http_vedette_job_t *job,
    ngx_http_vedette_part_t *parts, ngx_uint_t nparts)
{
    ngx_uint_t                      i;
    ngx_http_vedette_write_body_t  *body;

    body = &job->body;

    for (i = 0; i < nparts; i++) {

        if (ngx_http_vedette_write_body(body, parts[i].body, parts[i].size)
            != NGX_OK)
        {
            continue;
        }

        parts[i].written = body;
        job->nbodies++;

        if (i + 1 == nparts) {
            break;
        }

        if (job->bodies == &job->body) {

            /* there may be more: all of them go there, this one as well */

            job->bodies = ngx_alloc((nparts - i)
                                    * sizeof(ngx_http_vedette_write_body_t),
                                    ngx_cycle->log);
            if (job->bodies == NULL) {
                job->bodies = &job->body;
                return NGX_ERROR;
            }

            job->bodies[0] = job->body;
            parts[i].written = job->bodies;
        }

        body = &job->bodies[job->nbodies];
    }

    return NGX_OK;
}


/* its bodies are not written any more */

static void
ngx_http_vedette_job_unsent(ngx_http_vedette_job_t *job)
{
    ngx_uint_t  i;

    for (i = 0; i < job->nbodies; i++) {
        ngx_http_vedette_write_drop(&job->bodies[i]);
    }
}


static ngx_http_vedette_job_t *
ngx_http_vedette_job_alloc(void)
{
    ngx_queue_t             *q;
    ngx_http_vedette_job_t  *job;

    if (ngx_queue_empty(&ngx_http_vedette_jobs)) {
        job = ngx_alloc(sizeof(ngx_http_vedette_job_t), ngx_cycle->log);
        if (job == NULL) {
            return NULL;
        }

    } else {
        q = ngx_queue_head(&ngx_http_vedette_jobs);
        ngx_queue_remove(q);
        ngx_http_vedette_njobs--;

        job = ngx_queue_data(q, ngx_http_vedette_job_t, queue);
    }

    job->bodies = &job->body;
    job->nbodies = 0;

    return job;
}


static void
ngx_http_vedette_job_free(ngx_http_vedette_job_t *job)
{
    if (job->bodies != &job->body) {
        ngx_free(job->bodies);
    }

    if (ngx_http_vedette_njobs == NGX_HTTP_VEDETTE_JOBS) {
        ngx_free(job);
        return;
    }

    ngx_queue_insert_head(&ngx_http_vedette_jobs, &job->queue);
    ngx_http_vedette_njobs++;
}


/* a line of the protocol that begins what has this length */

static ngx_inline u_char *
ngx_http_vedette_conn_length(u_char *p, u_char type, size_t n)
{
    *p++ = type;
    p = ngx_http_vedette_length(p, n);
    *p++ = CR; *p++ = LF;

    return p;
}


/* ngx_sprintf() takes several times as long, which shows in each request */

u_char *
ngx_http_vedette_digits(u_char *p, uint64_t n)
{
    u_char      *first, buf[NGX_INT64_LEN];
    ngx_uint_t   pair;

    static u_char  pairs[] =
        "00010203040506070809" "10111213141516171819"
        "20212223242526272829" "30313233343536373839"
        "40414243444546474849" "50515253545556575859"
        "60616263646566676869" "70717273747576777879"
        "80818283848586878889" "90919293949596979899";

    first = buf + sizeof(buf);

    while (n >= 10) {
        pair = n % 100 * 2;
        n /= 100;

        *--first = pairs[pair + 1];
        *--first = pairs[pair];
    }

    /* one digit is left, or none: then the last pair was the beginning */

    if (n || first == buf + sizeof(buf)) {
        *--first = (u_char) ('0' + n);
    }

    return ngx_cpymem(p, first, buf + sizeof(buf) - first);
}


/* the bytes of a chain that may lie in a temporary file */

ngx_int_t
ngx_http_vedette_copy_chain(ngx_chain_t *chain, u_char *p)
{
    off_t         offset;
    size_t        size;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = chain; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        offset = b->file_pos;

        while (offset < b->file_last) {
            size = (size_t) (b->file_last - offset);

            n = ngx_read_file(b->file, p, size, offset);

            if (n == NGX_ERROR || n == 0) {
                return NGX_ERROR;
            }

            p += n;
            offset += n;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_conn_open(ngx_http_vedette_conn_t *conn)
{
    ngx_connection_t          *c;
    redisAsyncContext         *ac;
    ngx_http_vedette_redis_t  *redis;

    redis = conn->redis;

    if (redis->unix_socket) {
        ac = redisAsyncConnectUnix((char *) redis->host.data);

    } else {
        ac = redisAsyncConnect((char *) redis->host.data, redis->port);
    }

    if (ac == NULL) {
        ngx_http_vedette_conn_lost(conn, 0, "out of memory");
        return NGX_ERROR;
    }

    if (ac->err) {
        ngx_http_vedette_conn_lost(conn, 0, ac->errstr);
        redisAsyncFree(ac);
        return NGX_ERROR;
    }

    c = ngx_get_connection(ac->c.fd, ngx_cycle->log);

    if (c == NULL) {
        ngx_http_vedette_conn_lost(conn, 0, "no free worker_connections");
        redisAsyncFree(ac);
        return NGX_ERROR;
    }

    if (!redis->unix_socket) {
        (void) redisEnableKeepAlive(&ac->c);
    }

    c->data = conn;
    c->read->handler = ngx_http_vedette_conn_read_handler;
    c->write->handler = ngx_http_vedette_conn_write_handler;
    c->read->log = c->log;
    c->write->log = c->log;

    /* an exiting worker then asks us to close it */
    c->idle = 1;

    conn->ac = ac;
    conn->connection = c;
    conn->connected = 0;
    conn->ready = 0;
    conn->stalled = 0;
    conn->unanswered = 0;

    ngx_http_vedette_write_init(&conn->write);

    ac->data = conn;
    ac->ev.data = conn;
    ac->ev.addRead = ngx_http_vedette_conn_add_read;
    ac->ev.delRead = ngx_http_vedette_conn_del_read;
    ac->ev.addWrite = ngx_http_vedette_conn_add_write;
    ac->ev.delWrite = ngx_http_vedette_conn_del_write;
    ac->ev.cleanup = ngx_http_vedette_conn_cleanup;

    redisAsyncSetConnectCallback(ac, ngx_http_vedette_conn_connected);

    ngx_http_vedette_hiredis_init(ac);

    if (ngx_http_vedette_conn_greet(conn) != NGX_OK) {
        ngx_http_vedette_conn_close(conn);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_vedette_conn_greet(ngx_http_vedette_conn_t *conn)
{
    ngx_uint_t                 n;
    ngx_str_t                  args[3];
    ngx_http_vedette_redis_t  *redis;

    redis = conn->redis;

    if (redis->password.len) {
        ngx_str_set(&args[0], "AUTH");
        n = 1;

        if (redis->user.len) {
            args[n++] = redis->user;
        }

        args[n++] = redis->password;

        if (ngx_http_vedette_conn_send(conn, args, n, NULL, 0,
                                       ngx_http_vedette_conn_greeted, conn)
            == NULL)
        {
            return NGX_ERROR;
        }
    }

    ngx_str_set(&args[0], "SELECT");
    args[1] = redis->database;

    if (ngx_http_vedette_conn_send(conn, args, 2, NULL, 0,
                                   ngx_http_vedette_conn_greeted, conn)
        == NULL)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&args[0], "PING");

    if (ngx_http_vedette_conn_send(conn, args, 1, NULL, 0,
                                   ngx_http_vedette_conn_ready, conn)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* closes a connection of ours; those who wait are told, now or soon */

static void
ngx_http_vedette_conn_close(ngx_http_vedette_conn_t *conn)
{
    if (conn->ac) {
        redisAsyncFree(conn->ac);
    }
}


static void
ngx_http_vedette_conn_lost(ngx_http_vedette_conn_t *conn, ngx_uint_t was_ready,
    char *reason)
{
    ngx_msec_t                 delay;
    ngx_uint_t                 shift;
    ngx_http_vedette_redis_t  *redis;

    if (ngx_http_vedette_redis_stopping || ngx_exiting) {
        return;
    }

    redis = conn->redis;

    if (!was_ready) {
        redis->grow_at = ngx_current_msec + NGX_HTTP_VEDETTE_NO_GROWTH;
    }

    if (!was_ready && redis->nready == 0) {

        if (!redis->down
            || ngx_time() - redis->logged >= NGX_HTTP_VEDETTE_LOG_EVERY)
        {
            redis->logged = ngx_time();

            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: no connection to redis \"%V\": %s; "
                          "events %s until it is back: is it running, and may "
                          "nginx's user reach it?", &redis->name, reason,
                          redis->spooled ? "go to the spool"
                                         : "are answered 503");
        }

        redis->down = 1;
        redis->down_at = ngx_time();
        redis->failures++;
    }

    if (redis->reconnect.timer_set) {
        return;
    }

    shift = ngx_min(redis->failures, 7);
    delay = ngx_min(NGX_HTTP_VEDETTE_MIN_BACKOFF << shift,
                    NGX_HTTP_VEDETTE_MAX_BACKOFF);

    ngx_add_timer(&redis->reconnect, delay / 2 + ngx_random() % (delay / 2));
}


/* a refusal is in the log; what was sent behind it is refused as well */

static void
ngx_http_vedette_conn_greeted(void *data, redisReply *reply)
{
    ngx_http_vedette_conn_t  *conn = data;

    if (reply == NULL || reply->type != REDIS_REPLY_ERROR) {
        return;
    }

    if ((!conn->redis->down && conn->redis->nready == 0)
        || ngx_time() - conn->redis->logged >= NGX_HTTP_VEDETTE_LOG_EVERY)
    {
        conn->redis->logged = ngx_time();

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "vedette: redis \"%V\" refuses AUTH or SELECT: %s; "
                      "check user=, password= and db= of \"vedette_redis\"",
                      &conn->redis->name, reply->str);
    }

    ngx_http_vedette_conn_close(conn);
}


static void
ngx_http_vedette_conn_ready(void *data, redisReply *reply)
{
    ngx_http_vedette_conn_t  *conn = data;

    ngx_http_vedette_redis_t  *redis;

    redis = conn->redis;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {

        if (!redis->down
            || ngx_time() - redis->logged >= NGX_HTTP_VEDETTE_LOG_EVERY)
        {
            redis->logged = ngx_time();

            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: redis \"%V\" is not ready: %s",
                          &redis->name, reply->str);
        }

        ngx_http_vedette_conn_close(conn);
        return;
    }

    conn->ready = 1;
    redis->nready++;

    if (redis->down) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "vedette: redis \"%V\" is back", &redis->name);
    }

    redis->down = 0;
    redis->failures = 0;

    if (redis->nready == 1) {
        /* it may have come back with other settings */
        ngx_http_vedette_redis_check(redis);
    }

    /* now the rest of the pool */

    if (redis->nready < ngx_min(redis->connections, NGX_HTTP_VEDETTE_POOL)
        && !ngx_exiting)
    {
        ngx_add_timer(&redis->reconnect, 1);
    }
}


static void
ngx_http_vedette_conn_reply(redisAsyncContext *ac, void *reply, void *privdata)
{
    ngx_http_vedette_job_t *job = privdata;

    void                     *data;
    ngx_http_vedette_job_pt   handler;
    ngx_http_vedette_conn_t  *conn;

    conn = job->conn;

    if (job->late) {

        /* the oldest come first: a reply to the last of the late ends it */

        conn->nlate--;

        if (conn->nlate == 0) {
            conn->stalled = 0;
        }

        (void) ngx_atomic_fetch_add(&conn->redis->zone->sh->late_replies, 1);

    } else {
        ngx_queue_remove(&job->queue);
    }

    ngx_http_vedette_redis_background(job);
    ngx_http_vedette_job_unsent(job);
    conn->unanswered -= job->size;

    handler = job->handler;
    data = job->data;

    ngx_http_vedette_job_free(job);

    if (handler) {
        handler(data, reply);
    }
}


static void
ngx_http_vedette_conn_connected(const redisAsyncContext *ac, int status)
{
    ngx_http_vedette_conn_t  *conn;

    if (status == REDIS_OK) {
        conn = ac->data;
        conn->connected = 1;
    }
}


static void
ngx_http_vedette_conn_expire(ngx_event_t *ev)
{
    void                     *data;
    ngx_msec_t                limit;
    ngx_queue_t              *q;
    ngx_msec_int_t            left;
    ngx_http_vedette_job_t   *job;
    ngx_http_vedette_job_pt   handler;
    ngx_http_vedette_conn_t  *conn;

    conn = (ngx_http_vedette_conn_t *)
               ((u_char *) ev - offsetof(ngx_http_vedette_conn_t, timer));

    while (!ngx_queue_empty(&conn->jobs)) {

        q = ngx_queue_head(&conn->jobs);
        job = ngx_queue_data(q, ngx_http_vedette_job_t, queue);

        left = (ngx_msec_int_t) (job->deadline - ngx_current_msec);

        if (left > 0) {
            ngx_add_timer(&conn->timer, (ngx_msec_t) left);
            break;
        }

        ngx_queue_remove(q);

        job->late = 1;
        conn->nlate++;

        ngx_http_vedette_redis_background(job);

        if (!conn->stalled) {
            conn->stalled = 1;
            conn->stalled_at = ngx_current_msec;
        }

        handler = job->handler;
        data = job->data;

        ngx_http_vedette_redis_cancel(job);

        if (handler) {
            handler(data, NULL);
        }
    }

    if (conn->ac == NULL || !conn->stalled) {
        return;
    }

    limit = conn->redis->timeout * NGX_HTTP_VEDETTE_STALLED;

    if (!conn->ready || ngx_current_msec - conn->stalled_at >= limit) {

        if (conn->redis->logged != ngx_time()) {
            conn->redis->logged = ngx_time();

            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: redis \"%V\" does not answer within %M ms; "
                          "is its disk too slow for \"appendfsync always\"?",
                          &conn->redis->name, conn->redis->timeout);
        }

        /* so that the server counts as down when no other is left */

        if (conn->ready) {
            conn->ready = 0;
            conn->redis->nready--;
        }

        ngx_http_vedette_conn_close(conn);
        return;
    }

    if (!conn->timer.timer_set) {
        ngx_add_timer(&conn->timer, conn->redis->timeout);
    }
}


static void
ngx_http_vedette_conn_read_handler(ngx_event_t *rev)
{
    ngx_connection_t         *c;
    ngx_http_vedette_conn_t  *conn;

    c = rev->data;
    conn = c->data;

    if (c->close) {

        /*
         * the worker exits and asks all idle connections to go; with an error
         * set its time is up, and those who wait get a 503
         */

        c->close = 0;

        if (conn->nwaited == 0 || c->error) {
            ngx_http_vedette_conn_close(conn);
        }

        return;
    }

    ngx_http_vedette_hiredis_read(conn->ac);
}


static void
ngx_http_vedette_conn_write_handler(ngx_event_t *wev)
{
    ngx_connection_t         *c;
    ngx_http_vedette_conn_t  *conn;

    c = wev->data;
    conn = c->data;

    if (!conn->connected) {
        redisAsyncHandleWrite(conn->ac);
        return;
    }

    if (conn->redis->strict) {
        ngx_http_vedette_redis_rotate(conn);
    }

    switch (ngx_http_vedette_write_flush(&conn->write, c->fd,
                                         &conn->ac->c.obuf))
    {
    case NGX_OK:
        ngx_http_vedette_conn_del_write(conn);
        break;

    case NGX_AGAIN:
        if (!wev->active) {
            (void) ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);
        }
        break;

    default: /* NGX_ERROR */
        ngx_http_vedette_conn_close(conn);
        break;
    }
}


/*
 * Level-triggered: hiredis reads one block at a time and does not say whether
 * the socket is empty.  And in epoll the mode belongs to the descriptor, so
 * both events have to be of one kind.
 */

static void
ngx_http_vedette_conn_add_read(void *data)
{
    ngx_http_vedette_conn_t *conn = data;

    ngx_event_t  *rev;

    rev = conn->connection->read;

    if (!rev->active) {
        (void) ngx_add_event(rev, NGX_READ_EVENT, NGX_LEVEL_EVENT);
    }
}


static void
ngx_http_vedette_conn_del_read(void *data)
{
    ngx_http_vedette_conn_t *conn = data;

    ngx_event_t  *rev;

    rev = conn->connection->read;

    if (rev->active) {
        (void) ngx_del_event(rev, NGX_READ_EVENT, 0);
    }
}


/*
 * Asked for with each command.  A connected socket is most likely writable:
 * try at the end of this turn, once for all commands.  The event is needed only
 * while connecting, and when the socket did not take everything.
 */

static void
ngx_http_vedette_conn_add_write(void *data)
{
    ngx_http_vedette_conn_t *conn = data;

    ngx_event_t  *wev;

    wev = conn->connection->write;

    if (conn->connected) {

        if (!wev->active && !wev->posted) {
            ngx_post_event(wev, &ngx_posted_events);
        }

        return;
    }

    if (!wev->active) {
        (void) ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);
    }
}


static void
ngx_http_vedette_conn_del_write(void *data)
{
    ngx_http_vedette_conn_t *conn = data;

    ngx_event_t  *wev;

    wev = conn->connection->write;

    if (wev->active) {
        (void) ngx_del_event(wev, NGX_WRITE_EVENT, 0);
    }
}


/*
 * The last thing that hiredis does with a context, however it ended, before
 * it closes the socket: all handlers have been called.
 */

static void
ngx_http_vedette_conn_cleanup(void *data)
{
    ngx_http_vedette_conn_t *conn = data;

    char              *reason;
    ngx_uint_t         was_ready;
    ngx_connection_t  *c;

    c = conn->connection;

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    if (ngx_del_conn) {

        if (c->read->active || c->write->active) {
            (void) ngx_del_conn(c, 0);
        }

    } else {
        ngx_http_vedette_conn_del_read(conn);
        ngx_http_vedette_conn_del_write(conn);
    }

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    was_ready = conn->ready;
    reason = conn->ac->err ? conn->ac->errstr : "closed";

    if (conn->ready) {
        conn->redis->nready--;
    }

    conn->ac = NULL;
    conn->connection = NULL;
    conn->connected = 0;
    conn->ready = 0;
    conn->stalled = 0;
    conn->nlate = 0;
    conn->nwaited = 0;

    ngx_http_vedette_conn_lost(conn, was_ready, reason);
}


static void
ngx_http_vedette_redis_reconnect(ngx_event_t *ev)
{
    ngx_uint_t                 i, probe;
    ngx_http_vedette_redis_t  *redis;

    redis = (ngx_http_vedette_redis_t *)
                ((u_char *) ev - offsetof(ngx_http_vedette_redis_t, reconnect));

    if (ngx_exiting) {
        return;
    }

    probe = redis->down;

    for (i = 0;
         i < ngx_min(redis->connections, NGX_HTTP_VEDETTE_POOL);
         i++)
    {
        if (redis->conns[i].ac) {

            if (probe) {
                /* it is on its way already */
                return;
            }

            continue;
        }

        if (ngx_http_vedette_conn_open(&redis->conns[i]) != NGX_OK || probe) {
            return;
        }
    }
}


static void
ngx_http_vedette_redis_tick(ngx_event_t *ev)
{
    ngx_str_t                   args[3];
    ngx_http_vedette_redis_t   *redis;
    ngx_http_vedette_server_t  *server;

    redis = (ngx_http_vedette_redis_t *)
                ((u_char *) ev - offsetof(ngx_http_vedette_redis_t, tick));

    if (ngx_exiting) {
        return;
    }

    ngx_add_timer(&redis->tick, NGX_HTTP_VEDETTE_TICK);

    server = &redis->zone->sh->servers[redis->slot];

    if (redis->down && server->version_at > redis->down_at
        && redis->reconnect.timer_set)
    {
        /* another worker has had an answer since: no need to wait longer */

        ngx_del_timer(&redis->reconnect);
        ngx_add_timer(&redis->reconnect, 1);
    }

    if (redis->poll == NULL) {
        ngx_str_set(&args[0], "MGET");
        ngx_str_set(&args[1], VEDETTE_KEYS_VERSION);
        ngx_str_set(&args[2], VEDETTE_BRAKE_EDGE);

        redis->poll = ngx_http_vedette_redis_send(redis, args, 3, NULL,
                                                ngx_http_vedette_redis_version,
                                                redis);
        if (redis->poll) {
            ngx_http_vedette_redis_background(redis->poll);
        }
    }

    if (redis->ticks % NGX_HTTP_VEDETTE_CHECK_TICKS == 0) {
        ngx_http_vedette_redis_check(redis);
    }

    if (redis->ticks++ % NGX_HTTP_VEDETTE_PROC_TICKS == 0) {
        ngx_http_vedette_redis_sign_of_life(redis);
    }

    ngx_http_vedette_outcomes_send(redis);
    ngx_http_vedette_ended_send(redis);
}


/*
 * Does its acknowledgement mean fsync, and does it keep what it has?  Redis 6
 * takes one pattern a command.
 */

static void
ngx_http_vedette_redis_check(ngx_http_vedette_redis_t *redis)
{
    ngx_str_t                args[3];
    ngx_uint_t               i;
    ngx_http_vedette_job_t  *job;

    static ngx_str_t  patterns[] = {
        ngx_string("*append*"),
        ngx_string("maxmemory-policy")
    };

    if (!redis->strict) {
        return;
    }

    ngx_str_set(&args[0], "CONFIG");
    ngx_str_set(&args[1], "GET");

    for (i = 0; i < 2; i++) {
        args[2] = patterns[i];

        job = ngx_http_vedette_redis_send(redis, args, 3, NULL,
                                          ngx_http_vedette_redis_checked,
                                          redis);
        if (job) {
            ngx_http_vedette_redis_background(job);
        }
    }
}


/* who may not ask (an ACL, a hosted Redis) has to believe */

static void
ngx_http_vedette_redis_checked(void *data, redisReply *reply)
{
    ngx_http_vedette_redis_t *redis = data;

    char        *name, *value;
    size_t       i;
    ngx_uint_t   lax, asked;

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
        return;
    }

    lax = 0;
    asked = NGX_HTTP_VEDETTE_LAX_FSYNC;

    for (i = 0; i + 1 < reply->elements; i += 2) {

        if (reply->element[i]->type != REDIS_REPLY_STRING
            || reply->element[i + 1]->type != REDIS_REPLY_STRING)
        {
            return;
        }

        name = reply->element[i]->str;
        value = reply->element[i + 1]->str;

        if (ngx_strcmp(name, "maxmemory-policy") == 0) {
            asked = NGX_HTTP_VEDETTE_LAX_EVICTS;
        }

        if ((ngx_strcmp(name, "appendonly") == 0
             && ngx_strcmp(value, "yes") != 0)
            || (ngx_strcmp(name, "appendfsync") == 0
                && ngx_strcmp(value, "always") != 0)
            || (ngx_strcmp(name, "no-appendfsync-on-rewrite") == 0
                && ngx_strcmp(value, "no") != 0)
            || (ngx_strcmp(name, "maxmemory-policy") == 0
                && ngx_strncmp(value, "allkeys-", 8) == 0))
        {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "vedette: redis \"%V\" has \"%s %s\" and may lose "
                          "what it has acknowledged: %s; give it \"appendonly "
                          "yes\", \"appendfsync always\", "
                          "\"no-appendfsync-on-rewrite no\" and "
                          "\"maxmemory-policy noeviction\", or say "
                          "\"vedette_durability relaxed\"",
                          &redis->name, name, value,
                          redis->spooled ? "events go to the spool"
                                         : "it is used all the same");
            lax = asked;
            break;
        }
    }

    redis->lax = (redis->lax & ~asked) | lax;
}


static void
ngx_http_vedette_redis_version(void *data, redisReply *reply)
{
    ngx_http_vedette_redis_t *redis = data;

    ngx_int_t                   version;
    ngx_uint_t                  closed;
    ngx_http_vedette_zone_t    *zone;
    ngx_http_vedette_server_t  *server;

    redis->poll = NULL;

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 2)
    {
        return;
    }

    closed = reply->element[1]->type == REDIS_REPLY_STRING;
    reply = reply->element[0];

    switch (reply->type) {

    case REDIS_REPLY_NIL:
        version = 0;
        break;

    case REDIS_REPLY_STRING:
        version = ngx_atoi((u_char *) reply->str, reply->len);
        if (version != NGX_ERROR) {
            break;
        }

        /* fall through */

    default:
        return;
    }

    zone = redis->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);

    server = &zone->sh->servers[redis->slot];
    server->version_at = ngx_time();
    server->closed = closed;

    /*
     * An answer that another worker's has overtaken must not make records seem
     * fresh again; a Redis that was set back says so again and again.
     */

    if (server->version != NGX_HTTP_VEDETTE_NO_VERSION
        && (uint64_t) version < server->version
        && ++redis->nback < NGX_HTTP_VEDETTE_SET_BACK)
    {
        ngx_shmtx_unlock(&zone->shpool->mutex);
        return;
    }

    redis->nback = 0;
    server->version = (uint64_t) version;

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


static void
ngx_http_vedette_redis_sign_of_life(ngx_http_vedette_redis_t *redis)
{
    u_char                     name[NGX_MAXHOSTNAMELEN + 64], ttl[8];
    u_char                     edge_ttl[8], node[NGX_MAXHOSTNAMELEN + 32];
    u_char                     started[NGX_TIME_T_LEN], note[128], rate[192];
    ngx_str_t                  args[16];
    ngx_cycle_t               *cycle;
    ngx_http_vedette_job_t    *job;
    ngx_http_vedette_shctx_t  *sh;

    sh = redis->zone->sh;
    cycle = (ngx_cycle_t *) ngx_cycle;

    ngx_str_set(&args[0], "EVAL");
    args[1] = ngx_http_vedette_proc_script;
    ngx_str_set(&args[2], "2");

    args[3].data = name;
    args[3].len = ngx_http_vedette_redis_proc_name(name, sizeof(name));

    ngx_str_set(&args[4], VEDETTE_EDGES);

    args[5].data = ttl;
    args[5].len = ngx_sprintf(ttl, "%d", VEDETTE_PROC_TTL) - ttl;

    args[6].data = edge_ttl;
    args[6].len = ngx_sprintf(edge_ttl, "%d", VEDETTE_EDGE_TTL) - edge_ttl;

    args[7].data = node;
    args[7].len = ngx_snprintf(node, sizeof(node), "%V:%P", &cycle->hostname,
                               ngx_parent)
                  - node;

    ngx_str_set(&args[8], VEDETTE_P_VERSION);
    ngx_str_set(&args[9], NGX_HTTP_VEDETTE_VERSION);

    ngx_str_set(&args[10], VEDETTE_P_STARTED);
    args[11].data = started;
    args[11].len = ngx_sprintf(started, "%T", redis->started_at) - started;

    ngx_str_set(&args[12], VEDETTE_P_NOTE);
    args[13].data = note;
    args[13].len = ngx_snprintf(note, sizeof(note),
                       "this node: %uA requests, %uA accepted, %uA limited",
                       sh->requests, sh->verdicts[NGX_HTTP_VEDETTE_ACCEPTED],
                       sh->verdicts[NGX_HTTP_VEDETTE_LIMITED])
                   - note;

    ngx_str_set(&args[14], VEDETTE_P_RATE);
    args[15].data = rate;
    args[15].len = ngx_http_vedette_rate(redis->zone, rate, sizeof(rate));

    job = ngx_http_vedette_redis_send(redis, args, 16, NULL,
                                      ngx_http_vedette_redis_nodes, redis);
    if (job) {
        ngx_http_vedette_redis_background(job);
    }
}


static void
ngx_http_vedette_redis_nodes(void *data, redisReply *reply)
{
    ngx_http_vedette_redis_t *redis = data;

    if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0) {
        redis->zone->sh->servers[redis->slot].nodes = reply->integer;
    }
}


static size_t
ngx_http_vedette_redis_proc_name(u_char *buf, size_t size)
{
    ngx_cycle_t  *cycle;

    cycle = (ngx_cycle_t *) ngx_cycle;

    return ngx_snprintf(buf, size, "%sedge:%V:%P", VEDETTE_PROC_PREFIX,
                        &cycle->hostname, ngx_pid)
           - buf;
}
