/*
 * Network Error Logging: what went wrong between a browser and a server before
 * there was an answer, or with it (W3C Network Error Logging, §4).
 */

#include "digest/csp_report.h"

#include "json/make.h"

static const struct {
    const char *type;
    const char *message;
} errors[] = {
    { "dns.unreachable", "DNS server is unreachable" },
    { "dns.name_not_resolved", "DNS server did not resolve the name" },
    { "dns.failed", "DNS lookup failed" },
    { "dns.address_changed", "Address of the server has changed" },
    { "tcp.timed_out", "TCP connection timed out" },
    { "tcp.closed", "TCP connection was closed by the server" },
    { "tcp.reset", "TCP connection was reset" },
    { "tcp.refused", "TCP connection was refused by the server" },
    { "tcp.aborted", "TCP connection was aborted" },
    { "tcp.address_invalid", "Address of the server is invalid" },
    { "tcp.address_unreachable", "Address of the server is unreachable" },
    { "tcp.failed", "TCP connection failed" },
    { "tls.version_or_cipher_mismatch",
      "TLS connection failed: no common version or cipher" },
    { "tls.bad_client_auth_cert",
      "TLS connection failed: the client's certificate was not accepted" },
    { "tls.cert.name_invalid", "TLS certificate is of another name" },
    { "tls.cert.date_invalid", "TLS certificate is out of date" },
    { "tls.cert.authority_invalid",
      "TLS certificate is of an authority that is not trusted" },
    { "tls.cert.invalid", "TLS certificate is invalid" },
    { "tls.cert.revoked", "TLS certificate is revoked" },
    { "tls.cert.pinned_key_not_in_cert_chain",
      "TLS certificate is not of the pinned keys" },
    { "tls.protocol.error", "TLS protocol error" },
    { "tls.failed", "TLS connection failed" },
    { "http.error", "HTTP response with an error" },
    { "http.protocol.error", "HTTP protocol error" },
    { "http.response.invalid", "HTTP response is invalid" },
    { "http.response.redirect_loop", "HTTP redirects go round in a circle" },
    { "http.failed", "HTTP request failed" },
    { "abandoned", "Request was abandoned before it was done" },
    { "unknown", "Error is unknown" },
};

/* Of the body, into the contexts nel and response. */
static const struct {
    const char *name;
    const char *context;
    const char *key;
} places[] = {
    { "type", "nel", "error_type" },
    { "phase", "nel", "phase" },
    { "server_ip", "nel", "server_ip" },
    { "protocol", "nel", "protocol" },
    { "elapsed_time", "nel", "elapsed_time" },
    { "sampling_fraction", "nel", "sampling_fraction" },
    { "status_code", "response", "status_code" },
};


static struct str
message(struct arena *a, struct str type, const struct json *body)
{
    int64_t status;

    if (str_is(type, "http.error")
        && json_i64(json_get(body, "status_code"), &status)) {
        return str_printf(a, "HTTP response with status %lld",
                          (long long) status);
    }
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (str_is(type, errors[i].type)) {
            return str_of(errors[i].message);
        }
    }
    return str_printf(a, "Network error %.*s", STR_FMT(str_cut(type, 100)));
}


static struct json *
request(struct arena *a, const struct json *report, const struct json *body)
{
    struct json *v = json_new(a, JSON_T_OBJECT);
    struct json *headers = json_new(a, JSON_T_OBJECT);

    make_some(a, v, "url", json_text_of(report, "url"));
    make_some(a, v, "method", json_text_of(body, "method"));
    make_some(a, headers, "Referer", json_text_of(body, "referrer"));
    json_set(v, STR("headers"), headers);
    return v;
}


struct json *
nel_event(struct arena *a, const struct json *report)
{
    struct json *body = json_get(report, "body");
    struct json *contexts = json_new(a, JSON_T_OBJECT);
    struct json *event = json_new(a, JSON_T_OBJECT);
    struct json *tags = json_new(a, JSON_T_OBJECT);
    struct str type = json_text_of(body, "type");

    if (type.n == 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct json *v = json_get(body, places[i].name), *context;

        if (v == NULL
            || (v->type != JSON_T_STRING && v->type != JSON_T_NUMBER)) {
            continue;
        }
        context = make_inside(a, contexts, places[i].context);
        json_set(context, str_of(places[i].key), json_clone(a, v));
    }
    make_some(a, tags, "nel.type", type);
    make_some(a, tags, "nel.phase", json_text_of(body, "phase"));

    make_text(a, event, "logger", "nel");
    make_str(a, event, "logentry", message(a, type, body));
    make_text(a, event, "level", str_is(type, "ok") ? "info" : "error");
    make_put(event, "request", request(a, report, body));
    make_put(event, "contexts", contexts);
    make_put(event, "tags", tags);
    return event;
}
