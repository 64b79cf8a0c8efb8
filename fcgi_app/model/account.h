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
    struct str totp;    /* sealed secret of the second factor; null: none */
    int64_t secured_at; /* password or second factor changed, µs */
    struct str time_zone;
    bool newest_first;        /* frames of a stack trace */
    struct str language;      /* null: as the browser asks */
    struct str pending_email; /* null: none */
};

/* Trimmed and lower case; false when it cannot be a mail address. */
bool account_email(struct arena *a, struct str text, struct str *email);

enum status account_by_id(struct db *db, struct arena *a, int64_t id,
                          struct account *out) MUST_CHECK;
/* For the worker: password_hash and totp are null. */
enum status account_of_worker(struct db *db, struct arena *a, int64_t id,
                              struct account *out) MUST_CHECK;
enum status account_by_email(struct db *db, struct arena *a, struct str email,
                             struct account *out) MUST_CHECK;

/* ST_CONFLICT when the address is taken. */
enum status account_create(struct db *db, struct arena *a,
                           const struct actor *by, struct str email,
                           struct str name, bool is_superuser,
                           int64_t *id) MUST_CHECK;

/* name, time_zone, newest_first, language.  ST_INVALID: there is no such time
 * zone. */
enum status account_set_profile(struct db *db, struct arena *a,
                                const struct account *account) MUST_CHECK;

/*
 * A new address, which holds once its link was followed: secret is for the
 * link, its digest is kept for a day.  ST_CONFLICT: the address is taken.
 */
enum status account_email_ask(struct db *db, struct arena *a,
                              const struct actor *by, int64_t id,
                              struct str email, struct str *url) MUST_CHECK;
enum status account_email_waiting(struct db *db, struct arena *a,
                                  struct str secret,
                                  struct str *email) MUST_CHECK;
enum status account_email_take(struct db *db, struct arena *a,
                               struct str address, struct str secret,
                               int64_t *id) MUST_CHECK;

/*
 * The account is off, its address free, its memberships and tokens gone; its
 * name stays beside what it did.  ST_CONFLICT: it is the last owner of *org.
 */
enum status account_close(struct db *db, struct arena *a,
                          const struct actor *by, const struct account *account,
                          struct str *org) MUST_CHECK;

/* ST_NOT_FOUND: there is none yet. */
enum status account_any(struct db *db, struct arena *a) MUST_CHECK;

/*
 * The first one, with a password, as superuser and owner of a first
 * organisation.  ST_CONFLICT: there is an account already.
 */
enum status account_first(struct db *db, struct arena *a, struct str address,
                          struct str email, struct str name,
                          struct str password_hash, struct str org_slug,
                          struct str org_name, int64_t *id) MUST_CHECK;

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
#define ACCOUNT_LINK_FORGOT ":forgot" /* behind the id: the password, too */

enum status account_link(struct redis *r, struct arena *a, int64_t id,
                         struct str *url) MUST_CHECK;

/*
 * A forgotten password: puts a mail with such a link, valid for an hour, into
 * the outbox, if there is an active account of this address.
 */
enum status account_forgot(struct db *db, struct redis *r, struct arena *a,
                           struct str email) MUST_CHECK;

/*
 * While there is no account at all: the address of the page that makes the
 * first one.  A new one ends the one before.  ST_CONFLICT: there is one.
 */
enum status account_first_link(struct db *db, struct redis *r, struct arena *a,
                               struct str *url) MUST_CHECK;

/* ST_NOT_FOUND: the secret is wrong, or there is an account. */
enum status account_first_known(struct db *db, struct redis *r, struct arena *a,
                                struct str secret) MUST_CHECK;

#endif
