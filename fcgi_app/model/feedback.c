#include "model/feedback.h"

#include "model/undo.h"

#include "model/issue.h"
#include "util/hex.h"

/* Rows that one call of the chore looks at. */
#define LINK_ROWS 500


static struct str
id_text(struct arena *a, const struct db_rows *rows, int i, const char *name)
{
    struct str text = db_get_str(rows, i, name);
    unsigned char id[16];

    return uuid_parse(text, id) ? uuid_hex(a, id) : STR_NULL;
}


static void
read_row(struct arena *a, const struct db_rows *rows, int i,
         struct feedback *out)
{
    *out = (struct feedback){
        .id = db_get_i64(rows, i, "id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .project_slug = db_get_str(rows, i, "project_slug"),
        .event_id = id_text(a, rows, i, "event_id"),
        .is_report = db_get_bool(rows, i, "is_report"),
        .subject = id_text(a, rows, i, "subject"),
        .issue_id = db_get_i64(rows, i, "issue_id"),
        .issue_title = db_get_str(rows, i, "issue_title"),
        .status = (enum feedback_status) db_get_i64(rows, i, "status"),
        .assignee_id = db_get_i64(rows, i, "assignee_id"),
        .assignee = db_get_str(rows, i, "assignee"),
        .name = db_get_str(rows, i, "name"),
        .email = db_get_str(rows, i, "email"),
        .message = db_get_str(rows, i, "message"),
        .url = db_get_str(rows, i, "url"),
        .source = db_get_str(rows, i, "source"),
        .replay = db_get_str(rows, i, "replay"),
        .release = db_get_str(rows, i, "release"),
        .environment = db_get_str(rows, i, "environment"),
        .browser = db_get_str(rows, i, "browser"),
        .os = db_get_str(rows, i, "os"),
        .country = db_get_str(rows, i, "country"),
        .received_at = db_get_time(rows, i, "received_at"),
    };
    if (out->issue_id != 0) {
        out->issue = issue_short_id(a, out->project_slug,
                                    db_get_i64(rows, i, "issue_number"));
    }
}


static void
read_rows(struct arena *a, const struct db_rows *rows, struct feedback **out,
          size_t *n)
{
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        read_row(a, rows, i, &(*out)[i]);
    }
}


static struct db_arg
projects_arg(struct arena *a, const struct id_set *set)
{
    return set != NULL && set->limited ? db_i64_array(a, set->ids, set->n)
                                       : db_null();
}


/* "%text%", with what LIKE takes for signs of its own made plain. */
static struct str
pattern_of(struct arena *a, struct str text)
{
    struct str lower = str_lower(a, text);
    struct buf b = buf_in(a);

    buf_char(&b, '%');
    for (size_t i = 0; i < lower.n; i++) {
        if (memchr("%_\\", lower.p[i], 3) != NULL) {
            buf_char(&b, '\\');
        }
        buf_char(&b, lower.p[i]);
    }
    buf_char(&b, '%');
    return buf_view(&b);
}


enum status
feedback_list(struct db *db, struct arena *a, int64_t organization_id,
              const struct feedback_filter *filter, int64_t id, bool back,
              struct feedback **out, size_t *n, bool *more)
{
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, back ? SQL_FEEDBACK_LIST_BACK : SQL_FEEDBACK_LIST,
        DB_ARGS(
            db_i64(organization_id), projects_arg(a, filter->projects),
            filter->status >= 0 ? db_i64(filter->status) : db_null(),
            filter->assignee_id != 0 ? db_i64(filter->assignee_id) : db_null(),
            filter->text.n > 0 ? db_str(pattern_of(a, filter->text))
                               : db_null(),
            filter->environment.n > 0 ? db_str(filter->environment) : db_null(),
            id != 0 ? db_i64(id) : db_null(), db_i64(FEEDBACK_PAGE + 1)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    read_rows(a, &rows, out, n);
    *more = *n > FEEDBACK_PAGE;
    if (*more) {
        *n = FEEDBACK_PAGE;
        /* the one too many is at the end that was asked towards */
        *out += back ? 1 : 0;
    }
    return ST_OK;
}


enum status
feedback_past(struct db *db, struct arena *a, int64_t organization_id,
              const int64_t *projects, size_t nprojects, int64_t from,
              int64_t to, int max, struct feedback **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_FEEDBACK_PAST,
                              DB_ARGS(db_i64(organization_id),
                                      db_i64_array(a, projects, nprojects),
                                      db_time(from), db_time(to), db_i64(max)),
                              &rows);

