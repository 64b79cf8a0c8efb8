/*
 * Redis keeps for each consumer the list of entries that it was given and has
 * not acknowledged.  That list, not this process, is what knows the state: we
 * only decide when to read it (at the start, after a failure, after a claim)
 * and when to read new entries.  Reading it also renews our hold on the
 * entries, and leaves out those that another consumer has taken meanwhile.
 */

#include "queue/queue.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "queue/dead.h"
#include "queue/early.h"
#include "queue/message.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

/*
 * Entries a command, fewer when the latest were large: a reply is in memory
 * whole.
 */
#define PIECE 50
#define PIECE_FIRST 4
#define PIECE_BYTES ((size_t) 2 << 20)

/* Of one command that names entries; below redis.c's bound of words. */
#define IDS 500

/* A consumer that holds nothing is forgotten after this long. */
#define FORGET_MS (INT64_C(24) * 3600 * 1000)

struct queue {
    struct redis *r;
    char *consumer;
    bool joined;
    bool pending;   /* read what is pending first */
    bool suspect;   /* its worker may have died of it */
    char after[48]; /* the last pending id that was read */
    char cursor[48];

    size_t piece;              /* entries of the next command */
    size_t each;               /* requests of an entry, of the latest ones */
    int64_t early_at;          /* monotonic: to be taken again */
    char early[EARLY_MAX][48]; /* taken, and not acknowledged yet */
    size_t nearly;
    bool lent; /* something that is pending here is another one's still */
};


static void
keep(char out[48], struct str id)
{
    if (id.n < 48) {
        memcpy(out, id.p, id.n);
        out[id.n] = '\0';
    }
}


struct queue *
queue_new(struct redis *r, const char *consumer)
{
    struct queue *q = calloc(1, sizeof(struct queue));
    char host[256] = "";

    if (q == NULL) {
        abort();
    }
    gethostname(host, sizeof(host) - 1);
    if (consumer != NULL
            ? (q->consumer = strdup(consumer)) == NULL
            : asprintf(&q->consumer, "%s:%d", host, (int) getpid()) == -1) {
        abort();
    }
    q->r = r;
    q->piece = PIECE_FIRST;
    q->each = 1;
    keep(q->after, STR("0"));
    keep(q->cursor, STR("0-0"));
    return q;
}


void
queue_free(struct queue *q)
{
    if (q != NULL) {
        free(q->consumer);
        free(q);
    }
}


const char *
queue_consumer(const struct queue *q)
{
    return q->consumer;
}


void
queue_again(struct queue *q)
{
    q->pending = true;
    keep(q->after, STR("0"));
}


bool
queue_has_pending(const struct queue *q)
{
    return q->pending;
}


/* Reply i of an array, or NULL. */
static const redisReply *
element(const redisReply *reply, size_t i)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY
                   && i < reply->elements
               ? reply->element[i]
               : NULL;
}


static size_t
elements(const redisReply *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY ? reply->elements
                                                             : 0;
}


/* joining */

/* XGROUP CREATE, for which "exists already" is no error. */
static enum status
make_group(struct queue *q, struct arena *a)
{
    static const char script[] =
        "local r = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', "
        "'MKSTREAM') "
        "if r.err and string.sub(r.err, 1, 9) ~= 'BUSYGROUP' then return r end "
        "return 1";

    return redis_command(q->r, a, NULL,
                         REDIS_WORDS(STR("EVAL"), STR(script), STR("1"),
                                     STR(VEDETTE_STREAM), STR(VEDETTE_GROUP)));
}


/*
 * No such process, or one that has ended and that nobody has waited for yet:
 * in a container process 1 may never do so.
 */
static bool
has_ended(pid_t pid)
{
    char path[32], stat[512], *state;
    FILE *f;

    if (kill(pid, 0) == -1 && errno == ESRCH) {
        return true;
    }
    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    f = fopen(path, "re");
    if (f == NULL) {
        return false;
    }
    stat[fread(stat, 1, sizeof(stat) - 1, f)] = '\0';
    fclose(f);
    state = strrchr(stat, ')');
    return state != NULL && (state[2] == 'Z' || state[2] == 'X');
}


/* "host:pid" of this host, and its process has ended. */
static bool
is_gone(const struct queue *q, struct str name)
{
    struct str mine = str_of(q->consumer);
    ptrdiff_t colon = str_rchr(mine, ':');
    int64_t pid;

    return colon != -1 && str_starts(name, str_sub(mine, 0, (size_t) colon + 1))
           && str_i64(str_sub(name, (size_t) colon + 1, name.n), &pid)
           && pid > 0 && pid <= INT32_MAX && has_ended((pid_t) pid);
}


