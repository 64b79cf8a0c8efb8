/*
 * util/sha1.h - SHA-1 (RFC 3174), for names that a protocol makes with it:
 * never for anything that has to withstand an attacker.
 */

#ifndef VEDETTE_UTIL_SHA1_H
#define VEDETTE_UTIL_SHA1_H

#include "util/str.h"

#define SHA1_BYTES 20

void sha1(struct str s, unsigned char out[SHA1_BYTES]);

/* A UUID of version 5 (RFC 4122): the same for the same name. */
void uuid_of_name(const unsigned char space[16], struct str name,
                  unsigned char out[16]);

#endif
