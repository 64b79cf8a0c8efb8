#include "page/issue.h"

#include <ctype.h>
#include <stdio.h>

#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"
#include "web/world.h"

#define SHOWN_MAX 2048 /* bytes of a value before "show all" */


const struct json *
issue_meta(const struct json *meta, const char *key)
{
    return json_get(meta, key);
}


const struct json *
issue_meta_at(const struct json *meta, unsigned i)
{
    char key[16];

    snprintf(key, sizeof(key), "%u", i);
    return json_get(meta, key);
}


/*
 * What a value looks like.  SDKs send variables as the language's own text, so
 * a number or a constant often comes as a string.
 */
static const char *
kind_of_text(struct str s)
{
    static const char *const constants[] = { "None", "True",  "False",
                                             "null", "nil",   "undefined",
                                             "true", "false", "NULL",
                                             "NaN" };
    double number;

    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        if (str_is(s, constants[i])) {
            return "k";
        }
    }
    if (s.n > 0 && s.n < 40 && str_double(s, &number)) {
        return "n";
    }
    if (s.n > 0 && (s.p[0] == '<' || s.p[0] == '{' || s.p[0] == '(')) {
        return "";
    }
    return "s";
}


static const char *
kind_of(const struct json *v)
{
    if (v == NULL) {
        return "";
    }
    switch (v->type) {
    case JSON_T_NULL:
    case JSON_T_BOOL:
        return "k";
    case JSON_T_NUMBER:
        return "n";
    case JSON_T_STRING:
        return kind_of_text(v->text);
    case JSON_T_ARRAY:
    case JSON_T_OBJECT:
        break;
    }
    return "";
}


struct str
issue_line(struct arena *a, const struct json *v)
{
    struct buf b = buf_in(a);

    if (v == NULL) {
        return STR("");
    }
    switch (v->type) {
    case JSON_T_STRING:
    case JSON_T_NUMBER:
        return v->text;
    case JSON_T_BOOL:
        return v->flag ? STR("true") : STR("false");
    case JSON_T_NULL:
        return STR("null");
    case JSON_T_ARRAY:
    case JSON_T_OBJECT:
        break;
    }
    json_write(&b, v);
    return buf_view(&b);
}


/* Containers */

#define LINE_MAX 76 /* of a list or object that stays on one line */


static bool
quoted(struct str s)
{
    return s.n >= 2 && (s.p[0] == '\'' || s.p[0] == '"')
           && s.p[s.n - 1] == s.p[0];
}


/*
 * A string inside a list or object: in quotes, unless the SDK has sent it with
 * those of its own language.  Of a variable, what looks like a number or an
 * object is one, written by that language.
 */
static void
add_scalar(struct buf *b, const struct json *v, bool variable)
{
    bool bare = quoted(v->text)
                || (variable && strcmp(kind_of_text(v->text), "s") != 0);

    if (v->type == JSON_T_STRING && !bare) {
        buf_char(b, '"');
        buf_str(b, v->text);
        buf_char(b, '"');
        return;
    }
    buf_str(b, issue_line(b->arena, v));
}


static bool
container(const struct json *v)
{
    return v->type == JSON_T_ARRAY || v->type == JSON_T_OBJECT;
}


/* On one line; stops soon after it is too long for one. */
static void
add_inline(struct buf *b, const struct json *v, bool variable, size_t most)
{
    bool object = v->type == JSON_T_OBJECT;

    if (!container(v)) {
        add_scalar(b, v, variable);
        return;
    }
    buf_char(b, object ? '{' : '[');
    json_each(child, v)
    {
        if (b->n > most) {
            return;
        }
        buf_text(b, child != v->first ? ", " : "");
        if (object) {
            buf_char(b, '"');
            buf_str(b, child->key);
            buf_text(b, "\": ");
        }
        add_inline(b, child, variable, most);
    }
    buf_char(b, object ? '}' : ']');
}


