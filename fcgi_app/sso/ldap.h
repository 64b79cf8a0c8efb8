/*
 * sso/ldap.h - sign-in by a directory: search the entry of a name, bind as it
 * with the password that was typed, read its groups.
 */

#ifndef VEDETTE_SSO_LDAP_H
#define VEDETTE_SSO_LDAP_H

#include "integration/integration.h"
#include "model/sso.h"

/* NULL, or why these values will not be used; *wrong: the field. */
const char *ldap_check(struct arena *a, const struct integration *provider,
                       const char **wrong);

/*
 * ST_DENIED: there is no such pair of name and password.  ST_RETRY: the
 * directory does not work, *why says in what way.  Else ST_OK.
 */
enum status ldap_sign_in(struct arena *a, const struct integration *provider,
                         struct str name, struct str password,
                         struct sso_person *out, struct str *why) MUST_CHECK;

#endif
