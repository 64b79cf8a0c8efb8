/*
 * json/make.h - JSON bodies, written down as they look:
 *
 *     struct json *card = make_object(a, body, "card");
 *     make_str(a, card, "title", n->title);
 *
 * An array takes the same calls with the key NULL.
 */

#ifndef VEDETTE_JSON_MAKE_H
#define VEDETTE_JSON_MAKE_H

#include "json/doc.h"

static inline struct json *
make_put(struct json *in, const char *key, struct json *v)
{
    if (key != NULL) {
        json_set(in, str_of(key), v);

    } else {
        json_append(in, v);
    }
    return v;
}

static inline struct json *
make_object(struct arena *a, struct json *in, const char *key)
{
    return make_put(in, key, json_new(a, JSON_T_OBJECT));
}

/* The object at key, which is made when there is none. */
static inline struct json *
make_inside(struct arena *a, struct json *in, const char *key)
{
    struct json *v = json_get(in, key);

    return json_is(v, JSON_T_OBJECT) ? v : make_object(a, in, key);
}

static inline struct json *
make_array(struct arena *a, struct json *in, const char *key)
{
    return make_put(in, key, json_new(a, JSON_T_ARRAY));
}

static inline void
make_str(struct arena *a, struct json *in, const char *key, struct str s)
{
    make_put(in, key, json_new_str(a, s));
}

/* Only when there is something to say. */
static inline void
make_some(struct arena *a, struct json *in, const char *key, struct str s)
{
    if (s.n > 0) {
        make_str(a, in, key, s);
    }
}

static inline void
make_text(struct arena *a, struct json *in, const char *key, const char *s)
{
    make_put(in, key, json_new_str(a, str_of(s)));
}

static inline void
make_i64(struct arena *a, struct json *in, const char *key, int64_t v)
{
    make_put(in, key, json_new_i64(a, v));
}

static inline void
make_bool(struct arena *a, struct json *in, const char *key, bool v)
{
    make_put(in, key, json_new_bool(a, v));
}

#endif