/* Short ones on one line, others a line a member; the digest bounds depth. */
static void
add_indented(struct buf *b, const struct json *v, bool variable, int depth)
{
    bool object = v->type == JSON_T_OBJECT;
    struct buf line = buf_in(b->arena);

    add_inline(&line, v, variable, LINE_MAX);
    if (line.n <= LINE_MAX || !container(v)) {
        buf_str(b, buf_view(&line));
        return;
    }
    buf_text(b, object ? "{\n" : "[\n");
    json_each(child, v)
    {
        buf_addf(b, "%*s", 2 * (depth + 1), "");
        if (object) {
            buf_char(b, '"');
            buf_str(b, child->key);
            buf_text(b, "\": ");
        }
        add_indented(b, child, variable, depth + 1);
        buf_text(b, child->next != NULL ? ",\n" : "\n");
    }
    buf_addf(b, "%*s", 2 * depth, "");
    buf_char(b, object ? '}' : ']');
}


static struct str
whole(struct arena *a, const struct json *v, bool variable)
{
    struct buf b = buf_in(a);

    if (v == NULL || !container(v)) {
        return issue_line(a, v);
    }
    add_indented(&b, v, variable, 0);
    return buf_view(&b);
}


/* "removed by @password:filter" and the like, of _meta's {"": {…}}. */
static void
note(struct arena *a, struct data *d, const struct json *v,
     const struct json *meta)
{
    const struct json *own = json_get(meta, "");
    const struct json *remark = json_at(json_get(own, "rem"), 0);
    const struct json *error = json_at(json_get(own, "err"), 0);
    struct str rule = json_text(json_at(remark, 0));
    struct str reason;
    int64_t length = 0;

    (void) json_i64(json_get(own, "len"), &length);
    if (str_is(rule, "!limit") || (remark == NULL && length > 0)) {
        data_str(d, "note",
                 length > 0 ? lang_fill(a, N_("cut: it was {0} long"),
                                        FILL(show_full(a, length)))
                            : str_of(tr("cut")));

    } else if (remark != NULL) {
        data_str(d, "note",
                 str_is(rule, "!config")
                     ? str_of(tr("Filtered by the SDK"))
                     : lang_fill(a, N_("Filtered: {0}"), FILL(rule)));
        data_bool(d, "removed",
                  v == NULL || v->type == JSON_T_NULL || v->text.n == 0);

    } else if (error != NULL) {
        reason = json_is(error, JSON_T_ARRAY) ? json_text(json_at(error, 0))
                                              : json_text(error);
        data_str(d, "note", lang_fill(a, N_("not kept: {0}"), FILL(reason)));
    }
}


static void
set_value(struct arena *a, struct data *d, const struct json *v,
          const struct json *meta, bool variable)
{
    struct str text = whole(a, v, variable);
    struct str shown = str_cut(text, SHOWN_MAX);

    note(a, d, v, meta);
    data_text(d, "kind", kind_of(v));
    if (str_is(text, "[Filtered]") || str_is(text, "********")) {
        data_bool(d, "removed", true);
    }
    data_str(d, "v", shown);
    if (shown.n < text.n) {
        data_str(d, "rest", str_sub(text, shown.n, text.n));
        data_i64(d, "size", (int64_t) text.n);
    }
}


void
issue_value(struct arena *a, struct data *d, const struct json *v,
            const struct json *meta)
{
    set_value(a, d, v, meta, false);
}


/* Trees: what is short stands on its line, else each member has a row. */

#define TREE_ROWS 200 /* of all levels */
#define TREE_BRIEF 60 /* bytes of a container that says what is in it */


static void
grow(struct arena *a, struct data *list, const struct json *v,
     const struct json *meta, size_t *room)
{
    bool object = v->type == JSON_T_OBJECT;
    int64_t i = 0;

    json_each(child, v)
    {
        struct data *row = data_row(list);
        const struct json *below;
        struct buf line = buf_in(a);

        if (*room == 0) {
            data_i64(row, "left", (int64_t) v->n - i);
            return;
        }
        --*room;
        below = object ? json_get_str(meta, child->key)
                       : issue_meta_at(meta, (unsigned) i);
        data_str(row, "k",
                 object ? child->key : str_printf(a, "%lld", (long long) i));
        i++;
        add_inline(&line, child, false, LINE_MAX);
        if (!container(child) || line.n <= LINE_MAX) {
            set_value(a, row, child, below, false);
            continue;
        }
        note(a, row, child, below);
        data_i64(row, "n", (int64_t) child->n);
        data_bool(row, "object", child->type == JSON_T_OBJECT);
        data_str(row, "brief", str_cut(buf_view(&line), TREE_BRIEF));
        grow(a, data_child(row, "Kid"), child, below, room);
    }
}


