#include "web/login.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/account.h"
#include "model/token.h"
#include "queue/redis.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/log.h"
#include "util/seal.h"
#include "util/timeutil.h"
#include "util/totp.h"
#include "util/zone.h"

#define LOGIN_PREFIX "vedette:login:"
#define LOGINS_PREFIX "vedette:logins:"
#define SEEN_KEY "vedette:seen"
#define ATTEMPTS_PREFIX "vedette:signin:n:"
#define WAIT_PREFIX "vedette:signin:wait:"

#define SECRET_CHARS 43
#define IDLE_SECONDS (7 * 86400)
#define LIFE_SECONDS (30 * 86400)
#define TOUCH_SECONDS 60 /* how exact "seen" is */

/*
 * Attempts that are free, then waits of 1, 2, 4 … seconds; a counter is
 * forgotten an hour after its last attempt.  No account is ever locked: whoever
 * knows a mail address could lock its owner out.
 */
#define FREE_ACCOUNT 5
#define FREE_ADDRESS 30
#define WAIT_MAX_SECONDS 600
#define ATTEMPTS_SECONDS "3600"


static const char *
cookie_name(const struct request *rq)
{
    /* the prefix makes browsers insist on Secure, Path=/ and our own host */
    return rq->https ? "__Host-vedette" : "vedette";
}


static struct str
login_key(struct arena *a, struct str digest)
{
    return str_printf(a, LOGIN_PREFIX "%.*s", STR_FMT(digest));
}


static struct str
logins_key(struct arena *a, int64_t account)
{
    return str_printf(a, LOGINS_PREFIX "%lld", (long long) account);
}


static struct str
decimal(struct arena *a, int64_t n)
{
    return str_printf(a, "%lld", (long long) n);
}


/* Finding */

static struct str
hash_field(const redisReply *hash, const char *name)
{
    if (hash->type != REDIS_REPLY_ARRAY) {
        return STR_NULL;
    }
    for (size_t i = 0; i + 1 < hash->elements; i += 2) {
        if (str_is(redis_text(hash->element[i]), name)) {
            return redis_text(hash->element[i + 1]);
        }
    }
    return STR_NULL;
}


static int64_t
hash_number(const redisReply *hash, const char *name)
{
    int64_t n;

    return str_i64(hash_field(hash, name), &n) ? n : 0;
}


/* Puts the end off; that it could not be is no reason to refuse a page. */
static void
touch(struct request *rq, const struct login *login, int64_t now)
{
    struct str key = login_key(rq->a, login->digest);
    int64_t rest = login->created + LIFE_SECONDS - now;
    int64_t ttl = rest < IDLE_SECONDS ? rest : IDLE_SECONDS;
    enum status st;

    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("HSET"), key, STR("seen"), decimal(rq->a, now)) },
            { REDIS_WORDS(STR("EXPIRE"), key, decimal(rq->a, ttl)) },
            { REDIS_WORDS(STR("HSET"), STR(SEEN_KEY),
                          decimal(rq->a, login->account),
                          decimal(rq->a, now)) } },
        3, NULL);
    if (st != ST_OK) {
        log_warning("a login could not be prolonged: %s", status_text(st));
    }
}


enum status
login_find(struct request *rq)
{
    struct str secret = field_get(&rq->cookies, cookie_name(rq));
    int64_t now = rq->now / US_PER_SECOND;
    struct account *account;
    struct login *login;
    redisReply *hash;
    enum status st;

    if (secret.n != SECRET_CHARS) {
        return ST_NOT_FOUND;
    }
    login = arena_new_of(rq->a, struct login);
    login->secret = secret;
    login->digest = secret_digest(rq->a, secret);
    st = redis_command(
        rq->redis, rq->a, &hash,
        REDIS_WORDS(STR("HGETALL"), login_key(rq->a, login->digest)));
    if (st != ST_OK) {
        return st;
    }
    login->account = hash_number(hash, "account");
    login->created = hash_number(hash, "created");
    login->seen = hash_number(hash, "seen");
    login->confirmed = hash_number(hash, "confirmed");
    if (login->confirmed == 0) {
        login->confirmed = login->created;
    }
    login->via = hash_field(hash, "via");
    login->addr = hash_field(hash, "addr");
    login->agent = hash_field(hash, "agent");
    login->flash = hash_field(hash, "flash");
    login->undo = hash_number(hash, "undo");
    if (login->account == 0 || login->created + LIFE_SECONDS <= now) {
        return ST_NOT_FOUND;
    }

    /* a disabled account is out at once */
    account = arena_new_of(rq->a, struct account);
    st = account_by_id(rq->db, rq->a, login->account, account);
    if (st != ST_OK) {
        return st;
    }
    if (!account->is_active) {
        return ST_NOT_FOUND;
    }
    if (login->seen + TOUCH_SECONDS <= now) {
        touch(rq, login, now);
    }
    if (login_confined(login) != 0) {
        account->is_superuser = false;
    }
    rq->login = login;
    rq->account = account;
    if (!str_null(account->language)) {
        lang_use(lang_find(account->language));
    }
    zone_use(account->time_zone);
    return ST_OK;
}


