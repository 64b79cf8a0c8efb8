#include "model/issue.h"

#include "util/buf.h"

/* The limit of both statements of counts. */
_Static_assert(ISSUE_COUNT_CAP + 1 == 1000, "see issue.sql");

/* Crockford's alphabet: no I, L, O or U to be misread. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";


struct str
issue_short_id(struct arena *a, struct str slug, int64_t number)
{
    char text[16];
    size_t at = sizeof(text);
    struct str upper = str_upper(a, slug);

    do {
        text[--at] = digits[number % 32];
        number /= 32;
    } while (number > 0 && at > 0);

    return str_printf(a, "%.*s-%.*s", STR_FMT(upper), (int) (sizeof(text) - at),
                      text + at);
}


static int
digit(char c)
{
    const char *found;

    if (c >= 'a' && c <= 'z') {
        c = (char) (c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    found = c != '\0' ? strchr(digits, c) : NULL;
    return found != NULL ? (int) (found - digits) : -1;
}


enum status
issue_short_id_parse(struct arena *a, struct str text, struct str *slug,
                     int64_t *number)
{
    ptrdiff_t dash = str_rchr(text, '-');
    struct str tail = str_sub(text, (size_t) (dash + 1), text.n);
    int64_t value = 0;

    if (dash < 1 || tail.n == 0 || tail.n > 12) {
        return ST_INVALID;
    }
    for (size_t i = 0; i < tail.n; i++) {
        int d = digit(tail.p[i]);

        if (d == -1) {
            return ST_INVALID;
        }
        value = value * 32 + d;
    }
    *slug = str_lower(a, str_sub(text, 0, (size_t) dash));
    *number = value;
    return ST_OK;
}


static void
read_row(struct arena *a, const struct db_rows *rows, int row,
         struct issue *out)
{
    out->id = db_get_i64(rows, row, "id");
    out->project_id = db_get_i64(rows, row, "project_id");
    out->project_slug = db_get_str(rows, row, "project_slug");
    out->project_name = db_get_str(rows, row, "project_name");
    out->short_id =
        issue_short_id(a, out->project_slug, db_get_i64(rows, row, "number"));
    out->title = db_get_str(rows, row, "title");
    out->type = db_get_str(rows, row, "type");
    out->value = db_get_str(rows, row, "value");
    out->culprit = db_get_str(rows, row, "culprit");
    out->platform = db_get_str(rows, row, "platform");
    out->level = (int) db_get_i64(rows, row, "level");
    out->priority = (int) db_get_i64(rows, row, "priority");
    out->status = (enum issue_status) db_get_i64(rows, row, "status");
    out->substatus = (enum issue_substatus) db_get_i64(rows, row, "substatus");
    out->unhandled = db_get_bool(rows, row, "is_unhandled");
    out->assignee_id = db_get_i64(rows, row, "assignee_id");
    out->assignee = db_get_str(rows, row, "assignee");
    out->first_seen = db_get_time(rows, row, "first_seen");
    out->last_seen = db_get_time(rows, row, "last_seen");
    out->times_seen = db_get_i64(rows, row, "times_seen");
    out->users_seen = db_get_i64(rows, row, "users_seen");
    out->first_release = db_get_str(rows, row, "first_release");
    out->last_release = db_get_str(rows, row, "last_release");
    out->status_at = db_get_time(rows, row, "status_at");
}


struct id_set
issue_projects_seen(struct arena *a, const struct access *access,
                    const struct id_set *set)
{
    struct id_set out = { .limited = true };

    if (!set->limited) {
        out.limited = !access->all;
        out.ids = access->projects;
        out.n = access->n;
        return out;
    }
    out.ids = arena_array(a, set->n, sizeof(*out.ids));
    for (size_t i = 0; i < set->n; i++) {
        if (access_sees(access, set->ids[i])) {
            out.ids[out.n++] = set->ids[i];
        }
    }
    return out;
}


void
issue_from_row(struct arena *a, const struct db_rows *rows, int row,
               struct issue *out)
{
    read_row(a, rows, row, out);
}


/* The issue that this one was merged into. */
static enum status
find_merged(struct db *db, struct arena *a, int64_t organization_id,
            int64_t number, struct str slug, struct db_rows *rows)
{
    enum status st = db_one(
        db, a, SQL_ISSUE_MERGED_INTO,
        DB_ARGS(db_i64(organization_id), db_i64(number), db_str(slug)), rows);

    return st == ST_OK ? db_one(db, a, SQL_ISSUE_BY_ID,
                                DB_ARGS(db_i64(organization_id),
                                        db_i64(db_get_i64(rows, 0, "id"))),
                                rows)
                       : st;
}


enum status
issue_find(struct db *db, struct arena *a, int64_t organization_id,
           struct str ref, struct issue *out)
{
    struct db_rows rows;
    struct str slug = STR_NULL;
    int64_t number;
    enum status st;

    if (str_i64(ref, &number)) {
        st = db_one(db, a, SQL_ISSUE_BY_ID,
                    DB_ARGS(db_i64(organization_id), db_i64(number)), &rows);

    } else if (issue_short_id_parse(a, ref, &slug, &number) == ST_OK) {
        st = db_one(
            db, a, SQL_ISSUE_BY_NUMBER,
            DB_ARGS(db_i64(organization_id), db_str(slug), db_i64(number)),
            &rows);

    } else {
        return ST_NOT_FOUND;
    }

    if (st == ST_NOT_FOUND) {
        st = find_merged(db, a, organization_id, number, slug, &rows);
    }
    if (st == ST_OK) {
        read_row(a, &rows, 0, out);
    }
    return st;
}


