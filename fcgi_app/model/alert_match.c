/* Users of events that matched the tag filters of rules, by the minute. */

#include "model/alert_data.h"
#include "util/crypt.h"
#include "util/timeutil.h"


static struct str
user_of(struct arena *a, const struct batch_event *ev)
{
    unsigned char *hash = arena_array(a, DIGEST_BYTES, 1);

    digest16(ev->user_tag, hash);
    return str_make((const char *) hash, 4);
}


enum status
alert_match_add(struct db *db, struct arena *a, const struct alert_match *list,
                size_t n)
{
    int64_t *ids[4];
    struct str *texts[2];

    if (n == 0) {
        return ST_OK;
    }
    for (size_t k = 0; k < 4; k++) {
        ids[k] = arena_array(a, n, sizeof(int64_t));
    }
    for (size_t k = 0; k < 2; k++) {
        texts[k] = arena_array(a, n, sizeof(struct str));
    }
    for (size_t i = 0; i < n; i++) {
        const struct batch_event *ev = list[i].ev;

        ids[0][i] = list[i].issue_id;
        ids[1][i] = list[i].match;
        ids[2][i] = ev->received_at - ev->received_at % US_PER_MINUTE;
        ids[3][i] = ev->organization_id;
        texts[0][i] = str_null(ev->environment) ? STR("") : ev->environment;
        texts[1][i] = user_of(a, ev);
    }
    return db_query(
        db, a, SQL_ALERT_MATCH_ADD,
        DB_ARGS(db_i64_array(a, ids[0], n), db_i64_array(a, ids[1], n),
                db_time_array(a, ids[2], n), db_i64_array(a, ids[3], n),
                db_str_array(a, texts[0], n), db_bytes_array(a, texts[1], n)),
        NULL);
}


enum status
alert_match_count(struct db *db, struct arena *a, int64_t issue_id,
                  int64_t match, const struct str *environments,
                  size_t nenvironments, int64_t from, int64_t to, int64_t *out)
{
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ALERT_MATCH_COUNT,
        DB_ARGS(db_i64(issue_id), db_i64(match), db_time(from), db_time(to),
                db_str_array(a, environments, nenvironments)),
        &rows);

    if (st == ST_OK) {
        *out = alert_distinct(a, db_get_bytes(a, &rows, 0, "users"));
    }
    return st;
}
