/*
 * The value rules of protocol.md §7.1, as the tables name them.  Each works in
 * place and never fails: a value of the wrong kind becomes null and a note.
 */

#include "digest/normalize.h"

#include "util/hex.h"
#include "util/timeutil.h"

#include <ctype.h>
#include <math.h>

#define BAG_KEY_MAX 256
#define NUMBER_MAX 64 /* digits */

/* Timestamps outside 1970 … 9999 are no timestamps. */
#define TIME_MAX (INT64_C(253402300800) * US_PER_SECOND)


/* ---- trees */

void
node_link(struct json *parent, struct json *child)
{
    child->next = NULL;
    if (parent->last != NULL) {
        parent->last->next = child;

    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->n++;
}


struct json *
node_take_all(struct json *parent)
{
    struct json *first = parent->first;

    parent->first = parent->last = NULL;
    parent->n = 0;
    return first;
}


void
node_become(struct json *v, const struct json *other)
{
    struct str key = v->key;
    struct json *next = v->next;

    *v = *other;
    v->key = key;
    v->next = next;
}


void
node_string(struct json *v, struct str text)
{
    struct json s = { .type = JSON_T_STRING, .text = text };

    node_become(v, &s);
}


struct json *
pair_add(struct arena *a, struct json *list, struct str key, struct json *value)
{
    struct json *pair = json_new(a, JSON_T_ARRAY);

    node_link(pair, json_new_str(a, key));
    node_link(pair, value);
    node_link(list, pair);
    return pair;
}


/* ---- text */

static size_t
characters(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.n; i++) {
        count += ((unsigned char) s.p[i] & 0xC0) != 0x80;
    }
    return count;
}


/* The first n characters. */
static struct str
first_characters(struct str s, size_t n)
{
    size_t i = 0;

    for (size_t count = 0; i < s.n; i++) {
        count += ((unsigned char) s.p[i] & 0xC0) != 0x80;
        if (count > n) {
            break;
        }
    }
    return str_make(s.p, i);
}


void
text_limit(struct norm *n, struct json *v, const struct at *at, unsigned max,
           unsigned allow)
{
    struct buf cut = buf_in(n->a);
    size_t was;

    if (v->type != JSON_T_STRING || v->text.n <= (size_t) max + allow) {
        return;
    }
    was = characters(v->text);
    if (was <= (size_t) max + allow) {
        return;
    }

    if (max > 3) {
        buf_str(&cut, first_characters(v->text, max - 3));
        buf_text(&cut, "...");
    }
    v->text = buf_view(&cut);
    note_remark(n, at, "!limit", "s", max > 3 ? max - 3 : 0, max, was);
}


static bool
is_integer(struct str s)
{
    size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0;

    if (i == s.n) {
        return false;
    }
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return true;
}


bool
lenient_text(struct norm *n, const struct json *v, struct str *out)
{
    double d;

    switch (v->type) {
    case JSON_T_STRING:
        *out = v->text;
        return true;

    case JSON_T_BOOL:
        *out = v->flag ? STR("True") : STR("False");
        return true;

    case JSON_T_NUMBER:
        if (is_integer(v->text)) {
            *out = v->text;
            return true;
        }
        if (json_double(v, &d) && fabs(d) < 9007199254740992.0) {
            *out = str_printf(n->a, "%lld", (long long) d);
            return true;
        }
        return false;

    default:
        return false;
    }
}


void
rule_keep(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    (void) n;
    (void) f;
    (void) v;
    (void) at;
}


void
rule_string(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    if (v->type != JSON_T_STRING) {
        note_invalid(n, at, v, "expected a string");
        return;
    }
    text_limit(n, v, at, f->max, f->allow);
}


void
rule_lenient(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    struct str text;

    if (!lenient_text(n, v, &text)) {
        note_invalid(n, at, v, "expected a primitive value");
        return;
    }
    node_string(v, text);
    text_limit(n, v, at, f->max, f->allow);
}


void
rule_trimmed(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    struct str text;

    if (lenient_text(n, v, &text)) {
        node_string(v, str_trim(text));
        if (v->text.n == 0) {
            json_nullify(v);
            return;
        }
    }
    rule_lenient(n, f, v, at);
}


void
rule_json_text(struct norm *n, const struct field *f, struct json *v,
               const struct at *at)
{
    if (v->type != JSON_T_STRING) {
        struct buf text = buf_in(n->a);

        json_write(&text, v);
        node_string(v, buf_view(&text));
    }
    text_limit(n, v, at, f->max, f->allow);
}


