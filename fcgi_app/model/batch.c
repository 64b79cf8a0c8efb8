/*
 * DESIGN.  One attempt, in one transaction:
 *
 *   0. before the transaction: partitions, numbers of tags (batch_tag.c);
 *   1. read: which projects exist, which events are stored already, which
 *      issue owns which hash (batch_issue.c);
 *   2. write what nobody else can touch: events and bodies, by COPY, under
 *      ids taken from the sequences;
 *   3. lock, in this order and each by ascending id: the projects that get new
 *      issues, then the issues; write issues, users, hours, tags;
 *   4. write the ledger, whose rows everybody shares and which is therefore
 *      last, and the mark of the entries; COMMIT.
 *
 * The locks come late because COPY takes most of the time and two workers on
 * the same hot issue would wait for each other during all of it.  The price is
 * that step 1 may be out of date by step 3; then, or when the unique index on
 * events finds that another worker stored one of ours, the attempt is rolled
 * back and made again, now seeing what the other did.  That is rare: it takes
 * two workers with the same new issue or the same event at the same moment;
 * where it is not rare, the projects are locked first (batch_issue.c).
 *
 * Locks in ascending order on all sides cannot deadlock; if PostgreSQL sees a
 * deadlock with somebody else, it is ST_RETRY like any lost connection.
 */

#include "model/batch.h"

#include <stdlib.h>

#include "model/batch_work.h"
#include "model/pulse.h"
#include "util/fail.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

#define ATTEMPTS 8

/*
 * Batches of so many events leave the order of the stream to the fold, as some
 * issue is in one after the other (model/keep.h).
 */
#define LISTED_LATER 64

/* Days whose partitions are known to stand. */
#define KNOWN_DAYS 64


/* filling */

struct batch_event *
batch_event_new(struct batch *b)
{
    /* grown by doubling: the count is a power of two when it is full */
    if ((b->nevents & (b->nevents - 1)) == 0) {
        size_t size = b->nevents == 0 ? 1 : b->nevents * 2;

        b->events =
            arena_grow(b->arena, b->events, b->nevents * sizeof(*b->events),
                       size * sizeof(*b->events));
    }
    b->events[b->nevents] = arena_new_of(b->arena, struct batch_event);
    return b->events[b->nevents++];
}


void
batch_outcome(struct batch *b, const struct outcome *o)
{
    if ((b->noutcomes & (b->noutcomes - 1)) == 0) {
        size_t size = b->noutcomes == 0 ? 1 : b->noutcomes * 2;

        b->outcomes = arena_grow(b->arena, b->outcomes,
                                 b->noutcomes * sizeof(*b->outcomes),
                                 size * sizeof(*b->outcomes));
    }
    b->outcomes[b->noutcomes++] = *o;
}


/* partitions */

static int64_t known_days[KNOWN_DAYS];
static size_t nknown_days;


static bool
day_is_known(int64_t day)
{
    for (size_t i = 0; i < nknown_days; i++) {
        if (known_days[i] == day) {
            return true;
        }
    }
    return false;
}


enum status
batch_partitions(struct db *db, struct arena *a, int64_t us)
{
    int64_t day = time_day(us);
    enum status st;

    if (day_is_known(day)) {
        return ST_OK;
    }
    st = db_query(db, a, SQL_BATCH_PARTITION,
                  DB_ARGS(db_time(day * US_PER_DAY)), NULL);
    if (st == ST_CONFLICT) {
        /* another worker made it in the same moment */
        return ST_RETRY;
    }
    if (st == ST_OK) {
        if (nknown_days == KNOWN_DAYS) {
            nknown_days = 0;
        }
        known_days[nknown_days++] = day;
    }
    return st;
}


/* step 1 */

static int
by_i64(const void *left, const void *right)
{
    return compare_i64(*(const int64_t *) left, *(const int64_t *) right);
}


static struct work_project *
project_of(const struct work *w, int64_t id)
{
    size_t low = 0, high = w->nprojects;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct work_project *p = &w->projects[middle];

        if (p->id == id) {
            return p;
        }
        if (p->id < id) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return NULL;
}


static int
by_project_id(const void *left, const void *right)
{
    const struct work_project *a = left, *b = right;

    return compare_i64(a->id, b->id);
}


/*
 * ST_RETRY: a project has moved to another organisation since the digest has
 * asked for what it wants.
 */
