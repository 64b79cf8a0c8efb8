#include "model/recipient.h"
#include "util/lang.h"

const struct notification_kind notification_kinds[] = {
    { "alerts", N_("Alerts"), "An alert that is addressed to you or your team.",
      false },
    { "assigned", N_("Assignments"),
      "An issue is assigned to you, or taken away.", false },
    { "comments", N_("Comments"), "Somebody comments on an issue.", true },
    { "mentions", N_("Mentions"), "Somebody names you in a comment.", false },
    { "status", N_("Changes of state"),
      "An issue is resolved, archived, or comes back.", true },
    { "reports", N_("Weekly report"),
      "What happened in your projects, on Mondays.", false },
    { "own", N_("Your own doings"), "What you did yourself, too.", false },
};
const size_t notification_kinds_count =
    sizeof(notification_kinds) / sizeof(notification_kinds[0]);

static const char *
default_of(const char *kind)
{
    return strcmp(kind, "own") == 0 ? "never" : NULL;
}


bool
notification_value_ok(const struct notification_kind *kind, struct str value)
{
    return str_is(value, "always") || str_is(value, "never")
           || (kind->subscribe && str_is(value, "subscribe_only"));
}


static void
read_rows(const struct db_rows *rows, const char *kind, struct arena *a,
          struct recipient **out, size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        struct recipient *r = &(*out)[i];

        r->account_id = db_get_i64(rows, i, "account_id");
        r->email = db_get_str(rows, i, "email");
        r->name = db_get_str(rows, i, "name");
        r->reason = db_get_str(rows, i, "reason");
        r->setting = db_get_str(rows, i, "setting");
        if (str_null(r->setting) && default_of(kind) != NULL) {
            r->setting = str_of(default_of(kind));
        }
    }
}


enum status
recipient_find(struct db *db, struct arena *a, int64_t org, int64_t project_id,
               int64_t issue_id, enum recipient_group group, int64_t id,
               const char *kind, struct recipient **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RECIPIENT_FIND,
                  DB_ARGS(db_i64(org), db_i64(project_id), db_i64(issue_id),
                          db_i64(group), db_i64(id), db_text(kind),
                          db_i64(group == RECIPIENT_ACTIVE ? RECIPIENTS_ACTIVE
                                                           : RECIPIENTS_MAX)),
                  &rows);
    if (st == ST_OK) {
        read_rows(&rows, kind, a, out, n);
    }
    return st;
}


enum status
recipient_managers(struct db *db, struct arena *a, int64_t org,
                   struct recipient **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_RECIPIENT_MANAGERS, DB_ARGS(db_i64(org)), &rows);

    if (st == ST_OK) {
        read_rows(&rows, "alerts", a, out, n);
    }
    return st;
}


enum status
recipient_mentioned(struct db *db, struct arena *a, int64_t org,
                    int64_t project_id, const struct str *words, size_t nwords,
                    struct recipient **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RECIPIENT_MENTIONED,
                  DB_ARGS(db_i64(org), db_i64(project_id),
                          db_str_array(a, words, nwords),
                          db_i64(RECIPIENTS_MAX)),
                  &rows);
    if (st == ST_OK) {
        read_rows(&rows, "mentions", a, out, n);
    }
    return st;
}


enum status
notification_list(struct db *db, struct arena *a, int64_t account_id,
                  struct notification_setting **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_NOTIFICATION_LIST,
                              DB_ARGS(db_i64(account_id)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct notification_setting){
            db_get_i64(&rows, i, "organization_id"),
            db_get_i64(&rows, i, "project_id"),
            db_get_str(&rows, i, "project"),
            db_get_str(&rows, i, "kind"),
            db_get_str(&rows, i, "value"),
        };
    }
    return ST_OK;
}


enum status
notification_set(struct db *db, struct arena *a, int64_t account_id,
                 int64_t org, int64_t project_id, const char *kind,
                 struct str value)
{
    if (str_null(value)) {
        return db_query(db, a, SQL_NOTIFICATION_UNSET,
                        DB_ARGS(db_i64(account_id), db_i64(org),
                                db_i64(project_id), db_text(kind)),
                        NULL);
    }
    return db_query(db, a, SQL_NOTIFICATION_SET,
                    DB_ARGS(db_i64(account_id), db_i64(org), db_i64(project_id),
                            db_text(kind), db_str(value)),
                    NULL);
}


enum status
issue_subscribe(struct db *db, struct arena *a, int64_t org, int64_t issue_id,
                int64_t account_id, bool muted)
{
    return db_query(db, a, SQL_ISSUE_SUBSCRIBE,
                    DB_ARGS(db_i64(org), db_i64(issue_id), db_i64(account_id),
                            db_bool(muted)),
                    NULL);
}


enum status
mail_thread(struct db *db, struct arena *a, int64_t org, int64_t issue_id,
            struct str address, struct str message_id, struct str *first)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_MAIL_THREAD,
                  DB_ARGS(db_i64(org), db_i64(issue_id), db_str(address),
                          db_str(message_id)),
                  &rows);
    *first = st == ST_OK && rows.n > 0 ? db_get_str(&rows, 0, "message_id")
                                       : message_id;
    return st;
}


enum status
signing_key(struct db *db, struct arena *a, struct str *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_SIGNING_KEY, DB_NO_ARGS, &rows);

    if (st == ST_OK) {
        *out = db_get_str(&rows, 0, "key");
    }
    return st;
}
