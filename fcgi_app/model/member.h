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
    bool has_second;       /* a second factor; told by member_page only */
    int64_t last_login_at; /* µs; 0: never */
};

#define MEMBERS_PAGE 50

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

/*
 * Who can give a role, at most max: managers and owners, and of them those who
 * have it themselves.  Owners first.
 */
enum status member_granters(struct db *db, struct arena *a, int64_t org,
                            enum role role, size_t max, struct member **out,
                            size_t *n) MUST_CHECK;

/*
 * A page of them: by part of a name or address in lower case, null for all;
 * behind the member at, or before it; 0: from the beginning.  *more: there are
 * others that way.
 */
enum status member_page(struct db *db, struct arena *a, int64_t org,
                        struct str text, int64_t at, bool backward,
                        struct member **out, size_t *n, bool *more) MUST_CHECK;

/*
 * Inside a transaction: waits for other changes of this organisation's members
 * and reads the actor's role as it is now.  ST_NOT_FOUND: the actor is no
 * member any more.
 */
enum status member_lock(struct db *db, struct arena *a, int64_t org,
                        const struct actor *by, enum role *own) MUST_CHECK;

/*
 * Changes a member's role, or removes the member: ROLE_NONE; assigned issues
 * are then free.  ST_DENIED: the old or the new role is above that of the
 * actor; ST_CONFLICT: it is the last owner; ST_NOT_FOUND: no member.
 */
enum status member_change(struct db *db, struct arena *a,
                          const struct actor *by, int64_t org,
                          int64_t account_id, enum role role) MUST_CHECK;

#endif
