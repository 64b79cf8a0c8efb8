/*
 * Sessions: each counted once, however many updates tell of it and in whatever
 * order they come (protocol.md §8.1).
 *
 * A row per session remembers what has been counted of it; it is locked, the
 * batch's updates are applied in the order of their numbers, and what changed
 * goes into the hour in which the session began.  Buckets of sessions that
 * their sender has summed up need no row.
 *
 * Users are distinct by day, release and environment: exactly, by a row of
 * eight bytes of hash each.  A sketch (HyperLogLog) would be smaller only above
 * some thousand users a day and release, and its error of two per cent is more
 * than the crashed users that it is to tell from the others.  Rows of sessions
 * and users are needed for as long as a session may still come, and go after
 * six days (session_forget).
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "util/hex.h"
#include "util/timeutil.h"


/* What is known of a session. */
struct state {
    int64_t seq; /* -1: nothing yet */
    int64_t status;
    bool counted;
    bool errored;
    bool changed;
};

/* An update with the places that it counts in. */
struct update {
    const struct batch_session *s;
    int64_t release_id;
    int64_t environment_id;
    struct state *state; /* NULL: a bucket */
    struct work_told *told;
};

struct user {
    int64_t organization_id;
    int64_t project_id;
    int64_t release_id;
    int64_t environment_id;
    int64_t started;
    int64_t hash;
    bool crashed;
};

static const int counter_of[] = {
    [SESSION_EXITED] = HEALTH_EXITED,
    [SESSION_ABNORMAL] = HEALTH_ABNORMAL,
    [SESSION_UNHANDLED] = HEALTH_UNHANDLED,
    [SESSION_CRASHED] = HEALTH_CRASHED,
};


static struct work_health *
hour_of(struct work *w, const struct update *u)
{
    return work_health_add(w, u->s->organization_id, u->s->project_id,
                           u->release_id, u->environment_id, u->s->started);
}


/* sessions one by one */

static int
by_session(const void *left, const void *right)
{
    const struct batch_session *a = ((const struct update *) left)->s;
    const struct batch_session *b = ((const struct update *) right)->s;
    int c = compare_i64(a->project_id, b->project_id);

    if (c == 0) {
        c = memcmp(a->sid, b->sid, 16);
    }
    if (c == 0) {
        c = compare_i64(a->seq, b->seq);
    }
    return c;
}


static bool
same_session(const struct update *a, const struct update *b)
{
    return a->s->project_id == b->s->project_id
           && memcmp(a->s->sid, b->s->sid, 16) == 0;
}


static void
apply(struct work *w, const struct update *u)
{
    const struct batch_session *s = u->s;
    struct state *state = u->state;
    struct work_health *h = hour_of(w, u);

    if (s->init && !state->counted) {
        state->counted = state->changed = true;
        h->n[HEALTH_SESSIONS] = 1;
        u->told->began = 1;
    }
    if (state->status != SESSION_OK || s->seq <= state->seq) {
        return; /* it has ended, or this is old news */
    }
    state->changed = true;
    state->seq = s->seq;
    state->status = s->status;
    if (!state->errored && (s->has_errors || s->status >= SESSION_ERRORED)) {
        state->errored = true;
        h->n[HEALTH_ERRORED] = 1;
    }
    if (s->status != SESSION_OK && s->status != SESSION_ERRORED) {
        h->n[counter_of[s->status]] = 1;
        u->told->crashed = s->status == SESSION_CRASHED;
    }
    if (s->status == SESSION_EXITED && s->duration_ms >= 0) {
        h->n[HEALTH_DURATION_MS] = s->duration_ms;
        h->n[HEALTH_DURATIONS] = 1;
    }
}


