/*
 * Whose address: protocol.md §7.7.  "{{auto}}" stands for the client's; only
 * platforms whose events come from the user's own machine get it unasked.
 */

#include "digest/normalize.h"

#include "digest/geo.h"

static const char *const own_machine[] = { "javascript", "cocoa", "objc" };

static const char *const security[] = { "csp", "hpkp", "expectct",
                                        "expectstaple", "nel" };


static bool
listed(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_is(s, list[i])) {
            return true;
        }
    }
    return false;
}


/* The client's address asked for by {{auto}}; out with it when unknown. */
static void
resolve(struct norm *n, struct json *object, const char *key)
{
    struct json *v = json_get(object, key);

    if (str_is(json_text(v), "{{auto}}")) {
        if (is_ip(n->ev->remote_addr)) {
            node_string(v, n->ev->remote_addr);

        } else {
            json_remove(object, key);
        }
    }
}


void
normalize_user(struct norm *n)
{
    struct json *user = json_get(n->doc, "user");
    struct json *env = json_path(n->doc, "request", "env", NULL);
    struct str infer =
        json_text(json_path(n->doc, "sdk", "settings", "infer_ip", NULL));
    struct str platform = json_text_of(n->doc, "platform"), ip = STR_NULL;

    resolve(n, env, "REMOTE_ADDR");
    resolve(n, user, "ip_address");
    if (!str_null(json_text_of(user, "ip_address"))) {
        return;
    }

    if (is_ip(json_text_of(env, "REMOTE_ADDR"))) {
        ip = json_text_of(env, "REMOTE_ADDR");

    } else if (listed(json_text_of(n->doc, "type"), security,
                      sizeof(security) / sizeof(security[0]))
               || (listed(platform, own_machine,
                          sizeof(own_machine) / sizeof(own_machine[0]))
                   && !str_is(infer, "never"))) {
        ip = n->ev->remote_addr;
    }
    if (!is_ip(ip)) {
        return;
    }
    if (!json_is(user, JSON_T_OBJECT)) {
        user = json_new(n->a, JSON_T_OBJECT);
        json_set(n->doc, STR("user"), user);
    }
    json_set(user, STR("ip_address"), json_new_str(n->a, ip));
}


/*
 * Before the address is scrubbed: the country may stay where the address may
 * not.
 */
void
normalize_country(struct norm *n)
{
    struct json *user = json_get(n->doc, "user"), *geo;
    char code[3];

    if (json_get(user, "geo") != NULL
        || !geo_country(json_text_of(user, "ip_address"), code)) {
        return;
    }
    geo = json_new(n->a, JSON_T_OBJECT);
    json_set(geo, STR("country_code"),
             json_new_str(n->a, str_of(arena_strdup(n->a, code))));
    json_set(user, STR("geo"), geo);
}