/* An element that its list cannot hold; what was wrong is said of the list. */
static void
drop(struct norm *n, struct json *e, const struct at *list, unsigned index,
     const char *reason)
{
    (void) note_drop(n, list, index);
    if (e->type != JSON_T_NULL) {
        note_invalid(n, list, e, reason);
    }
}


void
rule_strings(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    struct json *e, *next;
    unsigned was = v->n;

    if (v->type != JSON_T_ARRAY) {
        note_invalid(n, at, v, "expected an array");
        return;
    }
    for (e = node_take_all(v); e != NULL; e = next) {
        struct at here = { at, STR_NULL, v->n };
        struct str text;

        next = e->next;
        if (v->n >= f->max) {
            note_length(n, at, was);
            break;
        }
        if (!lenient_text(n, e, &text)) {
            drop(n, e, at, v->n, "expected strings");
            continue;
        }
        node_string(e, text);
        text_limit(n, e, &here, f->allow, 0);
        node_link(v, e);
    }
}


/* ---- scalars */

/*
 * A number that hardly any reader of JSON takes for what it says: of a million
 * digits, or beyond the largest double.
 */
static bool
is_too_much(struct str s)
{
    const struct json v = { .type = JSON_T_NUMBER, .text = s };
    double d;

    return s.n > NUMBER_MAX
           || ((str_chr(s, 'e') != -1 || str_chr(s, 'E') != -1)
               && !json_double(&v, &d));
}


void
rule_bool(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    (void) f;
    if (v->type != JSON_T_BOOL) {
        note_invalid(n, at, v, "expected a boolean");
    }
}


void
rule_int(struct norm *n, const struct field *f, struct json *v,
         const struct at *at)
{
    double d;
    int64_t i;

    (void) f;
    if (v->type == JSON_T_NUMBER && is_integer(v->text)
        && str_i64(v->text, &i)) {
        return;
    }
    if (json_double(v, &d) && fabs(d) < 9007199254740992.0) {
        v->text = str_printf(n->a, "%lld", (long long) d);
        return;
    }
    note_invalid(n, at, v, "expected an integer");
}


void
rule_number(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    (void) f;
    if (v->type != JSON_T_NUMBER) {
        note_invalid(n, at, v, "expected a number");
    }
}


void
rule_thread_id(struct norm *n, const struct field *f, struct json *v,
               const struct at *at)
{
    if (v->type == JSON_T_NUMBER && is_too_much(v->text)) {
        note_invalid(n, at, v, "expected a number of up to 64 digits");
        return;
    }
    if (v->type != JSON_T_NUMBER && v->type != JSON_T_STRING) {
        note_invalid(n, at, v, "expected a number or a string");
        return;
    }
    text_limit(n, v, at, f->max, 0);
}


void
rule_uuid(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    unsigned char id[16];

    (void) f;
    if (!uuid_parse(json_text(v), id)) {
        note_invalid(n, at, v, "expected a UUID");
        return;
    }
    node_string(v, uuid_hex(n->a, id));
}


void
rule_address(struct norm *n, const struct field *f, struct json *v,
             const struct at *at)
{
    struct str s = v->text;
    uint64_t value = 0;
    bool ok = s.n > 0 && (v->type == JSON_T_STRING || v->type == JSON_T_NUMBER);

    (void) f;
    if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x') {
        ok = ok && s.n <= 18;
        for (size_t i = 2; ok && i < s.n; i++) {
            unsigned char c = (unsigned char) s.p[i];

            ok = isxdigit(c);
            value = value * 16
                    + (uint64_t) (isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }

    } else {
        for (size_t i = 0; ok && i < s.n; i++) {
            ok = isdigit((unsigned char) s.p[i])
                 && !__builtin_mul_overflow(value, 10, &value)
                 && !__builtin_add_overflow(value, (uint64_t) (s.p[i] - '0'),
                                            &value);
        }
    }

    if (!ok) {
        note_invalid(n, at, v, "expected an address");
        return;
    }
    node_string(v, str_printf(n->a, "0x%llx", (unsigned long long) value));
}


static const struct {
    const char *name;
    const char *level;
} levels[] = {
    { "debug", "debug" },    { "info", "info" },   { "warning", "warning" },
    { "error", "error" },    { "fatal", "fatal" }, { "log", "info" },
    { "critical", "fatal" }, { "10", "debug" },    { "20", "info" },
    { "30", "warning" },     { "40", "error" },    { "50", "fatal" },
};


