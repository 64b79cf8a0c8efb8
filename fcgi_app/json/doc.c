/*
 * One pass over the text, no recursion while reading: containers that are open
 * stand on a small stack.  Strings are scanned eight bytes at a time; as long
 * as nothing has to be decoded a string is a pointer into the text.  Nodes are
 * taken from the arena by the dozen.
 *
 * Duplicate members are found without hashing: each open object keeps a 64-bit
 * set of what its keys look like (length, two bytes); only when a look repeats
 * is the object gone through when it closes, by pairs when it is small and by
 * sorting when it is not, so that a million colliding keys cost n log n.
 *
 * Writing and copying recurse; a tree is as deep as the limits of the parse
 * that made it (128 by default) and what the program itself hung on.
 */

#include "json/doc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/word.h"

#define DEFAULT_DEPTH 128
#define DEFAULT_NODES 1000000

/* Nodes a time; one piece stays below the arena's limit for an own block. */
#define POOL 48

/* Objects up to this many members are checked for duplicates by pairs. */
#define PAIRS 48

/* U+FFFD */
#define REPLACEMENT "\xef\xbf\xbd"


struct open {
    struct json *node;
    uint64_t looks; /* of the keys so far */
    bool doubled;   /* a look came twice */
};

struct reader {
    struct arena *a;
    const char *start;
    const char *p;
    const char *end;
    bool strict; /* no control characters inside strings */
    unsigned max_depth;
    unsigned nodes_left;
    struct json *pool;
    unsigned pool_left;
    struct open *stack;
    unsigned depth;
    unsigned stack_size;
    const char *error;
};


/* UTF-8 */

/*
 * The length of the sequence at p; *good false: the length of what has to be
 * replaced by one U+FFFD (a maximal subpart, as browsers count them).
 */
static size_t
sequence(const unsigned char *p, const unsigned char *end, bool *good)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t want;

    *good = false;
    if (p[0] < 0x80) {
        *good = true;
        return 1;

    } else if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        want = 2;

    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        want = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;  /* overlong */
        high = p[0] == 0xed ? 0x9f : 0xbf; /* surrogates */

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        want = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;  /* overlong */
        high = p[0] == 0xf4 ? 0x8f : 0xbf; /* over U+10FFFF */

    } else {
        return 1;
    }

    for (size_t i = 1; i < want; i++) {
        if (p + i == end || p[i] < low || p[i] > high) {
            return i;
        }
        low = 0x80;
        high = 0xbf;
    }

    *good = true;
    return want;
}


static size_t
utf8_encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char) c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char) (0xc0 | (c >> 6));
        out[1] = (char) (0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char) (0xe0 | (c >> 12));
        out[1] = (char) (0x80 | ((c >> 6) & 0x3f));
        out[2] = (char) (0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char) (0xf0 | (c >> 18));
    out[1] = (char) (0x80 | ((c >> 12) & 0x3f));
    out[2] = (char) (0x80 | ((c >> 6) & 0x3f));
    out[3] = (char) (0x80 | (c & 0x3f));
    return 4;
}


struct str
utf8_mend(struct arena *a, struct str s)
{
    const unsigned char *p = (const unsigned char *) s.p;
    const unsigned char *end = p + s.n;
    struct buf out;
    size_t n;
    bool good;

    while (p < end && *p != 0 && (n = sequence(p, end, &good), good)) {
        p += n;
    }
    if (p == end) {
        return s;
    }

    out = buf_in(a);
    buf_add(&out, s.p, (size_t) ((const char *) p - s.p));
    while (p < end) {
        n = sequence(p, end, &good);
        if (good && *p != 0) {
            buf_add(&out, p, n);

        } else {
            buf_text(&out, REPLACEMENT);
        }
        p += n;
    }
    return buf_view(&out);
}


/* reading */

static enum status
fail(struct reader *r, const char *text)
{
    if (r->error == NULL) {
        r->error = text;
    }
    return ST_INVALID;
}


static struct json *
node(struct reader *r)
{
    if (r->pool_left == 0) {
        r->pool = arena_array(r->a, POOL, sizeof(struct json));
        r->pool_left = POOL;
    }
    r->pool_left--;
    return r->pool++;
}


