/*
 * An event put in order, step by step (protocol.md §7).
 *
 * First one walk by the tables, in which each value is made to fit its place;
 * then the steps that look at several attributes.  Nothing here fails: a value
 * that cannot be understood becomes null, and _meta says why.
 */

#include "digest/normalize.h"

#include "digest/stacks.h"
#include "util/hex.h"


/* What only the server may say. */
static const char *const server_set[] = {
    "project",         "key_id",   "ingest_path",
    "grouping_config", "received", "_grouping",
};


static void
begin(struct norm *n)
{
    if (!json_is(n->doc, JSON_T_OBJECT)) {
        struct json *wrong = n->doc;

        n->doc = n->ev->doc = json_new(n->a, JSON_T_OBJECT);
        if (wrong != NULL) {
            note_invalid(n, NULL, wrong, "expected an object");
        }
    }
    n->platform = json_text_of(n->doc, "platform");
    notes_begin(n);
    for (size_t i = 0; i < sizeof(server_set) / sizeof(server_set[0]); i++) {
        json_remove(n->doc, server_set[i]);
    }
}


/* Sets ev->level too: without one an event is an error. */
static void
level(struct norm *n)
{
    if (str_null(json_text_of(n->doc, "level"))) {
        bool info = str_is(json_text_of(n->doc, "type"), "transaction");

        json_set(n->doc, STR("level"),
                 json_new_str(n->a, info ? STR("info") : STR("error")));
    }
}


/* "name/version" or "name version", as the credentials said it. */
static void
sdk(struct norm *n)
{
    struct str client = str_cut(n->ev->sentry_client, 128);
    struct json *v;
    ptrdiff_t at;

    if (json_get(n->doc, "sdk") != NULL || client.n == 0) {
        return;
    }
    at = str_chr(client, '/');
    if (at == -1) {
        at = str_chr(client, ' ');
    }

    v = json_new(n->a, JSON_T_OBJECT);
    json_set(
        v, STR("name"),
        json_new_str(n->a, str_trim(str_sub(
                               client, 0, at == -1 ? client.n : (size_t) at))));
    if (at != -1) {
        json_set(v, STR("version"),
                 json_new_str(n->a, str_trim(str_sub(client, (size_t) at + 1,
                                                     client.n))));
    }
    json_set(n->doc, STR("sdk"), v);
}


static void
defaults(struct norm *n)
{
    json_set(n->doc, STR("event_id"),
             json_new_str(n->a, uuid_hex(n->a, n->ev->id)));
    if (str_null(json_text_of(n->doc, "platform"))) {
        json_set(n->doc, STR("platform"), json_new_str(n->a, STR("other")));
    }
    if (!str_is(json_text_of(n->doc, "type"), "transaction")) {
        json_remove(n->doc, "measurements");
    }
}


void
normalize_event(struct arena *a, struct event *ev)
{
    struct norm n = { .a = a, .ev = ev, .doc = ev->doc };

    begin(&n);
    schema_walk(&n, &event_schema, n.doc, NULL);

    normalize_type(&n);
    level(&n);
    defaults(&n);
    normalize_traces(&n);
    normalize_tags(&n);
    normalize_user(&n);
    normalize_country(&n);
    normalize_agent(&n);
    sdk(&n);
    normalize_times(&n);
    notes_end(&n);

    stacks_build(a, ev);
}
