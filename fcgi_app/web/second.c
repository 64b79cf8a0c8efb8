#include "web/second.h"

#include "model/account.h"
#include "model/second.h"
#include "queue/redis.h"
#include "util/crypt.h"

#define SECOND_PREFIX "vedette:second:"
#define DEVICE_PREFIX "vedette:device:"
#define SECOND_SECONDS 600
#define DEVICE_SECONDS (30 * 86400)
#define SECRET_CHARS 43

struct between {
    int64_t account;
    bool keep;
    struct str next;
    struct str via;
};


static const char *
second_cookie(const struct request *rq)
{
    return rq->https ? "__Host-vedette-second" : "vedette-second";
}


static const char *
device_cookie(const struct request *rq)
{
    return rq->https ? "__Host-vedette-device" : "vedette-device";
}


static struct str
key_of(const struct request *rq, const char *prefix, struct str secret)
{
    return str_printf(rq->a, "%s%.*s", prefix,
                      STR_FMT(secret_digest(rq->a, secret)));
}


/* What a remembered device has to say. */
static struct str
device_word(const struct request *rq, const struct account *account)
{
    return str_printf(rq->a, "%lld:%lld", (long long) account->id,
                      (long long) account->secured_at);
}


static enum status
remembered(struct request *rq, const struct account *account, bool *yes)
{
    struct str secret = field_get(&rq->cookies, device_cookie(rq));
    redisReply *reply;
    enum status st;

    *yes = false;
    if (secret.n != SECRET_CHARS) {
        return ST_OK;
    }
    st = redis_command(
        rq->redis, rq->a, &reply,
        REDIS_WORDS(STR("GET"), key_of(rq, DEVICE_PREFIX, secret)));
    *yes = st == ST_OK
           && secret_equal(redis_text(reply), device_word(rq, account));
    return st;
}


static enum status
remember_device(struct request *rq, struct response *rs,
                const struct account *account)
{
    struct str secret = secret_new(rq->a);
    enum status st;

    st =
        redis_command(rq->redis, rq->a, NULL,
                      REDIS_WORDS(STR("SET"), key_of(rq, DEVICE_PREFIX, secret),
                                  device_word(rq, account), STR("EX"),
                                  str_printf(rq->a, "%d", DEVICE_SECONDS)));
    if (st == ST_OK) {
        response_cookie(rs, rq, device_cookie(rq), secret, DEVICE_SECONDS);
    }
    return st;
}


/* Lets the account stand between the doors. */
static enum status
ask(struct request *rq, struct response *rs, const struct between *b)
{
    struct str secret = secret_new(rq->a);
    struct str key = key_of(rq, SECOND_PREFIX, secret);
    enum status st;

    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("HSET"), key, STR("account"),
                          str_printf(rq->a, "%lld", (long long) b->account),
                          STR("keep"), b->keep ? STR("1") : STR("0"),
                          STR("next"), b->next, STR("via"), b->via) },
            { REDIS_WORDS(STR("EXPIRE"), key,
                          str_printf(rq->a, "%d", SECOND_SECONDS)) } },
        2, NULL);
    if (st == ST_OK) {
        response_cookie(rs, rq, second_cookie(rq), secret, SECOND_SECONDS);
        response_redirect(rs, STR("/login/second/"));
    }
    return st;
}


enum status
second_enter(struct request *rq, struct response *rs, int64_t id, bool keep,
             const char *via, struct str next)
{
    struct account account;
    bool known = true;
    enum status st = account_by_id(rq->db, rq->a, id, &account);

    if (st == ST_OK && !str_null(account.totp)) {
        st = remembered(rq, &account, &known);
    }
    if (st == ST_OK && !known) {
        return ask(rq, rs, &(struct between){ id, keep, next, str_of(via) });
    }
    if (st == ST_OK) {
        st = login_start(rq, rs, id, keep, str_of(via));
    }
    if (st == ST_OK) {
        response_redirect(rs, next);
    }
    return st;
}


static enum status
find(struct request *rq, struct between *b)
{
    struct str secret = field_get(&rq->cookies, second_cookie(rq));
    redisReply *hash;
    enum status st;

    if (secret.n != SECRET_CHARS) {
        return ST_NOT_FOUND;
    }
    st = redis_command(
        rq->redis, rq->a, &hash,
        REDIS_WORDS(STR("HMGET"), key_of(rq, SECOND_PREFIX, secret),
                    STR("account"), STR("keep"), STR("next"), STR("via")));
    if (st != ST_OK) {
        return st;
    }
    if (hash->type != REDIS_REPLY_ARRAY || hash->elements != 4) {
        return ST_FAILED;
    }
    b->account = redis_i64(hash->element[0]);
    b->keep = str_is(redis_text(hash->element[1]), "1");
    b->next = login_next(redis_text(hash->element[2]));
    b->via = redis_text(hash->element[3]);
    return b->account > 0 ? ST_OK : ST_NOT_FOUND;
}


enum status
second_waiting(struct request *rq, int64_t *account)
{
    struct between b = { 0 };
    enum status st = find(rq, &b);

    *account = b.account;
    return st;
}


/* The cookie between the doors is worth nothing any more. */
static enum status
leave(struct request *rq, struct response *rs)
{
    struct str secret = field_get(&rq->cookies, second_cookie(rq));

    response_cookie(rs, rq, second_cookie(rq), STR(""), -1);
    return redis_command(
        rq->redis, rq->a, NULL,
        REDIS_WORDS(STR("DEL"), key_of(rq, SECOND_PREFIX, secret)));
}


enum status
second_pass(struct request *rq, struct response *rs, struct str code,
            bool remember, int64_t *wait)
{
    struct account account;
    struct between b = { 0 };
    enum status st = find(rq, &b);

    if (st == ST_OK) {
        st = account_by_id(rq->db, rq->a, b.account, &account);
    }
    if (st == ST_OK && !account.is_active) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        st =
            login_brake(rq, "second",
                        str_printf(rq->a, "%lld", (long long) b.account), wait);
    }
    if (st == ST_OK) {
        st = second_check(rq->db, rq->a, &account, code,
                          rq->now / US_PER_SECOND);
    }
    if (st == ST_OK) {
        st = login_forgive(rq, "second",
                           str_printf(rq->a, "%lld", (long long) b.account));
    }
    if (st == ST_OK) {
        st = leave(rq, rs);
    }
    if (st == ST_OK && remember) {
        st = remember_device(rq, rs, &account);
    }
    if (st == ST_OK) {
        st = login_start(rq, rs, b.account, b.keep, b.via);
    }
    if (st == ST_OK) {
        response_redirect(rs, b.next);
    }
    return st;
}