/* Everything that a consumer holds becomes ours. */
static enum status
take_from(struct queue *q, struct arena *a, struct str name)
{
    redisReply *reply;
    struct str *words;
    enum status st;
    size_t n;

    for (;;) {
        st = redis_command(q->r, a, &reply,
                           REDIS_WORDS(STR("XPENDING"), STR(VEDETTE_STREAM),
                                       STR(VEDETTE_GROUP), STR("-"), STR("+"),
                                       str_printf(a, "%d", IDS), name));
        n = elements(reply);
        if (st != ST_OK || n == 0) {
            return st;
        }

        words = arena_array(a, n + 6, sizeof(struct str));
        words[0] = STR("XCLAIM");
        words[1] = STR(VEDETTE_STREAM);
        words[2] = STR(VEDETTE_GROUP);
        words[3] = str_of(q->consumer);
        words[4] = STR("0");
        for (size_t i = 0; i < n; i++) {
            words[5 + i] = redis_text(element(element(reply, i), 0));
        }
        words[5 + n] = STR("JUSTID");
        if ((st = redis_command(q->r, a, NULL, words, n + 6)) != ST_OK) {
            return st;
        }
        q->suspect = true;
        log_warning("%zu entries of %.*s, which is gone, are taken over", n,
                    STR_FMT(name));
    }
}


/* The value of a name in a flat list of names and values. */
static const redisReply *
named(const redisReply *list, const char *name)
{
    for (size_t i = 0; i + 1 < elements(list); i += 2) {
        if (str_is(redis_text(element(list, i)), name)) {
            return element(list, i + 1);
        }
    }
    return NULL;
}


static enum status
inherit(struct queue *q, struct arena *a)
{
    redisReply *reply;
    enum status st;

    st = redis_command(q->r, a, &reply,
                       REDIS_WORDS(STR("XINFO"), STR("CONSUMERS"),
                                   STR(VEDETTE_STREAM), STR(VEDETTE_GROUP)));
    for (size_t i = 0; st == ST_OK && i < elements(reply); i++) {
        const redisReply *info = element(reply, i);
        struct str name = redis_text(named(info, "name"));
        bool gone = is_gone(q, name);

        if (str_is(name, q->consumer)) {
            continue;
        }
        if (gone && redis_i64(named(info, "pending")) > 0) {
            st = take_from(q, a, name);

        } else if (redis_i64(named(info, "pending")) > 0
                   || (!gone && redis_i64(named(info, "idle")) < FORGET_MS)) {
            continue;
        }
        /* it holds nothing (XGROUP DELCONSUMER would lose what it held) */
        if (st == ST_OK) {
            st = redis_command(q->r, a, NULL,
                               REDIS_WORDS(STR("XGROUP"), STR("DELCONSUMER"),
                                           STR(VEDETTE_STREAM),
                                           STR(VEDETTE_GROUP), name));
        }
    }
    return st;
}


enum status
queue_join(struct queue *q, struct arena *a)
{
    enum status st;

    if (q->joined) {
        return ST_OK;
    }
    if ((st = make_group(q, a)) != ST_OK || (st = inherit(q, a)) != ST_OK) {
        return st;
    }
    q->joined = true;
    q->suspect = true;
    queue_again(q);
    return ST_OK;
}


enum status
queue_claim(struct queue *q, struct arena *a)
{
    const redisReply *lost;
    redisReply *reply;
    enum status st;

    if (q->lent) {
        q->lent = false;
        queue_again(q);
    }
    do {
        st = redis_command(
            q->r, a, &reply,
            REDIS_WORDS(STR("XAUTOCLAIM"), STR(VEDETTE_STREAM),
                        STR(VEDETTE_GROUP), str_of(q->consumer),
                        str_printf(a, "%d", QUEUE_LEASE_MS), str_of(q->cursor),
                        STR("COUNT"), str_printf(a, "%d", IDS), STR("JUSTID")));
        if (st != ST_OK) {
            q->joined = q->joined && st != ST_FAILED;
            return st;
        }
        keep(q->cursor, redis_text(element(reply, 0)));

        if (elements(element(reply, 1)) > 0) {
            log_warning("%zu entries of a silent worker are taken over",
                        elements(element(reply, 1)));
            q->suspect = true;
            queue_again(q);
        }
        lost = element(reply, 2);
        if (elements(lost) > 0) {
            log_error("%zu entries are gone from the stream: deleted by "
                      "somebody else",
                      elements(lost));
        }
    } while (strcmp(q->cursor, "0-0") != 0);
    return ST_OK;
}


