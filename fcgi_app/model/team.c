#include "model/team.h"

static const char *const names[] = {
    [TEAM_NONE] = "",
    [TEAM_CONTRIBUTOR] = "contributor",
    [TEAM_ADMIN] = "admin",
};


const char *
team_role_name(enum team_role role)
{
    return names[role];
}


enum team_role
team_role_of(struct str name)
{
    return str_is(name, "admin")         ? TEAM_ADMIN
           : str_is(name, "contributor") ? TEAM_CONTRIBUTOR
                                         : TEAM_NONE;
}


enum role
team_role(const struct team *team, enum role role, bool open)
{
    if (role < ROLE_ADMIN && team->mine == TEAM_ADMIN) {
        return ROLE_ADMIN;
    }
    if (role == ROLE_ADMIN && team->mine == TEAM_NONE && !open) {
        return ROLE_MEMBER;
    }
    return role;
}


/* Reading */

static enum status
find(struct db *db, struct arena *a, int64_t org, int64_t account_id,
     struct str slug, struct team **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st =
        db_query(db, a, SQL_TEAM_LIST,
                 DB_ARGS(db_i64(org), db_i64(account_id), db_str(slug)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct team){
            .id = db_get_i64(&rows, i, "id"),
            .slug = db_get_str(&rows, i, "slug"),
            .name = db_get_str(&rows, i, "name"),
            .members = db_get_i64(&rows, i, "members"),
            .projects = db_get_i64(&rows, i, "projects"),
            .mine = team_role_of(db_get_str(&rows, i, "mine")),
            .asked = db_get_bool(&rows, i, "asked"),
        };
    }
    return ST_OK;
}


enum status
team_list(struct db *db, struct arena *a, int64_t org, int64_t account_id,
          struct team **out, size_t *n)
{
    return find(db, a, org, account_id, STR_NULL, out, n);
}


enum status
team_by_slug(struct db *db, struct arena *a, int64_t org, int64_t account_id,
             struct str slug, struct team *out)
{
    struct team *found;
    enum status st;
    size_t n;

    st = find(db, a, org, account_id, slug, &found, &n);
    if (st == ST_OK && n == 0) {
        return ST_NOT_FOUND;
    }
    if (st == ST_OK) {
        *out = found[0];
    }
    return st;
}


enum status
team_members(struct db *db, struct arena *a, int64_t org, int64_t team,
             struct team_member **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TEAM_MEMBERS, DB_ARGS(db_i64(org), db_i64(team)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct team_member){
            .account_id = db_get_i64(&rows, i, "account_id"),
            .email = db_get_str(&rows, i, "email"),
            .name = db_get_str(&rows, i, "name"),
            .role = team_role_of(db_get_str(&rows, i, "role")),
            .at = db_get_time(&rows, i, "created_at"),
        };
    }
    return ST_OK;
}


enum status
team_projects(struct db *db, struct arena *a, int64_t org, int64_t team,
              int64_t **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TEAM_PROJECTS, DB_ARGS(db_i64(org), db_i64(team)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = db_get_i64(&rows, i, "project_id");
    }
    return ST_OK;
}


enum status
team_names(struct db *db, struct arena *a, int64_t org, const int64_t *accounts,
           size_t n, struct str **out)
{
    struct db_rows rows;
    enum status st;

    *out = arena_array(a, n, sizeof(**out));
    memset(*out, 0, n * sizeof(**out));
    st = db_query(db, a, SQL_TEAM_NAMES,
                  DB_ARGS(db_i64(org), db_i64_array(a, accounts, n)), &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        for (size_t k = 0; k < n; k++) {
            if (accounts[k] == db_get_i64(&rows, i, "account_id")) {
                (*out)[k] = db_get_str(&rows, i, "names");
            }
        }
    }
    return st;
}


/* Changing: each of these inside a transaction */

static enum status
create(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       struct str slug, struct str name, int64_t *id)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TEAM_FULL, DB_ARGS(db_i64(org)), NULL);
    if (st != ST_NOT_FOUND) {
        return st == ST_OK ? ST_LIMITED : st;
    }
    st = db_one(db, a, SQL_TEAM_CREATE,
                DB_ARGS(db_i64(org), db_str(slug), db_str(name)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *id = db_get_i64(&rows, 0, "id");
    change_str(&c, "name", STR_NULL, name);
    change_str(&c, "slug", STR_NULL, slug);
    return audit_add(db, a, org, by, "team.create", slug, &c);
}


static enum status
update(struct db *db, struct arena *a, const struct actor *by, int64_t org,
       const struct team *before, struct str slug, struct str name)
{
    struct change c = change_new(a);
    enum status st;

    st = db_query(
        db, a, SQL_TEAM_UPDATE,
        DB_ARGS(db_i64(org), db_i64(before->id), db_str(slug), db_str(name)),
        NULL);
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "name", before->name, name);
    change_str(&c, "slug", before->slug, slug);
    return audit_add(db, a, org, by, "team.edit", slug, &c);
}


