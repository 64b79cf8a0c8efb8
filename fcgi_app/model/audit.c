#include "model/audit.h"

#include <assert.h>

#include "json/doc.h"
#include "util/lang.h"
#include "util/timeutil.h"

const struct actor actor_command = {
    .name = { "A command", 9 },
    .email = { "", 0 },
    .address = { "", 0 },
    .is_superuser = true,
};

const struct audit_action audit_actions[] = {
    { "account.close", N_("closed the account") },
    { "account.create", N_("created the account") },
    { "account.email", N_("confirmed the mail address") },
    { "account.email-asked", N_("asked for the mail address") },
    { "account.logout", N_("ended a login of") },
    { "account.password", N_("changed the password of") },
    { "account.second-add", N_("added a second factor to") },
    { "account.second-remove", N_("removed the second factor of") },
    { "account.token-create", N_("created an API token of") },
    { "account.token-remove", N_("removed an API token of") },
    { "integration.add", N_("connected") },
    { "integration.edit", N_("changed the connection") },
    { "integration.remove", N_("disconnected") },
    { "attachment.remove", N_("deleted the attachment") },
    { "invite.remove", N_("revoked the invitation of") },
    { "issue.delete", N_("deleted") },
    { "issue.discard", N_("deleted, and discards the events of,") },
    { "issue.share", N_("changed who sees") },
    { "member.accept-invite", N_("accepted the invitation of") },
    { "member.accept-request", N_("accepted the request of") },
    { "member.add", N_("added the member") },
    { "member.decline-request", N_("declined the request of") },
    { "member.edit", N_("changed the role of") },
    { "member.invite", N_("invited") },
    { "member.join-request", N_("asked to become a member:") },
    { "member.remove", N_("removed the member") },
    { "org.create", N_("created the organisation") },
    { "org.edit", N_("changed the organisation") },
    { "org.remove", N_("deleted the organisation") },
    { "org.security", N_("changed who may come in to") },
    { "project.accept-transfer", N_("accepted the project") },
    { "project.create", N_("created the project") },
    { "project.decline-transfer", N_("declined the project") },
    { "project.edit", N_("changed the project") },
    { "project.remove", N_("deleted the project") },
    { "project.request-transfer", N_("asked another organisation to take") },
    { "project.transfer", N_("moved to another organisation") },
    { "projectkey.create", N_("created the client key") },
    { "projectkey.edit", N_("changed the client key") },
    { "projectkey.remove", N_("deleted the client key") },
    { "project-team.add", N_("gave a team the project") },
    { "project-team.remove", N_("took from a team the project") },
    { "retention.ask", N_("asked for a clean-up of") },
    { "retention.edit", N_("changed how long events are kept in") },
    { "rule.create", N_("created the alert") },
    { "rule.edit", N_("changed the alert") },
    { "rule.mute", N_("snoozed the alert") },
    { "rule.remove", N_("deleted the alert") },
    { "search.create", N_("shared the search") },
    { "search.edit", N_("changed the shared search") },
    { "search.remove", N_("deleted the shared search") },
    { "sso.link", N_("connected with single sign-on") },
    { "sso.unlink", N_("disconnected from single sign-on") },
    { "system.brake", N_("stopped") },
    { "system.purge", N_("threw dead letters away:") },
    { "system.release", N_("let go on") },
    { "system.replay", N_("sent dead letters again:") },
    { "system.report", N_("took the report of") },
    { "team.create", N_("created the team") },
    { "team.edit", N_("changed the team") },
    { "team.member", N_("changed who is in the team") },
    { "team.remove", N_("deleted the team") },
    { "team.request", N_("asked to join the team") },
};
const size_t audit_actions_count =
    sizeof(audit_actions) / sizeof(audit_actions[0]);


struct change
change_new(struct arena *a)
{
    return (struct change){ buf_in(a), buf_in(a) };
}


static void
add_member(struct buf *b, const char *name, struct str value)
{
    if (str_null(value)) {
        return;
    }
    if (b->n > 0) {
        buf_char(b, ',');
    }
    json_write_str(b, str_of(name));
    buf_char(b, ':');
    json_write_str(b, value);
}


void
change_str(struct change *c, const char *name, struct str before,
           struct str after)
{
    if (str_null(before) == str_null(after) && str_eq(before, after)) {
        return;
    }
    add_member(&c->before, name, before);
    add_member(&c->after, name, after);
}


