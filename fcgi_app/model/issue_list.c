/*
 * One page of the stream: which of the statements of issue_list.sql brings it,
 * and its rows.
 */

#include "model/issue.h"

#include "model/event.h"

#define WORDS_MAX 2000 /* issues that words are said to be few by */
#define FILTERS 19     /* arguments that all of the statements have */
#define TESTS 6        /* and those that are asked for tests */

/* The limit of the statements that are for this page alone. */
_Static_assert(ISSUE_PAGE + 1 == 26, "see issue_list.sql");

/* By sort: of a usual page, and the walks of all others. */
static const struct {
    enum sql usual, onwards, backwards;
} sorts[ISSUE_SORTS] = {
    [ISSUE_BY_LAST_SEEN] = { SQL_ISSUE_LIST_SEEN, SQL_ISSUE_WALK_SEEN,
                             SQL_ISSUE_WALK_SEEN_BACK },
    [ISSUE_BY_FIRST_SEEN] = { SQL_ISSUE_LIST_NEW, SQL_ISSUE_WALK_NEW,
                              SQL_ISSUE_WALK_NEW_BACK },
    [ISSUE_BY_EVENTS] = { SQL_ISSUE_LIST_EVENTS, SQL_ISSUE_WALK_EVENTS,
                          SQL_ISSUE_WALK_EVENTS_BACK },
    [ISSUE_BY_USERS] = { SQL_ISSUE_LIST_USERS, SQL_ISSUE_WALK_USERS,
                         SQL_ISSUE_WALK_USERS_BACK },
    [ISSUE_BY_PRIORITY] = { SQL_ISSUE_LIST_PRIORITY, SQL_ISSUE_WALK_PRIORITY,
                            SQL_ISSUE_WALK_PRIORITY_BACK },
    [ISSUE_BY_TREND] = { SQL_ISSUE_LIST_TREND, SQL_ISSUE_WALK_TREND,
                         SQL_ISSUE_WALK_TREND_BACK },
    [ISSUE_BY_IMPACT] = { SQL_ISSUE_LIST_IMPACT, SQL_ISSUE_WALK_IMPACT,
                          SQL_ISSUE_WALK_IMPACT_BACK },
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


/* The arrays $20 to $25: a row a pattern, for each way and each of its tests.
 */
struct rows {
    struct arena *a;
    size_t n, room;
    int64_t way, test;
    struct {
        int64_t *way, *test, *kind;
        struct str *negated, *key, *pattern;
    } v;
};


static void *
grown(struct rows *r, void *old, size_t size)
{
    return arena_grow(r->a, old, r->room * size, (2 * r->room + 16) * size);
}


static void
add_row(struct rows *r, enum issue_test_kind kind, bool negated, struct str key,
        struct str pattern)
{
    if (r->n == r->room) {
        r->v.way = grown(r, r->v.way, sizeof(int64_t));
        r->v.test = grown(r, r->v.test, sizeof(int64_t));
        r->v.kind = grown(r, r->v.kind, sizeof(int64_t));
        r->v.negated = grown(r, r->v.negated, sizeof(struct str));
        r->v.key = grown(r, r->v.key, sizeof(struct str));
        r->v.pattern = grown(r, r->v.pattern, sizeof(struct str));
        r->room = 2 * r->room + 16;
    }
    r->v.way[r->n] = r->way;
    r->v.test[r->n] = r->test;
    r->v.kind[r->n] = kind;
    r->v.negated[r->n] = negated ? STR("t") : STR("f");
    r->v.key[r->n] = str_null(key) ? STR("") : key;
    r->v.pattern[r->n++] = str_null(pattern) ? STR("") : pattern;
}


static void
add_patterns(struct rows *r, enum issue_test_kind kind, bool negated,
             struct str key, const struct str *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_row(r, kind, negated, key, patterns[i]);
    }
    if (n == 0) {
        add_row(r, kind, negated, key, STR_NULL);
    }
    r->test++;
}


static struct str
text_of(struct rows *r, int64_t n)
{
    return str_printf(r->a, "%lld", (long long) n);
}