int64_t
login_confined(const struct login *login)
{
    int64_t org;

    return str_starts(login->via, STR(LOGIN_VIA_SSO))
                   && str_i64(
                       str_sub(login->via, strlen(LOGIN_VIA_SSO), login->via.n),
                       &org)
               ? org
               : 0;
}


/* Attempts */

struct brake {
    struct str attempts; /* key of the counter */
    struct str wait;     /* key that lives as long as the wait */
    int64_t free;
};


/* Keys of fixed form, whatever was typed. */
static struct brake
brake(struct arena *a, const char *kind, struct str who, int64_t free)
{
    unsigned char digest[DIGEST_BYTES];
    struct str hex;

    digest16(who, digest);
    hex = hex_encode(a, digest, sizeof(digest));
    return (struct brake){
        str_printf(a, ATTEMPTS_PREFIX "%s:%.*s", kind, STR_FMT(hex)),
        str_printf(a, WAIT_PREFIX "%s:%.*s", kind, STR_FMT(hex)),
        free,
    };
}


static int64_t
wait_ms(int64_t attempts, int64_t free)
{
    int64_t over = attempts - free;

    if (over <= 0) {
        return 0;
    }
    return 1000
           * (over > 10 || 1LL << (over - 1) > WAIT_MAX_SECONDS
                  ? WAIT_MAX_SECONDS
                  : 1LL << (over - 1));
}


/*
 * Counts the attempt before it is judged, so that many at once do not slip
 * through together.  ST_LIMITED: a wait is still running.
 */
static enum status
count_attempt(struct request *rq, const struct brake *b, size_t n,
              int64_t *wait)
{
    redisReply *replies[4];
    int64_t longest = 0, ms;
    enum status st;

    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){ { REDIS_WORDS(STR("PTTL"), b[0].wait) },
                                      { REDIS_WORDS(STR("PTTL"), b[1].wait) } },
        2, replies);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        ms = redis_i64(replies[i]);
        longest = ms > longest ? ms : longest;
    }
    if (longest > 0) {
        *wait = (longest + 999) / 1000;
        return ST_LIMITED;
    }

    st = redis_pipeline(rq->redis, rq->a,
                        (const struct redis_batch[]){
                            { REDIS_WORDS(STR("INCR"), b[0].attempts) },
                            { REDIS_WORDS(STR("INCR"), b[1].attempts) },
                            { REDIS_WORDS(STR("EXPIRE"), b[0].attempts,
                                          STR(ATTEMPTS_SECONDS)) },
                            { REDIS_WORDS(STR("EXPIRE"), b[1].attempts,
                                          STR(ATTEMPTS_SECONDS)) } },
                        4, replies);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        ms = wait_ms(redis_i64(replies[i]), b[i].free);
        if (ms > 0) {
            st = redis_command(rq->redis, rq->a, NULL,
                               REDIS_WORDS(STR("SET"), b[i].wait, STR("1"),
                                           STR("PX"), decimal(rq->a, ms)));
        }
    }
    return st;
}


/* The right password takes its attempt back. */
static enum status
forgive(struct request *rq, const struct brake *b)
{
    return redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("DEL"), b[0].attempts, b[0].wait, b[1].wait) },
            { REDIS_WORDS(STR("DECR"), b[1].attempts) } },
        2, NULL);
}


