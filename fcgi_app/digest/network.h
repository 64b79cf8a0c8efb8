/*
 * digest/network.h - addresses and networks as text: "10.0.0.7", "10.0.0.0/8",
 * "2001:db8::/32".
 */

#ifndef VEDETTE_DIGEST_NETWORK_H
#define VEDETTE_DIGEST_NETWORK_H

#include "util/str.h"

/* IPv4 stands in the place that IPv6 has for it (::ffff:0:0/96). */
struct network {
    unsigned char address[16];
    unsigned bits;
};

/* An address is the network of itself; false for anything else. */
bool network_parse(struct str s, struct network *out);

/* Is the address inside? */
bool network_has(const struct network *net, const struct network *address);

#endif
