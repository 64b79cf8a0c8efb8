#include "model/project_access.h"


enum status
project_people(struct db *db, struct arena *a, const struct project *project,
               struct project_person **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_PROJECT_PEOPLE,
        DB_ARGS(db_i64(project->organization_id), db_i64(project->id)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        struct project_person *p = &(*out)[i];

        p->account_id = db_get_i64(&rows, i, "id");
        p->email = db_get_str(&rows, i, "email");
        p->name = db_get_str(&rows, i, "name");
        p->role = role_of(db_get_str(&rows, i, "role"));
        if (db_get_bool(&rows, i, "leads") && p->role < ROLE_ADMIN) {
            p->role = ROLE_ADMIN;
        }
        p->teams = db_is_null(&rows, i, "names")
                       ? STR_NULL
                       : db_get_str(&rows, i, "names");
    }
    return ST_OK;
}


enum status
project_teams(struct db *db, struct arena *a, const struct project *project,
              struct project_team **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_PROJECT_TEAMS,
        DB_ARGS(db_i64(project->organization_id), db_i64(project->id)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct project_team){
            .slug = db_get_str(&rows, i, "slug"),
            .name = db_get_str(&rows, i, "name"),
            .members = db_get_i64(&rows, i, "members"),
            .owns = db_get_bool(&rows, i, "owns"),
        };
    }
    return ST_OK;
}