static void
add_lists(struct rows *r, const struct issue_filter *f)
{
    for (size_t i = 0; i < f->ntags; i++) {
        const struct tag_filter *t = &f->tags[i];
        bool order = !str_null(t->order), user = !str_null(t->user);

        add_patterns(r,
                     order  ? ISSUE_TEST_ORDER
                     : user ? ISSUE_TEST_USER
                            : ISSUE_TEST_TAG,
                     t->negated,
                     order  ? t->order
                     : user ? t->user
                            : t->key,
                     t->patterns, t->n);
    }
    for (size_t i = 0; i < f->ntests; i++) {
        const struct issue_test *t = &f->tests[i];

        add_patterns(r, t->kind, t->negated, t->key, t->patterns, t->n);
    }
}


static void
add_flags(struct rows *r, enum issue_test_kind kind, const bool *v,
          const bool *all, size_t n, int64_t unit)
{
    if (memcmp(v, all, n * sizeof(bool)) == 0) {
        return;
    }
    add_row(r, kind, false, STR_NULL, STR("-1"));
    for (size_t i = 0; i < n; i++) {
        if (v[i]) {
            add_row(r, kind, false, STR_NULL, text_of(r, (int64_t) i * unit));
        }
    }
    r->test++;
}


/* Those of the whole filter are no wider: a way that has all ids has them. */
static void
add_ids(struct rows *r, enum issue_test_kind kind, const struct id_set *set,
        const struct id_set *all)
{
    if (!set->limited || (all->limited && set->n == all->n)) {
        return;
    }
    add_row(r, kind, false, STR_NULL, STR("-9223372036854775808"));
    for (size_t i = 0; i < set->n; i++) {
        add_row(r, kind, false, STR_NULL, text_of(r, set->ids[i]));
    }
    r->test++;
}


static void
add_range(struct rows *r, enum issue_test_kind kind,
          const struct search_range *v, const struct search_range *all)
{
    if (v->low == all->low && v->high == all->high) {
        return;
    }
    add_row(r, kind, false, STR_NULL, text_of(r, v->low));
    add_row(r, kind, false, STR_NULL,
            text_of(r, v->high != 0 ? v->high : INT64_MAX));
    r->test++;
}


/* What a way asks for and the whole filter does not. */
static void
add_way(struct rows *r, const struct issue_filter *w,
        const struct issue_filter *all)
{
    static const struct search_range none;

    add_flags(r, ISSUE_TEST_STATUS, w->statuses, all->statuses, 3, 1);
    add_flags(r, ISSUE_TEST_SUBSTATUS, w->substatuses, all->substatuses, 8, 1);
    add_flags(r, ISSUE_TEST_LEVEL, w->levels, all->levels, 6, 10);
    add_flags(r, ISSUE_TEST_PRIORITY, w->priorities, all->priorities, 4, 25);
    add_ids(r, ISSUE_TEST_PROJECT, &w->projects, &all->projects);
    add_ids(r, ISSUE_TEST_ASSIGNEE, &w->assignees, &all->assignees);
    if (w->unhandled != all->unhandled) {
        add_row(r, ISSUE_TEST_UNHANDLED, w->unhandled == 0, STR_NULL, STR("1"));
        r->test++;
    }
    add_range(r, ISSUE_TEST_EVENTS, &w->events, &all->events);
    add_range(r, ISSUE_TEST_USERS, &w->users, &all->users);
    add_range(r, ISSUE_TEST_LAST_SEEN, &w->last_seen, &all->last_seen);
    add_range(r, ISSUE_TEST_FIRST_SEEN, &w->first_seen, &all->first_seen);
    add_range(r, ISSUE_TEST_EVENT_TIME, &w->event_time, &none);
    for (size_t i = 0; i < w->nwords; i++) {
        add_patterns(r, ISSUE_TEST_WORD, false, STR_NULL, &w->words[i], 1);
    }
    add_lists(r, w);
    add_lists(r, all);
}


/* Nulls when nothing of the kind is asked for. */
static void
test_args(struct arena *a, const struct issue_filter *f,
          struct db_arg args[TESTS])
{
    struct rows r = { .a = a, .way = 1 };

