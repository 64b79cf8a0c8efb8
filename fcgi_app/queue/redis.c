#include "queue/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "queue/access.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/timeutil.h"

#define CONNECT_MS 2000
#define REPLY_MS 5000
#define MAX_WORDS 1024
#define SERVERS_MAX 16
#define DEFAULT_PORT 6379

/* A server that could not be reached is left alone for so long. */
#define REST_US US_PER_SECOND

struct redis {
    redisContext *ctx;
    int timeout_ms;
    size_t number;
    int64_t rest_until; /* monotonic; not for the first server */
    struct redis *first;
    struct redis *others[SERVERS_MAX]; /* by number, of the first one */
};


struct redis *
redis_new(void)
{
    struct redis *r = calloc(1, sizeof(struct redis));

    if (r == NULL) {
        abort();
    }
    r->timeout_ms = REPLY_MS;
    r->first = r;
    return r;
}


/* The i-th word of redis.shards, from 1 on; the null str behind the last. */
static struct str
shard(size_t i)
{
    struct str rest = str_of(conf_str(CONF_REDIS_SHARDS)), word;
    size_t n = 0;

    while (str_split(&rest, ',', &word)) {
        word = str_trim(word);
        n += word.n > 0;
        if (n == i && word.n > 0) {
            return word;
        }
    }
    return STR_NULL;
}


size_t
redis_servers(void)
{
    size_t n = 1;

    while (n < SERVERS_MAX && !str_null(shard(n))) {
        n++;
    }
    return n;
}


struct redis *
redis_server(struct redis *r, size_t i)
{
    struct redis *first = r->first;

    if (i == 0 || i >= SERVERS_MAX) {
        return first;
    }
    if (first->others[i] == NULL) {
        first->others[i] = redis_new();
        first->others[i]->number = i;
        first->others[i]->first = first;
    }
    return first->others[i];
}


size_t
redis_number(const struct redis *r)
{
    return r->number;
}


struct str
redis_entry(struct arena *a, const struct redis *r, struct str id)
{
    return r->number == 0 ? id
                          : str_printf(a, "%.*s@%zu", STR_FMT(id), r->number);
}


static void
disconnect(struct redis *r)
{
    if (r->ctx != NULL) {
        redisFree(r->ctx);
        r->ctx = NULL;
    }
}


void
redis_free(struct redis *r)
{
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < SERVERS_MAX; i++) {
        redis_free(r->others[i]);
    }
    disconnect(r);
    free(r);
}


static struct timeval
timeval_of(int ms)
{
    return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}


void
redis_timeout(struct redis *r, int ms)
{
    r->timeout_ms = ms;
    if (r->ctx != NULL) {
        redisSetTimeout(r->ctx, timeval_of(ms));
    }
}


/* The reply to a command of the set-up; an error bears the setting's name. */
static enum status
set_up(struct redis *r, const char *setting, redisReply *reply)
{
    enum status st = ST_OK;

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        log_error("redis: %s: %s", setting,
                  reply != NULL ? reply->str : r->ctx->errstr);
        st = ST_RETRY;
    }
    if (reply != NULL) {
        freeReplyObject(reply);
    }
    return st;
}


/* As the user of this part, if there is one for each; else as all are. */
static enum status
sign_in(struct redis *r)
{
    struct arena *a = arena_new();
    struct str user, password;
    bool any;
    enum status st = redis_user(a, &any, &user, &password);

    if (st != ST_OK) {
        st = ST_RETRY;

    } else if (any) {
        st = set_up(r, "redis.users",
                    redisCommand(r->ctx, "AUTH %b %b", user.p, user.n,
                                 password.p, password.n));

    } else if (conf_str(CONF_REDIS_PASSWORD)[0] != '\0') {
        st = set_up(
            r, "redis.password",
            redisCommand(r->ctx, "AUTH %s", conf_str(CONF_REDIS_PASSWORD)));
    }
    arena_free(a);
    return st;
}


/* Where a server is: the path of a socket, or a host and its port. */
struct place {
    char host[512];
    int port; /* 0: a path */
};


static void
place_of(const struct redis *r, struct place *out)
{
    const char *path = conf_str(CONF_REDIS_SOCKET);
    struct str word = shard(r->number);
    ptrdiff_t colon = str_rchr(word, ':');
    int64_t port = DEFAULT_PORT;

    if (r->number == 0) {
        word = str_of(path[0] != '\0' ? path : conf_str(CONF_REDIS_HOST));
        port = path[0] != '\0' ? 0 : conf_int(CONF_REDIS_PORT);

    } else if (str_starts(word, STR("unix:"))) {
        word = str_sub(word, 5, word.n);
        port = 0;

    } else if (str_starts(word, STR("/"))) {
        port = 0;

    } else if (colon != -1
               && str_i64(str_sub(word, (size_t) colon + 1, word.n), &port)) {
        word = str_sub(word, 0, (size_t) colon);
    }
    if (str_starts(word, STR("[")) && str_ends(word, STR("]"))) {
        word = str_sub(word, 1, word.n - 1); /* of IPv6 */
    }
    snprintf(out->host, sizeof(out->host), "%.*s", STR_FMT(word));
    out->port = (int) port;
}


