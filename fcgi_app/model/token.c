#include "model/token.h"

#include "util/crypt.h"

#define SECRET_MAX 200


/* Inside a transaction. */
static enum status
add(struct db *db, struct arena *a, const struct actor *by, struct str name,
    struct str scopes, int days, struct str secret)
{
    enum status st;

    st = db_one(db, a, SQL_TOKEN_ADD,
                DB_ARGS(db_i64(by->account_id), db_str(name),
                        db_str(secret_digest(a, secret)),
                        db_str(str_sub(secret, secret.n - 4, secret.n)),
                        db_str(scopes), days > 0 ? db_i64(days) : db_null()),
                NULL);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_LIMITED : st;
    }
    return audit_add_account(db, a, by->account_id, by, "account.token-create",
                             name);
}


enum status
token_create(struct db *db, struct arena *a, const struct actor *by,
             struct str name, struct str scopes, int days, struct str *secret)
{
    enum status st = db_begin(db);

    /* 64 hex digits of 256 random bits */
    *secret = str_printf(a, TOKEN_PREFIX "%.*s",
                         STR_FMT(secret_digest(a, secret_new(a))));
    return st == ST_OK
               ? db_finish(db, add(db, a, by, name, scopes, days, *secret))
               : st;
}


enum status
token_list(struct db *db, struct arena *a, int64_t account_id,
           struct token **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TOKEN_LIST, DB_ARGS(db_i64(account_id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct token){
            .id = db_get_i64(&rows, i, "id"),
            .name = db_get_str(&rows, i, "name"),
            .ending = db_get_str(&rows, i, "ending"),
            .scopes = db_get_str(&rows, i, "scopes"),
            .created_at = db_get_time(&rows, i, "created_at"),
            .expires_at = db_get_time(&rows, i, "expires_at"),
            .used_at = db_get_time(&rows, i, "used_at"),
            .used_from = db_get_str(&rows, i, "used_from"),
        };
    }
    return ST_OK;
}


static enum status
take(struct db *db, struct arena *a, const struct actor *by, int64_t id)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TOKEN_REMOVE,
                DB_ARGS(db_i64(by->account_id), db_i64(id)), &rows);
    return st == ST_OK ? audit_add_account(db, a, by->account_id, by,
                                           "account.token-remove",
                                           db_get_str(&rows, 0, "name"))
                       : st;
}


enum status
token_remove(struct db *db, struct arena *a, const struct actor *by, int64_t id)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, take(db, a, by, id)) : st;
}


enum status
token_find(struct db *db, struct arena *a, struct str secret,
           struct str address, int64_t *account_id, struct str *scopes)
{
    struct db_rows rows;
    enum status st;

    if (secret.n == 0 || secret.n > SECRET_MAX) {
        return ST_NOT_FOUND;
    }
    st = db_one(db, a, SQL_TOKEN_FIND,
                DB_ARGS(db_str(secret_digest(a, secret)), db_str(address)),
                &rows);
    if (st == ST_OK) {
        *account_id = db_get_i64(&rows, 0, "account_id");
        *scopes = db_get_str(&rows, 0, "scopes");
    }
    return st;
}
