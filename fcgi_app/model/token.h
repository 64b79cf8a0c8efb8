/*
 * model/token.h - API tokens of a person: "Authorization: Bearer sntryu_…".
 *
 * A token may what its scopes say and its owner may, whatever is less.  It is
 * shown once; its digest is kept.
 */

#ifndef VEDETTE_MODEL_TOKEN_H
#define VEDETTE_MODEL_TOKEN_H

#include "model/audit.h"

#define TOKENS_MAX 100
#define TOKEN_PREFIX "sntryu_" /* as sentry-cli and others know it */

struct token {
    int64_t id;
    struct str name;
    struct str ending; /* its last characters */
    struct str scopes; /* "org:read event:read" */
    int64_t created_at;
    int64_t expires_at; /* 0: never */
    int64_t used_at;    /* 0: not yet */
    struct str used_from;
};

/* days 0: for ever.  *secret is shown once.  ST_LIMITED: TOKENS_MAX. */
enum status token_create(struct db *db, struct arena *a, const struct actor *by,
                         struct str name, struct str scopes, int days,
                         struct str *secret) MUST_CHECK;

/* Those of an account, newest first. */
enum status token_list(struct db *db, struct arena *a, int64_t account_id,
                       struct token **out, size_t *n) MUST_CHECK;

enum status token_remove(struct db *db, struct arena *a, const struct actor *by,
                         int64_t id) MUST_CHECK;

/* The account behind it and its scopes; notes the use from an address. */
enum status token_find(struct db *db, struct arena *a, struct str secret,
                       struct str address, int64_t *account_id,
                       struct str *scopes) MUST_CHECK;

#endif