enum status
login_brake(struct request *rq, const char *kind, struct str who, int64_t *wait)
{
    struct brake brakes[2] = {
        brake(rq->a, kind, who, FREE_ACCOUNT),
        brake(rq->a, "address", rq->addr, FREE_ADDRESS),
    };

    return count_attempt(rq, brakes, 2, wait);
}


enum status
login_forgive(struct request *rq, const char *kind, struct str who)
{
    struct brake brakes[2] = {
        brake(rq->a, kind, who, FREE_ACCOUNT),
        brake(rq->a, "address", rq->addr, FREE_ADDRESS),
    };

    return forgive(rq, brakes);
}


enum status
login_attempt(struct request *rq, struct str email, struct str password,
              int64_t *id, int64_t *wait)
{
    struct str low = str_lower(rq->a, str_cut(str_trim(email), 320));
    struct account account = { 0 };
    struct str hash = STR_NULL;
    enum status st;
    bool right;

    st = login_brake(rq, "account", low, wait);
    if (st != ST_OK) {
        return st;
    }

    /*
     * The same way for everybody: one statement, one password hash.  An
     * account that is not there, is off or has no password has the null hash,
     * for which password_matches works as long and says no.
     */
    st = account_by_email(rq->db, rq->a, low, &account);
    if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    if (st == ST_OK && account.is_active && password.n <= PASSWORD_MAX) {
        hash = account.password_hash;
    }
    right = password_matches(hash, str_sub(password, 0, PASSWORD_MAX));
    if (!right) {
        return ST_DENIED;
    }
    *id = account.id;
    return login_forgive(rq, "account", low);
}


/* One-time links */

static struct str
link_key(struct arena *a, struct str token)
{
    return str_printf(a, ACCOUNT_LINK_PREFIX "%.*s",
                      STR_FMT(secret_digest(a, token)));
}


enum status
login_link_known(struct request *rq, struct str token)
{
    redisReply *reply;
    enum status st;

    st = redis_command(rq->redis, rq->a, &reply,
                       REDIS_WORDS(STR("EXISTS"), link_key(rq->a, token)));
    if (st != ST_OK) {
        return st;
    }
    return redis_i64(reply) == 1 ? ST_OK : ST_NOT_FOUND;
}


enum status
login_link_take(struct request *rq, struct str token, int64_t *id, bool *forgot)
{
    struct str text;
    struct account account;
    redisReply *reply;
    enum status st;

    st = redis_command(rq->redis, rq->a, &reply,
                       REDIS_WORDS(STR("GETDEL"), link_key(rq->a, token)));
    if (st != ST_OK) {
        return st;
    }
    text = redis_text(reply);
    *forgot = str_ends(text, STR(ACCOUNT_LINK_FORGOT));
    if (*forgot) {
        text = str_sub(text, 0, text.n - strlen(ACCOUNT_LINK_FORGOT));
    }
    if (!str_i64(text, id) || *id <= 0) {
        return ST_NOT_FOUND;
    }
    st = account_by_id(rq->db, rq->a, *id, &account);
    return st == ST_OK && !account.is_active ? ST_NOT_FOUND : st;
}


/* Beginning and ending */

static enum status
forget(struct request *rq, int64_t account, struct str digest)
{
    return redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("DEL"), login_key(rq->a, digest)) },
            { REDIS_WORDS(STR("SREM"), logins_key(rq->a, account), digest) } },
        2, NULL);
}


enum status
login_start(struct request *rq, struct response *rs, int64_t account, bool keep,
            struct str via)
{
    struct str secret = secret_new(rq->a);
    struct str digest = secret_digest(rq->a, secret);
    struct str key = login_key(rq->a, digest);
    struct str now = decimal(rq->a, rq->now / US_PER_SECOND);
    struct login *login;
    enum status st;

