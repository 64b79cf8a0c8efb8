#include "sso/provider.h"

#include "sso/ldap.h"
#include "util/lang.h"

#define GROUP_MAX 200

#define PLACE_RULES                                                            \
    "engineering: member\nengineering: team backend\nheads: lead backend"
#define HELP_RULES                                                             \
    "One a line: a group, a colon, and a role (viewer, member, admin, "        \
    "manager, owner), or \"team\" or \"lead\" with the short name of a team. " \
    "They hold at every sign-in; without a line about roles, roles stay what " \
    "somebody has made them here."
#define HELP_LISTED                                                            \
    "Show it on the sign-in page, where everybody can read its name"

static const struct field_choice outsiders[] = {
    { "join", "come in with the default role" },
    { "refuse", "stay outside" },
    { NULL, NULL },
};

/* clang-format off: one field a row */
static const struct integration_field oidc_fields[] = {
    { "issuer", "Issuer", FIELD_URL, true, NULL,
      "https://login.example.com/realms/acme",
      "The address that the provider signs with; its "
      "/.well-known/openid-configuration tells the rest.",
      NULL },
    { "client_id", "Client ID", FIELD_TEXT, true, NULL, NULL, NULL, NULL },
    { "client_secret", "Client secret", FIELD_SECRET, false, NULL, NULL,
      "Empty for a public client; PKCE is used in any case.", NULL },
    { "scopes", "Scopes", FIELD_TEXT, true, "openid email profile", NULL,
      "Some providers tell groups only when asked for a scope \"groups\".",
      NULL },
    { "groups_claim", "Claim with the groups", FIELD_TEXT, false, "groups",
      "groups", "A dot leads inside: realm_access.roles", NULL },
    { "vouches", "Mail addresses", FIELD_SWITCH, false, NULL, NULL,
      "Take them as confirmed, although the provider does not say so", NULL },
    { "rules", "Groups", FIELD_LINES, false, NULL, PLACE_RULES, HELP_RULES,
      NULL },
    { "outsiders", "Who is in none of these groups", FIELD_CHOICE, true, "join",
      NULL, NULL, outsiders },
    { "listed", "Sign-in page", FIELD_SWITCH, false, "on", NULL, HELP_LISTED,
      NULL },
    { NULL, NULL, FIELD_TEXT, false, NULL, NULL, NULL, NULL },
};

static const struct integration_field ldap_fields[] = {
    { "url", "Server", FIELD_TEXT, true, NULL, "ldaps://ldap.example.com",
      "ldaps://, or ldap:// with StartTLS. A server in a private network has "
      "to stand in outbound.allow.",
      NULL },
    { "starttls", "StartTLS", FIELD_SWITCH, false, NULL, NULL,
      "Encrypt an ldap:// connection before anything is said", NULL },
    { "bind_dn", "Search as", FIELD_TEXT, false, NULL,
      "cn=vedette,dc=example,dc=com", "Empty: anonymously.", NULL },
    { "bind_password", "Its password", FIELD_SECRET, false, NULL, NULL, NULL,
      NULL },
    { "base", "People below", FIELD_TEXT, true, NULL,
      "ou=people,dc=example,dc=com", NULL, NULL },
    { "filter", "Filter of people", FIELD_TEXT, true, "(|(uid=%u)(mail=%u))",
      NULL, "%u is the name that somebody types.", NULL },
    { "id", "Attribute that never changes", FIELD_TEXT, true, "entryUUID", NULL,
      "objectGUID in an Active Directory.", NULL },
    { "mail", "Attribute of the mail address", FIELD_TEXT, true, "mail", NULL,
      NULL, NULL },
    { "name", "Attribute of the name", FIELD_TEXT, false, "cn", NULL, NULL,
      NULL },
    { "group_base", "Groups below", FIELD_TEXT, false, NULL,
      "ou=groups,dc=example,dc=com", "Empty: only what stands in memberOf.",
      NULL },
    { "group_filter", "Filter of groups", FIELD_TEXT, false, "(member=%d)",
      NULL, "%d is the entry of the person, %u the name typed.", NULL },
    { "group_name", "Attribute of a group's name", FIELD_TEXT, false, "cn",
      NULL, NULL, NULL },
    { "rules", "Groups", FIELD_LINES, false, NULL, PLACE_RULES, HELP_RULES,
      NULL },
    { "outsiders", "Who is in none of these groups", FIELD_CHOICE, true, "join",
      NULL, NULL, outsiders },
    { "listed", "Sign-in page", FIELD_SWITCH, false, "on", NULL, HELP_LISTED,
      NULL },
    { NULL, NULL, FIELD_TEXT, false, NULL, NULL, NULL, NULL },
};
/* clang-format on */

static const struct integration_type oidc = {
    .type = SSO_OIDC,
    .label = "OpenID Connect",
    .icon = "shield",
    .does = "Keycloak, Authentik, Entra ID, Google, Okta and others",
    .fields = oidc_fields,
};

