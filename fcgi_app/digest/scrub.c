/*
 * Walks the parts of an event that people's data is in.  A secret name takes
 * its whole value; all other text is looked through (scrub_text.c).
 *
 * Not looked at: debug images, file names, modules, tags, the values of
 * exceptions, the User-Agent header.
 */

#include "digest/scrub.h"

#include "digest/normalize.h"

/* Deeper than any bag that normalize.c leaves. */
#define DEPTH_MAX 40

struct scrub {
    struct norm n; /* for notes */
    const struct scrub_settings *settings;
    bool cookies; /* inside them: names of sessions are secret too */
};

static const char *const cookie_names[] = {
    "sentrysid",    "sudo",
    "su",           "session",
    "__session",    "sessionid",
    "user_session", "symfony",
    "phpsessid",    "fasthttpsessionid",
    "mysession",    "irissessionid",
    "_vercel_jwt",  "csrf",
    "xsrf",         "_xsrf",
    "_csrf",        "csrf-token",
    "csrf_token",   "xsrf-token",
    "xsrf_token",   "fastcsrf",
    "_iris_csrf",
};


/* ---- names */

static bool
is_safe(const struct scrub *s, struct str name)
{
    for (size_t i = 0; i < s->settings->nsafe; i++) {
        if (str_ieq(name, s->settings->safe[i])) {
            return true;
        }
    }
    return false;
}


/* The rule that a name falls under, or NULL. */
static const char *
rule_of(const struct scrub *s, struct str name)
{
    if (name.n == 0) {
        return NULL;
    }
    for (size_t i = 0; i < s->settings->nsensitive; i++) {
        if (str_ifind(name, s->settings->sensitive[i]) != -1) {
            return "strip-fields";
        }
    }
    if (s->settings->no_defaults) {
        return NULL;
    }
    if (scrub_secret_name(name)) {
        return "@password:filter";
    }
    for (size_t i = 0;
         s->cookies && i < sizeof(cookie_names) / sizeof(cookie_names[0]);
         i++) {
        if (str_ieq(name, str_of(cookie_names[i]))) {
            return "@cookie:filter";
        }
    }
    return NULL;
}


/* ---- values */

static void
filter(struct scrub *s, struct json *v, const char *rule, const struct at *at)
{
    size_t was = v->type == JSON_T_STRING ? v->text.n : 0;

    if (v->type == JSON_T_NULL || v->type == JSON_T_BOOL
        || str_is(v->text, SCRUB_FILTERED)) {
        return;
    }
    node_string(v, STR(SCRUB_FILTERED));
    note_remark(&s->n, at, rule, "s", 0, sizeof(SCRUB_FILTERED) - 1, was);
}


static void
look_through(struct scrub *s, struct json *v, bool message, const struct at *at)
{
    struct scrub_hit hits[SCRUB_HITS_MAX];
    size_t n = 0, was = v->text.n;
    struct str text;

    if (s->settings->no_defaults) {
        return;
    }
    text = scrub_text(s->n.a, v->text, message, hits, &n);
    if (n == 0) {
        return;
    }
    node_string(v, text); /* a number with a card's digits too */
    for (size_t i = 0; i < n; i++) {
        note_remark(&s->n, at, hits[i].rule, "s", hits[i].from, hits[i].to,
                    was);
    }
}


static void value(struct scrub *s, struct json *v, const struct at *at,
                  unsigned depth);


static void
named(struct scrub *s, struct str name, struct json *v, const struct at *at,
      unsigned depth)
{
    const char *rule;

    if (is_safe(s, name)) {
        return;
    }
    rule = rule_of(s, name);
    if (rule != NULL) {
        filter(s, v, rule, at);
        return;
    }
    value(s, v, at, depth);
}


static void
value(struct scrub *s, struct json *v, const struct at *at, unsigned depth)
{
    unsigned i = 0;

    if (v->type == JSON_T_STRING || v->type == JSON_T_NUMBER) {
        look_through(s, v, false, at);
        return;
    }
    if (depth == 0) {
        filter(s, v, "strip-fields", at); /* unseen is not safe */
        return;
    }
    json_each(e, v)
    {
        struct at here = { at, e->key, i++ };

        if (v->type == JSON_T_OBJECT) {
            bool cookies = s->cookies;

            s->cookies = cookies || str_is(e->key, "cookies");
            named(s, e->key, e, &here, depth - 1);
            s->cookies = cookies;
            continue;
        }

        /* ["name", value]: headers, cookies, queries, forms */
        if (e->type == JSON_T_ARRAY && e->n == 2
            && e->first->type == JSON_T_STRING) {
            struct at second = { &here, STR_NULL, 1 };

            if (!str_ieq(e->first->text, STR("User-Agent"))) {
                named(s, e->first->text, e->last, &second, depth - 1);
            }
            continue;
        }
        value(s, e, &here, depth - 1);
    }
}


