/*
 * What a project wants beyond the defaults: addresses cut or dropped, and its
 * own rules (scrub_rule.h).
 *
 * Every text of the event is looked at, with its path; only what the rest of
 * the program finds the event by is not.
 */

#include "digest/normalize.h"
#include "digest/scrub.h"

#include <arpa/inet.h>
#include <stdio.h>

#define RULES_MAX (SCRUB_RULES_MAX + 1)

struct walk {
    struct norm *n;
    const struct scrub_rule *rules[RULES_MAX];
    size_t nrules;
    struct str path[SCRUB_PATH_MAX];
    size_t depth;
};

static const char *const untouched[] = {
    "event_id", "timestamp",       "received", "level",   "platform", "project",
    "key_id",   "start_timestamp", "type",     "version", "_meta",
};


/* ---- rules */

/* True: the value is gone. */
static bool
apply_one(struct walk *w, const struct scrub_rule *rule, struct json *v,
          const struct at *at)
{
    const char *name = scrub_rule_name(rule), *mark = scrub_rule_mark(rule);
    struct str was = v->type != JSON_T_BOOL ? v->text
                     : v->flag              ? STR("true")
                                            : STR("false");
    struct str text;
    struct scrub_hit hits[SCRUB_HITS_MAX];
    size_t n;
    bool gone;

    text = scrub_rule_apply(w->n->a, rule, w->path, w->depth, was, hits, &n,
                            &gone);
    if (gone) {
        json_nullify(v);
        note_remark(w->n, at, name, mark, 0, 0, was.n);
        return true;
    }
    if (text.p != was.p) {
        node_string(v, text);
        for (size_t i = 0; i < n; i++) {
            note_remark(w->n, at, name, mark, hits[i].from, hits[i].to, was.n);
        }
        if (n == 0) {
            note_remark(w->n, at, name, mark, 0, text.n, was.n);
        }
    }
    return false;
}


static void
apply(struct walk *w, struct json *v, const struct at *at)
{
    for (size_t i = 0; i < w->nrules; i++) {
        const struct scrub_rule *rule = w->rules[i];

        for (; rule != NULL; rule = scrub_rule_next(rule)) {
            if (scrub_rule_meant(rule, w->path, w->depth)
                && apply_one(w, rule, v, at)) {
                return;
            }
        }
    }
}


static void
look(struct walk *w, struct json *v, const struct at *at)
{
    unsigned i = 0;

    if (v->type == JSON_T_STRING || v->type == JSON_T_NUMBER
        || v->type == JSON_T_BOOL) {
        apply(w, v, at);
        return;
    }
    if (w->depth == SCRUB_PATH_MAX) {
        return; /* deeper than normalize.c leaves anything */
    }
    json_each(e, v)
    {
        struct at here = { at, e->key, i };
        char index[16];

        snprintf(index, sizeof(index), "%u", i++);
        if (v->type == JSON_T_OBJECT) {
            w->path[w->depth++] = e->key;
            look(w, e, &here);
            w->depth--;
            continue;
        }
        /* ["name", value]: headers, cookies, tags */
        if (e->type == JSON_T_ARRAY && e->n == 2
            && e->first->type == JSON_T_STRING) {
            struct at second = { &here, STR_NULL, 1 };

            w->path[w->depth++] = e->first->text;
            look(w, e->last, &second);
            w->depth--;
            continue;
        }
        w->path[w->depth++] = str_of(index);
        look(w, e, &here);
        w->depth--;
    }
}


/* ---- addresses */

/* 192.0.2.17 to 192.0.2.0, 2001:db8:1:2::3 to 2001:db8:1:: */
static struct str
network_of(struct arena *a, struct str address)
{
    char text[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[16];
    char *copy = str_dup(a, address);

    if (inet_pton(AF_INET, copy, bytes) == 1) {
        bytes[3] = 0;
        inet_ntop(AF_INET, bytes, text, sizeof(text));

    } else if (inet_pton(AF_INET6, copy, bytes) == 1) {
        memset(bytes + 6, 0, 10);
        inet_ntop(AF_INET6, bytes, text, sizeof(text));
    }
    return str_copy(a, str_of(text));
}


static void
address(struct norm *n, struct json *holder, const char *name,
        const struct at *up, enum scrub_ip ip)
{
    struct json *v = json_get(holder, name);
    struct at at = { up, str_of(name), 0 };
    struct str network;

    if (!json_is(v, JSON_T_STRING) || v->text.n == 0) {
        return;
    }
    network = network_of(n->a, v->text);
    if (ip == SCRUB_IP_NETWORK && network.n > 0) {
        if (!str_eq(network, v->text)) {
            note_remark(n, &at, "@ip:network", "s", 0, network.n, v->text.n);
            node_string(v, network);
        }
        return;
    }
    note_remark(n, &at, "@ip:remove", "x", 0, 0, v->text.n);
    json_nullify(v);
}


void
scrub_own(struct norm *n, const struct scrub_settings *settings)
{
    struct json *request = json_get(n->doc, "request");
    struct at user_at = { NULL, STR("user"), 0 };
    struct at sdk_at = { NULL, STR("sdk"), 0 };
    struct at request_at = { NULL, STR("request"), 0 };
    struct at env_at = { &request_at, STR("env"), 0 };
    struct walk w = { .n = n };
    const char *why;

    if (settings->ip != SCRUB_IP_KEEP) {
        address(n, json_get(n->doc, "user"), "ip_address", &user_at,
                settings->ip);
        address(n, json_get(n->doc, "sdk"), "client_ip", &sdk_at, settings->ip);
        address(n, json_get(request, "env"), "REMOTE_ADDR", &env_at,
                settings->ip);
    }
    if (settings->ip == SCRUB_IP_DROP) {
        w.rules[w.nrules++] = scrub_rule_parse(
            n->a, scrub_names_new(n->a),
            STR("replace ip with \"[ip]\" from ** !contexts.*.version"), &why);
    }
    for (size_t i = 0; i < settings->nrules && w.nrules < RULES_MAX; i++) {
        w.rules[w.nrules++] = settings->rules[i];
    }
    if (w.nrules == 0) {
        return;
    }
    json_each(e, n->doc)
    {
        struct at at = { NULL, e->key, 0 };
        bool skip = false;

        for (size_t i = 0; i < sizeof(untouched) / sizeof(untouched[0]); i++) {
            skip = skip || str_is(e->key, untouched[i]);
        }
        if (!skip) {
            w.path[0] = e->key;
            w.depth = 1;
            look(&w, e, &at);
        }
    }
}
