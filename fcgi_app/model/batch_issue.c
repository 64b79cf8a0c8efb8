/*
 * Which issue an event belongs to, and what the issue takes from it.
 *
 * The first hash of an event that is owned decides; its other hashes are then
 * bound to the same issue.  An event without any owned hash makes an issue,
 * and later events of the same batch find it like any other.
 *
 * New issues are made under the lock of their project's row, which is also
 * where their numbers come from; so nobody else can make one between our
 * second look at the hashes and our commit.  When that look finds that another
 * worker has made one of ours, the attempt is made again, and what it copied
 * was copied for nothing.  Where it happens once it happens again (something
 * breaks, and all workers get its first events), so for some batches the lock
 * then comes first.
 */

#include "model/batch_work.h"

#include <stdlib.h>

#include "json/doc.h"
#include "model/issue.h"
#include "util/timeutil.h"

/* issue.priority of a new issue (grouping.md §2.2) */
static const struct {
    int level; /* up to this one */
    int priority;
} priorities[] = { { 20, 25 }, { 30, 50 }, { INT32_MAX, 75 } };

/* How many times as many events write the words of an issue again. */
#define WORDS_STEP 16

/* From so many new issues on COPY is cheaper than an upsert. */
#define COPY_FROM 8

/* Batches with new issues that lock first, after a conflict or our start. */
#define WARY 32

static unsigned wary = WARY;


/* finding */

static int
by_hash(const void *left, const void *right)
{
    const struct work_hash *a = left, *b = right;
    int c = compare_i64(a->project_id, b->project_id);

    return c != 0 ? c : memcmp(a->hash, b->hash, 16);
}


/* All hashes of the rows to be stored, sorted, each once. */
static void
collect_hashes(struct work *w)
{
    size_t n = 0;

    w->hashes = arena_array(w->a, w->nrows * BATCH_HASHES, sizeof(*w->hashes));
    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->project == NULL || row->duplicate) {
            continue;
        }
        for (size_t k = 0; k < row->ev->nhashes; k++) {
            w->hashes[n++] =
                (struct work_hash){ .project_id = row->ev->project_id,
                                    .hash = row->ev->hashes[k] };
        }
    }
    qsort(w->hashes, n, sizeof(*w->hashes), by_hash);

    w->nhashes = 0;
    for (size_t i = 0; i < n; i++) {
        if (w->nhashes == 0
            || by_hash(&w->hashes[w->nhashes - 1], &w->hashes[i]) != 0) {
            w->hashes[w->nhashes++] = w->hashes[i];
        }
    }
}


static struct work_hash *
hash_of(const struct work *w, int64_t project_id, const unsigned char *hash)
{
    struct work_hash key = { .project_id = project_id, .hash = hash };

    return bsearch(&key, w->hashes, w->nhashes, sizeof(key), by_hash);
}


static struct work_issue *
add_issue(struct work *w, int64_t id)
{
    struct work_issue *is = arena_new_of(w->a, struct work_issue);

    is->id = id;
    is->fresh = id == 0;
    w->issues[w->nissues++] = is;
    w->nfresh += is->fresh;
    return is;
}


struct owner {
    int64_t issue_id;
    int64_t times_seen;
    int64_t of_hour;
    int64_t parted;
    struct work_hash *hash;
};


static int
by_owner(const void *left, const void *right)
{
    const struct owner *a = left, *b = right;

    return compare_i64(a->issue_id, b->issue_id);
}


