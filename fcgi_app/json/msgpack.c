/*
 * The tokens are libmpack's; it needs no memory of its own, so that a header
 * that promises a thousand million values costs nothing until they come.
 */

#include "json/msgpack.h"

#include <math.h>
#include <mpack.h>

struct reader {
    struct arena *a;
    mpack_tokbuf_t tokens;
    const char *p;
    size_t n;
    unsigned depth; /* left */
    unsigned nodes; /* left */
};


static bool
next(struct reader *r, mpack_token_t *token)
{
    /* it must not be asked when there is nothing */
    return r->n > 0 && mpack_read(&r->tokens, &r->p, &r->n, token) == MPACK_OK;
}


/* What a str, bin or ext token announced; it comes in one piece or is cut. */
static bool
read_bytes(struct reader *r, size_t length, struct str *out)
{
    mpack_token_t chunk;

    *out = STR("");
    if (length == 0) {
        return true;
    }
    if (!next(r, &chunk) || chunk.type != MPACK_TOKEN_CHUNK
        || chunk.length != length) {
        return false;
    }
    *out = str_make(chunk.data.chunk_ptr, length);
    return true;
}


static struct json *read_value(struct reader *r);


/* Not json_set, which looks for the key: a map may have 100,000 of them. */
static void
add_member(struct json *object, struct str key, struct json *value)
{
    value->key = key;
    if (object->last != NULL) {
        object->last->next = value;

    } else {
        object->first = value;
    }
    object->last = value;
    object->n++;
}


static bool
read_members(struct reader *r, size_t count, struct json *object)
{
    for (size_t i = 0; i < count; i++) {
        struct json *key = read_value(r), *value;

        if (key == NULL || (value = read_value(r)) == NULL) {
            return false;
        }
        if (key->type == JSON_T_STRING) {
            add_member(object, key->text, value);
        }
    }
    return true;
}


static bool
read_elements(struct reader *r, size_t count, struct json *array)
{
    for (size_t i = 0; i < count; i++) {
        struct json *value = read_value(r);

        if (value == NULL) {
            return false;
        }
        json_append(array, value);
    }
    return true;
}


static struct json *
read_container(struct reader *r, const mpack_token_t *token)
{
    bool map = token->type == MPACK_TOKEN_MAP, right;
    struct json *v = json_new(r->a, map ? JSON_T_OBJECT : JSON_T_ARRAY);

    if (r->depth == 0) {
        return NULL;
    }
    r->depth--;
    right = map ? read_members(r, token->length, v)
                : read_elements(r, token->length, v);
    r->depth++;
    return right ? v : NULL;
}


static struct json *
read_value(struct reader *r)
{
    mpack_token_t token;
    struct str bytes;
    double number;

    if (r->nodes == 0 || !next(r, &token)) {
        return NULL;
    }
    r->nodes--;
    switch (token.type) {
    case MPACK_TOKEN_BOOLEAN:
        return json_new_bool(r->a, mpack_unpack_boolean(token));

    case MPACK_TOKEN_UINT:
        /* what JSON readers cannot hold as an integer is one of ours neither */
        if (mpack_unpack_uint(token) > (mpack_uintmax_t) INT64_MAX) {
            return json_new_double(r->a, (double) mpack_unpack_uint(token));
        }
        return json_new_i64(r->a, (int64_t) mpack_unpack_uint(token));

    case MPACK_TOKEN_SINT:
        return json_new_i64(r->a, mpack_unpack_sint(token));

    case MPACK_TOKEN_FLOAT:
        number = mpack_unpack_float(token);
        return isfinite(number) ? json_new_double(r->a, number)
                                : json_new(r->a, JSON_T_NULL);

    case MPACK_TOKEN_STR:
        return read_bytes(r, token.length, &bytes)
                   ? json_new_str(r->a, utf8_mend(r->a, bytes))
                   : NULL;

    case MPACK_TOKEN_BIN:
    case MPACK_TOKEN_EXT:
        return read_bytes(r, token.length, &bytes) ? json_new(r->a, JSON_T_NULL)
                                                   : NULL;

    case MPACK_TOKEN_ARRAY:
    case MPACK_TOKEN_MAP:
        return read_container(r, &token);

    default:
        return json_new(r->a, JSON_T_NULL);
    }
}


enum status
msgpack_read(struct arena *a, struct str *rest,
             const struct json_limits *limits, struct json **out)
{
    struct reader r = { .a = a,
                        .tokens = MPACK_TOKBUF_INITIAL_VALUE,
                        .p = rest->p,
                        .n = rest->n,
                        .depth = limits->depth,
                        .nodes = limits->nodes };

    if (rest->n == 0) {
        return ST_NOT_FOUND;
    }
    if ((*out = read_value(&r)) == NULL) {
        return ST_INVALID;
    }
    *rest = str_make(r.p, r.n);
    return ST_OK;
}
