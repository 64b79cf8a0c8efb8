/*
 * libldap speaks to addresses that the guard has looked at, like everything
 * that leads out: before, at all of the name; and once more at the one that it
 * has connected to, before anything is said.
 */

#include "sso/ldap.h"

#include <ldap.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/time.h>

#include "outbound/guard.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/utf8.h"

#define CONNECT_SECONDS 3
#define ANSWER_SECONDS 5
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

struct session {
    struct arena *a;
    const struct integration *i;
    struct guard_url url;
    LDAP *ldap;
    struct ldap_conncb look;
    const char *refused; /* by the look at what is connected to */
};


static struct str
value(const struct session *s, const char *name)
{
    return integration_value(s->i, name);
}


/* ---- the address */

/* The schemes differ from those of guard_url, the rest does not. */
static const char *
read_url(struct arena *a, const struct integration *i, struct guard_url *out)
{
    struct str url = integration_value(i, "url");
    bool starttls = integration_value(i, "starttls").n > 0;
    bool tls = str_starts(str_lower(a, url), STR("ldaps://"));

    if (!tls && !str_starts(str_lower(a, url), STR("ldap://"))) {
        return "A directory's address begins with ldaps:// or ldap://.";
    }
    if (tls && starttls) {
        return "ldaps:// is encrypted from the first byte: no StartTLS.";
    }
    url = str_sub(url, tls ? 8 : 7, url.n);
    if (str_ends(url, STR("/"))) {
        url.n--;
    }
    return guard_host(a, url, tls ? 636 : 389, tls || starttls, out);
}


static const char *
check_addresses(struct arena *a, const struct guard_url *url)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    const char *why = NULL;

    if (getaddrinfo(str_dup(a, url->host), NULL, &hints, &list) != 0) {
        return NULL; /* connecting will say so */
    }
    for (struct addrinfo *at = list; at != NULL && why == NULL;
         at = at->ai_next) {
        why = guard_address(a, url->host, at->ai_addr);
    }
    freeaddrinfo(list);
    return why;
}


const char *
ldap_check(struct arena *a, const struct integration *i, const char **wrong)
{
    struct guard_url url;
    const char *why = read_url(a, i, &url);

    *wrong = "url";
    if (why == NULL) {
        why = check_addresses(a, &url);
    }
    if (why == NULL
        && str_find(integration_value(i, "filter"), STR("%u")) == -1) {
        *wrong = "filter";
        why = "Without %u everybody would be the same.";
    }
    return why;
}


/* ---- connecting */

static int
look_at(LDAP *ldap, Sockbuf *sb, LDAPURLDesc *server, struct sockaddr *address,
        struct ldap_conncb *look)
{
    struct session *s = look->lc_arg;

    (void) ldap;
    (void) sb;
    (void) server;
    s->refused = guard_address(s->a, s->url.host, address);
    return s->refused != NULL ? -1 : 0;
}


static void
look_away(LDAP *ldap, Sockbuf *sb, struct ldap_conncb *look)
{
    (void) ldap;
    (void) sb;
    (void) look;
}


static void
close_session(void *ldap)
{
    ldap_unbind_ext_s(ldap, NULL, NULL);
}


