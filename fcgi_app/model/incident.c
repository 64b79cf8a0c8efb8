#include "model/incident.h"

#include "model/alert_data.h"

/* Those beyond are locked to see when they were looked at. */
#define CHECKED_MAX 100000


enum status
metric_checked(struct db *db, struct arena *a, int64_t since,
               struct metric_checked **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_METRIC_CHECKED,
                 DB_ARGS(db_time(since), db_i64(CHECKED_MAX)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct metric_checked){
            .rule_id = db_get_i64(&rows, i, "rule_id"),
            .project_id = db_get_i64(&rows, i, "project_id"),
            .at = db_get_time(&rows, i, "checked_at"),
        };
    }
    return ST_OK;
}


enum status
metric_state_lock(struct db *db, struct arena *a, int64_t org, int64_t rule_id,
                  int64_t project_id, struct metric_state *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_METRIC_STATE_ADD,
                  DB_ARGS(db_i64(org), db_i64(rule_id), db_i64(project_id)),
                  NULL);
    if (st == ST_OK) {
        st = db_one(db, a, SQL_METRIC_STATE_LOCK,
                    DB_ARGS(db_i64(rule_id), db_i64(project_id)), &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    *out = (struct metric_state){
        .checked_at = db_get_time(&rows, 0, "checked_at"),
        .warnings = (int) db_get_i64(&rows, 0, "warnings"),
        .criticals = (int) db_get_i64(&rows, 0, "criticals"),
        .severity = (int) db_get_i64(&rows, 0, "severity"),
        .closed_at = db_get_time(&rows, 0, "closed_at"),
    };
    /* one that a person has closed is not ours any more */
    out->incident_id =
        out->severity != 0 ? db_get_i64(&rows, 0, "incident_id") : 0;
    return ST_OK;
}


enum status
metric_state_save(struct db *db, struct arena *a, int64_t rule_id,
                  int64_t project_id, const struct metric_state *s,
                  bool measured, double value)
{
    return db_query(
        db, a, SQL_METRIC_STATE_SAVE,
        DB_ARGS(db_i64(rule_id), db_i64(project_id), db_time(s->checked_at),
                db_i64(s->warnings), db_i64(s->criticals),
                db_i64(s->incident_id),
                measured ? db_str(str_printf(a, "%.17g", value)) : db_null()),
        NULL);
}


enum status
incident_open(struct db *db, struct arena *a, struct incident *i)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_INCIDENT_OPEN,
                DB_ARGS(db_i64(i->organization_id), db_i64(i->rule_id),
                        db_i64(i->project_id), db_str(i->title),
                        db_i64(i->severity),
                        db_str(str_printf(a, "%.17g", i->value)),
                        db_str(str_printf(a, "%.17g", i->threshold)),
                        db_time(i->started_at)),
                &rows);
    if (st == ST_OK) {
        i->id = db_get_i64(&rows, 0, "id");
        i->number = db_get_i64(&rows, 0, "number");
    }
    return st;
}


enum status
incident_change(struct db *db, struct arena *a, int64_t id, int severity,
                double value, double threshold, int64_t at)
{
    return db_query(db, a, SQL_INCIDENT_CHANGE,
                    DB_ARGS(db_i64(id), db_i64(severity),
                            db_str(str_printf(a, "%.17g", value)),
                            db_str(str_printf(a, "%.17g", threshold)),
                            db_time(at)),
                    NULL);
}


