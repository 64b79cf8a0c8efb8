/*
 * Walks the parts of an event that people's data is in, and whatever an SDK has
 * sent there beyond the tables of attributes.c.  A secret name takes its whole
 * value; all other text is looked through (scrub_text.c).
 *
 * Not looked at: debug images, file names, modules, source lines, tags, the
 * values of exceptions, the User-Agent header.
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

/* The name of a session: of the list, or one that says so of itself. */
static bool
is_cookie(struct str name)
{
    if (str_ifind(name, STR("session")) != -1
        || str_ifind(name, STR("sessid")) != -1
        || str_ieq(name, STR("connect.sid"))) {
        return true; /* JSESSIONID, ASP.NET_SessionId, laravel_session */
    }
    for (size_t i = 0; i < sizeof(cookie_names) / sizeof(cookie_names[0]);
         i++) {
        if (str_ieq(name, str_of(cookie_names[i]))) {
            return true;
        }
    }
    return false;
}


/* The rule that a name falls under, or NULL. */
static const char *
rule_of(const struct scrub *s, struct str name)
{
    static const struct str header = { "http.request.header.cookie.", 27 };
    const char *rule = scrub_rule_of_name(s->settings, name);

    if (rule != NULL || s->settings->no_defaults) {
        return rule;
    }
    if (name.n > header.n && str_starts(name, header)) {
        return is_cookie(str_sub(name, header.n, name.n)) ? "@cookie:filter"
                                                          : NULL;
    }
    return s->cookies && is_cookie(name) ? "@cookie:filter" : NULL;
}