/* Asks who owns the hashes from first on; found[i] belongs to hashes[i]. */
static enum status
look_up(struct work *w, struct work_hash *const *hashes, size_t n,
        struct owner **found, size_t *nfound)
{
    int64_t *projects = arena_array(w->a, n, sizeof(int64_t));
    struct str *texts = arena_array(w->a, n, sizeof(struct str));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        projects[i] = hashes[i]->project_id;
        texts[i] = str_make((const char *) hashes[i]->hash, 16);
    }
    st = db_query(w->db, w->a, SQL_BATCH_HASHES,
                  DB_ARGS(db_i64_array(w->a, projects, n),
                          db_bytes_array(w->a, texts, n)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *nfound = (size_t) rows.n;
    *found = arena_array(w->a, *nfound, sizeof(**found));
    for (int i = 0; i < rows.n; i++) {
        (*found)[i] = (struct owner){
            .issue_id = db_get_i64(&rows, i, "issue_id"),
            .times_seen = db_get_i64(&rows, i, "times_seen"),
            .of_hour = db_get_i64(&rows, i, "of_hour"),
            .parted = db_get_i64(&rows, i, "parted"),
            .hash = hashes[db_get_i64(&rows, i, "n") - 1],
        };
    }
    return ST_OK;
}


static enum status
find_owners(struct work *w)
{
    struct work_hash **all = arena_array(w->a, w->nhashes, sizeof(*all));
    struct work_issue *is = NULL;
    struct owner *found;
    enum status st;
    size_t n;

    for (size_t i = 0; i < w->nhashes; i++) {
        all[i] = &w->hashes[i];
    }
    if ((st = look_up(w, all, w->nhashes, &found, &n)) != ST_OK) {
        return st;
    }
    qsort(found, n, sizeof(*found), by_owner);
    for (size_t i = 0; i < n; i++) {
        if (found[i].issue_id == 0) {
            found[i].hash->discarded = true;
            continue;
        }
        if (is == NULL || is->id != found[i].issue_id) {
            is = add_issue(w, found[i].issue_id);
            is->before = found[i].times_seen;
            is->hour_before = found[i].of_hour;
            is->parted = found[i].parted;
        }
        found[i].hash->issue = is;
    }
    return ST_OK;
}


/* What an issue takes from an event. */
static void
take_in(struct work_issue *is, struct work_row *row)
{
    const struct batch_event *ev = row->ev;

    row->issue = is;
    is->project = row->project;
    is->unhandled = is->unhandled || ev->unhandled;
    if (is->n == 0 || ev->occurred_at < is->first_seen) {
        is->first_seen = ev->occurred_at;
        is->oldest = ev;
    }
    if (is->n == 0 || ev->occurred_at >= is->last_seen) {
        is->last_seen = ev->occurred_at;
        is->newest = ev;
        if (!str_null(ev->release)) {
            is->last_release = ev->release;
        }
    }
    is->n++;

    if (row->project->new_events == 0
        || ev->occurred_at < row->project->first_at) {
        row->project->first_at = ev->occurred_at;
    }
    row->project->new_events++;
}


static void
assign(struct work *w, struct work_row *row)
{
    const struct batch_event *ev = row->ev;
    struct work_hash *hashes[BATCH_HASHES];
    struct work_issue *is = NULL;

    for (size_t k = 0; k < ev->nhashes; k++) {
        hashes[k] = hash_of(w, ev->project_id, ev->hashes[k]);
        if (is == NULL && hashes[k]->discarded) {
            row->discarded = true;
            return;
        }
        if (is == NULL) {
            is = hashes[k]->issue;
        }
    }
    if (is == NULL) {
        is = add_issue(w, 0);
        row->project->new_issues++;
    }
    for (size_t k = 0; k < ev->nbound; k++) {
        if (hashes[k]->issue == NULL && !hashes[k]->discarded) {
            hashes[k]->issue = is;
            hashes[k]->bind = true;
        }
    }
    take_in(is, row);
}


static enum status
take_issue_ids(struct work *w)
{
    struct db_rows rows;
    enum status st;
    int n = 0;

    if (w->nfresh == 0) {
        return ST_OK;
    }
    st = db_query(w->db, w->a, SQL_BATCH_ISSUE_IDS,
                  DB_ARGS(db_i64((int64_t) w->nfresh)), &rows);
    for (size_t i = 0; st == ST_OK && i < w->nissues; i++) {
        if (w->issues[i]->fresh) {
            w->issues[i]->id = db_get_i64(&rows, n++, "id");
        }
    }
    return st;
}


static int
by_issue_id(const void *left, const void *right)
{
    const struct work_issue *a = *(struct work_issue *const *) left;
    const struct work_issue *b = *(struct work_issue *const *) right;

    return compare_i64(a->id, b->id);
}


enum status
work_find_issues(struct work *w)
{
    size_t kept = 0;
    enum status st;

    collect_hashes(w);
    if (w->nhashes == 0) {
        return ST_OK;
    }
    /* found ones and fresh ones: never more than hashes */
    w->issues = arena_array(w->a, w->nhashes, sizeof(*w->issues));
    if ((st = find_owners(w)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < w->nrows; i++) {
        if (w->rows[i].project != NULL && !w->rows[i].duplicate) {
            assign(w, &w->rows[i]);
        }
    }

    /* an issue that only a second hash led to has got no event */
    for (size_t i = 0; i < w->nissues; i++) {
        if (w->issues[i]->n > 0) {
            w->issues[kept++] = w->issues[i];
        }
    }
    w->nissues = kept;

    if ((st = take_issue_ids(w)) != ST_OK) {
        return st;
    }
    qsort(w->issues, w->nissues, sizeof(*w->issues), by_issue_id);
    return ST_OK;
}


/* writing */

/* Columns for unnest(): texts and numbers of some issues. */
static struct db_arg
numbers_of(const struct work *w, struct work_issue *const *list, size_t n,
           int64_t (*get)(const struct work_issue *))
{
    int64_t *v = arena_array(w->a, n, sizeof(int64_t));

    for (size_t i = 0; i < n; i++) {
        v[i] = get(list[i]);
    }
    return db_i64_array(w->a, v, n);
}


static struct db_arg
times_of(const struct work *w, struct work_issue *const *list, size_t n,
         int64_t (*get)(const struct work_issue *))
{
    int64_t *v = arena_array(w->a, n, sizeof(int64_t));

    for (size_t i = 0; i < n; i++) {
        v[i] = get(list[i]);
    }
    return db_time_array(w->a, v, n);
}


static struct db_arg
texts_of(const struct work *w, struct work_issue *const *list, size_t n,
         struct str (*get)(const struct work_issue *))
{
    struct str *v = arena_array(w->a, n, sizeof(struct str));

    for (size_t i = 0; i < n; i++) {
        v[i] = get(list[i]);
    }
    return db_str_array(w->a, v, n);
}


#define NUMBER(name, expression)                                               \
    static int64_t get_##name(const struct work_issue *is)                     \
    {                                                                          \
        return (expression);                                                   \
    }
#define TEXT(name, expression)                                                 \
    static struct str get_##name(const struct work_issue *is)                  \
    {                                                                          \
        return (expression);                                                   \
    }

NUMBER(id, is->id)
NUMBER(organization, is->project->organization_id)
NUMBER(project, is->project->id)
NUMBER(number, is->number)
NUMBER(n, is->n)
NUMBER(users, is->users)
NUMBER(thinned, is->thinned)
NUMBER(first_seen, is->first_seen)
NUMBER(last_seen, is->last_seen)
NUMBER(level, is->newest->level)
TEXT(title, is->newest->title)
TEXT(type, str_null(is->newest->type) ? STR("") : is->newest->type)
TEXT(value, str_null(is->newest->value) ? STR("") : is->newest->value)
TEXT(culprit, str_null(is->newest->culprit) ? STR("") : is->newest->culprit)
TEXT(platform, is->newest->platform)
TEXT(search, str_null(is->newest->search) ? STR("") : is->newest->search)
TEXT(first_release, is->oldest->release)
TEXT(last_release, is->last_release)
TEXT(unhandled, is->unhandled ? STR("t") : STR("f"))
TEXT(regressed, is->regressed ? STR("t") : STR("f"))
TEXT(newer, is->newer ? STR("t") : STR("f"))


static int64_t
get_priority(const struct work_issue *is)
{
    size_t i = 0;

    while (is->newest->level > priorities[i].level) {
        i++;
    }
    return priorities[i].priority;
}


/*
 * Locks the projects that get issues or their first event, gives numbers, and
 * looks once more whether somebody has made one of our issues meanwhile.
 */
static enum status
lock_projects(struct work *w)
{
    int64_t *ids = arena_array(w->a, w->nprojects, sizeof(int64_t));
    int64_t *last = arena_array(w->a, w->nprojects, sizeof(int64_t));
    struct work_hash **unowned =
        arena_array(w->a, w->nhashes, sizeof(*unowned));
    struct owner *found;
    struct db_rows rows;
    enum status st;
    size_t n = 0, nunowned = 0, nfound;

    for (size_t i = 0; i < w->nprojects; i++) {
        const struct work_project *p = &w->projects[i];

        if (p->new_issues > 0 || (p->waiting && p->new_events > 0)) {
            ids[n++] = p->id;
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(w->db, w->a, SQL_BATCH_LOCK_PROJECTS,
                  DB_ARGS(db_i64_array(w->a, ids, n)), &rows);
    if (st != ST_OK) {
        return st;
    }
    if ((size_t) rows.n != n) {
        return ST_CONFLICT; /* one was deleted since we looked */
    }

    for (size_t i = 0; i < w->nhashes; i++) {
        if (w->hashes[i].bind) {
            unowned[nunowned++] = &w->hashes[i];
        }
    }
    if (nunowned > 0) {
        if ((st = look_up(w, unowned, nunowned, &found, &nfound)) != ST_OK) {
            return st;
        }
        if (nfound > 0) {
            wary = WARY;
            return ST_CONFLICT;
        }
    }

    /* ids ascend in both; issues get their numbers in the order of their ids */
    for (size_t i = 0; i < n; i++) {
        last[i] = db_get_i64(&rows, (int) i, "last_issue");
        for (size_t k = 0; k < w->nissues; k++) {
            if (w->issues[k]->fresh && w->issues[k]->project->id == ids[i]) {
                w->issues[k]->number = ++last[i];
            }
        }
    }
    return db_query(
        w->db, w->a, SQL_BATCH_LAST_ISSUE,
        DB_ARGS(db_i64_array(w->a, ids, n), db_i64_array(w->a, last, n)), NULL);
}


enum status
work_lock_early(struct work *w)
{
    if (wary == 0 || w->nfresh == 0) {
        return ST_OK;
    }
    wary--;
    w->projects_are_locked = true;
    return lock_projects(w);
}


static enum status
note_first_events(struct work *w)
{
    int64_t *ids = arena_array(w->a, w->nprojects, sizeof(int64_t));
    int64_t *at = arena_array(w->a, w->nprojects, sizeof(int64_t));
    size_t n = 0;

    for (size_t i = 0; i < w->nprojects; i++) {
        if (w->projects[i].waiting && w->projects[i].new_events > 0) {
            ids[n] = w->projects[i].id;
            at[n++] = w->projects[i].first_at;
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    return db_query(
        w->db, w->a, SQL_BATCH_FIRST_EVENT,
        DB_ARGS(db_i64_array(w->a, ids, n), db_time_array(w->a, at, n)), NULL);
}


static enum status
write_fresh(struct work *w, struct work_issue *const *list, size_t n)
{
    if (n == 0) {
        return ST_OK;
    }
    return db_query(
        w->db, w->a, SQL_BATCH_NEW_ISSUES,
        DB_ARGS(
            numbers_of(w, list, n, get_id),
            numbers_of(w, list, n, get_organization),
            numbers_of(w, list, n, get_project),
            numbers_of(w, list, n, get_number), texts_of(w, list, n, get_title),
            texts_of(w, list, n, get_type), texts_of(w, list, n, get_value),
            texts_of(w, list, n, get_culprit),
            texts_of(w, list, n, get_platform),
            numbers_of(w, list, n, get_level),
            numbers_of(w, list, n, get_priority),
            texts_of(w, list, n, get_unhandled),
            times_of(w, list, n, get_first_seen),
            times_of(w, list, n, get_last_seen), numbers_of(w, list, n, get_n),
            numbers_of(w, list, n, get_users),
            texts_of(w, list, n, get_first_release),
            texts_of(w, list, n, get_last_release),
            numbers_of(w, list, n, get_thinned)),
        NULL);
}


static enum status
write_hashes(struct work *w)
{
    int64_t *projects = arena_array(w->a, w->nhashes, sizeof(int64_t));
    int64_t *issues = arena_array(w->a, w->nhashes, sizeof(int64_t));
    struct str *hashes = arena_array(w->a, w->nhashes, sizeof(struct str));
    size_t n = 0;

    /* they are sorted, so two workers do not wait for each other crosswise */
    for (size_t i = 0; i < w->nhashes; i++) {
        const struct work_hash *h = &w->hashes[i];

        if (h->bind) {
            projects[n] = h->project_id;
            issues[n] = h->issue->id;
            hashes[n++] = str_make((const char *) h->hash, 16);
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_BATCH_NEW_HASHES,
                    DB_ARGS(db_i64_array(w->a, projects, n),
                            db_bytes_array(w->a, hashes, n),
                            db_i64_array(w->a, issues, n)),
                    NULL);
}


/* Issues that rest until something happens: a chore looks whether it has. */
static enum status
check_archived(struct work *w, const struct db_rows *rows)
{
    int64_t *ids = arena_array(w->a, (size_t) rows->n, sizeof(int64_t));
    size_t n = 0;

    for (int i = 0; i < rows->n; i++) {
        int64_t substatus = db_get_i64(rows, i, "substatus");

        if (db_get_i64(rows, i, "status") == ISSUE_ARCHIVED
            && (substatus == ISSUE_UNTIL_ESCALATING
                || substatus == ISSUE_UNTIL_CONDITION)) {
            ids[n++] = db_get_i64(rows, i, "id");
        }
    }
    return n > 0 ? db_query(w->db, w->a, SQL_BATCH_CHECK,
                            DB_ARGS(db_i64_array(w->a, ids, n)), NULL)
                 : ST_OK;
}


static void
regress(struct work *w, struct work_issue *is, int status,
        const struct batch_resolution *how, const struct batch_release *of)
{
    if (is->regressed || w->batch->regresses == NULL
        || !w->batch->regresses(status, how, of)) {
        return;
    }
    is->regressed = true;
    is->regressed_in = of->version;
    is->resolved_in =
        how->kind == BATCH_RESOLVED_IN ? how->release.version : STR_NULL;
    w->nregressed++;
}


/* The events of issues that were resolved in a release. */
static size_t
rows_by_release(const struct work *w, const struct work_row **out)
{
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        if (w->rows[i].issue != NULL && w->rows[i].issue->by_release) {
            out[n++] = &w->rows[i];
        }
    }
    return n;
}


/* When the releases of these events came; of a new one: now. */
static enum status
release_times(struct work *w, const struct work_row **events, size_t n,
              int64_t *out)
{
    int64_t *projects = arena_array(w->a, n, sizeof(*projects));
    struct str *versions = arena_array(w->a, n, sizeof(*versions));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < n; i++) {
        projects[i] = events[i]->ev->project_id;
        versions[i] = events[i]->ev->release;
        out[i] = time_now();
    }
    st = db_query(w->db, w->a, SQL_BATCH_RELEASE_TIMES,
                  DB_ARGS(db_i64_array(w->a, projects, n),
                          db_str_array(w->a, versions, n)),
                  &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        out[db_get_i64(&rows, i, "n") - 1] = db_get_time(&rows, i, "at");
    }
    return st;
}


/* Each event is looked at: the newest may be of an old release. */
static enum status
regress_by_release(struct work *w)
{
    const struct work_row **events =
        arena_array(w->a, w->nrows, sizeof(*events));
    size_t n = rows_by_release(w, events);
    int64_t *times = arena_array(w->a, n, sizeof(*times));
    int64_t *ids = arena_array(w->a, n, sizeof(*ids));
    struct db_rows rows;
    enum status st;

    if (n == 0) {
        return ST_OK;
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = events[i]->issue->id;
    }
    st = db_query(w->db, w->a, SQL_BATCH_RESOLUTIONS,
                  DB_ARGS(db_i64_array(w->a, ids, n)), &rows);
    if (st != ST_OK || (st = release_times(w, events, n, times)) != ST_OK) {
        return st;
    }
    for (int r = 0; r < rows.n; r++) {
        int64_t id = db_get_i64(&rows, r, "issue_id");
        const struct batch_resolution how = {
            /* the table's kinds are in the order of ours */
            .kind = (int) db_get_i64(&rows, r, "kind"),
            .release = { db_get_str(&rows, r, "release"),
                         db_get_time(&rows, r, "release_at") },
            .ordered = db_get_bool(&rows, r, "is_ordered"),
            .at = db_get_time(&rows, r, "at"),
        };

        for (size_t i = 0; i < n; i++) {
            if (events[i]->issue->id == id) {
                regress(w, events[i]->issue, ISSUE_RESOLVED, &how,
                        &(struct batch_release){ events[i]->ev->release,
                                                 times[i] });
            }
        }
    }
    return ST_OK;
}


/* Locks the issues that stood before, and says which of them regress. */
static enum status
lock_issues(struct work *w, struct work_issue *const *list, size_t n)
{
    static const struct batch_resolution plainly = { .kind = BATCH_RESOLVED };
    struct db_rows rows;
    enum status st;

    st = db_query(w->db, w->a, SQL_BATCH_LOCK_ISSUES,
                  DB_ARGS(numbers_of(w, list, n, get_id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    if ((size_t) rows.n != n) {
        return ST_CONFLICT; /* one was deleted since we looked */
    }
    for (size_t i = 0; i < n; i++) {
        if (db_get_i64(&rows, (int) i, "parted") != list[i]->parted) {
            return ST_CONFLICT; /* some of its hashes are another's now */
        }
        list[i]->newer =
            list[i]->last_seen >= db_get_time(&rows, (int) i, "last_seen");
        /* what another worker has added meanwhile counts, too */
        list[i]->before = db_get_i64(&rows, (int) i, "times_seen");
        list[i]->words_due = db_get_bool(&rows, (int) i, "words_due");
        list[i]->by_release = db_get_bool(&rows, (int) i, "by_release");
        if (!list[i]->by_release) {
            regress(w, list[i], (int) db_get_i64(&rows, (int) i, "status"),
                    &plainly,
                    &(struct batch_release){ list[i]->newest->release,
                                             list[i]->last_seen });
        }
    }
    if ((st = regress_by_release(w)) != ST_OK) {
        return st;
    }
    return check_archived(w, &rows);
}


static enum status
write_known(struct work *w, struct work_issue *const *list, size_t n)
{
    return db_query(
        w->db, w->a, SQL_BATCH_ISSUES,
        DB_ARGS(numbers_of(w, list, n, get_id), numbers_of(w, list, n, get_n),
                numbers_of(w, list, n, get_users),
                times_of(w, list, n, get_first_seen),
                times_of(w, list, n, get_last_seen),
                texts_of(w, list, n, get_unhandled),
                texts_of(w, list, n, get_title), texts_of(w, list, n, get_type),
                texts_of(w, list, n, get_value),
                texts_of(w, list, n, get_culprit),
                texts_of(w, list, n, get_platform),
                numbers_of(w, list, n, get_level),
                texts_of(w, list, n, get_last_release),
                texts_of(w, list, n, get_regressed),
                numbers_of(w, list, n, get_thinned),
                texts_of(w, list, n, get_newer)),
        NULL);
}


/*
 * An index of trigrams is dear, and the thousandth message of an issue has few
 * words that none before it had: it is written when there are WORDS_STEP times
 * as many events as there were, or when the issue was parted from another.
 */
static bool
words_are_due(const struct work_issue *is)
{
    int64_t step = WORDS_STEP;

    while (step <= is->before) {
        step *= WORDS_STEP;
    }
    return is->newer && (is->words_due || is->before + is->n >= step);
}


static enum status
copy_words(struct work *w, struct work_issue *const *list, size_t n)
{
    struct db_copy copy;
    enum status st = db_copy_begin(w->db, w->a, SQL_BATCH_COPY_WORDS, &copy);

    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        db_copy_row(&copy, 3);
        db_copy_i64(&copy, list[i]->id);
        db_copy_i64(&copy, get_organization(list[i]));
        db_copy_bytes(&copy, get_search(list[i]));
    }
    return db_copy_end(&copy);
}


/* What bare words find the issues by: of its newest event by then. */
static enum status
write_words(struct work *w, struct work_issue *const *fresh, size_t nfresh)
{
    struct work_issue **list = arena_array(w->a, w->nissues, sizeof(*list));
    bool copy = nfresh >= COPY_FROM;
    enum status st;
    size_t n = 0;

    for (size_t i = 0; i < w->nissues; i++) {
        if (w->issues[i]->fresh ? !copy : words_are_due(w->issues[i])) {
            list[n++] = w->issues[i];
        }
    }
    if (copy && (st = copy_words(w, fresh, nfresh)) != ST_OK) {
        return st;
    }
    if (n == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_BATCH_WORDS,
                    DB_ARGS(numbers_of(w, list, n, get_id),
                            numbers_of(w, list, n, get_organization),
                            texts_of(w, list, n, get_search)),
                    NULL);
}


static enum status
write_regressions(struct work *w, struct work_issue *const *list, size_t n)
{
    int64_t *organizations = arena_array(w->a, n, sizeof(int64_t));
    int64_t *issues = arena_array(w->a, n, sizeof(int64_t));
    struct str *data = arena_array(w->a, n, sizeof(struct str));
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        struct json *object;
        struct buf text = buf_in(w->a);

        if (!list[i]->regressed) {
            continue;
        }
        object = json_new(w->a, JSON_T_OBJECT);
        if (!str_null(list[i]->regressed_in)) {
            json_set(object, STR("release"),
                     json_new_str(w->a, list[i]->regressed_in));
        }
        if (!str_null(list[i]->resolved_in)) {
            json_set(object, STR("resolved_in"),
                     json_new_str(w->a, list[i]->resolved_in));
        }
        json_write(&text, object);
        organizations[k] = list[i]->project->organization_id;
        issues[k] = list[i]->id;
        data[k++] = buf_view(&text);
    }
    if (k == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_BATCH_REGRESSED,
                    DB_ARGS(db_i64_array(w->a, organizations, k),
                            db_i64_array(w->a, issues, k),
                            db_str_array(w->a, data, k)),
                    NULL);
}


enum status
work_write_issues(struct work *w)
{
    struct work_issue **fresh = arena_array(w->a, w->nissues, sizeof(*fresh));
    struct work_issue **known = arena_array(w->a, w->nissues, sizeof(*known));
    size_t nfresh = 0, nknown = 0;
    enum status st;

    for (size_t i = 0; i < w->nissues; i++) {
        if (w->issues[i]->fresh) {
            fresh[nfresh++] = w->issues[i];

        } else {
            known[nknown++] = w->issues[i];
        }
    }

    work_collect_users(w);
    if ((!w->projects_are_locked && (st = lock_projects(w)) != ST_OK)
        || (st = write_fresh(w, fresh, nfresh)) != ST_OK
        || (nknown > 0 && (st = lock_issues(w, known, nknown)) != ST_OK)
        || (st = write_hashes(w)) != ST_OK
        || (st = work_write_users(w)) != ST_OK
        || (nknown > 0 && (st = write_known(w, known, nknown)) != ST_OK)
        || (st = write_words(w, fresh, nfresh)) != ST_OK
        || (st = write_regressions(w, known, nknown)) != ST_OK) {
        return st;
    }
    return note_first_events(w);
}
