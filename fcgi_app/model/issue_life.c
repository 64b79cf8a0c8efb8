#include "model/issue_life.h"

#include "json/doc.h"
#include "model/issue_forecast.h"
#include "util/buf.h"

#define LOOKS 100 /* issues that one call looks at */
#define CHANGES 500


/* Issues that come back. */
struct back {
    int64_t ids[2 * LOOKS];
    int64_t priorities[2 * LOOKS];
    struct str data[2 * LOOKS];
    size_t n;
};


/* Issues of which is to be known what is usual. */
struct looked {
    int64_t ids[2 * LOOKS];
    bool young[2 * LOOKS];
    int rows[2 * LOOKS];
    size_t n;
};


static void
look_at(struct looked *l, const struct db_rows *rows, int row)
{
    l->ids[l->n] = db_get_i64(rows, row, "id");
    l->young[l->n] = db_get_bool(rows, row, "is_young");
    l->rows[l->n++] = row;
}


static void
come_back(struct back *b, struct arena *a, const struct db_rows *rows, int row,
          const char *why, int64_t seen)
{
    struct json *data = json_new(a, JSON_T_OBJECT);
    struct buf text = buf_in(a);

    json_set(data, STR("why"), json_new_str(a, str_of(why)));
    if (seen > 0) {
        json_set(data, STR("seen"), json_new_i64(a, seen));
    }
    json_write(&text, data);
    b->ids[b->n] = db_get_i64(rows, row, "id");
    b->priorities[b->n] = db_get_i64(rows, row, "priority");
    b->data[b->n++] = buf_view(&text);
}


static enum status
write_back(struct db *db, struct arena *a, const struct back *b,
           bool escalating)
{
    return b->n == 0 ? ST_OK
                     : db_query(db, a, SQL_ISSUE_LIFE_BACK,
                                DB_ARGS(db_i64_array(a, b->ids, b->n),
                                        db_bool(escalating),
                                        db_str_array(a, b->data, b->n),
                                        db_i64_array(a, b->priorities, b->n)),
                                NULL);
}


/* What was usual for these issues until ago hours ago, for days to come. */
static enum status
forecast(struct db *db, struct arena *a, const struct looked *of, int64_t ago,
         int64_t (*out)[FORECAST_DAYS])
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_ISSUE_LIFE_HOURS,
                 DB_ARGS(db_i64_array(a, of->ids, of->n), db_i64(ago)), &rows);

    for (size_t i = 0; st == ST_OK && i < of->n; i++) {
        int64_t hours[FORECAST_HOURS] = { 0 };

        for (int r = 0; r < rows.n; r++) {
            int64_t hour = db_get_i64(&rows, r, "n");

            if (db_get_i64(&rows, r, "issue_id") == of->ids[i] && hour >= 0
                && hour < (int64_t) FORECAST_HOURS) {
                hours[hour] = db_get_i64(&rows, r, "times_seen");
            }
        }
        issue_forecast(hours, of->young[i], out[i]);
    }
    return st;
}


/* Archived ones: what has come until now is what may come. */
static enum status
keep_forecast(struct db *db, struct arena *a, const struct looked *of)
{
    int64_t days[2 * LOOKS][FORECAST_DAYS];
    enum status st = of->n == 0 ? ST_OK : forecast(db, a, of, 0, days);

    for (size_t i = 0; st == ST_OK && i < of->n; i++) {
        st = db_query(db, a, SQL_ISSUE_LIFE_FORECAST,
                      DB_ARGS(db_i64(of->ids[i]),
                              db_i64_array(a, days[i], FORECAST_DAYS)),
                      NULL);
    }
    return st;
}


/* Ongoing ones: this hour is measured by those before it. */
static enum status
outgrow(struct db *db, struct arena *a, const struct db_rows *rows,
        const struct looked *of, struct back *escalating)
{
    int64_t days[2 * LOOKS][FORECAST_DAYS];
    enum status st = of->n == 0 ? ST_OK : forecast(db, a, of, 1, days);

    for (size_t i = 0; st == ST_OK && i < of->n; i++) {
        int64_t seen = db_get_i64(rows, of->rows[i], "of_hour");

        if (seen > days[i][0]) {
            come_back(escalating, a, rows, of->rows[i], "forecast", seen);
        }
    }
    return st;
}


