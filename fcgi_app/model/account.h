/*
 * model/account.h - a person who signs in.
 */

#ifndef VEDETTE_MODEL_ACCOUNT_H
#define VEDETTE_MODEL_ACCOUNT_H

#include "db/db.h"
#include "model/audit.h"
#include "queue/redis.h"

struct account {
    int64_t id;
    struct str email; /* lower case */
    struct str name;
    struct str password_hash; /* the null str: none set */
    bool is_superuser;
    bool is_active;
};

/* Trimmed and lower case; false when it cannot be a mail address. */
bool account_email(struct arena *a, struct str text, struct str *email);

enum status account_by_id(struct db *db, struct arena *a, int64_t id,
                          struct account *out) MUST_CHECK;
enum status account_by_email(struct db *db, struct arena *a, struct str email,
                             struct account *out) MUST_CHECK;

/* ST_CONFLICT when the address is taken. */
enum status account_create(struct db *db, struct arena *a,
                           const struct actor *by, struct str email,
                           struct str name, bool is_superuser,
                           int64_t *id) MUST_CHECK;

enum status account_set_name(struct db *db, struct arena *a, int64_t id,
                             struct str name) MUST_CHECK;
enum status account_set_password(struct db *db, struct arena *a,
                                 const struct actor *by,
                                 const struct account *account,
                                 struct str password_hash) MUST_CHECK;
enum status account_signed_in(struct db *db, struct arena *a,
                              int64_t id) MUST_CHECK;

/*
 * A one-time sign-in link, valid for 24 h.  Only the digest of its secret is
 * kept (ACCOUNT_LINK_PREFIX + secret_digest in Redis, the account id as its
 * value); the page that redeems it takes it by GETDEL.
 */
#define ACCOUNT_LINK_PREFIX "vedette:link:"
#define ACCOUNT_LINK_SECONDS "86400"

enum status account_link(struct redis *r, struct arena *a, int64_t id,
                         struct str *url) MUST_CHECK;

#endif
