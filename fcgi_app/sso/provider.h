/*
 * sso/provider.h - identity providers of an organisation: what is typed in for
 * each kind, who a provider says that somebody is, and what that person
 * becomes here.
 *
 * A provider is kept as a connection (model/integration.h) whose type begins
 * with SSO_PREFIX; the lists of integrations leave those out.
 */

#ifndef VEDETTE_SSO_PROVIDER_H
#define VEDETTE_SSO_PROVIDER_H

#include "integration/integration.h"
#include "model/sso.h"

#define SSO_OIDC SSO_PREFIX "oidc"
#define SSO_LDAP SSO_PREFIX "ldap"

/* The kinds, with the fields of their forms. */
extern const struct integration_type *const sso_types[];
extern const size_t sso_types_count;

/* "oidc", as it stands in addresses; NULL: no such kind. */
const struct integration_type *sso_type(struct str word);

/* "oidc" of SSO_OIDC. */
struct str sso_word(struct str type);

/*
 * NULL, or why what was typed in cannot be kept; *wrong: the field.  What only
 * the provider can tell, a test sign-in tells.
 */
const char *sso_check(struct arena *a, const struct integration *provider,
                      const char **wrong);

/*
 * By the lines of "rules": what the person becomes.  A line says
 *
 *     group: role            engineering: member
 *     group: team slug       engineering: team backend
 *     group: lead slug       heads: lead backend
 *
 * Of several roles the highest holds.
 */
void sso_wanted(struct arena *a, const struct integration *provider,
                const struct sso_person *person, struct sso_wanted *out);

#endif
