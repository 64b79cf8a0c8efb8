#include "model/project.h"


static void
read_row(const struct db_rows *rows, int i, struct project *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->organization_id = db_get_i64(rows, i, "organization_id");
    out->slug = db_get_str(rows, i, "slug");
    out->name = db_get_str(rows, i, "name");
    out->platform = db_get_str(rows, i, "platform");
    out->first_event_at = db_get_time(rows, i, "first_event_at");
    out->created_at = db_get_time(rows, i, "created_at");
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
        read_row(&rows, 0, out);
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


enum status
project_list(struct db *db, struct arena *a, int64_t org, struct project **out,
             size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_PROJECT_LIST, DB_ARGS(db_i64(org)), &rows);
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
