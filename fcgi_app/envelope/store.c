/*
 * Raven clients of before 2019 sent base64(zlib(json)) without saying so; the
 * first byte tells it from JSON.
 */

#include "envelope/store.h"

#include <sodium.h>

#include "envelope/encoding.h"
#include "util/hex.h"


struct str
query_value(struct arena *a, struct str query, struct str name)
{
    struct str part, value;
    unsigned char byte;
    size_t n = 0;
    char *p;

    while (str_split(&query, '&', &part)) {
        if (!str_starts(part, name) || part.n == name.n
            || part.p[name.n] != '=') {
            continue;
        }
        value = str_sub(part, name.n + 1, part.n);
        p = arena_alloc(a, value.n + 1);
        for (size_t i = 0; i < value.n; i++) {
            if (value.p[i] == '%'
                && hex_decode(str_sub(value, i + 1, i + 3), &byte, 1)) {
                p[n++] = (char) byte;
                i += 2;

            } else {
                p[n++] = value.p[i];
            }
        }
        return str_make(p, n);
    }
    return STR_NULL;
}


static bool
base64(struct arena *a, struct str text, struct str *out)
{
    static const int variants[] = { sodium_base64_VARIANT_ORIGINAL,
                                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    unsigned char *p = arena_alloc(a, text.n / 4 * 3 + 3);
    size_t n;

    for (size_t i = 0; i < 2; i++) {
        if (sodium_base642bin(p, text.n / 4 * 3 + 3, text.p, text.n, " \r\n\t",
                              &n, NULL, variants[i])
            == 0) {
            *out = str_make((char *) p, n);
            return true;
        }
    }
    return false;
}


enum status
store_body(struct arena *a, struct str body, struct str query, size_t limit,
           struct str *out)
{
    struct str text = str_trim(body);

    if (text.n == 0) {
        text = str_trim(query_value(a, query, STR("sentry_data")));
    }
    if (text.n == 0) {
        return ST_INVALID;
    }

    if (text.p[0] == '{' || str_starts(text, STR("\xef\xbb\xbf"))) {
        *out = text;
        return text.n <= limit ? ST_OK : ST_LIMITED;
    }

    if (!base64(a, text, &text) || text.n == 0) {
        return ST_INVALID;
    }
    if (text.p[0] == '{') {
        *out = text;
        return text.n <= limit ? ST_OK : ST_LIMITED;
    }
    return encoding_decode(a, STR("deflate"), text, limit, out);
}
