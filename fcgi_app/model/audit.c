#include "model/audit.h"

#include <assert.h>

#include "json/doc.h"

const struct actor actor_command = {
    .name = { "A command", 9 },
    .email = { "", 0 },
    .address = { "", 0 },
    .is_superuser = true,
};

const struct audit_action audit_actions[] = {
    { "account.close", "closed the account" },
    { "account.create", "created the account" },
    { "account.email", "confirmed the mail address" },
    { "account.email-asked", "asked for the mail address" },
    { "account.logout", "ended a login of" },
    { "account.password", "changed the password of" },
    { "account.second-add", "added a second factor to" },
    { "account.second-remove", "removed the second factor of" },
    { "account.token-create", "created an API token of" },
    { "account.token-remove", "removed an API token of" },
    { "integration.add", "connected" },
    { "integration.edit", "changed the connection" },
    { "integration.remove", "disconnected" },
    { "attachment.remove", "deleted the attachment" },
    { "invite.remove", "revoked the invitation of" },
    { "issue.delete", "deleted" },
    { "issue.discard", "deleted, and discards the events of," },
    { "issue.share", "changed who sees" },
    { "member.accept-invite", "accepted the invitation of" },
    { "member.add", "added the member" },
    { "member.edit", "changed the role of" },
    { "member.invite", "invited" },
    { "member.remove", "removed the member" },
    { "org.create", "created the organisation" },
    { "org.edit", "changed the organisation" },
    { "org.security", "changed who may come in to" },
    { "project.accept-transfer", "accepted the project" },
    { "project.create", "created the project" },
    { "project.decline-transfer", "declined the project" },
    { "project.edit", "changed the project" },
    { "project.remove", "deleted the project" },
    { "project.request-transfer", "asked another organisation to take" },
    { "project.transfer", "moved to another organisation" },
    { "projectkey.create", "created the client key" },
    { "projectkey.edit", "changed the client key" },
    { "projectkey.remove", "deleted the client key" },
    { "project-team.add", "gave a team the project" },
    { "project-team.remove", "took from a team the project" },
    { "retention.ask", "asked for a clean-up of" },
    { "retention.edit", "changed how long events are kept in" },
    { "rule.create", "created the alert" },
    { "rule.edit", "changed the alert" },
    { "rule.mute", "snoozed the alert" },
    { "rule.remove", "deleted the alert" },
    { "search.create", "shared the search" },
    { "search.edit", "changed the shared search" },
    { "search.remove", "deleted the shared search" },
    { "sso.link", "connected with single sign-on" },
    { "sso.unlink", "disconnected from single sign-on" },
    { "team.create", "created the team" },
    { "team.edit", "changed the team" },
    { "team.member", "changed who is in the team" },
    { "team.remove", "deleted the team" },
    { "team.request", "asked to join the team" },
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


enum status
audit_list(struct db *db, struct arena *a, int64_t org, int64_t at, bool newer,
           struct str action, struct str text, struct audit **out, size_t *n,
           bool *more)
{
    struct db_rows rows;
    enum status st;

    if (at == 0 && !newer) {
        at = INT64_MAX;
    }
    st = db_query(db, a, newer ? SQL_AUDIT_NEWER : SQL_AUDIT_OLDER,
                  DB_ARGS(db_i64(org), db_i64(at), db_str(action), db_str(text),
                          db_i64(AUDIT_PAGE + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *more = rows.n > AUDIT_PAGE;
    *n = *more ? AUDIT_PAGE : (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        read_row(&rows, (int) i, &(*out)[newer ? *n - 1 - i : i]);
    }
    return ST_OK;
}
