#include "model/ticket.h"

#include "model/activity.h"
#include "model/issue_change.h"


/* ---- reading */

static struct json *
object_of(struct arena *a, struct str text)
{
    struct json *out;

    return json_parse(a, text, NULL, &out, NULL) == ST_OK
                   && json_is(out, JSON_T_OBJECT)
               ? out
               : json_new(a, JSON_T_OBJECT);
}


static void
read_row(struct arena *a, const struct db_rows *rows, int i, struct ticket *out)
{
    *out = (struct ticket){
        .id = db_get_i64(rows, i, "id"),
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .integration_id = db_get_i64(rows, i, "integration_id"),
        .integration = db_get_str(rows, i, "integration"),
        .type = db_get_str(rows, i, "type"),
        .key = db_get_str(rows, i, "key"),
        .url = db_get_str(rows, i, "url"),
        .title = db_get_str(rows, i, "title"),
        .status = db_get_str(rows, i, "status"),
        .done = db_get_bool(rows, i, "is_done"),
        .assignee = db_get_str(rows, i, "assignee"),
        .assignee_id = db_get_str(rows, i, "assignee_id"),
        .data = object_of(a, db_get_str(rows, i, "data")),
        .error = db_get_str(rows, i, "error"),
        .synced_at = db_get_time(rows, i, "synced_at"),
    };
}


void
ticket_rows(struct arena *a, const struct db_rows *rows, struct ticket **out,
            size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        read_row(a, rows, i, &(*out)[i]);
    }
}


enum status
ticket_list(struct db *db, struct arena *a, int64_t organization_id,
            int64_t issue_id, struct ticket **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_TICKET_LIST,
        DB_ARGS(db_i64(organization_id), db_i64(issue_id), db_i64(TICKETS_MAX)),
        &rows);
    if (st == ST_OK) {
        ticket_rows(a, &rows, out, n);
    }
    return st;
}


enum status
ticket_by_id(struct db *db, struct arena *a, int64_t organization_id,
             int64_t id, struct ticket *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TICKET_BY_ID,
                DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);
    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


enum status
ticket_by_key(struct db *db, struct arena *a, int64_t organization_id,
              int64_t integration_id, struct str key, struct ticket *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(
        db, a, SQL_TICKET_BY_KEY,
        DB_ARGS(db_i64(organization_id), db_i64(integration_id), db_str(key)),
        &rows);
    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


/* ---- the history of an issue */

static enum status
history(struct db *db, struct arena *a, int64_t organization_id,
        int64_t issue_id, int64_t account_id, const struct ticket *t,
        const char *what)
{
    struct json *data = json_new(a, JSON_T_OBJECT);
    struct buf b = buf_in(a);

    json_set(data, STR("what"), json_new_str(a, str_of(what)));
    json_set(data, STR("key"), json_new_str(a, t->key));
    json_set(data, STR("url"), json_new_str(a, t->url));
    json_set(data, STR("integration"), json_new_str(a, t->integration));
    if (t->status.n > 0) {
        json_set(data, STR("status"), json_new_str(a, t->status));
    }
    json_write(&b, data);
    return db_query(db, a, SQL_TICKET_HISTORY,
                    DB_ARGS(db_i64(organization_id), db_i64(issue_id),
                            db_i64(account_id), db_text("ticket"),
                            db_str(buf_view(&b))),
                    NULL);
}


/* ---- linking */

static struct str
data_of(struct arena *a, const struct ticket *t)
{
    struct buf b = buf_in(a);

    if (t->data == NULL) {
        return STR("{}");
    }
    json_write(&b, t->data);
    return buf_view(&b);
}


static struct str
some(struct arena *a, struct str s)
{
    return str_null(s) ? STR("") : utf8_mend(a, s);
}


static enum status
link_rows(struct db *db, struct arena *a, int64_t issue_id, int64_t account_id,
          bool created, struct ticket *t)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TICKET_INSERT,
                DB_ARGS(db_i64(t->organization_id), db_i64(t->integration_id),
                        db_str(some(a, t->key)), db_str(some(a, t->url)),
                        db_str(some(a, t->title)), db_str(some(a, t->status)),
                        db_bool(t->done), db_str(some(a, t->assignee)),
                        db_str(some(a, t->assignee_id)), db_str(data_of(a, t))),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    t->id = db_get_i64(&rows, 0, "id");
    st = db_one(
        db, a, SQL_TICKET_ISSUE_INSERT,
        DB_ARGS(db_i64(t->id), db_i64(t->organization_id), db_i64(issue_id)),
        &rows);
    if (st == ST_NOT_FOUND) {
        return ST_OK; /* linked before */
    }
    return st == ST_OK ? history(db, a, t->organization_id, issue_id,
                                 account_id, t, created ? "created" : "linked")
                       : st;
}


