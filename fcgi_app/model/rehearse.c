#include "model/rehearse.h"


/* The five parameters that all statements begin with. */
#define SCOPE(s)                                                               \
    db_i64((s)->organization_id),                                              \
        db_i64_array(a, (s)->projects, (s)->nprojects), db_time((s)->from),    \
        db_time((s)->to)
#define ENVIRONMENTS(s) db_str_array(a, (s)->environments, (s)->nenvironments)


static struct past *
begin(struct arena *a, const struct db_rows *rows, size_t *n)
{
    *n = (size_t) rows->n;
    return arena_array(a, *n, sizeof(struct past));
}


enum status
past_minutes(struct db *db, struct arena *a, const struct past_scope *s,
             int64_t min, bool users, struct past **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_REHEARSE_MINUTES,
                 DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_i64(min), db_bool(users),
                         db_i64(REHEARSE_ROWS_MAX)),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].issue_id = db_get_i64(&rows, i, "issue_id");
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].at = db_get_time(&rows, i, "minute");
        (*out)[i].n = db_get_i64(&rows, i, "n");
        if (users) {
            (*out)[i].users = db_get_bytes(a, &rows, i, "users");
        }
    }
    return ST_OK;
}


enum status
past_matches(struct db *db, struct arena *a, const struct past_scope *s,
             int64_t match, struct past **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_REHEARSE_MATCHES,
                              DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_i64(match),
                                      db_i64(REHEARSE_ROWS_MAX)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].issue_id = db_get_i64(&rows, i, "issue_id");
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].at = db_get_time(&rows, i, "minute");
        (*out)[i].users = db_get_bytes(a, &rows, i, "users");
    }
    return ST_OK;
}


enum status
past_new(struct db *db, struct arena *a, const struct past_scope *s,
         struct past **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_REHEARSE_NEW,
        DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_i64(REHEARSE_ROWS_MAX)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].issue_id = db_get_i64(&rows, i, "issue_id");
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].at = db_get_time(&rows, i, "minute");
    }
    return ST_OK;
}


enum status
past_history(struct db *db, struct arena *a, const struct past_scope *s,
             const struct str *kinds, size_t nkinds, struct past **out,
             size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_REHEARSE_HISTORY,
                              DB_ARGS(SCOPE(s), db_str_array(a, kinds, nkinds),
                                      db_i64(REHEARSE_ROWS_MAX)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].issue_id = db_get_i64(&rows, i, "issue_id");
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].at = db_get_time(&rows, i, "at");
        (*out)[i].kind = db_get_str(&rows, i, "kind");
        (*out)[i].data = db_get_str(&rows, i, "data");
    }
    return ST_OK;
}


enum status
past_tags(struct db *db, struct arena *a, const struct past_scope *s,
          const struct str *keys, size_t nkeys, struct past **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_REHEARSE_TAGS,
                              DB_ARGS(SCOPE(s), db_str_array(a, keys, nkeys),
                                      db_i64(REHEARSE_ROWS_MAX)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        struct past *p = &(*out)[i];

        p->issue_id = db_get_i64(&rows, i, "issue_id");
        p->project_id = db_get_i64(&rows, i, "project_id");
        p->at = db_get_time(&rows, i, "at");
        p->tag.project_id = p->project_id;
        p->tag.key = db_get_str(&rows, i, "key");
        p->tag.value = db_get_str(&rows, i, "value");
    }
    return ST_OK;
}


enum status
past_feedback(struct db *db, struct arena *a, const struct past_scope *s,
              struct past **out, size_t *n)
{
    struct feedback *list;
    enum status st =
        feedback_past(db, a, s->organization_id, s->projects, s->nprojects,
                      s->from, s->to, REHEARSE_ROWS_MAX, &list, n);

    if (st != ST_OK) {
        return st;
    }
    *out = arena_array(a, *n, sizeof(**out));
    for (size_t i = 0; i < *n; i++) {
        (*out)[i] = (struct past){ .issue_id = list[i].issue_id,
                                   .project_id = list[i].project_id,
                                   .at = list[i].received_at,
                                   .feedback = &list[i] };
    }
    return ST_OK;
}


enum status
past_projects(struct db *db, struct arena *a, const struct past_scope *s,
              struct past **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(
        db, a, SQL_REHEARSE_PROJECTS,
        DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_i64(REHEARSE_ROWS_MAX)), &rows);

    if (st != ST_OK) {
        return st;
    }
    *out = begin(a, &rows, n);
    for (int i = 0; i < rows.n; i++) {
        (*out)[i].project_id = db_get_i64(&rows, i, "project_id");
        (*out)[i].at = db_get_time(&rows, i, "minute");
    }
    return ST_OK;
}


enum status
past_counts(struct db *db, struct arena *a, const struct past_scope *s,
            int level, bool users, struct past_count **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_REHEARSE_COUNTS,
                 DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_i64(level),
                         db_bool(users), db_i64(REHEARSE_ROWS_MAX)),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct past_count){
            .at = db_get_time(&rows, i, "minute"),
            .n = db_get_i64(&rows, i, "n"),
            .users = users ? db_get_bytes(a, &rows, i, "users") : STR_NULL,
        };
    }
    return ST_OK;
}


enum status
past_sessions(struct db *db, struct arena *a, const struct past_scope *s,
              struct str release, bool users, struct past_count **out,
              size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_REHEARSE_SESSIONS,
                 DB_ARGS(SCOPE(s), ENVIRONMENTS(s), db_bool(users),
                         db_i64(REHEARSE_ROWS_MAX), db_str(release)),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct past_count){
            .at = db_get_time(&rows, i, "minute"),
            .place = db_get_i64(&rows, i, "place"),
            .n = db_get_i64(&rows, i, "n"),
            .bad = db_get_i64(&rows, i, "bad"),
            .users = users ? db_get_bytes(a, &rows, i, "users") : STR_NULL,
            .bad_users =
                users ? db_get_bytes(a, &rows, i, "bad_users") : STR_NULL,
        };
    }
    return ST_OK;
}