/* ---- the parts of an event */

static void
part(struct scrub *s, struct json *object, const char *name,
     const struct at *up)
{
    struct json *v = json_get(object, name);

    if (v != NULL) {
        struct at at = { up, str_of(name), 0 };

        value(s, v, &at, DEPTH_MAX);
    }
}


static void
stack(struct scrub *s, struct json *holder, const char *name,
      const struct at *up)
{
    struct json *trace = json_get(holder, name);
    struct at trace_at = { up, str_of(name), 0 };
    struct at frames_at = { &trace_at, STR("frames"), 0 };
    unsigned i = 0;

    json_each(frame, json_get(trace, "frames"))
    {
        struct at at = { &frames_at, STR_NULL, i++ };

        part(s, frame, "vars", &at);
    }
}


/* Exceptions, threads: {"values": [{stacktrace, …}]} */
static void
stacks(struct scrub *s, const char *name)
{
    struct at top = { NULL, str_of(name), 0 };
    struct at values = { &top, STR("values"), 0 };
    struct json *list = json_path(s->n.doc, name, "values", NULL);
    unsigned i = 0;

    json_each(holder, list)
    {
        struct at at = { &values, STR_NULL, i++ };
        struct at mechanism = { &at, STR("mechanism"), 0 };

        stack(s, holder, "stacktrace", &at);
        stack(s, holder, "raw_stacktrace", &at);
        part(s, json_get(holder, "mechanism"), "data", &mechanism);
        part(s, json_get(holder, "mechanism"), "description", &mechanism);
    }
}


static void
breadcrumbs(struct scrub *s)
{
    struct at top = { NULL, STR("breadcrumbs"), 0 };
    struct at values = { &top, STR("values"), 0 };
    struct json *list = json_path(s->n.doc, "breadcrumbs", "values", NULL);
    unsigned i = 0;

    json_each(crumb, list)
    {
        struct at at = { &values, STR_NULL, i++ };

        part(s, crumb, "message", &at);
        part(s, crumb, "data", &at);
    }
}


static void
request(struct scrub *s)
{
    static const char *const parts[] = {
        "url", "query_string", "fragment", "headers", "data", "env",
    };
    struct json *v = json_get(s->n.doc, "request");
    struct at at = { NULL, STR("request"), 0 };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        part(s, v, parts[i], &at);
    }
    s->cookies = true;
    part(s, v, "cookies", &at);
    s->cookies = false;
}


static void
logentry(struct scrub *s)
{
    static const char *const texts[] = { "formatted", "message" };
    struct json *v = json_get(s->n.doc, "logentry");
    struct at at = { NULL, STR("logentry"), 0 };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json *text = json_get(v, texts[i]);

        if (json_is(text, JSON_T_STRING)) {
            struct at here = { &at, str_of(texts[i]), 0 };

            look_through(s, text, true, &here);
        }
    }
    part(s, v, "params", &at);
}


/*
 * The values that notes repeat: what stood under a secret name, or looks like
 * a secret, must not survive there.
 */
static void
notes(struct scrub *s, struct json *meta, const char *rule, unsigned depth)
{
    json_each(e, meta)
    {
        if (e->key.n > 0) {
            const char *own = rule != NULL ? rule : rule_of(s, e->key);

            if (depth > 0) {
                notes(s, e, own, depth - 1);

            } else {
                json_nullify(e);
            }
            continue;
        }
        struct json *v = json_get(e, "val");

        if (v == NULL) {
            continue;
        }
        if (rule != NULL) {
            node_string(v, STR(SCRUB_FILTERED));

        } else {
            value(s, v, NULL, DEPTH_MAX);
        }
    }
}


void
scrub_event(struct arena *a, struct event *ev,
            const struct scrub_settings *settings)
{
    static const struct scrub_settings defaults;
    static const char *const bags[] = { "extra", "contexts", "user", "csp",
                                        "spans" };
    struct scrub s = {
        .n = { .a = a, .ev = ev, .doc = ev->doc },
        .settings = settings != NULL ? settings : &defaults,
    };

    if (s.settings->off) {
        return;
    }
    s.n.meta = json_remove(ev->doc, "_meta");
    if (s.n.meta != NULL) {
        s.n.notes = NOTES_MAX; /* none about notes */
        notes(&s, s.n.meta, NULL, DEPTH_MAX);
        s.n.notes = 0;
    }

    for (size_t i = 0; i < sizeof(bags) / sizeof(bags[0]); i++) {
        part(&s, ev->doc, bags[i], NULL);
    }
    request(&s);
    logentry(&s);
    breadcrumbs(&s);
    stacks(&s, "exception");
    stacks(&s, "threads");
    stack(&s, ev->doc, "stacktrace", NULL);
    scrub_own(&s.n, s.settings);
    notes_end(&s.n);
}
