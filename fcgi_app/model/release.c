#include "model/release.h"

#include "model/release_fixes.h"
#include "model/version.h"

#define NAMES_MAX 50 /* projects with the same version */


static struct db_arg
projects_arg(struct arena *a, const struct id_set *set)
{
    return set != NULL && set->limited ? db_i64_array(a, set->ids, set->n)
                                       : db_null();
}


static struct db_arg
text_arg(struct str s)
{
    return s.n > 0 ? db_str(s) : db_null();
}


/* "%text%", with what LIKE takes for signs of its own made plain. */
static struct db_arg
pattern_arg(struct arena *a, struct str text)
{
    struct buf b = buf_in(a);

    if (text.n == 0) {
        return db_null();
    }
    buf_char(&b, '%');
    for (size_t i = 0; i < text.n; i++) {
        if (memchr("%_\\", text.p[i], 3) != NULL) {
            buf_char(&b, '\\');
        }
        buf_char(&b, text.p[i]);
    }
    buf_char(&b, '%');
    return db_str(str_lower(a, buf_view(&b)));
}


static void
read_row(const struct db_rows *rows, int i, struct release *out)
{
    *out = (struct release){
        .id = db_get_i64(rows, i, "id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .project_slug = db_get_str(rows, i, "project_slug"),
        .project_name = db_get_str(rows, i, "project_name"),
        .platform = db_get_str(rows, i, "platform"),
        .version = db_get_str(rows, i, "version"),
        .is_semantic = db_get_bool(rows, i, "is_semantic"),
        .first_seen = db_get_time(rows, i, "first_seen"),
        .last_seen = db_get_time(rows, i, "last_seen"),
        .released_at = db_get_time(rows, i, "released_at"),
        .url = db_get_str(rows, i, "url"),
        .new_issues = db_get_i64(rows, i, "new_issues"),
    };
}


static void
read_rows(struct arena *a, const struct db_rows *rows, struct release **out,
          size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        read_row(rows, i, &(*out)[i]);
    }
}


enum status
release_list(struct db *db, struct arena *a, int64_t organization_id,
             const struct release_filter *filter, int64_t id, bool back,
             struct release **out, size_t *n, bool *more)
{
    static const enum sql statements[2][2] = {
        { SQL_RELEASE_LIST, SQL_RELEASE_LIST_BACK },
        { SQL_RELEASE_LIST_BY_VERSION, SQL_RELEASE_LIST_BY_VERSION_BACK },
    };
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, statements[filter->by_version][back],
        DB_ARGS(db_i64(organization_id), projects_arg(a, filter->projects),
                text_arg(filter->environment), pattern_arg(a, filter->text),
                id != 0 ? db_i64(id) : db_null(), db_i64(RELEASE_COUNT_CAP + 1),
                db_i64(RELEASE_PAGE + 1)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    read_rows(a, &rows, out, n);
    *more = *n > RELEASE_PAGE;
    if (*more) {
        *n = RELEASE_PAGE;
        /* the one too many is at the end that was asked towards */
        *out += back ? 1 : 0;
    }
    return ST_OK;
}


/* The list that a row belongs to, with its number; NULL: the sum of all. */
static struct release_state *
state_of(struct release_news *news, struct str kind)
{
    return str_is(kind, "new") && news->nrecent < RELEASE_NEWS
               ? &news->recent[news->nrecent++]
           : str_is(kind, "top") && news->ntop < RELEASE_NEWS
               ? &news->top[news->ntop++]
           : str_is(kind, "own") && news->nown < RELEASE_OWN
               ? &news->own[news->nown++]
               : &news->all;
}


enum status
release_news(struct db *db, struct arena *a, int64_t organization_id,
             const int64_t *projects, size_t n, const int64_t *own, size_t nown,
             int64_t since, int64_t day, int keep, struct release_news *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct release_news){ 0 };
    st = db_query_kept(db, a, SQL_RELEASE_NEWS,
                       DB_ARGS(db_i64_array(a, projects, n), db_time(since),
                               db_i64(RELEASE_NEWS), db_time(day),
                               db_i64(RELEASE_NEWS), db_i64(organization_id),
                               db_bool(keep > 0), db_i64_array(a, own, nown)),
                       keep, &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        *state_of(out, db_get_str(&rows, i, "kind")) = (struct release_state){
            .version = db_get_str(&rows, i, "version"),
            .project_slug = db_get_str(&rows, i, "slug"),
            .project_id = db_get_i64(&rows, i, "project_id"),
            .first_seen = db_get_time(&rows, i, "first_seen"),
            .sessions = db_get_i64(&rows, i, "sessions"),
            .crashed = db_get_i64(&rows, i, "crashed"),
            .users = db_get_i64(&rows, i, "users"),
            .users_crashed = db_get_i64(&rows, i, "users_crashed"),
        };
    }
    return st;
}


