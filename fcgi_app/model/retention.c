/*
 * DESIGN.  The row of the run that is under way says which step it is at and
 * how far that has come, and is locked while a step works, so two processes
 * cannot do the same and nothing is done by halves: one call of retention_step
 * is one transaction.  A step asks what is next, does some of it, and is over
 * when it finds nothing; so what one run leaves, the next finds.
 *
 * Whatever takes events away folds them first (model/fold.h): counters stay.
 * Issues go before events, so that nothing is folded that goes as well.
 *
 * Dropping a partition frees its room at once and costs nothing, but it stops
 * everybody for a moment; hence it is asked for with a patience of a second,
 * and if that is not enough the next run tries again.
 */

#include "model/retention.h"

#include <inttypes.h>
#include <stdlib.h>

#include "model/attachment.h"
#include "model/fold.h"
#include "model/keep.h"
#include "model/ledger.h"
#include "util/conf.h"
#include "util/log.h"

/* Of one call: well under a second. */
#define ISSUES_MAX 500
#define EVENTS_MAX 2000
#define FOLD_MAX 200
#define REPORTS_MAX 2000
#define HOURS_MAX 20000

/* Counters by the hour are kept as long as a page shows hours of them. */
#define TAG_HOUR_DAYS 35
#define ISSUE_HOUR_DAYS 400


struct run {
    struct db *db;
    struct arena *a;
    int64_t id;
    struct str place; /* how far the step is; "": at its beginning */
};

/* What went, by project. */
struct gone {
    int64_t *v[7]; /* as the parameters of SQL_RETENTION_FREED */
    size_t n;
};

enum { ORGANIZATION, PROJECT, EVENTS, BYTES, ATTACHMENTS, REPORTS, ISSUES };


static struct db_arg
default_days(void)
{
    return db_i64(conf_int(CONF_SYSTEM_EVENT_RETENTION_DAYS));
}


static struct gone
gone_new(struct arena *a, size_t n)
{
    struct gone g = { .n = n };

    for (size_t k = 0; k < 7; k++) {
        g.v[k] = arena_array(a, n, sizeof(int64_t));
    }
    return g;
}


static enum status
note(struct run *r, const struct gone *g)
{
    if (g->n == 0) {
        return ST_OK;
    }
    return db_query(r->db, r->a, SQL_RETENTION_FREED,
                    DB_ARGS(db_i64(r->id), db_i64_array(r->a, g->v[0], g->n),
                            db_i64_array(r->a, g->v[1], g->n),
                            db_i64_array(r->a, g->v[2], g->n),
                            db_i64_array(r->a, g->v[3], g->n),
                            db_i64_array(r->a, g->v[4], g->n),
                            db_i64_array(r->a, g->v[5], g->n),
                            db_i64_array(r->a, g->v[6], g->n)),
                    NULL);
}


/* Rows of organization_id, project_id and n: so many of one kind went. */
static enum status
note_rows(struct run *r, const struct db_rows *rows, int kind, int64_t *total)
{
    struct gone g = gone_new(r->a, (size_t) rows->n);

    *total = 0;
    for (int i = 0; i < rows->n; i++) {
        g.v[ORGANIZATION][i] = db_get_i64(rows, i, "organization_id");
        g.v[PROJECT][i] = db_get_i64(rows, i, "project_id");
        g.v[kind][i] = db_get_i64(rows, i, "n");
        *total += g.v[kind][i];
    }
    return note(r, &g);
}


static enum status
take_issues(struct run *r, bool *more)
{
    struct db_rows rows;
    int64_t n;
    enum status st =
        db_query(r->db, r->a, SQL_RETENTION_ISSUES,
                 DB_ARGS(default_days(), db_i64(ISSUES_MAX)), &rows);

    if (st == ST_OK && (st = note_rows(r, &rows, ISSUES, &n)) == ST_OK) {
        *more = n == ISSUES_MAX;
    }
    return st;
}


