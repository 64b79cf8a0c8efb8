/*
 * Tags: the client's, and those that the server makes of what it knows
 * (protocol.md §7.5).  Each promoted tag is a row: its name and where its
 * value comes from.
 */

#include "digest/facts.h"

#include "digest/stacks.h"
#include "util/hex.h"

#define VALUE_MAX 200
#define TAGS_MAX 250 /* the client's at most 200, and ours */

struct list {
    struct arena *a;
    struct event *ev;
    struct json *tags; /* of the body */
    size_t room;       /* in ev->tags */
};


/* One line of at most VALUE_MAX bytes; the null str when nothing is left. */
static struct str
clean(struct arena *a, struct str s)
{
    s = str_trim(one_line(a, str_cut(str_trim(s), VALUE_MAX)));
    return s.n > 0 ? s : STR_NULL;
}


static bool
has(const struct event *ev, struct str key)
{
    for (size_t i = 0; i < ev->ntags; i++) {
        if (str_eq(ev->tags[i].key, key)) {
            return true;
        }
    }
    return false;
}


/* ---- where values come from */

typedef struct str (*source)(struct arena *a, const struct event *ev,
                             const char *of, const char *name);


static struct str
attribute(struct arena *a, const struct event *ev, const char *of,
          const char *name)
{
    (void) a;
    (void) name;
    return json_text_of(ev->doc, of);
}


static struct str
environment(struct arena *a, const struct event *ev, const char *of,
            const char *name)
{
    (void) a;
    (void) of;
    (void) name;
    return ev->environment;
}


static struct str
user(struct arena *a, const struct event *ev, const char *of, const char *name)
{
    (void) a;
    (void) of;
    (void) name;
    return ev->user_tag;
}


static struct str
request(struct arena *a, const struct event *ev, const char *of,
        const char *name)
{
    (void) a;
    (void) name;
    return json_text(json_path(ev->doc, "request", of, NULL));
}


static struct str
sdk(struct arena *a, const struct event *ev, const char *of, const char *name)
{
    (void) a;
    (void) name;
    return json_text(json_path(ev->doc, "sdk", of, NULL));
}


/* "sentry.python 2.19.0" */
static struct str
sdk_product(struct arena *a, const struct event *ev, const char *of,
            const char *name)
{
    struct str version = sdk(a, ev, "version", name);
    struct str full = sdk(a, ev, of, name);

    return full.n == 0 || version.n == 0 ? full
                                         : str_pair(a, full, " ", version);
}


static struct str
context(struct arena *a, const struct event *ev, const char *of,
        const char *name)
{
    struct json *v = json_path(ev->doc, "contexts", of, name, NULL);

    (void) a;
    if (json_is(v, JSON_T_BOOL)) {
        return v->flag ? STR("yes") : STR("no");
    }
    return json_is(v, JSON_T_NUMBER) ? v->text : json_text(v);
}


/* "Chrome 124.0" */
static struct str
product(struct arena *a, const struct event *ev, const char *of,
        const char *name)
{
    struct str product_name = context(a, ev, of, name);
    struct str version = context(a, ev, of, "version");

    if (product_name.n == 0 || version.n == 0) {
        return product_name;
    }
    return str_pair(a, product_name, " ", version);
}


static struct str
device_class(struct arena *a, const struct event *ev, const char *of,
             const char *name)
{
    static const struct {
        const char *number;
        const char *word;
    } classes[] = { { "1", "low" }, { "2", "medium" }, { "3", "high" } };
    struct str s = context(a, ev, of, name);

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (str_is(s, classes[i].number)) {
            return str_of(classes[i].word);
        }
    }
    return s;
}


/* Of the exceptions, the last one that says it: that is the one shown. */
static struct str
handled(struct arena *a, const struct event *ev, const char *of,
        const char *name)
{
    (void) a;
    (void) of;
    (void) name;
    if (ev->unhandled) {
        return STR("no");
    }
    for (unsigned i = 0; i < ev->stacks->n; i++) {
        if (ev->stacks->exceptions[i].handled) {
            return STR("yes");
        }
    }
    return STR_NULL;
}


static struct str
mechanism(struct arena *a, const struct event *ev, const char *of,
          const char *name)
{
    (void) a;
    (void) of;
    (void) name;
    for (unsigned i = ev->stacks->n; i > 0; i--) {
        if (ev->stacks->exceptions[i - 1].mechanism.n > 0) {
            return ev->stacks->exceptions[i - 1].mechanism;
        }
    }
    return STR_NULL;
}


static struct str
country(struct arena *a, const struct event *ev, const char *of,
        const char *name)
{
    (void) a;
    return json_text(json_path(ev->doc, "user", of, name, NULL));
}