static void
read_row(const struct db_rows *rows, int i, struct incident *out)
{
    *out = (struct incident){
        .id = db_get_i64(rows, i, "id"),
        .organization_id = db_get_i64(rows, i, "organization_id"),
        .number = db_get_i64(rows, i, "number"),
        .rule_id = db_get_i64(rows, i, "rule_id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .title = db_get_str(rows, i, "title"),
        .severity = (int) db_get_i64(rows, i, "severity"),
        .worst = (int) db_get_i64(rows, i, "worst"),
        .status = (enum incident_status) db_get_i64(rows, i, "status"),
        .value = db_get_double(rows, i, "value"),
        .threshold = db_get_double(rows, i, "threshold"),
        .started_at = db_get_time(rows, i, "started_at"),
        .acknowledged_at = db_get_time(rows, i, "acknowledged_at"),
        .acknowledged_by = db_get_str(rows, i, "acknowledged_by"),
        .closed_at = db_get_time(rows, i, "closed_at"),
        .closed_by = db_get_str(rows, i, "closed_by"),
        .project = db_get_str(rows, i, "project"),
        .rule_name = db_get_str(rows, i, "rule_name"),
    };
}


enum status
incident_by_id(struct db *db, struct arena *a, int64_t org, int64_t id,
               struct incident *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_INCIDENT_BY_ID,
                            DB_ARGS(db_i64(org), db_i64(id)), &rows);

    if (st == ST_OK) {
        read_row(&rows, 0, out);
    }
    return st;
}


enum status
incident_list(struct db *db, struct arena *a, int64_t org, int64_t before,
              struct incident **out, size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_INCIDENT_LIST,
                  DB_ARGS(db_i64(org), db_i64(before > 0 ? before : INT64_MAX),
                          db_i64(INCIDENT_PAGE + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *more = rows.n > INCIDENT_PAGE;
    *n = *more ? INCIDENT_PAGE : (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        read_row(&rows, (int) i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
incident_escalate(struct db *db, struct arena *a, int64_t org, int64_t id,
                  int severity, bool *first)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_INCIDENT_ESCALATE,
                 DB_ARGS(db_i64(org), db_i64(id), db_i64(severity)), &rows);

    *first = st == ST_OK && rows.n > 0;
    return st;
}


enum status
incident_act(struct db *db, struct arena *a, const struct actor *by,
             int64_t org, int64_t id, bool close)
{
    struct db_rows rows;

    return db_one(db, a, SQL_INCIDENT_ACT,
                  DB_ARGS(db_i64(org), db_i64(id), db_bool(close),
                          db_i64(by->account_id)),
                  &rows);
}


bool
metric_crash_free(int64_t all, int64_t bad, double *value)
{
    *value = all > bad ? 100.0 * (double) (all - bad) / (double) all : 0;
    return all > 0;
}


static enum status
sessions(struct db *db, struct arena *a, const struct metric_scope *s,
         int64_t from, int64_t to, double *value, bool *some)
{
    bool users = s->metric == METRIC_CRASH_FREE_USERS;
    struct db_rows rows;
    int64_t all, bad;
    enum status st;

    st = db_one(db, a, SQL_METRIC_SESSIONS,
                DB_ARGS(db_i64(s->project_id), db_time(from), db_time(to),
                        db_str_array(a, s->environments, s->nenvironments),
                        db_bool(users), db_str(s->release)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    if (users) {
        all = alert_distinct(a, db_get_bytes(a, &rows, 0, "users"));
        bad = alert_distinct(a, db_get_bytes(a, &rows, 0, "bad_users"));

    } else {
        all = db_get_i64(&rows, 0, "n");
        bad = db_get_i64(&rows, 0, "bad");
    }
    *some = metric_crash_free(all, bad, value) && all >= s->least;
    return ST_OK;
}


enum status
metric_value(struct db *db, struct arena *a, const struct metric_scope *s,
             int64_t from, int64_t to, double *value, bool *some)
{
    struct db_rows rows;
    enum status st;

    *some = true;
    switch (s->metric) {
    case METRIC_DELAY:
        return alert_project_delay(db, a, s->project_id, to, value);
    case METRIC_CRASH_FREE_SESSIONS:
    case METRIC_CRASH_FREE_USERS:
        return sessions(db, a, s, from, to, value, some);
    default:
        break;
    }
    st = db_one(db, a, SQL_METRIC_MINUTES,
                DB_ARGS(db_i64(s->project_id), db_time(from), db_time(to),
                        db_i64(s->level),
                        db_str_array(a, s->environments, s->nenvironments)),
                &rows);
    if (st == ST_OK) {
        *value =
            s->metric == METRIC_USERS
                ? (double) alert_distinct(a, db_get_bytes(a, &rows, 0, "users"))
                : (double) db_get_i64(&rows, 0, "n");
    }
    return st;
}