/* reading */

struct reading {
    struct message *list;
    size_t room; /* of the list */
    size_t n;
    size_t max;
    size_t bytes;
    size_t wanted; /* entries of the latest command */
    size_t got;
    struct str last;
};


/*
 * What is lent becomes false in kept.  A loan that is over counts, too, until
 * we have settled: is_new tells that the entries have just been given to us.
 */
static enum status
leave_lent(struct queue *q, struct arena *a, const redisReply *entries,
           bool is_new, bool *kept)
{
    size_t n = elements(entries);
    struct str *ids = arena_array(a, n, sizeof(*ids));
    struct str *borrowers = arena_array(a, n, sizeof(*borrowers));
    enum status st;

    for (size_t i = 0; i < n; i++) {
        ids[i] = redis_text(element(element(entries, i), 0));
    }
    st = early_borrowers(q->r, a, ids, n, borrowers);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        kept[i] =
            str_null(borrowers[i]) || str_is(borrowers[i], q->consumer)
            || (!is_new && (borrowers[i].n == 0 || is_gone(q, borrowers[i])));
        q->lent = q->lent || !kept[i];
    }
    return st;
}


/* The requests of an entry into the list; how many: 0, it has been deleted. */
static size_t
add_entry(struct arena *a, struct reading *in, const redisReply *entry)
{
    size_t n;

    if (in->room < in->n + VEDETTE_SEVERAL_MAX) {
        size_t room = (in->room + VEDETTE_SEVERAL_MAX) * 2;

        in->list = arena_grow(a, in->list, in->room * sizeof(*in->list),
                              room * sizeof(*in->list));
        in->room = room;
    }
    n = messages_read(a, entry, in->list + in->n);
    in->n += n;
    return n;
}


/* One XREADGROUP; block_ms -1: do not wait. */
static enum status
read_piece(struct queue *q, struct arena *a, struct str from, int block_ms,
           struct reading *in)
{
    size_t room = (in->max - in->n + q->each - 1) / q->each;
    size_t want = room < q->piece ? room : q->piece;
    size_t before = in->bytes, began = in->n;
    struct str words[12] = { STR("XREADGROUP"),  STR("GROUP"),
                             STR(VEDETTE_GROUP), str_of(q->consumer),
                             STR("COUNT"),       str_printf(a, "%zu", want) };
    const redisReply *entries;
    redisReply *replies[2];
    struct str gone;
    enum status st;
    size_t n = 6;
    bool *kept;

    if (block_ms > 0) {
        words[n++] = STR("BLOCK");
        words[n++] = str_printf(a, "%d", block_ms);
    }
    words[n++] = STR("STREAMS");
    words[n++] = STR(VEDETTE_STREAM);
    words[n++] = from;

    in->wanted = want;
    in->got = 0;
    /* in this order: what is lent later has been given to nobody */
    st = redis_pipeline(
        q->r, a,
        (const struct redis_batch[]){
            { words, n }, { REDIS_WORDS(STR("EXISTS"), STR(EARLY_LOANS)) } },
        2, replies);
    if (st != ST_OK) {
        q->joined = q->joined && st != ST_FAILED;
        return st;
    }