/* Rows of these sessions, locked, in the order given. */
static enum status
lock_states(struct work *w, const struct update *list, size_t n,
            struct state *states, size_t nstates, struct db_arg *projects,
            struct db_arg *sids)
{
    int64_t *organizations = arena_array(w->a, nstates, sizeof(int64_t));
    int64_t *ids = arena_array(w->a, nstates, sizeof(int64_t));
    int64_t *started = arena_array(w->a, nstates, sizeof(int64_t));
    struct str *texts = arena_array(w->a, nstates, sizeof(struct str));
    struct db_rows rows;
    enum status st;
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_session(&list[i - 1], &list[i])) {
            organizations[k] = list[i].s->organization_id;
            ids[k] = list[i].s->project_id;
            started[k] = list[i].s->started;
            texts[k++] = hex_encode(w->a, list[i].s->sid, 16);
        }
    }
    *projects = db_i64_array(w->a, ids, k);
    *sids = db_str_array(w->a, texts, k);
    st = db_query(w->db, w->a, SQL_BATCH_NEW_SESSIONS,
                  DB_ARGS(db_i64_array(w->a, organizations, k), *projects,
                          *sids, db_time_array(w->a, started, k)),
                  NULL);
    if (st == ST_OK) {
        st = db_query(w->db, w->a, SQL_BATCH_LOCK_SESSIONS,
                      DB_ARGS(*projects, *sids), &rows);
    }
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        size_t at = (size_t) db_get_i64(&rows, i, "n") - 1;

        states[at] = (struct state){
            .seq = db_get_i64(&rows, i, "seq"),
            .status = db_get_i64(&rows, i, "status"),
            .counted = db_get_bool(&rows, i, "is_counted"),
            .errored = db_get_bool(&rows, i, "is_errored"),
        };
    }
    return st;
}


static enum status
write_states(struct work *w, const struct state *states, size_t n,
             struct db_arg projects, struct db_arg sids)
{
    int64_t *v[4];
    bool changed = false;

    for (size_t k = 0; k < 4; k++) {
        v[k] = arena_array(w->a, n, sizeof(int64_t));
    }
    for (size_t i = 0; i < n; i++) {
        v[0][i] = states[i].seq;
        v[1][i] = states[i].status;
        v[2][i] = states[i].counted;
        v[3][i] = states[i].errored;
        changed = changed || states[i].changed;
    }
    if (!changed) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_BATCH_SESSIONS,
                    DB_ARGS(projects, sids, db_i64_array(w->a, v[0], n),
                            db_i64_array(w->a, v[1], n),
                            db_i64_array(w->a, v[2], n),
                            db_i64_array(w->a, v[3], n)),
                    NULL);
}


static enum status
count_updates(struct work *w, struct update *list, size_t n)
{
    struct state *states = arena_array(w->a, n, sizeof(*states));
    struct db_arg projects, sids;
    size_t nstates = 0;
    enum status st;

    if (n == 0) {
        return ST_OK;
    }
    qsort(list, n, sizeof(*list), by_session);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_session(&list[i - 1], &list[i])) {
            nstates++;
        }
        list[i].state = &states[nstates - 1];
    }
    st = lock_states(w, list, n, states, nstates, &projects, &sids);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        apply(w, &list[i]);
    }
    return write_states(w, states, nstates, projects, sids);
}


/* buckets */

static void
count_bucket(struct work *w, const struct update *u)
{
    struct work_health *h = hour_of(w, u);

    for (size_t k = SESSION_EXITED; k <= SESSION_CRASHED; k++) {
        h->n[HEALTH_SESSIONS] += u->s->n[k];
        u->told->began += u->s->n[k];
        if (k >= SESSION_ERRORED) {
            h->n[HEALTH_ERRORED] += u->s->n[k];
        }
        if (k != SESSION_ERRORED) {
            h->n[counter_of[k]] += u->s->n[k];
        }
    }
    u->told->crashed = u->s->n[SESSION_CRASHED];
}


/* users */

static int
by_user(const void *left, const void *right)
{
    const struct user *a = left, *b = right;
    int c = compare_i64(a->release_id, b->release_id);

    if (c == 0) {
        c = compare_i64(a->environment_id, b->environment_id);
    }
    if (c == 0) {
        c = compare_i64(time_day(a->started), time_day(b->started));
    }
    return c != 0 ? c : compare_i64(a->hash, b->hash);
}


