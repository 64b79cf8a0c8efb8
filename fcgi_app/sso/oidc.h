/*
 * sso/oidc.h - OpenID Connect: the authorization code flow with PKCE.
 *
 * Discovery and keys are asked for at every sign-in, so that a key that the
 * provider has changed holds at once.
 */

#ifndef VEDETTE_SSO_OIDC_H
#define VEDETTE_SSO_OIDC_H

#include "integration/integration.h"
#include "model/sso.h"

/* What is kept from the way there to the way back, by the browser's cookie. */
struct oidc_secrets {
    struct str state;
    struct str nonce;
    struct str verifier;
};

void oidc_secrets_new(struct arena *a, struct oidc_secrets *out);

/*
 * Where to send the browser.  ST_RETRY: the provider does not work, *why says
 * in what way.
 */
enum status oidc_begin(struct arena *a, const struct integration *provider,
                       const struct oidc_secrets *s, struct str *url,
                       struct str *why) MUST_CHECK;

/*
 * What the browser has brought back, turned into a person.  iss: the argument
 * of RFC 9207, null when there was none.  ST_DENIED: it is not to be believed;
 * ST_RETRY as above.  now in seconds.
 */
enum status oidc_finish(struct arena *a, const struct integration *provider,
                        const struct oidc_secrets *s, struct str code,
                        struct str iss, int64_t now, struct sso_person *out,
                        struct str *why) MUST_CHECK;

#endif