enum status
release_find(struct db *db, struct arena *a, int64_t organization_id,
             struct str version, const struct id_set *projects,
             struct release **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_RELEASE_BY_VERSION,
                DB_ARGS(db_i64(organization_id), db_str(version),
                        projects_arg(a, projects)),
                &rows);
    if (st == ST_OK) {
        read_rows(a, &rows, out, n);
    }
    return st;
}


enum status
release_before(struct db *db, struct arena *a, const struct release *r,
               struct release *out)
{
    struct db_rows row;
    enum status st =
        db_one(db, a, SQL_RELEASE_BEFORE, DB_ARGS(db_i64(r->id)), &row);

    if (st == ST_OK) {
        read_row(&row, 0, out);
    }
    return st;
}


enum status
release_latest(struct db *db, struct arena *a, int64_t organization_id,
               const struct id_set *projects, struct str **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RELEASE_LATEST,
                  DB_ARGS(db_i64(organization_id), projects_arg(a, projects)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct str));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = db_get_str(&rows, i, "version");
    }
    return ST_OK;
}


enum status
release_compare(struct db *db, struct arena *a, int64_t project_id,
                struct str left, struct str right, int *out)
{
    int64_t at[2] = { 0, 0 };
    struct db_rows rows;
    enum status st;

    if (version_compare(left, right, out)) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_RELEASE_PAIR,
                  DB_ARGS(db_i64(project_id), db_str(left), db_str(right)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct str version = db_get_str(&rows, i, "version");

        at[str_eq(version, right)] = db_get_time(&rows, i, "first_seen");
    }
    if (str_eq(left, right)) {
        at[0] = at[1];
    }
    *out = (at[0] > at[1]) - (at[0] < at[1]);
    return st;
}


/* health */

static struct health
read_health(const struct db_rows *rows, int i)
{
    return (struct health){
        .events = db_get_i64(rows, i, "events"),
        .sessions = db_get_i64(rows, i, "sessions"),
        .exited = db_get_i64(rows, i, "exited"),
        .errored = db_get_i64(rows, i, "errored"),
        .abnormal = db_get_i64(rows, i, "abnormal"),
        .unhandled = db_get_i64(rows, i, "unhandled"),
        .crashed = db_get_i64(rows, i, "crashed"),
        .users = db_get_i64(rows, i, "users"),
        .users_crashed = db_get_i64(rows, i, "users_crashed"),
        .duration_ms = db_get_i64(rows, i, "duration_ms"),
        .durations = db_get_i64(rows, i, "durations"),
    };
}


enum status
release_numbers(struct db *db, struct arena *a, struct str environment,
                struct release_ask *asks, size_t n)
{
    int64_t *ids = arena_array(a, n, sizeof(*ids));
    int64_t *from = arena_array(a, n, sizeof(*from));
    int64_t *to = arena_array(a, n, sizeof(*to));
    int64_t *steps = arena_array(a, n, sizeof(*steps));
    struct str *projects = arena_array(a, n, sizeof(*projects));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        ids[i] = asks[i].id;
        projects[i] = asks[i].project ? STR("t") : STR("f");
        from[i] = asks[i].from;
        to[i] = asks[i].to;
        steps[i] = asks[i].slots > 1 ? asks[i].step : 0;
        asks[i].v = arena_array(a, asks[i].slots, sizeof(struct health));
    }
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_RELEASE_NUMBERS,
                  DB_ARGS(db_i64_array(a, ids, n), db_str_array(a, projects, n),
                          db_time_array(a, from, n), db_time_array(a, to, n),
                          db_i64_array(a, steps, n), text_arg(environment)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        size_t at = (size_t) db_get_i64(&rows, i, "n") - 1;
        size_t slot = (size_t) db_get_i64(&rows, i, "slot");

        if (at < n && slot < asks[at].slots) {
            asks[at].v[slot] = read_health(&rows, i);
        }
    }
    return st;
}