void
rule_level(struct norm *n, const struct field *f, struct json *v,
           const struct at *at)
{
    (void) f;
    if (v->type == JSON_T_STRING || v->type == JSON_T_NUMBER) {
        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
            if (str_is(v->text, levels[i].name)) {
                node_string(v, str_of(levels[i].level));
                return;
            }
        }
    }
    note_invalid(n, at, v, "expected a level");
}


/* ---- time */

bool
time_of(const struct json *v, int64_t *us)
{
    double d;

    if (json_double(v, &d)) {
        if (d < 0 || d >= (double) (TIME_MAX / US_PER_SECOND)) {
            return false;
        }
        *us = (int64_t) (d * 1e6 + 0.5);
        return true;
    }
    return json_is(v, JSON_T_STRING) && time_parse_iso(v->text, us) && *us >= 0
           && *us < TIME_MAX;
}


void
time_set(struct norm *n, struct json *v, int64_t us)
{
    struct json number = { .type = JSON_T_NUMBER };
    int64_t seconds = us / US_PER_SECOND, frac = us % US_PER_SECOND;
    char text[32];
    size_t end = sizeof(text), i = end - 7;

    /* from the end: the fraction without its last zeros, then the seconds */
    for (size_t k = end; k > i + 1; k--) {
        text[k - 1] = (char) ('0' + frac % 10);
        frac /= 10;
    }
    text[i] = '.';
    while (text[end - 1] == '0') {
        end--;
    }
    if (text[end - 1] == '.') {
        end--;
    }
    do {
        text[--i] = (char) ('0' + seconds % 10);
        seconds /= 10;
    } while (seconds > 0);

    number.text = str_copy(n->a, str_make(text + i, end - i));
    node_become(v, &number);
}


void
rule_time(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    int64_t us;

    (void) f;
    if (!time_of(v, &us)) {
        note_invalid(n, at, v, "expected a timestamp");
        return;
    }
    time_set(n, v, us);

    if (n->ntimes == n->times_size) {
        size_t more = n->times_size > 0 ? n->times_size * 2 : 64;

        n->times = arena_grow(n->a, n->times, n->times_size * sizeof(v),
                              more * sizeof(v));
        n->times_size = more;
    }
    n->times[n->ntimes++] = v;
}


/* ---- containers */

void
rule_object(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    if (v->type != JSON_T_OBJECT) {
        note_invalid(n, at, v, "expected an object");
        return;
    }
    schema_walk(n, f->of, v, at);
    if (v->n == 0) {
        json_nullify(v);
    }
}


void
rule_list(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    struct json *e, *next;
    unsigned was = v->n, skip, i = 0;

    if (v->type != JSON_T_ARRAY) {
        note_invalid(n, at, v, "expected an array");
        return;
    }

    /* the newest are at the end */
    skip = f->max > 0 && was > f->max ? was - f->max : 0;
    if (skip > 0) {
        note_forget(n, at);
        note_length(n, at, was);
    }

    e = node_take_all(v);
    for (; skip > 0 && e != NULL; skip--) {
        e = e->next;
    }
    for (; e != NULL; e = next) {
        struct at here = { at, STR_NULL, i };

        next = e->next;
        e->next = NULL;
        if (e->type != JSON_T_OBJECT) {
            drop(n, e, at, i, "expected objects");
            continue;
        }
        rule_object(n, f, e, &here);
        if (e->type != JSON_T_NULL) {
            node_link(v, e);
            i++;

        } else if (note_drop(n, at, i)) {
            note_error(n, at, "invalid_data", "nothing of an element is left");
        }
    }
}


/* Array, {"values": […]} or one object, into {"values": […]}. */
void
rule_values(struct norm *n, const struct field *f, struct json *v,
            const struct at *at)
{
    struct at here = { at, STR("values"), 0 };
    struct json *list = json_new(n->a, JSON_T_ARRAY);
    struct json *given = json_get(v, "values");

    if (v->type == JSON_T_ARRAY) {
        node_become(list, v);

    } else if (json_is(given, JSON_T_ARRAY)) {
        node_become(list, given);

    } else if (json_is(given, JSON_T_OBJECT)) {
        node_link(list, json_remove(v, "values"));

    } else if (v->type == JSON_T_OBJECT && given == NULL && v->n > 0) {
        struct json *only = json_new(n->a, JSON_T_OBJECT);

        node_become(only, v);
        node_link(list, only);

    } else if (v->type != JSON_T_OBJECT
               || (given != NULL && given->type != JSON_T_NULL)) {
        note_invalid(n, at, v, "expected a list of values");
        return;
    }

    list->next = NULL;
    list->key = STR("values");
    rule_list(n, f, list, &here);
    if (list->n == 0) {
        json_nullify(v);
        return;
    }
    v->type = JSON_T_OBJECT;
    v->text = STR_NULL;
    node_take_all(v);
    node_link(v, list);
}