/* A header with all cookies, wherever somebody has put a copy of it. */
static bool
is_cookie_header(const struct scrub *s, struct str name, const struct json *v)
{
    static const struct str names[] = {
        { "cookie", 6 },
        { "set-cookie", 10 },
        { "http.request.header.cookie", 26 },
        { "http.response.header.set-cookie", 31 },
    };

    if (s->settings->no_defaults || v->type != JSON_T_STRING) {
        return false;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (name.n == names[i].n && str_ieq(name, names[i])) {
            return str_chr(v->text, '=') != -1;
        }
    }
    return false;
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

    text = scrub_text(s->n.a, s->settings, v->text, message, hits, &n);
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

    if (scrub_is_safe(s->settings, name)) {
        return;
    }
    rule = rule_of(s, name);
    if (rule != NULL && v->type == JSON_T_NUMBER
        && scrub_is_count(rule, name, v->text)) {
        rule = NULL;
    }
    if (rule == NULL && is_cookie_header(s, name, v)) {
        rule = "@cookie:filter";
    }
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
            struct at first = { &here, STR_NULL, 0 };
            struct at second = { &here, STR_NULL, 1 };

            if (!str_ieq(e->first->text, STR("User-Agent"))) {
                named(s, e->first->text, e->last, &second, depth - 1);
                look_through(s, e->first, false, &first);
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


/* What came with an object beyond its table (schema.c). */
static void
strangers(struct scrub *s, struct json *object, const struct at *up)
{
    if (object == NULL || !object->flag) {
        return;
    }
    json_each(e, object)
    {
        struct at at = { up, e->key, 0 };

        if (e->flag && e->type != JSON_T_BOOL) {
            named(s, e->key, e, &at, DEPTH_MAX);
        }
    }
}


/* What the digest itself has noted of a frame, by the hundred (stacks.c). */
static bool
is_ours(const struct json *v)
{
    static const struct str name = { "orig_in_app", 11 };

    return v->n == 1 && v->first->type == JSON_T_NUMBER
           && str_eq(v->first->key, name);
}


/* Objects are variables and the like; lists are lines of source. */
static void
frame(struct scrub *s, struct json *v, const struct at *up)
{
    json_each(e, v)
    {
        struct at at = { up, e->key, 0 };

        if (e->type == JSON_T_OBJECT && !is_ours(e)) {
            value(s, e, &at, DEPTH_MAX);
        }
    }
    strangers(s, v, up);
}


static void
stack(struct scrub *s, struct json *holder, const char *name,
      const struct at *up)
{
    struct json *trace = json_get(holder, name);
    struct at trace_at = { up, str_of(name), 0 };
    struct at frames_at = { &trace_at, STR("frames"), 0 };
    unsigned i = 0;

    json_each(e, json_get(trace, "frames"))
    {
        struct at at = { &frames_at, STR_NULL, i++ };

        frame(s, e, &at);
    }
    strangers(s, trace, &trace_at);
}


static void
mechanism(struct scrub *s, struct json *v, const struct at *up)
{
    static const char *const parts[] = { "data", "meta", "description",
                                         "help_link" };
    struct at at = { up, STR("mechanism"), 0 };

    for (size_t i = 0; v != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        part(s, v, parts[i], &at);
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

        stack(s, holder, "stacktrace", &at);
        stack(s, holder, "raw_stacktrace", &at);
        mechanism(s, json_get(holder, "mechanism"), &at);
        part(s, holder, "held_locks", &at);
        strangers(s, holder, &at);
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
        strangers(s, crumb, &at);
    }
}


/* What an SDK could not send, with the value that was wrong. */
static void
errors(struct scrub *s)
{
    struct at top = { NULL, STR("errors"), 0 };
    unsigned i = 0;

    json_each(e, json_get(s->n.doc, "errors"))
    {
        struct at at = { &top, STR_NULL, i++ };
        struct at value_at = { &at, STR("value"), 0 };
        struct json *v = json_get(e, "value");

        if (v != NULL) {
            named(s, json_text_of(e, "name"), v, &value_at, DEPTH_MAX);
        }
        strangers(s, e, &at);
    }
}


/* The only attribute beside the tags that a project may have to name. */
static void
server_name(struct scrub *s)
{
    struct str name = STR("server_name");
    struct at at = { NULL, name, 0 }, tags_at = { NULL, STR("tags"), 0 };
    struct json *v = json_get(s->n.doc, "server_name");
    const char *rule = s->settings->nsensitive > 0 ? rule_of(s, name) : NULL;
    unsigned i = 0;

    if (rule == NULL || scrub_is_safe(s->settings, name)) {
        return;
    }
    if (v != NULL) {
        filter(s, v, rule, &at);
    }
    json_each(pair, json_get(s->n.doc, "tags"))
    {
        struct at pair_at = { &tags_at, STR_NULL, i++ };
        struct at second = { &pair_at, STR_NULL, 1 };

        if (str_eq(json_text(pair->first), name)) {
            filter(s, pair->last, rule, &second);
        }
    }
}


/* csp_report.c has made a tag of an address, which is no word of a client. */
static void
blocked_uri(struct scrub *s)
{
    struct at tags_at = { NULL, STR("tags"), 0 };
    unsigned i = 0;

    if (json_get(s->n.doc, "csp") == NULL) {
        return;
    }
    json_each(pair, json_get(s->n.doc, "tags"))
    {
        struct at pair_at = { &tags_at, STR_NULL, i++ };
        struct at second = { &pair_at, STR_NULL, 1 };

        if (str_is(json_text(pair->first), "blocked-uri")
            && json_is(pair->last, JSON_T_STRING)) {
            look_through(s, pair->last, false, &second);
        }
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
    strangers(s, v, &at);
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
note(struct scrub *s, struct json *v, const char *rule)
{
    json_each(e, v)
    {
        if (str_is(e->key, "rem") || str_is(e->key, "len")) {
            continue;
        }
        if (rule != NULL && str_is(e->key, "val")) {
            node_string(e, STR(SCRUB_FILTERED));

        } else {
            value(s, e, NULL, DEPTH_MAX);
        }
    }
}


static void
notes(struct scrub *s, struct json *meta, const char *rule, unsigned depth)
{
    json_each(e, meta)
    {
        const char *own = rule != NULL ? rule : rule_of(s, e->key);

        if (e->key.n == 0) {
            note(s, e, rule);

        } else if (depth > 0) {
            notes(s, e, own, depth - 1);

        } else {
            json_nullify(e);
        }
    }
}


/* Attributes that are bags, or of which only what no table has is looked at. */
static void
attributes(struct scrub *s)
{
    static const struct {
        struct str name;
        bool known; /* by a table */
    } list[] = {
        { { "extra", 5 }, false },
        { { "contexts", 8 }, false },
        { { "user", 4 }, false },
        { { "csp", 3 }, false },
        { { "spans", 5 }, false },
        { { "hpkp", 4 }, false },
        { { "expectct", 8 }, false },
        { { "expectstaple", 12 }, false },
        { { "breakdowns", 10 }, false },
        { { "_metrics", 8 }, false },
        { { "scraping_attempts", 17 }, false },
        { { "sdk", 3 }, true },
        { { "template", 8 }, true },
        { { "transaction_info", 16 }, true },
    };

    json_each(e, s->n.doc)
    {
        struct at at = { NULL, e->key, 0 };

        for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
            if (e->key.n != list[i].name.n || !str_eq(e->key, list[i].name)) {
                continue;
            }
            if (list[i].known) {
                strangers(s, e, &at);

            } else {
                value(s, e, &at, DEPTH_MAX);
            }
        }
    }
}


static void
scrub_usual(struct scrub *s)
{
    if (s->n.meta != NULL) {
        s->n.notes = NOTES_MAX; /* none about notes */
        notes(s, s->n.meta, NULL, DEPTH_MAX);
        s->n.notes = 0;
    }
    attributes(s);
    server_name(s);
    blocked_uri(s);
    request(s);
    logentry(s);
    breadcrumbs(s);
    errors(s);
    stacks(s, "exception");
    stacks(s, "threads");
    stack(s, s->n.doc, "stacktrace", NULL);
}


void
scrub_event(struct arena *a, struct event *ev,
            const struct scrub_settings *settings)
{
    static const struct scrub_settings defaults;
    struct scrub s = {
        .n = { .a = a, .ev = ev, .doc = ev->doc },
        .settings = settings != NULL ? settings : &defaults,
    };

    s.n.meta = json_remove(ev->doc, "_meta");
    if (!s.settings->off) {
        scrub_usual(&s);
    }
    scrub_own(&s.n, s.settings);
    notes_end(&s.n);
}
