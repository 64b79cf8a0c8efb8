/* What retention has done and will do, and the limits that it goes by. */

#include "model/retention.h"

#include <inttypes.h>

#include "util/conf.h"


static void
read_run(const struct db_rows *rows, int i, struct retention_run *out)
{
    *out = (struct retention_run){
        .id = db_get_i64(rows, i, "id"),
        .started_at = db_get_time(rows, i, "started_at"),
        .finished_at = db_get_time(rows, i, "finished_at"),
        .asked = db_get_bool(rows, i, "asked"),
        .partitions = db_get_i64(rows, i, "partitions"),
    };
}


static void
read_freed(const struct db_rows *rows, int i, struct retention_freed *out)
{
    out->events = db_get_i64(rows, i, "events");
    out->bytes = db_get_i64(rows, i, "bytes");
    out->attachments = db_get_i64(rows, i, "attachments");
    out->reports = db_get_i64(rows, i, "reports");
    out->issues = db_get_i64(rows, i, "issues");
}


/* What went of one organisation only; the row of the run has it of all. */
static enum status
own(struct db *db, struct arena *a, int64_t org, struct retention_run *run)
{
    struct db_rows row;
    enum status st;

    if (org == 0 || run->id == 0) {
        return ST_OK;
    }
    st = db_one(db, a, SQL_RETENTION_FREED_BY,
                DB_ARGS(db_i64(org), db_i64(run->id)), &row);
    if (st == ST_OK) {
        read_freed(&row, 0, &run->freed);
    }
    return st;
}


enum status
retention_state(struct db *db, struct arena *a, int64_t org,
                struct retention_state *out)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_RETENTION_STATE, DB_NO_ARGS, &rows);

    *out = (struct retention_state){ 0 };
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        struct retention_run *run =
            db_is_null(&rows, i, "finished_at") ? &out->now : &out->last;

        read_run(&rows, i, run);
        read_freed(&rows, i, &run->freed);
    }
    st = db_one(db, a, SQL_RETENTION_NEXT, DB_NO_ARGS, &rows);
    if (st != ST_OK) {
        return st;
    }
    out->asked = db_get_bool(&rows, 0, "asked");
    out->next_at =
        db_get_time(&rows, 0, "after") + RETENTION_EVERY * US_PER_SECOND;
    st = own(db, a, org, &out->last);
    return st == ST_OK ? own(db, a, org, &out->now) : st;
}


enum status
retention_runs(struct db *db, struct arena *a, int64_t org,
               struct retention_run **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_RETENTION_RUNS,
                 DB_ARGS(db_i64(org), db_i64(RETENTION_RUNS_MAX)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_run(&rows, i, &(*out)[i]);
        read_freed(&rows, i, &(*out)[i].freed);
    }
    return ST_OK;
}


/* The limits as they are, and the organisation's slug for the audit log. */
static enum status
read_limits(struct db *db, struct arena *a, enum sql stmt, int64_t org,
            struct retention_limits *out, struct str *slug)
{
    struct db_rows row;
    enum status st = db_one(db, a, stmt, DB_ARGS(db_i64(org)), &row);

    if (st == ST_OK) {
        out->days = db_get_i64(&row, 0, "days");
        out->bytes = db_get_i64(&row, 0, "bytes");
        *slug = db_get_str(&row, 0, "slug");
    }
    return st;
}


enum status
retention_limits(struct db *db, struct arena *a, int64_t org,
                 struct retention_limits *out)
{
    struct str slug;

    return read_limits(db, a, SQL_RETENTION_LIMITS, org, out, &slug);
}


/* In a transaction, as the next. */
static enum status
ask(struct db *db, struct arena *a, int64_t org, const struct actor *by)
{
    struct retention_limits limits;
    struct str slug = STR("all organisations");
    enum status st;

    if (org == 0) {
        st = db_query(db, a, SQL_RETENTION_START, DB_NO_ARGS, NULL);

    } else {
        st = read_limits(db, a, SQL_RETENTION_LIMITS, org, &limits, &slug);
        if (st == ST_OK) {
            st = db_query(db, a, SQL_RETENTION_ASK, DB_ARGS(db_i64(org)), NULL);
        }
    }
    return st == ST_OK ? audit_add(db, a, org, by, "retention.ask", slug, NULL)
                       : st;
}


enum status
retention_ask(struct db *db, struct arena *a, int64_t org,
              const struct actor *by)
{
    enum status st = db_begin(db);

    return st == ST_OK ? db_finish(db, ask(db, a, org, by)) : st;
}


/* A number for the audit log; the null str for RETENTION_UNSET. */
static struct str
told(struct arena *a, int64_t n)
{
    return n == RETENTION_UNSET ? STR_NULL : str_printf(a, "%" PRId64, n);
}


static enum status
limit(struct db *db, struct arena *a, int64_t org, const struct actor *by,
      const struct retention_limits *limits)
{
    struct change c = change_new(a);
    struct retention_limits before;
    struct str slug;
    enum status st =
        read_limits(db, a, SQL_RETENTION_LIMITS_LOCK, org, &before, &slug);

    if (st == ST_OK) {
        st = db_query(
            db, a, SQL_RETENTION_LIMITS_SET,
            DB_ARGS(db_i64(org), db_i64(limits->days), db_i64(limits->bytes)),
            NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "days", told(a, before.days), told(a, limits->days));
    change_str(&c, "bytes", told(a, before.bytes), told(a, limits->bytes));
    return audit_add(db, a, org, by, "retention.edit", slug, &c);
}


enum status
retention_limit(struct db *db, struct arena *a, int64_t org,
                const struct actor *by, const struct retention_limits *limits)
{
    enum status st;

    if (limits->days < RETENTION_UNSET || limits->days > RETENTION_DAYS_MAX
        || limits->bytes < RETENTION_UNSET
        || limits->bytes > RETENTION_BYTES_MAX) {
        return ST_INVALID;
    }
    st = db_begin(db);
    return st == ST_OK ? db_finish(db, limit(db, a, org, by, limits)) : st;
}


enum status
retention_projects(struct db *db, struct arena *a, int64_t org,
                   const int64_t *projects, size_t nprojects,
                   struct retention_project **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_RETENTION_PROJECTS,
                 DB_ARGS(db_i64(org),
                         projects != NULL ? db_i64_array(a, projects, nprojects)
                                          : db_null(),
                         db_i64(conf_int(CONF_SYSTEM_EVENT_RETENTION_DAYS)),
                         db_i64(RETENTION_PROJECTS_MAX)),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct retention_project){
            .project_id = db_get_i64(&rows, i, "id"),
            .slug = db_get_str(&rows, i, "slug"),
            .name = db_get_str(&rows, i, "name"),
            .own_days = db_get_i64(&rows, i, "own_days"),
            .own_attachment_days = db_get_i64(&rows, i, "own_attachment_days"),
            .own_bytes = db_get_i64(&rows, i, "own_bytes"),
            .days = db_get_i64(&rows, i, "days"),
            .attachment_days = db_get_i64(&rows, i, "attachment_days"),
            .events = db_get_i64(&rows, i, "events"),
            .bytes = db_get_i64(&rows, i, "bytes"),
            .attachments = db_get_i64(&rows, i, "attachments"),
            .oldest = db_get_time(&rows, i, "oldest"),
        };
    }
    return ST_OK;
}