    if (rq->login != NULL) {
        st = forget(rq, rq->login->account, rq->login->digest);
        if (st != ST_OK) {
            return st;
        }
    }
    st = redis_pipeline(
        rq->redis, rq->a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("MULTI")) },
            { REDIS_WORDS(STR("HSET"), key, STR("account"),
                          decimal(rq->a, account), STR("created"), now,
                          STR("seen"), now, STR("via"), via, STR("addr"),
                          rq->addr, STR("agent"), str_cut(rq->agent, 400)) },
            { REDIS_WORDS(STR("EXPIRE"), key, decimal(rq->a, IDLE_SECONDS)) },
            { REDIS_WORDS(STR("SADD"), logins_key(rq->a, account), digest) },
            { REDIS_WORDS(STR("EXPIRE"), logins_key(rq->a, account),
                          decimal(rq->a, LIFE_SECONDS)) },
            { REDIS_WORDS(STR("HSET"), STR(SEEN_KEY), decimal(rq->a, account),
                          now) },
            { REDIS_WORDS(STR("EXEC")) } },
        7, NULL);
    if (st != ST_OK) {
        return st;
    }
    login = arena_new_of(rq->a, struct login);
    *login = (struct login){
        .secret = secret,
        .digest = digest,
        .account = account,
        .created = rq->now / US_PER_SECOND,
        .seen = rq->now / US_PER_SECOND,
        .confirmed = rq->now / US_PER_SECOND,
        .via = via,
        .addr = rq->addr,
        .agent = rq->agent,
    };
    rq->login = login;
    response_cookie(rs, rq, cookie_name(rq), secret, keep ? LIFE_SECONDS : 0);
    return account_signed_in(rq->db, rq->a, account);
}


enum status
login_confirm(struct request *rq)
{
    rq->login->confirmed = rq->now / US_PER_SECOND;
    return redis_command(
        rq->redis, rq->a, NULL,
        REDIS_WORDS(STR("HSET"), login_key(rq->a, rq->login->digest),
                    STR("confirmed"), decimal(rq->a, rq->login->confirmed)));
}


enum status
login_end(struct request *rq, struct response *rs)
{
    response_cookie(rs, rq, cookie_name(rq), STR(""), -1);
    return rq->login != NULL ? forget(rq, rq->login->account, rq->login->digest)
                             : ST_OK;
}


enum status
login_end_others(struct request *rq)
{
    struct str digest;
    redisReply *set;
    enum status st;

    st = redis_command(
        rq->redis, rq->a, &set,
        REDIS_WORDS(STR("SMEMBERS"), logins_key(rq->a, rq->account->id)));
    for (size_t i = 0; st == ST_OK && i < set->elements; i++) {
        digest = redis_text(set->element[i]);
        if (!str_eq(digest, rq->login->digest)) {
            st = forget(rq, rq->account->id, digest);
        }
    }
    return st;
}


/* Looking at them, from the account's own page */

static int
newest_first(const void *left, const void *right)
{
    const struct login *a = left, *b = right;

    return (a->seen < b->seen) - (a->seen > b->seen);
}


enum status
login_list(struct request *rq, struct login **out, size_t *n)
{
    struct redis_batch *batch;
    redisReply *set, **replies;
    enum status st;

    *n = 0;
    st = redis_command(
        rq->redis, rq->a, &set,
        REDIS_WORDS(STR("SMEMBERS"), logins_key(rq->a, rq->account->id)));
    if (st != ST_OK || set->elements == 0) {
        return st;
    }
    *out = arena_array(rq->a, set->elements, sizeof(**out));
    batch = arena_array(rq->a, set->elements, sizeof(*batch));
    replies = arena_array(rq->a, set->elements, sizeof(*replies));
    for (size_t i = 0; i < set->elements; i++) {
        struct str *words = arena_array(rq->a, 2, sizeof(*words));

        words[0] = STR("HGETALL");
        words[1] = login_key(rq->a, redis_text(set->element[i]));
        batch[i] = (struct redis_batch){ words, 2 };
    }
    st = redis_pipeline(rq->redis, rq->a, batch, set->elements, replies);
    for (size_t i = 0; st == ST_OK && i < set->elements; i++) {
        struct login *l = &(*out)[*n];

        *l = (struct login){
            .digest = redis_text(set->element[i]),
            .account = hash_number(replies[i], "account"),
            .created = hash_number(replies[i], "created"),
            .seen = hash_number(replies[i], "seen"),
            .via = hash_field(replies[i], "via"),
            .addr = hash_field(replies[i], "addr"),
            .agent = hash_field(replies[i], "agent"),
        };
        *n += l->account == rq->account->id; /* others have run out */
    }
    qsort(*out, *n, sizeof(**out), newest_first);
    *n = *n > LOGINS_MAX ? LOGINS_MAX : *n;
    return st;
}