void
change_bool(struct change *c, const char *name, bool before, bool after)
{
    change_str(c, name, before ? STR("yes") : STR("no"),
               after ? STR("yes") : STR("no"));
}


static struct str
moment(struct arena *a, int64_t us)
{
    return us != 0 ? time_format_iso(a, us, false) : STR_NULL;
}


void
change_time(struct change *c, const char *name, int64_t before, int64_t after)
{
    struct arena *a = c->before.arena;

    change_str(c, name, moment(a, before), moment(a, after));
}


static struct str
object_of(struct arena *a, const struct buf *members)
{
    struct buf b = buf_in(a);

    buf_char(&b, '{');
    buf_str(&b, buf_view(members));
    buf_char(&b, '}');
    return buf_view(&b);
}


static bool
known(const char *action)
{
    for (size_t i = 0; i < audit_actions_count; i++) {
        if (strcmp(audit_actions[i].name, action) == 0) {
            return true;
        }
    }
    return false;
}


enum status
audit_add(struct db *db, struct arena *a, int64_t org, const struct actor *by,
          const char *action, struct str object, const struct change *change)
{
    struct change none = change_new(a);

    assert(known(action));
    if (change != NULL && change->before.n == 0 && change->after.n == 0) {
        return ST_OK;
    }
    if (change == NULL) {
        change = &none;
    }
    return db_query(
        db, a, SQL_AUDIT_ADD,
        DB_ARGS(org > 0 ? db_i64(org) : db_null(),
                by->account_id > 0 ? db_i64(by->account_id) : db_null(),
                db_str(by->name), db_str(by->email), db_str(by->address),
                db_text(action), db_str(object),
                db_str(object_of(a, &change->before)),
                db_str(object_of(a, &change->after))),
        NULL);
}


enum status
audit_add_account(struct db *db, struct arena *a, int64_t account_id,
                  const struct actor *by, const char *action, struct str object)
{
    assert(known(action));
    return db_query(
        db, a, SQL_AUDIT_ADD_ACCOUNT,
        DB_ARGS(db_i64(account_id),
                by->account_id > 0 ? db_i64(by->account_id) : db_null(),
                db_str(by->name), db_str(by->email), db_str(by->address),
                db_text(action), db_str(object)),
        NULL);
}


static void
read_row(const struct db_rows *rows, int i, struct audit *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->account_id = db_get_i64(rows, i, "account_id");
    out->actor = db_get_str(rows, i, "actor");
    out->actor_email = db_get_str(rows, i, "actor_email");
    out->address = db_get_str(rows, i, "address");
    out->action = db_get_str(rows, i, "action");
    out->object = db_get_str(rows, i, "object");
    out->before = db_get_str(rows, i, "before");
    out->after = db_get_str(rows, i, "after");
    out->at = db_get_time(rows, i, "at");
}


/* The id to begin behind. */
static int64_t
from(int64_t at, bool newer)
{
    return at == 0 && !newer ? INT64_MAX : at;
}


static void
read_page(struct arena *a, const struct db_rows *rows, bool newer,
          struct audit **out, size_t *n, bool *more)
{
    *more = rows->n > AUDIT_PAGE;
    *n = *more ? AUDIT_PAGE : (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        read_row(rows, (int) i, &(*out)[newer ? *n - 1 - i : i]);
    }
}


enum status
audit_list(struct db *db, struct arena *a, int64_t org, int64_t at, bool newer,
           struct str action, struct str text, struct audit **out, size_t *n,
           bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, newer ? SQL_AUDIT_NEWER : SQL_AUDIT_OLDER,
                  DB_ARGS(db_i64(org), db_i64(from(at, newer)), db_str(action),
                          db_str(text), db_i64(AUDIT_PAGE + 1)),
                  &rows);
    if (st == ST_OK) {
        read_page(a, &rows, newer, out, n, more);
    }
    return st;
}


enum status
audit_system(struct db *db, struct arena *a, int64_t at, bool newer,
             struct audit **out, size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, newer ? SQL_AUDIT_SYSTEM_NEWER : SQL_AUDIT_SYSTEM_OLDER,
        DB_ARGS(db_i64(from(at, newer)), db_i64(AUDIT_PAGE + 1)), &rows);
    if (st == ST_OK) {
        read_page(a, &rows, newer, out, n, more);
    }
    return st;
}
