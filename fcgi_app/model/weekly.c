#include "model/weekly.h"

#include "model/issue.h"
#include "util/lang.h"
#include "util/timeutil.h"

/* 1970 began on a Thursday: three days after a Monday. */
#define MONDAY_OFFSET 3

#define BEGIN_HOUR 7


/* 0 on Monday. */
static int64_t
weekday(int64_t us)
{
    return (time_day(us) + MONDAY_OFFSET) % 7;
}


int64_t
weekly_week(int64_t now)
{
    return (time_day(now) - weekday(now) - 7) * US_PER_DAY;
}


bool
weekly_is_time(int64_t now)
{
    int64_t day = weekday(now);
    int64_t hour = (now - time_day(now) * US_PER_DAY) / US_PER_HOUR;

    return (day == 0 && hour >= BEGIN_HOUR) || day == 1;
}


enum status
weekly_next(struct db *db, struct arena *a, int64_t week,
            struct weekly_organization *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_WEEKLY_NEXT, DB_ARGS(db_time(week)), &rows);

    if (st == ST_OK) {
        *out = (struct weekly_organization){
            .id = db_get_i64(&rows, 0, "id"),
            .slug = db_get_str(&rows, 0, "slug"),
            .name = db_get_str(&rows, 0, "name"),
            .after = db_get_i64(&rows, 0, "after"),
        };
    }
    return st;
}


enum status
weekly_readers(struct db *db, struct arena *a,
               const struct weekly_organization *org,
               struct weekly_reader **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_WEEKLY_READERS,
        DB_ARGS(db_i64(org->id), db_i64(org->after), db_i64(WEEKLY_READERS)),
        &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct weekly_reader){
            .account_id = db_get_i64(&rows, i, "account_id"),
            .email = db_get_str(&rows, i, "email"),
            .name = db_get_str(&rows, i, "name"),
        };
    }
    return ST_OK;
}


enum status
weekly_mark(struct db *db, struct arena *a, int64_t organization_id,
            int64_t week, int64_t account_id, bool is_done)
{
    return db_query(db, a, SQL_WEEKLY_MARK,
                    DB_ARGS(db_i64(organization_id), db_time(week),
                            db_i64(account_id), db_bool(is_done)),
                    NULL);
}


static void
add_outcome(struct weekly *w, struct str outcome, bool before, int64_t day,
            int64_t quantity)
{
    if (str_is(outcome, "accepted")) {
        if (before) {
            w->before += quantity;

        } else {
            w->accepted += quantity;
            w->days[day >= 0 && day < 7 ? day : 6] += quantity;
        }
    } else if (!before) {
        *(str_is(outcome, "filtered")       ? &w->filtered
          : str_is(outcome, "rate_limited") ? &w->limited
                                            : &w->invalid) += quantity;
    }
}


static const char *
state_of(int64_t status)
{
    return status == 1   ? N_("resolved")
           : status == 2 ? N_("archived")
                         : N_("unresolved");
}


enum status
weekly_read(struct db *db, struct arena *a, int64_t organization_id,
            int64_t account_id, int64_t week, struct weekly *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct weekly){ 0 };
    st = db_query(
        db, a, SQL_WEEKLY_OUTCOMES,
        DB_ARGS(db_i64(organization_id), db_i64(account_id), db_time(week)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        struct str outcome = db_get_str(&rows, i, "outcome");

        /* what clients kept to themselves never came here */
        if (!str_is(outcome, "client_discard")) {
            add_outcome(out, outcome, db_is_null(&rows, i, "day"),
                        db_get_i64(&rows, i, "day"),
                        db_get_i64(&rows, i, "quantity"));
        }
    }

    st = db_one(
        db, a, SQL_WEEKLY_ISSUES,
        DB_ARGS(db_i64(organization_id), db_i64(account_id), db_time(week)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    out->fresh = db_get_i64(&rows, 0, "fresh");
    out->regressed = db_get_i64(&rows, 0, "regressed");
    out->escalated = db_get_i64(&rows, 0, "escalated");
    out->resolved = db_get_i64(&rows, 0, "resolved");

    st = db_query(db, a, SQL_WEEKLY_TOP,
                  DB_ARGS(db_i64(organization_id), db_i64(account_id),
                          db_time(week), db_i64(WEEKLY_TOP)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    out->ntop = (size_t) rows.n;
    for (int i = 0; i < rows.n; i++) {
        out->top[i] = (struct weekly_issue){
            .id = db_get_i64(&rows, i, "id"),
            .short_id = issue_short_id(a, db_get_str(&rows, i, "slug"),
                                       db_get_i64(&rows, i, "number")),
            .title = db_get_str(&rows, i, "title"),
            .state = state_of(db_get_i64(&rows, i, "status")),
            .events = db_get_i64(&rows, i, "events"),
        };
    }
    return ST_OK;
}
