/*
 * The HTTP request: protocol.md §7.7.  Query, headers and cookies come in many
 * forms and are stored as lists of pairs, in order, repeats kept.
 */

#include "digest/normalize.h"

#include <stdlib.h>

#include "envelope/multipart.h"
#include "util/hex.h"

#define URL_MAX 256
#define URL_ALLOW 40
#define FRAGMENT_MAX 1024
#define PAIRS_MAX 500
#define BODY_PARSE_MAX ((size_t) 65536)


/* ---- pair lists */

/* Percent and '+' decoded, mended; the text itself when there is nothing. */
static struct str
url_decoded(struct norm *n, struct str s)
{
    char *p;
    size_t k = 0;

    if (str_chr(s, '%') == -1 && str_chr(s, '+') == -1) {
        return s;
    }
    p = str_dup(n->a, s);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char byte;

        if (s.p[i] == '%' && i + 2 < s.n
            && hex_decode(str_sub(s, i + 1, i + 3), &byte, 1)) {
            p[k++] = (char) byte;
            i += 2;

        } else {
            p[k++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    p[k] = '\0';
    return utf8_mend(n->a, str_make(p, k));
}


/* "a=b&c=d" or "a=b; c=d" into pairs. */
static struct json *
split_pairs(struct norm *n, struct str s, char sep, bool decode)
{
    struct json *list = json_new(n->a, JSON_T_ARRAY);
    struct str part;

    while (list->n < PAIRS_MAX && str_split(&s, sep, &part)) {
        struct str key = part, value = STR("");
        ptrdiff_t at = str_chr(part, '=');

        if (at != -1) {
            key = str_sub(part, 0, (size_t) at);
            value = str_sub(part, (size_t) at + 1, part.n);
        }
        if (decode) {
            key = url_decoded(n, key);
            value = url_decoded(n, value);

        } else {
            key = str_trim(key);
            value = str_trim(value);
        }
        if (key.n > 0 || value.n > 0) {
            pair_add(n->a, list, key, json_new_str(n->a, value));
        }
    }
    return list;
}


static int
by_key(const void *a, const void *b)
{
    const struct json *const *x = a, *const *y = b;

    return str_cmp((*x)->key, (*y)->key);
}


/* The text of a pair's value: lists are joined, the rest is as its JSON. */
static struct str
value_text(struct norm *n, const struct json *v)
{
    struct str text;
    struct buf out = buf_in(n->a);

    if (lenient_text(n, v, &text)) {
        return text;
    }
    if (v->type == JSON_T_ARRAY) {
        json_each(e, v)
        {
            if (e != v->first) {
                buf_char(&out, ',');
            }
            if (lenient_text(n, e, &text)) {
                buf_str(&out, text);

            } else {
                json_write(&out, e);
            }
        }

    } else if (v->type != JSON_T_NULL) {
        json_write(&out, v);
    }
    return buf_view(&out);
}


/* Object (sorted on demand) or list of pairs into pairs of text. */
static struct json *
make_pairs(struct norm *n, struct json *v, bool sorted, const struct at *at)
{
    struct json *list = json_new(n->a, JSON_T_ARRAY);
    bool odd = false;

    if (v->n > PAIRS_MAX) {
        note_length(n, at, v->n);
    }
    if (v->type == JSON_T_OBJECT) {
        struct json **members = arena_array(n->a, v->n, sizeof(*members));
        unsigned count = 0;

        json_each(e, v)
        {
            members[count++] = e;
        }
        if (sorted && count > 1) {
            qsort(members, count, sizeof(*members), by_key);
        }
        for (unsigned i = 0; i < count && list->n < PAIRS_MAX; i++) {
            if (members[i]->type == JSON_T_NULL) {
                continue;
            }
            pair_add(n->a, list, members[i]->key,
                     json_new_str(n->a, value_text(n, members[i])));
        }
        return list;
    }

    json_each(e, v)
    {
        struct str key;

        if (e->type == JSON_T_ARRAY && e->n == 2 && list->n < PAIRS_MAX
            && lenient_text(n, e->first, &key)) {
            pair_add(n->a, list, key,
                     json_new_str(n->a, value_text(n, e->last)));

        } else if (list->n < PAIRS_MAX && e->type != JSON_T_NULL && !odd) {
            odd = true;
            note_error(n, at, "invalid_data", "expected pairs");
        }
    }
    return list;
}


/* Puts list in the place of v, within the bag's bounds. */
static void
store_pairs(struct norm *n, const struct field *f, struct json *v,
            struct json *list, const struct at *at)
{
    node_become(v, list);
    if (v->n == 0) {
        json_nullify(v);
        return;
    }
    rule_bag(n, f, v, at);

    /* what the bag's end cut in two is no pair any more */
    if (v->last != NULL && v->last->n != 2) {
        struct json *e = node_take_all(v), *next;

        for (; e != NULL; e = next) {
            next = e->next;
            if (e->n == 2) {
                node_link(v, e);
            }
        }
    }
}


void
rule_query(struct norm *n, const struct field *f, struct json *v,
           const struct at *at)
{
    if (v->type == JSON_T_STRING) {
        struct str s = str_trim(v->text);

        if (str_starts(s, STR("?"))) {
            s = str_sub(s, 1, s.n);
        }
        store_pairs(n, f, v, split_pairs(n, s, '&', true), at);

    } else if (v->type == JSON_T_OBJECT || v->type == JSON_T_ARRAY) {
        store_pairs(n, f, v, make_pairs(n, v, false, at), at);

    } else {
        note_invalid(n, at, v, "expected a query string");
    }
}


/* content-type, X-forwarded-for: Content-Type, X-Forwarded-For */
static struct str
header_name(struct norm *n, struct str s)
{
    char *p = NULL;
    bool first = true;

    for (size_t i = 0; i < s.n; i++) {
        if (first && s.p[i] >= 'a' && s.p[i] <= 'z') {
            if (p == NULL) {
                p = str_dup(n->a, s);
            }
            p[i] = (char) (s.p[i] - ('a' - 'A'));
        }
        first = s.p[i] == '-';
    }
    return p != NULL ? str_make(p, s.n) : s;
}


void
rule_headers(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    struct json *list;

    if (v->type != JSON_T_OBJECT && v->type != JSON_T_ARRAY) {
        note_invalid(n, at, v, "expected headers");
        return;
    }
    list = make_pairs(n, v, true, at);
    json_each(pair, list)
    {
        pair->first->text = header_name(n, str_trim(pair->first->text));
    }
    store_pairs(n, f, v, list, at);
}


void
rule_cookies(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    if (v->type == JSON_T_STRING) {
        store_pairs(n, f, v, split_pairs(n, v->text, ';', false), at);

    } else if (v->type == JSON_T_OBJECT || v->type == JSON_T_ARRAY) {
        store_pairs(n, f, v, make_pairs(n, v, false, at), at);

    } else {
        note_invalid(n, at, v, "expected cookies");
    }
}


void
rule_method(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    struct str s = str_upper(n->a, str_trim(json_text(v)));
    bool ok = s.n >= 3 && s.n <= 32;

    (void) f;
    for (size_t i = 0; i < s.n && ok; i++) {
        ok = (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_' || s.p[i] == '-';
    }
    if (!ok) {
        note_invalid(n, at, v, "invalid http method");
        return;
    }
    v->text = s;
}


/* ---- body */

/*
 * Urlencoded only if it says something: more than one pair, or one with a name
 * and a value.  "hello" is text.
 */
static bool
is_form(const struct json *pairs, struct str text)
{
    if (pairs->n > 1) {
        return str_chr(text, '=') != -1;
    }
    return pairs->n == 1 && pairs->first->first->text.n > 0
           && pairs->first->last->text.n > 0;
}


static bool
looks_urlencoded(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char) s.p[i] <= ' ' || s.p[i] == '{' || s.p[i] == '<') {
            return false;
        }
    }
    return str_chr(s, '=') != -1;
}


