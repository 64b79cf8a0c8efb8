/*
 * model/invitation.h - a link that makes whoever holds it a member, once.
 *
 * The link goes out by mail, and is shown to the inviter, who may pass it on:
 * no mail server is needed.  Only the digest of its secret is stored.  It is
 * valid for 7 days; a new link ends the one before.
 */

#ifndef VEDETTE_MODEL_INVITATION_H
#define VEDETTE_MODEL_INVITATION_H

#include "model/member.h"

#define INVITATION_DAYS 7
#define INVITATION_TEAMS_MAX 20
#define INVITATIONS_MAX 200 /* waiting at once, of one organisation */

struct invitation {
    int64_t id;
    int64_t organization_id;
    struct str email;
    enum role role;
    struct str teams;   /* names, for people; the null str: none */
    struct str inviter; /* its name; the null str: gone */
    int64_t created_at;
    int64_t expires_at;
    /* by invitation_find only */
    struct str org_slug;
    struct str org_name;
};

/* Whether invitations go out by mail: there is a mail server. */
bool invitation_mails(void);

/* All that wait or have expired, newest first. */
enum status invitation_list(struct db *db, struct arena *a, int64_t org,
                            struct invitation **out, size_t *n) MUST_CHECK;

/*
 * A new invitation, into these teams, and its link.  ST_CONFLICT: the address
 * has one, or belongs to a member; ST_DENIED: the role is above that of the
 * actor; ST_LIMITED: INVITATIONS_MAX wait already.
 */
enum status invitation_create(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org,
                              struct str email, enum role role,
                              const int64_t *teams, size_t nteams,
                              struct str *url) MUST_CHECK;

/* A new link for an old one, 7 days from now; ST_DENIED as above. */
enum status invitation_renew(struct db *db, struct arena *a,
                             const struct actor *by, int64_t org, int64_t id,
                             struct str *email, struct str *url) MUST_CHECK;

enum status invitation_revoke(struct db *db, struct arena *a,
                              const struct actor *by, int64_t org,
                              int64_t id) MUST_CHECK;

/* By the secret of its link, while it is valid.  Changes nothing. */
enum status invitation_find(struct db *db, struct arena *a, struct str secret,
                            struct invitation *out) MUST_CHECK;

/*
 * Uses it up: the actor's account becomes a member; a member keeps the role
 * that it has.
 */
enum status invitation_accept(struct db *db, struct arena *a,
                              const struct actor *by,
                              struct str secret) MUST_CHECK;

/*
 * Uses it up with a new account of the invited address.  ST_CONFLICT: there is
 * such an account; it has to sign in first, or an inviter could take it over.
 */
enum status invitation_join(struct db *db, struct arena *a, struct str address,
                            struct str secret, struct str name,
                            struct str password_hash,
                            int64_t *account_id) MUST_CHECK;

#endif
