#include "model/migration.h"


enum status
migration_lock(struct db *db, struct arena *a)
{
    enum status st = db_query(db, a, SQL_MIGRATION_LOCK, DB_NO_ARGS, NULL);

    if (st != ST_OK) {
        return st;
    }
    return db_query(db, a, SQL_MIGRATION_TABLE, DB_NO_ARGS, NULL);
}


enum status
migration_list(struct db *db, struct arena *a, struct migration **out,
               size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_MIGRATION_LIST, DB_NO_ARGS, &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n + 1, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].number = db_get_i64(&rows, i, "number");
        (*out)[i].name = db_get_str(&rows, i, "name");
        (*out)[i].digest = db_get_str(&rows, i, "digest");
    }
    return ST_OK;
}


enum status
migration_add(struct db *db, struct arena *a, const struct migration *m)
{
    return db_query(
        db, a, SQL_MIGRATION_ADD,
        DB_ARGS(db_i64(m->number), db_str(m->name), db_str(m->digest)), NULL);
}


enum status
migration_wall(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_MIGRATION_WALL, DB_NO_ARGS, NULL);
}