static enum status
find_projects(struct work *w)
{
    const struct batch *b = w->batch;
    int64_t *ids = arena_array(w->a, b->nhomes, sizeof(int64_t));
    struct db_rows rows;
    enum status st;
    size_t n = 0;

    for (size_t i = 0; i < b->nhomes; i++) {
        ids[i] = b->homes[i].project_id;
    }
    qsort(ids, b->nhomes, sizeof(int64_t), by_i64);
    for (size_t i = 0; i < b->nhomes; i++) {
        if (n == 0 || ids[n - 1] != ids[i]) {
            ids[n++] = ids[i];
        }
    }

    st = db_query(w->db, w->a, SQL_BATCH_PROJECTS,
                  DB_ARGS(db_i64_array(w->a, ids, n)), &rows);
    if (st != ST_OK) {
        return st;
    }
    w->nprojects = (size_t) rows.n;
    w->projects = arena_array(w->a, w->nprojects, sizeof(*w->projects));
    for (int i = 0; i < rows.n; i++) {
        w->projects[i] = (struct work_project){
            .id = db_get_i64(&rows, i, "id"),
            .organization_id = db_get_i64(&rows, i, "organization_id"),
            .waiting = db_get_bool(&rows, i, "is_waiting"),
        };
    }
    qsort(w->projects, w->nprojects, sizeof(*w->projects), by_project_id);

    for (size_t i = 0; i < b->nhomes; i++) {
        const struct work_project *p = project_of(w, b->homes[i].project_id);

        if (p != NULL && p->organization_id != b->homes[i].organization_id) {
            return ST_RETRY;
        }
    }
    for (size_t i = 0; i < w->nrows; i++) {
        w->rows[i].ev = w->batch->events[i];
        w->rows[i].project = project_of(w, w->rows[i].ev->project_id);
    }
    return ST_OK;
}


/* By project and event id, of the same the one that came first. */
static int
by_identity(const void *left, const void *right)
{
    const struct work_row *a = *(struct work_row *const *) left;
    const struct work_row *b = *(struct work_row *const *) right;
    int c = compare_i64(a->ev->project_id, b->ev->project_id);

    if (c == 0) {
        c = memcmp(a->ev->id, b->ev->id, 16);
    }
    return c != 0 ? c : (a > b) - (a < b);
}


static enum status
find_duplicates(struct work *w)
{
    struct work_row **sorted = arena_array(w->a, w->nrows, sizeof(*sorted));
    int64_t *projects = arena_array(w->a, w->nrows, sizeof(int64_t));
    struct str *ids = arena_array(w->a, w->nrows, sizeof(struct str));
    int64_t day = INT64_MAX;
    struct db_rows rows;
    enum status st;
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        if (w->rows[i].project != NULL) {
            sorted[n++] = &w->rows[i];
        }
    }
    qsort(sorted, n, sizeof(*sorted), by_identity);

    for (size_t i = 0; i < n; i++) {
        const struct batch_event *ev = sorted[i]->ev;

        projects[i] = ev->project_id;
        ids[i] = hex_encode(w->a, ev->id, 16);
        sorted[i]->duplicate = i > 0 && projects[i - 1] == projects[i]
                               && str_eq(ids[i - 1], ids[i]);
        if (time_day(ev->received_at) < day) {
            day = time_day(ev->received_at);
        }
    }
    if (n == 0) {
        return ST_OK;
    }

    day -= BATCH_DUPLICATE_DAYS - 1;
    st =
        db_query(w->db, w->a, SQL_BATCH_DUPLICATES,
                 DB_ARGS(db_i64_array(w->a, projects, n),
                         db_str_array(w->a, ids, n), db_time(day * US_PER_DAY)),
                 &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        sorted[db_get_i64(&rows, i, "n") - 1]->duplicate = true;
    }
    return st;
}


/*
 * Retention drops partitions of days that are past.  From find_duplicates on,
 * which has read events, none can go before we have ended; one that has gone
 * before that is made anew, and this attempt again.
 */
static enum status
check_days(struct work *w)
{
    int64_t yesterday = time_day(time_now()) - 1;
    int64_t *days = arena_array(w->a, w->nrows, sizeof(int64_t));
    struct db_rows rows;
    enum status st;
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        int64_t day = time_day(w->batch->events[i]->received_at);

        if (day < yesterday) {
            days[n++] = day * US_PER_DAY;
        }
    }
    if (n == 0) {
        return ST_OK;
    }
    st = db_query(w->db, w->a, SQL_BATCH_MISSING_DAYS,
                  DB_ARGS(db_time_array(w->a, days, n)), &rows);
    if (st == ST_OK && rows.n > 0) {
        nknown_days = 0;
        return ST_CONFLICT;
    }
    return st;
}