double
health_crash_free(int64_t crashed, int64_t all)
{
    if (all <= 0) {
        return -1;
    }
    return crashed >= all ? 0 : 100 - (double) crashed * 100 / (double) all;
}


/* issues */

static enum status
issues_of(struct arena *a, const struct db_rows *rows, struct issue **out,
          size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        issue_from_row(a, rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
release_issues(struct db *db, struct arena *a, const struct release *r,
               enum release_issues which, struct issue **out, size_t *n)
{
    bool first = which == RELEASE_NEW || which == RELEASE_UNHANDLED;
    bool part = which == RELEASE_UNHANDLED || which == RELEASE_RESOLVED;
    struct db_rows rows;
    enum status st;

    st = db_query(db, a,
                  first ? SQL_RELEASE_FIRST_ISSUES : SQL_RELEASE_LAST_ISSUES,
                  DB_ARGS(db_i64(r->project_id), db_str(r->version),
                          db_bool(part), db_i64(RELEASE_ISSUES_MAX)),
                  &rows);
    return st == ST_OK ? issues_of(a, &rows, out, n) : st;
}


enum status
release_new_issues(struct db *db, struct arena *a, int64_t project_id,
                   const struct str *versions, size_t nversions,
                   struct issue **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RELEASE_NEW_ISSUES,
                  DB_ARGS(db_i64(project_id),
                          db_str_array(a, versions, nversions),
                          db_i64(RELEASE_ISSUES_MAX)),
                  &rows);
    return st == ST_OK ? issues_of(a, &rows, out, n) : st;
}


enum status
release_issue_counts(struct db *db, struct arena *a, int64_t project_id,
                     const struct str *versions, size_t n,
                     struct release_counts *counts)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RELEASE_ISSUE_COUNTS,
                  DB_ARGS(db_i64(project_id), db_str_array(a, versions, n),
                          db_i64(RELEASE_COUNT_CAP + 1)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        int64_t *of = counts[db_get_i64(&rows, i, "n") - 1].n;

        of[RELEASE_NEW] = db_get_i64(&rows, i, "fresh");
        of[RELEASE_UNHANDLED] = db_get_i64(&rows, i, "unhandled");
        of[RELEASE_REGRESSED] = db_get_i64(&rows, i, "regressed");
        of[RELEASE_RESOLVED] = db_get_i64(&rows, i, "resolved");
    }
    return st;
}


/* what came with it */

static struct deploy
read_deploy(const struct db_rows *rows, int i)
{
    return (struct deploy){
        .environment = db_get_str(rows, i, "environment"),
        .name = db_get_str(rows, i, "name"),
        .url = db_get_str(rows, i, "url"),
        .started_at = db_get_time(rows, i, "started_at"),
        .finished_at = db_get_time(rows, i, "finished_at"),
    };
}


