/*
 * A header is one JSON object and its newline; a payload is so and so many
 * bytes, or what stands before the next newline.  The order of the tests below
 * is the order in which the protocol names the errors.
 */

#include "envelope/envelope.h"

#include "util/hex.h"
#include "util/timeutil.h"

/* Headers are small: whoever nests them deeper plays. */
static const struct json_limits header_limits = { .depth = 32, .nodes = 10000 };

/* A clock that is less wrong than this is left alone. */
#define DRIFT_MIN (55 * US_PER_MINUTE)

static const char missing_newline[] = "missing newline after header or payload";
static const char unexpected_end[] = "unexpected end of file";


static bool
blank(struct str s)
{
    return str_trim(s).n == 0;
}


/* One header object and the newline behind it. */
static enum status
read_header(struct envelope *env, const char *wrong, struct json **out)
{
    size_t used;

    if (json_parse_prefix(env->arena, env->rest, &header_limits, out, &used,
                          NULL)
            != ST_OK
        || !json_is(*out, JSON_T_OBJECT)) {
        env->reason = wrong;
        return ST_INVALID;
    }

    if (used < env->rest.n && env->rest.p[used] != '\n') {
        env->reason = missing_newline;
        return ST_INVALID;
    }
    env->rest =
        str_sub(env->rest, used < env->rest.n ? used + 1 : used, env->rest.n);
    return ST_OK;
}


/* A member that stands twice in a header has been marked by the reader. */
static bool
twice(const struct json *header, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct json *v = json_get(header, keys[i]);

        if (v != NULL && v->repaired) {
            return true;
        }
    }
    return false;
}


enum status
envelope_open(struct arena *a, struct str text, struct envelope *env)
{
    static const char *const known[] = { "event_id", "dsn", "sdk", "sent_at",
                                         "trace" };
    static const char wrong[] = "invalid envelope header";
    struct json *id;
    unsigned char bytes[16];
    enum status st;

    *env = (struct envelope){ .arena = a, .rest = text };
    if (blank(text)) {
        env->reason = "missing envelope header";
        return ST_INVALID;
    }
    if ((st = read_header(env, wrong, &env->header)) != ST_OK) {
        return st;
    }

    id = json_get(env->header, "event_id");
    env->event_id = json_text(id);
    if (twice(env->header, known, sizeof(known) / sizeof(known[0]))
        || (id != NULL && !json_is(id, JSON_T_NULL)
            && !uuid_parse(env->event_id, bytes))) {
        env->reason = wrong;
        return ST_INVALID;
    }

    /* only the correction of clocks needs it: a bad one costs that alone */
    if (!time_parse_iso(json_text_of(env->header, "sent_at"), &env->sent_at)) {
        env->sent_at = 0;
    }
    return ST_OK;
}


/* Takes the payload off env->rest. */
static enum status
read_payload(struct envelope *env, const struct json *length, struct item *it)
{
    int64_t n = 0;
    ptrdiff_t at;

    if (length == NULL || json_is(length, JSON_T_NULL)) {
        at = str_chr(env->rest, '\n');
        n = at != -1 ? at : (int64_t) env->rest.n;

    } else if (!json_i64(length, &n) || n < 0 || n > UINT32_MAX) {
        env->reason = "invalid item header";
        return ST_INVALID;

    } else if ((uint64_t) n > env->rest.n) {
        env->reason = unexpected_end;
        return ST_INVALID;
    }

    it->payload = str_sub(env->rest, 0, (size_t) n);
    env->rest = str_sub(env->rest, (size_t) n, env->rest.n);
    if (env->rest.n > 0) {
        if (env->rest.p[0] != '\n') {
            env->reason = missing_newline;
            return ST_INVALID;
        }
        env->rest = str_sub(env->rest, 1, env->rest.n);
    }
    return ST_OK;
}


enum status
envelope_next(struct envelope *env, struct item *it)
{
    static const char *const known[] = { "type", "length" };
    static const char wrong[] = "invalid item header";
    struct json *header;
    enum status st;

    if (env->rest.n == 0) {
        return ST_NOT_FOUND;
    }
    if (blank(env->rest)) {
        env->reason = unexpected_end;
        return ST_INVALID;
    }

    if ((st = read_header(env, wrong, &header)) != ST_OK) {
        return st;
    }
    *it = (struct item){ .position = env->position++,
                         .type = json_text_of(header, "type"),
                         .header = header };
    if (str_null(it->type)
        || twice(header, known, sizeof(known) / sizeof(known[0]))) {
        env->reason = wrong;
        return ST_INVALID;
    }
    return read_payload(env, json_get(header, "length"), it);
}


int64_t
envelope_drift(const struct envelope *env, int64_t received_at)
{
    int64_t by;

    if (env == NULL || env->sent_at == 0) {
        return 0;
    }
    by = received_at - env->sent_at;
    return by >= DRIFT_MIN || by <= -DRIFT_MIN ? by : 0;
}