static void
skip_blanks(struct reader *r)
{
    while (
        r->p < r->end
        && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) {
        r->p++;
    }
}


static inline void
skip_space(struct reader *r)
{
    if (r->p == r->end || *r->p <= ' ') { /* seldom */
        skip_blanks(r);
    }
}


/*
 * The first byte from p on that is not plain: a quote, a backslash, a control
 * character, or not ASCII.  Eight bytes a time.
 */
static inline const char *
plain_run(const char *p, const char *end)
{
    while (end - p >= 8) {
        uint64_t w = word_at(p), hits = word_special(w) | (w & WORD_HIGH);

        if (hits != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return p + (__builtin_ctzll(hits) >> 3);
#else
            break;
#endif
        }
        p += 8;
    }

    while (p < end && (unsigned char) *p >= 0x20 && (unsigned char) *p < 0x80
           && *p != '"' && *p != '\\') {
        p++;
    }
    return p;
}


/* Four hex digits; -1 for anything else. */
static int32_t
hex4(const char *p, const char *end)
{
    int32_t v = 0;

    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = p[i];

        v <<= 4;
        if (c >= '0' && c <= '9') {
            v |= c - '0';

        } else if (c >= 'a' && c <= 'f') {
            v |= c - 'a' + 10;

        } else if (c >= 'A' && c <= 'F') {
            v |= c - 'A' + 10;

        } else {
            return -1;
        }
    }
    return v;
}


/*
 * The escape at r->p (after the backslash) to out; returns the bytes written,
 * 0 after an error.
 */
static size_t
escape(struct reader *r, char *out, bool *repaired)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at;
    int32_t c, low;

    if (r->p == r->end) {
        fail(r, "unexpected end in a string");
        return 0;
    }

    if (*r->p != 'u') {
        at = *r->p != '\0' ? strchr(from, *r->p) : NULL;
        if (at == NULL) {
            fail(r, "unknown escape in a string");
            return 0;
        }
        r->p++;
        out[0] = to[at - from];
        return 1;
    }

    c = hex4(r->p + 1, r->end);
    if (c == -1) {
        fail(r, "\\u without four hex digits");
        return 0;
    }
    r->p += 5;

    if (c >= 0xd800 && c <= 0xdbff && r->end - r->p >= 6 && r->p[0] == '\\'
        && r->p[1] == 'u') {
        low = hex4(r->p + 2, r->end);
        if (low >= 0xdc00 && low <= 0xdfff) {
            r->p += 6;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }

    if (c == 0 || (c >= 0xd800 && c <= 0xdfff)) {
        *repaired = true;
        c = 0xfffd;
    }
    return utf8_encode((uint32_t) c, out);
}


/*
 * The rest of a string in which something has to be decoded: from is where it
 * began, r->p where the first such thing stands.
 */
static enum status
read_decoded(struct reader *r, const char *from, struct str *out,
             bool *repaired)
{
    struct buf b = buf_in(r->a);
    const char *run = from;
    char c[4];
    size_t n;
    bool good;

    for (;;) {
        if (r->p == r->end) {
            return fail(r, "unexpected end in a string");
        }
        if (*r->p == '"') {
            break;
        }

        if (*r->p == '\\') {
            /* strings with one escape tend to have more: room for a few */
            buf_room(&b, (size_t) (r->p - run) + 64);
            buf_add(&b, run, (size_t) (r->p - run));
            r->p++;
            n = escape(r, c, repaired);
            if (n == 0) {
                return ST_INVALID;
            }
            buf_add(&b, c, n);
            run = r->p;

        } else if ((unsigned char) *r->p >= 0x80 || *r->p == '\0') {
            n = sequence((const unsigned char *) r->p,
                         (const unsigned char *) r->end, &good);
            if (*r->p == '\0' && r->strict) {
                return fail(r, "control character in a string");
            }
            if (!good || *r->p == '\0') {
                buf_add(&b, run, (size_t) (r->p - run));
                buf_text(&b, REPLACEMENT);
                run = r->p + n;
                *repaired = true;
            }
            r->p += n;

        } else if (r->strict) {
            return fail(r, "control character in a string");

        } else {
            *repaired = true;
            r->p++;
        }

        r->p = plain_run(r->p, r->end);
    }

    buf_add(&b, run, (size_t) (r->p - run));
    r->p++;
    *out = buf_view(&b);
    return ST_OK;
}


