#include "model/affected.h"

#include <stdlib.h>

#include "queue/message.h"
#include "util/log.h"
#include "util/timeutil.h"

#define HOURS_LAST "176400" /* seconds: two days and an hour */
#define DAYS_LAST "5443200" /* 63 days */
#define SLOTS_MAX 64        /* that one count is of */
#define HOURS_MOST (2 * US_PER_DAY)
#define DAYS_MOST (60 * US_PER_DAY)
#define REST_US (600 * US_PER_SECOND) /* after Redis has refused */


static struct str
slot_key(struct arena *a, int64_t organization_id, int64_t unit, int64_t at)
{
    return str_printf(a, VEDETTE_USERS "%lld:%c%lld",
                      (long long) organization_id,
                      unit == US_PER_HOUR ? 'h' : 'd', (long long) (at / unit));
}


static int
by_hour(const void *left, const void *right)
{
    const struct batch_event *a = *(struct batch_event *const *) left;
    const struct batch_event *b = *(struct batch_event *const *) right;
    int64_t x = a->received_at / US_PER_HOUR, y = b->received_at / US_PER_HOUR;

    if (a->organization_id != b->organization_id) {
        return a->organization_id < b->organization_id ? -1 : 1;
    }
    return (x > y) - (x < y);
}


/* Events of one organisation and hour: into its sketch and its day's. */
static enum status
add(struct redis *r, struct arena *a, struct batch_event **v, size_t n)
{
    static const struct {
        int64_t unit;
        const char *lasts;
    } units[] = { { US_PER_HOUR, HOURS_LAST }, { US_PER_DAY, DAYS_LAST } };
    struct redis_batch commands[4];
    struct str *words;

    for (size_t u = 0; u < 2; u++) {
        struct str *expire = arena_array(a, 3, sizeof(*expire));

        words = arena_array(a, n + 2, sizeof(*words));
        words[0] = STR("PFADD");
        words[1] = slot_key(a, v[0]->organization_id, units[u].unit,
                            v[0]->received_at);
        for (size_t i = 0; i < n; i++) {
            words[i + 2] = v[i]->user_tag;
        }
        expire[0] = STR("EXPIRE");
        expire[1] = words[1];
        expire[2] = str_of(units[u].lasts);
        commands[2 * u] = (struct redis_batch){ words, n + 2 };
        commands[2 * u + 1] = (struct redis_batch){ expire, 3 };
    }
    return redis_pipeline(r, a, commands, 4, NULL);
}


void
affected_note(struct redis *r, struct arena *a, const struct batch *b)
{
    static bool begun;
    static int64_t rest_until;
    struct batch_event **v =
        arena_array(a, b->nevents, sizeof(struct batch_event *));
    enum status st = ST_OK;
    size_t n = 0;

    if (time_monotonic() < rest_until) {
        return;
    }
    for (size_t i = 0; i < b->nevents; i++) {
        if (b->events[i]->user_tag.n > 0) {
            v[n++] = b->events[i];
        }
    }
    if (n == 0) {
        return;
    }
    qsort(v, n, sizeof(struct batch_event *), by_hour);
    if (!begun) {
        st = redis_command(
            r, a, NULL,
            REDIS_WORDS(STR("SET"), STR(VEDETTE_USERS_SINCE),
                        str_printf(a, "%lld", (long long) time_now()),
                        STR("NX")));
        begun = st == ST_OK;
    }
    for (size_t i = 0, next; st == ST_OK && i < n; i = next) {
        for (next = i + 1; next < n && by_hour(&v[i], &v[next]) == 0; next++) {
        }
        st = add(r, a, v + i, next - i);
    }
    if (st != ST_OK && st != ST_RETRY) {
        rest_until = time_monotonic() + REST_US;
    }
}


/* How many are in the sketches of this time. */
static enum status
count(struct redis *r, struct arena *a, int64_t organization_id, int64_t unit,
      int64_t from, int64_t to, int64_t *out)
{
    struct str words[SLOTS_MAX + 1] = { STR("PFCOUNT") };
    redisReply *reply;
    enum status st;
    size_t n = 1;

    for (int64_t at = from - from % unit; at < to && n <= SLOTS_MAX;
         at += unit) {
        words[n++] = slot_key(a, organization_id, unit, at);
    }
    st = redis_command(r, a, &reply, words, n);
    if (st == ST_OK) {
        *out = redis_i64(reply);
    }
    return st;
}


enum status
affected_count(struct redis *r, struct arena *a, int64_t organization_id,
               int64_t before, int64_t from, int64_t to, struct affected *out)
{
    int64_t unit = to - from <= HOURS_MOST ? US_PER_HOUR : US_PER_DAY;
    redisReply *reply;
    enum status st;

    *out = (struct affected){ .before = -1 };
    if (to - from > DAYS_MOST) {
        return ST_NOT_FOUND;
    }
    st = redis_command(r, a, &reply,
                       REDIS_WORDS(STR("GET"), STR(VEDETTE_USERS_SINCE)));
    if (st == ST_OK && !str_i64(redis_text(reply), &out->since)) {
        st = ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        st = count(r, a, organization_id, unit, from, to, &out->now);
    }
    if (st == ST_OK && out->since <= before && to - before <= DAYS_MOST) {
        st = count(r, a, organization_id, unit, before, from, &out->before);
    }
    out->since = out->since > from ? out->since : 0;
    return st;
}
