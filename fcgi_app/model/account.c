#include "model/account.h"

#include "util/conf.h"
#include "util/crypt.h"

#define EMAIL_MAX 254 /* RFC 5321 */


bool
account_email(struct arena *a, struct str text, struct str *email)
{
    ptrdiff_t at;

    text = str_lower(a, str_trim(text));
    at = str_rchr(text, '@');
    if (text.n > EMAIL_MAX || at < 1 || (size_t) at + 1 >= text.n) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char) text.p[i];

        if (c <= ' ' || c == 0x7f || strchr("<>()[],;:\\\"", c) != NULL) {
            return false;
        }
    }
    *email = text;
    return true;
}


static enum status
read_one(struct db *db, struct arena *a, enum sql stmt,
         const struct db_arg *args, size_t nargs, struct account *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, stmt, args, nargs, &rows);

    if (st != ST_OK) {
        return st;
    }
    out->id = db_get_i64(&rows, 0, "id");
    out->email = db_get_str(&rows, 0, "email");
    out->name = db_get_str(&rows, 0, "name");
    out->password_hash = db_get_str(&rows, 0, "password_hash");
    out->is_superuser = db_get_bool(&rows, 0, "is_superuser");
    out->is_active = db_get_bool(&rows, 0, "is_active");
    return ST_OK;
}


enum status
account_by_id(struct db *db, struct arena *a, int64_t id, struct account *out)
{
    return read_one(db, a, SQL_ACCOUNT_BY_ID, DB_ARGS(db_i64(id)), out);
}


enum status
account_by_email(struct db *db, struct arena *a, struct str email,
                 struct account *out)
{
    return read_one(db, a, SQL_ACCOUNT_BY_EMAIL, DB_ARGS(db_str(email)), out);
}


enum status
account_create(struct db *db, struct arena *a, const struct actor *by,
               struct str email, struct str name, bool is_superuser,
               int64_t *id)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    change_str(&c, "name", STR_NULL, name);
    change_str(&c, "superuser", STR_NULL,
               is_superuser ? STR("yes") : STR("no"));

    st = db_begin(db);
    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ACCOUNT_CREATE,
                DB_ARGS(db_str(email), db_str(name), db_bool(is_superuser)),
                &rows);
    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
        st = audit_add(db, a, 0, by, "account.create", email, &c);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
account_set_name(struct db *db, struct arena *a, int64_t id, struct str name)
{
    return db_query(db, a, SQL_ACCOUNT_SET_NAME,
                    DB_ARGS(db_i64(id), db_str(name)), NULL);
}


enum status
account_set_password(struct db *db, struct arena *a, const struct actor *by,
                     const struct account *account, struct str password_hash)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_ACCOUNT_SET_PASSWORD,
                  DB_ARGS(db_i64(account->id), db_str(password_hash)), NULL);
    if (st == ST_OK) {
        st = audit_add_account(db, a, account->id, by, "account.password",
                               account->email);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
account_signed_in(struct db *db, struct arena *a, int64_t id)
{
    return db_query(db, a, SQL_ACCOUNT_SIGNED_IN, DB_ARGS(db_i64(id)), NULL);
}


enum status
account_link(struct redis *r, struct arena *a, int64_t id, struct str *url)
{
    struct str secret = secret_new(a);
    struct str digest = secret_digest(a, secret);
    enum status st;

    st = redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("SET"),
                    str_printf(a, ACCOUNT_LINK_PREFIX "%.*s", STR_FMT(digest)),
                    str_printf(a, "%lld", (long long) id), STR("EX"),
                    STR(ACCOUNT_LINK_SECONDS)));
    if (st == ST_OK) {
        *url = str_printf(a, "%s/login/link/%.*s/",
                          conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(secret));
    }
    return st;
}
