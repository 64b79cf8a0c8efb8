#include "model/activity.h"

#include <ctype.h>

#include "util/buf.h"

#define MENTIONS_MAX 20


static void
read_row(struct arena *a, const struct db_rows *rows, int i, struct activity *v)
{
    v->id = db_get_i64(rows, i, "id");
    v->account_id = db_get_i64(rows, i, "account_id");
    v->account = db_get_str(rows, i, "account");
    v->kind = db_get_str(rows, i, "kind");
    v->at = db_get_time(rows, i, "at");
    if (json_parse(a, db_get_str(rows, i, "data"), NULL, &v->data, NULL)
        != ST_OK) {
        v->data = NULL;
    }
}


enum status
activity_by_id(struct db *db, struct arena *a, int64_t organization_id,
               int64_t id, struct activity *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_ACTIVITY_BY_ID,
               DB_ARGS(db_i64(organization_id), db_i64(id)), &rows);

    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


enum status
activity_list(struct db *db, struct arena *a, int64_t issue_id,
              struct activity **out, int *n, bool *more)
{
    struct db_rows rows;
    int fires = 0;
    enum status st;

    st = db_query(db, a, SQL_ACTIVITY_LIST,
                  DB_ARGS(db_i64(issue_id), db_i64(ACTIVITY_PAGE + 1),
                          db_i64(ACTIVITY_FIRES + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }

    *n = 0;
    *more = rows.n > ACTIVITY_PAGE;
    *out = arena_array(a, (size_t) rows.n, sizeof(struct activity));
    for (int i = 0; i < rows.n && *n < ACTIVITY_PAGE; i++) {
        struct activity *v = &(*out)[*n];

        read_row(a, &rows, i, v);
        if (str_is(v->kind, "fired") && fires++ == ACTIVITY_FIRES) {
            *more = true;
            continue;
        }
        ++*n;
    }
    return ST_OK;
}


/* What stands behind an @, and ends where an address cannot go on. */
static bool
next_mention(struct str *text, struct str *name)
{
    size_t i = 0, end;

    for (; i < text->n; i++) {
        if (text->p[i] == '@'
            && (i == 0 || !isalnum((unsigned char) text->p[i - 1]))) {
            break;
        }
    }
    for (end = i + 1; end < text->n; end++) {
        unsigned char c = (unsigned char) text->p[end];

        if (!isalnum(c) && c < 0x80 && strchr("@._+-", c) == NULL) {
            break;
        }
    }
    if (i >= text->n) {
        return false;
    }
    *name = str_sub(*text, i + 1, end);
    while (name->n > 0 && strchr(".-_", name->p[name->n - 1]) != NULL) {
        name->n--; /* of the sentence */
    }
    *text = str_sub(*text, end, text->n);
    return true;
}


/* The members that a comment names; their ids as JSON. */
static enum status
find_mentions(struct db *db, struct arena *a, int64_t organization_id,
              struct str text, int64_t **ids, size_t *n)
{
    struct str names[MENTIONS_MAX], name;
    struct db_rows rows;
    enum status st;
    size_t nnames = 0;

    *n = 0;
    while (nnames < MENTIONS_MAX && next_mention(&text, &name)) {
        if (name.n > 0) {
            names[nnames++] = str_lower(a, name);
        }
    }
    if (nnames == 0) {
        return ST_OK;
    }
    st = db_query(
        db, a, SQL_ACTIVITY_MENTIONED,
        DB_ARGS(db_i64(organization_id), db_str_array(a, names, nnames)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *ids = arena_array(a, *n, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        (*ids)[i] = db_get_i64(&rows, i, "id");
    }
    return ST_OK;
}


static struct str
comment_data(struct arena *a, struct str text, const int64_t *ids, size_t n,
             bool edited)
{
    struct json *data = json_new(a, JSON_T_OBJECT);
    struct buf out = buf_in(a);

    json_set(data, STR("text"), json_new_str(a, text));
    if (n > 0) {
        struct json *list = json_new(a, JSON_T_ARRAY);

        for (size_t i = 0; i < n; i++) {
            json_append(list, json_new_i64(a, ids[i]));
        }
        json_set(data, STR("mentions"), list);
    }
    if (edited) {
        json_set(data, STR("edited"), json_new_bool(a, true));
    }
    json_write(&out, data);
    return buf_view(&out);
}


static enum status
follow(struct db *db, struct arena *a, int64_t organization_id,
       int64_t issue_id, int64_t account_id, const char *reason)
{
    return db_query(db, a, SQL_ISSUE_CHANGE_SUBSCRIBE,
                    DB_ARGS(db_i64(organization_id),
                            db_i64_array(a, &issue_id, 1), db_i64(account_id),
                            db_text(reason), db_bool(false)),
                    NULL);
}


/* Inside the transaction. */
static enum status
comment(struct db *db, struct arena *a, int64_t organization_id,
        int64_t issue_id, int64_t account_id, struct str text)
{
    int64_t *ids = NULL;
    enum status st;
    size_t n;

    st = find_mentions(db, a, organization_id, text, &ids, &n);
    if (st == ST_OK) {
        st = follow(db, a, organization_id, issue_id, account_id, "comment");
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = follow(db, a, organization_id, issue_id, ids[i], "mentioned");
    }
    return st == ST_OK
               ? db_query(db, a, SQL_ACTIVITY_ADD,
                          DB_ARGS(db_i64(organization_id), db_i64(issue_id),
                                  db_i64(account_id), db_text("comment"),
                                  db_str(comment_data(a, text, ids, n, false))),
                          NULL)
               : st;
}


enum status
activity_comment(struct db *db, struct arena *a, int64_t organization_id,
                 int64_t issue_id, int64_t account_id, struct str text)
{
    enum status st;

    text = str_trim(text);
    if (text.n == 0 || text.n > COMMENT_MAX) {
        return ST_INVALID;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    st = comment(db, a, organization_id, issue_id, account_id, text);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
activity_comment_edit(struct db *db, struct arena *a, int64_t issue_id,
                      int64_t id, int64_t account_id, struct str text)
{
    struct db_rows rows;

    if (str_null(text)) {
        return db_one(db, a, SQL_ACTIVITY_COMMENT_REMOVE,
                      DB_ARGS(db_i64(issue_id), db_i64(id), db_i64(account_id)),
                      &rows);
    }
    text = str_trim(text);
    if (text.n == 0 || text.n > COMMENT_MAX) {
        return ST_INVALID;
    }
    return db_one(db, a, SQL_ACTIVITY_COMMENT_EDIT,
                  DB_ARGS(db_i64(issue_id), db_i64(id), db_i64(account_id),
                          db_str(comment_data(a, text, NULL, 0, true))),
                  &rows);
}