enum status
ticket_link(struct db *db, struct arena *a, int64_t issue_id,
            int64_t account_id, bool created, struct ticket *ticket)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = link_rows(db, a, issue_id, account_id, created, ticket);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
ticket_unlink(struct db *db, struct arena *a, int64_t organization_id,
              int64_t issue_id, int64_t ticket_id, int64_t account_id)
{
    struct ticket t = { 0 };
    struct db_rows rows;
    enum status st;

    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    st = db_one(
        db, a, SQL_TICKET_ISSUE_DELETE,
        DB_ARGS(db_i64(organization_id), db_i64(issue_id), db_i64(ticket_id)),
        &rows);
    if (st == ST_OK) {
        t.key = db_get_str(&rows, 0, "key");
        t.url = db_get_str(&rows, 0, "url");
        t.integration = STR("");
        st = history(db, a, organization_id, issue_id, account_id, &t,
                     "unlinked");
    }
    if (st == ST_OK) {
        st = ticket_unclaim(db, a, db_get_i64(&rows, 0, "integration_id"),
                            issue_id);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
ticket_seen(struct db *db, struct arena *a, const struct ticket *t)
{
    return db_query(db, a, SQL_TICKET_UPDATE,
                    DB_ARGS(db_i64(t->organization_id), db_i64(t->id),
                            db_str(some(a, t->status)), db_bool(t->done),
                            db_str(some(a, t->assignee)),
                            db_str(some(a, t->assignee_id)),
                            db_str(some(a, t->title))),
                    NULL);
}


enum status
ticket_failed(struct db *db, struct arena *a, const struct ticket *t,
              struct str error)
{
    return db_query(db, a, SQL_TICKET_SET_ERROR,
                    DB_ARGS(db_i64(t->organization_id), db_i64(t->id),
                            db_str(some(a, str_cut(error, 500)))),
                    NULL);
}


/* ---- alerts */

enum status
ticket_claim(struct db *db, struct arena *a, int64_t organization_id,
             int64_t integration_id, int64_t issue_id, bool *mine, bool *again)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_CLAIM,
                  DB_ARGS(db_i64(organization_id), db_i64(integration_id),
                          db_i64(issue_id)),
                  &rows);
    *mine = st == ST_OK && rows.n > 0;
    *again = *mine && db_get_bool(&rows, 0, "again");
    return st;
}


enum status
ticket_unclaim(struct db *db, struct arena *a, int64_t integration_id,
               int64_t issue_id)
{
    return db_query(db, a, SQL_TICKET_UNCLAIM,
                    DB_ARGS(db_i64(integration_id), db_i64(issue_id)), NULL);
}


/* ---- jobs */

enum status
ticket_activity(struct db *db, struct arena *a, int64_t organization_id,
                int64_t activity_id, struct ticket_activity *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TICKET_ACTIVITY,
                DB_ARGS(db_i64(organization_id), db_i64(activity_id)), &rows);
    if (st == ST_OK) {
        *out = (struct ticket_activity){
            .issue_id = db_get_i64(&rows, 0, "issue_id"),
            .account_id = db_get_i64(&rows, 0, "account_id"),
            .account = db_get_str(&rows, 0, "account"),
            .kind = db_get_str(&rows, 0, "kind"),
            .data = object_of(a, db_get_str(&rows, 0, "data")),
            .assignee_id = db_get_i64(&rows, 0, "assignee_id"),
            .assignee_mail = db_get_str(&rows, 0, "assignee_mail"),
            .issue_status = (int) db_get_i64(&rows, 0, "status"),
        };
    }
    return st;
}


