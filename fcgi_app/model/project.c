#include "model/project.h"

#include "model/project_key.h"

#define KEPT_SECONDS 600 /* of a list whose version is known */


void
project_read(const struct db_rows *rows, int i, struct project *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->organization_id = db_get_i64(rows, i, "organization_id");
    out->slug = db_get_str(rows, i, "slug");
    out->name = db_get_str(rows, i, "name");
    out->platform = db_get_str(rows, i, "platform");
    out->first_event_at = db_get_time(rows, i, "first_event_at");
    out->created_at = db_get_time(rows, i, "created_at");
    out->archived_at = db_get_time(rows, i, "archived_at");
    out->delete_at = db_get_time(rows, i, "delete_at");
}


enum status
project_by_slug(struct db *db, struct arena *a, int64_t org, struct str slug,
                struct project *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_BY_SLUG, DB_ARGS(db_i64(org), db_str(slug)),
                &rows);
    if (st == ST_OK) {
        project_read(&rows, 0, out);
    }
    return st;
}


enum status
project_by_old_slug(struct db *db, struct arena *a, int64_t org,
                    struct str slug, struct project *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_PROJECT_BY_OLD_SLUG,
                            DB_ARGS(db_i64(org), db_str(slug)), &rows);

    if (st == ST_OK) {
        project_read(&rows, 0, out);
    }
    return st;
}


enum status
project_had_issue(struct db *db, struct arena *a, int64_t org, struct str slug,
                  int64_t number, struct str name, int64_t *id, bool *deleted)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_PROJECT_HAD_ISSUE,
               DB_ARGS(db_i64(org), db_str(slug), db_i64(number), db_str(name)),
               &rows);

    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
        *deleted = db_get_bool(&rows, 0, "deleted");
    }
    return st;
}


enum status
project_by_id(struct db *db, struct arena *a, int64_t org, int64_t id,
              struct project *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_PROJECT_BY_ID,
                            DB_ARGS(db_i64(org), db_i64(id)), &rows);

    if (st == ST_OK) {
        project_read(&rows, 0, out);
    }
    return st;
}


enum status
project_homes(struct db *db, struct arena *a, const int64_t *projects,
              int64_t *organizations, size_t n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_PROJECT_HOMES,
                              DB_ARGS(db_i64_array(a, projects, n)), &rows);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        organizations[db_get_i64(&rows, i, "n") - 1] =
            db_get_i64(&rows, i, "organization_id");
    }
    return st;
}


enum status
project_create(struct db *db, struct arena *a, const struct actor *by,
               int64_t org, struct str slug, struct str name,
               struct str platform, int64_t *id)
{
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    change_str(&c, "name", STR_NULL, name);
    change_str(&c, "slug", STR_NULL, slug);
    change_str(&c, "platform", STR_NULL, platform);

    st = db_begin(db);
    if (st != ST_OK) {
        return st;
    }
    st = db_one(
        db, a, SQL_PROJECT_CREATE,
        DB_ARGS(db_i64(org), db_str(slug), db_str(name), db_str(platform)),
        &rows);
    if (st == ST_OK) {
        *id = db_get_i64(&rows, 0, "id");
        st = audit_add(db, a, org, by, "project.create", slug, &c);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* These two inside a transaction. */

static enum status
update(struct db *db, struct arena *a, const struct actor *by,
       const struct project *project)
{
    struct change c = change_new(a);
    struct project before;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_LOCK,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    project_read(&rows, 0, &before);
    change_str(&c, "name", before.name, project->name);
    change_str(&c, "slug", before.slug, project->slug);
    change_str(&c, "platform", before.platform, project->platform);
    st = db_query(db, a, SQL_PROJECT_UPDATE,
                  DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                          db_str(project->name), db_str(project->slug),
                          db_str(project->platform)),
                  NULL);
    return st == ST_OK ? audit_add(db, a, project->organization_id, by,
                                   "project.edit", project->slug, &c)
                       : st;
}


static enum status
remove_rows(struct db *db, struct arena *a, const struct actor *by,
            const struct project *project)
{
    static const enum sql steps[] = {
        SQL_PROJECT_DELETE_BODIES,
        SQL_PROJECT_DELETE_EVENTS,
        SQL_PROJECT_DELETE,
    };
    struct change c = change_new(a);
    struct db_rows rows;
    enum status st;

    /*
     * A batch that commits while this runs can leave an event behind: nothing
     * leads to it, and it goes with the partition of its day.
     */
    st = db_one(db, a, SQL_PROJECT_LOCK,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id)),
                &rows);
    for (size_t i = 0; st == ST_OK && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        st = db_query(
            db, a, steps[i],
            DB_ARGS(db_i64(project->organization_id), db_i64(project->id)),
            NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "name", project->name, STR_NULL);
    change_str(&c, "slug", project->slug, STR_NULL);
    change_str(&c, "platform", project->platform, STR_NULL);
    return audit_add(db, a, project->organization_id, by, "project.remove",
                     project->slug, &c);
}


enum status
project_update(struct db *db, struct arena *a, const struct actor *by,
               const struct project *project)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = update(db, a, by, project);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
project_delete(struct db *db, struct redis *r, struct arena *a,
               const struct actor *by, const struct project *project)
{
    struct project_key *keys;
    size_t n = 0;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = project_key_list(db, a, project->organization_id, project->id, &keys,
                          &n);
    if (st == ST_OK) {
        st = remove_rows(db, a, by, project);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? project_key_unpublish(r, a, keys, n) : st;
}


/* version 0: not to be kept. */
static enum status
list(struct db *db, struct arena *a, int64_t org, int64_t version,
     const struct access *access, bool archived, struct project **out,
     size_t *n)
{
    const struct db_arg args[] = { db_i64(org), access_arg(a, access),
                                   db_bool(archived), db_i64(version) };
    struct db_rows rows;
    enum status st = ST_OK;

    if (version == 0 || !db_kept(db, a, SQL_PROJECT_LIST, args, 4, &rows)) {
        st = db_query(db, a, SQL_PROJECT_LIST, args, 3, &rows);
        if (st == ST_OK && version != 0) {
            db_keep(db, a, SQL_PROJECT_LIST, args, 4, KEPT_SECONDS, &rows);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        project_read(&rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
project_list(struct db *db, struct arena *a, int64_t org,
             const struct access *access, struct project **out, size_t *n)
{
    return list(db, a, org, 0, access, false, out, n);
}


enum status
project_list_kept(struct db *db, struct arena *a, int64_t org, int64_t version,
                  const struct access *access, struct project **out, size_t *n)
{
    return list(db, a, org, version, access, false, out, n);
}


enum status
project_list_archived(struct db *db, struct arena *a, int64_t org,
                      const struct access *access, struct project **out,
                      size_t *n)
{
    return list(db, a, org, 0, access, true, out, n);
}
