#include "model/account.h"

#include "model/organization.h"
#include "model/outbox.h"
#include "util/conf.h"
#include "util/lang.h"
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
    out->totp = db_get_str(&rows, 0, "totp_sealed");
    out->secured_at = db_get_time(&rows, 0, "secured_at");
    out->time_zone = db_get_str(&rows, 0, "time_zone");
    out->newest_first = db_get_bool(&rows, 0, "newest_first");
    out->language = db_get_str(&rows, 0, "language");
    out->pending_email = db_get_str(&rows, 0, "pending_email");
    return ST_OK;
}


enum status
account_by_id(struct db *db, struct arena *a, int64_t id, struct account *out)
{
    return read_one(db, a, SQL_ACCOUNT_BY_ID, DB_ARGS(db_i64(id)), out);
}


enum status
account_of_worker(struct db *db, struct arena *a, int64_t id,
                  struct account *out)
{
    return read_one(db, a, SQL_ACCOUNT_OF_WORKER, DB_ARGS(db_i64(id)), out);
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
account_set_profile(struct db *db, struct arena *a,
                    const struct account *account)
{
    enum status st;

    st = db_one(db, a, SQL_ACCOUNT_TIME_ZONE,
                DB_ARGS(db_str(account->time_zone)), NULL);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_INVALID : st;
    }
    return db_query(db, a, SQL_ACCOUNT_SET_PROFILE,
                    DB_ARGS(db_i64(account->id), db_str(account->name),
                            db_str(account->time_zone),
                            db_bool(account->newest_first),
                            db_str(account->language)),
                    NULL);
}


enum status
account_email_ask(struct db *db, struct arena *a, const struct actor *by,
                  int64_t id, struct str email, struct str *url)
{
    struct str secret = secret_new(a);
    enum status st;

    st = db_one(
        db, a, SQL_ACCOUNT_EMAIL_ASK,
        DB_ARGS(db_i64(id), db_str(email), db_str(secret_digest(a, secret))),
        NULL);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_CONFLICT : st;
    }
    *url = str_printf(a, "%s/account/email/%.*s/",
                      conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(secret));
    return audit_add_account(db, a, id, by, "account.email-asked", email);
}


enum status
account_email_waiting(struct db *db, struct arena *a, struct str secret,
                      struct str *email)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ACCOUNT_EMAIL_WAITING,
                DB_ARGS(db_str(secret_digest(a, secret))), &rows);
    if (st == ST_OK) {
        *email = db_get_str(&rows, 0, "pending_email");
    }
    return st;
}


/* Inside a transaction. */
static enum status
take_email(struct db *db, struct arena *a, struct str address,
           struct str secret, int64_t *id)
{
    struct actor by = { .address = address };
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ACCOUNT_EMAIL_TAKE,
                DB_ARGS(db_str(secret_digest(a, secret))), &rows);
    if (st != ST_OK) {
        return st;
    }
    *id = db_get_i64(&rows, 0, "id");
    by.account_id = *id;
    by.name = by.email = db_get_str(&rows, 0, "email");
    return audit_add_account(db, a, *id, &by, "account.email", by.email);
}


enum status
account_email_take(struct db *db, struct arena *a, struct str address,
                   struct str secret, int64_t *id)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, take_email(db, a, address, secret, id))
                       : st;
}


/* Inside a transaction. */
static enum status
close_account(struct db *db, struct arena *a, const struct actor *by,
              const struct account *account, struct str *org)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ACCOUNT_LAST_OWNER, DB_ARGS(db_i64(account->id)),
                &rows);
    if (st != ST_NOT_FOUND) {
        *org = st == ST_OK ? db_get_str(&rows, 0, "name") : STR_NULL;
        return st == ST_OK ? ST_CONFLICT : st;
    }
    st = audit_add_account(db, a, account->id, by, "account.close",
                           account->email);
    return st == ST_OK ? db_query(db, a, SQL_ACCOUNT_CLOSE,
                                  DB_ARGS(db_i64(account->id)), NULL)
                       : st;
}


enum status
account_close(struct db *db, struct arena *a, const struct actor *by,
              const struct account *account, struct str *org)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, close_account(db, a, by, account, org))
                       : st;
}


enum status
account_any(struct db *db, struct arena *a)
{
    return db_one(db, a, SQL_ACCOUNT_ANY, DB_NO_ARGS, NULL);
}