enum status
issue_all_in(struct db *db, struct arena *a, int64_t organization_id,
             const int64_t *ids, size_t n, const int64_t *projects,
             size_t nprojects)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ISSUE_ALL_IN,
                DB_ARGS(db_i64(organization_id), db_i64_array(a, ids, n),
                        db_i64_array(a, projects, nprojects)),
                &rows);
    if (st == ST_OK && db_get_i64(&rows, 0, "n") != (int64_t) n) {
        return ST_NOT_FOUND;
    }
    return st;
}


enum status
issue_counts(struct db *db, struct arena *a, int64_t organization_id,
             const struct access *access, const struct id_set *projects,
             bool now, struct issue_counts *out)
{
    struct id_set seen = issue_projects_seen(a, access, projects);
    enum sql stmt = seen.limited && seen.n <= ISSUE_WALKED_PROJECTS
                        ? SQL_ISSUE_COUNTS_OF
                        : SQL_ISSUE_COUNTS;
    const struct db_arg args[] = {
        db_i64(organization_id),
        seen.limited ? db_i64_array(a, seen.ids, seen.n) : db_null(),
    };
    struct db_rows rows;
    bool kept = !now && db_kept(db, a, stmt, args, 2, &rows);
    enum status st = kept ? ST_OK : db_one(db, a, stmt, args, 2, &rows);

    if (st != ST_OK) {
        return st;
    }
    out->unresolved = db_get_i64(&rows, 0, "unresolved");
    out->for_review = db_get_i64(&rows, 0, "for_review");
    out->regressed = db_get_i64(&rows, 0, "regressed");
    out->escalating = db_get_i64(&rows, 0, "escalating");
    if (!kept && out->unresolved > ISSUE_COUNT_CAP) {
        db_keep(db, a, stmt, args, 2, ISSUE_COUNTS_KEPT, &rows);
    }
    return ST_OK;
}


enum status
issue_count_mine(struct db *db, struct arena *a, int64_t organization_id,
                 const struct access *access, const struct id_set *projects,
                 int64_t account_id, int64_t *n)
{
    struct id_set seen = issue_projects_seen(a, access, projects);
    struct db_rows rows;
    enum status st = db_one(
        db, a, SQL_ISSUE_COUNT_MINE,
        DB_ARGS(db_i64(organization_id),
                seen.limited ? db_i64_array(a, seen.ids, seen.n) : db_null(),
                db_i64(account_id)),
        &rows);

    if (st == ST_OK) {
        *n = db_get_i64(&rows, 0, "n");
    }
    return st;
}


enum status
issue_hours(struct db *db, struct arena *a, const int64_t *ids, int n,
            int64_t from, int64_t step, int slots, int64_t **out)
{
    int64_t until = from + step * slots * US_PER_SECOND;
    int64_t *v = arena_array(a, (size_t) n * (size_t) slots, sizeof(int64_t));
    struct db_rows rows;
    enum status st;

    *out = v;
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_ISSUE_HOURS,
                  DB_ARGS(db_i64_array(a, ids, (size_t) n), db_time(from),
                          db_i64(step), db_time(until)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }

    for (int r = 0; r < rows.n; r++) {
        int64_t id = db_get_i64(&rows, r, "issue_id");
        int64_t slot = db_get_i64(&rows, r, "slot");

        for (int i = 0; i < n; i++) {
            if (ids[i] == id && slot >= 0 && slot < slots) {
                v[i * slots + slot] = db_get_i64(&rows, r, "times_seen");
            }
        }
    }
    return ST_OK;
}


/*
 * What the other issues have of `all` that the project has: without this one's
 * own share of it since that time.
 */
static int64_t
without(int64_t all, int64_t times_seen, int64_t own, const struct issue *is)
{
    double part =
        is->times_seen > own ? (double) own / (double) is->times_seen : 1;
    int64_t rest = all - (int64_t) ((double) times_seen * part);

    return rest > 0 ? rest : 0;
}


enum status
issue_tags(struct db *db, struct arena *a, const struct issue *is,
           const struct str *keys, size_t nkeys, int64_t now,
           struct issue_tags *out)
{
    struct db_rows rows;
    int64_t own = 0;
    enum status st;

    *out = (struct issue_tags){ 0 };
    out->since = now - (ISSUE_TAG_DAYS - 1) * US_PER_DAY;
    if (is->first_seen > out->since) {
        out->since = is->first_seen;
    }
    out->since -= out->since % US_PER_DAY;
    st = db_query(db, a, SQL_ISSUE_TAG_TOP,
                  DB_ARGS(db_i64(is->id), db_str_array(a, keys, nkeys),
                          db_time(is->first_seen - US_PER_DAY),
                          db_time(out->since), db_i64(ISSUE_TAG_DAYS),
                          db_i64(is->project_id)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }

    out->n = rows.n;
    out->v = arena_array(a, (size_t) rows.n, sizeof(struct issue_tag));
    if (rows.n > 0) {
        own = db_get_i64(&rows, 0, "own");
        out->elsewhere = db_get_i64(&rows, 0, "project_events") - own;
    }
    for (int i = 0; i < rows.n; i++) {
        int64_t times_seen = db_get_i64(&rows, i, "times_seen");

        out->v[i] = (struct issue_tag){
            .place = (size_t) db_get_i64(&rows, i, "place") - 1,
            .key = db_get_str(&rows, i, "key"),
            .value = db_get_str(&rows, i, "value"),
            .times_seen = times_seen,
            .total = db_get_i64(&rows, i, "total"),
            .elsewhere = -1,
        };
        if (!db_is_null(&rows, i, "project")) {
            int64_t n =
                without(db_get_i64(&rows, i, "project"), times_seen, own, is);

            out->v[i].elsewhere = n < out->elsewhere ? n : out->elsewhere;
        }
    }
    return ST_OK;
}
