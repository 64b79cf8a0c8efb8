#include "queue/brake.h"

#include "queue/message.h"
#include "util/timeutil.h"

static const char *const keys[BRAKES] = {
    [BRAKE_DIGEST] = VEDETTE_BRAKE_DIGEST,
    [BRAKE_EDGE] = VEDETTE_BRAKE_EDGE,
};


enum status
brake_look(struct redis *r, struct arena *a, struct brake_state out[BRAKES])
{
    redisReply *reply;
    enum status st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("MGET"), str_of(keys[BRAKE_DIGEST]),
                                  str_of(keys[BRAKE_EDGE])));

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
        enum status st = redis_command(
            redis_server(r, i), a, NULL,
            REDIS_WORDS(STR("SET"), str_of(keys[brake]), value, STR("NX")));

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
                          REDIS_WORDS(STR("DEL"), str_of(keys[brake])));

        all = st != ST_OK ? st : all;
    }
    return all;
}
