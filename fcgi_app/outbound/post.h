/*
 * outbound/post.h - the only way out: one HTTP request to where a user
 * wants it, over libcurl.
 *
 * The guard (guard.h) looks at the URL, at every address of its name, and at
 * the one that is connected to.  No redirect is followed, no proxy of the
 * environment is used, no certificate is overlooked.  Time and sizes are
 * bounded.
 */

#ifndef VEDETTE_OUTBOUND_POST_H
#define VEDETTE_OUTBOUND_POST_H

#include "util/buf.h"
#include "util/str.h"

#define POST_CONNECT_MS 3000
#define POST_REPLY_MAX (64 * 1024)

struct post_request {
    const char *method; /* NULL: POST with a body, else GET */
    struct str url;
    struct str type;    /* Content-Type; null: application/json */
    struct str body;    /* null: none */
    struct buf headers; /* see post_header_add */
    size_t reply_max;   /* bytes; 0: POST_REPLY_MAX */
    int timeout_ms;     /* at most outbound.timeout; 0: so long */
};

enum post_end {
    POST_ANSWERED,    /* code is set */
    POST_UNREACHABLE, /* no answer: later perhaps */
    POST_REFUSED      /* by the guard, or what can never work */
};

struct post_reply {
    enum post_end end;
    int code;
    struct str type; /* Content-Type */
    struct str body; /* the beginning, when cut */
    bool cut;        /* there was more than reply_max */
    struct str headers;
    int64_t retry_after; /* µs, as Retry-After says; 0: it does not */
    int64_t took;        /* µs */
    bool sent;           /* unreachable, but only after it was sent */
    struct str why;      /* a sentence, unless answered */
};

/* Control characters in the value become spaces: no header hides in another. */
void post_header_add(struct post_request *rq, struct arena *a, const char *name,
                     struct str value);

/* Never fails: how it went is in the reply.  Text lives in the arena. */
void post_send(struct arena *a, const struct post_request *rq,
               struct post_reply *out);

/* A header of the reply by its name; the null str: none. */
struct str post_header(const struct post_reply *reply, const char *name);

/*
 * For a form: NULL, or why this URL will not be called, after resolving its
 * name.  A name that does not resolve is no reason.
 */
const char *post_check(struct arena *a, struct str url);

#endif
