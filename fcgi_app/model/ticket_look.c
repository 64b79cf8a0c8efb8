#include "model/ticket_look.h"

/* Connections that one call of the chore makes a job for. */
#define LOOK_ROWS 50


enum status
ticket_look_due(struct db *db, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_TICKET_LOOK_DUE, DB_ARGS(db_i64(LOOK_ROWS)), &rows);
    if (st == ST_OK) {
        *more = db_get_i64(&rows, 0, "due") == LOOK_ROWS;
    }
    return st;
}


enum status
ticket_look_list(struct db *db, struct arena *a, int64_t organization_id,
                 int64_t integration_id, struct ticket **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_TICKET_LOOK_LIST,
                  DB_ARGS(db_i64(organization_id), db_i64(integration_id),
                          db_i64(TICKET_LOOK_MAX)),
                  &rows);
    if (st == ST_OK) {
        ticket_rows(a, &rows, out, n);
    }
    return st;
}


enum status
ticket_look_end(struct db *db, struct arena *a, int64_t organization_id,
                int64_t integration_id, size_t tickets, size_t changed)
{
    return db_query(db, a, SQL_TICKET_LOOK_END,
                    DB_ARGS(db_i64(organization_id), db_i64(integration_id),
                            db_i64((int64_t) tickets),
                            db_i64((int64_t) changed)),
                    NULL);
}


enum status
ticket_look_state(struct db *db, struct arena *a, int64_t organization_id,
                  int64_t integration_id, struct ticket_look *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct ticket_look){ 0 };
    st =
        db_one(db, a, SQL_TICKET_LOOK_STATE,
               DB_ARGS(db_i64(organization_id), db_i64(integration_id)), &rows);
    if (st == ST_OK) {
        *out = (struct ticket_look){
            .ran_at = db_get_time(&rows, 0, "ran_at"),
            .due_at = db_get_time(&rows, 0, "due_at"),
            .tickets = db_get_i64(&rows, 0, "tickets"),
            .changed = db_get_i64(&rows, 0, "changed"),
        };
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}