static const struct {
    const char *tag;
    source get;
    const char *of;
    const char *name;
    bool wins; /* over a tag of the client */
} promoted[] = {
    { "environment", environment, NULL, NULL, true },
    { "level", attribute, "level", NULL, true },
    { "release", attribute, "release", NULL, true },
    { "dist", attribute, "dist", NULL, true },
    { "user", user, NULL, NULL, true },
    { "transaction", attribute, "transaction", NULL, true },
    { "logger", attribute, "logger", NULL, true },
    { "handled", handled, NULL, NULL, false },
    { "mechanism", mechanism, NULL, NULL, false },
    { "url", request, "url", NULL, false },
    { "http.method", request, "method", NULL, false },
    { "http.status_code", context, "response", "status_code", false },
    { "browser", product, "browser", "name", false },
    { "browser.name", context, "browser", "name", false },
    { "os", product, "os", "name", false },
    { "os.name", context, "os", "name", false },
    { "os.build", context, "os", "build", false },
    { "os.rooted", context, "os", "rooted", false },
    { "client_os", product, "client_os", "name", false },
    { "client_os.name", context, "client_os", "name", false },
    { "runtime", product, "runtime", "name", false },
    { "runtime.name", context, "runtime", "name", false },
    { "device", context, "device", "model", false },
    { "device.family", context, "device", "family", false },
    { "device.class", device_class, "device", "class", false },
    { "gpu.name", context, "gpu", "name", false },
    { "gpu.vendor", context, "gpu", "vendor_name", false },
    { "app.device", context, "app", "device_app_hash", false },
    { "geo.country_code", country, "geo", "country_code", false },
    { "monitor.id", context, "monitor", "id", false },
    { "sdk", sdk_product, "name", NULL, false },
    { "sdk.name", sdk, "name", NULL, false },
};

#define NPROMOTED (sizeof(promoted) / sizeof(promoted[0]))


/* "id:42", else by name, mail or address: what users are counted by. */
static struct str
user_tag(struct arena *a, const struct event *ev)
{
    static const struct {
        const char *key;
        const char *prefix;
    } kinds[] = {
        { "id", "id" },
        { "username", "username" },
        { "email", "email" },
        { "ip_address", "ip" },
    };
    struct json *v = json_get(ev->doc, "user");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct str s = clean(a, json_text_of(v, kinds[i].key));

        if (!str_null(s)) {
            return str_printf(a, "%s:%.*s", kinds[i].prefix, STR_FMT(s));
        }
    }
    return STR_NULL;
}


/* 16 bytes; the null str when the event is of no trace. */
static struct str
trace_of(struct arena *a, const struct event *ev)
{
    unsigned char id[16];

    return uuid_parse(json_text(json_path(ev->doc, "contexts", "trace",
                                          "trace_id", NULL)),
                      id)
               ? str_copy(a, str_make((const char *) id, sizeof(id)))
               : STR_NULL;
}


static void
add(struct list *l, struct str key, struct str value)
{
    struct event *ev = l->ev;

    if (ev->ntags < l->room) {
        ev->tags[ev->ntags].key = key;
        ev->tags[ev->ntags++].value = value;
    }
}


/* A promoted tag goes into the body too, in the place of the client's. */
static void
add_to_body(struct list *l, struct str key, struct str value)
{
    struct json *pair;

    json_each(old, l->tags)
    {
        if (str_eq(json_text(old->first), key) && old->n == 2) {
            old->first->next = NULL;
            old->last = old->first;
            old->n = 1;
            json_append(old, json_new_str(l->a, value));
            return;
        }
    }
    pair = json_new(l->a, JSON_T_ARRAY);
    json_append(pair, json_new_str(l->a, key));
    json_append(pair, json_new_str(l->a, value));
    json_append(l->tags, pair);
}


void
facts_tags(struct arena *a, struct event *ev)
{
    struct list l = { a, ev, json_get(ev->doc, "tags"), 0 };
    struct str values[NPROMOTED];
    unsigned of_client;

    if (!json_is(l.tags, JSON_T_ARRAY)) {
        l.tags = json_new(a, JSON_T_ARRAY);
        json_set(ev->doc, STR("tags"), l.tags);
    }
    of_client = l.tags->n;
    l.room = l.tags->n + NPROMOTED;
    l.room = l.room < TAGS_MAX ? l.room : TAGS_MAX;
    ev->ntags = 0;
    ev->tags = arena_array(a, l.room, sizeof(*ev->tags));
    ev->user_tag = user_tag(a, ev);
    ev->trace = trace_of(a, ev);

    /* the strong ones, the client's, the others; then all into the body */
    for (size_t i = 0; i < NPROMOTED; i++) {
        values[i] =
            clean(a, promoted[i].get(a, ev, promoted[i].of, promoted[i].name));
        if (promoted[i].wins && !str_null(values[i])) {
            add(&l, str_of(promoted[i].tag), values[i]);
        }
    }
    json_each(pair, l.tags)
    {
        struct str key = json_text(pair->first), value = json_text(pair->last);

        if (of_client-- == 0) {
            break;
        }
        if (pair->n == 2 && key.n > 0 && value.n > 0 && !has(ev, key)) {
            add(&l, key, value);
            if (str_is(key, "server_name")) {
                ev->server_name = value;
            }
        }
    }
    for (size_t i = 0; i < NPROMOTED; i++) {
        struct str key = str_of(promoted[i].tag);

        if (str_null(values[i])) {
            continue;
        }
        if (!promoted[i].wins) {
            if (has(ev, key)) {
                continue;
            }
            add(&l, key, values[i]);
        }
        add_to_body(&l, key, values[i]);
    }
}
