#include "model/organization_end.h"

#include "model/project_key.h"
#include "util/timeutil.h"


/* Inside the transaction of organization_delete_at. */
static enum status
set(struct db *db, struct arena *a, const struct actor *by,
    const struct organization *org, int64_t at)
{
    struct change c = change_new(a);
    struct db_rows row;
    enum status st = ST_OK;

    if (at != 0) {
        st = db_one(db, a, SQL_ORGANIZATION_OTHER, DB_ARGS(db_i64(org->id)),
                    NULL);
    }
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_CONFLICT : st;
    }
    st = db_one(db, a, SQL_ORGANIZATION_DELETE_SET,
                DB_ARGS(db_i64(org->id), db_time(at), db_str(by->name)), &row);
    if (st != ST_OK) {
        return st;
    }
    change_time(&c, "deletion", db_get_time(&row, 0, "before"), at);
    return audit_add(db, a, org->id, by, "org.edit", org->slug, &c);
}


enum status
organization_delete_at(struct db *db, struct redis *r, struct arena *a,
                       const struct actor *by, const struct organization *org,
                       int64_t at)
{
    enum status st = db_begin(db);

    if (st == ST_OK) {
        st = db_finish(db, set(db, a, by, org, at));
    }
    return st == ST_OK ? project_key_publish_organization(db, r, org->id) : st;
}


/* The last piece; the installation's log keeps that it was there. */
static enum status
end(struct db *db, struct arena *a, const struct actor *by, int64_t org,
    struct str slug, bool *ended)
{
    struct db_rows row;
    enum status st =
        db_one(db, a, SQL_ORGANIZATION_END_LAST, DB_ARGS(db_i64(org)), &row);

    if (st != ST_OK) {
        return st;
    }
    *ended = db_get_bool(&row, 0, "ended");
    return *ended ? audit_add(db, a, 0, by, "org.remove", slug, NULL) : ST_OK;
}


enum status
organization_end(struct db *db, struct arena *a, int64_t now, bool *more)
{
    struct actor by = actor_command;
    struct db_rows due, left;
    int64_t org;
    enum status st =
        db_query(db, a, SQL_ORGANIZATION_END_DUE, DB_ARGS(db_time(now)), &due);

    if (st != ST_OK || due.n == 0) {
        return st;
    }
    org = db_get_i64(&due, 0, "id");
    by.name = db_get_str(&due, 0, "delete_by");
    st = db_one(db, a, SQL_ORGANIZATION_END_PROJECTS,
                DB_ARGS(db_i64(org), db_str(by.name)), &left);
    if (st != ST_OK || db_get_i64(&left, 0, "n") > 0) {
        return st;
    }
    st = db_begin(db);
    return st == ST_OK ? db_finish(
               db, end(db, a, &by, org, db_get_str(&due, 0, "slug"), more))
                       : st;
}