/* step 2 */

static enum status
take_event_ids(struct work *w)
{
    struct db_rows rows;
    enum status st;
    int n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        n += w->rows[i].issue != NULL;
    }
    st = db_query(w->db, w->a, SQL_BATCH_EVENT_IDS, DB_ARGS(db_i64(n)), &rows);
    if (st != ST_OK) {
        return st;
    }
    n = 0;
    for (size_t i = 0; i < w->nrows; i++) {
        if (w->rows[i].issue != NULL) {
            w->rows[i].id = db_get_i64(&rows, n++, "id");
        }
    }
    return ST_OK;
}


static enum status
copy_events(struct work *w)
{
    int64_t now = time_now();
    struct db_copy copy;
    enum status st;

    st = db_copy_begin(w->db, w->a, SQL_BATCH_COPY_EVENTS, &copy);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];
        const struct batch_event *ev = row->ev;

        if (row->issue == NULL) {
            continue;
        }
        db_copy_row(&copy, 22);
        db_copy_day(&copy, time_day(ev->received_at));
        db_copy_i64(&copy, row->id);
        db_copy_i64(&copy, ev->organization_id);
        db_copy_i64(&copy, ev->project_id);
        if (ev->key_id != 0) {
            db_copy_i64(&copy, ev->key_id);

        } else {
            db_copy_null(&copy);
        }
        db_copy_i64(&copy, row->issue->id);
        db_copy_bytes(&copy, str_make((const char *) ev->id, 16));
        db_copy_time(&copy, ev->occurred_at);
        db_copy_time(&copy, ev->received_at);
        db_copy_time(&copy, now);
        db_copy_i16(&copy, (int16_t) ev->level);
        db_copy_bytes(&copy, ev->platform);
        db_copy_bytes(&copy, ev->title);
        db_copy_bytes(&copy, ev->release);
        db_copy_bytes(&copy, ev->environment);
        db_copy_bytes(&copy, ev->transaction);
        db_copy_bytes(&copy, ev->server_name);
        db_copy_bytes(&copy, ev->user_tag);
        db_copy_i32_array(&copy, ev->tag_ids, ev->ntag_ids);
        db_copy_bool(&copy, row->keep);
        db_copy_bytes(&copy, str_make((const char *) ev->hashes[0], 16));
        db_copy_bytes(&copy, ev->trace);
    }
    return db_copy_end(&copy);
}


static enum status
copy_bodies(struct work *w)
{
    struct db_copy copy;
    enum status st;

    st = db_copy_begin(w->db, w->a, SQL_BATCH_COPY_BODIES, &copy);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->issue == NULL || !row->keep) {
            continue;
        }
        db_copy_row(&copy, 3);
        db_copy_day(&copy, time_day(row->ev->received_at));
        db_copy_i64(&copy, row->id);
        db_copy_bytes(&copy, row->ev->body);
    }
    return db_copy_end(&copy);
}


/* step 3, its end: who acts on what was stored */

static enum status
tell(struct work *w)
{
    struct batch_change *changes =
        arena_array(w->a, w->nrows, sizeof(*changes));
    size_t n = 0;

    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        if (row->issue != NULL) {
            changes[n++] = (struct batch_change){
                .ev = row->ev,
                .issue_id = row->issue->id,
                .fresh = row->issue->fresh && !row->issue->told,
                .regressed = row->issue->regressed && !row->issue->told,
            };
            row->issue->told = true;
        }
    }
    return w->batch->stored(w->batch->context, w->db, w->a, changes, n);
}


/* step 4 */