static struct str
sending(struct arena *a, int64_t activity_id)
{
    return str_printf(a, "sending:%lld", (long long) activity_id);
}


static enum status
note_comment(struct db *db, struct arena *a, const struct ticket *t,
             struct str remote_id, int64_t activity_id)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_COMMENT_INSERT,
                  DB_ARGS(db_i64(t->id), db_str(some(a, remote_id)),
                          db_i64(t->organization_id), db_i64(activity_id)),
                  &rows);
    return st == ST_OK && rows.n == 0 ? ST_CONFLICT : st;
}


enum status
ticket_send_begin(struct db *db, struct arena *a, const struct ticket *t,
                  int64_t activity_id)
{
    return note_comment(db, a, t, sending(a, activity_id), activity_id);
}


enum status
ticket_send_end(struct db *db, struct arena *a, const struct ticket *t,
                int64_t activity_id, struct str remote_id)
{
    return remote_id.n == 0
               ? ST_OK /* the note stays: it is sent */
               : db_query(db, a, SQL_TICKET_COMMENT_SENT,
                          DB_ARGS(db_i64(t->organization_id), db_i64(t->id),
                                  db_str(sending(a, activity_id)),
                                  db_str(some(a, remote_id))),
                          NULL);
}


enum status
ticket_send_undo(struct db *db, struct arena *a, const struct ticket *t,
                 int64_t activity_id)
{
    return db_query(db, a, SQL_TICKET_COMMENT_DELETE,
                    DB_ARGS(db_i64(t->organization_id), db_i64(t->id),
                            db_str(sending(a, activity_id))),
                    NULL);
}


enum status
ticket_comment_known(struct db *db, struct arena *a, const struct ticket *t,
                     struct str remote_id)
{
    enum status st = note_comment(db, a, t, remote_id, 0);

    return st == ST_CONFLICT ? ST_OK : st;
}


