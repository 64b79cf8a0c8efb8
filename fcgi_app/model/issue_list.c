/*
 * One page of the stream: which of the statements of issue_list.sql brings it,
 * and its rows.
 */

#include "model/issue.h"

#define WORDS_MAX 2000 /* issues that words are said to be few by */
#define FILTERS 19     /* arguments that all of the statements have */
#define TAGS 3         /* and those that are asked for tags */

/* The limit of the statements that are for this page alone. */
_Static_assert(ISSUE_PAGE + 1 == 26, "see issue_list.sql");

/* Of the statement for all other pages, $24. */
enum walk {
    WALK_SEEN = 1,
    WALK_NEW = 3,
    WALK_EVENTS = 5,
    WALK_USERS = 7,
    WALK_WORDS = 9,
    WALK_PRIORITY = 10,
    WALK_TREND = 11,
};

/* By sort; a step backwards along an index is the next number. */
static const struct {
    enum sql usual;
    enum walk walk;
    bool both_ways;
} sorts[ISSUE_SORTS] = {
    [ISSUE_BY_LAST_SEEN] = { SQL_ISSUE_LIST_SEEN, WALK_SEEN, false },
    [ISSUE_BY_FIRST_SEEN] = { SQL_ISSUE_LIST_NEW, WALK_NEW, false },
    [ISSUE_BY_EVENTS] = { SQL_ISSUE_LIST_EVENTS, WALK_EVENTS, false },
    [ISSUE_BY_USERS] = { SQL_ISSUE_LIST_USERS, WALK_USERS, false },
    [ISSUE_BY_PRIORITY] = { SQL_ISSUE_LIST_PRIORITY, WALK_PRIORITY, true },
    [ISSUE_BY_TREND] = { SQL_ISSUE_LIST_TREND, WALK_TREND, true },
};

/* One page, while it is asked for. */
struct asked {
    const struct issue_filter *f;
    enum issue_sort sort;
    const struct issue_cursor *cursor;
    bool few; /* the words have found these */
    int64_t *found;
    size_t nfound;
};


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
    return set->limited ? db_i64_array(a, set->ids, set->n) : db_null();
}


/* The arrays $20, $21, $22; nulls when no tag is asked for. */
static void
tag_args(struct arena *a, const struct issue_filter *f,
         struct db_arg args[TAGS])
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


/*
 * Words that few issues have lead to them.  Of others the next page is near
 * whatever the sort, and each issue on the way is asked whether it has them.
 */
static enum status
find_words(struct db *db, struct arena *a, struct asked *q)
{
    struct db_rows rows;
    enum status st;

    if (q->f->nwords == 0) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_ISSUE_LIST_WORDS,
                  DB_ARGS(db_str(longest(q->f->words, q->f->nwords)),
                          db_i64(WORDS_MAX + 1)),
                  &rows);
    if (st != ST_OK || rows.n > WORDS_MAX) {
        return st;
    }
    q->few = true;
    q->nfound = (size_t) rows.n;
    q->found = arena_array(a, q->nfound, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        q->found[i] = db_get_i64(&rows, i, "id");
    }
    return ST_OK;
}


/* The statement that is for this page, if there is one. */
static enum sql
statement(const struct asked *q, const struct id_set *seen)
{
    int statuses = 0;

    for (int i = 0; i < 3; i++) {
        statuses += q->f->statuses[i];
    }
    if (statuses != 1 || q->few || q->cursor->back || q->cursor->rows > 0) {
        return SQL_ISSUE_LIST;
    }
    if (q->f->ntags > 0) {
        return q->sort == ISSUE_BY_LAST_SEEN && !seen->limited
                   ? SQL_ISSUE_LIST_TAGGED
                   : SQL_ISSUE_LIST;
    }
    if (!seen->limited) {
        return sorts[q->sort].usual;
    }
    return q->sort == ISSUE_BY_LAST_SEEN && seen->n <= ISSUE_WALKED_PROJECTS
               ? SQL_ISSUE_LIST_SEEN_OF
               : SQL_ISSUE_LIST;
}


