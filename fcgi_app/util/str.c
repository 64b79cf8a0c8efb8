#include "util/str.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>


static int
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char) c;
}


bool
str_ieq(struct str a, struct str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i])) {
            return false;
        }
    }
    return true;
}


int
str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

    if (c != 0) {
        return c;
    }
    return a.n < b.n ? -1 : a.n > b.n;
}


bool
str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_make(s.p, prefix.n), prefix);
}


bool
str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}


ptrdiff_t
str_chr(struct str s, char c)
{
    const char *p = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

    return p != NULL ? p - s.p : -1;
}


ptrdiff_t
str_rchr(struct str s, char c)
{
    const char *p = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

    return p != NULL ? p - s.p : -1;
}


ptrdiff_t
str_find(struct str s, struct str part)
{
    const char *p;

    if (part.n == 0) {
        return 0;
    }
    if (s.n == 0) {
        return -1;
    }
    p = memmem(s.p, s.n, part.p, part.n);
    return p != NULL ? p - s.p : -1;
}


ptrdiff_t
str_ifind(struct str s, struct str part)
{
    char first = part.n > 0 ? (char) lower(part.p[0]) : '\0';

    for (size_t i = 0; part.n <= s.n && i <= s.n - part.n; i++) {
        if (part.n == 0
            || ((char) lower(s.p[i]) == first
                && str_ieq(str_make(s.p + i, part.n), part))) {
            return (ptrdiff_t) i;
        }
    }
    return -1;
}


struct str
str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n) {
        to = s.n;
    }
    if (from > to) {
        from = to;
    }
    return s.p != NULL ? str_make(s.p + from, to - from) : s;
}


static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}


struct str
str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}


bool
str_split(struct str *rest, char sep, struct str *part)
{
    ptrdiff_t at;

    if (rest->p == NULL) {
        return false;
    }

    at = str_chr(*rest, sep);
    if (at == -1) {
        *part = *rest;
        *rest = STR_NULL;
        return true;
    }

    *part = str_make(rest->p, (size_t) at);
    *rest = str_make(rest->p + at + 1, rest->n - (size_t) at - 1);
    return true;
}


struct str
str_cut(struct str s, size_t n)
{
    if (s.n <= n) {
        return s;
    }
    while (n > 0 && ((unsigned char) s.p[n] & 0xC0) == 0x80) {
        n--;
    }
    return str_make(s.p, n);
}


bool
str_i64(struct str s, int64_t *out)
{
    char buf[24], *end;
    long long v;

    if (s.n == 0 || s.n >= sizeof(buf) || is_space(s.p[0])) {
        return false;
    }
    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    errno = 0;
    v = strtoll(buf, &end, 10);
    if (errno != 0 || end != buf + s.n) {
        return false;
    }
    *out = v;
    return true;
}


/*
 * whole / 10^decimals, rounded as strtod does: by whole numbers, of which the
 * last bit says whether anything is left over.
 */
static double
fraction(uint64_t whole, unsigned decimals)
{
    __extension__ typedef unsigned __int128 wide;
    static const uint64_t powers[] = { 1,          10,          100,
                                       1000,       10000,       100000,
                                       1000000,    10000000,    100000000,
                                       1000000000, 10000000000, 100000000000 };
    uint64_t power = powers[decimals], quotient;
    int shift = 0;
    wide scaled;

    if (whole == 0 || decimals == 0) {
        return (double) whole;
    }
    /* 56 bits of the quotient at least, 63 at most */
    shift = __builtin_clzll(whole) - __builtin_clzll(power) + 57;
    shift = shift > 0 ? shift : 0;
    scaled = (wide) whole << shift;
    quotient = (uint64_t) (scaled / power);
    return ldexp((double) (quotient | (scaled % power != 0)), -shift);
}


/*
 * "1764240000.1234567", as nearly all are: strtod, which can read so much more,
 * takes ten times as long.  Others are left to it.
 */
static bool
plain_double(struct str s, double *out)
{
    unsigned digits = 0, decimals = 0;
    uint64_t whole = 0;
    bool point = false;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || ++digits > 18
            || (decimals += point) > 11) {
            return false;
        }
        whole = whole * 10 + (uint64_t) (s.p[i] - '0');
    }
    if (digits == 0 || (point && decimals == 0)) {
        return false;
    }
    *out = fraction(whole, decimals);
    return true;
}


bool
str_double(struct str s, double *out)
{
    char buf[64], *end;
    double v;

    if (plain_double(s, out)) {
        return true;
    }
    if (s.n == 0 || s.n >= sizeof(buf) || is_space(s.p[0])) {
        return false;
    }
    memcpy(buf, s.p, s.n);
    buf[s.n] = '\0';

    v = strtod(buf, &end);
    if (end != buf + s.n || !isfinite(v)) {
        return false;
    }
    *out = v;
    return true;
}


char *
str_dup(struct arena *a, struct str s)
{
    return arena_strndup(a, s.p, s.n);
}


struct str
str_copy(struct arena *a, struct str s)
{
    return str_null(s) ? s : str_make(str_dup(a, s), s.n);
}


struct str
str_lower(struct arena *a, struct str s)
{
    char *p = str_dup(a, s);

    for (size_t i = 0; i < s.n; i++) {
        p[i] = (char) lower(p[i]);
    }
    return str_make(p, s.n);
}


struct str
str_upper(struct arena *a, struct str s)
{
    char *p = str_dup(a, s);

    for (size_t i = 0; i < s.n; i++) {
        if (p[i] >= 'a' && p[i] <= 'z') {
            p[i] = (char) (p[i] - ('a' - 'A'));
        }
    }
    return str_make(p, s.n);
}


struct str
str_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *p;

    va_start(ap, fmt);
    p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return str_of(p);
}


struct str
str_pair(struct arena *a, struct str left, const char *between,
         struct str right)
{
    size_t middle = strlen(between);
    size_t n = left.n + middle + right.n;
    char *p = arena_alloc(a, n + 1);

    if (left.n > 0) {
        memcpy(p, left.p, left.n);
    }
    memcpy(p + left.n, between, middle);
    if (right.n > 0) {
        memcpy(p + left.n + middle, right.p, right.n);
    }
    p[n] = '\0';
    return str_make(p, n);
}


size_t
str_digits(char out[STR_DIGITS], int64_t v)
{
    uint64_t left = v < 0 ? 0 - (uint64_t) v : (uint64_t) v;
    char text[STR_DIGITS];
    size_t at = STR_DIGITS;

    do {
        text[--at] = (char) ('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (v < 0) {
        text[--at] = '-';
    }
    memcpy(out, text + at, STR_DIGITS - at);
    return STR_DIGITS - at;
}
