#include "model/letter.h"

#include "envelope/encoding.h"
#include "model/batch.h"
#include "util/log.h"
#include "util/timeutil.h"

/* Letters that are looked at in one go: each may have a body of 1 MB. */
#define PIECE 10

/* Of an unpacked body: what a request in the queue itself may unpack to. */
#define UNPACKED_MAX ((size_t) 16 << 20)


/* "1700-0@2" is "1700-0" of server 2; *server is -1 when none is named. */
static enum status
take_apart(struct str name, struct str *id, int64_t *server)
{
    struct str rest = name;

    *server = -1;
    str_split(&rest, '@', id);
    if (str_null(rest)) {
        return ST_OK;
    }
    return str_i64(rest, server) && *server >= 0
                   && (size_t) *server < redis_servers()
               ? ST_OK
               : ST_INVALID;
}


enum status
letter_find(struct redis *r, struct arena *a, struct str name,
            struct redis **on, struct dead_letter *out)
{
    int64_t only;
    struct str id;
    enum status st = take_apart(name, &id, &only);

    if (st != ST_OK) {
        return st;
    }
    st = ST_NOT_FOUND;
    for (size_t i = only > 0 ? (size_t) only : 0;
         st == ST_NOT_FOUND && i < redis_servers(); i++) {
        *on = redis_server(r, i);
        st = dead_find(*on, a, id, out);
        if (only >= 0) {
            break;
        }
    }
    return st;
}


enum status
letter_list(struct redis *r, struct arena *a, struct str after, size_t max,
            struct dead_letter *out, struct str *names, size_t *n)
{
    int64_t first = 0;
    struct str id = STR("");
    enum status st = after.n > 0 ? take_apart(after, &id, &first) : ST_OK;

    *n = 0;
    for (size_t i = first > 0 ? (size_t) first : 0;
         st == ST_OK && *n < max && i < redis_servers(); i++) {
        struct redis *on = redis_server(r, i);
        size_t some;

        st = dead_heads(on, a, id, max - *n, out + *n, &some);
        for (size_t k = *n; st == ST_OK && k < *n + some; k++) {
            names[k] = redis_entry(a, on, out[k].message.id);
        }
        *n += some;
        id = STR("");
    }
    return st;
}


/* All of one server. */
static enum status
each_of(struct redis *on, size_t most, letter_fn run, void *context,
        size_t *count)
{
    struct arena *kept = arena_new(), *a = arena_new();
    int64_t began = time_now();
    struct str after = STR("");
    enum status st = ST_OK;
    size_t n = 1;

    while (st == ST_OK && n > 0 && *count < most) {
        struct dead_letter *letters = arena_array(a, PIECE, sizeof(*letters));

        st = dead_list(on, a, after, PIECE, letters, &n);
        for (size_t i = 0; st == ST_OK && i < n && *count < most; i++) {
            if (letters[i].at > began) {
                n = 0;
                break;
            }
            st = run(context, on, a, &letters[i]);
            *count += st == ST_OK;
            after = letters[i].message.id;
        }
        if (n > 0) { /* else it is in kept still, and nobody asks again */
            arena_reset(kept);
            after = str_copy(kept, after);
        }
        arena_reset(a);
    }
    arena_free(a);
    arena_free(kept);
    return st;
}


enum status
letter_each(struct redis *r, size_t most, letter_fn run, void *context,
            size_t *count)
{
    enum status st = ST_OK;

    *count = 0;
    for (size_t i = 0; i < redis_servers(); i++) {
        /* one that is away costs its own letters, not those of the others */
        enum status one =
            each_of(redis_server(r, i), most, run, context, count);

        st = st == ST_OK ? one : st;
    }
    return st;
}


/*
 * The ledger first: forgetting it twice counts once.  If Redis then fails, the
 * letter is still there and can be sent again.
 */
enum status
letter_replay(void *db, struct redis *on, struct arena *a,
              const struct dead_letter *letter)
{
    enum status st = batch_exhume(db, a, redis_entry(a, on, letter->entry),
                                  letter->message.key_id, BATCH_AGAIN);

    return st == ST_OK ? dead_replay(on, a, letter) : st;
}


enum status
letter_purge(void *db, struct redis *on, struct arena *a,
             const struct dead_letter *letter)
{
    enum status st = batch_exhume(db, a, redis_entry(a, on, letter->entry),
                                  letter->message.key_id, BATCH_PURGED);

    return st == ST_OK ? dead_purge(on, a, letter) : st;
}


enum status
letter_room(struct redis *on, struct arena *a, const struct message *m,
            int64_t most)
{
    struct dead_sums sums;
    enum status st = dead_reckon(on);

    if (st != ST_OK || (st = dead_sums(on, a, &sums)) != ST_OK) {
        return st;
    }
    if (sums.bytes > 0 && sums.bytes + dead_bytes(m) > most) {
        st = dead_full(on, a, time_now());
        return st == ST_OK ? ST_NOT_FOUND : st;
    }
    return sums.full_at != 0 ? dead_full(on, a, 0) : ST_OK;
}


enum status
letter_bound(struct db *db, struct redis *on, struct arena *a, int64_t most)
{
    struct dead_sums sums;
    enum status st = dead_reckon(on);

    while (st == ST_OK && (st = dead_sums(on, a, &sums)) == ST_OK
           && sums.bytes > most) {
        struct dead_letter letters[2];
        size_t n;

        /* heads: the oldest may be large; and the newest is kept in any case */
        st = dead_heads(on, a, STR(""), 2, letters, &n);
        if (st != ST_OK || n < 2) {
            return st;
        }
        st = batch_exhume(db, a, redis_entry(a, on, letters[0].entry),
                          letters[0].message.key_id, BATCH_PUSHED);
        if (st != ST_OK || (st = dead_push_out(on, a, &letters[0])) != ST_OK) {
            return st;
        }
        log_warning("a dead letter of project %lld has gone to make room for "
                    "others",
                    (long long) letters[0].message.project_id);
    }
    return st;
}


enum status
letter_text(struct arena *a, const struct dead_letter *letter, size_t max,
            struct str *out)
{
    const struct message *m = &letter->message;

    if (m->apart > 0
        || encoding_decode(a, m->encoding, m->body, UNPACKED_MAX, out)
               != ST_OK) {
        return ST_NOT_FOUND;
    }
    *out = str_cut(*out, max);
    return ST_OK;
}
