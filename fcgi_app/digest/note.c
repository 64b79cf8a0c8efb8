/*
 * _meta: a tree parallel to the event that says, at the path of a value, what
 * was done to it (protocol.md §7.1).  What an SDK sent there is kept and
 * merged.
 *
 * The path is given by the caller's stack of struct at, so that nothing is
 * built while nothing is wrong.
 */

#include "digest/normalize.h"

#include "util/timeutil.h"

/* A note repeats the wrong value only when it is small. */
#define VALUE_MAX 500

/* The SDK's own notes that are kept. */
#define SDK_META_BYTES 32768
#define SDK_META_DEPTH 24


static struct json *
member(struct norm *n, struct json *object, struct str key, enum json_type type)
{
    struct json *v = json_get_str(object, key);

    if (!json_is(v, type)) {
        v = json_new(n->a, type);
        json_set(object, key, v);
    }
    return v;
}


static struct str
key_text(struct norm *n, const struct at *at)
{
    return !str_null(at->key) ? at->key : str_printf(n->a, "%u", at->index);
}


/* The node of _meta for a path, made on the way; NULL when it has no name. */
static struct json *
node(struct norm *n, const struct at *at)
{
    struct json *up;
    struct str key;

    if (at == NULL) {
        if (n->meta == NULL) {
            n->meta = json_new(n->a, JSON_T_OBJECT);
        }
        return n->meta;
    }

    up = node(n, at->up);
    key = key_text(n, at);
    return up == NULL || key.n == 0 ? NULL : member(n, up, key, JSON_T_OBJECT);
}


/* The place for a note, or NULL when there have been enough. */
static struct json *
place(struct norm *n, const struct at *at)
{
    struct json *v;

    if (n->notes++ >= NOTES_MAX) {
        return NULL;
    }
    v = node(n, at);
    return v == NULL ? NULL : member(n, v, STR(""), JSON_T_OBJECT);
}


void
notes_begin(struct norm *n)
{
    struct json *meta = json_remove(n->doc, "_meta");
    size_t left = SDK_META_BYTES;

    if (!json_is(meta, JSON_T_OBJECT)) {
        return;
    }

    /* trimmed without notes: these would stand in the tree being trimmed */
    n->notes = NOTES_MAX;
    bag_limit(n, meta, NULL, &left, SDK_META_DEPTH);
    n->notes = 0;
    n->meta = meta;
}


void
notes_end(struct norm *n)
{
    if (n->meta != NULL && n->meta->n > 0) {
        json_set(n->doc, STR("_meta"), n->meta);
    }
}


/* The node of _meta for a path, or NULL; at most 16 names deep. */
static struct json *
found(struct norm *n, const struct at *at)
{
    const struct at *path[16];
    struct json *v = n->meta;
    size_t depth = 0;

    for (; at != NULL && depth < 16; at = at->up) {
        path[depth++] = at;
    }
    while (depth > 0 && v != NULL) {
        v = json_get_str(v, key_text(n, path[--depth]));
    }
    return v;
}


void
note_forget(struct norm *n, const struct at *at)
{
    struct json *up = found(n, at->up);

    if (up != NULL) {
        json_remove(up, str_dup(n->a, key_text(n, at)));
    }
}


bool
note_drop(struct norm *n, const struct at *list, unsigned index)
{
    struct json *v = n->meta != NULL ? found(n, list) : NULL;
    bool noted;

    if (v == NULL) {
        return false;
    }
    noted = json_remove(v, str_printf(n->a, "%u", index).p) != NULL;
    json_each(e, v)
    {
        int64_t at;

        if (str_i64(e->key, &at) && at > (int64_t) index) {
            e->key = str_printf(n->a, "%lld", (long long) at - 1);
        }
    }
    return noted;
}


/* Adds [kind, {}] to the errors and returns the {}; NULL when full. */
static struct json *
error_data(struct norm *n, const struct at *at, const char *kind,
           struct json **where)
{
    struct json *v = place(n, at), *pair, *data;

    if (v == NULL) {
        return NULL;
    }
    pair = json_new(n->a, JSON_T_ARRAY);
    data = json_new(n->a, JSON_T_OBJECT);
    node_link(pair, json_new_str(n->a, str_of(kind)));
    node_link(pair, data);
    node_link(member(n, v, STR("err"), JSON_T_ARRAY), pair);
    if (where != NULL) {
        *where = v;
    }
    return data;
}


void
note_error(struct norm *n, const struct at *at, const char *kind,
           const char *reason)
{
    struct json *v, *data;

    if (reason == NULL) {
        v = place(n, at);
        if (v != NULL) {
            node_link(member(n, v, STR("err"), JSON_T_ARRAY),
                      json_new_str(n->a, str_of(kind)));
        }
        return;
    }

    data = error_data(n, at, kind, NULL);
    if (data != NULL) {
        json_set(data, STR("reason"), json_new_str(n->a, str_of(reason)));
    }
}


void
note_invalid(struct norm *n, const struct at *at, struct json *v,
             const char *reason)
{
    struct json *where = NULL, *copy;
    struct json *data = error_data(n, at, "invalid_data", &where);

    if (data != NULL) {
        struct buf text = buf_in(n->a);

        json_set(data, STR("reason"), json_new_str(n->a, str_of(reason)));
        if ((v->type != JSON_T_STRING || v->text.n <= VALUE_MAX)
            && v->n <= VALUE_MAX / 2) {
            json_write(&text, v);
            if (text.n <= VALUE_MAX) {
                copy = json_clone(n->a, v);
                json_set(where, STR("val"), copy);
            }
        }
    }
    json_nullify(v);
}


void
note_remark(struct norm *n, const struct at *at, const char *rule,
            const char *type, size_t from, size_t to, size_t was)
{
    struct json *v = place(n, at), *remark;

    if (v == NULL) {
        return;
    }
    remark = json_new(n->a, JSON_T_ARRAY);
    node_link(remark, json_new_str(n->a, str_of(rule)));
    node_link(remark, json_new_str(n->a, str_of(type)));
    if (to > 0) {
        node_link(remark, json_new_i64(n->a, (int64_t) from));
        node_link(remark, json_new_i64(n->a, (int64_t) to));
    }
    node_link(member(n, v, STR("rem"), JSON_T_ARRAY), remark);
    if (was > 0) {
        json_set(v, STR("len"), json_new_i64(n->a, (int64_t) was));
    }
}


void
note_length(struct norm *n, const struct at *at, size_t was)
{
    struct json *v = place(n, at);

    if (v != NULL) {
        json_set(v, STR("len"), json_new_i64(n->a, (int64_t) was));
    }
}


void
note_times(struct norm *n, const struct at *at, const char *kind,
           int64_t sdk_time, int64_t server_time)
{
    struct json *data = error_data(n, at, kind, NULL);

    if (data != NULL) {
        json_set(data, STR("sdk_time"),
                 json_new_str(n->a, time_format_iso(n->a, sdk_time, true)));
        json_set(data, STR("server_time"),
                 json_new_str(n->a, time_format_iso(n->a, server_time, true)));
    }
}
