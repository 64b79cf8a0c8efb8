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


/* What an entry takes beside its body, about. */
#define ENTRY_BYTES 400


int64_t
dead_bytes(const struct message *m)
{
    /* behind a version that is not known stands the whole entry */
    return (m->apart > 0 ? m->apart : (int64_t) m->body.n)
           + (int64_t) m->version.n + ENTRY_BYTES;
}


/* Letters that are looked at in one go: Redis copies their bodies. */
#define PIECE 20

/* What changes when a letter comes or goes, in a script. */
#define STATE                                                                  \
    "local state = '' "                                                        \
    "if redis.call('EXISTS', KEYS[1]) == 1 then "                              \
    "local i = redis.call('XINFO', 'STREAM', KEYS[1]) "                        \
    "for k = 1, #i, 2 do if i[k] == 'last-generated-id' then "                 \
    "state = redis.call('XLEN', KEYS[1]) .. ' ' .. i[k + 1] end end end "


/* bytes: of all of them now; a letter that is not looked at counts for nothing
 */
static enum status
add_up(struct redis *r, int64_t *bytes)
{
    struct arena *a = arena_new(), *kept = arena_new();
    struct str after = STR("");
    enum status st;
    size_t n;

    *bytes = 0;
    do {
        struct dead_letter letters[PIECE];

        arena_reset(a);
        st = dead_heads(r, a, after, PIECE, letters, &n);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            *bytes += dead_bytes(&letters[i].message);
        }
        if (st == ST_OK && n > 0) {
            arena_reset(kept);
            after = str_copy(kept, letters[n - 1].message.id);
        }
    } while (st == ST_OK && n > 0);
    arena_free(a);
    arena_free(kept);
    return st;
}


enum status
dead_reckon(struct redis *r)
{
    static const char look[] = "if redis.call('HEXISTS', KEYS[2], 'whole') == "
                               "1 then return 0 end " STATE "return state";
    static const char write[] = STATE
        "if state ~= ARGV[1] then return 0 end "
        "return redis.call('HSET', KEYS[2], 'bytes', ARGV[2], 'whole', 1)";
    struct arena *a = arena_new();
    redisReply *reply;
    int64_t bytes;
    enum status st;

    st = redis_command(r, a, &reply,
                       REDIS_WORDS(STR("EVAL"), STR(look), STR("2"),
                                   STR(VEDETTE_STREAM_DEAD),
                                   STR(VEDETTE_DEAD_SUMS)));
    if (st == ST_OK && reply->type == REDIS_REPLY_STRING
        && (st = add_up(r, &bytes)) == ST_OK) {
        st = redis_command(
            r, a, NULL,
            REDIS_WORDS(STR("EVAL"), STR(write), STR("2"),
                        STR(VEDETTE_STREAM_DEAD), STR(VEDETTE_DEAD_SUMS),
                        redis_text(reply),
                        str_printf(a, "%lld", (long long) bytes)));
    }
    arena_free(a);
    return st;
}


enum status
dead_sums(struct redis *r, struct arena *a, struct dead_sums *out)
{
    redisReply *reply;
    enum status st =
        redis_command(r, a, &reply,
                      REDIS_WORDS(STR("HMGET"), STR(VEDETTE_DEAD_SUMS),
                                  STR("bytes"), STR("gone"), STR("full")));

    *out = (struct dead_sums){ 0 };
    if (st == ST_OK) {
        out->bytes = redis_i64(element(reply, 0));
        out->gone = redis_i64(element(reply, 1));
        out->full_at = redis_i64(element(reply, 2));
    }
    return st;
}


enum status
dead_full(struct redis *r, struct arena *a, int64_t at)
{
    return redis_command(r, a, NULL,
                         REDIS_WORDS(STR("HSET"), STR(VEDETTE_DEAD_SUMS),
                                     STR("full"),
                                     str_printf(a, "%lld", (long long) at)));
}


/*
 * Takes the letter ARGV[1], of ARGV[2] bytes, out of KEYS[1], and out of the
 * sums in KEYS[2], which are those of the rest: of none there is nothing to
 * say, and letters from before the sums may not be in them yet.  Whether there
 * is room now, who needs it finds out.
 */
#define TAKE_OUT                                                               \
    "if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end "          \
    "if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[2]) "     \
    "elseif redis.call('HINCRBY', KEYS[2], 'bytes', -ARGV[2]) < 0 then "       \
    "redis.call('HSET', KEYS[2], 'bytes', 0) end "                             \
    "redis.call('HDEL', KEYS[2], 'full') "


static struct str
bytes_of(struct arena *a, const struct dead_letter *letter)
{
    return str_printf(a, "%lld", (long long) dead_bytes(&letter->message));
}


enum status
dead_replay(struct redis *r, struct arena *a, const struct dead_letter *letter)
{
    /*
     * one script: a letter that somebody else has just taken is not sent, and
     * a body that is apart follows its entry
     */
    static const char script[] =
        TAKE_OUT "local id = redis.call('XADD', KEYS[3], '*', unpack(ARGV, 5)) "
                 "if redis.call('EXISTS', KEYS[4]) == 1 then "
                 "redis.call('RENAME', KEYS[4], ARGV[3] .. id) "
                 "redis.call('HSET', KEYS[5], id, ARGV[4]) "
                 "end "
                 "return id";
    const struct message *m = &letter->message;
    struct str *words = arena_array(a, m->nfields + 12, sizeof(struct str));
    size_t n = 0;

    words[n++] = STR("EVAL");
    words[n++] = STR(script);
    words[n++] = STR("5");
    words[n++] = STR(VEDETTE_STREAM_DEAD);
    words[n++] = STR(VEDETTE_DEAD_SUMS);
    words[n++] = STR(VEDETTE_STREAM);
    words[n++] = body_of(a, letter);
    words[n++] = STR(VEDETTE_BODIES);
    words[n++] = m->id;
    words[n++] = bytes_of(a, letter);
    words[n++] = STR(VEDETTE_BODY_PREFIX);
    words[n++] = str_printf(a, "%lld", (long long) m->apart);
    memcpy(words + n, m->fields, m->nfields * sizeof(struct str));
    return redis_command(r, a, NULL, words, n + m->nfields);
}


static enum status
take_out(struct redis *r, struct arena *a, const struct dead_letter *letter,
         const char *gone)
{
    static const char script[] = TAKE_OUT
        "redis.call('UNLINK', KEYS[3]) "
        "if ARGV[3] == '1' then redis.call('HINCRBY', KEYS[2], 'gone', 1) end "
        "return 1";

    return redis_command(r, a, NULL,
                         REDIS_WORDS(STR("EVAL"), STR(script), STR("3"),
                                     STR(VEDETTE_STREAM_DEAD),
                                     STR(VEDETTE_DEAD_SUMS), body_of(a, letter),
                                     letter->message.id, bytes_of(a, letter),
                                     str_of(gone)));
}


enum status
dead_purge(struct redis *r, struct arena *a, const struct dead_letter *letter)
{
    return take_out(r, a, letter, "0");
}


enum status
dead_push_out(struct redis *r, struct arena *a,
              const struct dead_letter *letter)
{
    return take_out(r, a, letter, "1");
}
