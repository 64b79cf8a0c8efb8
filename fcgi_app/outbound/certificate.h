/*
 * outbound/certificate.h - until when the certificate of an address is good, as
 * who calls there sees it.
 *
 * The address is a setting, not a user's wish, so the guard is not asked and
 * no proxy is used (outbound/edge.h).
 */

#ifndef VEDETTE_OUTBOUND_CERTIFICATE_H
#define VEDETTE_OUTBOUND_CERTIFICATE_H

#include "util/str.h"

struct certificate {
    int64_t until;  /* µs; 0: not known */
    struct str why; /* why it is not trusted, or not had: in curl's words */
};

/* Looks at it, 3 s at most, or twice that when it is not trusted. */
void certificate_look(struct arena *a, const char *url,
                      struct certificate *out);

#endif