/*
 * The fields of multipart/form-data as pairs, so that a secret one is known by
 * its name; of a file only its name and size.  NULL: it is something else.
 */
static struct json *
split_multipart(struct norm *n, struct str s)
{
    struct json *list = json_new(n->a, JSON_T_ARRAY);
    struct multipart form;
    struct part part;

    if (!str_starts(s, STR("--"))
        || str_ifind(s, STR("Content-Disposition:")) == -1
        || multipart_open(n->a, STR(""), s, &form) != ST_OK) {
        return NULL;
    }
    while (list->n < PAIRS_MAX && multipart_next(&form, &part)) {
        struct str value = part.body;

        if (!str_null(part.filename)) {
            value = str_printf(n->a, "%.*s (%zu bytes)", STR_FMT(part.filename),
                               part.body.n);
        }
        if (part.name.n > 0) {
            pair_add(n->a, list, part.name, json_new_str(n->a, value));
        }
    }
    return list->n > 0 ? list : NULL;
}


void
rule_body(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    struct str s = str_trim(json_text(v));

    if (v->type == JSON_T_STRING && s.n > 1 && s.n <= BODY_PARSE_MAX) {
        struct json *parsed;

        if (s.p[0] == '{' || s.p[0] == '[') {
            const struct json_limits limits = { 64, 10000 };

            if (json_parse(n->a, s, &limits, &parsed, NULL) == ST_OK) {
                node_become(v, parsed);
                v->flag = true; /* for request_finish: the type is inferred */
            }

        } else if ((parsed = split_multipart(n, s)) != NULL) {
            parsed->first->flag = true; /* … and it is this one */
            node_become(v, parsed);
            v->flag = true;

        } else if (looks_urlencoded(s)) {
            parsed = split_pairs(n, s, '&', true);
            if (is_form(parsed, s)) {
                node_become(v, parsed);
                v->flag = true;
            }
        }
    }

    /* flag is free in strings and containers; bag_limit keeps it */
    rule_bag(n, f, v, at);
}


