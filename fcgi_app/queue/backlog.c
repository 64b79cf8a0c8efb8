/*
 * An acknowledged entry is deleted, so the stream holds what waits and its
 * first entry is the oldest.  The age comes from the entry's id, which is
 * Redis' own clock.
 */

#include "queue/backlog.h"

#include "queue/message.h"
#include "util/timeutil.h"


/* "1700000000000-0" to ms; 0 for anything else. */
static int64_t
first_entered(const redisReply *info)
{
    const redisReply *entry;
    struct str id, ms;
    int64_t v = 0;

    if (info->type != REDIS_REPLY_ARRAY || info->elements == 0) {
        return 0;
    }
    entry = info->element[0];
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements < 1) {
        return 0;
    }
    id = redis_text(entry->element[0]);
    return str_split(&id, '-', &ms) && str_i64(ms, &v) ? v : 0;
}


enum status
backlog_read(struct redis *r, struct arena *a, struct backlog *out)
{
    redisReply *replies[3];
    int64_t entered;
    enum status st;

    st = redis_pipeline(
        r, a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("XLEN"), STR(VEDETTE_STREAM)) },
            { REDIS_WORDS(STR("XRANGE"), STR(VEDETTE_STREAM), STR("-"),
                          STR("+"), STR("COUNT"), STR("1")) },
            { REDIS_WORDS(STR("XLEN"), STR(VEDETTE_STREAM_DEAD)) } },
        3, replies);
    if (st != ST_OK) {
        return st;
    }
    out->depth = redis_i64(replies[0]);
    out->dead = redis_i64(replies[2]);
    entered = first_entered(replies[1]);
    out->age_ms = entered > 0 ? time_now() / 1000 - entered : 0;
    if (out->age_ms < 0) {
        out->age_ms = 0;
    }
    return ST_OK;
}