/* Why an archived issue comes back; NULL: it rests on. */
static const char *
reason(const struct db_rows *rows, int row, int64_t *seen)
{
    int64_t events = db_get_i64(rows, row, "events"),
            users = db_get_i64(rows, row, "users"),
            events_so_far = db_get_i64(rows, row, "events_so_far"),
            users_so_far = db_get_i64(rows, row, "users_so_far");

    *seen = 0;
    if (!db_get_bool(rows, row, "rests")) {
        return NULL;
    }
    if (db_get_bool(rows, row, "is_due")) {
        return "time";
    }
    if (events > 0 && events_so_far >= events) {
        *seen = events_so_far;
        return "events";
    }
    if (users > 0 && users_so_far >= users) {
        *seen = users_so_far;
        return "users";
    }
    *seen = db_get_i64(rows, row, "of_hour");
    return db_get_bool(rows, row, "by_forecast")
                   && !db_is_null(rows, row, "ceiling")
                   && *seen > db_get_i64(rows, row, "ceiling")
               ? "forecast"
               : NULL;
}


static enum status
look(struct db *db, struct arena *a, const struct db_rows *rows)
{
    struct back ongoing = { .n = 0 }, escalating = { .n = 0 };
    struct looked unknown = { .n = 0 }, grown = { .n = 0 };
    int64_t all[2 * LOOKS];
    enum status st;

    for (int i = 0; i < rows->n; i++) {
        int64_t seen;
        const char *why = reason(rows, i, &seen);

        all[i] = db_get_i64(rows, i, "id");
        if (why != NULL) {
            come_back(str_is(str_of(why), "time") ? &ongoing : &escalating, a,
                      rows, i, why, seen);

        } else if (db_get_bool(rows, i, "rests")
                   && db_get_bool(rows, i, "by_forecast")
                   && !db_get_bool(rows, i, "is_fresh")) {
            look_at(&unknown, rows, i);

        } else if (db_get_bool(rows, i, "goes_on")
                   && db_get_i64(rows, i, "of_hour") > FORECAST_LEAST) {
            look_at(&grown, rows, i);
        }
    }
    if ((st = keep_forecast(db, a, &unknown)) != ST_OK
        || (st = outgrow(db, a, rows, &grown, &escalating)) != ST_OK
        || (st = write_back(db, a, &ongoing, false)) != ST_OK
        || (st = write_back(db, a, &escalating, true)) != ST_OK) {
        return st;
    }
    return db_query(db, a, SQL_ISSUE_LIFE_LOOKED,
                    DB_ARGS(db_i64_array(a, all, (size_t) rows->n)), NULL);
}


enum status
issue_life_return(struct db *db, struct arena *a, bool *more)
{
    struct db_rows rows;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_ISSUE_LIFE_LOOK, DB_ARGS(db_i64(LOOKS)), &rows);
    if (st == ST_OK && rows.n > 0) {
        *more = rows.n >= LOOKS;
        st = look(db, a, &rows);
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


static enum status
some(struct db *db, struct arena *a, enum sql stmt, bool *more)
{
    struct db_rows rows;
    enum status st = db_one(db, a, stmt, DB_ARGS(db_i64(CHANGES)), &rows);

    *more = st == ST_OK && db_get_i64(&rows, 0, "n") == CHANGES;
    return st;
}


enum status
issue_life_settle(struct db *db, struct arena *a, bool *more)
{
    return some(db, a, SQL_ISSUE_LIFE_SETTLE, more);
}


enum status
issue_life_resolve(struct db *db, struct arena *a, bool *more)
{
    return some(db, a, SQL_ISSUE_LIFE_RESOLVE, more);
}