static enum status
remove_team(struct db *db, struct arena *a, const struct actor *by, int64_t org,
            const struct team *team)
{
    struct change c = change_new(a);
    enum status st;

    st = db_query(db, a, SQL_TEAM_DELETE,
                  DB_ARGS(db_i64(org), db_i64(team->id)), NULL);
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "name", team->name, STR_NULL);
    return audit_add(db, a, org, by, "team.remove", team->slug, &c);
}


static enum status
set_member(struct db *db, struct arena *a, const struct actor *by, int64_t org,
           const struct team *team, int64_t account_id, enum team_role role)
{
    struct change c = change_new(a);
    struct str before;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TEAM_MEMBER_GET,
                DB_ARGS(db_i64(org), db_i64(team->id), db_i64(account_id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    before = db_get_str(&rows, 0, "role");
    st = db_query(db, a, SQL_TEAM_REQUEST_REMOVE,
                  DB_ARGS(db_i64(org), db_i64(team->id), db_i64(account_id)),
                  NULL);
    if (st == ST_OK && role == TEAM_NONE) {
        st = db_query(
            db, a, SQL_TEAM_MEMBER_REMOVE,
            DB_ARGS(db_i64(org), db_i64(team->id), db_i64(account_id)), NULL);
    } else if (st == ST_OK) {
        st = db_query(db, a, SQL_TEAM_MEMBER_SET,
                      DB_ARGS(db_i64(org), db_i64(team->id), db_i64(account_id),
                              db_text(names[role])),
                      NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, str_dup(a, db_get_str(&rows, 0, "email")), before,
               role != TEAM_NONE ? str_of(names[role]) : STR_NULL);
    return audit_add(db, a, org, by, "team.member", team->slug, &c);
}


static enum status
request(struct db *db, struct arena *a, const struct actor *by, int64_t org,
        const struct team *team, bool wanted)
{
    struct change c = change_new(a);
    enum status st;

    st = db_one(db, a, wanted ? SQL_TEAM_REQUEST_ADD : SQL_TEAM_REQUEST_REMOVE,
                DB_ARGS(db_i64(org), db_i64(team->id), db_i64(by->account_id)),
                NULL);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it was so already */
    }
    change_bool(&c, "asks to join", !wanted, wanted);
    return audit_add(db, a, org, by, "team.request", team->slug, &c);
}


static enum status
set_project(struct db *db, struct arena *a, const struct actor *by, int64_t org,
            const struct team *team, int64_t project, bool owned)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, owned ? SQL_TEAM_PROJECT_ADD : SQL_TEAM_PROJECT_REMOVE,
                DB_ARGS(db_i64(org), db_i64(team->id), db_i64(project)), &rows);
    if (st != ST_OK || !db_get_bool(&rows, 0, "changed")) {
        return st;
    }
    change_str(&c, "team", owned ? STR_NULL : team->slug,
               owned ? team->slug : STR_NULL);
    return audit_add(db, a, org, by,
                     owned ? "project-team.add" : "project-team.remove",
                     db_get_str(&rows, 0, "slug"), &c);
}


/* And what others call */

enum status
team_create(struct db *db, struct arena *a, const struct actor *by, int64_t org,
            struct str slug, struct str name, int64_t *id)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, create(db, a, by, org, slug, name, id))
                       : st;
}


enum status
team_update(struct db *db, struct arena *a, const struct actor *by, int64_t org,
            const struct team *before, struct str slug, struct str name)
{
    enum status st = db_begin(db);

    return st == ST_OK
               ? db_finish(db, update(db, a, by, org, before, slug, name))
               : st;
}


enum status
team_delete(struct db *db, struct arena *a, const struct actor *by, int64_t org,
            const struct team *team)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, remove_team(db, a, by, org, team)) : st;
}


enum status
team_member_set(struct db *db, struct arena *a, const struct actor *by,
                int64_t org, const struct team *team, int64_t account_id,
                enum team_role role)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(
               db, set_member(db, a, by, org, team, account_id, role))
                       : st;
}


enum status
team_request(struct db *db, struct arena *a, const struct actor *by,
             int64_t org, const struct team *team, bool wanted)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, request(db, a, by, org, team, wanted))
                       : st;
}


enum status
team_project_set(struct db *db, struct arena *a, const struct actor *by,
                 int64_t org, const struct team *team, int64_t project,
                 bool owned)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(
               db, set_project(db, a, by, org, team, project, owned))
                       : st;
}
