#include "model/issue.h"

#include "util/buf.h"

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


/* The indexes that are true, times unit, as an array; null when all are. */
static struct db_arg
chosen(struct arena *a, const bool *v, size_t n, int64_t unit, bool never_null)
{
    int64_t ids[8];
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (v[i]) {
            ids[count++] = (int64_t) i * unit;
        }
    }
    return count == n && !never_null ? db_null() : db_i64_array(a, ids, count);
}


static struct db_arg
ids_arg(struct arena *a, const struct id_set *set)
{
    return set != NULL && set->limited ? db_i64_array(a, set->ids, set->n)
                                       : db_null();
}


/* The arrays $9, $10, $11; nulls when no tag is asked for. */
static void
tag_args(struct arena *a, const struct issue_filter *f, struct db_arg args[3])
{
    struct str *keys = arena_array(a, f->ntags, sizeof(struct str));
    struct str *patterns = arena_array(a, f->ntags, sizeof(struct str));
    struct str *negated = arena_array(a, f->ntags, sizeof(struct str));

    if (f->ntags == 0) {
        args[0] = args[1] = args[2] = db_null();
        return;
    }
    for (size_t i = 0; i < f->ntags; i++) {
        keys[i] = f->tags[i].key;
        patterns[i] = f->tags[i].pattern;
        negated[i] = f->tags[i].negated ? STR("t") : STR("f");
    }
    args[0] = db_str_array(a, keys, f->ntags);
    args[1] = db_str_array(a, patterns, f->ntags);
    args[2] = db_str_array(a, negated, f->ntags);
}


static struct str
longest(const struct str *v, size_t n)
{
    struct str best = STR_NULL;

    for (size_t i = 0; i < n; i++) {
        if (v[i].n >= best.n) {
            best = v[i];
        }
    }
    return best;
}


static struct db_arg
end_arg(int64_t n)
{
    return n != 0 ? db_i64(n) : db_null();
}


/* $12 of the statement. */
static int
walk(const struct issue_filter *f, enum issue_sort sort, bool back)
{
    if (f->nwords > 0) {
        return 9;
    }
    switch (sort) {
    case ISSUE_BY_FIRST_SEEN:
        return back ? 4 : 3;
    case ISSUE_BY_EVENTS:
        return back ? 6 : 5;
    case ISSUE_BY_USERS:
        return back ? 8 : 7;
    case ISSUE_BY_LAST_SEEN:
    case ISSUE_SORTS:
        break;
    }
    return back ? 2 : 1;
}


int64_t
issue_sort_key(const struct issue *is, enum issue_sort sort)
{
    switch (sort) {
    case ISSUE_BY_FIRST_SEEN:
        return is->first_seen;
    case ISSUE_BY_EVENTS:
        return is->times_seen;
    case ISSUE_BY_USERS:
        return is->users_seen;
    case ISSUE_BY_LAST_SEEN:
    case ISSUE_SORTS:
        break;
    }
    return is->last_seen;
}


/* Of the projects that are asked for those that the account sees. */
static struct db_arg
seen_arg(struct arena *a, const struct access *access, const struct id_set *set)
{
    int64_t *ids;
    size_t n = 0;

    if (!set->limited) {
        return access_arg(a, access);
    }
    ids = arena_array(a, set->n, sizeof(*ids));
    for (size_t i = 0; i < set->n; i++) {
        if (access_sees(access, set->ids[i])) {
            ids[n++] = set->ids[i];
        }
    }
    return db_i64_array(a, ids, n);
}


enum status
issue_list(struct db *db, struct arena *a, int64_t organization_id,
           const struct access *access, const struct issue_filter *f,
           enum issue_sort sort, const struct issue_cursor *cursor,
           struct issue_list *out)
{
    int page = cursor->rows > 0 ? cursor->rows : ISSUE_PAGE;
    bool by_time = sort == ISSUE_BY_LAST_SEEN || sort == ISSUE_BY_FIRST_SEEN;
    struct db_arg tags[3];
    struct db_rows rows;
    bool more;
    enum status st;
    int first;

    tag_args(a, f, tags);
    st = db_query(
        db, a, SQL_ISSUE_LIST,
        DB_ARGS(db_i64(organization_id), chosen(a, f->statuses, 3, 1, true),
                chosen(a, f->substatuses, 8, 1, false),
                chosen(a, f->levels, 6, 10, false),
                chosen(a, f->priorities, 4, 25, false),
                seen_arg(a, access, &f->projects), ids_arg(a, &f->assignees),
                f->unhandled == -1 ? db_null() : db_bool(f->unhandled == 1),
                tags[0], tags[1], tags[2], db_i64(walk(f, sort, cursor->back)),
                db_str_array(a, f->words, f->nwords),
                db_str(longest(f->words, f->nwords)), db_i64((int) sort),
                db_i64(cursor->back ? -1 : 1),
                cursor->id != 0 && by_time ? db_time(cursor->key)
                                           : db_text("infinity"),
                db_i64(cursor->id), db_i64(page + 1),
                cursor->id != 0 ? db_i64(cursor->key) : db_null(),
                db_time(f->last_seen.low), db_time(f->last_seen.high),
                db_time(f->first_seen.low), db_time(f->first_seen.high),
                end_arg(f->events.low), end_arg(f->events.high),
                end_arg(f->users.low), end_arg(f->users.high)),
        &rows);
    if (st != ST_OK) {
        return st;
    }

    /* the row beyond the page is the first one when walking backwards */
    more = rows.n > page;
    first = more && cursor->back ? 1 : 0;
    out->n = more ? page : rows.n;
    out->earlier = cursor->back ? more : cursor->id != 0;
    out->later = cursor->back || more;
    out->rows = arena_array(a, (size_t) out->n, sizeof(struct issue));
    for (int i = 0; i < out->n; i++) {
        read_row(a, &rows, first + i, &out->rows[i]);
        out->rows[i].search = db_get_str(&rows, first + i, "search");
    }
    return ST_OK;
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
             int64_t account_id, struct issue_counts *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_ISSUE_COUNTS,
                DB_ARGS(db_i64(organization_id), db_i64(account_id),
                        seen_arg(a, access, projects),
                        db_i64(ISSUE_COUNT_CAP + 1)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    out->unresolved = db_get_i64(&rows, 0, "unresolved");
    out->for_review = db_get_i64(&rows, 0, "for_review");
    out->regressed = db_get_i64(&rows, 0, "regressed");
    out->escalating = db_get_i64(&rows, 0, "escalating");
    out->mine = db_get_i64(&rows, 0, "mine");
    return ST_OK;
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
