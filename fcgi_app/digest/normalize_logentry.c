/*
 * The log entry: protocol.md §7.4.  Formats a template with its parameters
 * when the SDK has not done so, in printf's or in Python's brace style; what
 * does not fit together stays unformatted.
 */

#include "digest/normalize.h"

/* A format may repeat a parameter; the result is bounded all the same. */
#define FORMATTED_MAX ((size_t) 16384)
#define PARAMS_BYTES 2048
#define PARAMS_DEPTH 5


static void
add_value(struct buf *out, const struct json *v)
{
    if (v->type == JSON_T_STRING) {
        buf_str(out, v->text);

    } else {
        json_write(out, v);
    }
}


/* The parameter called name, or the next one in order when name is empty. */
static const struct json *
parameter(const struct json *params, struct str name, unsigned *next)
{
    int64_t index;

    if (name.n == 0) {
        return params->type == JSON_T_ARRAY ? json_at(params, (*next)++) : NULL;
    }
    if (params->type == JSON_T_OBJECT) {
        return json_get_str(params, name);
    }
    return str_i64(name, &index) && index >= 0 && index < params->n
               ? json_at(params, (unsigned) index)
               : NULL;
}


/* %s %d %5.2f %(name)s %%; false when a conversion finds no parameter. */
static bool
format_percent(struct str s, const struct json *params, struct buf *out)
{
    unsigned next = 0;
    size_t i = 0;

    while (i < s.n && out->n < FORMATTED_MAX) {
        struct str name = STR_NULL;
        const struct json *v;

        if (s.p[i] != '%') {
            buf_char(out, s.p[i++]);
            continue;
        }
        if (++i < s.n && s.p[i] == '%') {
            buf_char(out, '%');
            i++;
            continue;
        }
        if (i < s.n && s.p[i] == '(') {
            ptrdiff_t end = str_chr(str_sub(s, i, s.n), ')');

            if (end == -1) {
                return false;
            }
            name = str_sub(s, i + 1, i + (size_t) end);
            i += (size_t) end + 1;
        }
        while (i < s.n && memchr("-+ #0123456789.*hlLqjzt", s.p[i], 23)) {
            i++;
        }
        if (i >= s.n || !memchr("sdiouxXeEfFgGcraAp@v", s.p[i], 20)) {
            return false;
        }
        i++;
        v = parameter(params, name, &next);
        if (v == NULL) {
            return false;
        }
        add_value(out, v);
    }
    return true;
}


/* {} {0} {name} {name:>10} {{ }} */
static bool
format_braces(struct str s, const struct json *params, struct buf *out)
{
    unsigned next = 0;
    size_t i = 0;

    while (i < s.n && out->n < FORMATTED_MAX) {
        const struct json *v;
        struct str name;
        ptrdiff_t end, colon;
        char c = s.p[i];

        if ((c == '{' || c == '}') && i + 1 < s.n && s.p[i + 1] == c) {
            buf_char(out, c);
            i += 2;
            continue;
        }
        if (c != '{') {
            buf_char(out, c);
            i++;
            continue;
        }
        end = str_chr(str_sub(s, i, s.n), '}');
        if (end == -1) {
            return false;
        }
        name = str_sub(s, i + 1, i + (size_t) end);
        i += (size_t) end + 1;
        colon = str_chr(name, ':');
        if (colon != -1) {
            name = str_sub(name, 0, (size_t) colon);
        }
        v = parameter(params, name, &next);
        if (v == NULL) {
            return false;
        }
        add_value(out, v);
    }
    return true;
}


static bool
format(struct norm *n, struct str message, const struct json *params,
       struct str *formatted)
{
    struct buf out = buf_in(n->a);
    bool ok;

    if (!json_is(params, JSON_T_ARRAY) && !json_is(params, JSON_T_OBJECT)) {
        return false;
    }
    if (str_chr(message, '%') != -1) {
        ok = format_percent(message, params, &out);

    } else if (str_chr(message, '{') != -1) {
        ok = format_braces(message, params, &out);

    } else {
        return false;
    }
    *formatted = str_cut(buf_view(&out), FORMATTED_MAX);
    return ok;
}


/* The text at key, as a string of bounded length; NULL when there is none. */
static struct json *
text(struct norm *n, const struct field *f, struct json *v, const char *key,
     const struct at *at)
{
    struct at here = { at, str_of(key), 0 };
    struct json *e = json_remove(v, key);

    if (e == NULL || e->type == JSON_T_NULL) {
        return NULL;
    }
    e->next = NULL;
    rule_json_text(n, f, e, &here);
    return str_trim(e->text).n > 0 ? e : NULL;
}


void
rule_logentry(struct norm *n, const struct field *f, struct json *v,
              const struct at *at)
{
    struct json *message, *formatted, *params;
    size_t left = PARAMS_BYTES;

    if (v->type != JSON_T_OBJECT) {
        struct json *only = json_new(n->a, JSON_T_NULL);

        if (v->type == JSON_T_ARRAY) {
            note_invalid(n, at, v, "expected a log entry");
            return;
        }
        node_become(only, v);
        only->next = NULL;
        v->type = JSON_T_OBJECT;
        v->text = STR_NULL;
        json_set(v, STR("formatted"), only);
    }

    message = text(n, f, v, "message", at);
    formatted = text(n, f, v, "formatted", at);
    params = json_remove(v, "params");
    node_take_all(v);

    if (message == NULL && formatted == NULL) {
        note_invalid(n, at, v, "no message present");
        return;
    }

    if (params != NULL && params->type != JSON_T_NULL) {
        struct at here = { at, STR("params"), 0 };
        struct str whole;

        bag_limit(n, params, &here, &left, PARAMS_DEPTH);
        if (formatted == NULL && format(n, message->text, params, &whole)) {
            struct at there = { at, STR("formatted"), 0 };

            formatted = json_new_str(n->a, whole);
            text_limit(n, formatted, &there, f->max, f->allow);
        }

    } else {
        params = NULL;
    }

    if (formatted == NULL
        || (message != NULL && str_eq(message->text, formatted->text))) {
        formatted = formatted != NULL ? formatted : message;
        message = NULL;
    }

    if (message != NULL) {
        json_set(v, STR("message"), message);
    }
    json_set(v, STR("formatted"), formatted);
    if (params != NULL) {
        json_set(v, STR("params"), params);
    }
}
