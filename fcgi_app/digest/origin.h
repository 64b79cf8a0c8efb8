/*
 * digest/origin.h - patterns of origins (protocol.md §6.3): scheme, domain and
 * port, each "*" or left out for any; "*.example.org" has the domain itself and
 * everything below it.
 */

#ifndef VEDETTE_DIGEST_ORIGIN_H
#define VEDETTE_DIGEST_ORIGIN_H

#include "util/str.h"

/* Whether a URI has the origin; the null str fits only "*". */
bool origin_matches(struct str pattern, struct str uri);

#endif
