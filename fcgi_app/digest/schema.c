/*
 * Walks an object by a table of fields.  The children are taken out and put
 * back one by one, so that dropping, renaming and refusing are all "not put
 * back"; one pass, whatever the order.
 *
 * A field is found by a small hash over its length and three of its letters:
 * frames have twenty-five possible fields and come by the hundred.
 */

#include "digest/normalize.h"

/* What an object may carry beyond its table. */
#define UNKNOWN_BYTES 2048
#define UNKNOWN_DEPTH 3
#define KEY_MAX 200


static unsigned
slot_of(struct str key)
{
    const unsigned char *p = (const unsigned char *) key.p;

    if (key.n == 0) {
        return 0;
    }
    return (unsigned) (key.n * 7 + p[0] * 3U + p[key.n / 2] * 11U
                       + p[key.n - 1] * 31U)
           % SCHEMA_SLOTS;
}


static void
prepare(struct schema *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        unsigned at = slot_of(s->fields[i].name);

        while (s->slots[at] != 0) {
            at = (at + 1) % SCHEMA_SLOTS;
        }
        s->slots[at] = (unsigned char) (i + 1);
    }
    s->ready = true;
}


static const struct field *
find(struct schema *s, struct str key)
{
    unsigned at = slot_of(key);

    if (!s->ready) {
        prepare(s);
    }
    for (; s->slots[at] != 0; at = (at + 1) % SCHEMA_SLOTS) {
        const struct field *f = &s->fields[s->slots[at] - 1];

        if (str_eq(key, f->name)) {
            return f;
        }
    }
    return NULL;
}


/* True when the older name shall be used: nothing stands at the newer one. */
static bool
alias_wins(const struct json *done, const struct json *rest, const char *name)
{
    if (json_get(done, name) != NULL) {
        return false;
    }
    for (; rest != NULL; rest = rest->next) {
        if (str_is(rest->key, name) && rest->type != JSON_T_NULL) {
            return false;
        }
    }
    return true;
}


static void
keep_unknown(struct norm *n, struct schema *s, struct json *object,
             struct json *v, const struct at *at, size_t *left,
             struct json **data)
{
    if (s->unknown == UNKNOWN_DROP) {
        note_error(n, at, "invalid_attribute", NULL);
        return;
    }
    if (v->type == JSON_T_NULL || *left == 0) {
        return;
    }

    v->key = str_cut(v->key, KEY_MAX);
    *left -= v->key.n < *left ? v->key.n : *left;
    bag_limit(n, v, at, left, UNKNOWN_DEPTH);

    if (s->unknown == UNKNOWN_KEEP) {
        /* scrub.c looks for these, and at objects that have some */
        object->flag = true;
        v->flag = v->flag || v->type != JSON_T_BOOL;
        node_link(object, v);
        return;
    }
    if (*data == NULL) {
        *data = json_new(n->a, JSON_T_OBJECT);
    }
    node_link(*data, v);
}


/* Gives the unknown members to "data", where the client's own ones win. */
static void
merge_data(struct norm *n, struct json *object, struct json *extra)
{
    struct json *data = json_get(object, "data"), *v, *next;

    if (!json_is(data, JSON_T_OBJECT)) {
        data = json_new(n->a, JSON_T_OBJECT);
        json_set(object, STR("data"), data);
    }
    for (v = node_take_all(extra); v != NULL; v = next) {
        next = v->next;
        v->next = NULL;
        if (json_get_str(data, v->key) == NULL) {
            node_link(data, v);
        }
    }
}


void
schema_walk(struct norm *n, struct schema *s, struct json *object,
            const struct at *up)
{
    struct json *v, *next, *data = NULL;
    size_t unknown_left = UNKNOWN_BYTES;

    for (v = node_take_all(object); v != NULL; v = next) {
        const struct field *f = find(s, v->key);
        struct at at = { up, v->key, 0 };
        unsigned notes;

        next = v->next;
        v->next = NULL;

        if (f == NULL) {
            keep_unknown(n, s, object, v, &at, &unknown_left, &data);
            continue;
        }
        if (v->type == JSON_T_NULL) {
            continue;
        }
        if (f->alias_of != NULL) {
            const char *name = f->alias_of;

            if (!alias_wins(object, next, name)) {
                note_error(n, &at, "invalid_attribute", NULL);
                continue;
            }
            v->key = at.key = str_of(name);
            f = find(s, v->key);
        }

        notes = n->notes;
        if (v->repaired) {
            note_error(n, &at, "invalid_data", "broken text was repaired");
            v->repaired = false;
        }
        f->rule(n, f, v, &at);
        if (v->type != JSON_T_NULL || n->notes != notes) {
            node_link(object, v);
        }
    }

    if (data != NULL) {
        merge_data(n, object, data);
    }
    if (s->finish != NULL) {
        s->finish(n, object, up);
    }
}
