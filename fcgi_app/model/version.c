#include "model/version.h"

#include "util/buf.h"

#define SHORT_HASH 12


static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}


static bool
is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || c == '-';
}


static bool
is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f')) {
            return false;
        }
    }
    return true;
}


/* What revision control makes: nobody counts in these. */
static bool
is_hash(struct str s)
{
    static const size_t lengths[] = { 12, 16, 20, 32, 40, 64 };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        if (s.n == lengths[i]) {
            return is_hex(s);
        }
    }
    return false;
}


/* "rc.1": words between dots, none of them empty. */
static bool
is_pre(struct str s)
{
    struct str rest = s, word;

    while (str_split(&rest, '.', &word)) {
        if (word.n == 0) {
            return false;
        }
        for (size_t i = 0; i < word.n; i++) {
            if (!is_word(word.p[i])) {
                return false;
            }
        }
    }
    return s.n > 0 && s.p[s.n - 1] != '.';
}


/* One to four numbers, then nothing, "-pre", or, after a dot at least, "pre".
 */
static bool
parse_number(struct str s, struct version *v)
{
    size_t at = 0, parts = 0;

    for (;;) {
        size_t from = at;

        while (at < s.n && is_digit(s.p[at])) {
            at++;
        }
        if (at == from || !str_i64(str_sub(s, from, at), &v->numbers[parts])) {
            return false;
        }
        parts++;
        if (parts == 4 || at + 1 >= s.n || s.p[at] != '.'
            || !is_digit(s.p[at + 1])) {
            break;
        }
        at++;
    }
    if (at == s.n) {
        return true;
    }
    if (s.p[at] == '-') {
        v->pre = str_sub(s, at + 1, s.n);

    } else if (parts > 1 && s.p[at] != '.') {
        v->pre = str_sub(s, at, s.n);
    }
    return is_pre(v->pre);
}


bool
version_is_valid(struct str text)
{
    if (text.n == 0 || text.n > VERSION_MAX || str_is(text, ".")
        || str_is(text, "..") || str_ieq(text, STR("latest"))) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (memchr("/\r\n\t\f", text.p[i], 5) != NULL) {
            return false;
        }
    }
    return true;
}


void
version_parse(struct str text, struct version *out)
{
    ptrdiff_t at = str_rchr(text, '@'), plus;
    struct str rest;

    *out = (struct version){ .package = STR(""), .build = STR("") };
    rest = at > 0 ? str_sub(text, (size_t) at + 1, text.n) : text;
    if (at > 0) {
        out->package = str_sub(text, 0, (size_t) at);
    }
    plus = str_chr(rest, '+');
    out->number = plus > 0 ? str_sub(rest, 0, (size_t) plus) : rest;
    if (plus > 0) {
        out->build = str_sub(rest, (size_t) plus + 1, rest.n);
    }
    out->is_semantic = !is_hash(out->number) && parse_number(out->number, out);
    if (!out->is_semantic) {
        out->pre = STR_NULL;
    }
}


struct str
version_short(struct str text)
{
    struct version v;

    version_parse(text, &v);
    if (v.number.n == 0) {
        return text;
    }
    return is_hash(v.number) ? str_sub(v.number, 0, SHORT_HASH) : v.number;
}


static void
put_number(struct buf *b, int64_t n)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        buf_char(b, (char) ((uint64_t) n >> shift));
    }
}


/* A number is older than a word; no pre-release is newer than any. */
struct str
version_sort_key(struct arena *a, struct str text)
{
    struct buf b = buf_in(a);
    struct version v;
    struct str word;

    version_parse(str_cut(text, VERSION_MAX), &v);
    if (!v.is_semantic) {
        return STR_NULL;
    }
    for (size_t i = 0; i < 4; i++) {
        put_number(&b, v.numbers[i]);
    }
    if (v.pre.n == 0) {
        buf_char(&b, 3);
        return buf_view(&b);
    }
    while (str_split(&v.pre, '.', &word)) {
        int64_t n;

        if (str_i64(word, &n) && n >= 0) {
            buf_char(&b, 1);
            put_number(&b, n);

        } else {
            buf_char(&b, 2);
            buf_str(&b, word);
            buf_char(&b, 0);
        }
    }
    buf_char(&b, 0);
    return buf_view(&b);
}


bool
version_compare(struct str a, struct str b, int *out)
{
    struct arena *arena = arena_new();
    struct str left = version_sort_key(arena, a);
    struct str right = version_sort_key(arena, b);
    bool known = !str_null(left) && !str_null(right);

    *out = known ? str_cmp(left, right) : 0;
    arena_free(arena);
    return known;
}
