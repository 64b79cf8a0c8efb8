#include "model/second.h"

#include "util/crypt.h"
#include "util/seal.h"
#include "util/totp.h"

#define CODE_CHARS 16 /* of 43: 96 bits */


/* Without the dashes and spaces that people see and type. */
static struct str
plain(struct arena *a, struct str code)
{
    char *out = arena_alloc(a, code.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] != ' ' && code.p[i] != '-') {
            out[n++] = code.p[i];
        }
    }
    return str_lower(a, str_make(out, n));
}


/* Inside a transaction. */
static enum status
new_codes(struct db *db, struct arena *a, int64_t id, struct str **codes)
{
    struct str *digests = arena_array(a, RECOVERY_CODES, sizeof(*digests));
    enum status st;

    *codes = arena_array(a, RECOVERY_CODES, sizeof(**codes));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        /* hex: no letter looks like another one */
        struct str hex =
            str_sub(secret_digest(a, secret_new(a)), 0, CODE_CHARS);

        (*codes)[i] = str_printf(a, "%.4s-%.4s-%.4s-%.4s", hex.p, hex.p + 4,
                                 hex.p + 8, hex.p + 12);
        digests[i] = secret_digest(a, hex);
    }
    st = db_query(db, a, SQL_SECOND_CODES_FORGET, DB_ARGS(db_i64(id)), NULL);
    if (st == ST_OK) {
        st = db_query(
            db, a, SQL_SECOND_CODES_ADD,
            DB_ARGS(db_i64(id), db_str_array(a, digests, RECOVERY_CODES)),
            NULL);
    }
    return st;
}


static enum status
enable(struct db *db, struct arena *a, const struct actor *by,
       const struct account *account, struct str sealed, int64_t step,
       struct str **codes)
{
    enum status st;

    st = db_query(db, a, SQL_SECOND_SET,
                  DB_ARGS(db_i64(account->id), db_str(sealed), db_i64(step)),
                  NULL);
    if (st == ST_OK) {
        st = new_codes(db, a, account->id, codes);
    }
    return st == ST_OK ? audit_add_account(db, a, account->id, by,
                                           "account.second-add", account->email)
                       : st;
}


enum status
second_enable(struct db *db, struct arena *a, const struct actor *by,
              const struct account *account, struct str secret, int64_t step,
              struct str **codes)
{
    struct str sealed;
    enum status st = seal(a, secret, &sealed);

    if (st == ST_OK) {
        st = db_begin(db);
    }
    return st == ST_OK
               ? db_finish(db, enable(db, a, by, account, sealed, step, codes))
               : st;
}


static enum status
disable(struct db *db, struct arena *a, const struct actor *by,
        const struct account *account)
{
    enum status st;

    st = db_query(db, a, SQL_SECOND_SET,
                  DB_ARGS(db_i64(account->id), db_null(), db_i64(0)), NULL);
    if (st == ST_OK) {
        st = db_query(db, a, SQL_SECOND_CODES_FORGET,
                      DB_ARGS(db_i64(account->id)), NULL);
    }
    return st == ST_OK ? audit_add_account(
               db, a, account->id, by, "account.second-remove", account->email)
                       : st;
}


enum status
second_disable(struct db *db, struct arena *a, const struct actor *by,
               const struct account *account)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, disable(db, a, by, account)) : st;
}


enum status
second_renew(struct db *db, struct arena *a, const struct actor *by,
             const struct account *account, struct str **codes)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = new_codes(db, a, account->id, codes);
    if (st == ST_OK) {
        st = audit_add_account(db, a, account->id, by, "account.second-add",
                               account->email);
    }
    return db_finish(db, st);
}


enum status
second_check(struct db *db, struct arena *a, const struct account *account,
             struct str code, int64_t now)
{
    struct str secret;
    int64_t step;
    enum status st;

    code = plain(a, str_cut(code, 64));
    if (str_null(account->totp)) {
        return ST_DENIED;
    }
    if (code.n == CODE_CHARS) {
        st = db_one(
            db, a, SQL_SECOND_CODE_USE,
            DB_ARGS(db_i64(account->id), db_str(secret_digest(a, code))), NULL);
        return st == ST_NOT_FOUND ? ST_DENIED : st;
    }
    st = seal_open(a, account->totp, &secret);
    if (st != ST_OK) {
        return ST_FAILED; /* the key of the installation is gone */
    }
    step = totp_step(secret, code, now);
    if (step == 0) {
        return ST_DENIED;
    }
    st = db_one(db, a, SQL_SECOND_USE,
                DB_ARGS(db_i64(account->id), db_i64(step)), NULL);
    return st == ST_NOT_FOUND ? ST_DENIED : st;
}


enum status
second_codes_left(struct db *db, struct arena *a, int64_t id, int64_t *n)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_SECOND_CODES_LEFT, DB_ARGS(db_i64(id)), &rows);

    if (st == ST_OK) {
        *n = db_get_i64(&rows, 0, "n");
    }
    return st;
}
