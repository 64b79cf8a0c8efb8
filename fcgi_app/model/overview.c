#include "model/overview.h"


const char *const overview_level_names[OVERVIEW_LEVELS] = { "fatal", "error",
                                                            "warning", "info",
                                                            "debug" };


enum status
overview_levels(struct db *db, struct arena *a, const struct overview_query *q,
                int64_t step, size_t slots, struct overview_levels *out)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_OVERVIEW_LEVELS,
                  DB_ARGS(db_i64(q->organization_id), db_i64(q->project_id),
                          db_time(q->from), db_time(q->to), db_i64(step)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = (struct overview_levels){ 0 };
    for (int i = 0; i < OVERVIEW_LEVELS; i++) {
        out->n[i] = arena_array(a, slots, sizeof(int64_t));
    }
    for (int i = 0; i < rows.n; i++) {
        int64_t slot = db_get_i64(&rows, i, "slot");

        for (int k = 0; k < OVERVIEW_LEVELS; k++) {
            if (str_is(db_get_str(&rows, i, "level"), overview_level_names[k])
                && slot >= 0 && slot < (int64_t) slots) {
                out->n[k][slot] += db_get_i64(&rows, i, "times_seen");
            }
        }
    }
    return ST_OK;
}


static struct overview_tag *
read_tags(struct arena *a, const struct db_rows *rows, size_t *n)
{
    struct overview_tag *list;

    *n = (size_t) rows->n;
    list = arena_array(a, *n, sizeof(*list));
    for (int i = 0; i < rows->n; i++) {
        list[i] = (struct overview_tag){
            .key = db_get_str(rows, i, "key"),
            .value = db_get_str(rows, i, "value"),
            .times_seen = db_get_i64(rows, i, "times_seen"),
            .total = db_get_i64(rows, i, "total"),
            .values = db_get_i64(rows, i, "values"),
            .first_seen = db_get_time(rows, i, "first_seen"),
            .place = (int) db_get_i64(rows, i, "place"),
            .age = (int) db_get_i64(rows, i, "age"),
        };
    }
    return list;
}


enum status
overview_tags(struct db *db, struct arena *a, const struct overview_query *q,
              const struct str *keys, size_t nkeys, struct overview_tag **out,
              size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_OVERVIEW_TAGS,
                  DB_ARGS(db_i64(q->organization_id), db_i64(q->project_id),
                          db_time(q->from), db_str_array(a, keys, nkeys),
                          db_i64(OVERVIEW_TOP), db_time(q->to),
                          db_i64(OVERVIEW_COUNTRIES)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *out = read_tags(a, &rows, n);
    return ST_OK;
}


enum status
overview_issues(struct db *db, struct arena *a, const struct overview_query *q,
                struct str release, struct overview_issue **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st =
        db_query(db, a, SQL_OVERVIEW_ISSUES,
                 DB_ARGS(db_i64(q->organization_id), db_i64(q->project_id),
                         db_time(q->from), db_time(q->to), db_i64(OVERVIEW_TOP),
                         db_i64(OVERVIEW_ISSUES), db_str(release)),
                 &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        issue_from_row(a, &rows, i, &(*out)[i].issue);
        (*out)[i].newest = (int) db_get_i64(&rows, i, "newest");
        (*out)[i].frequent = (int) db_get_i64(&rows, i, "frequent");
        (*out)[i].fresh = (int) db_get_i64(&rows, i, "fresh");
    }
    return ST_OK;
}


enum status
overview_review(struct db *db, struct arena *a, int64_t organization_id,
                const struct access *access, int64_t from, int64_t before,
                struct overview_review **out, size_t *n,
                struct overview_news *news)
{
    struct db_rows rows;
    enum status st;

    st =
        db_query(db, a, SQL_OVERVIEW_REVIEW,
                 DB_ARGS(db_i64(organization_id), db_i64(ISSUE_COUNT_CAP),
                         access_arg(a, access), db_time(from), db_time(before)),
                 &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = 0;
    *news = (struct overview_news){ 0 };
    *out = arena_array(a, (size_t) rows.n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        int64_t id = db_get_i64(&rows, i, "project_id");

        if (id == 0) {
            news->newest = db_get_time(&rows, i, "newest");
            continue;
        }
        if (id == -2) {
            news->regressions = db_get_i64(&rows, i, "unresolved");
            news->regressions_before = db_get_i64(&rows, i, "fresh");
            continue;
        }
        if (id < 0) {
            news->issues = db_get_i64(&rows, i, "unresolved");
            news->before = db_get_i64(&rows, i, "fresh");
            continue;
        }
        (*out)[(*n)++] = (struct overview_review){
            .project_id = id,
            .unresolved = db_get_i64(&rows, i, "unresolved"),
            .fresh = db_get_i64(&rows, i, "fresh"),
            .regressed = db_get_i64(&rows, i, "regressed"),
            .escalating = db_get_i64(&rows, i, "escalating"),
        };
    }
    return ST_OK;
}


enum status
overview_countries(struct db *db, struct arena *a, int64_t organization_id,
                   const struct access *access, int64_t from, size_t max,
                   int keep, struct overview_country **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    if (access->all) {
        st = db_query(db, a, SQL_OVERVIEW_COUNTRIES,
                      DB_ARGS(db_i64(organization_id), db_i64((int64_t) max),
                              db_time(from)),
                      &rows);
    } else {
        st = db_query_kept(db, a, SQL_OVERVIEW_COUNTRIES_OF,
                           DB_ARGS(db_i64(organization_id),
                                   db_i64((int64_t) max), db_time(from),
                                   access_arg(a, access)),
                           keep, &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] =
            (struct overview_country){ db_get_str(&rows, i, "value"),
                                       db_get_i64(&rows, i, "times_seen") };
    }
    return ST_OK;
}
