#include "model/member.h"

static const char *const names[] = {
    [ROLE_NONE] = "",           [ROLE_VIEWER] = "viewer",
    [ROLE_MEMBER] = "member",   [ROLE_ADMIN] = "admin",
    [ROLE_MANAGER] = "manager", [ROLE_OWNER] = "owner",
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
        struct member *m = &(*out)[i];

        m->account_id = db_get_i64(&rows, i, "id");
        m->email = db_get_str(&rows, i, "email");
        m->name = db_get_str(&rows, i, "name");
        m->role = role_of(db_get_str(&rows, i, "role"));
    }
    return ST_OK;
}