/* A string; r->p stands behind its opening quote. */
static enum status
read_string(struct reader *r, struct str *out, bool *repaired)
{
    const char *from = r->p;
    size_t n;
    bool good;

    for (;;) {
        r->p = plain_run(r->p, r->end);
        if (r->p == r->end) {
            return fail(r, "unexpected end in a string");
        }
        if (*r->p == '"') {
            *out = str_make(from, (size_t) (r->p - from));
            r->p++;
            return ST_OK;
        }
        if ((unsigned char) *r->p < 0x80) {
            return read_decoded(r, from, out, repaired);
        }

        do {
            n = sequence((const unsigned char *) r->p,
                         (const unsigned char *) r->end, &good);
            if (!good) {
                return read_decoded(r, from, out, repaired);
            }
            r->p += n;
        } while (r->p < r->end && (unsigned char) *r->p >= 0x80);
    }
}


static bool
digits(struct reader *r)
{
    const char *from = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        r->p++;
    }
    return r->p > from;
}


static bool
word(struct reader *r, struct str w)
{
    if ((size_t) (r->end - r->p) < w.n || memcmp(r->p, w.p, w.n) != 0) {
        return false;
    }
    r->p += w.n;
    return true;
}


/* The grammar of RFC 8259 §6, and -Infinity. */
static enum status
read_number(struct reader *r, struct json *v)
{
    const char *from = r->p;

    if (*r->p == '-') {
        r->p++;
        if (word(r, STR("Infinity"))) {
            v->type = JSON_T_NULL;
            return ST_OK;
        }
    }

    if (r->p < r->end && *r->p == '0') {
        r->p++;

    } else if (!digits(r)) {
        return fail(r, "digits expected");
    }

    if (r->p < r->end && *r->p == '.') {
        r->p++;
        if (!digits(r)) {
            return fail(r, "digits expected after the point");
        }
    }

    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-')) {
            r->p++;
        }
        if (!digits(r)) {
            return fail(r, "digits expected in the exponent");
        }
    }

    v->type = JSON_T_NUMBER;
    v->text = str_make(from, (size_t) (r->p - from));
    return ST_OK;
}


static enum status
read_word(struct reader *r, struct json *v)
{
    if (word(r, STR("true"))) {
        v->type = JSON_T_BOOL;
        v->flag = true;

    } else if (word(r, STR("false"))) {
        v->type = JSON_T_BOOL;

    } else if (!word(r, STR("null")) && !word(r, STR("NaN"))
               && !word(r, STR("Infinity"))) {
        return fail(r, "a value expected");
    }
    return ST_OK;
}


/* What a key looks like: the number of a bit. */
static unsigned
look(struct str key)
{
    if (key.n == 0) {
        return 0;
    }
    return (unsigned) (key.n * 7 + (unsigned char) key.p[0] * 3
                       + (unsigned char) key.p[key.n - 1] * 5
                       + (unsigned char) key.p[key.n / 2])
           % 64;
}