enum status
login_seen(struct request *rq, const int64_t *accounts, size_t n, int64_t *seen)
{
    struct str *words = arena_array(rq->a, n + 2, sizeof(*words));
    redisReply *reply;
    enum status st;

    memset(seen, 0, n * sizeof(*seen));
    if (n == 0) {
        return ST_OK;
    }
    words[0] = STR("HMGET");
    words[1] = STR(SEEN_KEY);
    for (size_t i = 0; i < n; i++) {
        words[i + 2] = decimal(rq->a, accounts[i]);
    }
    st = redis_command(rq->redis, rq->a, &reply, words, n + 2);
    for (size_t i = 0; st == ST_OK && i < reply->elements && i < n; i++) {
        if (!str_i64(redis_text(reply->element[i]), &seen[i])) {
            seen[i] = 0;
        }
    }
    return st;
}


enum status
login_revoke(struct request *rq, struct str digest)
{
    redisReply *reply;
    enum status st;

    st = redis_command(rq->redis, rq->a, &reply,
                       REDIS_WORDS(STR("SISMEMBER"),
                                   logins_key(rq->a, rq->account->id), digest));
    if (st == ST_OK && redis_i64(reply) != 1) {
        return ST_NOT_FOUND;
    }
    return st == ST_OK ? forget(rq, rq->account->id, digest) : st;
}


enum status
login_setup_secret(struct request *rq, struct str *secret)
{
    struct str key = login_key(rq->a, rq->login->digest), sealed;
    redisReply *reply;
    enum status st;

    st = redis_command(rq->redis, rq->a, &reply,
                       REDIS_WORDS(STR("HGET"), key, STR("setup")));
    if (st != ST_OK) {
        return st;
    }
    sealed = redis_text(reply);
    if (!str_null(sealed) && seal_open(rq->a, sealed, secret) == ST_OK) {
        return ST_OK;
    }
    *secret = totp_secret(rq->a);
    st = seal(rq->a, *secret, &sealed);
    return st == ST_OK ? redis_command(
               rq->redis, rq->a, NULL,
               REDIS_WORDS(STR("HSET"), key, STR("setup"), sealed))
                       : st;
}


/* Tokens */

enum status
login_bearer(struct request *rq)
{
    struct str secret = rq->authorization;
    struct account *account;
    int64_t id;
    enum status st;

    if (!str_starts(str_lower(rq->a, str_cut(secret, 7)), STR("bearer "))) {
        return ST_DENIED;
    }
    secret = str_trim(str_sub(secret, 7, secret.n));
    st = token_find(rq->db, rq->a, secret, rq->addr, &id, &rq->token_scopes);
    if (st != ST_OK) {
        return st;
    }
    account = arena_new_of(rq->a, struct account);
    st = account_by_id(rq->db, rq->a, id, account);
    if (st == ST_OK) {
        rq->account = account;
    }
    return st;
}


/* Beside */

void
login_flash(struct request *rq, struct str text)
{
    login_flash_undo(rq, text, 0);
}


void
login_flash_undo(struct request *rq, struct str text, int64_t undo)
{
    enum status st;

    if (rq->login == NULL) {
        return;
    }
    st = redis_command(
        rq->redis, rq->a, NULL,
        REDIS_WORDS(STR("HSET"), login_key(rq->a, rq->login->digest),
                    STR("flash"), tr_str(text), STR("undo"),
                    str_printf(rq->a, "%lld", (long long) undo)));
    if (st != ST_OK) {
        log_warning("a message for the next page is lost: %s", status_text(st));
    }
}


void
login_flash_shown(struct request *rq)
{
    enum status st;

    st = redis_command(rq->redis, rq->a, NULL,
                       REDIS_WORDS(STR("HDEL"),
                                   login_key(rq->a, rq->login->digest),
                                   STR("flash")));
    if (st != ST_OK) {
        log_warning("a message will be shown twice: %s", status_text(st));
    }
}


struct str
login_next(struct str next)
{
    if (next.n == 0 || next.n > 2000 || next.p[0] != '/'
        || (next.n > 1 && (next.p[1] == '/' || next.p[1] == '\\'))) {
        return STR("/");
    }
    for (size_t i = 0; i < next.n; i++) {
        unsigned char c = (unsigned char) next.p[i];

        /* "/\t/host" is "//host" to a browser */
        if (c <= 0x20 || c >= 0x7F || c == '\\') {
            return STR("/");
        }
    }
    return next;
}
