#include "queue/dead.h"

#include "queue/message.h"


static const redisReply *
element(const redisReply *reply, size_t i)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY
                   && i < reply->elements
               ? reply->element[i]
               : NULL;
}


/* Takes a field out of the message and returns its value. */
static struct str
take(struct message *m, const char *name)
{
    struct str value = STR_NULL;

    for (size_t i = 0; i + 1 < m->nfields; i += 2) {
        if (str_is(m->fields[i], name)) {
            value = m->fields[i + 1];
            memmove(m->fields + i, m->fields + i + 2,
                    (m->nfields - i - 2) * sizeof(struct str));
            m->nfields -= 2;
            break;
        }
    }
    return value;
}


static bool
letter_of(struct arena *a, const redisReply *entry, struct dead_letter *out)
{
    struct message *m = &out->message;

    *out = (struct dead_letter){ 0 };
    if (!message_read(a, entry, m)) {
        return false;
    }
    out->entry = take(m, VEDETTE_F_DEAD_ID);
    out->reason = take(m, VEDETTE_F_DEAD_REASON);
    if (!str_i64(take(m, VEDETTE_F_DEAD_AT), &out->at)) {
        out->at = 0;
    }
    return true;
}


static bool
is_id(struct str id)
{
    struct str part, rest = id;
    int64_t number;
    int parts = 0;

    while (str_split(&rest, '-', &part)) {
        if (!str_i64(part, &number) || number < 0) {
            return false;
        }
        parts++;
    }
    return parts == 2;
}


static size_t
letters_of(struct arena *a, const redisReply *reply, size_t max,
           struct dead_letter *out)
{
    size_t n = 0;

    for (size_t i = 0; i < max && element(reply, i) != NULL; i++) {
        n += letter_of(a, element(reply, i), &out[n]);
    }
    return n;
}


static enum status
range(struct redis *r, struct arena *a, struct str from, struct str to,
      size_t max, struct dead_letter *out, size_t *n)
{
    redisReply *reply;
    enum status st;

    st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("XRANGE"), STR(VEDETTE_STREAM_DEAD), from,
                                  to, STR("COUNT"), str_printf(a, "%zu", max)));
    *n = st == ST_OK ? letters_of(a, reply, max, out) : 0;
    return st;
}


static struct str
behind(struct arena *a, struct str after)
{
    return after.n == 0 ? STR("-") : str_printf(a, "(%.*s", STR_FMT(after));
}


enum status
dead_list(struct redis *r, struct arena *a, struct str after, size_t max,
          struct dead_letter *out, size_t *n)
{
    return range(r, a, behind(a, after), STR("+"), max, out, n);
}


enum status
dead_heads(struct redis *r, struct arena *a, struct str after, size_t max,
           struct dead_letter *out, size_t *n)
{
    /* each body becomes the size that one that is apart would have */
    static const char script[] =
        "local all = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', "
        "ARGV[2]) "
        "for _, entry in ipairs(all) do "
        "local f = entry[2] "
        "for i = 1, #f, 2 do "
        "if f[i] == '" VEDETTE_F_BODY "' then "
        "f[i], f[i + 1] = '" VEDETTE_F_SIZE "', tostring(#f[i + 1]) end "
        "end end "
        "return all";
    redisReply *reply;
    enum status st;

    *n = 0;
    if (after.n > 0 && !is_id(after)) {
        return ST_INVALID;
    }
    st = redis_command(r, a, &reply,
                       REDIS_WORDS(STR("EVAL"), STR(script), STR("1"),
                                   STR(VEDETTE_STREAM_DEAD), behind(a, after),
                                   str_printf(a, "%zu", max)));
    if (st == ST_OK) {
        *n = letters_of(a, reply, max, out);
    }
    return st;
}


enum status
dead_find(struct redis *r, struct arena *a, struct str id,
          struct dead_letter *out)
{
    enum status st;
    size_t n;

    if (!is_id(id)) {
        return ST_INVALID;
    }
    st = range(r, a, id, id, 1, out, &n);
    return st == ST_OK && n == 0 ? ST_NOT_FOUND : st;
}


static struct str
body_of(struct arena *a, const struct dead_letter *letter)
{
    return str_printf(a, VEDETTE_BODY_PREFIX "%.*s", STR_FMT(letter->entry));
}


enum status
dead_replay(struct redis *r, struct arena *a, const struct dead_letter *letter)
{
    /*
     * one script: a letter that somebody else has just taken is not sent, and
     * a body that is apart follows its entry
     */
    static const char script[] =
        "if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end "
        "local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 4)) "
        "if redis.call('EXISTS', KEYS[3]) == 1 then "
        "redis.call('RENAME', KEYS[3], ARGV[2] .. id) "
        "redis.call('HSET', KEYS[4], id, ARGV[3]) "
        "end "
        "return id";
    const struct message *m = &letter->message;
    struct str *words = arena_array(a, m->nfields + 10, sizeof(struct str));
    size_t n = 0;

    words[n++] = STR("EVAL");
    words[n++] = STR(script);
    words[n++] = STR("4");
    words[n++] = STR(VEDETTE_STREAM_DEAD);
    words[n++] = STR(VEDETTE_STREAM);
    words[n++] = body_of(a, letter);
    words[n++] = STR(VEDETTE_BODIES);
    words[n++] = m->id;
    words[n++] = STR(VEDETTE_BODY_PREFIX);
    words[n++] = str_printf(a, "%lld", (long long) m->apart);
    memcpy(words + n, m->fields, m->nfields * sizeof(struct str));
    return redis_command(r, a, NULL, words, n + m->nfields);
}


enum status
dead_purge(struct redis *r, struct arena *a, const struct dead_letter *letter)
{
    return redis_pipeline(
        r, a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("XDEL"), STR(VEDETTE_STREAM_DEAD),
                          letter->message.id) },
            { REDIS_WORDS(STR("UNLINK"), body_of(a, letter)) } },
        2, NULL);
}
