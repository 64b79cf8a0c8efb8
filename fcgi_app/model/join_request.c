#include "model/join_request.h"

#include "model/invitation.h"
#include "model/organization.h"
#include "model/outbox.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "util/lang.h"


/* Where members are looked after, or the organisation itself. */
static struct str
link_of(struct arena *a, const struct organization *o, const char *page)
{
    return str_printf(a, "%s/%.*s/%s", conf_str(CONF_SYSTEM_URL_PREFIX),
                      STR_FMT(o->slug), page);
}


/* Inside a transaction: each of these does the work of one public function. */

static enum status
set_open(struct db *db, struct arena *a, const struct actor *by, int64_t org,
         bool open)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_JOIN_REQUEST_SWITCH,
                            DB_ARGS(db_i64(org), db_bool(open)), &rows);

    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it was so already */
    }
    change_bool(&c, "takes requests", !open, open);
    return audit_add(db, a, org, by, "org.edit", db_get_str(&rows, 0, "slug"),
                     &c);
}


/* Managers and owners hear of it. */
static enum status
tell_readers(struct db *db, struct arena *a, const struct actor *by,
             const struct organization *o)
{
    struct str url = link_of(a, o, "settings/members/");
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_JOIN_REQUEST_READERS,
                              DB_ARGS(db_i64(o->id)), &rows);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        st = outbox_mail(
            db, a, o->id, db_get_str(&rows, i, "email"),
            lang_keep(a, N_("{0} asks to join {1} on Vedette"),
                      FILL(by->email, o->name)),
            lang_keep(a,
                      N_("{0} ({1}) has an account and asks to become a "
                         "member of {2}. Accept or decline it among the "
                         "members."),
                      FILL(by->name, by->email, o->name)),
            STR_N("Open the members"), url, secret_digest(a, secret_new(a)));
    }
    return st;
}


static enum status
ask(struct db *db, struct arena *a, const struct actor *by,
    const struct organization *o)
{
    struct change c = change_new(a);
    enum status st = db_one(db, a, SQL_JOIN_REQUEST_ADD,
                            DB_ARGS(db_i64(o->id), db_i64(by->account_id),
                                    db_i64(JOIN_REQUESTS_MAX - 1)),
                            NULL);

    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    change_str(&c, "account", STR_NULL, by->email);
    st = audit_add(db, a, o->id, by, "member.join-request", by->email, &c);
    return st == ST_OK && invitation_mails() ? tell_readers(db, a, by, o) : st;
}


/* Whoever asked hears that it was accepted. */
static enum status
tell_asker(struct db *db, struct arena *a, int64_t org, struct str email)
{
    struct organization o;
    enum status st = organization_by_id(db, a, org, &o);

    return st == ST_OK ? outbox_mail(
               db, a, org, email,
               lang_keep(a, N_("You are a member of {0} now"), FILL(o.name)),
               lang_keep(a, N_("Your request to join {0} was accepted."),
                         FILL(o.name)),
               STR_N("Open it"), link_of(a, &o, ""),
               secret_digest(a, secret_new(a)))
                       : st;
}


static enum status
answer(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       int64_t account_id, enum role role)
{
    struct change c = change_new(a);
    struct db_rows rows;
    struct str email;
    enum role own;
    enum status st = member_lock(db, a, org, by, &own);

    if (st == ST_OK && role > own) {
        return ST_DENIED;
    }
    if (st == ST_OK) {
        st = db_one(db, a, SQL_JOIN_REQUEST_TAKE,
                    DB_ARGS(db_i64(org), db_i64(account_id)), &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    email = db_get_str(&rows, 0, "email");
    if (role == ROLE_NONE) {
        change_str(&c, "account", email, STR_NULL);
        return audit_add(db, a, org, by, "member.decline-request", email, &c);
    }
    st = db_query(
        db, a, SQL_INVITATION_ADD_MEMBER,
        DB_ARGS(db_i64(org), db_i64(account_id), db_text(role_name(role))),
        NULL);
    if (st == ST_OK) {
        change_str(&c, "role", STR_NULL, str_of(role_name(role)));
        st = audit_add(db, a, org, by, "member.accept-request", email, &c);
    }
    return st == ST_OK && invitation_mails() ? tell_asker(db, a, org, email)
                                             : st;
}


/* And what others call */

enum status
join_request_switch(struct db *db, struct arena *a, const struct actor *by,
                    int64_t org, bool open)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, set_open(db, a, by, org, open)) : st;
}


enum status
join_request_ask(struct db *db, struct arena *a, const struct actor *by,
                 struct str slug)
{
    struct organization o;
    enum status st = organization_by_slug(db, a, slug, &o);

    if (st != ST_OK || !organization_mail_ok(&o, by->email)) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    st = db_begin(db);
    return st == ST_OK ? db_finish(db, ask(db, a, by, &o)) : st;
}


enum status
join_request_list(struct db *db, struct arena *a, int64_t org, bool *open,
                  struct join_request **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_JOIN_REQUEST_LIST, DB_ARGS(db_i64(org)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = 0;
    *open = rows.n > 0 && db_get_bool(&rows, 0, "takes_requests");
    *out = arena_array(a, (size_t) rows.n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        if (db_is_null(&rows, i, "account_id")) {
            continue;
        }
        (*out)[(*n)++] = (struct join_request){
            .account_id = db_get_i64(&rows, i, "account_id"),
            .email = db_get_str(&rows, i, "email"),
            .name = db_get_str(&rows, i, "name"),
            .created_at = db_get_time(&rows, i, "created_at"),
        };
    }
    return ST_OK;
}


enum status
join_request_answer(struct db *db, struct arena *a, const struct actor *by,
                    int64_t org, int64_t account_id, enum role role)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, answer(db, a, by, org, account_id, role))
                       : st;
}