    entries = element(element(replies[0], 0), 1);
    in->got = elements(entries);
    kept = arena_array(a, in->got, sizeof(bool));
    memset(kept, true, in->got);
    if (in->got > 0 && redis_i64(replies[1]) == 1
        && (st = leave_lent(q, a, entries, !q->pending, kept)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < in->got; i++) {
        size_t some;

        in->last = redis_text(element(element(entries, i), 0));
        if (!kept[i]) {
            continue;
        }
        some = add_entry(a, in, element(entries, i));
        for (size_t k = in->n - some; k < in->n; k++) {
            struct message *m = &in->list[k];

            m->suspect = q->suspect && q->pending;
            in->bytes += m->body.n + (m->apart > 0 ? (size_t) m->apart : 0);
        }
        if (some == 0) {
            gone = in->last;
            log_error("entry %.*s is gone from the stream: deleted by "
                      "somebody else",
                      STR_FMT(gone));
            if ((st = queue_ack(q, a, &gone, 1)) != ST_OK) {
                return st;
            }
        }
    }
    if (in->bytes > before) {
        size_t fit = PIECE_BYTES * in->got / (in->bytes - before);

        q->piece = fit < 1 ? 1 : fit < PIECE ? fit : PIECE;
    }
    if (in->n > began) {
        q->each = (in->n - began + in->got - 1) / in->got;
    }
    return ST_OK;
}


/* The queue is long: what is new, too (queue/early.h). */
static enum status
read_early(struct queue *q, struct arena *a, struct reading *in)
{
    redisReply *entries;
    enum status st;

    if (time_monotonic() < q->early_at) {
        return ST_OK;
    }
    q->early_at = time_monotonic() + EARLY_EVERY_US;
    st = early_take(q->r, a, str_of(q->consumer), &entries);
    if (st != ST_OK) {
        return st;
    }
    q->nearly = 0;
    for (size_t i = 0; i < elements(entries) && q->nearly < EARLY_MAX; i++) {
        if (add_entry(a, in, element(entries, i)) > 0) {
            keep(q->early[q->nearly++], in->list[in->n - 1].id);
        }
    }
    return ST_OK;
}


/* Acknowledged: not taken any more. */
static void
return_early(struct queue *q, const struct str *ids, size_t n)
{
    for (size_t i = 0; i < n && q->nearly > 0; i++) {
        for (size_t k = 0; k < q->nearly; k++) {
            if (str_is(ids[i], q->early[k])) {
                q->nearly--;
                if (k < q->nearly) {
                    keep(q->early[k], str_of(q->early[q->nearly]));
                }
                break;
            }
        }
    }
}


enum status
queue_read(struct queue *q, struct arena *a, size_t max, size_t max_bytes,
           int block_ms, struct message **out, size_t *n)
{
    struct reading in = { .max = max };
    enum status st;

    *n = 0;
    if (!q->joined) {
        return ST_RETRY;
    }
    while (q->pending && in.n < max && in.bytes < max_bytes) {
        st = read_piece(q, a, str_of(q->after), -1, &in);
        if (st != ST_OK) {
            return st;
        }
        if (in.got == 0) {
            if (in.n > 0) {
                break;
            }
            q->pending = false;
            q->suspect = false;
            keep(q->after, STR("0"));

        } else {
            keep(q->after, in.last);
        }
    }

    while (!q->pending && in.n < max && in.bytes < max_bytes) {
        st = read_piece(q, a, STR(">"), in.n == 0 ? block_ms : -1, &in);
        if (st != ST_OK) {
            /* what was read before is pending now and comes again */
            queue_again(q);
            return st;
        }
        if (in.got < in.wanted) {
            break;
        }
    }
    if (!q->pending && (in.n >= max || in.bytes >= max_bytes)
        && (st = read_early(q, a, &in)) != ST_OK) {
        queue_again(q);
        return st;
    }

    *out = in.list;
    *n = in.n;
    return ST_OK;
}


enum status
queue_pending(struct queue *q, struct arena *a, struct str **ids, size_t *n)
{
    struct str from = STR("-"), *list = NULL;
    size_t size = 0, got;
    redisReply *reply;
    enum status st;

    *n = 0;
    do {
        st = redis_command(q->r, a, &reply,
                           REDIS_WORDS(STR("XPENDING"), STR(VEDETTE_STREAM),
                                       STR(VEDETTE_GROUP), from, STR("+"),
                                       str_printf(a, "%d", IDS),
                                       str_of(q->consumer)));
        if (st != ST_OK) {
            q->joined = q->joined && st != ST_FAILED;
            return st;
        }
        got = elements(reply);
        list = arena_grow(a, list, size * sizeof(struct str),
                          (size + got) * sizeof(struct str));
        size += got;
        for (size_t i = 0; i < got; i++) {
            list[(*n)++] = redis_text(element(element(reply, i), 0));
        }
        if (got > 0) {
            from = str_printf(a, "(%.*s", STR_FMT(list[*n - 1]));
        }
    } while (got == IDS);

    /* these may have been given to another one since */
    list = arena_grow(a, list, size * sizeof(struct str),
                      (size + q->nearly) * sizeof(struct str));
    for (size_t i = 0; i < q->nearly; i++) {
        list[(*n)++] = str_copy(a, str_of(q->early[i]));
    }
    *ids = list;
    return ST_OK;
}


/* leaving */

/* Where the bodies of these entries are, if they are apart. */
static struct redis_batch
bodies_of(struct arena *a, const struct str *ids, size_t n)
{
    struct str *words = arena_array(a, n + 1, sizeof(struct str));

    words[0] = STR("UNLINK");
    for (size_t i = 0; i < n; i++) {
        words[1 + i] =
            str_printf(a, VEDETTE_BODY_PREFIX "%.*s", STR_FMT(ids[i]));
    }
    return (struct redis_batch){ words, n + 1 };
}


#define EXTRA_MAX 2

/*
 * XACK, XDEL and the forgetting of tries and bodies for up to IDS entries,
 * inside one MULTI; up to EXTRA_MAX others come first in it.
 */
static enum status
finish(struct queue *q, struct arena *a, const struct redis_batch *extra,
       size_t nextra, const struct str *ids, size_t n)
{
    static const struct str multi = { "MULTI", 5 }, exec = { "EXEC", 4 };
    static const struct str heads[][3] = {
        { { "XACK", 4 },
          { VEDETTE_STREAM, sizeof(VEDETTE_STREAM) - 1 },
          { VEDETTE_GROUP, sizeof(VEDETTE_GROUP) - 1 } },
        { { "XDEL", 4 }, { VEDETTE_STREAM, sizeof(VEDETTE_STREAM) - 1 } },
        { { "HDEL", 4 }, { QUEUE_TRIES, sizeof(QUEUE_TRIES) - 1 } },
        { { "HDEL", 4 }, { VEDETTE_BODIES, sizeof(VEDETTE_BODIES) - 1 } },
    };
    static const size_t lengths[] = { 3, 2, 2, 2 };
    struct redis_batch commands[6 + EXTRA_MAX];
    redisReply *replies[6 + EXTRA_MAX];
    enum status st;
    size_t k = 0;

    commands[k++] = (struct redis_batch){ &multi, 1 };
    for (size_t i = 0; i < nextra; i++) {
        commands[k++] = extra[i];
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct str *words = arena_array(a, lengths[i] + n, sizeof(struct str));

        memcpy(words, heads[i], lengths[i] * sizeof(struct str));
        memcpy(words + lengths[i], ids, n * sizeof(struct str));
        commands[k++] = (struct redis_batch){ words, lengths[i] + n };
    }
    commands[k++] = (struct redis_batch){ &exec, 1 };

    if ((st = redis_pipeline(q->r, a, commands, k, replies)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < elements(replies[k - 1]); i++) {
        const redisReply *reply = element(replies[k - 1], i);

        if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
            log_error("redis: acknowledging: %s", reply->str);
            return ST_FAILED;
        }
    }
    return ST_OK;
}


enum status
queue_ack(struct queue *q, struct arena *a, const struct str *ids, size_t n)
{
    enum status st;
    size_t some;

    for (size_t i = 0; i < n; i += some) {
        struct redis_batch bodies;

        some = n - i < IDS ? n - i : IDS;
        bodies = bodies_of(a, ids + i, some);
        st = finish(q, a, &bodies, 1, ids + i, some);
        if (st != ST_OK) {
            return st;
        }
        return_early(q, ids + i, some);
    }
    return ST_OK;
}


enum status
queue_bury(struct queue *q, struct arena *a, const struct message *m,
           struct str reason)
{
    struct str *words = arena_array(a, m->nfields + 9, sizeof(struct str));
    const struct redis_batch burial[EXTRA_MAX] = {
        { words, m->nfields / 2 * 2 + 9 },
        { REDIS_WORDS(STR("HINCRBY"), STR(VEDETTE_DEAD_SUMS), STR("bytes"),
                      str_printf(a, "%lld", (long long) dead_bytes(m))) },
    };
    size_t n = 0;

