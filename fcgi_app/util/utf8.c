#include "util/utf8.h"


uint32_t
utf8_read(struct str s, size_t *size)
{
    static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = (unsigned char) s.p[0];
    uint32_t cp;
    size_t n;

    *size = 1;
    if (c < 0x80) {
        return c;
    }
    if (c < 0xC2 || c > 0xF4) {
        return UTF8_BROKEN;
    }
    n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (s.n < n) {
        return UTF8_BROKEN;
    }
    cp = c & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        c = (unsigned char) s.p[i];
        if ((c & 0xC0) != 0x80) {
            return UTF8_BROKEN;
        }
        cp = cp << 6 | (c & 0x3F);
    }
    if (cp < lowest[n] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        return UTF8_BROKEN;
    }
    *size = n;
    return cp;
}


bool
utf8_valid(struct str s)
{
    size_t size;

    for (size_t i = 0; i < s.n; i += size) {
        if (utf8_read(str_sub(s, i, s.n), &size) == UTF8_BROKEN) {
            return false;
        }
    }
    return true;
}


size_t
utf8_length(struct str s)
{
    size_t size, length = 0;

    for (size_t i = 0; i < s.n; i += size) {
        utf8_read(str_sub(s, i, s.n), &size);
        length++;
    }
    return length;
}
