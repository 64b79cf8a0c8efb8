#include "model/project_end.h"

#include "model/project_key.h"

#define PIECE 5000 /* of the statement project_end_events */


enum status
project_archive(struct db *db, struct redis *r, struct arena *a,
                const struct actor *by, const struct project *project,
                bool archived)
{
    struct change c = change_new(a);
    enum status st = db_begin(db);
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_PROJECT_ARCHIVE_SET,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_bool(archived)),
                &row);
    if (st == ST_OK) {
        change_bool(&c, "archived", db_get_bool(&row, 0, "before"), archived);
        st = audit_add(db, a, project->organization_id, by, "project.edit",
                       project->slug, &c);
    }
    st = db_finish(db, st);
    return st == ST_OK ? project_key_publish_project(
               db, r, a, project->organization_id, project->id)
                       : st;
}


enum status
project_delete_at(struct db *db, struct redis *r, struct arena *a,
                  const struct actor *by, const struct project *project,
                  int64_t at)
{
    struct change c = change_new(a);
    enum status st = db_begin(db);
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_PROJECT_DELETE_SET,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_time(at), db_str(by->name)),
                &row);
    if (st == ST_OK) {
        change_time(&c, "deletion", db_get_time(&row, 0, "before"), at);
        st = audit_add(db, a, project->organization_id, by, "project.edit",
                       project->slug, &c);
    }
    st = db_finish(db, st);
    return st == ST_OK ? project_key_publish_project(
               db, r, a, project->organization_id, project->id)
                       : st;
}


enum status
project_end(struct db *db, struct redis *r, struct arena *a, int64_t now,
            bool *more)
{
    struct actor by = actor_command;
    struct project project;
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_PROJECT_END_DUE, DB_ARGS(db_time(now)), &rows);

    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    project_read(&rows, 0, &project);
    by.name = db_get_str(&rows, 0, "delete_by");
    *more = true;
    st = db_query(db, a, SQL_PROJECT_END_EVENTS,
                  DB_ARGS(db_i64(project.organization_id), db_i64(project.id)),
                  &rows);
    if (st != ST_OK || rows.n == PIECE) {
        return st;
    }
    return project_delete(db, r, a, &by, &project);
}
