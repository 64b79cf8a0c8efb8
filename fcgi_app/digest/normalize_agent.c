/*
 * What the headers of a browser's request add to the contexts (protocol.md
 * §7.7): client hints first, which say it in so many words, then the
 * User-Agent string.  A context that the client has sent is never touched.
 */

#include "digest/normalize.h"

#include "digest/user_agent.h"

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


struct member {
    const char *key;
    struct str value;
};


/* Adds a context that the client did not send; the first value must be there.
 */
static void
add(struct norm *n, const char *alias, const struct member *members,
    size_t nmembers)
{
    struct json *contexts = json_get(n->doc, "contexts"), *v;

    if (members[0].value.n == 0 || json_get(contexts, alias) != NULL) {
        return;
    }
    if (!json_is(contexts, JSON_T_OBJECT)) {
        contexts = json_new(n->a, JSON_T_OBJECT);
        json_set(n->doc, STR("contexts"), contexts);
    }
    v = json_new(n->a, JSON_T_OBJECT);
    for (size_t i = 0; i < nmembers; i++) {
        if (members[i].value.n > 0) {
            /* the cache of strings does not live as long as the event */
            struct str s = str_copy(n->a, members[i].value);

            json_set(v, str_of(members[i].key),
                     json_new_str(n->a, utf8_mend(n->a, s)));
        }
    }
    json_set(v, STR("type"),
             json_new_str(n->a, str_is(str_of(alias), "client_os")
                                    ? STR("os")
                                    : str_of(alias)));
    json_set(contexts, str_of(alias), v);
}

#define ADD(n, alias, ...)                                                     \
    add((n), (alias), (const struct member[]){ __VA_ARGS__ },                  \
        sizeof((const struct member[]){ __VA_ARGS__ })                         \
            / sizeof(struct member))


void
normalize_agent(struct norm *n)
{
    struct json *headers = json_path(n->doc, "request", "headers", NULL);
    bool browser = str_is(json_text_of(n->doc, "platform"), "javascript");
    const char *os = browser ? "os" : "client_os";
    const struct user_agent *ua;
    struct str name, version;

    if (!json_is(headers, JSON_T_ARRAY)) {
        return;
    }
    if (brand(header(headers, "Sec-CH-UA"), &name, &version)) {
        ADD(n, "browser", { "name", name }, { "version", version });
    }
    ADD(n, os, { "name", unquoted(header(headers, "Sec-CH-UA-Platform")) },
        { "version", unquoted(header(headers, "Sec-CH-UA-Platform-Version")) });
    ADD(n, "device", { "model", unquoted(header(headers, "Sec-CH-UA-Model")) });

    ua = user_agent_find(header(headers, "User-Agent"));
    ADD(n, "browser", { "name", ua->browser },
        { "version", ua->browser_version });
    ADD(n, os, { "name", ua->os }, { "version", ua->os_version });
    ADD(n, "device", { "family", ua->device }, { "model", ua->device_model },
        { "brand", ua->device_brand });
}