    add_lists(&r, f);
    add_range(&r, ISSUE_TEST_EVENT_TIME, &f->event_time,
              &(struct search_range){ 0 });
    if (f->nany > 0) {
        r.n = 0;
    }
    for (size_t i = 0; i < f->nany; i++, r.way++) {
        add_way(&r, &f->any[i], f);
    }
    if (r.n == 0) {
        for (int i = 0; i < TESTS; i++) {
            args[i] = db_null();
        }
        return;
    }
    args[0] = db_i64_array(a, r.v.way, r.n);
    args[1] = db_i64_array(a, r.v.test, r.n);
    args[2] = db_i64_array(a, r.v.kind, r.n);
    args[3] = db_str_array(a, r.v.negated, r.n);
    args[4] = db_str_array(a, r.v.key, r.n);
    args[5] = db_str_array(a, r.v.pattern, r.n);
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


/* What leads to the issues that pass, if they are few. */
struct seed {
    enum issue_test_kind kind;
    struct str pattern;
    struct str key; /* of a tag */
};


/*
 * Words and what is marked by somebody; the text of a line is a word, too; else
 * a tag, which may be rare.  False when nothing leads there.
 */
static bool
find_seed(struct arena *a, const struct issue_filter *f, struct seed *out)
{
    if (f->nwords > 0) {
        *out = (struct seed){ .kind = ISSUE_TEST_WORD,
                              .pattern = longest(f->words, f->nwords) };
        return true;
    }
    for (size_t i = 0; i < f->ntests; i++) {
        const struct issue_test *t = &f->tests[i];

        if (t->negated) {
            continue;
        }
        if (t->kind == ISSUE_TEST_TRACE && t->n == 1 && t->patterns[0].n > 0) {
            *out = (struct seed){ .kind = t->kind, .pattern = t->patterns[0] };
            return true;
        }
        if (t->kind == ISSUE_TEST_LINKED || t->kind == ISSUE_TEST_BOOKMARK
            || (t->kind == ISSUE_TEST_ID && t->n == 1)) {
            *out =
                (struct seed){ .kind = t->kind,
                               .pattern = t->n > 0 ? t->patterns[0] : STR("") };
            return true;
        }
        if (t->kind == ISSUE_TEST_LINE && t->n == 1 && t->patterns[0].n > 4) {
            *out = (struct seed){ .kind = ISSUE_TEST_WORD,
                                  .pattern = str_printf(
                                      a, "%%%.*s%%", STR_FMT(t->patterns[0])) };
            return true;
        }
    }
    for (size_t i = 0; i < f->ntags; i++) {
        const struct tag_filter *t = &f->tags[i];

        if (!t->negated && t->n == 1 && str_null(t->order)
            && str_null(t->user)) {
            *out = (struct seed){ ISSUE_TEST_TAG, t->patterns[0], t->key };
            return true;
        }
    }
    return false;
}


static enum status
find_traced(struct db *db, struct arena *a, int64_t organization_id,
            struct str trace, struct asked *q)
{
    struct event_traced *events;
    size_t n;
    enum status st = event_of_trace(db, a, organization_id, NULL, trace,
                                    WORDS_MAX + 1, &events, &n);

    if (st != ST_OK || n > WORDS_MAX) {
        return st;
    }
    q->few = true;
    q->nfound = n;
    q->found = arena_array(a, n, sizeof(int64_t));
    for (size_t i = 0; i < n; i++) {
        q->found[i] = events[i].issue_id;
    }
    return ST_OK;
}


/*
 * Words and tags that few issues have lead to them.  Of others the next page is
 * near whatever the sort, and each issue on the way is asked whether it has
 * them.
 */
static enum status
find_few(struct db *db, struct arena *a, int64_t organization_id,
         struct asked *q)
{
    size_t n = q->f->nany > 0 ? q->f->nany : 1;
    int64_t *kinds = arena_array(a, n, sizeof(int64_t));
    struct str *patterns = arena_array(a, n, sizeof(struct str));
    struct str *keys = arena_array(a, n, sizeof(struct str));
    struct db_rows rows;
    struct seed seed;
    enum status st;