static int
walk(const struct asked *q)
{
    return q->few ? WALK_WORDS
                  : (int) sorts[q->sort].walk
                        + (q->cursor->back && !sorts[q->sort].both_ways);
}


static void
filter_args(struct arena *a, int64_t organization_id, const struct asked *q,
            const struct id_set *seen, struct db_arg args[FILTERS])
{
    const struct issue_filter *f = q->f;
    const struct db_arg list[FILTERS] = {
        db_i64(organization_id),
        chosen(a, f->statuses, 3, 1, true),
        chosen(a, f->substatuses, 8, 1, false),
        chosen(a, f->levels, 6, 10, false),
        chosen(a, f->priorities, 4, 25, false),
        ids_arg(a, seen),
        ids_arg(a, &f->assignees),
        f->unhandled == -1 ? db_null() : db_bool(f->unhandled == 1),
        db_time(f->last_seen.low),
        db_time(f->last_seen.high),
        db_time(f->first_seen.low),
        db_time(f->first_seen.high),
        end_arg(f->events.low),
        end_arg(f->events.high),
        end_arg(f->users.low),
        end_arg(f->users.high),
        f->nwords > 0 ? db_str_array(a, f->words, f->nwords) : db_null(),
        db_i64(q->cursor->id),
        q->cursor->id != 0 ? db_i64(q->cursor->key) : db_null(),
    };

    memcpy(args, list, sizeof(list));
}


/* Whether a usual page that is not full is no end of the list. */
static bool
goes_further(const struct asked *q, enum sql usual,
             const struct db_arg args[FILTERS])
{
    if (usual == SQL_ISSUE_LIST_TAGGED) {
        return true;
    }
    for (int i = 2; i < FILTERS - 2 && !q->cursor->near; i++) {
        bool walked = i == 5 && usual == SQL_ISSUE_LIST_SEEN_OF;

        if (args[i].type != DB_NULL && !walked) {
            return true;
        }
    }
    return q->sort == ISSUE_BY_PRIORITY;
}


static enum status
ask(struct db *db, struct arena *a, int64_t organization_id, struct asked *q,
    const struct id_set *seen, int page, struct db_rows *rows)
{
    enum sql usual = statement(q, seen);
    struct db_arg args[FILTERS + TAGS + 5];

    filter_args(a, organization_id, q, seen, args);
    tag_args(a, q->f, args + FILTERS);
    if (usual != SQL_ISSUE_LIST) {
        size_t n = usual == SQL_ISSUE_LIST_TAGGED ? FILTERS + TAGS : FILTERS;
        enum status st = db_query(db, a, usual, args, n, rows);

        if (st != ST_OK || rows->n > page || !goes_further(q, usual, args)) {
            return st;
        }
    }
    args[FILTERS + TAGS] = db_i64(page + 1);
    args[FILTERS + TAGS + 1] = db_i64(walk(q));
    args[FILTERS + TAGS + 2] =
        q->few ? db_i64_array(a, q->found, q->nfound) : db_null();
    args[FILTERS + TAGS + 3] = db_i64((int) q->sort);
    args[FILTERS + TAGS + 4] = db_i64(q->cursor->back ? -1 : 1);
    return db_query(db, a, SQL_ISSUE_LIST, args, FILTERS + TAGS + 5, rows);
}


enum status
issue_list(struct db *db, struct arena *a, int64_t organization_id,
           const struct access *access, const struct issue_filter *f,
           enum issue_sort sort, const struct issue_cursor *cursor,
           struct issue_list *out)
{
    struct asked q = { .f = f, .sort = sort, .cursor = cursor };
    struct id_set seen = issue_projects_seen(a, access, &f->projects);
    int page = cursor->rows > 0 ? cursor->rows : ISSUE_PAGE;
    struct db_rows rows;
    bool more;
    enum status st;
    int first;

    st = find_words(db, a, &q);
    if (st == ST_OK) {
        st = ask(db, a, organization_id, &q, &seen, page, &rows);
    }
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
        issue_from_row(a, &rows, first + i, &out->rows[i]);
        out->rows[i].key = db_get_i64(&rows, first + i, "key");
        out->rows[i].search = db_get_str(&rows, first + i, "search");
    }
    return ST_OK;
}
