/*
 * An acknowledged entry is deleted, so the stream holds what waits and its
 * first entry is the oldest.  The age comes from the entry's id, which is
 * Redis' own clock.
 */

#include "queue/backlog.h"

#include "queue/dead.h"
#include "queue/depth.h"
#include "queue/message.h"
#include "util/timeutil.h"


static const char look[] = DEPTH "return { depth() }";


/* Who finds no room says so again within seconds (cmd/worker.c). */
#define FULL_LASTS (60 * US_PER_SECOND)


/* "1700000000000-0" to ms. */
static int64_t
entered(const redisReply *reply)
{
    struct str id = redis_text(reply), ms;
    int64_t v = 0;

    return str_split(&id, '-', &ms) && str_i64(ms, &v) ? v : 0;
}


/* Of one server, added to what others have. */
static enum status
add(struct redis *r, struct arena *a, struct backlog *out)
{
    redisReply *replies[2];
    struct dead_sums sums;
    int64_t since, age;
    enum status st;

    st = redis_pipeline(
        r, a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("EVAL"), STR(look), STR("1"),
                          STR(VEDETTE_STREAM)) },
            { REDIS_WORDS(STR("XLEN"), STR(VEDETTE_STREAM_DEAD)) } },
        2, replies);
    if (st != ST_OK || replies[0]->elements == 0) {
        return st == ST_OK ? ST_FAILED : st;
    }
    if ((st = dead_sums(r, a, &sums)) != ST_OK) {
        return st;
    }
    out->depth += redis_i64(replies[0]->element[0]);
    out->gone += sums.gone;
    out->full = out->full || time_now() - sums.full_at < FULL_LASTS;
    out->dead += redis_i64(replies[1]);
    since = replies[0]->elements > 1 ? entered(replies[0]->element[1]) : 0;
    age = since > 0 ? time_now() / 1000 - since : 0;
    if (age > out->age_ms) {
        out->age_ms = age;
    }
    return ST_OK;
}


enum status
backlog_read(struct redis *r, struct arena *a, struct backlog *out)
{
    enum status st = ST_OK;

    *out = (struct backlog){ 0 };
    for (size_t i = 0; st == ST_OK && i < redis_servers(); i++) {
        st = add(redis_server(r, i), a, out);
    }
    return st;
}
