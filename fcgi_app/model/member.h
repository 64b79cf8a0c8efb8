/*
 * model/member.h - who belongs to an organisation, and as what.
 */

#ifndef VEDETTE_MODEL_MEMBER_H
#define VEDETTE_MODEL_MEMBER_H

#include "db/db.h"
#include "model/audit.h"

/* From the least to the most: a higher role may what a lower one may. */
enum role {
    ROLE_NONE = 0, /* no member */
    ROLE_VIEWER,
    ROLE_MEMBER,
    ROLE_ADMIN,
    ROLE_MANAGER,
    ROLE_OWNER
};

struct member {
    int64_t account_id;
    struct str email;
    struct str name;
    enum role role;
};

/* "owner", …; and back, ROLE_NONE for any other word. */
const char *role_name(enum role role);
enum role role_of(struct str name);

/* The account's role; ST_NOT_FOUND when it is no active member. */
enum status member_role(struct db *db, struct arena *a, int64_t org,
                        int64_t account_id, enum role *role) MUST_CHECK;

/* Adds the account or changes its role. */
enum status member_set(struct db *db, struct arena *a, const struct actor *by,
                       int64_t org, int64_t account_id, struct str email,
                       enum role role) MUST_CHECK;

/* Active members by name, at most 500. */
enum status member_list(struct db *db, struct arena *a, int64_t org,
                        struct member **out, size_t *n) MUST_CHECK;

#endif
