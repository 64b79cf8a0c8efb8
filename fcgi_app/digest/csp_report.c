#include "digest/csp_report.h"

#include "digest/fingerprint.h"
#include "json/make.h"

/* Blocked addresses of this site differ in every query. */
#define NOISY_SITE "https://api.stripe.com/"


/* ---- fields: browsers write them in kebab-case and in camelCase */

static const struct {
    const char *field; /* as we keep it */
    const char *names[2];
    bool number;
} fields[] = {
    { "effective_directive", { "effectivedirective", NULL }, false },
    { "violated_directive", { "violateddirective", NULL }, false },
    { "blocked_uri", { "blockeduri", "blockedurl" }, false },
    { "document_uri", { "documenturi", "documenturl" }, false },
    { "original_policy", { "originalpolicy", NULL }, false },
    { "referrer", { "referrer", "referer" }, false },
    { "status_code", { "statuscode", NULL }, true },
    { "source_file", { "sourcefile", NULL }, false },
    { "line_number", { "linenumber", NULL }, true },
    { "column_number", { "columnnumber", NULL }, true },
    { "script_sample", { "scriptsample", "sample" }, false },
    { "disposition", { "disposition", NULL }, false },
};


/* The name without '-' and '_', letters alike. */
static bool
is_called(struct str name, const char *squashed)
{
    size_t i = 0;

    for (size_t k = 0; k < name.n; k++) {
        char c = name.p[k];

        if (c == '-' || c == '_') {
            continue;
        }
        c = c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
        if (squashed[i] == '\0' || squashed[i++] != c) {
            return false;
        }
    }
    return squashed[i] == '\0';
}


static void
take(struct arena *a, struct json *csp, const struct json *v)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct str name = str_of(fields[i].field);
        int64_t number;

        if (!is_called(v->key, fields[i].names[0])
            && (fields[i].names[1] == NULL
                || !is_called(v->key, fields[i].names[1]))) {
            continue;
        }
        if (!fields[i].number) {
            if (json_is(v, JSON_T_STRING)) {
                json_set(csp, name, json_new_str(a, v->text));
            }

        } else if (json_i64(v, &number) || str_i64(json_text(v), &number)) {
            json_set(csp, name, json_new_i64(a, number));
        }
    }
}


/* ---- directives */

static const struct {
    const char *name;
    const char *kind;  /* of what it lets in; NULL: the name itself */
    const char *local; /* message of what has no address, or NULL */
} directives[] = {
    { "base-uri", NULL, NULL },
    { "block-all-mixed-content", NULL, NULL },
    { "child-src", "child", NULL },
    { "connect-src", "connect", NULL },
    { "default-src", NULL, NULL },
    { "fenced-frame-src", NULL, NULL },
    { "font-src", "font", NULL },
    { "form-action", "form", NULL },
    { "frame-ancestors", NULL, NULL },
    { "frame-src", NULL, NULL },
    { "img-src", "image", NULL },
    { "manifest-src", "manifest", NULL },
    { "media-src", "media", NULL },
    { "navigate-to", NULL, NULL },
    { "object-src", "object", NULL },
    { "plugin-types", NULL, NULL },
    { "prefetch-src", NULL, NULL },
    { "referrer", NULL, NULL },
    { "report-to", NULL, NULL },
    { "report-uri", NULL, NULL },
    { "require-sri-for", NULL, NULL },
    { "require-trusted-types-for", NULL, NULL },
    { "sandbox", NULL, NULL },
    { "script-src", "script", "Blocked unsafe (eval() or inline) 'script'" },
    { "script-src-attr", "script", "Blocked unsafe 'script' element" },
    { "script-src-elem", "script", "Blocked inline script attribute" },
    { "style-src", "style", NULL },
    { "style-src-attr", "style", "Blocked style attribute" },
    { "style-src-elem", "style", "Blocked 'style' or 'link' element" },
    { "trusted-types", NULL, NULL },
    { "upgrade-insecure-requests", NULL, NULL },
    { "worker-src", NULL, NULL },
};

#define NDIRECTIVES (sizeof(directives) / sizeof(directives[0]))


static size_t
find_directive(struct str name)
{
    size_t i = 0;

    while (i < NDIRECTIVES && !str_is(name, directives[i].name)) {
        i++;
    }
    return i;
}


/* ---- what people read */

static bool
is_local(struct str uri)
{
    static const char *const words[] = { "", "self", "'self'", "inline",
                                         "eval" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(uri, words[i])) {
            return true;
        }
    }
    return false;
}


