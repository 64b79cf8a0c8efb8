#include "model/invitation.h"

#include "model/access.h"
#include "model/account.h"
#include "model/organization.h"
#include "model/outbox.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/lang.h"


static void
read_row(const struct db_rows *rows, int i, struct invitation *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->organization_id = db_get_i64(rows, i, "organization_id");
    out->email = db_get_str(rows, i, "email");
    out->role = role_of(db_get_str(rows, i, "role"));
    out->teams = db_get_str(rows, i, "teams");
    out->inviter = db_get_str(rows, i, "inviter");
    out->created_at = db_get_time(rows, i, "created_at");
    out->expires_at = db_get_time(rows, i, "expires_at");
    out->org_slug = STR_NULL;
    out->org_name = STR_NULL;
}


enum status
invitation_list(struct db *db, struct arena *a, int64_t org,
                struct invitation **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_INVITATION_LIST, DB_ARGS(db_i64(org)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_row(&rows, i, &(*out)[i]);
    }
    return ST_OK;
}


static struct str
link_of(struct arena *a, struct str secret)
{
    return str_printf(a, "%s/invitation/%.*s/",
                      conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(secret));
}


static struct db_arg
account_arg(const struct actor *by)
{
    return by->account_id > 0 ? db_i64(by->account_id) : db_null();
}


bool
invitation_mails(void)
{
    return conf_str(CONF_MAIL_HOST)[0] != '\0';
}


/* With the link, to whom it is for. */
static enum status
send(struct db *db, struct arena *a, const struct actor *by, int64_t org,
     struct str email, struct str url)
{
    struct organization o;
    enum status st;

    if (!invitation_mails()) {
        return ST_OK;
    }
    st = organization_by_id(db, a, org, &o);
    if (st != ST_OK) {
        return st;
    }
    return outbox_mail(
        db, a, org, email,
        lang_keep(a, N_("{0} invites you to {1} on Vedette"),
                  FILL(by->name, o.name)),
        lang_keep(a,
                  N_("Vedette tells of errors in the applications of {0}. The "
                     "link lets you in, once and within {1} "
                     "{1|day|days}.\n\nIf you do not know who invites you, do "
                     "nothing."),
                  FILL(o.name, str_printf(a, "%d", INVITATION_DAYS))),
        STR_N("Accept the invitation"), url, secret_digest(a, url));
}


/* Inside a transaction: each of these does the work of one public function. */

static enum status
create(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       struct str email, enum role role, const int64_t *teams, size_t nteams,
       struct str secret, struct str url)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum role own;
    enum status st;

    st = member_lock(db, a, org, by, &own);
    if (st != ST_OK) {
        return st;
    }
    if (role > own || role == ROLE_NONE) {
        return ST_DENIED;
    }
    st = db_one(db, a, SQL_INVITATION_FULL,
                DB_ARGS(db_i64(org), db_i64(INVITATIONS_MAX - 1)), NULL);
    if (st != ST_NOT_FOUND) {
        return st == ST_OK ? ST_LIMITED : st;
    }
    st = db_one(db, a, SQL_INVITATION_CREATE,
                DB_ARGS(db_i64(org), db_str(email), db_text(role_name(role)),
                        db_str(secret_digest(a, secret)), account_arg(by),
                        db_i64(INVITATION_DAYS)),
                &rows);
    if (st == ST_OK && nteams > 0) {
        st = db_query(db, a, SQL_INVITATION_ADD_TEAMS,
                      DB_ARGS(db_i64(org), db_i64(db_get_i64(&rows, 0, "id")),
                              db_i64_array(a, teams, nteams)),
                      NULL);
    }
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_CONFLICT : st;
    }
    change_str(&c, "role", STR_NULL, str_of(role_name(role)));
    st = audit_add(db, a, org, by, "member.invite", email, &c);
    return st == ST_OK ? send(db, a, by, org, email, url) : st;
}


static enum status
renew(struct db *db, struct arena *a, const struct actor *by, int64_t org,
      int64_t id, struct str secret, struct str url, struct str *email)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum role own;
    enum status st;

    st = member_lock(db, a, org, by, &own);
    if (st == ST_OK) {
        st = db_one(db, a, SQL_INVITATION_LOCK,
                    DB_ARGS(db_i64(org), db_i64(id)), &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    *email = db_get_str(&rows, 0, "email");
    if (role_of(db_get_str(&rows, 0, "role")) > own) {
        return ST_DENIED;
    }
    st = db_query(db, a, SQL_INVITATION_RENEW,
                  DB_ARGS(db_i64(org), db_i64(id),
                          db_str(secret_digest(a, secret)), account_arg(by),
                          db_i64(INVITATION_DAYS)),
                  NULL);
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "link", STR_NULL, STR("new"));
    st = audit_add(db, a, org, by, "member.invite", *email, &c);
    return st == ST_OK ? send(db, a, by, org, *email, url) : st;
}


