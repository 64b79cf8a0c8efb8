/*
 * web/flow.h - a sign-in that is away at an identity provider, until the
 * browser comes back.
 *
 * What is needed then is kept here and not in the address or the cookie, which
 * holds a secret that is good for nothing else.  It is taken once, within 10
 * minutes, by the browser that went:
 *
 *     vedette:flow:<digest>    hash org, provider, state, nonce, verifier,
 *                              next, account, purpose
 */

#ifndef VEDETTE_WEB_FLOW_H
#define VEDETTE_WEB_FLOW_H

#include "web/http.h"

enum flow_purpose {
    FLOW_SIGN_IN,
    FLOW_CONNECT, /* the account that is signed in with the provider */
    FLOW_TEST     /* only shows what comes */
};

struct flow {
    enum flow_purpose purpose;
    int64_t org;
    int64_t provider;
    int64_t account; /* who connects or tests; 0: nobody is signed in yet */
    struct str state;
    struct str nonce;
    struct str verifier;
    struct str next; /* where to go then */
};

/* Keeps it, and gives the browser its cookie. */
enum status flow_leave(struct request *rq, struct response *rs,
                       const struct flow *flow) MUST_CHECK;

/*
 * Takes it when the browser is back with this state.  ST_NOT_FOUND: it is none
 * of this browser's, was used, or is too old.
 */
enum status flow_return(struct request *rq, struct response *rs,
                        struct str state, struct flow *out) MUST_CHECK;

#endif
