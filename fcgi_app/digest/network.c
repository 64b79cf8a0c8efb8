#include "digest/network.h"

#include <arpa/inet.h>

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0,    0,
                                          0, 0, 0, 0, 0xff, 0xff };


bool
network_parse(struct str s, struct network *out)
{
    char text[INET6_ADDRSTRLEN];
    int64_t bits, most = 128;
    ptrdiff_t slash;
    struct str address;

    s = str_trim(s);
    slash = str_chr(s, '/');
    address = slash == -1 ? s : str_sub(s, 0, (size_t) slash);
    if (address.n == 0 || address.n >= sizeof(text)
        || memchr(address.p, '\0', address.n) != NULL) {
        return false;
    }
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';

    if (inet_pton(AF_INET, text, out->address + sizeof(mapped)) == 1) {
        memcpy(out->address, mapped, sizeof(mapped));
        most = 32;

    } else if (inet_pton(AF_INET6, text, out->address) != 1) {
        return false;
    }

    bits = most;
    if (slash != -1
        && (!str_i64(str_sub(s, (size_t) slash + 1, s.n), &bits) || bits < 0
            || bits > most)) {
        return false;
    }
    out->bits = (unsigned) (128 - most + bits);
    return true;
}


bool
network_has(const struct network *net, const struct network *address)
{
    unsigned bytes = net->bits / 8, rest = net->bits % 8;
    unsigned char mask = (unsigned char) (0xff00 >> rest);

    return memcmp(net->address, address->address, bytes) == 0
           && (rest == 0
               || ((net->address[bytes] ^ address->address[bytes]) & mask)
                      == 0);
}