static struct str
local_message(struct arena *a, const struct json *csp, size_t directive)
{
    struct str uri = json_text_of(csp, "blocked_uri");
    struct str violated = json_text_of(csp, "violated_directive");
    const char *kind = directives[directive].kind;

    if (str_is(str_of(directives[directive].name), "script-src")) {
        if (str_is(uri, "inline")
            || str_find(violated, STR("'unsafe-inline'")) != -1) {
            return STR("Blocked unsafe inline 'script'");
        }
        if (str_is(uri, "eval")
            || str_find(violated, STR("'unsafe-eval'")) != -1) {
            return STR("Blocked unsafe eval() 'script'");
        }
    }
    if (directives[directive].local != NULL) {
        return str_of(directives[directive].local);
    }
    return str_printf(a, "Blocked inline '%s'",
                      kind != NULL ? kind : directives[directive].name);
}


static struct str
message(struct arena *a, const struct json *csp, size_t directive)
{
    const char *kind = directives[directive].kind;
    struct str from;

    if (is_local(json_text_of(csp, "blocked_uri"))) {
        return local_message(a, csp, directive);
    }
    from = csp_blocked(a, csp);
    if (str_is(str_of(directives[directive].name), "form-action")) {
        return str_printf(a, "Blocked 'form' action to '%.*s'", STR_FMT(from));
    }
    return str_printf(a, "Blocked '%s' from '%.*s'",
                      kind != NULL ? kind : directives[directive].name,
                      STR_FMT(from));
}


/* "https://shop.example/x" -> "https://shop.example"; as it is otherwise. */
static struct str
origin(struct str uri)
{
    ptrdiff_t at = str_find(uri, STR("://"));
    size_t end;

    if (at == -1) {
        return uri;
    }
    for (end = (size_t) at + 3; end < uri.n; end++) {
        if (memchr("/?#", uri.p[end], 3) != NULL) {
            break;
        }
    }
    return str_sub(uri, 0, end);
}


static struct str
host(struct str uri)
{
    ptrdiff_t at = str_find(uri, STR("://"));

    return at == -1 ? STR_NULL : str_sub(origin(uri), (size_t) at + 3, uri.n);
}


/*
 * The violated directive, with the page's own origin as 'self': so that the
 * same policy on two sites reads the same.
 */
static struct str
culprit(struct arena *a, const struct json *csp, size_t directive)
{
    struct str rest = str_trim(json_text_of(csp, "violated_directive")), word;
    struct str own = json_text_of(csp, "document_uri");
    struct buf out = buf_in(a);

    if (rest.n == 0) {
        return str_of(directives[directive].name);
    }
    while (str_split(&rest, ' ', &word)) {
        bool is_own = str_find(word, STR("://")) != -1
                          ? str_ieq(origin(word), origin(own))
                          : word.n > 0 && str_ieq(word, host(own));

        if (word.n > 0) {
            buf_text(&out, out.n > 0 ? " " : "");
            buf_str(&out, is_own ? STR("'self'") : word);
        }
    }
    return buf_view(&out);
}


static struct json *
tags(struct arena *a, const struct json *csp)
{
    struct json *v = json_new(a, JSON_T_OBJECT);
    struct str uri = json_text_of(csp, "blocked_uri");
    ptrdiff_t at = str_chr(uri, '?');

    if (str_starts(uri, STR(NOISY_SITE)) && at != -1) {
        uri = str_sub(uri, 0, (size_t) at);
    }
    make_some(a, v, "effective-directive",
              json_text_of(csp, "effective_directive"));
    make_some(a, v, "blocked-uri", uri);
    make_some(a, v, "blocked-host", host(uri));
    return v;
}


static struct json *
request(struct arena *a, const struct json *csp)
{
    struct json *v = json_new(a, JSON_T_OBJECT);
    struct json *headers = json_new(a, JSON_T_OBJECT);
    struct str url = json_text_of(csp, "document_uri");
    struct str referrer = json_text_of(csp, "referrer");

    make_some(a, v, "url", url);
    make_some(a, headers, "Referer", referrer);
    json_set(v, STR("headers"), headers);
    return v;
}


struct json *
csp_report_event(struct arena *a, const struct json *report)
{
    struct json *csp = json_new(a, JSON_T_OBJECT);
    struct json *event = json_new(a, JSON_T_OBJECT);
    struct str rest, word = STR_NULL;
    size_t directive;

    json_each(v, report)
    {
        take(a, csp, v);
    }
    rest = csp_directive(csp);
    if (!str_split(&rest, ' ', &word)
        || (directive = find_directive(word)) == NDIRECTIVES) {
        return NULL;
    }
    json_set(csp, STR("effective_directive"), json_new_str(a, word));
    if (json_text_of(csp, "blocked_uri").n == 0) {
        json_set(csp, STR("blocked_uri"), json_new_str(a, STR("self")));
    }

    json_set(event, STR("logger"), json_new_str(a, STR("csp")));
    json_set(event, STR("logentry"),
             json_new_str(a, message(a, csp, directive)));
    json_set(event, STR("culprit"),
             json_new_str(a, culprit(a, csp, directive)));
    json_set(event, STR("request"), request(a, csp));
    json_set(event, STR("tags"), tags(a, csp));
    json_set(event, STR("csp"), csp);
    return event;
}
