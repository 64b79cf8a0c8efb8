#include "model/session_sum.h"


static void
read_health(const struct db_rows *rows, int i, struct health *out)
{
    *out = (struct health){
        .sessions = db_get_i64(rows, i, "sessions"),
        .errored = db_get_i64(rows, i, "errored"),
        .abnormal = db_get_i64(rows, i, "abnormal"),
        .unhandled = db_get_i64(rows, i, "unhandled"),
        .crashed = db_get_i64(rows, i, "crashed"),
        .users = db_get_i64(rows, i, "users"),
        .users_crashed = db_get_i64(rows, i, "users_crashed"),
        .duration_ms = db_get_i64(rows, i, "duration_ms"),
        .durations = db_get_i64(rows, i, "durations"),
    };
}


static void
add(struct health *to, const struct health *h)
{
    to->sessions += h->sessions;
    to->errored += h->errored;
    to->abnormal += h->abnormal;
    to->unhandled += h->unhandled;
    to->crashed += h->crashed;
    to->users += h->users;
    to->users_crashed += h->users_crashed;
    to->duration_ms += h->duration_ms;
    to->durations += h->durations;
}


static void
start(struct arena *a, const struct session_query *q, size_t groups,
      struct session_sums *out)
{
    *out = (struct session_sums){
        .groups = arena_array(a, groups, sizeof(*out->groups)),
        .other.slots = arena_array(a, q->slots, sizeof(int64_t)),
        .well = arena_array(a, q->slots, sizeof(int64_t)),
        .errored = arena_array(a, q->slots, sizeof(int64_t)),
        .crashed = arena_array(a, q->slots, sizeof(int64_t)),
    };
    for (size_t i = 0; i < groups; i++) {
        out->groups[i].slots = arena_array(a, q->slots, sizeof(int64_t));
    }
}


enum status
session_sums(struct db *db, struct arena *a, const struct session_query *q,
             struct session_sums *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_SESSION_SUMS,
        DB_ARGS(db_i64(q->organization_id),
                db_i64_array(a, q->projects, q->nprojects),
                q->environment.n > 0 ? db_str(q->environment) : db_null(),
                db_time(q->from), db_time(q->to), db_i64(q->step),
                db_i64(q->by),
                q->release.n > 0 ? db_str(str_lower(a, q->release)) : db_null(),
                db_i64((int64_t) q->top)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    start(a, q, q->top, out);
    for (int i = 0; i < rows.n; i++) {
        size_t place = (size_t) db_get_i64(&rows, i, "place");
        size_t slot = (size_t) db_get_i64(&rows, i, "slot");
        struct session_group *g =
            place > 0 ? &out->groups[place - 1] : &out->other;
        struct health h;

        if (slot >= q->slots) {
            continue;
        }
        read_health(&rows, i, &h);
        g->name = db_get_str(&rows, i, "name");
        g->slots[slot] += h.sessions;
        add(&g->sum, &h);
        add(&out->all, &h);
        out->crashed[slot] += h.crashed;
        out->errored[slot] += h.errored - h.crashed;
        out->well[slot] += h.sessions - h.errored;
        out->n = place > out->n ? place : out->n;
        out->others = db_get_i64(&rows, i, "groups");
    }
    out->others -= (int64_t) out->n;
    return ST_OK;
}
