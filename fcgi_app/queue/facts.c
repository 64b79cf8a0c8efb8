#include "queue/facts.h"

#include "util/timeutil.h"


/* The value of "name:…" in INFO's text. */
static struct str
info_value(struct str info, const char *name)
{
    struct str line;

    while (str_split(&info, '\n', &line)) {
        ptrdiff_t colon = str_chr(line, ':');

        if (colon != -1 && str_is(str_sub(line, 0, (size_t) colon), name)) {
            return str_trim(str_sub(line, (size_t) colon + 1, line.n));
        }
    }
    return STR("?");
}


static int64_t
info_number(struct str info, const char *name)
{
    int64_t n;

    return str_i64(info_value(info, name), &n) ? n : 0;
}


static struct str
config_value(struct redis *r, struct arena *a, const char *name)
{
    redisReply *reply;

    if (redis_command(r, a, &reply,
                      REDIS_WORDS(STR("CONFIG"), STR("GET"), str_of(name)))
            != ST_OK
        || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return STR("?");
    }
    return redis_text(reply->element[1]);
}


/* One setting. */
static bool
keeps(struct str name, struct str value)
{
    return str_is(name, "appendonly")    ? str_is(value, "yes")
           : str_is(name, "appendfsync") ? str_is(value, "always")
           : str_is(name, "no-appendfsync-on-rewrite")
               ? str_is(value, "no")
               : !str_is(name, "maxmemory-policy")
                     || !str_starts(value, STR("allkeys-"));
}


enum status
redis_keeps(struct redis *r, struct arena *a, bool *out)
{
    /* Redis 6 takes one pattern a command */
    static const char *const patterns[] = { "*append*", "maxmemory-policy" };
    enum status st = ST_OK;
    redisReply *reply;

    *out = true;
    for (size_t p = 0; st == ST_OK && p < 2; p++) {
        st = redis_command(
            r, a, &reply,
            REDIS_WORDS(STR("CONFIG"), STR("GET"), str_of(patterns[p])));
        for (size_t i = 0; st == ST_OK && i + 1 < reply->elements; i += 2) {
            *out = *out
                   && keeps(redis_text(reply->element[i]),
                            redis_text(reply->element[i + 1]));
        }
    }
    return st;
}


enum status
redis_facts(struct redis *r, struct arena *a, struct redis_facts *out)
{
    redisReply *reply;
    struct str info;
    int64_t began = time_monotonic();
    enum status st = redis_command(r, a, &reply, REDIS_WORDS(STR("INFO")));
    int64_t took = time_monotonic() - began;

    if (st != ST_OK) {
        return st;
    }
    info = redis_text(reply);
    *out = (struct redis_facts){
        .took = took,
        .version = info_value(info, "redis_version"),
        .memory = info_number(info, "used_memory_rss"),
        .clients = info_number(info, "connected_clients"),
        .evicted = info_number(info, "evicted_keys"),
        .policy = config_value(r, a, "maxmemory-policy"),
        .fsync = STR("off"),
    };
    if (str_is(config_value(r, a, "appendonly"), "yes")) {
        out->fsync = config_value(r, a, "appendfsync");
    }
    if (redis_keeps(r, a, &out->durable) != ST_OK) {
        out->durable = false;
    }
    return ST_OK;
}
