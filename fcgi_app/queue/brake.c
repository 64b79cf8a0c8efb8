#include "queue/brake.h"

#include "queue/message.h"
#include "util/timeutil.h"

static const struct {
    const char *name;
    const char *key;
} brakes[BRAKES] = {
    [BRAKE_DIGEST] = { "digest", VEDETTE_BRAKE_DIGEST },
    [BRAKE_EDGE] = { "edge", VEDETTE_BRAKE_EDGE },
};


const char *
brake_name(enum brake brake)
{
    return brakes[brake].name;
}


enum status
brake_look(struct redis *r, struct arena *a, struct brake_state out[BRAKES])
{
    redisReply *reply;
    enum status st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("MGET"), str_of(brakes[BRAKE_DIGEST].key),
                                  str_of(brakes[BRAKE_EDGE].key)));

    for (size_t i = 0; i < BRAKES; i++) {
        struct str value, since;

        out[i] = (struct brake_state){ 0 };
        if (st != ST_OK || i >= reply->elements) {
            continue;
        }
        value = redis_text(reply->element[i]);
        out[i].set = !str_null(value);
        if (out[i].set && str_split(&value, ' ', &since)
            && str_i64(since, &out[i].since)) {
            out[i].by = value;
        }
    }
    return st;
}


enum status
brake_set(struct redis *r, struct arena *a, enum brake brake, struct str by)
{
    struct str value =
        str_printf(a, "%lld %.*s", (long long) time_now(), STR_FMT(by));
    enum status all = ST_OK;

    for (size_t i = 0; i < redis_servers(); i++) {
        enum status st =
            redis_command(redis_server(r, i), a, NULL,
                          REDIS_WORDS(STR("SET"), str_of(brakes[brake].key),
                                      value, STR("NX")));

        all = st != ST_OK ? st : all;
    }
    return all;
}


enum status
brake_release(struct redis *r, struct arena *a, enum brake brake)
{
    enum status all = ST_OK;

    for (size_t i = 0; i < redis_servers(); i++) {
        enum status st =
            redis_command(redis_server(r, i), a, NULL,
                          REDIS_WORDS(STR("DEL"), str_of(brakes[brake].key)));

        all = st != ST_OK ? st : all;
    }
    return all;
}