/* ---- what belongs together */

static struct json *
header(const struct json *headers, const char *name)
{
    json_each(pair, headers)
    {
        if (str_ieq(json_text(pair->first), str_of(name))) {
            return pair->last;
        }
    }
    return NULL;
}


/* The query and fragment of a URL go to attributes of their own. */
static void
split_url(struct norm *n, struct json *request, const struct at *at)
{
    struct json *url = json_get(request, "url");
    struct at url_at = { at, STR("url"), 0 };
    struct at query_at = { at, STR("query_string"), 0 };
    struct at fragment_at = { at, STR("fragment"), 0 };
    struct str s = json_text(url);
    ptrdiff_t i;

    if (!json_is(url, JSON_T_STRING)) {
        return;
    }
    i = str_chr(s, '#');
    if (i != -1) {
        struct str fragment = str_sub(s, (size_t) i + 1, s.n);

        s = str_sub(s, 0, (size_t) i);
        if (json_get(request, "fragment") == NULL && fragment.n > 0) {
            struct json *v = json_new_str(n->a, fragment);

            text_limit(n, v, &fragment_at, FRAGMENT_MAX, 0);
            json_set(request, STR("fragment"), v);
        }
    }
    i = str_chr(s, '?');
    if (i != -1) {
        struct str query = str_sub(s, (size_t) i + 1, s.n);

        s = str_sub(s, 0, (size_t) i);
        if (json_get(request, "query_string") == NULL && query.n > 0) {
            const struct field f = { .max = 1024, .depth = 3 };
            struct json *v = json_new_str(n->a, query);

            rule_query(n, &f, v, &query_at);
            if (v->type != JSON_T_NULL) {
                json_set(request, STR("query_string"), v);
            }
        }
    }
    if (str_ends(s, STR("\xE2\x80\xA6"))) {
        s = str_printf(n->a, "%.*s...", (int) (s.n - 3), s.p);
    }
    url->text = s;
    text_limit(n, url, &url_at, URL_MAX, URL_ALLOW);
    if (url->text.n == 0) {
        json_remove(request, "url");
    }
}


/* Cookie headers never stay: they become cookies, unless these are there. */
static void
cookie_header(struct norm *n, struct json *request, const struct at *at)
{
    struct json *headers = json_get(request, "headers"), *e, *next;
    struct at here = { at, STR("cookies"), 0 };

    if (!json_is(headers, JSON_T_ARRAY) || header(headers, "Cookie") == NULL) {
        return;
    }
    for (e = node_take_all(headers); e != NULL; e = next) {
        next = e->next;
        if (!str_ieq(json_text(e->first), STR("Cookie"))) {
            node_link(headers, e);
            continue;
        }
        if (json_get(request, "cookies") == NULL
            && json_is(e->last, JSON_T_STRING)) {
            const struct field f = { .max = 2048, .depth = 5 };
            struct json *cookies = e->last;

            cookies->next = NULL;
            rule_cookies(n, &f, cookies, &here);
            if (cookies->type != JSON_T_NULL) {
                json_set(request, STR("cookies"), cookies);
            }
        }
    }
    if (headers->n == 0) {
        json_remove(request, "headers");
    }
}