static void
link_child(struct json *parent, struct json *child)
{
    if (parent->last != NULL) {
        parent->last->next = child;

    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->n++;
}


/* A new child of the innermost container, with its key; NULL: an error. */
static struct json *
read_child(struct reader *r)
{
    struct open *in = &r->stack[r->depth - 1];
    struct json *child;
    uint64_t bit;

    if (r->nodes_left == 0) {
        fail(r, "too many values");
        return NULL;
    }
    r->nodes_left--;
    child = node(r);
    skip_space(r);

    if (in->node->type == JSON_T_OBJECT) {
        if (r->p == r->end || *r->p != '"') {
            fail(r, "a member name expected");
            return NULL;
        }
        r->p++;
        if (read_string(r, &child->key, &child->repaired) != ST_OK) {
            return NULL;
        }
        bit = UINT64_C(1) << look(child->key);
        in->doubled = in->doubled || (in->looks & bit) != 0;
        in->looks |= bit;

        skip_space(r);
        if (r->p == r->end || *r->p != ':') {
            fail(r, "':' expected");
            return NULL;
        }
        r->p++;
        skip_space(r);
    }

    link_child(in->node, child);
    return child;
}


static enum status
push(struct reader *r, struct json *v)
{
    unsigned size;

    if (r->depth == r->max_depth) {
        return fail(r, "nested too deep");
    }
    if (r->depth == r->stack_size) {
        size = r->stack_size == 0 ? 32 : r->stack_size * 2;
        r->stack =
            arena_grow(r->a, r->stack, r->stack_size * sizeof(struct open),
                       size * sizeof(struct open));
        r->stack_size = size;
    }
    r->stack[r->depth++] = (struct open){ .node = v };
    return ST_OK;
}


/* The content of a later duplicate moves to where the first stood. */
static void
take_over(struct json *first, const struct json *later)
{
    struct json *next = first->next;

    *first = *later;
    first->next = next;
    first->repaired = true;
}


/* Takes the members out that have been marked by the null key. */
static void
sweep(struct json *object)
{
    struct json **at = &object->first;

    object->last = NULL;
    object->n = 0;
    while (*at != NULL) {
        if (str_null((*at)->key)) {
            *at = (*at)->next;
            continue;
        }
        object->last = *at;
        object->n++;
        at = &(*at)->next;
    }
}


struct member {
    struct json *v;
    unsigned at;
};


static int
by_key(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int c = str_cmp(a->v->key, b->v->key);

    return c != 0 ? c : (a->at > b->at) - (a->at < b->at);
}


static void
merge_by_sorting(struct reader *r, struct json *object)
{
    struct member *members = arena_array(r->a, object->n, sizeof(*members));
    unsigned n = 0, first = 0;

    json_each(v, object)
    {
        members[n] = (struct member){ v, n };
        n++;
    }
    qsort(members, n, sizeof(*members), by_key);

    for (unsigned i = 1; i < n; i++) {
        if (!str_eq(members[i].v->key, members[first].v->key)) {
            first = i;
            continue;
        }
        if (i + 1 == n || !str_eq(members[i + 1].v->key, members[i].v->key)) {
            take_over(members[first].v, members[i].v);
        }
        members[i].v->key = STR_NULL;
    }
    sweep(object);
}


static void
merge_by_pairs(struct json *object)
{
    bool found = false;

    json_each(v, object)
    {
        for (struct json *later = v->next; later != NULL; later = later->next) {
            if (!str_null(v->key) && !str_null(later->key)
                && str_eq(v->key, later->key)) {
                take_over(v, later);
                later->key = STR_NULL;
                found = true;
            }
        }
    }
    if (found) {
        sweep(object);
    }
}


static void
merge_duplicates(struct reader *r, struct json *object)
{
    if (object->n > PAIRS) {
        merge_by_sorting(r, object);

    } else {
        merge_by_pairs(object);
    }
}


/*
 * After a complete value: closes what closes, and makes the next child; *next
 * is NULL when the outermost value is complete.
 */
static enum status
read_on(struct reader *r, struct json **next)
{
    struct open *in;
    char c;

    *next = NULL;
    while (r->depth > 0) {
        in = &r->stack[r->depth - 1];

        skip_space(r);
        if (r->p == r->end) {
            return fail(r, "unexpected end");
        }

        c = *r->p;
        if (c == ',') {
            r->p++;
            *next = read_child(r);
            return *next != NULL ? ST_OK : ST_INVALID;
        }
        if (c != (in->node->type == JSON_T_OBJECT ? '}' : ']')) {
            return fail(r, in->node->type == JSON_T_OBJECT
                               ? "',' or '}' expected"
                               : "',' or ']' expected");
        }

        r->p++;
        if (in->doubled) {
            merge_duplicates(r, in->node);
        }
        r->depth--;
    }
    return ST_OK;
}


static enum status
read_tree(struct reader *r, struct json *root)
{
    struct json *v = root;
    enum status st;
    char c;

    skip_space(r);
    while (v != NULL) {
        if (r->p == r->end) {
            return fail(r, "unexpected end");
        }

        c = *r->p;
        if (c == '{' || c == '[') {
            v->type = c == '{' ? JSON_T_OBJECT : JSON_T_ARRAY;
            r->p++;
            if ((st = push(r, v)) != ST_OK) {
                return st;
            }
            skip_space(r);
            if (r->p < r->end && *r->p != '}' && *r->p != ']') {
                v = read_child(r);
                if (v == NULL) {
                    return ST_INVALID;
                }
                continue;
            }
            /* empty: read_on closes it */

        } else if (c == '"') {
            r->p++;
            v->type = JSON_T_STRING;
            st = read_string(r, &v->text, &v->repaired);
            if (st != ST_OK) {
                return st;
            }

        } else if (c == '-' || (c >= '0' && c <= '9')) {
            if ((st = read_number(r, v)) != ST_OK) {
                return st;
            }

        } else if ((st = read_word(r, v)) != ST_OK) {
            return st;
        }

        if ((st = read_on(r, &v)) != ST_OK) {
            return st;
        }
    }
    return ST_OK;
}


static enum status
read_value(struct reader *r, struct arena *a, struct str text,
           const struct json_limits *limits, struct json **out,
           struct json_error *err)
{
    struct json *root;
    enum status st;

    r->a = a;
    r->start = text.p != NULL ? text.p : "";
    if (r->p == NULL) {
        r->p = r->start;
    }
    r->end = r->start + text.n;
    r->max_depth =
        limits != NULL && limits->depth > 0 ? limits->depth : DEFAULT_DEPTH;
    r->nodes_left =
        limits != NULL && limits->nodes > 0 ? limits->nodes : DEFAULT_NODES;
    r->nodes_left--;
    root = node(r);

    st = read_tree(r, root);
    if (st == ST_OK) {
        *out = root;

    } else if (err != NULL) {
        *err = (struct json_error){ (size_t) (r->p - r->start), r->error };
    }
    return st;
}


enum status
json_parse(struct arena *a, struct str text, const struct json_limits *limits,
           struct json **out, struct json_error *err)
{
    struct reader r = { .p = text.p };
    enum status st;

    if (str_starts(text, STR("\xef\xbb\xbf"))) {
        r.p += 3;
    }
    st = read_value(&r, a, text, limits, out, err);
    if (st != ST_OK) {
        return st;
    }

    skip_space(&r);
    if (r.p != r.end) {
        if (err != NULL) {
            *err = (struct json_error){ (size_t) (r.p - r.start),
                                        "more text after the value" };
        }
        return ST_INVALID;
    }
    return ST_OK;
}


enum status
json_parse_prefix(struct arena *a, struct str text,
                  const struct json_limits *limits, struct json **out,
                  size_t *used, struct json_error *err)
{
    struct reader r = { .strict = true };
    enum status st = read_value(&r, a, text, limits, out, err);

    if (st == ST_OK) {
        *used = (size_t) (r.p - r.start);
    }
    return st;
}


/* looking */

bool
json_is(const struct json *v, enum json_type type)
{
    return v != NULL && v->type == type;
}


struct json *
json_get_str(const struct json *object, struct str key)
{
    if (!json_is(object, JSON_T_OBJECT)) {
        return NULL;
    }
    json_each(v, object)
    {
        if (str_eq(v->key, key)) {
            return v;
        }
    }
    return NULL;
}


struct json *
json_walk(const struct json *root, const char *const *keys)
{
    struct json *v = NULL;

    for (; *keys != NULL; keys++) {
        v = json_get(root, *keys);
        root = v;
    }
    return v;
}


struct json *
json_at(const struct json *array, unsigned i)
{
    struct json *v;

    if (!json_is(array, JSON_T_ARRAY) || i >= array->n) {
        return NULL;
    }
    for (v = array->first; i > 0 && v != NULL; i--) {
        v = v->next;
    }
    return v;
}


struct str
json_text(const struct json *v)
{
    return json_is(v, JSON_T_STRING) ? v->text : STR_NULL;
}


struct str
json_text_of(const struct json *object, const char *key)
{
    return json_text(json_get(object, key));
}


bool
json_double(const struct json *v, double *out)
{
    double d;

    if (!json_is(v, JSON_T_NUMBER) || !str_double(v->text, &d)
        || !isfinite(d)) {
        return false;
    }
    *out = d;
    return true;
}


bool
json_i64(const struct json *v, int64_t *out)
{
    double d;

    if (!json_is(v, JSON_T_NUMBER)) {
        return false;
    }
    if (str_i64(v->text, out)) {
        return true;
    }

    /* 1.0 and 1e3 are integral too, as far as a double is exact */
    if (!json_double(v, &d) || d != floor(d) || fabs(d) > 9007199254740992.0) {
        return false;
    }
    *out = (int64_t) d;
    return true;
}


bool
json_yes(const struct json *v)
{
    return json_is(v, JSON_T_BOOL) && v->flag;
}


/* making and changing */

struct json *
json_new(struct arena *a, enum json_type type)
{
    struct json *v = arena_new_of(a, struct json);

    v->type = type;
    return v;
}


struct json *
json_new_str(struct arena *a, struct str s)
{
    struct json *v = json_new(a, JSON_T_STRING);

    v->text = str_null(s) ? STR("") : s;
    return v;
}


struct json *
json_new_i64(struct arena *a, int64_t v)
{
    struct json *number = json_new(a, JSON_T_NUMBER);
    char digits[STR_DIGITS];

    number->text = str_copy(a, str_make(digits, str_digits(digits, v)));
    return number;
}


struct json *
json_new_double(struct arena *a, double v)
{
    struct json *number;

    if (!isfinite(v)) {
        return json_new(a, JSON_T_NULL);
    }

    /* the shortest of the usual two that reads back as the same number */
    number = json_new(a, JSON_T_NUMBER);
    number->text = str_printf(a, "%.15g", v);
    if (strtod(number->text.p, NULL) != v) {
        number->text = str_printf(a, "%.17g", v);
    }
    return number;
}


struct json *
json_new_bool(struct arena *a, bool v)
{
    struct json *b = json_new(a, JSON_T_BOOL);

    b->flag = v;
    return b;
}


void
json_append(struct json *array, struct json *v)
{
    if (!json_is(array, JSON_T_ARRAY)) {
        return;
    }
    v->key = STR_NULL;
    v->next = NULL;
    link_child(array, v);
}


void
json_set(struct json *object, struct str key, struct json *v)
{
    struct json *before = NULL;

    if (!json_is(object, JSON_T_OBJECT)) {
        return;
    }
    v->key = str_null(key) ? STR("") : key;
    v->next = NULL;

    json_each(old, object)
    {
        if (!str_eq(old->key, key)) {
            before = old;
            continue;
        }
        if (old == v) {
            return;
        }
        v->next = old->next;
        if (before != NULL) {
            before->next = v;

        } else {
            object->first = v;
        }
        if (object->last == old) {
            object->last = v;
        }
        old->next = NULL;
        return;
    }
    link_child(object, v);
}


struct json *
json_remove(struct json *object, const char *key)
{
    struct json *before = NULL;
    struct str name = str_of(key);

    if (!json_is(object, JSON_T_OBJECT)) {
        return NULL;
    }
    json_each(v, object)
    {
        if (!str_eq(v->key, name)) {
            before = v;
            continue;
        }
        if (before != NULL) {
            before->next = v->next;

        } else {
            object->first = v->next;
        }
        if (object->last == v) {
            object->last = before;
        }
        object->n--;
        v->next = NULL;
        return v;
    }
    return NULL;
}


void
json_nullify(struct json *v)
{
    struct json *next;
    struct str key;

    if (v == NULL) {
        return;
    }
    next = v->next;
    key = v->key;
    *v = (struct json){ .type = JSON_T_NULL, .key = key, .next = next };
}


static struct str
copy_text(struct arena *a, struct str s)
{
    return str_null(s) ? s : str_copy(a, s);
}


struct json *
json_clone(struct arena *a, const struct json *v)
{
    struct json *copy;

    if (v == NULL) {
        return NULL;
    }
    copy = json_new(a, v->type);
    copy->flag = v->flag;
    copy->repaired = v->repaired;
    copy->text = copy_text(a, v->text);
    copy->key = copy_text(a, v->key);
    json_each(child, v)
    {
        link_child(copy, json_clone(a, child));
    }
    return copy;
}


/* writing */

/* Apart: inlined, its text would cost every string a guard of the stack. */
static __attribute__((noinline)) void
write_escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    switch (c) {
    case '"':
    case '\\':
        text[1] = (char) c;
        break;
    case '\b':
        text[1] = 'b';
        break;
    case '\f':
        text[1] = 'f';
        break;
    case '\n':
        text[1] = 'n';
        break;
    case '\r':
        text[1] = 'r';
        break;
    case '\t':
        text[1] = 't';
        break;
    default:
        buf_add(out, text, 6);
        return;
    }
    buf_add(out, text, 2);
}