enum status
release_deploys(struct db *db, struct arena *a, const int64_t *ids, size_t n,
                struct deploy **out, size_t *nout)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_RELEASE_DEPLOYS,
                  DB_ARGS(db_i64_array(a, ids, n), db_i64(RELEASE_DEPLOYS_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *nout = (size_t) rows.n;
    *out = arena_array(a, *nout, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = read_deploy(&rows, i);
        (*out)[i].release_id = db_get_i64(&rows, i, "release_id");
    }
    return ST_OK;
}


enum status
release_origin(struct db *db, struct arena *a, int64_t release_id,
               struct origin *out)
{
    struct db_rows rows;
    enum status st;

    *out = (struct origin){ 0 };
    st = db_query(db, a, SQL_RELEASE_ORIGIN,
                  DB_ARGS(db_i64(release_id), db_i64(RELEASE_DEPLOYS_MAX),
                          db_i64(RELEASE_COMMITS_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    out->deploys = arena_array(a, (size_t) rows.n, sizeof(*out->deploys));
    out->commits = arena_array(a, (size_t) rows.n, sizeof(*out->commits));
    for (int i = 0; i < rows.n; i++) {
        if (!db_get_bool(&rows, i, "is_commit")) {
            out->deploys[out->ndeploys++] = read_deploy(&rows, i);
            continue;
        }
        out->commits[out->ncommits++] = (struct commit){
            .revision = db_get_str(&rows, i, "revision"),
            .repository = db_get_str(&rows, i, "repository"),
            .message = db_get_str(&rows, i, "message"),
            .author = db_get_str(&rows, i, "author"),
            .author_email = db_get_str(&rows, i, "author_email"),
            .at = db_get_time(&rows, i, "at"),
        };
    }
    return ST_OK;
}


enum status
release_save(struct db *db, struct arena *a, const struct project *project,
             struct str version, int64_t released_at, struct str url,
             int64_t *id)
{
    struct db_rows row;
    enum status st;

    if (!version_is_valid(version)) {
        return ST_INVALID;
    }
    st = db_one(db, a, SQL_RELEASE_SAVE,
                DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                        db_str(version), db_bytes(version_sort_key(a, version)),
                        db_time(released_at), db_str(url)),
                &row);
    if (st == ST_OK) {
        *id = db_get_i64(&row, 0, "id");
    }
    return st;
}


enum status
release_deploy(struct db *db, struct arena *a, int64_t organization_id,
               int64_t release_id, const struct deploy *deploy)
{
    return db_one(db, a, SQL_RELEASE_DEPLOY,
                  DB_ARGS(db_i64(organization_id), db_i64(release_id),
                          db_str(deploy->environment), db_str(deploy->name),
                          db_str(deploy->url), db_time(deploy->started_at),
                          db_time(deploy->finished_at)),
                  NULL);
}


static enum status
add_commits(struct db *db, struct arena *a, int64_t organization_id,
            int64_t release_id, const struct commit *commits, size_t n)
{
    int64_t *positions = arena_array(a, n, sizeof(int64_t));
    int64_t *at = arena_array(a, n, sizeof(int64_t));
    struct str *texts[6];

    for (size_t k = 0; k < 6; k++) {
        texts[k] = arena_array(a, n, sizeof(struct str));
    }
    for (size_t i = 0; i < n; i++) {
        positions[i] = (int64_t) i;
        at[i] = commits[i].at;
        texts[0][i] = commits[i].revision;
        texts[1][i] = commits[i].repository;
        texts[2][i] = commits[i].message;
        texts[3][i] = commits[i].author;
        texts[4][i] = commits[i].author_email;
        texts[5][i] = commits[i].files;
    }
    return db_query(
        db, a, SQL_RELEASE_ADD_COMMITS,
        DB_ARGS(db_i64(organization_id), db_i64(release_id),
                db_i64_array(a, positions, n), db_str_array(a, texts[0], n),
                db_str_array(a, texts[1], n), db_str_array(a, texts[2], n),
                db_str_array(a, texts[3], n), db_str_array(a, texts[4], n),
                db_time_array(a, at, n), db_str_array(a, texts[5], n)),
        NULL);
}


enum status
release_set_commits(struct db *db, struct arena *a, int64_t organization_id,
                    int64_t release_id, const struct commit *commits, size_t n)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    if ((st = db_query(db, a, SQL_RELEASE_DROP_COMMITS,
                       DB_ARGS(db_i64(organization_id), db_i64(release_id)),
                       NULL))
            != ST_OK
        || (st = add_commits(db, a, organization_id, release_id, commits, n))
               != ST_OK
        || (st = db_query(db, a, SQL_RELEASE_RESOLVE_PENDING,
                          DB_ARGS(db_i64(organization_id), db_i64(release_id)),
                          NULL))
               != ST_OK
        || (st = release_fixes(db, a, organization_id, release_id, commits, n))
               != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}
