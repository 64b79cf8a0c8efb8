#include "util/hex.h"

#include <sodium.h>
#include <string.h>


struct str
hex_encode(struct arena *a, const void *p, size_t n)
{
    char *out = arena_alloc(a, n * 2 + 1);

    sodium_bin2hex(out, n * 2 + 1, p, n);
    return str_make(out, n * 2);
}


static int
value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}


bool
hex_decode(struct str s, unsigned char *out, size_t n)
{
    if (s.n != n * 2) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int hi = value(s.p[2 * i]), lo = value(s.p[2 * i + 1]);

        if (hi == -1 || lo == -1) {
            return false;
        }
        out[i] = (unsigned char) (hi * 16 + lo);
    }
    return true;
}


struct str
url_encode(struct arena *a, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, s.n * 3 + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c))) {
            p[n++] = (char) c;
        } else {
            p[n++] = '%';
            p[n++] = digits[c >> 4];
            p[n++] = digits[c & 15];
        }
    }
    return str_make(p, n);
}


bool
uuid_parse(struct str s, unsigned char out[16])
{
    static const size_t dashes[] = { 8, 13, 18, 23 };
    char plain[32];
    size_t n = 0;

    if (s.n == 38 && s.p[0] == '{' && s.p[37] == '}') {
        s = str_sub(s, 1, 37);
    }
    if (s.n == 32) {
        return hex_decode(s, out, 16);
    }
    if (s.n != 36) {
        return false;
    }
    for (size_t i = 0, d = 0; i < s.n; i++) {
        if (d < 4 && i == dashes[d]) {
            if (s.p[i] != '-') {
                return false;
            }
            d++;
            continue;
        }
        plain[n++] = s.p[i];
    }
    return hex_decode(str_make(plain, n), out, 16);
}


struct str
uuid_hex(struct arena *a, const unsigned char id[16])
{
    return hex_encode(a, id, 16);
}


void
uuid_random(unsigned char out[16])
{
    randombytes_buf(out, 16);
    out[6] = (unsigned char) ((out[6] & 0x0f) | 0x40);
    out[8] = (unsigned char) ((out[8] & 0x3f) | 0x80);
}


struct str
base64_encode(struct arena *a, struct str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(a, (s.n + 2) / 3 * 4 + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t v = 0;

        for (size_t k = 0; k < 3; k++) {
            v = v << 8 | (i + k < s.n ? (unsigned char) s.p[i + k] : 0u);
        }
        for (size_t k = 0; k < 4; k++) {
            out[n++] = i + k <= s.n ? digits[v >> (18 - 6 * k) & 63] : '=';
        }
    }
    return str_make(out, n);
}