static enum status
revoke(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       int64_t id)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INVITATION_REVOKE, DB_ARGS(db_i64(org), db_i64(id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "role", db_get_str(&rows, 0, "role"), STR_NULL);
    return audit_add(db, a, org, by, "invite.remove",
                     db_get_str(&rows, 0, "email"), &c);
}


/* Takes the invitation away; whoever has done that may add the member. */
static enum status
take(struct db *db, struct arena *a, struct str secret, struct db_rows *rows)
{
    return db_one(db, a, SQL_INVITATION_TAKE,
                  DB_ARGS(db_str(secret_digest(a, secret))), rows);
}


static enum status
add_member(struct db *db, struct arena *a, const struct actor *by,
           const struct db_rows *taken)
{
    int64_t org = db_get_i64(taken, 0, "organization_id");
    struct str role = db_get_str(taken, 0, "role");
    size_t nteams;
    int64_t *teams = access_ids(a, db_get_str(taken, 0, "teams"), &nteams);
    struct change c = change_new(a);
    enum role before = ROLE_NONE;
    enum status st;

    st = member_role(db, a, org, by->account_id, &before);
    if (st == ST_OK) {
        role = str_of(role_name(before));
    } else if (st != ST_NOT_FOUND) {
        return st;
    }
    st = db_query(db, a, SQL_INVITATION_ADD_MEMBER,
                  DB_ARGS(db_i64(org), db_i64(by->account_id), db_str(role)),
                  NULL);
    if (st == ST_OK && nteams > 0) {
        st = db_query(db, a, SQL_INVITATION_JOIN_TEAMS,
                      DB_ARGS(db_i64(org), db_i64(by->account_id),
                              db_i64_array(a, teams, nteams)),
                      NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "account", STR_NULL, by->email);
    change_str(&c, "role", STR_NULL, role);
    return audit_add(db, a, org, by, "member.accept-invite",
                     db_get_str(taken, 0, "email"), &c);
}


static enum status
join(struct db *db, struct arena *a, struct str address, struct str secret,
     struct str name, struct str password_hash, int64_t *account_id)
{
    struct actor by = { .name = name, .address = address };
    struct account account = { 0 };
    struct db_rows taken;
    enum status st = take(db, a, secret, &taken);

    if (st != ST_OK) {
        return st;
    }
    by.email = account.email = db_get_str(&taken, 0, "email");
    st = account_create(db, a, &by, by.email, name, false, account_id);
    if (st != ST_OK) {
        return st;
    }
    by.account_id = account.id = *account_id;
    st = account_set_password(db, a, &by, &account, password_hash);
    return st == ST_OK ? add_member(db, a, &by, &taken) : st;
}


enum status
invitation_create(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, struct str email, enum role role,
                  const int64_t *teams, size_t nteams, struct str *url)
{
    struct str secret = secret_new(a);
    enum status st = db_begin(db);

    *url = link_of(a, secret);
    return st == ST_OK ? db_finish(db, create(db, a, by, org, email, role,
                                              teams, nteams, secret, *url))
                       : st;
}


enum status
invitation_renew(struct db *db, struct arena *a, const struct actor *by,
                 int64_t org, int64_t id, struct str *email, struct str *url)
{
    struct str secret = secret_new(a);
    enum status st = db_begin(db);

    *url = link_of(a, secret);
    return st == ST_OK
               ? db_finish(db, renew(db, a, by, org, id, secret, *url, email))
               : st;
}


enum status
invitation_revoke(struct db *db, struct arena *a, const struct actor *by,
                  int64_t org, int64_t id)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, revoke(db, a, by, org, id)) : st;
}


enum status
invitation_find(struct db *db, struct arena *a, struct str secret,
                struct invitation *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INVITATION_FIND,
                DB_ARGS(db_str(secret_digest(a, secret))), &rows);
    if (st == ST_OK) {
        read_row(&rows, 0, out);
        out->org_slug = db_get_str(&rows, 0, "org_slug");
        out->org_name = db_get_str(&rows, 0, "org_name");
    }
    return st;
}


enum status
invitation_accept(struct db *db, struct arena *a, const struct actor *by,
                  struct str secret)
{
    struct db_rows taken;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = take(db, a, secret, &taken);
    return db_finish(db, st == ST_OK ? add_member(db, a, by, &taken) : st);
}


enum status
invitation_join(struct db *db, struct arena *a, struct str address,
                struct str secret, struct str name, struct str password_hash,
                int64_t *account_id)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, join(db, a, address, secret, name,
                                            password_hash, account_id))
                       : st;
}