/* Drops the partitions of a day; *dropped is false when it had to give up. */
static enum status
drop(struct run *r, struct str day, int64_t top, bool *dropped)
{
    struct db_rows rows;
    struct gone g;
    enum status st = db_one(r->db, r->a, SQL_RETENTION_DROP,
                            DB_ARGS(db_str(day), db_i64(top)), &rows);

    if (st != ST_OK || db_is_null(&rows, 0, "bytes")) {
        return st;
    }
    log_info("retention: the events of %.*s are gone: %" PRId64 " bytes",
             STR_FMT(day), db_get_i64(&rows, 0, "bytes"));
    st = db_query(r->db, r->a, SQL_RETENTION_DROPPED,
                  DB_ARGS(db_i64(r->id), db_str(day)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *dropped = true;
    g = gone_new(r->a, (size_t) rows.n);
    for (int i = 0; i < rows.n; i++) {
        g.v[ORGANIZATION][i] = db_get_i64(&rows, i, "organization_id");
        g.v[PROJECT][i] = db_get_i64(&rows, i, "project_id");
        g.v[EVENTS][i] = db_get_i64(&rows, i, "events");
        g.v[BYTES][i] = db_get_i64(&rows, i, "bytes");
    }
    return note(r, &g);
}


static int64_t
place_number(const struct run *r)
{
    int64_t n;

    return str_i64(r->place, &n) ? n : 0;
}


static enum status
take_days(struct run *r, bool *more)
{
    struct db_rows day, rows;
    int64_t ids[FOLD_MAX];
    enum status st =
        db_query(r->db, r->a, SQL_RETENTION_DAY, DB_ARGS(default_days()), &day);

    if (st != ST_OK || day.n == 0) {
        return st;
    }
    st = db_query(r->db, r->a, SQL_RETENTION_UNFOLDED,
                  DB_ARGS(db_str(db_get_str(&day, 0, "day")),
                          db_i64(place_number(r)), db_i64(FOLD_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    if (rows.n == 0) {
        st = drop(r, db_get_str(&day, 0, "day"), db_get_i64(&day, 0, "top"),
                  more);
        r->place = STR("");
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        ids[i] = db_get_i64(&rows, i, "issue_id");
    }
    r->place = str_printf(r->a, "%" PRId64, ids[rows.n - 1]);
    *more = true;
    return fold_issues(r->db, r->a, ids, (size_t) rows.n);
}


static int
by_i64(const void *left, const void *right)
{
    int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;

    return (a > b) - (a < b);
}


/* These events of a project's day; none: the day is through. */
static enum status
take_events(struct run *r, const struct db_rows *day,
            const struct db_rows *events)
{
    size_t n = (size_t) events->n, k = 0;
    int64_t *ids = arena_array(r->a, n, sizeof(int64_t));
    int64_t *issues = arena_array(r->a, n, sizeof(int64_t));
    struct db_arg which = db_str(db_get_str(day, 0, "day"));
    struct db_arg project = db_i64(db_get_i64(day, 0, "project_id"));
    struct gone g = gone_new(r->a, 1);
    struct db_rows row;
    enum status st;

    if (n == 0) {
        return db_query(r->db, r->a, SQL_RETENTION_EMPTIED,
                        DB_ARGS(project, which), NULL);
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = db_get_i64(events, (int) i, "id");
        issues[i] = db_get_i64(events, (int) i, "issue_id");
    }
    qsort(issues, n, sizeof(*issues), by_i64);
    for (size_t i = 0; i < n; i++) {
        if (k == 0 || issues[k - 1] != issues[i]) {
            issues[k++] = issues[i];
        }
    }
    if ((st = fold_issues(r->db, r->a, issues, k)) != ST_OK
        || (st = db_one(r->db, r->a, SQL_RETENTION_DELETE,
                        DB_ARGS(which, project, db_i64_array(r->a, ids, n),
                                db_i64(KEEP_ROW_BYTES)),
                        &row))
               != ST_OK) {
        return st;
    }
    g.v[ORGANIZATION][0] = db_get_i64(day, 0, "organization_id");
    g.v[PROJECT][0] = db_get_i64(day, 0, "project_id");
    g.v[EVENTS][0] = db_get_i64(&row, 0, "events");
    g.v[BYTES][0] = db_get_i64(&row, 0, "bytes");
    return note(r, &g);
}


/* The place is a day of a project, and the event id that it is at. */
static enum status
take_aged(struct run *r, bool *more)
{
    struct str of_day, after = STR("00000000-0000-0000-0000-000000000000");
    struct db_rows day, rows;
    enum status st = db_query(r->db, r->a, SQL_RETENTION_AGED,
                              DB_ARGS(default_days()), &day);

    if (st != ST_OK || day.n == 0) {
        return st;
    }
    *more = true;
    of_day =
        str_printf(r->a, "%" PRId64 " %.*s ", db_get_i64(&day, 0, "project_id"),
                   STR_FMT(db_get_str(&day, 0, "day")));
    if (str_starts(r->place, of_day)) {
        after = str_sub(r->place, of_day.n, r->place.n);
    }
    st = db_query(r->db, r->a, SQL_RETENTION_PICK,
                  DB_ARGS(db_str(db_get_str(&day, 0, "day")),
                          db_i64(db_get_i64(&day, 0, "project_id")),
                          db_str(after), db_i64(EVENTS_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    r->place = STR("");
    if (rows.n > 0) {
        r->place =
            str_printf(r->a, "%.*s%.*s", STR_FMT(of_day),
                       STR_FMT(db_get_str(&rows, rows.n - 1, "event_id")));
    }
    return take_events(r, &day, &rows);
}


static enum status
take_oversized(struct run *r, bool *more)
{
    struct db_rows day, rows;
    enum status st =
        db_query(r->db, r->a, SQL_RETENTION_OVERSIZED, DB_NO_ARGS, &day);

    if (st != ST_OK || day.n == 0) {
        return st;
    }
    *more = true;
    st = db_query(r->db, r->a, SQL_RETENTION_PICK_OLDEST,
                  DB_ARGS(db_str(db_get_str(&day, 0, "day")),
                          db_i64(db_get_i64(&day, 0, "project_id")),
                          db_i64(EVENTS_MAX)),
                  &rows);
    return st == ST_OK ? take_events(r, &day, &rows) : st;
}


/* The place is the project before the one that is next. */
static enum status
take_attachments(struct run *r, bool *more)
{
    struct gone g = gone_new(r->a, 1);
    struct attachment_freed freed;
    struct db_rows row;
    bool others = false;
    enum status st =
        db_query(r->db, r->a, SQL_RETENTION_ATTACHMENTS,
                 DB_ARGS(default_days(), db_i64(place_number(r))), &row);

    if (st != ST_OK || row.n == 0) {
        return st;
    }
    *more = true;
    g.v[ORGANIZATION][0] = db_get_i64(&row, 0, "organization_id");
    g.v[PROJECT][0] = db_get_i64(&row, 0, "project_id");
    st = attachment_expire(r->db, r->a, g.v[PROJECT][0],
                           db_get_time(&row, 0, "at"), &freed, &others);
    if (st != ST_OK) {
        return st;
    }
    g.v[ATTACHMENTS][0] = freed.files;
    g.v[BYTES][0] = freed.bytes;
    if (!others) {
        r->place = str_printf(r->a, "%" PRId64, g.v[PROJECT][0]);
    }
    return note(r, &g);
}


static enum status
take_reports(struct run *r, bool *more)
{
    struct db_rows rows;
    int64_t n;
    enum status st =
        db_query(r->db, r->a, SQL_RETENTION_REPORTS,
                 DB_ARGS(default_days(), db_i64(REPORTS_MAX)), &rows);

    if (st == ST_OK && (st = note_rows(r, &rows, REPORTS, &n)) == ST_OK) {
        *more = n == REPORTS_MAX;
    }
    return st;
}


static enum status
forget(struct run *r, enum sql stmt, int days, bool *more)
{
    struct db_rows row;
    enum status st = db_one(r->db, r->a, stmt,
                            DB_ARGS(db_i64(days), db_i64(HOURS_MAX)), &row);

    if (st == ST_OK && db_get_i64(&row, 0, "n") == HOURS_MAX) {
        *more = true;
    }
    return st;
}


static enum status
take_counters(struct run *r, bool *more)
{
    enum status st = forget(r, SQL_RETENTION_TAG_HOURS, TAG_HOUR_DAYS, more);

    if (st == ST_OK) {
        st = forget(r, SQL_RETENTION_COUNTRY_HOURS, TAG_HOUR_DAYS, more);
    }
    if (st == ST_OK) {
        st = forget(r, SQL_RETENTION_OUTCOME_HOURS, LEDGER_HOUR_DAYS, more);
    }
    if (st == ST_OK) {
        st = forget(r, SQL_RETENTION_ISSUE_HOURS, ISSUE_HOUR_DAYS, more);
    }
    return st;
}


static enum status
take_runs(struct run *r, bool *more)
{
    (void) more;
    return db_query(r->db, r->a, SQL_RETENTION_FORGET, DB_NO_ARGS, NULL);
}


static const struct {
    const char *name;
    enum status (*take)(struct run *r, bool *more);
} steps[] = {
    { "issues", take_issues },
    { "days", take_days },
    { "age", take_aged },
    { "size", take_oversized },
    { "attachments", take_attachments },
    { "reports", take_reports },
    { "counters", take_counters },
    { "runs", take_runs },
};

#define STEPS ((int64_t) (sizeof(steps) / sizeof(steps[0])))


/* In a transaction: some of the step, and where the run is then. */
static enum status
work(struct run *r, int64_t *step, bool *more)
{
    bool again = false;
    enum status st = ST_OK;

    if (*step < STEPS) {
        st = steps[*step].take(r, &again);
    }
    if (st != ST_OK) {
        return st;
    }
    if (!again) {
        ++*step;
        r->place = STR("");
    }
    *more = *step < STEPS;
    return db_query(r->db, r->a, SQL_RETENTION_PLACE,
                    DB_ARGS(db_i64(r->id), db_i64(*step), db_str(r->place),
                            db_bool(!*more)),
                    NULL);
}


/* Another time: what the run cannot do now does not hold up the rest of it. */
static enum status
skip(struct db *db, struct arena *a, int64_t id, int64_t step)
{
    log_info("retention: \"%s\" is left to the next run", steps[step].name);
    return db_query(db, a, SQL_RETENTION_PLACE,
                    DB_ARGS(db_i64(id), db_i64(step + 1), db_text(""),
                            db_bool(step + 1 >= STEPS)),
                    NULL);
}


enum status
retention_step(struct db *db, struct arena *a, bool *more)
{
    struct run r = { .db = db, .a = a };
    struct db_rows row;
    int64_t step;
    enum status st = db_begin(db);

    *more = false;
    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_RETENTION_BEGIN, DB_ARGS(db_i64(RETENTION_EVERY)),
                  NULL);
    if (st == ST_OK) {
        st = db_query(db, a, SQL_RETENTION_CURRENT, DB_NO_ARGS, &row);
    }
    if (st != ST_OK || row.n == 0) {
        return db_finish(db, st);
    }
    r.id = db_get_i64(&row, 0, "id");
    r.place = db_get_str(&row, 0, "place");
    step = db_get_i64(&row, 0, "step");
    st = work(&r, &step, more);
    if (st == ST_OK) {
        return db_commit(db);
    }
    db_rollback(db);
    *more = false;
    if (st == ST_RETRY && step < STEPS && steps[step].take == take_days) {
        st = skip(db, a, r.id, step);
        *more = st == ST_OK;
    }
    return st;
}


enum status
retention_growth(struct db *db, struct arena *a, int64_t org,
                 const int64_t *projects, size_t nprojects,
                 struct retention_growth **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_RETENTION_GROWTH,
        DB_ARGS(db_i64(org), db_i64_array(a, projects, nprojects),
                db_i64(conf_int(CONF_SYSTEM_EVENT_RETENTION_DAYS)),
                db_i64(RETENTION_GROWTH_DAYS), db_i64(RETENTION_GROWTH_MAX)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct retention_growth){
            .slug = db_get_str(&rows, i, "slug"),
            .days = db_get_i64(&rows, i, "days"),
            .limit = db_get_i64(&rows, i, "keep_bytes"),
            .events = db_get_i64(&rows, i, "events"),
            .bytes = db_get_i64(&rows, i, "bytes"),
            .attachments = db_get_i64(&rows, i, "attachments"),
            .grown = db_get_i64(&rows, i, "grown"),
        };
    }
    return ST_OK;
}