static void
set_options(struct session *s)
{
    static const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND,
                     client = 0;
    static const struct timeval connect = { CONNECT_SECONDS, 0 },
                                answer = { ANSWER_SECONDS, 0 };
    const char *ca = conf_str(CONF_OUTBOUND_CA);

    s->look = (struct ldap_conncb){ look_at, look_away, s };
    ldap_set_option(s->ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(s->ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(s->ldap, LDAP_OPT_NETWORK_TIMEOUT, &connect);
    ldap_set_option(s->ldap, LDAP_OPT_TIMEOUT, &answer);
    ldap_set_option(s->ldap, LDAP_OPT_CONNECT_CB, &s->look);
    ldap_set_option(s->ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    ldap_set_option(s->ldap, LDAP_OPT_X_TLS_CACERTFILE,
                    ca[0] != '\0' ? ca : SYSTEM_CA);
    ldap_set_option(s->ldap, LDAP_OPT_X_TLS_NEWCTX, &client);
}


static enum status
fault(const struct session *s, struct str *why, const char *what, int rc)
{
    char *more = NULL;

    if (s->refused != NULL) {
        *why = str_of(s->refused);
        return ST_RETRY;
    }
    if (s->ldap != NULL) {
        ldap_get_option(s->ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    }
    *why = utf8_mend(s->a,
                     str_printf(s->a, "%s: %s%s%s.", what, ldap_err2string(rc),
                                more != NULL && more[0] != '\0' ? ", " : "",
                                more != NULL ? more : ""));
    if (more != NULL) {
        ldap_memfree(more);
    }
    return ST_RETRY;
}


static int
bind_as(struct session *s, struct str dn, struct str password)
{
    struct berval secret = { password.n, str_dup(s->a, password) };

    return ldap_sasl_bind_s(s->ldap, str_dup(s->a, dn), LDAP_SASL_SIMPLE,
                            &secret, NULL, NULL, NULL);
}


static enum status
open_session(struct session *s, struct str *why)
{
    const char *bad = read_url(s->a, s->i, &s->url);
    bool v6 = str_chr(s->url.host, ':') != -1;
    const char *url;
    int rc;

    if (bad == NULL) {
        bad = check_addresses(s->a, &s->url);
    }
    if (bad != NULL) {
        *why = str_of(bad);
        return ST_RETRY;
    }
    /* no file of the system or of a user has a say */
    setenv("LDAPNOINIT", "1", 1);
    url = arena_printf(
        s->a, "%s://%s%.*s%s:%d",
        str_starts(str_lower(s->a, value(s, "url")), STR("ldaps://")) ? "ldaps"
                                                                      : "ldap",
        v6 ? "[" : "", STR_FMT(s->url.host), v6 ? "]" : "", s->url.port);
    rc = ldap_initialize(&s->ldap, url);
    if (rc != LDAP_SUCCESS) {
        return fault(s, why, "The directory cannot be used", rc);
    }
    arena_cleanup(s->a, close_session, s->ldap);
    set_options(s);
    if (value(s, "starttls").n > 0) {
        rc = ldap_start_tls_s(s->ldap, NULL, NULL);
        if (rc != LDAP_SUCCESS) {
            return fault(s, why, "The directory does not encrypt", rc);
        }
    }
    rc = bind_as(s, value(s, "bind_dn"), value(s, "bind_password"));
    return rc == LDAP_SUCCESS
               ? ST_OK
               : fault(s, why, "The directory does not let us search", rc);
}


/* ---- searching */

/* RFC 4515 */
static void
add_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (strchr("*()\\", s.p[i]) != NULL) { /* and NUL */
            buf_addf(b, "\\%02x", (unsigned char) s.p[i]);
        } else {
            buf_char(b, s.p[i]);
        }
    }
}


/* The filter with %u and %d filled in. */
static const char *
fill_filter(struct session *s, struct str filter, struct str user,
            struct str dn)
{
    struct buf b = buf_in(s->a);

    for (size_t i = 0; i < filter.n; i++) {
        char next = i + 1 < filter.n ? filter.p[i + 1] : '\0';

        if (filter.p[i] == '%' && (next == 'u' || next == 'd')) {
            add_escaped(&b, next == 'u' ? user : dn);
            i++;
        } else {
            buf_char(&b, filter.p[i]);
        }
    }
    buf_char(&b, '\0');
    return b.p;
}


static void
free_message(void *message)
{
    ldap_msgfree(message);
}


static int
search(struct session *s, struct str base, const char *filter, int limit,
       LDAPMessage **out)
{
    /* everything that is for users, and what the server keeps itself */
    static char all[] = "*", uuid[] = "entryUUID", of[] = "memberOf",
                guid[] = "objectGUID";
    char *attributes[] = { all, uuid, of, guid, NULL };
    struct timeval patience = { ANSWER_SECONDS, 0 };
    int rc;

    *out = NULL;
    rc = ldap_search_ext_s(s->ldap, str_dup(s->a, base), LDAP_SCOPE_SUBTREE,
                           filter, attributes, 0, NULL, NULL, &patience, limit,
                           out);
    if (*out != NULL) {
        arena_cleanup(s->a, free_message, *out);
    }
    return rc == LDAP_SIZELIMIT_EXCEEDED ? LDAP_SUCCESS : rc;
}


/* ---- reading an entry */

/* Text as it is, other bytes as hex: objectGUID. */
static struct str
text_of(struct arena *a, const struct berval *v)
{
    struct str s = str_make(v->bv_val, v->bv_len);

    return utf8_valid(s) && memchr(v->bv_val, '\0', v->bv_len) == NULL
               ? str_copy(a, s)
               : hex_encode(a, v->bv_val, v->bv_len);
}


/* The values of an attribute, SSO_GROUPS_MAX at most. */
static size_t
values_of(struct session *s, LDAPMessage *entry, struct str name,
          struct str *out, size_t room)
{
    struct berval **v =
        ldap_get_values_len(s->ldap, entry, str_dup(s->a, name));
    size_t n = 0;

    for (; v != NULL && v[n] != NULL && n < room; n++) {
        out[n] = text_of(s->a, v[n]);
    }
    if (v != NULL) {
        ldap_value_free_len(v);
    }
    return n;
}


static struct str
first_of(struct session *s, LDAPMessage *entry, struct str name)
{
    struct str v = STR("");

    if (name.n > 0) {
        (void) values_of(s, entry, name, &v, 1);
    }
    return v;
}


/* "cn=heads,ou=groups,dc=example" is called "heads". */
static struct str
name_in_dn(struct str dn)
{
    ptrdiff_t equals = str_chr(dn, '='), comma = str_chr(dn, ',');

    return equals != -1 && comma > equals
               ? str_trim(str_sub(dn, (size_t) equals + 1, (size_t) comma))
               : dn;
}


static void
add_group(struct sso_person *out, struct str name)
{
    for (size_t i = 0; i < out->ngroups; i++) {
        if (str_eq(out->groups[i], name)) {
            return;
        }
    }
    if (name.n > 0 && out->ngroups < SSO_GROUPS_MAX) {
        out->groups[out->ngroups++] = name;
    }
}


static enum status
read_groups(struct session *s, LDAPMessage *entry, struct str user,
            struct str dn, struct sso_person *out, struct str *why)
{
    struct str *of = arena_array(s->a, SSO_GROUPS_MAX, sizeof(*of));
    size_t n = values_of(s, entry, STR("memberOf"), of, SSO_GROUPS_MAX);
    LDAPMessage *found;
    int rc;

    out->groups = arena_array(s->a, SSO_GROUPS_MAX, sizeof(*out->groups));
    for (size_t i = 0; i < n; i++) {
        add_group(out, name_in_dn(of[i]));
    }
    if (value(s, "group_base").n == 0) {
        return ST_OK;
    }
    rc = search(s, value(s, "group_base"),
                fill_filter(s, value(s, "group_filter"), user, dn),
                SSO_GROUPS_MAX, &found);
    if (rc != LDAP_SUCCESS) {
        return fault(s, why, "The groups cannot be read", rc);
    }
    for (LDAPMessage *at = ldap_first_entry(s->ldap, found); at != NULL;
         at = ldap_next_entry(s->ldap, at)) {
        add_group(out, first_of(s, at, value(s, "group_name")));
    }
    return ST_OK;
}


/* For the test page: each attribute as it came; never a password's hash. */
static void
read_facts(struct session *s, LDAPMessage *entry, struct str dn,
           struct sso_person *out)
{
    BerElement *ber = NULL;
    char *name;

    out->facts = arena_array(s->a, SSO_FACTS_MAX, sizeof(*out->facts));
    out->facts[out->nfacts++] = (struct sso_fact){ STR("dn"), dn };
    for (name = ldap_first_attribute(s->ldap, entry, &ber); name != NULL;
         name = ldap_next_attribute(s->ldap, entry, ber)) {
        struct str key = str_copy(s->a, str_of(name));

        ldap_memfree(name);
        if (out->nfacts < SSO_FACTS_MAX
            && !str_ieq(str_sub(key, 0, 12), STR("userPassword"))) {
            out->facts[out->nfacts++] =
                (struct sso_fact){ key, first_of(s, entry, key) };
        }
    }
    if (ber != NULL) {
        ber_free(ber, 0);
    }
}


static enum status
read_person(struct session *s, LDAPMessage *entry, struct str user,
            struct str dn, struct sso_person *out, struct str *why)
{
    struct str id = first_of(s, entry, value(s, "id"));

    *out = (struct sso_person){
        .email = first_of(s, entry, value(s, "mail")),
        .email_ok = true, /* the directory's word */
        .name = first_of(s, entry, value(s, "name")),
        .subject = str_printf(s->a, "%s %s", str_dup(s->a, value(s, "url")),
                              str_dup(s->a, id)),
    };
    read_facts(s, entry, dn, out);
    if (id.n == 0) {
        *why = lang_fill(s->a, N_("The entry has no attribute {0}."),
                         FILL(value(s, "id")));
        return ST_RETRY;
    }
    return read_groups(s, entry, user, dn, out, why);
}


/* ---- signing in */

/* The one entry of that name; NULL without a fault: there is none, or several.
 */
static enum status
find(struct session *s, struct str user, LDAPMessage **out, struct str *why)
{
    LDAPMessage *found;
    int rc;

    *out = NULL;
    rc = search(s, value(s, "base"),
                fill_filter(s, value(s, "filter"), user, STR("")), 2, &found);
    if (rc != LDAP_SUCCESS) {
        return fault(s, why, "People cannot be searched", rc);
    }
    if (ldap_count_entries(s->ldap, found) == 1) {
        *out = ldap_first_entry(s->ldap, found);
    }
    return ST_OK;
}


enum status
ldap_sign_in(struct arena *a, const struct integration *i, struct str user,
             struct str password, struct sso_person *out, struct str *why)
{
    /* libldap looks into it once more when the arena closes the connection */
    struct session *s = arena_new_of(a, struct session);
    struct str dn = STR_NULL;
    LDAPMessage *entry;
    enum status st;
    int rc;

    *s = (struct session){ .a = a, .i = i };
    *why = STR("");
    /* a bind without a password is one without a name, and always works */
    if (user.n == 0 || password.n == 0 || user.n > SSO_TEXT_MAX
        || password.n > SSO_TEXT_MAX) {
        return ST_DENIED;
    }
    st = open_session(s, why);
    if (st == ST_OK) {
        st = find(s, user, &entry, why);
    }
    if (st != ST_OK) {
        return st;
    }
    if (entry != NULL) {
        char *text = ldap_get_dn(s->ldap, entry);

        dn = str_copy(a, str_of(text));
        ldap_memfree(text);
        /* before the bind: what this person may read does not matter */
        st = read_person(s, entry, user, dn, out, why);
        if (st != ST_OK) {
            return st;
        }
    }
    /* an unknown name costs the same way as a wrong password */
    rc = bind_as(s,
                 entry != NULL ? dn
                               : str_printf(a, "cn=nobody,%s",
                                            str_dup(a, value(s, "base"))),
                 password);
    if (rc == LDAP_SUCCESS && entry != NULL) {
        return ST_OK;
    }
    if (rc != LDAP_SUCCESS && rc != LDAP_INVALID_CREDENTIALS
        && rc != LDAP_NO_SUCH_OBJECT && rc != LDAP_INVALID_DN_SYNTAX
        && entry != NULL) {
        return fault(s, why, "The directory does not check passwords", rc);
    }
    return ST_DENIED;
}
