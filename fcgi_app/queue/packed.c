#include "queue/packed.h"

#include "queue/message.h"


/*
 * "3:abc" is "abc": takes it from the text, at *at.  False when there is no
 * length, or one that lies.
 */
static bool
take_counted(struct str packed, size_t *at, struct str *out)
{
    size_t i = *at, length = 0;

    while (i < packed.n && packed.p[i] >= '0' && packed.p[i] <= '9'
           && length <= VEDETTE_PACKED_MAX) {
        length = length * 10 + (size_t) (packed.p[i++] - '0');
    }
    if (i == *at || length > VEDETTE_PACKED_MAX || i == packed.n
        || packed.p[i] != ':' || packed.n - ++i < length) {
        return false;
    }
    *out = str_sub(packed, i, i + length);
    *at = i + length;
    return true;
}


size_t
packed_words(struct str packed, struct str *words, size_t max)
{
    size_t at = 0, n = 0;

    while (at < packed.n) {
        size_t name = at++;

        if (n + 2 > max || !take_counted(packed, &at, &words[n + 1])) {
            return 0;
        }
        words[n] = str_sub(packed, name, name + 1);
        n += 2;
    }
    return n;
}


size_t
packed_several(struct str packed, struct str *parts, size_t max)
{
    size_t at = 0, n = 0;

    while (at < packed.n) {
        if (n == max || !take_counted(packed, &at, &parts[n])
            || (!str_starts(parts[n], STR(VEDETTE_MESSAGE_VERSION_PACKED))
                && !str_starts(parts[n], STR(VEDETTE_MESSAGE_VERSION_LZ4)))) {
            return 0;
        }
        n++;
    }
    return n;
}
