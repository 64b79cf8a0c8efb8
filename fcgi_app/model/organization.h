/*
 * model/organization.h - the tenant: it owns projects and has members.
 */

#ifndef VEDETTE_MODEL_ORGANIZATION_H
#define VEDETTE_MODEL_ORGANIZATION_H

#include "db/db.h"
#include "model/access.h"
#include "model/audit.h"

struct organization {
    int64_t id;
    struct str slug;
    struct str name;
    bool open;              /* every member sees every project */
    enum role default_role; /* of who joins by single sign-on */
    struct str language; /* of what goes to chats and others; null: English */

    /* what it asks of those who come in; lists are words between spaces */
    bool require_second;
    bool local_passwords;
    struct str mail_domains;  /* of the invited; "": any */
    struct str addresses;     /* CIDR, where from; "": anywhere */
    int64_t session_hours;    /* 0: no limit of its own */
    int64_t projects_version; /* see project_list; 0: it was not asked for */
    int64_t delete_at; /* µs, see organization_end.h; 0: it is not to go */
    bool address_ok;   /* by organization_enter: the address is in them */
};

/*
 * True for 2 to 50 characters of [a-z0-9-] that begin and end with a letter or
 * digit, are not all digits and are none of the words that stand in addresses.
 * The rule for organisations and projects alike.
 */
bool slug_valid(struct str slug);

/* The same for people. */
#define SLUG_RULE                                                              \
    "2 to 50 letters a to z, digits and dashes, with a letter among them; "    \
    "some words are taken by Vedette itself."

/* "Shop API, EU" becomes "shop-api-eu"; empty when nothing is left. */
struct str slug_from(struct arena *a, struct str name);

enum status organization_by_slug(struct db *db, struct arena *a,
                                 struct str slug,
                                 struct organization *out) MUST_CHECK;

/* For what has no request: by the id that a row carries. */
enum status organization_by_id(struct db *db, struct arena *a, int64_t id,
                               struct organization *out) MUST_CHECK;

/*
 * What the old slug of an organisation has become, told to a member; before it
 * is entered.  ST_NOT_FOUND.
 */
enum status organization_moved(struct db *db, struct arena *a, struct str slug,
                               int64_t account, bool everywhere,
                               struct str *out) MUST_CHECK;

/*
 * As an account sees it, with its role and projects there; a superuser is an
 * owner everywhere.  ST_NOT_FOUND also when the account is no member.
 */
enum status organization_enter(struct db *db, struct arena *a, struct str slug,
                               int64_t account_id, bool is_superuser,
                               struct str address, struct organization *out,
                               enum role *role,
                               struct access *access) MUST_CHECK;

/* ST_CONFLICT when the slug is taken. */
enum status organization_create(struct db *db, struct arena *a,
                                const struct actor *by, struct str slug,
                                struct str name, int64_t *id) MUST_CHECK;

/* Stores all but the id.  ST_CONFLICT when the slug is taken. */
enum status organization_update(struct db *db, struct arena *a,
                                const struct actor *by,
                                const struct organization *org) MUST_CHECK;

/*
 * Stores what it asks of those who come in.  ST_INVALID: an address is none;
 * ST_DENIED: the address `here` would be shut out.
 */
enum status organization_secure(struct db *db, struct arena *a,
                                const struct actor *by,
                                const struct organization *org,
                                struct str here) MUST_CHECK;

/* Is a mail address one of those that may be invited? */
bool organization_mail_ok(const struct organization *org, struct str email);

/* Those that the account is a member of, by name; a superuser sees all. */
enum status organization_list(struct db *db, struct arena *a,
                              int64_t account_id, bool is_superuser,
                              struct organization **out, size_t *n) MUST_CHECK;

/* What waits for people there; WAITING_CAP + 1 means "more". */
struct waiting {
    int64_t issues;    /* unresolved */
    int64_t feedback;  /* unread */
    int64_t incidents; /* not over */
};

#define WAITING_CAP 999
#define WAITING_KEPT 10 /* seconds, where there is much of it */

/*
 * organization_list, and in the same statement what waits in one of them as
 * the account sees it.  Large numbers may be WAITING_KEPT old.
 */
enum status organization_list_waiting(struct db *db, struct arena *a,
                                      int64_t account_id, bool is_superuser,
                                      int64_t org, const struct access *access,
                                      struct organization **out, size_t *n,
                                      struct waiting *waiting) MUST_CHECK;

#endif