static enum status
write_ledger(struct work *w)
{
    const struct batch *b = w->batch;
    struct outcome *list;

    size_t n = b->noutcomes + w->noutcomes;

    list = arena_array(w->a, n + w->nrows, sizeof(*list));
    if (b->noutcomes > 0) {
        memcpy(list, b->outcomes, b->noutcomes * sizeof(*list));
    }
    if (w->noutcomes > 0) {
        memcpy(list + b->noutcomes, w->outcomes, w->noutcomes * sizeof(*list));
    }
    for (size_t i = 0; i < w->nrows; i++) {
        const struct work_row *row = &w->rows[i];

        list[n + i] = (struct outcome){
            .organization_id = row->ev->organization_id,
            .project_id = row->ev->project_id,
            .key_id = row->ev->key_id,
            .hour = outcome_hour(row->ev->received_at),
            .category = row->ev->category,
            .outcome = row->issue != NULL ? OUTCOME_ACCEPTED
                       : row->discarded   ? OUTCOME_FILTERED
                                          : OUTCOME_INVALID,
            .reason = row->issue != NULL ? STR("")
                      : row->discarded   ? STR("discarded")
                      : row->duplicate   ? STR("duplicate")
                                         : STR("project_id"),
            .quantity = 1,
        };
    }
    return outcome_add(w->db, w->a, list, n + w->nrows);
}


static enum status
write_mark(struct work *w)
{
    const struct batch *b = w->batch;

    return db_query(w->db, w->a, SQL_BATCH_MARK,
                    DB_ARGS(db_text(b->consumer),
                            db_str_array(w->a, b->entries, b->nentries)),
                    NULL);
}


/* the whole */

static enum status
guard(struct work *w)
{
    const char *listed = w->nrows < LISTED_LATER ? "" : "later";

    return db_query(w->db, w->a, SQL_BATCH_GUARD, DB_ARGS(db_text(listed)),
                    NULL);
}


static enum status
attempt(struct work *w)
{
    enum status st;

    if ((st = guard(w)) != ST_OK
        || (w->batch->nhomes > 0 && (st = find_projects(w)) != ST_OK)
        || (w->nrows > 0
            && ((st = find_duplicates(w)) != ST_OK
                || (st = check_days(w)) != ST_OK
                || (st = work_find_issues(w)) != ST_OK
                || (st = work_lock_early(w)) != ST_OK))) {
        return st;
    }

    work_choose_bodies(w);
    if (w->nissues > 0
        && ((st = take_event_ids(w)) != ST_OK || (st = copy_events(w)) != ST_OK
            || (st = copy_bodies(w)) != ST_OK)) {
        return st;
    }
    FAIL_POINT("mid_transaction");

    if (w->nissues > 0
        && ((st = work_write_issues(w)) != ST_OK
            || (st = work_count(w)) != ST_OK)) {
        return st;
    }

    if ((st = work_store_items(w)) != ST_OK
        || (st = pulse_store(w->db, w->a, w->batch)) != ST_OK
        || (w->nissues > 0 && w->batch->stored != NULL
            && (st = tell(w)) != ST_OK)
        || (st = work_count_project_minutes(w)) != ST_OK
        || (st = write_ledger(w)) != ST_OK || (st = write_mark(w)) != ST_OK) {
        return st;
    }
    if (w->batch->deadline != 0 && time_monotonic() > w->batch->deadline) {
        log_warning("a batch took too long: others may have its entries");
        return ST_RETRY;
    }
    FAIL_POINT("before_commit");
    return ST_OK;
}


static void
report(const struct work *w, struct arena *a, struct batch_result *out)
{
    *out = (struct batch_result){ .issues = w->nfresh,
                                  .regressions = w->nregressed };
    for (size_t i = 0; i < w->nrows; i++) {
        out->stored += w->rows[i].issue != NULL;
        out->duplicates += w->rows[i].duplicate;
    }

    out->touched = arena_array(a, w->nissues, sizeof(*out->touched));
    for (size_t i = 0; i < w->nissues; i++) {
        const struct work_issue *is = w->issues[i];

        out->touched[out->ntouched++] =
            (struct batch_touched){ is->project->organization_id,
                                    is->project->id, is->id, is->n, is->fresh };
    }
}


static enum status
store_once(struct db *db, struct arena *a, struct arena *scratch,
           const struct batch *b, struct batch_result *out)
{
    struct work w = { .db = db, .a = scratch, .batch = b, .nrows = b->nevents };
    enum status st;

    w.rows = arena_array(scratch, w.nrows, sizeof(*w.rows));
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = attempt(&w)) != ST_OK) {
        work_forget_bodies();
        db_rollback(db);
        return st;
    }
    if ((st = db_commit(db)) != ST_OK) {
        /* whatever it says, whether it was carried out is not known */
        return ST_RETRY;
    }
    report(&w, a, out);
    return ST_OK;
}


