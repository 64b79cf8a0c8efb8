#include "queue/packed.h"

#include "queue/message.h"


size_t
packed_words(struct str packed, struct str *words, size_t max)
{
    size_t at = 0, n = 0;

    while (at < packed.n) {
        size_t name = at++, length = 0, digits = at;

        while (at < packed.n && packed.p[at] >= '0' && packed.p[at] <= '9'
               && length <= VEDETTE_PACKED_MAX) {
            length = length * 10 + (size_t) (packed.p[at++] - '0');
        }
        if (at == digits || length > VEDETTE_PACKED_MAX || at == packed.n
            || packed.p[at] != ':' || packed.n - ++at < length || n + 2 > max) {
            return 0;
        }
        words[n++] = str_sub(packed, name, name + 1);
        words[n++] = str_sub(packed, at, at + length);
        at += length;
    }
    return n;
}