static enum status
connect_now(struct redis *r)
{
    struct place at;

    if (r->ctx != NULL && r->ctx->err == 0) {
        return ST_OK;
    }
    disconnect(r);

    if (r->number != 0 && time_monotonic() < r->rest_until) {
        return ST_RETRY;
    }
    place_of(r, &at);
    if (at.port == 0) {
        r->ctx = redisConnectUnixWithTimeout(at.host, timeval_of(CONNECT_MS));

    } else {
        r->ctx =
            redisConnectWithTimeout(at.host, at.port, timeval_of(CONNECT_MS));
    }
    if (r->ctx == NULL) {
        abort();
    }
    if (r->ctx->err != 0) {
        log_error("redis: cannot connect to %s: %s", at.host, r->ctx->errstr);
        r->rest_until = time_monotonic() + REST_US;
        disconnect(r);
        return ST_RETRY;
    }
    redisSetTimeout(r->ctx, timeval_of(r->timeout_ms));

    if (sign_in(r) != ST_OK
        || (conf_int(CONF_REDIS_DB) != 0
            && set_up(
                   r, "redis.db",
                   redisCommand(r->ctx, "SELECT %s", conf_str(CONF_REDIS_DB)))
                   != ST_OK)) {
        disconnect(r);
        return ST_RETRY;
    }
    return ST_OK;
}


static enum status
append(struct redis *r, const struct str *words, size_t n)
{
    const char *argv[MAX_WORDS];
    size_t lengths[MAX_WORDS];

    if (n > MAX_WORDS) {
        log_error("redis: a command of %zu words: a bug", n);
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        argv[i] = words[i].p != NULL ? words[i].p : "";
        lengths[i] = words[i].n;
    }
    return redisAppendCommandArgv(r->ctx, (int) n, argv, lengths) == REDIS_OK
               ? ST_OK
               : ST_RETRY;
}


/* A connection that the server has closed meanwhile is replaced, once. */
static bool
is_stale(struct redis *r)
{
    char byte;
    ssize_t n;

    if (r->ctx == NULL) {
        return false;
    }
    n = recv(r->ctx->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0;
}


enum status
redis_pipeline(struct redis *r, struct arena *a,
               const struct redis_batch *commands, size_t n,
               redisReply **replies)
{
    enum status st, worst = ST_OK;

    if (is_stale(r)) {
        disconnect(r);
    }
    if ((st = connect_now(r)) != ST_OK) {
        return st;
    }

    for (size_t i = 0; i < n; i++) {
        if (append(r, commands[i].words, commands[i].n) != ST_OK) {
            disconnect(r);
            return ST_RETRY;
        }
    }

    for (size_t i = 0; i < n; i++) {
        redisReply *reply = NULL;

        if (redisGetReply(r->ctx, (void **) &reply) != REDIS_OK) {
            log_error("redis: %.*s: %s", STR_FMT(commands[i].words[0]),
                      r->ctx->errstr);
            disconnect(r);
            return ST_RETRY;
        }
        arena_cleanup(a, freeReplyObject, reply);

        if (reply->type == REDIS_REPLY_ERROR) {
            if (worst == ST_OK) {
                log_error("redis: %.*s: %s", STR_FMT(commands[i].words[0]),
                          reply->str);
            }
            worst = ST_FAILED;
        }
        if (replies != NULL) {
            replies[i] = reply;
        }
    }
    return worst;
}


enum status
redis_command(struct redis *r, struct arena *a, redisReply **reply,
              const struct str *words, size_t n)
{
    struct redis_batch one = { words, n };

    return redis_pipeline(r, a, &one, 1, reply);
}


struct str
redis_text(const redisReply *reply)
{
    if (reply == NULL
        || (reply->type != REDIS_REPLY_STRING
            && reply->type != REDIS_REPLY_STATUS)) {
        return STR_NULL;
    }
    return str_make(reply->str, reply->len);
}


int64_t
redis_i64(const redisReply *reply)
{
    int64_t v = 0;

    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
        return reply->integer;
    }
    return str_i64(redis_text(reply), &v) ? v : 0;
}
