#include "web/flow.h"

#include "queue/redis.h"
#include "util/crypt.h"
#include "web/login.h"

#define FLOW_PREFIX "vedette:flow:"
#define FLOW_SECONDS 600
#define SECRET_CHARS 43


static const char *
cookie(const struct request *rq)
{
    return rq->https ? "__Host-vedette-flow" : "vedette-flow";
}


static struct str
key_of(struct request *rq, struct str secret)
{
    return str_printf(rq->a, FLOW_PREFIX "%.*s",
                      STR_FMT(secret_digest(rq->a, secret)));
}


static struct str
decimal(struct request *rq, int64_t n)
{
    return str_printf(rq->a, "%lld", (long long) n);
}


enum status
flow_leave(struct request *rq, struct response *rs, const struct flow *flow)
{
    struct str secret = secret_new(rq->a), key = key_of(rq, secret);
    enum status st;

    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("HSET"), key, STR("org"), decimal(rq, flow->org),
                          STR("provider"), decimal(rq, flow->provider),
                          STR("account"), decimal(rq, flow->account),
                          STR("purpose"), decimal(rq, flow->purpose),
                          STR("state"), flow->state, STR("nonce"), flow->nonce,
                          STR("verifier"), flow->verifier, STR("next"),
                          flow->next) },
            { REDIS_WORDS(STR("EXPIRE"), key, decimal(rq, FLOW_SECONDS)) } },
        2, NULL);
    if (st == ST_OK) {
        response_cookie(rs, rq, cookie(rq), secret, FLOW_SECONDS);
    }
    return st;
}


enum status
flow_return(struct request *rq, struct response *rs, struct str state,
            struct flow *out)
{
    struct str secret = field_get(&rq->cookies, cookie(rq)), key;
    redisReply *replies[2], *v;
    enum status st;

    if (secret.n != SECRET_CHARS || state.n == 0) {
        return ST_NOT_FOUND;
    }
    key = key_of(rq, secret);
    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("HMGET"), key, STR("org"), STR("provider"),
                          STR("account"), STR("purpose"), STR("state"),
                          STR("nonce"), STR("verifier"), STR("next")) },
            { REDIS_WORDS(STR("DEL"), key) } },
        2, replies);
    if (st != ST_OK) {
        return st;
    }
    response_cookie(rs, rq, cookie(rq), STR(""), -1);
    v = replies[0];
    /* of two that come at once only one has deleted it */
    if (v->type != REDIS_REPLY_ARRAY || v->elements != 8
        || redis_i64(replies[1]) != 1
        || !secret_equal(redis_text(v->element[4]), state)) {
        return ST_NOT_FOUND;
    }
    *out = (struct flow){
        .org = redis_i64(v->element[0]),
        .provider = redis_i64(v->element[1]),
        .account = redis_i64(v->element[2]),
        .purpose = (enum flow_purpose) redis_i64(v->element[3]),
        .state = redis_text(v->element[4]),
        .nonce = redis_text(v->element[5]),
        .verifier = redis_text(v->element[6]),
        .next = login_next(redis_text(v->element[7])),
    };
    return ST_OK;
}
