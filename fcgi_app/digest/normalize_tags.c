/*
 * Tags as the client sent them: protocol.md §7.5.  Stored as a list of pairs,
 * first of a key wins.  What the server promotes is added in facts.c.
 */

#include "digest/normalize.h"

#define KEY_MAX 200
#define VALUE_MAX 200

/* Words that a client may not say by a tag: there are attributes for them. */
static const char *const reserved[] = {
    "release", "dist", "user", "filename", "function", "device.class",
};


static bool
is_reserved(struct str key)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (str_is(key, reserved[i])) {
            return true;
        }
    }
    return str_starts(key, STR("sentry:"));
}


/* Trimmed, spaces as '-'; false when other letters are in it. */
static bool
tag_key(struct norm *n, struct str s, struct str *out)
{
    char *p;

    s = str_trim(s);
    if (s.n == 0 || s.n > KEY_MAX) {
        return false;
    }
    p = str_dup(n->a, s);
    for (size_t i = 0; i < s.n; i++) {
        char c = p[i];

        if (c == ' ') {
            p[i] = '-';
            continue;
        }
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':'
              || c == '-')) {
            return false;
        }
    }
    *out = str_make(p, s.n);
    return true;
}


static bool
has(const struct json *pairs, struct str key)
{
    json_each(pair, pairs)
    {
        if (str_eq(json_text(pair->first), key)) {
            return true;
        }
    }
    return false;
}


/* One pair into out; a bad value stays as a null that has a note. */
static void
add(struct norm *n, struct json *out, struct json *k, struct json *v,
    const struct at *at)
{
    struct at pair = { at, STR_NULL, out->n };
    struct at key_at = { &pair, STR_NULL, 0 },
              value_at = { &pair, STR_NULL, 1 };
    struct str key, value;

    if (v->type == JSON_T_NULL) {
        return;
    }
    if (!lenient_text(n, k, &key) || !tag_key(n, key, &key)) {
        note_invalid(n, &key_at, k, "invalid tag key");
        pair_add(n->a, out, STR(""), json_new(n->a, JSON_T_NULL));
        return;
    }
    if (is_reserved(key) || has(out, key)) {
        return;
    }

    v->key = STR_NULL;
    if (!lenient_text(n, v, &value)) {
        note_invalid(n, &value_at, v, "expected a primitive value");

    } else {
        value = str_trim(value);
        if (value.n == 0) {
            return;
        }
        node_string(v, value);
        if (str_chr(value, '\n') != -1) {
            note_invalid(n, &value_at, v, "invalid character in tag");

        } else if (value.n > VALUE_MAX) {
            text_limit(n, v, &value_at, VALUE_MAX, 0);
            if (!str_eq(v->text, value)) {
                note_error(n, &value_at, "value_too_long", NULL);
                json_nullify(v);
            }
        }
    }
    pair_add(n->a, out, key, v);
}


void
rule_tags(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    bool named = v->type == JSON_T_OBJECT;
    struct json *e, *next;
    unsigned was = v->n, i = 0;

    if (!named && v->type != JSON_T_ARRAY) {
        note_invalid(n, at, v, "expected tags");
        return;
    }

    e = node_take_all(v);
    v->type = JSON_T_ARRAY;
    for (; e != NULL; e = next, i++) {
        next = e->next;
        e->next = NULL;

        if (v->n >= f->max) {
            note_length(n, at, was);
            break;
        }
        if (named) {
            add(n, v, json_new_str(n->a, e->key), e, at);

        } else if (e->type == JSON_T_ARRAY && e->n == 2) {
            struct json *k = e->first, *value = e->last;

            k->next = NULL;
            add(n, v, k, value, at);

        } else if (e->type != JSON_T_NULL) {
            struct at here = { at, STR_NULL, v->n };

            note_invalid(n, &here, e, "expected a pair");
            pair_add(n->a, v, STR(""), json_new(n->a, JSON_T_NULL));
        }
    }
    if (v->n == 0) {
        json_nullify(v);
    }
}


/* The value of a tag of the client, or the null str. */
static struct str
tag(const struct json *tags, const char *key)
{
    json_each(pair, tags)
    {
        if (str_is(json_text(pair->first), key)) {
            return json_text(pair->last);
        }
    }
    return STR_NULL;
}


/*
 * environment fills the attribute when that is absent; server_name and site
 * are tags in the end.
 */
void
normalize_tags(struct norm *n)
{
    static const char *const moved[] = { "server_name", "site" };
    struct json *tags = json_get(n->doc, "tags");
    struct str environment = tag(tags, "environment");

    if (!str_null(environment) && json_get(n->doc, "environment") == NULL) {
        struct field f = { .max = 64 };
        struct at at = { NULL, STR("environment"), 0 };
        struct json *v = json_new_str(n->a, environment);

        rule_environment(n, &f, v, &at);
        if (v->type != JSON_T_NULL) {
            json_set(n->doc, STR("environment"), v);
        }
    }

    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct str rest = str_trim(json_text_of(n->doc, moved[i])), value;

        if (!str_split(&rest, '\n', &value)) {
            continue;
        }
        value = str_trim(value);
        if (value.n == 0 || !str_null(tag(tags, moved[i]))) {
            continue;
        }
        if (!json_is(tags, JSON_T_ARRAY)) {
            tags = json_new(n->a, JSON_T_ARRAY);
            json_set(n->doc, STR("tags"), tags);
        }
        pair_add(n->a, tags, str_of(moved[i]),
                 json_new_str(n->a, str_cut(value, VALUE_MAX)));
    }
}
