#include "model/miss.h"

#include "queue/message.h"
#include "util/crc32c.h"
#include "util/timeutil.h"


static bool
word(struct str *rest, struct str *out)
{
    return str_split(rest, ' ', out) && out->n > 0;
}


static bool
read_entry(struct str entry, int64_t project, struct miss *out)
{
    struct str at, number;
    int64_t seconds, id;

    if (!word(&entry, &at) || !word(&entry, &number)
        || !word(&entry, &out->reason) || !word(&entry, &out->address)
        || !str_i64(at, &seconds) || !str_i64(number, &id) || id != project) {
        return false;
    }
    out->at = seconds * US_PER_SECOND;
    out->origin = str_trim(entry);
    return true;
}


static bool
known(const struct miss *list, size_t n, const struct miss *m)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i].reason, m->reason)
            && str_eq(list[i].address, m->address)
            && str_eq(list[i].origin, m->origin)) {
            return true;
        }
    }
    return false;
}


enum status
miss_list(struct redis *r, struct arena *a, int64_t project,
          struct miss out[MISSES_MAX], size_t *n)
{
    redisReply *reply;
    enum status st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("LRANGE"), STR(VEDETTE_MISSES), STR("0"),
                                  STR(VEDETTE_MISSES_LAST)));

    *n = 0;
    if (st != ST_OK || reply->type != REDIS_REPLY_ARRAY) {
        return st == ST_RETRY ? ST_OK : st;
    }
    for (size_t i = 0; i < reply->elements && *n < MISSES_MAX; i++) {
        struct miss m;

        if (read_entry(redis_text(reply->element[i]), project, &m)
            && !known(out, *n, &m)) {
            out[(*n)++] = m;
        }
    }
    return ST_OK;
}


int64_t
miss_mark(const struct miss *list, size_t n)
{
    uint32_t mark = 0;

    for (size_t i = 0; i < n; i++) {
        mark = crc32c(mark, &list[i].at, sizeof(list[i].at));
        mark = crc32c(mark, list[i].reason.p, list[i].reason.n);
        mark = crc32c(mark, list[i].address.p, list[i].address.n);
        mark = crc32c(mark, list[i].origin.p, list[i].origin.n);
    }
    return mark;
}
