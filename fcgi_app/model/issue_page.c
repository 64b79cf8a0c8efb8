#include "model/issue_page.h"

#include "model/event.h"
#include "util/timeutil.h"


/* Turns are read newest first; kept in the order of time. */
static void
turn(struct issue_chart *out, int64_t at, struct str kind)
{
    size_t i = out->nturns;

    if (i == ISSUE_CHART_TURNS) {
        return;
    }
    for (; i > 0 && out->turns[i - 1].at > at; i--) {
        out->turns[i] = out->turns[i - 1];
    }
    out->turns[i] = (struct issue_turn){ at, str_is(kind, "archived") };
    out->nturns++;
}


enum status
issue_chart_read(struct db *db, struct arena *a, const struct issue *is,
                 int64_t from, size_t n, struct str environment,
                 struct issue_chart *out)
{
    int64_t to = from + (int64_t) n * US_PER_HOUR;
    int64_t all = 0;
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ISSUE_CHART,
                  DB_ARGS(db_i64(is->id), db_time(from), db_time(to),
                          db_i64(is->project_id), db_i64(ISSUE_CHART_FLAGS),
                          db_str(environment), db_i64(EVENT_WALK_LOOK),
                          db_i64(ISSUE_CHART_TURNS)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = (struct issue_chart){
        .hours = arena_array(a, n, sizeof(int64_t)),
        .here = arena_array(a, n, sizeof(int64_t)),
    };
    for (int i = 0; i < rows.n; i++) {
        int64_t at = db_get_time(&rows, i, "at");
        size_t slot = at > from ? (size_t) ((at - from) / US_PER_HOUR) : 0;

        if (!db_is_null(&rows, i, "kind")) {
            turn(out, at, db_get_str(&rows, i, "kind"));
            continue;
        }
        slot = slot < n ? slot : n - 1;
        if (db_get_bool(&rows, i, "here")) {
            out->here[slot] += db_get_i64(&rows, i, "times_seen");

        } else if (db_is_null(&rows, i, "version")) {
            out->hours[slot] += db_get_i64(&rows, i, "times_seen");
            all += db_get_i64(&rows, i, "times_seen");

        } else if (out->nflags < ISSUE_CHART_FLAGS) {
            out->flags[out->nflags++] =
                (struct release){ .version = db_get_str(&rows, i, "version"),
                                  .first_seen = at };
        }
    }
    out->cut = all > EVENT_WALK_LOOK;
    return ST_OK;
}


enum status
issue_commits(struct db *db, struct arena *a, const struct issue *is,
              struct str release, const struct str *names, size_t nnames,
              struct issue_commit **out, size_t *n)
{
    struct str versions[] = { is->first_release, release };
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ISSUE_COMMITS,
                  DB_ARGS(db_i64(is->project_id), db_str_array(a, versions, 2),
                          db_str_array(a, names, nnames),
                          db_i64(RELEASE_COMMITS_MAX),
                          db_i64(ISSUE_COMMITS_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct issue_commit){
            .commit = { .revision = db_get_str(&rows, i, "revision"),
                        .repository = db_get_str(&rows, i, "repository"),
                        .message = db_get_str(&rows, i, "message"),
                        .author = db_get_str(&rows, i, "author"),
                        .author_email = db_get_str(&rows, i, "author_email"),
                        .at = db_get_time(&rows, i, "at") },
            .version = db_get_str(&rows, i, "version"),
            .path = db_get_str(&rows, i, "path"),
        };
    }
    return ST_OK;
}


enum status
issue_tag_list(struct db *db, struct arena *a, const struct issue *is,
               struct issue_tag_row **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_ISSUE_TAG_LIST,
                  DB_ARGS(db_i64(is->id), db_time(is->first_seen - US_PER_DAY),
                          db_i64(is->project_id), db_i64(ISSUE_TAG_VALUES)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct issue_tag_row){
            .key = db_get_str(&rows, i, "key"),
            .value = db_get_str(&rows, i, "value"),
            .times_seen = db_get_i64(&rows, i, "times_seen"),
            .last_seen = db_get_time(&rows, i, "last_seen"),
            .total = db_get_i64(&rows, i, "total"),
            .values = db_get_i64(&rows, i, "values"),
        };
    }
    return ST_OK;
}