/*
 * Copies what a string may hold as it is: eight bytes a time, as plain_run, and
 * the last ones by two words of four that overlap.
 */
static char *
copy_run(char *to, const char **from, const char *end)
{
    const char *p = *from;
    size_t n = (size_t) (end - p);
    uint64_t w;

    for (; n >= 8; n -= 8) {
        w = word_at(p);
        if (word_special(w) != 0) {
            break;
        }
        memcpy(to, &w, 8);
        p += 8;
        to += 8;
    }
    if (n >= 4 && n < 8) {
        uint32_t first, last;

        memcpy(&first, p, 4);
        memcpy(&last, end - 4, 4);
        if (word_special((uint64_t) last << 32 | first) == 0) {
            memcpy(to, &first, 4);
            memcpy(to + n - 4, &last, 4);
            *from = end;
            return to + n;
        }
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char) *p >= 0x20) {
        *to++ = *p++;
    }
    *from = p;
    return to;
}


/* With a byte before and one after it, unless they are 0. */
static void
write_between(struct buf *out, char before, struct str s, char after)
{
    const char *p = str_null(s) ? "" : s.p;
    const char *end = p + s.n;
    char *to;

    buf_room(out, s.n + 4);
    to = out->p + out->n;
    if (before != '\0') {
        *to++ = before;
    }
    *to++ = '"';
    for (;;) {
        to = copy_run(to, &p, end);
        if (p == end) {
            break;
        }
        out->n = (size_t) (to - out->p);
        write_escape(out, (unsigned char) *p++);
        buf_room(out, (size_t) (end - p) + 2);
        to = out->p + out->n;
    }
    *to++ = '"';
    if (after != '\0') {
        *to++ = after;
    }
    *to = '\0';
    out->n = (size_t) (to - out->p);
}