static const struct integration_type ldap = {
    .type = SSO_LDAP,
    .label = "LDAP",
    .icon = "key",
    .does = "OpenLDAP, 389 Directory, FreeIPA, Active Directory",
    .fields = ldap_fields,
};

const struct integration_type *const sso_types[] = { &oidc, &ldap };
const size_t sso_types_count = sizeof(sso_types) / sizeof(sso_types[0]);


struct str
sso_word(struct str type)
{
    return str_sub(type, strlen(SSO_PREFIX), type.n);
}


const struct integration_type *
sso_type(struct str word)
{
    for (size_t i = 0; i < sso_types_count; i++) {
        if (str_eq(word, sso_word(str_of(sso_types[i]->type)))) {
            return sso_types[i];
        }
    }
    return NULL;
}


/* ---- rules */

struct rule {
    struct str group;
    enum role role; /* ROLE_NONE: it is about a team */
    struct str team;
    bool lead;
};


/* False: the line says nothing that we know. */
static bool
read_rule(struct str line, struct rule *out)
{
    ptrdiff_t colon = str_rchr(line, ':');
    struct str what, word;

    *out = (struct rule){ 0 };
    if (colon == -1) {
        return false;
    }
    out->group = str_trim(str_sub(line, 0, (size_t) colon));
    what = str_trim(str_sub(line, (size_t) colon + 1, line.n));
    if (out->group.n == 0 || out->group.n > GROUP_MAX) {
        return false;
    }
    out->role = role_of(what);
    if (out->role != ROLE_NONE) {
        return true;
    }
    if (!str_split(&what, ' ', &word)) {
        return false;
    }
    out->lead = str_is(word, "lead");
    out->team = str_trim(what);
    return (out->lead || str_is(word, "team")) && slug_valid(out->team);
}


/* The next line that is not empty. */
static bool
next_line(struct str *rest, struct str *line)
{
    while (str_split(rest, '\n', line)) {
        *line = str_trim(*line);
        if (line->n > 0) {
            return true;
        }
    }
    return false;
}


static bool
is_in(const struct sso_person *person, struct str group)
{
    for (size_t i = 0; i < person->ngroups; i++) {
        if (str_ieq(person->groups[i], group)) {
            return true;
        }
    }
    return false;
}


static struct sso_team *
team_of(struct sso_wanted *w, struct str slug)
{
    for (size_t i = 0; i < w->nteams; i++) {
        if (str_eq(w->teams[i].slug, slug)) {
            return &w->teams[i];
        }
    }
    if (w->nteams == SSO_TEAMS_MAX) {
        return NULL;
    }
    w->teams[w->nteams] = (struct sso_team){ .slug = slug };
    return &w->teams[w->nteams++];
}


void
sso_wanted(struct arena *a, const struct integration *provider,
           const struct sso_person *person, struct sso_wanted *out)
{
    struct str rest = integration_value(provider, "rules"), line;
    struct rule rule;

    *out = (struct sso_wanted){
        .refuse_outsiders =
            str_is(integration_value(provider, "outsiders"), "refuse"),
        .teams = arena_array(a, SSO_TEAMS_MAX, sizeof(struct sso_team)),
    };
    while (next_line(&rest, &line)) {
        struct sso_team *team;
        bool in;

        if (!read_rule(line, &rule)) {
            continue; /* the form has let none pass */
        }
        in = is_in(person, rule.group);
        out->matched |= in;
        if (rule.role != ROLE_NONE) {
            out->rules_roles = true;
            out->role = in && rule.role > out->role ? rule.role : out->role;
            continue;
        }
        team = team_of(out, rule.team);
        if (team != NULL && in) {
            enum team_role as = rule.lead ? TEAM_ADMIN : TEAM_CONTRIBUTOR;

            team->role = as > team->role ? as : team->role;
        }
    }
}


/* ---- what was typed in */

static const char *
check_rules(struct arena *a, struct str text)
{
    struct sso_wanted counted = {
        .teams = arena_array(a, SSO_TEAMS_MAX, sizeof(struct sso_team)),
    };
    struct str line;
    struct rule rule;

    while (next_line(&text, &line)) {
        if (!read_rule(line, &rule)) {
            return str_dup(a, lang_fill(a,
                                        N_("\"{0}\" is neither \"group: role\" "
                                           "nor \"group: team name\"."),
                                        FILL(str_cut(line, 80))));
        }
        if (rule.team.n > 0 && team_of(&counted, rule.team) == NULL) {
            return "The lines name more than 50 teams.";
        }
    }
    return NULL;
}


const char *
sso_check(struct arena *a, const struct integration *provider,
          const char **wrong)
{
    const char *why;

    *wrong = "rules";
    why = check_rules(a, integration_value(provider, "rules"));
    if (why == NULL && str_is(provider->type, SSO_LDAP)) {
        why = ldap_check(a, provider, wrong);
    }
    return why;
}
