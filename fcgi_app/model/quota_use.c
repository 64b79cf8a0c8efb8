#include "model/quota_use.h"

#include "queue/message.h"
#include "util/timeutil.h"

/* Of a window that is younger than this part of it nothing is foretold. */
#define YOUNG 50


struct quota_use
quota_use_reckon(int64_t count, int64_t seconds, int64_t used, int64_t now)
{
    int64_t window = seconds * US_PER_SECOND;
    int64_t gone = now % window;
    struct quota_use u = { .used = used, .left = window - gone };

    if (used > 0 && used < count && gone >= window / YOUNG) {
        double full = (double) (count - used) / (double) used * (double) gone;

        if (full < (double) u.left) {
            u.full = full < 1 ? 1 : (int64_t) full;
        }
    }
    return u;
}


/* Adds what one server has counted: each of them knows of its own edges. */
static enum status
add(struct redis *r, struct arena *a, const struct str *words, size_t n,
    int64_t *used)
{
    redisReply *reply;
    enum status st = redis_command(r, a, &reply, words, n + 1);

    for (size_t i = 0; st == ST_OK && i < n && i < reply->elements; i++) {
        used[i] += redis_i64(reply->element[i]);
    }
    return st;
}


enum status
quota_use(struct redis *r, struct arena *a, const struct quota *q, size_t n,
          int64_t now, struct quota_use **out)
{
    struct str *words = arena_array(a, n + 1, sizeof(*words));
    int64_t *used = arena_array(a, n, sizeof(*used));
    enum status st = ST_OK;

    words[0] = STR("MGET");
    for (size_t i = 0; i < n; i++) {
        words[i + 1] = str_printf(
            a, VEDETTE_QUOTA_PREFIX "q%lld:%lld", (long long) q[i].id,
            (long long) (now / US_PER_SECOND / q[i].seconds));
    }
    for (size_t i = 0; st == ST_OK && n > 0 && i < redis_servers(); i++) {
        st = add(redis_server(r, i), a, words, n, used);
    }
    *out = arena_array(a, n, sizeof(**out));
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        (*out)[i] = quota_use_reckon(q[i].count, q[i].seconds, used[i], now);
    }
    return st;
}