void
json_write_str(struct buf *out, struct str s)
{
    write_between(out, '\0', s, '\0');
}


static void
new_line(struct buf *out, int indent)
{
    if (indent < 0) {
        return;
    }
    buf_char(out, '\n');
    for (int i = 0; i < indent; i++) {
        buf_text(out, "  ");
    }
}


/* indent -1: compact. */
static void
write_value(struct buf *out, const struct json *v, int indent)
{
    int inner = indent < 0 ? -1 : indent + 1;
    bool object;

    switch (v != NULL ? v->type : JSON_T_NULL) {
    case JSON_T_NULL:
        buf_text(out, "null");
        return;
    case JSON_T_BOOL:
        buf_text(out, v->flag ? "true" : "false");
        return;
    case JSON_T_NUMBER:
        buf_str(out, v->text);
        return;
    case JSON_T_STRING:
        json_write_str(out, v->text);
        return;
    case JSON_T_ARRAY:
    case JSON_T_OBJECT:
        break;
    }

    object = v->type == JSON_T_OBJECT;
    buf_char(out, object ? '{' : '[');
    json_each(child, v)
    {
        if (object && indent < 0) {
            write_between(out, child != v->first ? ',' : '\0', child->key, ':');
            write_value(out, child, inner);
            continue;
        }
        if (child != v->first) {
            buf_char(out, ',');
        }
        new_line(out, inner);
        if (object) {
            json_write_str(out, child->key);
            buf_text(out, ": ");
        }
        write_value(out, child, inner);
    }
    if (v->first != NULL) {
        new_line(out, indent);
    }
    buf_char(out, object ? '}' : ']');
}


void
json_write(struct buf *out, const struct json *v)
{
    write_value(out, v, -1);
}


void
json_write_pretty(struct buf *out, const struct json *v)
{
    write_value(out, v, 0);
}