static void
content_type(struct norm *n, struct json *request)
{
    struct json *data = json_get(request, "data");
    bool inferred = false;
    struct str type;
    ptrdiff_t semicolon;

    if (json_is(data, JSON_T_OBJECT) || json_is(data, JSON_T_ARRAY)) {
        inferred = data->flag;
        data->flag = false;
    }
    if (data == NULL || json_get(request, "inferred_content_type") != NULL) {
        return;
    }
    if (inferred) {
        bool form =
            data->type == JSON_T_ARRAY && json_is(data->first, JSON_T_ARRAY);

        type = !form               ? STR("application/json")
               : data->first->flag ? STR("multipart/form-data")
                                   : STR("application/x-www-form-urlencoded");
        if (form) {
            data->first->flag = false;
        }

    } else {
        type = json_text(header(json_get(request, "headers"), "Content-Type"));
        semicolon = str_chr(type, ';');
        if (semicolon != -1) {
            type = str_sub(type, 0, (size_t) semicolon);
        }
        type = str_trim(type);
    }
    if (type.n > 0) {
        json_set(request, STR("inferred_content_type"),
                 json_new_str(n->a, type));
    }
}


void
request_finish(struct norm *n, struct json *request, const struct at *at)
{
    split_url(n, request, at);
    cookie_header(n, request, at);
    content_type(n, request);
}


/* "a=1; Path=/,b=2; Expires=Wed, 21 Oct 2026": the cookies alone. */
static void
add_set_cookies(struct norm *n, struct json *cookies, struct str s)
{
    struct str one, first;

    while (str_split(&s, ',', &one)) {
        ptrdiff_t at;

        if (!str_split(&one, ';', &first) || (at = str_chr(first, '=')) == -1
            || cookies->n >= PAIRS_MAX) {
            continue;
        }
        pair_add(n->a, cookies, str_trim(str_sub(first, 0, (size_t) at)),
                 json_new_str(
                     n->a, str_trim(str_sub(first, (size_t) at + 1, first.n))));
    }
}


/* What an answer sets are its cookies, unless these are there. */
static void
set_cookie_headers(struct norm *n, struct json *response, const struct at *at)
{
    const struct field f = { .max = 2048, .depth = 5 };
    struct json *headers = json_get(response, "headers"), *e, *next;
    struct json *cookies = json_new(n->a, JSON_T_ARRAY);
    struct at here = { at, STR("cookies"), 0 };

    if (!json_is(headers, JSON_T_ARRAY)
        || header(headers, "Set-Cookie") == NULL) {
        return;
    }
    for (e = node_take_all(headers); e != NULL; e = next) {
        next = e->next;
        if (str_ieq(json_text(e->first), STR("Set-Cookie"))) {
            add_set_cookies(n, cookies, json_text(e->last));

        } else {
            node_link(headers, e);
        }
    }
    if (headers->n == 0) {
        json_remove(response, "headers");
    }
    if (json_get(response, "cookies") == NULL && cookies->n > 0) {
        store_pairs(n, &f, cookies, cookies, &here);
        json_set(response, STR("cookies"), cookies);
    }
}


/* The answer to a request, as a context: its parts come in the same forms. */
void
response_finish(struct norm *n, struct json *response, const struct at *at)
{
    static const struct {
        const char *name;
        void (*rule)(struct norm *, const struct field *, struct json *,
                     const struct at *);
        struct field of;
    } parts[] = {
        { "headers", rule_headers, { .max = 8192, .depth = 7 } },
        { "cookies", rule_cookies, { .max = 2048, .depth = 5 } },
        { "data", rule_body, { .max = 8192, .depth = 7 } },
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct json *v = json_get(response, parts[i].name);
        struct at here = { at, str_of(parts[i].name), 0 };

        if (v != NULL && v->type != JSON_T_NULL) {
            parts[i].rule(n, &parts[i].of, v, &here);
        }
    }
    set_cookie_headers(n, response, at);
    content_type(n, response);
}
