#include "model/usage_month.h"

#include <time.h>

#include "util/timeutil.h"

#define RECENT_US (7 * US_PER_DAY)

/* The categories of each kind. */
static const struct {
    const char *category;
    enum usage_kind kind;
} categories[] = {
    { "error", USAGE_EVENTS },    { "default", USAGE_EVENTS },
    { "security", USAGE_EVENTS }, { "transaction", USAGE_TRANSACTIONS },
    { "span", USAGE_SPANS },      { "session", USAGE_SESSIONS },
    { "log_item", USAGE_LOGS },   { "attachment", USAGE_ATTACHMENTS },
};


static enum usage_kind
kind_of(struct str category)
{
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
        if (str_is(category, categories[i].category)) {
            return categories[i].kind;
        }
    }
    return USAGE_KINDS;
}


/* Months since the year 0; and when one begins. */

static int
month_of(int64_t us)
{
    time_t at = (time_t) (us / US_PER_SECOND);
    struct tm tm;

    gmtime_r(&at, &tm);
    return (tm.tm_year + 1900) * 12 + tm.tm_mon;
}


static int64_t
month_start(int month)
{
    struct tm tm = { .tm_year = month / 12 - 1900,
                     .tm_mon = month % 12,
                     .tm_mday = 1 };

    return (int64_t) timegm(&tm) * US_PER_SECOND;
}


/* What is still to come at the pace of the last days. */
static void
foretell(struct usage_months *out, const int64_t *recent, int64_t since,
         int64_t now, int64_t end)
{
    double pace =
        now > since ? (double) (end - now) / (double) (now - since) : 0;

    out->known = now - since >= US_PER_DAY;
    for (int k = 0; k < USAGE_KINDS; k++) {
        out->forecast[k] =
            out->v[0].accepted[k] + (int64_t) ((double) recent[k] * pace);
    }
}


enum status
usage_months(struct db *db, struct arena *a, int64_t org, int64_t now,
             struct usage_months *out)
{
    int present = month_of(now);
    int64_t since = (now - RECENT_US) / US_PER_DAY * US_PER_DAY, first = now;
    int64_t recent[USAGE_KINDS] = { 0 };
    struct db_rows rows;
    enum status st;

    *out = (struct usage_months){ 0 };
    st = db_query(db, a, SQL_USAGE_MONTHS,
                  DB_ARGS(db_i64(org),
                          db_time(month_start(present - USAGE_MONTHS + 1)),
                          db_time(since)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < USAGE_MONTHS; i++) {
        out->v[i].year = (present - i) / 12;
        out->v[i].month = (present - i) % 12 + 1;
    }
    for (int i = 0; i < rows.n; i++) {
        enum usage_kind kind = kind_of(db_get_str(&rows, i, "category"));
        int64_t back = present - db_get_i64(&rows, i, "month");

        if (kind == USAGE_KINDS || back < 0 || back >= USAGE_MONTHS) {
            continue;
        }
        out->v[back].accepted[kind] += db_get_i64(&rows, i, "accepted");
        recent[kind] += db_get_i64(&rows, i, "recent");
        if (kind == USAGE_EVENTS) {
            out->v[back].limited += db_get_i64(&rows, i, "limited");
        }
        if (db_get_time(&rows, i, "first") < first) {
            first = db_get_time(&rows, i, "first");
        }
    }
    foretell(out, recent, first > since ? first : since, now,
             month_start(present + 1));
    return ST_OK;
}
