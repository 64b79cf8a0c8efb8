/*
 * sso/id_token.h - a signed statement of an OpenID provider, over libcjose.
 */

#ifndef VEDETTE_SSO_ID_TOKEN_H
#define VEDETTE_SSO_ID_TOKEN_H

#include "json/doc.h"

struct id_token_want {
    struct str issuer;
    struct str client_id;
    struct str nonce;
    int64_t now; /* seconds */
};

/*
 * The claims, once a key of the provider has signed them with an algorithm of
 * public keys, and they are of this issuer, for us, for this sign-in and of
 * now.  NULL: not so, *why says what.
 */
struct json *id_token_open(struct arena *a, struct str token,
                           const struct json *keys,
                           const struct id_token_want *want, struct str *why);

#endif
