/*
 * Contexts: what the event ran on (protocol.md §7.7), and what the browser's
 * client hints add to it.
 *
 * User-Agent strings are not read here: that takes a maintained rule set.
 */

#include "digest/normalize.h"

#define CONTEXTS_MAX 100


void
rule_contexts(struct norm *n, const struct field *f, struct json *v,
              const struct at *at)
{
    struct json *e, *next;
    size_t left = f->max;
    unsigned was = v->n;

    if (v->type != JSON_T_OBJECT) {
        note_invalid(n, at, v, "expected an object");
        return;
    }
    for (e = node_take_all(v); e != NULL; e = next) {
        struct at here = { at, e->key, 0 };
        size_t one = f->allow, before;

        next = e->next;
        e->next = NULL;
        e->key = str_cut(e->key, 200);
        if (left <= e->key.n || v->n >= CONTEXTS_MAX) {
            note_length(n, at, was);
            break;
        }
        if (e->type == JSON_T_NULL || str_is(e->key, "reprocessing")) {
            continue;
        }
        if (e->type != JSON_T_OBJECT) {
            note_invalid(n, &here, e, "expected an object");
            node_link(v, e);
            continue;
        }

        before = one = one < left ? one : left;
        bag_limit(n, e, &here, &one, f->depth - 1);
        left -= before - one;
        if (json_text_of(e, "type").n == 0) {
            json_set(e, STR("type"), json_new_str(n->a, e->key));
        }
        node_link(v, e);
    }

    e = json_get(v, "trace");
    if (e != NULL && json_is(e, JSON_T_OBJECT)
        && json_get(e, "status") == NULL) {
        json_set(e, STR("status"), json_new_str(n->a, STR("unknown")));
    }
    if (v->n == 0) {
        json_nullify(v);
    }
}


/* ---- client hints */

static struct str
header(const struct json *headers, const char *name)
{
    json_each(pair, headers)
    {
        if (str_ieq(json_text(pair->first), str_of(name))) {
            return json_text(pair->last);
        }
    }
    return STR_NULL;
}


/* The text between double quotes, or all of it. */
static struct str
unquoted(struct str s)
{
    s = str_trim(s);
    return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"'
               ? str_sub(s, 1, s.n - 1)
               : s;
}


/*
 * "Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99": the first
 * one that is a product and no engine or decoy.
 */
static bool
brand(struct str hint, struct str *name, struct str *version)
{
    static const char *const noise[] = { "Brand", "Chromium", "Gecko",
                                         "WebKit" };
    struct str part;

    while (str_split(&hint, ',', &part)) {
        ptrdiff_t at = str_find(part, STR(";v="));
        bool product = at > 0;

        for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
            product = product && str_ifind(part, str_of(noise[i])) == -1;
        }
        if (product) {
            *name = unquoted(str_sub(part, 0, (size_t) at));
            *version = unquoted(str_sub(part, (size_t) at + 3, part.n));
            return name->n > 0;
        }
    }
    return false;
}


/* Adds a context that the client did not send. */
static void
add(struct norm *n, const char *alias, const char *key, struct str value,
    const char *key2, struct str value2)
{
    struct json *contexts = json_get(n->doc, "contexts"), *v;

    if (!json_is(contexts, JSON_T_OBJECT)) {
        contexts = json_new(n->a, JSON_T_OBJECT);
        json_set(n->doc, STR("contexts"), contexts);
    }
    if (json_get(contexts, alias) != NULL) {
        return;
    }
    v = json_new(n->a, JSON_T_OBJECT);
    json_set(v, str_of(key), json_new_str(n->a, value));
    if (value2.n > 0) {
        json_set(v, str_of(key2), json_new_str(n->a, value2));
    }
    json_set(v, STR("type"),
             json_new_str(n->a, str_is(str_of(alias), "client_os")
                                    ? STR("os")
                                    : str_of(alias)));
    json_set(contexts, str_of(alias), v);
}


void
normalize_agent(struct norm *n)
{
    struct json *headers = json_path(n->doc, "request", "headers", NULL);
    bool browser = str_is(json_text_of(n->doc, "platform"), "javascript");
    struct str name, version, os, model;

    if (!json_is(headers, JSON_T_ARRAY)) {
        return;
    }
    if (brand(header(headers, "Sec-CH-UA"), &name, &version)) {
        add(n, "browser", "name", name, "version", version);
    }
    os = unquoted(header(headers, "Sec-CH-UA-Platform"));
    if (os.n > 0) {
        add(n, browser ? "os" : "client_os", "name", os, "version",
            unquoted(header(headers, "Sec-CH-UA-Platform-Version")));
    }
    model = unquoted(header(headers, "Sec-CH-UA-Model"));
    if (model.n > 0) {
        add(n, "device", "model", model, "", STR_NULL);
    }
}