/* Inside a transaction. */
static enum status
create_first(struct db *db, struct arena *a, struct actor *by,
             struct str password_hash, struct str org_slug, struct str org_name)
{
    struct account account = { .email = by->email };
    int64_t org;
    enum status st;

    st = db_query(db, a, SQL_ACCOUNT_FIRST_LOCK, DB_NO_ARGS, NULL);
    if (st == ST_OK) {
        st = account_any(db, a);
    }
    if (st != ST_NOT_FOUND) {
        return st == ST_OK ? ST_CONFLICT : st;
    }
    st = account_create(db, a, by, by->email, by->name, true, &by->account_id);
    account.id = by->account_id;
    if (st == ST_OK) {
        st = account_set_password(db, a, by, &account, password_hash);
    }
    if (st == ST_OK) {
        st = organization_create(db, a, by, org_slug, org_name, &org);
    }
    if (st == ST_OK) {
        st = member_set(db, a, by, org, by->account_id, by->email, ROLE_OWNER);
    }
    return st;
}


enum status
account_first(struct db *db, struct arena *a, struct str address,
              struct str email, struct str name, struct str password_hash,
              struct str org_slug, struct str org_name, int64_t *id)
{
    struct actor by = {
        .name = name, .email = email, .address = address, .is_superuser = true
    };
    enum status st = db_begin(db);

    if (st == ST_OK) {
        st = db_finish(
            db, create_first(db, a, &by, password_hash, org_slug, org_name));
    }
    *id = by.account_id;
    return st;
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


static enum status
make_link(struct redis *r, struct arena *a, int64_t id, const char *mark,
          struct str seconds, struct str *url)
{
    struct str secret = secret_new(a);
    struct str digest = secret_digest(a, secret);
    enum status st;

    st = redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("SET"),
                    str_printf(a, ACCOUNT_LINK_PREFIX "%.*s", STR_FMT(digest)),
                    str_printf(a, "%lld%s", (long long) id, mark), STR("EX"),
                    seconds));
    if (st == ST_OK) {
        *url = str_printf(a, "%s/login/link/%.*s/",
                          conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(secret));
    }
    return st;
}


enum status
account_link(struct redis *r, struct arena *a, int64_t id, struct str *url)
{
    return make_link(r, a, id, "", STR(ACCOUNT_LINK_SECONDS), url);
}


enum status
account_forgot(struct db *db, struct redis *r, struct arena *a,
               struct str email)
{
    struct account account = { 0 };
    struct str url;
    enum status st = account_by_email(db, a, email, &account);

    if (st == ST_NOT_FOUND || (st == ST_OK && !account.is_active)) {
        return ST_OK;
    }
    if (st == ST_OK) {
        st =
            make_link(r, a, account.id, ACCOUNT_LINK_FORGOT, STR("3600"), &url);
    }
    return st == ST_OK
               ? outbox_mail(db, a, 0, email, STR_N("Sign in to Vedette"),
                             STR("Somebody, most likely you, has forgotten the "
                                 "password of this address. The link signs you "
                                 "in once, within an hour; then you can choose "
                                 "a new password. If it was not you, do "
                                 "nothing."),
                             STR_N("Sign in"), url, secret_digest(a, url))
               : st;
}


/* The first one of all */

#define FIRST_KEY STR("vedette:first")


enum status
account_first_link(struct db *db, struct redis *r, struct arena *a,
                   struct str *url)
{
    struct str secret = secret_new(a);
    enum status st = account_any(db, a);

    if (st != ST_NOT_FOUND) {
        return st == ST_OK ? ST_CONFLICT : st;
    }
    *url = str_printf(a, "%s/login/first/%.*s/",
                      conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(secret));
    return redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("SET"), FIRST_KEY, secret_digest(a, secret)));
}


enum status
account_first_known(struct db *db, struct redis *r, struct arena *a,
                    struct str secret)
{
    redisReply *reply;
    enum status st = account_any(db, a);

    if (st != ST_NOT_FOUND) {
        return st == ST_OK ? ST_NOT_FOUND : st;
    }
    st = redis_command(r, a, &reply, REDIS_WORDS(STR("GET"), FIRST_KEY));
    if (st == ST_OK
        && !secret_equal(redis_text(reply), secret_digest(a, secret))) {
        return ST_NOT_FOUND;
    }
    return st;
}
