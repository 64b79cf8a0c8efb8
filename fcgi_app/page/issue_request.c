/* The HTTP request that the event happened in, and the same as a curl line. */

#include "page/issue.h"

#include "util/buf.h"

/* Headers that curl sets itself, or that would break its request. */
static const char *const not_sent[] = { "Host", "Content-Length", "Connection",
                                        "Accept-Encoding",
                                        "Transfer-Encoding" };


/* 'it'\''s': the shell takes everything else literally. */
static void
quote(struct buf *b, struct str s)
{
    buf_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'') {
            buf_text(b, "'\\''");
        } else {
            buf_char(b, s.p[i]);
        }
    }
    buf_char(b, '\'');
}


/* "a=1&b=2" of an object or a list of pairs; a text as it is. */
static struct str
form_text(struct arena *a, const struct json *v)
{
    const struct json *at = v != NULL ? v->first : NULL;
    const struct json *value;
    struct buf b = buf_in(a);
    struct str key;

    if (json_is(v, JSON_T_STRING)) {
        return v->text;
    }
    while (issue_pair(v, &at, &key, &value)) {
        buf_text(&b, b.n > 0 ? "&" : "");
        buf_str(&b, url_encode(a, key));
        buf_char(&b, '=');
        buf_str(&b, url_encode(a, issue_line(a, value)));
    }
    return buf_view(&b);
}


static bool
is_of(const struct json *request, const char *type)
{
    return str_starts(json_text_of(request, "inferred_content_type"),
                      str_of(type));
}


static bool
is_form(const struct json *request)
{
    return is_of(request, "application/x-www-form-urlencoded");
}


/* With fields that are told, not as the text that it was. */
static bool
is_multipart(const struct json *request)
{
    const struct json *data = json_get(request, "data");

    return is_of(request, "multipart/form-data") && data != NULL
           && data->first != NULL;
}


/* The body as it went over the wire, as well as can be told. */
static struct str
body_text(struct arena *a, const struct json *request)
{
    const struct json *data = json_get(request, "data");

    if (data == NULL || json_is(data, JSON_T_NULL) || is_multipart(request)) {
        return STR_NULL;
    }
    return is_form(request) ? form_text(a, data) : issue_line(a, data);
}


static struct str
full_url(struct arena *a, const struct json *request)
{
    struct str url = json_text_of(request, "url");
    struct str query = form_text(a, json_get(request, "query_string"));
    struct buf b = buf_in(a);

    buf_str(&b, url);
    if (query.n > 0 && str_chr(url, '?') == -1) {
        buf_char(&b, '?');
        buf_str(&b, query);
    }
    return buf_view(&b);
}


static bool
sent_by_curl(struct str name)
{
    for (size_t i = 0; i < sizeof(not_sent) / sizeof(not_sent[0]); i++) {
        if (str_ieq(name, str_of(not_sent[i]))) {
            return true;
        }
    }
    return false;
}


/* Each field of a form with files; curl writes their header itself. */
static void
add_fields(struct buf *b, const struct json *data)
{
    const struct json *at = data->first;
    const struct json *value;
    struct str key;

    while (issue_pair(data, &at, &key, &value)) {
        buf_text(b, " \\\n  --form-string ");
        quote(b, str_pair(b->arena, key, "=", issue_line(b->arena, value)));
    }
}


static struct str
curl(struct arena *a, const struct json *request, struct str url)
{
    const struct json *headers = json_get(request, "headers");
    const struct json *at = headers != NULL ? headers->first : NULL;
    const struct json *value;
    struct str method = json_text_of(request, "method");
    struct str body = body_text(a, request);
    struct buf b = buf_in(a);
    struct str key;

    buf_text(&b, "curl ");
    quote(&b, url);
    if (method.n > 0 && !str_is(method, "GET")) {
        buf_text(&b, " \\\n  -X ");
        quote(&b, method);
    }
    while (issue_pair(headers, &at, &key, &value)) {
        struct buf line = buf_in(a);

        if (sent_by_curl(key)
            || (is_multipart(request) && str_ieq(key, STR("Content-Type")))) {
            continue;
        }
        buf_str(&line, key);
        buf_text(&line, ": ");
        buf_str(&line, issue_line(a, value));
        buf_text(&b, " \\\n  -H ");
        quote(&b, buf_view(&line));
    }
    if (is_multipart(request)) {
        add_fields(&b, json_get(request, "data"));
    }
    if (body.n > 0) {
        buf_text(&b, " \\\n  --data ");
        quote(&b, body);
    }
    return buf_view(&b);
}


/* The path of a URL, for the section's head. */
static struct str
path_of(struct str url)
{
    ptrdiff_t scheme = str_find(url, STR("://"));
    struct str rest;
    ptrdiff_t slash;

    if (scheme == -1) {
        return url;
    }
    rest = str_sub(url, (size_t) scheme + 3, url.n);
    slash = str_chr(rest, '/');
    return slash == -1 ? STR("/") : str_sub(rest, (size_t) slash, rest.n);
}


/* "a=1&b=2" as rows; false when it is something else. */
static bool
pairs(struct arena *a, struct str text, struct data *list)
{
    struct fields fields;

    if (str_chr(text, '=') == -1 || form_parse(a, text, &fields) != ST_OK) {
        return false;
    }
    for (size_t i = 0; i < fields.n; i++) {
        struct data *row = data_row(list);

        data_str(row, "k", fields.v[i].name);
        data_str(row, "v", fields.v[i].value);
    }
    return fields.n > 0;
}


void
issue_request(const struct issue_event *ev, struct data *d)
{
    const struct json *request = json_get(ev->doc, "request");
    const struct json *meta = json_get(json_get(ev->doc, "_meta"), "request");
    const struct json *query = json_get(request, "query_string");
    const struct json *data = json_get(request, "data");
    struct str url;

    if (!json_is(request, JSON_T_OBJECT) || request->n == 0) {
        return;
    }
    d = data_child(d, "Request");
    url = full_url(ev->a, request);
    data_bool(d, "shown", true);
    data_str(d, "method", json_text_of(request, "method"));
    data_str(d, "path", path_of(json_text_of(request, "url")));
    data_str(d, "url", url);
    data_bool(d, "link", issue_is_url(url));
    data_str(d, "fragment", json_text_of(request, "fragment"));

    if (json_is(query, JSON_T_STRING)
        && !pairs(ev->a, query->text, data_child(d, "Query"))) {
        issue_value(ev->a, data_row(data_child(d, "Query")), query,
                    issue_meta(meta, "query_string"));
    } else if (!json_is(query, JSON_T_STRING)) {
        issue_values(ev->a, data_child(d, "Query"), query,
                     issue_meta(meta, "query_string"));
    }
    if ((is_form(request) || is_multipart(request))
        && (json_is(data, JSON_T_OBJECT) || json_is(data, JSON_T_ARRAY))) {
        issue_values(ev->a, data_child(d, "Body"), data,
                     issue_meta(meta, "data"));
    } else if (data != NULL && !json_is(data, JSON_T_NULL)) {
        issue_value(ev->a, data_row(data_child(d, "Body")), data,
                    issue_meta(meta, "data"));
    }
    issue_values(ev->a, data_child(d, "Header"), json_get(request, "headers"),
                 issue_meta(meta, "headers"));
    issue_values(ev->a, data_child(d, "Cookie"), json_get(request, "cookies"),
                 issue_meta(meta, "cookies"));
    issue_values(ev->a, data_child(d, "Env"), json_get(request, "env"),
                 issue_meta(meta, "env"));
    if (issue_is_url(url)) {
        data_str(d, "curl", curl(ev->a, request, url));
    }
}