    if (find_seed(a, q->f, &seed)) {
        n = 1;
        kinds[0] = seed.kind;
        patterns[0] = seed.pattern;
        keys[0] = seed.key;

    } else {
        for (size_t i = 0; i < n; i++) {
            if (q->f->nany == 0 || !find_seed(a, &q->f->any[i], &seed)
                || seed.kind == ISSUE_TEST_TRACE) {
                return ST_OK;
            }
            kinds[i] = seed.kind;
            patterns[i] = seed.pattern;
            keys[i] = seed.key;
        }
    }
    if (n == 1 && kinds[0] == ISSUE_TEST_TRACE) {
        return find_traced(db, a, organization_id, patterns[0], q);
    }
    st = db_query(db, a, SQL_ISSUE_LIST_FEW,
                  DB_ARGS(db_i64(organization_id), db_i64_array(a, kinds, n),
                          db_str_array(a, patterns, n), db_i64(WORDS_MAX + 1),
                          db_str_array(a, keys, n)),
                  &rows);
    if (st != ST_OK || rows.n > WORDS_MAX) {
        return st;
    }
    for (int i = 0; i < rows.n; i++) {
        if (db_is_null(&rows, i, "id")) {
            return ST_OK;
        }
    }
    q->few = true;
    q->nfound = (size_t) rows.n;
    q->found = arena_array(a, q->nfound, sizeof(int64_t));
    for (int i = 0; i < rows.n; i++) {
        q->found[i] = db_get_i64(&rows, i, "id");
    }
    return ST_OK;
}


static bool
has_tests(const struct issue_filter *f)
{
    return f->ntags > 0 || f->ntests > 0 || f->nany > 0
           || f->event_time.low != 0 || f->event_time.high != 0;
}


static enum sql
walk(const struct asked *q)
{
    return q->few            ? SQL_ISSUE_WALK_WORDS
           : q->cursor->back ? sorts[q->sort].backwards
                             : sorts[q->sort].onwards;
}


/* The statement that is for this page, else its walk. */
static enum sql
statement(const struct asked *q, const struct id_set *seen)
{
    int statuses = 0;

    for (int i = 0; i < 3; i++) {
        statuses += q->f->statuses[i];
    }
    if (statuses != 1 || q->few || q->cursor->back || q->cursor->rows > 0) {
        return walk(q);
    }
    if (has_tests(q->f)) {
        return q->sort == ISSUE_BY_LAST_SEEN && !seen->limited
                   ? SQL_ISSUE_LIST_TAGGED
                   : walk(q);
    }
    if (!seen->limited) {
        return sorts[q->sort].usual;
    }
    return q->sort == ISSUE_BY_LAST_SEEN && seen->n <= ISSUE_WALKED_PROJECTS
               ? SQL_ISSUE_LIST_SEEN_OF
               : walk(q);
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
    return q->sort == ISSUE_BY_PRIORITY || q->sort == ISSUE_BY_IMPACT;
}


static enum status
ask(struct db *db, struct arena *a, int64_t organization_id, struct asked *q,
    const struct id_set *seen, int page, struct db_rows *rows)
{
    enum sql usual = statement(q, seen);
    struct db_arg args[FILTERS + TESTS + 4];
    size_t n = FILTERS + TESTS;

    filter_args(a, organization_id, q, seen, args);
    test_args(a, q->f, args + FILTERS);
    if (usual != walk(q)) {
        enum status st =
            db_query(db, a, usual, args,
                     usual == SQL_ISSUE_LIST_TAGGED ? n : FILTERS, rows);

        if (st != ST_OK || rows->n > page || !goes_further(q, usual, args)) {
            return st;
        }
    }
    args[n++] = db_i64(page + 1);
    args[n++] = db_i64(q->cursor->back ? -1 : 1);
    if (q->few) {
        args[n++] = db_i64_array(a, q->found, q->nfound);
        args[n++] = db_i64((int) q->sort);
    }
    return db_query(db, a, walk(q), args, n, rows);
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

    st = find_few(db, a, organization_id, &q);
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
        out->rows[i].ticket = db_get_str(&rows, first + i, "ticket");
        out->rows[i].comments = db_get_i64(&rows, first + i, "comments");
        out->rows[i].feedback = db_get_i64(&rows, first + i, "feedback");
    }
    return ST_OK;
}