enum status
ticket_issues(struct db *db, struct arena *a, int64_t organization_id,
              int64_t ticket_id, int64_t **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_ISSUES,
                  DB_ARGS(db_i64(organization_id), db_i64(ticket_id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = db_get_i64(&rows, i, "issue_id");
    }
    return ST_OK;
}


/* ---- what happened there, here */

static enum status
pull_status(struct db *db, struct arena *a, const struct ticket *t)
{
    struct db_rows rows;
    enum status st;

    if ((st = ticket_seen(db, a, t)) != ST_OK) {
        return st;
    }
    st = db_query(
        db, a, SQL_TICKET_PULL_ISSUE,
        DB_ARGS(db_i64(t->organization_id), db_i64(t->id), db_bool(t->done)),
        &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        int64_t id = db_get_i64(&rows, i, "id");

        st = history(db, a, t->organization_id, id, 0, t, "moved");
        if (st == ST_OK) {
            st = issue_change_itself(
                db, a, t->organization_id, &id, 1,
                t->done ? STR("resolve") : STR("unresolve"), STR(""));
        }
    }
    return st;
}


static enum status
pull_assignee(struct db *db, struct arena *a, const struct ticket *t,
              int64_t account_id)
{
    enum status st;
    int64_t *ids;
    size_t n;

    if ((st = ticket_seen(db, a, t)) != ST_OK) {
        return st;
    }
    st = ticket_issues(db, a, t->organization_id, t->id, &ids, &n);
    if (st != ST_OK || n == 0) {
        return st;
    }
    return issue_change_itself(db, a, t->organization_id, ids, n, STR("assign"),
                               str_printf(a, "%lld", (long long) account_id));
}


static enum status
pull_comment(struct db *db, struct arena *a, const struct ticket *t,
             struct str remote_id, struct str author, struct str text)
{
    struct json *data = json_new(a, JSON_T_OBJECT);
    struct buf b = buf_in(a);
    enum status st;
    int64_t *ids;
    size_t n = 0;

    json_set(data, STR("text"),
             json_new_str(a, some(a, str_cut(text, COMMENT_MAX))));
    json_set(data, STR("author"), json_new_str(a, some(a, author)));
    json_set(data, STR("ticket"), json_new_str(a, t->key));
    json_write(&b, data);
    st = note_comment(db, a, t, remote_id, 0);
    if (st == ST_CONFLICT) {
        return ST_OK; /* it is known */
    }
    if (st == ST_OK) {
        st = ticket_issues(db, a, t->organization_id, t->id, &ids, &n);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = db_query(db, a, SQL_TICKET_HISTORY,
                      DB_ARGS(db_i64(t->organization_id), db_i64(ids[i]),
                              db_i64(0), db_text("comment"),
                              db_str(buf_view(&b))),
                      NULL);
    }
    return st;
}


/* All or nothing, so that a repeated webhook repeats nothing by halves. */
#define IN_TX(call)                                                            \
    do {                                                                       \
        enum status st = db_begin(db);                                         \
                                                                               \
        if (st != ST_OK) {                                                     \
            return st;                                                         \
        }                                                                      \
        if ((st = (call)) != ST_OK) {                                          \
            db_rollback(db);                                                   \
            return st;                                                         \
        }                                                                      \
        return db_commit(db);                                                  \
    } while (0)


enum status
ticket_pull_status(struct db *db, struct arena *a, const struct ticket *ticket)
{
    IN_TX(pull_status(db, a, ticket));
}


enum status
ticket_pull_assignee(struct db *db, struct arena *a,
                     const struct ticket *ticket, int64_t account_id)
{
    IN_TX(pull_assignee(db, a, ticket, account_id));
}


enum status
ticket_pull_comment(struct db *db, struct arena *a, const struct ticket *ticket,
                    struct str remote_id, struct str author, struct str text)
{
    IN_TX(pull_comment(db, a, ticket, remote_id, author, text));
}


/* ---- people */

enum status
ticket_person(struct db *db, struct arena *a, int64_t organization_id,
              int64_t integration_id, struct str remote_id, struct str mail,
              int64_t *account_id)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TICKET_PERSON,
                DB_ARGS(db_i64(organization_id), db_i64(integration_id),
                        db_str(some(a, remote_id)), db_str(some(a, mail))),
                &rows);
    if (st == ST_OK) {
        *account_id = db_get_i64(&rows, 0, "account_id");
    }
    return st;
}


enum status
ticket_person_of(struct db *db, struct arena *a, int64_t integration_id,
                 int64_t account_id, struct str *remote_id)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_PERSON_OF,
                  DB_ARGS(db_i64(integration_id), db_i64(account_id)), &rows);
    *remote_id =
        st == ST_OK && rows.n > 0 ? db_get_str(&rows, 0, "remote_id") : STR("");
    return st;
}


enum status
ticket_person_note(struct db *db, struct arena *a, int64_t organization_id,
                   int64_t integration_id, struct str remote_id,
                   int64_t account_id)
{
    return db_query(db, a, SQL_TICKET_PERSON_INSERT,
                    DB_ARGS(db_i64(organization_id), db_i64(integration_id),
                            db_str(some(a, remote_id)), db_i64(account_id)),
                    NULL);
}


/* ---- the form */

enum status
ticket_choice(struct db *db, struct arena *a, int64_t organization_id,
              int64_t project_id, int64_t integration_id, struct json **out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_CHOICE,
                  DB_ARGS(db_i64(organization_id), db_i64(project_id),
                          db_i64(integration_id)),
                  &rows);
    *out = st == ST_OK && rows.n > 0
               ? object_of(a, db_get_str(&rows, 0, "data"))
               : NULL;
    return st;
}


enum status
ticket_choice_keep(struct db *db, struct arena *a, int64_t organization_id,
                   int64_t project_id, int64_t integration_id,
                   const struct json *choice)
{
    struct buf b = buf_in(a);

    json_write(&b, choice);
    return db_query(db, a, SQL_TICKET_CHOICE_SET,
                    DB_ARGS(db_i64(organization_id), db_i64(project_id),
                            db_i64(integration_id), db_str(buf_view(&b))),
                    NULL);
}