    words[n++] = STR("XADD");
    words[n++] = STR(VEDETTE_STREAM_DEAD);
    words[n++] = STR("*");
    memcpy(words + n, m->fields, m->nfields / 2 * 2 * sizeof(struct str));
    n += m->nfields / 2 * 2;
    words[n++] = STR(VEDETTE_F_DEAD_ID);
    words[n++] = m->id;
    words[n++] = STR(VEDETTE_F_DEAD_REASON);
    words[n++] = reason;
    words[n++] = STR(VEDETTE_F_DEAD_AT);
    words[n++] = str_printf(a, "%lld", (long long) time_now());
    /* a body that is apart stays, and its name is told by the letter */
    return finish(q, a, burial, EXTRA_MAX, &m->id, 1);
}


/*
 * KEYS: the stream, tries, loans.  ARGV: group, id, consumer, then the version
 * fields.  The entry is pending with us, or lent to us; else somebody else may
 * be storing it as it is.  The tries go first, whether there are any or not:
 * Redis refuses a script that begins with XADD when its memory is full, and
 * this one needs no more of it than it gives back.
 */
static const char split[] =
    "local id, me = ARGV[2], ARGV[3] "
    "local held = redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1] "
    "local ends, who = string.match(redis.call('HGET', KEYS[3], id) or '', "
    "'^(%d+) (.*)$') "
    "if not held or (held[2] ~= me and (who ~= me or tonumber(ends) <= "
    "redis.call('TIME')[1] * 1000)) then return 0 end "
    "redis.call('HDEL', KEYS[2], id) "
    "for i = 4, #ARGV do "
    "redis.call('XADD', KEYS[1], '*', '" VEDETTE_F_VERSION "', ARGV[i]) end "
    "redis.call('XACK', KEYS[1], ARGV[1], id) "
    "redis.call('XDEL', KEYS[1], id) "
    "return 1";


enum status
queue_split(struct queue *q, struct arena *a, const struct message *m)
{
    struct str words[9 + VEDETTE_SEVERAL_MAX] = {
        STR("EVAL"),
        STR(split),
        STR("3"),
        STR(VEDETTE_STREAM),
        STR(QUEUE_TRIES),
        STR(EARLY_LOANS),
        STR(VEDETTE_GROUP),
        m->id,
        str_of(q->consumer),
    };
    redisReply *reply;
    enum status st;

    for (size_t i = 0; i < m->of; i++) {
        words[9 + i] = m[i].packed;
    }
    st = redis_command(q->r, a, &reply, words, 9 + m->of);
    if (st == ST_OK && redis_i64(reply) == 0) {
        log_warning("entry %.*s is another worker's by now", STR_FMT(m->id));
        return ST_RETRY;
    }
    if (st == ST_OK) {
        return_early(q, &m->id, 1);
    }
    return st;
}


/* what killed whom */

/* A command's head, then the ids of these messages. */
static struct redis_batch
tries_of(struct arena *a, const char *command, const struct message *m,
         size_t n)
{
    struct str *words = arena_array(a, n + 2, sizeof(struct str)), *ids;
    size_t nids;

    words[0] = str_of(command);
    words[1] = STR(QUEUE_TRIES);
    ids = message_ids(a, m, n, &nids);
    memcpy(words + 2, ids, nids * sizeof(struct str));
    return (struct redis_batch){ words, nids + 2 };
}


/* The requests of an entry have been tried together. */
static void
set_tries(struct message *m, int64_t tries)
{
    for (size_t i = 0; i < m->of; i++) {
        m[i].tries = tries;
    }
}


enum status
queue_tries(struct queue *q, struct arena *a, struct message *m, size_t n)
{
    struct redis_batch command = tries_of(a, "HMGET", m, n);
    redisReply *reply;
    enum status st;
    size_t k = 0;

    st = redis_command(q->r, a, &reply, command.words, command.n);
    for (size_t i = 0; st == ST_OK && i < n; i += m[i].of) {
        set_tries(&m[i], redis_i64(element(reply, k++)));
    }
    return st;
}


enum status
queue_begin(struct queue *q, struct arena *a, struct message *m, size_t n)
{
    struct redis_batch *commands = arena_array(a, n, sizeof(*commands));
    redisReply **replies = arena_array(a, n, sizeof(redisReply *));
    enum status st;
    size_t k = 0;

    for (size_t i = 0; i < n; i += m[i].of) {
        struct str *words = arena_array(a, 4, sizeof(struct str));

        words[0] = STR("HINCRBY");
        words[1] = STR(QUEUE_TRIES);
        words[2] = m[i].id;
        words[3] = STR("1");
        commands[k++] = (struct redis_batch){ words, 4 };
    }
    if ((st = redis_pipeline(q->r, a, commands, k, replies)) != ST_OK) {
        return st;
    }
    k = 0;
    for (size_t i = 0; i < n; i += m[i].of) {
        set_tries(&m[i], redis_i64(replies[k++]));
    }
    return ST_OK;
}


void
queue_survived(struct queue *q, struct arena *a, const struct message *m,
               size_t n)
{
    struct redis_batch command = tries_of(a, "HDEL", m, n);

    if (redis_command(q->r, a, NULL, command.words, command.n) != ST_OK) {
        /* then it counts as a death too many, which costs caution only */
        return;
    }
}