static enum status
make_days(struct db *db, struct arena *a, const struct batch *b)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < b->nevents; i++) {
        st = batch_partitions(db, a, b->events[i]->received_at);
    }
    return st;
}


enum status
batch_store(struct db *db, struct arena *a, const struct batch *b,
            struct batch_result *out)
{
    struct arena *scratch;
    enum status st;

    scratch = arena_new();
    if ((st = work_number_tags(db, scratch, b)) != ST_OK
        || (st = work_note_sdks(db, scratch, b)) != ST_OK) {
        arena_free(scratch);
        return st;
    }
    arena_reset(scratch);
    for (int i = 0; i < ATTEMPTS; i++) {
        st = make_days(db, a, b);
        if (st == ST_OK) {
            st = store_once(db, a, scratch, b, out);
        }
        if (st != ST_CONFLICT) {
            break;
        }
        arena_reset(scratch);
    }
    arena_free(scratch);

    if (st != ST_OK) {
        /* perhaps a partition has gone: look again */
        nknown_days = 0;
    }
    return st == ST_CONFLICT ? ST_RETRY : st;
}


enum status
batch_done(struct db *db, struct arena *a, const struct str *entries, size_t n,
           struct str **done, size_t *ndone)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_BATCH_DONE, DB_ARGS(db_str_array(a, entries, n)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *ndone = (size_t) rows.n;
    *done = arena_array(a, *ndone, sizeof(struct str));
    for (int i = 0; i < rows.n; i++) {
        (*done)[i] = db_get_str(&rows, i, "entry");
    }
    return ST_OK;
}


/* Commits what st says is good, and rolls anything else back. */
static enum status
end(struct db *db, enum status st)
{
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* Adds a dead letter to the ledger, or takes it out again. */
static enum status
count_dead(struct db *db, struct arena *a, int64_t organization_id,
           int64_t project_id, int64_t key_id, int64_t at, int64_t quantity,
           struct str reason)
{
    struct outcome o = {
        .organization_id = organization_id,
        .project_id = project_id,
        .key_id = key_id,
        .hour = outcome_hour(at),
        .category = STR("error"),
        .outcome = OUTCOME_INVALID,
        .reason = reason,
        .quantity = quantity,
    };

    return outcome_add(db, a, &o, 1);
}


enum status
batch_bury(struct db *db, struct arena *a, struct str entry,
           int64_t organization_id, int64_t project_id, struct str reason,
           int64_t key_id)
{
    enum status st = db_begin(db);
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_BATCH_DEAD_LETTER,
                DB_ARGS(db_str(entry), db_i64(organization_id),
                        db_i64(project_id), db_str(reason)),
                &row);
    if (st == ST_OK) {
        st = count_dead(db, a, organization_id, project_id, key_id,
                        db_get_time(&row, 0, "at"), 1, STR("dead_letter"));

    } else if (st == ST_NOT_FOUND) {
        st = ST_OK;
    }
    return end(db, st);
}


enum status
batch_exhume(struct db *db, struct arena *a, struct str entry, int64_t key_id,
             enum batch_end how)
{
    enum status st = db_begin(db);
    int64_t org, project, at;
    struct db_rows row;

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_BATCH_EXHUME, DB_ARGS(db_str(entry)), &row);
    if (st == ST_NOT_FOUND || (st == ST_OK && how == BATCH_PURGED)) {
        return end(db, ST_OK);
    }
    if (st == ST_OK) {
        org = db_get_i64(&row, 0, "organization_id");
        project = db_get_i64(&row, 0, "project_id");
        at = db_get_time(&row, 0, "at");
        st =
            count_dead(db, a, org, project, key_id, at, -1, STR("dead_letter"));
        if (st == ST_OK && how == BATCH_PUSHED) {
            st = count_dead(db, a, org, project, key_id, at, 1,
                            STR("dead_letter_gone"));
        }
    }
    return end(db, st);
}


enum status
batch_outcome_set(struct db *db, struct arena *a, struct str name,
                  struct outcome *outcomes, size_t n)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_BATCH_MARK_ONCE,
                DB_ARGS(db_text("edge outcomes"), db_str_array(a, &name, 1)),
                NULL);
    if (st == ST_OK) {
        st = outcome_add(db, a, outcomes, n);

    } else if (st == ST_NOT_FOUND) {
        st = ST_OK;
    }
    return end(db, st);
}


enum status
batch_forget(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_BATCH_FORGET, DB_NO_ARGS, NULL);
}