static size_t
merge_users(struct user *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_user);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_user(&list[kept - 1], &list[i]) == 0) {
            list[kept - 1].crashed |= list[i].crashed;

        } else {
            list[kept++] = list[i];
        }
    }
    return kept;
}


static enum status
count_users(struct work *w, struct user *list, size_t n)
{
    int64_t *v[6];
    struct db_rows rows;
    enum status st;

    if ((n = merge_users(list, n)) == 0) {
        return ST_OK;
    }
    for (size_t k = 0; k < 6; k++) {
        v[k] = arena_array(w->a, n, sizeof(int64_t));
    }
    for (size_t i = 0; i < n; i++) {
        v[0][i] = list[i].organization_id;
        v[1][i] = list[i].release_id;
        v[2][i] = list[i].environment_id;
        v[3][i] = time_day(list[i].started) * US_PER_DAY;
        v[4][i] = list[i].hash;
        v[5][i] = list[i].crashed;
    }
    st = db_query(
        w->db, w->a, SQL_BATCH_RELEASE_USERS,
        DB_ARGS(db_i64_array(w->a, v[0], n), db_i64_array(w->a, v[1], n),
                db_i64_array(w->a, v[2], n), db_time_array(w->a, v[3], n),
                db_i64_array(w->a, v[4], n), db_i64_array(w->a, v[5], n)),
        &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct user key = { .release_id = db_get_i64(&rows, i, "release_id"),
                            .environment_id =
                                db_get_i64(&rows, i, "environment_id"),
                            .started = db_get_time(&rows, i, "at"),
                            .hash = db_get_i64(&rows, i, "user_hash") };
        const struct user *u = bsearch(&key, list, n, sizeof(key), by_user);

        if (u != NULL) {
            struct work_health *h =
                work_health_add(w, u->organization_id, u->project_id,
                                u->release_id, u->environment_id, u->started);

            h->n[HEALTH_USERS] = db_get_bool(&rows, i, "fresh");
            h->n[HEALTH_USERS_CRASHED] = db_get_bool(&rows, i, "is_crashed");
        }
    }
    return st;
}


enum status
work_count_sessions(struct work *w)
{
    const struct batch_items *items = &w->batch->items;
    size_t n = items->nsessions, nupdates = 0, nusers = 0, ntold = 0;
    struct update *updates = arena_array(w->a, n, sizeof(*updates));
    struct user *users = arena_array(w->a, n, sizeof(*users));
    struct work_told *told = arena_array(w->a, n, sizeof(*told));
    enum status st;

    for (size_t i = 0; i < n; i++) {
        const struct batch_session *s = &items->sessions[i];
        struct update u = {
            .s = s,
            .release_id = work_release_id(w, s->project_id, s->release),
            .environment_id =
                work_environment_id(w, s->project_id, s->environment),
        };

        if (u.release_id == 0) {
            continue; /* its project has gone, or has too many */
        }
        u.told = &told[ntold++];
        *u.told =
            (struct work_told){ .session = s, .release_id = u.release_id };
        if (s->is_bucket) {
            count_bucket(w, &u);

        } else {
            updates[nupdates++] = u;
        }
        if (s->has_user) {
            users[nusers++] = (struct user){
                .organization_id = s->organization_id,
                .project_id = s->project_id,
                .release_id = u.release_id,
                .environment_id = u.environment_id,
                .started = s->started,
                .hash = s->user_hash,
                .crashed = s->is_bucket ? s->n[SESSION_CRASHED] > 0
                                        : s->status == SESSION_CRASHED,
            };
        }
    }
    st = count_updates(w, updates, nupdates);
    if (st == ST_OK) {
        st = count_users(w, users, nusers);
    }
    return st == ST_OK ? work_count_session_minutes(w, told, ntold) : st;
}
