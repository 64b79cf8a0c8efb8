/*
 * outbound/edge.h - the edge asked as an SDK does: at its public address, with
 * the operator's own name, certificate and everything that stands in front.
 *
 * The address is a setting, not a user's wish, so the guard is not asked and
 * no proxy is used.
 */

#ifndef VEDETTE_OUTBOUND_EDGE_H
#define VEDETTE_OUTBOUND_EDGE_H

#include "util/str.h"

struct edge_reply {
    int code;       /* of HTTP; 0: no answer */
    int64_t took;   /* µs */
    struct str why; /* no answer: the reason, in curl's words */
};

/*
 * An event as JSON to the project, with its public key; 3 s at most.  base:
 * the address before /api/.
 */
void edge_send(struct arena *a, const char *base, struct str project,
               struct str key, struct str event, struct edge_reply *out);

#endif
