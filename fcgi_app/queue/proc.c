#include "config.h"
#include "queue/proc.h"

#include <stdlib.h>
#include <unistd.h>

#include "queue/message.h"
#include "util/log.h"
#include "util/timeutil.h"

#define BEAT_US (5 * US_PER_SECOND)
#define SCAN_MAX 10000 /* keys that a listing reads at the most */

static struct str (*telling)(struct arena *a);
static uint64_t spool_bytes;
static int64_t spool_since;


void proc_telling(struct str (*tell)(struct arena *a))
{
    telling = tell;
}


void
proc_spool(uint64_t bytes, int64_t since)
{
    spool_bytes = bytes;
    spool_since = since;
}


void
proc_beat(struct redis *r, const char *kind, const char *note)
{
    static int64_t last, started;
    static pid_t pid;
    int64_t now = time_monotonic();
    struct arena *a;
    char host[256];
    struct str key;
    const char *error;
    int64_t error_at;

    /* a child inherits its parent's values */
    if (pid != getpid()) {
        pid = getpid();
        last = 0;
        started = time_now() / US_PER_SECOND;
    }
    if (last != 0 && now - last < BEAT_US) {
        return;
    }
    last = now;

    a = arena_new();
    if (gethostname(host, sizeof(host)) == -1) {
        memcpy(host, "localhost", sizeof("localhost"));
    }
    host[sizeof(host) - 1] = '\0';
    error = log_latest(&error_at);
    if (error_at < started * US_PER_SECOND) {
        error = ""; /* the parent's */
    }
    key = str_printf(a, VEDETTE_PROC_PREFIX "%s:%s:%d", kind, host, (int) pid);

    if (redis_pipeline(
            r, a,
            (const struct redis_batch[]){
                { REDIS_WORDS(
                    STR("HSET"), key, STR(VEDETTE_P_VERSION),
                    STR(VEDETTE_VERSION), STR(VEDETTE_P_STARTED),
                    str_printf(a, "%lld", (long long) started),
                    STR(VEDETTE_P_NOTE), str_of(note), STR(VEDETTE_P_SQL),
                    telling != NULL ? telling(a) : STR(""),
                    STR(VEDETTE_P_ERROR), str_of(error),
                    STR(VEDETTE_P_ERROR_AT),
                    str_printf(a, "%lld", (long long) error_at),
                    STR(VEDETTE_P_SPOOL),
                    str_printf(a, "%llu %lld", (unsigned long long) spool_bytes,
                               (long long) spool_since)) },
                { REDIS_WORDS(STR("EXPIRE"), key,
                              str_printf(a, "%d", VEDETTE_PROC_TTL)) } },
            2, NULL)
        != ST_OK) {
        last = 0;
    }
    arena_free(a);
}


/* "vedette:proc:KIND:HOST:PID"; a host may hold colons. */
static bool
parse_key(struct str key, struct proc *p)
{
    struct str rest = str_sub(key, sizeof(VEDETTE_PROC_PREFIX) - 1, key.n);
    ptrdiff_t first = str_chr(rest, ':'), last = str_rchr(rest, ':');

    if (first == -1 || last == first) {
        return false;
    }
    p->kind = str_sub(rest, 0, (size_t) first);
    p->host = str_sub(rest, (size_t) first + 1, (size_t) last);
    return str_i64(str_sub(rest, (size_t) last + 1, rest.n), &p->pid);
}


static int
compare(const void *x, const void *y)
{
    const struct proc *a = x, *b = y;
    int c = str_cmp(a->kind, b->kind);

    if (c == 0) {
        c = str_cmp(a->host, b->host);
    }
    return c != 0 ? c : (a->pid > b->pid) - (a->pid < b->pid);
}


static void
read_spool(struct str text, struct proc *p)
{
    struct str bytes;

    if (!str_split(&text, ' ', &bytes) || !str_i64(bytes, &p->spooled)
        || !str_i64(text, &p->spooled_since)) {
        p->spooled = p->spooled_since = 0;
    }
}


static void
read_hash(const redisReply *hash, struct proc *p)
{
    for (size_t i = 0; i + 1 < hash->elements; i += 2) {
        struct str field = redis_text(hash->element[i]);
        const redisReply *value = hash->element[i + 1];

        if (str_is(field, VEDETTE_P_VERSION)) {
            p->version = redis_text(value);

        } else if (str_is(field, VEDETTE_P_STARTED)) {
            p->started = redis_i64(value);

        } else if (str_is(field, VEDETTE_P_NOTE)) {
            p->note = redis_text(value);

        } else if (str_is(field, VEDETTE_P_SQL)) {
            p->sql = redis_text(value);

        } else if (str_is(field, VEDETTE_P_ERROR)) {
            p->error = redis_text(value);

        } else if (str_is(field, VEDETTE_P_ERROR_AT)) {
            p->error_at = redis_i64(value);

        } else if (str_is(field, VEDETTE_P_RATE)) {
            p->rate = redis_text(value);

        } else if (str_is(field, VEDETTE_P_SPOOL)) {
            read_spool(redis_text(value), p);
        }
    }
}


enum status
proc_list(struct redis *r, struct arena *a, struct proc **out, size_t *n)
{
    struct proc *list = NULL;
    struct str cursor = STR("0");
    size_t size = 0, count = 0;
    redisReply *page, *hash;
    enum status st;

    do {
        st = redis_command(r, a, &page,
                           REDIS_WORDS(STR("SCAN"), cursor, STR("MATCH"),
                                       STR(VEDETTE_PROC_PREFIX "*"),
                                       STR("COUNT"), STR("1000")));
        if (st != ST_OK) {
            return st;
        }
        if (page->type != REDIS_REPLY_ARRAY || page->elements != 2) {
            return ST_FAILED;
        }
        cursor = redis_text(page->element[0]);

        for (size_t i = 0; i < page->element[1]->elements; i++) {
            struct str key = redis_text(page->element[1]->element[i]);
            struct proc p = { 0 };

            if (!parse_key(key, &p)) {
                continue;
            }
            st = redis_command(r, a, &hash, REDIS_WORDS(STR("HGETALL"), key));
            if (st != ST_OK) {
                return st;
            }
            if (hash->elements == 0) {
                continue; /* expired since */
            }
            read_hash(hash, &p);
            if (count == size) {
                size_t more = size == 0 ? 16 : size * 2;

                list = arena_grow(a, list, size * sizeof(*list),
                                  more * sizeof(*list));
                size = more;
            }
            list[count++] = p;
        }
    } while (!str_is(cursor, "0") && count < SCAN_MAX);

    if (count > 0) {
        qsort(list, count, sizeof(*list), compare);
    }
    *out = list;
    *n = count;
    return ST_OK;
}
