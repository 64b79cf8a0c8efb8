#include "digest/ended.h"

#include "digest/outcome.h"
#include "model/batch_items.h"
#include "queue/message.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/utf8.h"

#define STEP 200
#define FROM_END "-200"

#define WORDS 9


static bool
read_entry(struct arena *a, struct str entry, struct batch_ended *out)
{
    struct str words[WORDS], rest = entry;
    int64_t at, org, key, status;

    for (size_t i = 0; i < WORDS - 1; i++) {
        if (!str_split(&rest, ' ', &words[i])) {
            return false;
        }
    }
    words[WORDS - 1] = str_null(rest) ? STR("") : rest;
    if (!str_i64(words[0], &at) || at < 0 || !str_i64(words[1], &org)
        || !str_i64(words[2], &out->project_id) || !str_i64(words[3], &key)
        || !str_i64(words[4], &status) || status < 200 || status > 599
        || !uuid_parse(words[5], out->event_id)) {
        return false;
    }
    out->received_at = at;
    out->status = status;
    out->outcome = str_cut(utf8_mend(a, words[6]), 32);
    out->category = outcome_category(words[7]);
    out->reason = str_cut(utf8_mend(a, words[8]), 64);
    return true;
}


/* What we have had, if it is still at the end: edges cut the list there too. */
static enum status
throw_away(struct redis *r, struct arena *a, const redisReply *had)
{
    static const char script[] =
        "for i = #ARGV, 1, -1 do "
        "if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[i] then return 0 end "
        "redis.call('RPOP', KEYS[1]) end return 1";
    struct str words[4 + STEP] = { STR("EVAL"), STR(script), STR("1"),
                                   STR(VEDETTE_ENDED) };

    for (size_t i = 0; i < had->elements; i++) {
        words[4 + i] = redis_text(had->element[i]);
    }
    return redis_command(r, a, NULL, words, 4 + had->elements);
}


enum status
ended_take(struct db *db, struct redis *r, struct arena *a, bool *more)
{
    struct batch_ended list[STEP];
    redisReply *reply;
    size_t n = 0;
    enum status st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("LRANGE"), STR(VEDETTE_ENDED),
                                  STR(FROM_END), STR("-1")));

    *more = false;
    if (st != ST_OK || reply->type != REDIS_REPLY_ARRAY
        || reply->elements == 0) {
        return st;
    }
    for (size_t i = 0; i < reply->elements; i++) {
        struct str entry = redis_text(reply->element[i]);

        if (read_entry(a, entry, &list[n])) {
            n++;

        } else {
            log_warning("the end of an event, told by an edge, says nothing: "
                        "%.*s",
                        STR_FMT(entry));
        }
    }
    st = batch_ended_at_edge(db, a, list, n);
    *more = st == ST_OK && reply->elements == STEP;
    return st == ST_OK ? throw_away(r, a, reply) : st;
}
