/*
 * model/sso.h - people who are vouched for by an identity provider of an
 * organisation.
 *
 * A provider speaks for its own organisation only.  It cannot take over an
 * account that is more than that: one of another organisation, or of who
 * administers the installation, has to be connected by its owner, signed in
 * otherwise.  And a sign-in by it leads into that organisation alone
 * (web/login.h).
 */

#ifndef VEDETTE_MODEL_SSO_H
#define VEDETTE_MODEL_SSO_H

#include "model/integration.h"
#include "model/member.h"
#include "model/organization.h"
#include "model/team.h"

#define SSO_PREFIX "sso-" /* of the types of integration that are providers */
#define SSO_GROUPS_MAX 500
#define SSO_FACTS_MAX 60
#define SSO_TEAMS_MAX 50
#define SSO_TEXT_MAX 320
#define SSO_LISTED_MAX 8

/* One thing that the provider told, for the test page. */
struct sso_fact {
    struct str name;
    struct str value;
};

/* Who the provider says that it is. */
struct sso_person {
    struct str subject; /* issuer and its own name of the person */
    struct str email;
    bool email_ok; /* the provider has confirmed it */
    struct str name;
    struct str *groups;
    size_t ngroups;
    struct sso_fact *facts;
    size_t nfacts;
};

struct sso_team {
    struct str slug;
    enum team_role role; /* TEAM_NONE: not a member */
};

/* What that person becomes, by the rules of the provider. */
struct sso_wanted {
    bool matched;     /* some rule fits */
    bool rules_roles; /* some rule is about roles */
    bool refuse_outsiders;
    enum role role; /* ROLE_NONE: no rule says */
    struct sso_team *teams;
    size_t nteams;
};

/* A provider that the sign-in page may name. */
struct sso_door {
    struct str org;  /* slug */
    struct str type; /* "sso-oidc" */
    struct str name;
    bool listed;
};

/* Those of one organisation, or (org null) those that everybody may see. */
enum status sso_doors(struct db *db, struct arena *a, struct str org,
                      struct sso_door **out, size_t *n) MUST_CHECK;

/* The id of the provider, and its organisation; ST_NOT_FOUND also when off. */
enum status sso_find(struct db *db, struct arena *a, struct str org,
                     struct str type, int64_t *org_id, int64_t *id) MUST_CHECK;

/* The provider of an organisation, with secrets, on or off. */
enum status sso_provider(struct db *db, struct arena *a, int64_t org,
                         struct str type, struct integration *out) MUST_CHECK;

/*
 * Lets the person in: finds or makes the account and brings role and teams to
 * what is wanted.  link: the account that is signed in and wants to be
 * connected; 0: none.  ST_DENIED: *why says why not.
 */
enum status sso_admit(struct db *db, struct arena *a,
                      const struct integration *provider,
                      const struct sso_person *person,
                      const struct sso_wanted *wanted, struct str address,
                      int64_t link, int64_t *account,
                      const char **why) MUST_CHECK;

/* ST_OK: the account belongs to another organisation, too; else ST_NOT_FOUND.
 */
enum status sso_elsewhere(struct db *db, struct arena *a, int64_t org,
                          int64_t account_id) MUST_CHECK;

/* What connects an account with providers. */
struct sso_identity {
    int64_t integration_id;
    struct str org; /* slug */
    struct str org_name;
    struct str type;
    struct str name;
    int64_t linked_at; /* 0: not connected */
    int64_t used_at;
};

/* Providers of the account's organisations, connected or not. */
enum status sso_identities(struct db *db, struct arena *a, int64_t account_id,
                           struct sso_identity **out, size_t *n) MUST_CHECK;

/* ST_NOT_FOUND: it was not connected. */
enum status sso_unlink(struct db *db, struct arena *a, const struct actor *by,
                       int64_t integration_id) MUST_CHECK;

#endif
