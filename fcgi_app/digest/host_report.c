/*
 * Reports of a host's certificates and keys.  Browsers have given these up;
 * servers and proxies that watch still send them.
 */

#include "digest/csp_report.h"

#include "json/make.h"

#define MEMBERS_MAX 50


/* "noted-hostname" and notedHostname as noted_hostname. */
static struct str
snake(struct arena *a, struct str name)
{
    struct buf out = buf_in(a);

    for (size_t i = 0; i < name.n && i < 100; i++) {
        char c = name.p[i];

        if (c >= 'A' && c <= 'Z') {
            buf_text(&out, i > 0 ? "_" : "");
            c = (char) (c + ('a' - 'A'));
        }
        c = c == '-' ? '_' : c;
        buf_add(&out, &c, 1);
    }
    return buf_view(&out);
}


static void
tag(struct arena *a, struct json *tags, const char *key, const struct json *v)
{
    if (v != NULL && v->text.n > 0
        && (v->type == JSON_T_STRING || v->type == JSON_T_NUMBER)) {
        make_str(a, tags, key, v->text);
    }
}


static struct json *
event_of(struct arena *a, const struct json *report, const char *kind,
         const char *message)
{
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct json *event = json_new(a, JSON_T_OBJECT);
    struct json *request = json_new(a, JSON_T_OBJECT);
    struct json *tags = json_new(a, JSON_T_OBJECT);
    struct str host;

    json_each(v, report)
    {
        if (body->n == MEMBERS_MAX) {
            break;
        }
        json_set(body, snake(a, v->key), json_clone(a, v));
    }
    host = json_text_of(body, "hostname");
    if (host.n == 0) {
        return NULL;
    }
    tag(a, tags, "hostname", json_get(body, "hostname"));
    tag(a, tags, "port", json_get(body, "port"));
    tag(a, tags, "include-subdomains", json_get(body, "include_subdomains"));
    make_object(a, request, "headers");

    make_text(a, event, "logger", kind);
    make_str(a, event, "logentry",
             str_printf(a, "%s '%.*s'", message, STR_FMT(host)));
    make_put(event, "request", request);
    make_put(event, "tags", tags);
    make_put(event, kind, body);
    return event;
}


struct json *
expect_ct_event(struct arena *a, const struct json *report)
{
    return event_of(a, report, "expectct", "Expect-CT failed for");
}


struct json *
expect_staple_event(struct arena *a, const struct json *report)
{
    return event_of(a, report, "expectstaple", "Expect-Staple failed for");
}


struct json *
hpkp_event(struct arena *a, const struct json *report)
{
    return event_of(a, report, "hpkp",
                    "Public key pinning validation failed for");
}