/* ---- bags */

static void
bag_text(struct norm *n, struct json *v, const struct at *at, size_t *left)
{
    if (v->text.n > *left) {
        unsigned max = *left > 3 ? (unsigned) *left : 3;
        size_t was = characters(v->text);
        struct buf cut = buf_in(n->a);

        /* by bytes here: the budget is one of bytes */
        buf_str(&cut, str_cut(v->text, max - 3));
        buf_text(&cut, "...");
        note_remark(n, at, "!limit", "s", cut.n - 3, cut.n, was);
        v->text = buf_view(&cut);
    }
    *left -= v->text.n < *left ? v->text.n : *left;
}


void
bag_limit(struct norm *n, struct json *v, const struct at *at, size_t *left,
          unsigned depth)
{
    struct json *e, *next;
    unsigned was = v->n, i = 0;

    if (v->repaired && at != NULL) {
        note_error(n, at, "invalid_data", "broken text was repaired");
        v->repaired = false;
    }

    if (v->type == JSON_T_NUMBER && is_too_much(v->text)) {
        if (at != NULL) {
            note_error(n, at, "invalid_data", "a number that is kept as text");
        }
        node_string(v, v->text);
    }
    if (v->type == JSON_T_STRING) {
        bag_text(n, v, at, left);
        return;
    }
    if (v->type != JSON_T_ARRAY && v->type != JSON_T_OBJECT) {
        *left -= v->text.n < *left ? v->text.n : *left;
        return;
    }

    if (depth == 0 && v->n > 0) {
        struct buf text = buf_in(n->a);

        json_write(&text, v);
        node_string(v, buf_view(&text));
        bag_text(n, v, at, left);
        return;
    }

    for (e = node_take_all(v); e != NULL; e = next, i++) {
        struct at here = { at, e->key, i };
        size_t overhead = e->key.n + 4;

        next = e->next;
        if (*left <= overhead) {
            *left = 0;
            note_length(n, at, was);
            break;
        }
        *left -= overhead;
        if (e->key.n > BAG_KEY_MAX) {
            e->key = str_cut(e->key, BAG_KEY_MAX);
        }
        bag_limit(n, e, &here, left, depth > 0 ? depth - 1 : 0);
        node_link(v, e);
    }
}


void
rule_bag(struct norm *n, const struct field *f, struct json *v,
         const struct at *at)
{
    size_t left = f->max;

    bag_limit(n, v, at, &left, f->depth);
}


void
rule_bag_object(struct norm *n, const struct field *f, struct json *v,
                const struct at *at)
{
    if (v->type != JSON_T_OBJECT) {
        note_invalid(n, at, v, "expected an object");
        return;
    }
    rule_bag(n, f, v, at);
}


/* extra: a budget for each item within a budget for all of them. */
void
rule_extra(struct norm *n, const struct field *f, struct json *v,
           const struct at *at)
{
    struct json *e, *next;
    size_t left = f->max;
    unsigned was = v->n;

    if (v->type != JSON_T_OBJECT) {
        note_invalid(n, at, v, "expected an object");
        return;
    }
    for (e = node_take_all(v); e != NULL; e = next) {
        struct at here = { at, e->key, 0 };
        size_t item = f->allow, before;

        next = e->next;
        e->key = str_cut(e->key, BAG_KEY_MAX);
        if (left <= e->key.n + 4) {
            note_length(n, at, was);
            break;
        }
        left -= e->key.n + 4;
        before = item = item < left ? item : left;
        bag_limit(n, e, &here, &item, f->depth - 1);
        left -= before - item;
        node_link(v, e);
    }
}


/* A frame's variables; a list gets its indexes as names. */
void
rule_vars(struct norm *n, const struct field *f, struct json *v,
          const struct at *at)
{
    if (v->type == JSON_T_ARRAY) {
        unsigned i = 0;

        v->type = JSON_T_OBJECT;
        json_each(e, v)
        {
            e->key = str_printf(n->a, "%u", i++);
        }
    }
    rule_bag_object(n, f, v, at);
}