void
issue_tree(struct arena *a, struct data *list, const struct json *v,
           const struct json *meta)
{
    size_t room = TREE_ROWS;

    grow(a, list, v, meta, &room);
}


bool
issue_pair(const struct json *v, const struct json **at, struct str *key,
           const struct json **value)
{
    const struct json *child = *at;

    for (; child != NULL; child = child->next) {
        if (json_is(v, JSON_T_OBJECT)) {
            *key = child->key;
            *value = child;
            break;
        }
        if (json_is(child, JSON_T_ARRAY) && child->n == 2
            && !str_null(json_text(child->first))) {
            *key = json_text(child->first);
            *value = child->first->next;
            break;
        }
    }
    *at = child != NULL ? child->next : NULL;
    return child != NULL;
}


/*
 * What was noted about a value: by its name, as an SDK has it, else, in a list
 * of pairs, at "3.1".
 */
static const struct json *
meta_of(const struct json *v, const struct json *meta, struct str key,
        const struct json *value)
{
    const struct json *found = json_get_str(meta, key);
    unsigned i = 0;

    if (found != NULL || meta == NULL || json_is(v, JSON_T_OBJECT)) {
        return found;
    }
    json_each(pair, v)
    {
        if (pair->last == value) {
            return issue_meta_at(issue_meta_at(meta, i), 1);
        }
        i++;
    }
    return NULL;
}


static void
set_values(struct arena *a, struct data *list, const struct json *v,
           const struct json *meta, bool variables)
{
    const struct json *at = v != NULL ? v->first : NULL;
    const struct json *value;
    struct str key;

    while (issue_pair(v, &at, &key, &value)) {
        struct data *row = data_row(list);

        data_str(row, "k", key);
        set_value(a, row, value, meta_of(v, meta, key, value), variables);
    }
}


void
issue_values(struct arena *a, struct data *list, const struct json *v,
             const struct json *meta)
{
    set_values(a, list, v, meta, false);
}


void
issue_variables(struct arena *a, struct data *list, const struct json *v,
                const struct json *meta)
{
    set_values(a, list, v, meta, true);
}


int64_t
issue_time(const struct json *v)
{
    double seconds;
    int64_t us;

    if (json_double(v, &seconds)) {
        /* to 9999-12-31 */
        return seconds > 0 && seconds < 253402300800.0
                   ? (int64_t) (seconds * 1e6 + 0.5)
                   : 0;
    }
    return time_parse_iso(json_text(v), &us) ? us : 0;
}


bool
issue_is_url(struct str s)
{
    return str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
}


struct str
issue_release(struct str version)
{
    ptrdiff_t at = str_rchr(version, '@');

    if (at > 0 && (size_t) at + 1 < version.n) {
        version = str_sub(version, (size_t) at + 1, version.n);
    }
    at = str_chr(version, '+');
    return at > 0 ? str_sub(version, 0, (size_t) at) : version;
}


const char *
issue_level(int level)
{
    static const char *const names[] = { "debug",   "debug", "info",
                                         "warning", "error", "fatal" };

    return level >= 0 && level <= 50 ? names[level / 10] : "error";
}


struct str
issue_tag_name(struct str key, struct str value)
{
    const struct country *c =
        str_is(key, "geo.country_code") ? country_find(value) : NULL;

    return c != NULL ? str_of(tr(c->name)) : value;
}


struct str
issue_tag_link(const struct issue_event *ev, struct str key, struct str value)
{
    struct str term = issue_tag_term(ev->a, key, value);

    return str_printf(ev->a, "%.*s?q=%.*s", STR_FMT(ev->stream),
                      STR_FMT(url_encode(ev->a, term)));
}
