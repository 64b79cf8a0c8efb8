#include "model/member.h"
#include "util/lang.h"

static const char *const names[] = {
    [ROLE_NONE] = "",
    [ROLE_VIEWER] = N_("viewer"),
    [ROLE_MEMBER] = N_("member"),
    [ROLE_ADMIN] = N_("admin"),
    [ROLE_MANAGER] = N_("manager"),
    [ROLE_OWNER] = N_("owner"),
};


const char *
role_name(enum role role)
{
    return names[role];
}


enum role
role_of(struct str name)
{
    for (int i = ROLE_VIEWER; i <= ROLE_OWNER; i++) {
        if (str_is(name, names[i])) {
            return (enum role) i;
        }
    }
    return ROLE_NONE;
}


enum status
member_role(struct db *db, struct arena *a, int64_t org, int64_t account_id,
            enum role *role)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_MEMBER_ROLE,
                DB_ARGS(db_i64(org), db_i64(account_id)), &rows);
    if (st == ST_OK) {
        *role = role_of(db_get_str(&rows, 0, "role"));
    }
    return st;
}


enum status
member_set(struct db *db, struct arena *a, const struct actor *by, int64_t org,
           int64_t account_id, struct str email, enum role role)
{
    enum role before = ROLE_NONE;
    struct change c = change_new(a);
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = member_role(db, a, org, account_id, &before);
    if (st == ST_OK || st == ST_NOT_FOUND) {
        change_str(&c, "role",
                   before != ROLE_NONE ? str_of(names[before]) : STR_NULL,
                   str_of(names[role]));
        st = db_query(
            db, a, SQL_MEMBER_SET,
            DB_ARGS(db_i64(org), db_i64(account_id), db_text(names[role])),
            NULL);
    }
    if (st == ST_OK) {
        st = audit_add(db, a, org, by,
                       before != ROLE_NONE ? "member.edit" : "member.add",
                       email, &c);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


static void
read_row(const struct db_rows *rows, int i, struct member *m)
{
    *m = (struct member){ 0 };
    m->account_id = db_get_i64(rows, i, "id");
    m->email = db_get_str(rows, i, "email");
    m->name = db_get_str(rows, i, "name");
    m->role = role_of(db_get_str(rows, i, "role"));
    m->last_login_at = db_get_time(rows, i, "last_login_at");
}


enum status
member_list(struct db *db, struct arena *a, int64_t org, struct member **out,
            size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_MEMBER_LIST, DB_ARGS(db_i64(org)), &rows);
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


enum status
member_granters(struct db *db, struct arena *a, int64_t org, enum role role,
                size_t max, struct member **out, size_t *n)
{
    enum role least = role > ROLE_MANAGER ? role : ROLE_MANAGER;
    struct buf roles = buf_in(a);
    struct db_rows rows;
    enum status st;

    for (int i = (int) least; i <= ROLE_OWNER; i++) {
        buf_addf(&roles, "%s%s", roles.n > 0 ? " " : "", names[i]);
    }
    st = db_query(
        db, a, SQL_MEMBER_GRANTERS,
        DB_ARGS(db_i64(org), db_str(buf_view(&roles)), db_i64((int64_t) max)),
        &rows);
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


enum status
member_page(struct db *db, struct arena *a, int64_t org, struct str text,
            int64_t at, bool backward, struct member **out, size_t *n,
            bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, backward ? SQL_MEMBER_BEFORE : SQL_MEMBER_AFTER,
                  DB_ARGS(db_i64(org), db_str(text),
                          at != 0 ? db_i64(at) : db_null(),
                          db_i64(MEMBERS_PAGE + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *more = rows.n > MEMBERS_PAGE;
    *n = *more ? MEMBERS_PAGE : (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        struct member *m = &(*out)[backward ? *n - 1 - i : i];

        read_row(&rows, (int) i, m);
        m->has_second = db_get_bool(&rows, (int) i, "has_second");
    }
    return ST_OK;
}


/* Changing: one at a time in an organisation */

enum status
member_lock(struct db *db, struct arena *a, int64_t org, const struct actor *by,
            enum role *own)
{
    enum status st = db_one(db, a, SQL_MEMBER_LOCK, DB_ARGS(db_i64(org)), NULL);

    *own = ROLE_OWNER;
    if (st == ST_OK && !by->is_superuser) {
        /* as it is now: it may have been lowered since the page was opened */
        st = member_role(db, a, org, by->account_id, own);
    }
    return st;
}


/* Inside a transaction that holds the lock. */
static enum status
change_locked(struct db *db, struct arena *a, const struct actor *by,
              int64_t org, int64_t account_id, enum role role)
{
    struct change c = change_new(a);
    enum role own, before;
    struct db_rows rows;
    enum status st;

    st = member_lock(db, a, org, by, &own);
    if (st == ST_OK) {
        st = db_one(db, a, SQL_MEMBER_FOR_CHANGE,
                    DB_ARGS(db_i64(org), db_i64(account_id)), &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    before = role_of(db_get_str(&rows, 0, "role"));
    if (before > own || role > own) {
        return ST_DENIED;
    }
    if (before == ROLE_OWNER && role != ROLE_OWNER
        && !db_get_bool(&rows, 0, "other_owner")) {
        return ST_CONFLICT;
    }
    if (role != ROLE_NONE) {
        st = db_query(
            db, a, SQL_MEMBER_SET,
            DB_ARGS(db_i64(org), db_i64(account_id), db_text(names[role])),
            NULL);
    } else {
        st = db_query(db, a, SQL_MEMBER_UNASSIGN,
                      DB_ARGS(db_i64(org), db_i64(account_id)), NULL);
        if (st == ST_OK) {
            st = db_query(db, a, SQL_MEMBER_REMOVE,
                          DB_ARGS(db_i64(org), db_i64(account_id)), NULL);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "role", str_of(names[before]),
               role != ROLE_NONE ? str_of(names[role]) : STR_NULL);
    return audit_add(db, a, org, by,
                     role != ROLE_NONE ? "member.edit" : "member.remove",
                     db_get_str(&rows, 0, "email"), &c);
}


enum status
member_change(struct db *db, struct arena *a, const struct actor *by,
              int64_t org, int64_t account_id, enum role role)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = change_locked(db, a, by, org, account_id, role);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}
