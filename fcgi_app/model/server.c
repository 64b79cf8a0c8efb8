#include "model/server.h"


enum status
server_read(struct db *db, struct arena *a, struct server *out)
{
    struct db_rows rows, newest;
    enum status st = db_one(db, a, SQL_SERVER_READ, DB_NO_ARGS, &rows);

    if (st != ST_OK) {
        return st;
    }
    out->version = db_get_str(&rows, 0, "version");
    out->backend_pid = db_get_i64(&rows, 0, "backend_pid");
    out->connections = db_get_i64(&rows, 0, "connections");
    out->size_bytes = db_get_i64(&rows, 0, "size_bytes");
    out->migration = STR_NULL;

    if (db_get_bool(&rows, 0, "has_migrations")) {
        st = db_one(db, a, SQL_SERVER_MIGRATION, DB_NO_ARGS, &newest);
        if (st == ST_OK) {
            out->migration = db_get_str(&newest, 0, "name");

        } else if (st != ST_NOT_FOUND) {
            return st;
        }
    }
    return ST_OK;
}