    if (st == ST_OK) {
        read_rows(a, &rows, out, n);
    }
    return st;
}


enum status
feedback_find(struct db *db, struct arena *a, int64_t organization_id,
              int64_t id, const struct id_set *projects, struct feedback *out)
{
    struct db_rows row;
    enum status st;

    st = db_one(
        db, a, SQL_FEEDBACK_BY_ID,
        DB_ARGS(db_i64(organization_id), db_i64(id), projects_arg(a, projects)),
        &row);
    if (st == ST_OK) {
        read_row(a, &row, 0, out);
    }
    return st;
}


enum status
feedback_counts(struct db *db, struct arena *a, int64_t organization_id,
                const struct id_set *projects, int64_t counts[3])
{
    struct db_rows rows;
    enum status st;

    memset(counts, 0, 3 * sizeof(counts[0]));
    st = db_query(db, a, SQL_FEEDBACK_COUNTS,
                  DB_ARGS(db_i64(organization_id), projects_arg(a, projects),
                          db_i64(FEEDBACK_COUNT_CAP + 1)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        int64_t status = db_get_i64(&rows, i, "status");

        if (status >= 0 && status < 3) {
            counts[status] = db_get_i64(&rows, i, "n");
        }
    }
    return st;
}


enum status
feedback_of_issues(struct db *db, struct arena *a, const int64_t *issues,
                   size_t n, int64_t **counts)
{
    struct db_rows rows;
    enum status st;

    *counts = arena_array(a, n, sizeof(int64_t));
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(
        db, a, SQL_FEEDBACK_OF_ISSUES,
        DB_ARGS(db_i64_array(a, issues, n), db_i64(FEEDBACK_COUNT_CAP + 1)),
        &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        size_t at = (size_t) db_get_i64(&rows, i, "place") - 1;

        if (at < n) {
            (*counts)[at] = db_get_i64(&rows, i, "n");
        }
    }
    return st;
}


static enum status
change(struct db *db, struct arena *a, enum sql statement,
       int64_t organization_id, const struct id_set *projects,
       const int64_t *ids, size_t n, struct db_arg value, int64_t *changed)
{
    struct db_rows row;
    enum status st;

    st = db_one(db, a, statement,
                DB_ARGS(db_i64(organization_id), projects_arg(a, projects),
                        db_i64_array(a, ids, n), value),
                &row);
    if (st == ST_OK) {
        *changed = db_get_i64(&row, 0, "n");
    }
    return st;
}


/* Inside a transaction. */
static enum status
change_kept(struct db *db, struct arena *a, int64_t organization_id,
            const struct id_set *projects, const int64_t *ids, size_t n,
            const struct feedback_change *c, int64_t *changed, int64_t *undo)
{
    enum status st =
        undo_open(db, a, organization_id, c->account_id, c->title, undo);

    if (st == ST_OK) {
        st =
            db_query(db, a, SQL_FEEDBACK_KEEP,
                     DB_ARGS(db_i64(organization_id), projects_arg(a, projects),
                             db_i64(*undo), db_i64_array(a, ids, n)),
                     NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    if (!c->assigns) {
        return change(db, a, SQL_FEEDBACK_SET_STATUS, organization_id, projects,
                      ids, n, db_i64(c->status), changed);
    }
    return change(db, a, SQL_FEEDBACK_ASSIGN, organization_id, projects, ids, n,
                  c->assignee_id != 0 ? db_i64(c->assignee_id) : db_null(),
                  changed);
}


enum status
feedback_change(struct db *db, struct arena *a, int64_t organization_id,
                const struct id_set *projects, const int64_t *ids, size_t n,
                const struct feedback_change *c, int64_t *changed,
                int64_t *undo)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st =
        change_kept(db, a, organization_id, projects, ids, n, c, changed, undo);
    if (st == ST_OK && *changed > 0) {
        return db_commit(db);
    }
    db_rollback(db);
    *undo = 0;
    return st;
}


enum status
feedback_link(struct db *db, struct arena *a, bool *more)
{
    struct db_rows row;
    enum status st;

    (void) more; /* what was not found is looked for again the next time */
    st = db_one(db, a, SQL_FEEDBACK_LINK, DB_ARGS(db_i64(LINK_ROWS)), &row);
    return st;
}
