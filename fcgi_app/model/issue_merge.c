#include "model/issue_merge.h"

#include "model/fold.h"
#include "model/undo.h"
#include "util/hex.h"

#define EVENTS_A_STEP 4000


/* ---- merging */

/* Everything that the issues $2 have counted is added to $1. */
static enum status
add_counters(struct db *db, struct arena *a, int64_t into, const int64_t *from,
             size_t n)
{
    struct db_arg ids = db_i64_array(a, from, n);
    struct db_rows rows;
    enum status st;

    if ((st = db_query(db, a, SQL_ISSUE_MERGE_HOURS, DB_ARGS(db_i64(into), ids),
                       NULL))
            != ST_OK
        || (st = db_query(db, a, SQL_ISSUE_MERGE_TAGS,
                          DB_ARGS(db_i64(into), ids), NULL))
               != ST_OK
        || (st = db_one(db, a, SQL_ISSUE_MERGE_USERS,
                        DB_ARGS(db_i64(into), ids), &rows))
               != ST_OK) {
        return st;
    }
    return db_query(
        db, a, SQL_ISSUE_MERGE_SUM,
        DB_ARGS(db_i64(into), ids, db_i64(db_get_i64(&rows, 0, "n"))), NULL);
}


/* The events of the merged issues follow. */
static enum status
add_job(struct db *db, struct arena *a, int64_t organization_id,
        int64_t account_id, int64_t into, const int64_t *from, size_t n)
{
    struct job job = {
        .organization_id = organization_id,
        .account_id = account_id,
        .kind = STR("merge"),
        .title = STR("The events of merged issues are moved."),
        .params = str_printf(a, "{\"into\":%lld}", (long long) into),
        .total = -1,
    };
    enum status st;
    int64_t id;

    if ((st = job_add(db, a, &job, &id)) != ST_OK) {
        return st;
    }
    return db_query(db, a, SQL_ISSUE_MERGE_JOB_ISSUES,
                    DB_ARGS(db_i64(id), db_i64_array(a, from, n)), NULL);
}


static enum status
merge(struct db *db, struct arena *a, int64_t organization_id,
      const int64_t *ids, size_t n, int64_t account_id, int64_t undo_id,
      int64_t *into)
{
    static const enum sql steps[] = {
        SQL_ISSUE_MERGE_HASHES,
        SQL_ISSUE_MERGE_WORDS,
        SQL_ISSUE_MERGE_PEOPLE,
        SQL_ISSUE_MERGE_GONE,
    };
    int64_t *from = arena_array(a, n, sizeof(int64_t));
    struct db_rows rows, busy;
    enum status st;

    st = db_query(db, a, SQL_ISSUE_MERGE_LOCK,
                  DB_ARGS(db_i64(organization_id), db_i64_array(a, ids, n)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    if ((size_t) rows.n != n) {
        return ST_NOT_FOUND;
    }
    st = db_one(db, a, SQL_ISSUE_MERGE_BUSY, DB_ARGS(db_i64_array(a, ids, n)),
                &busy);
    if (st != ST_OK || db_get_bool(&busy, 0, "busy")) {
        return st != ST_OK ? st : ST_CONFLICT;
    }
    *into = db_get_i64(&rows, 0, "id");
    for (size_t i = 1; i < n; i++) {
        from[i - 1] = db_get_i64(&rows, (int) i, "id");
        if (db_get_i64(&rows, (int) i, "project_id")
            != db_get_i64(&rows, 0, "project_id")) {
            return ST_INVALID;
        }
    }
    n--;

    if ((undo_id != 0 && (st = undo_keep(db, a, undo_id, from, n)) != ST_OK)
        || (st = fold_issues(db, a, ids, n + 1)) != ST_OK
        || (st = add_counters(db, a, *into, from, n)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        st = db_query(db, a, steps[i],
                      DB_ARGS(db_i64(*into), db_i64_array(a, from, n)), NULL);
        if (st != ST_OK) {
            return st;
        }
    }
    st = db_query(
        db, a, SQL_ISSUE_MERGE_LOG,
        DB_ARGS(db_i64(*into), db_i64_array(a, from, n), db_i64(account_id)),
        NULL);
    return st == ST_OK
               ? add_job(db, a, organization_id, account_id, *into, from, n)
               : st;
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


enum status
issue_merge(struct db *db, struct arena *a, int64_t organization_id,
            const int64_t *ids, size_t n, int64_t account_id, int64_t undo_id,
            int64_t *into)
{
    enum status st;

    if (n < 2 || n > ISSUE_MERGE_MAX) {
        return ST_INVALID;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    return end(
        db, merge(db, a, organization_id, ids, n, account_id, undo_id, into));
}


enum status
issue_merge_step(struct db *db, struct arena *a, struct job *job)
{
    struct db_rows rows;
    enum status st;
    int64_t n;

    st = db_query(db, a, SQL_ISSUE_MERGE_HOLD, DB_ARGS(db_i64(job->id)), NULL);
    if (st == ST_OK) {
        st = db_one(db, a, SQL_ISSUE_MERGE_EVENTS,
                    DB_ARGS(db_i64(job->id), db_i64(EVENTS_A_STEP)), &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    n = db_get_i64(&rows, 0, "n");
    job->done += n;
    if (n == 0) {
        job->state = JOB_DONE;
    }
    return ST_OK;
}


enum status
issue_merged_list(struct db *db, struct arena *a, int64_t organization_id,
                  int64_t issue_id, struct issue_merged **out, size_t *n)
{
    struct db_rows rows;
    enum status st = db_query(db, a, SQL_ISSUE_MERGED_LIST,
                              DB_ARGS(db_i64(organization_id), db_i64(issue_id),
                                      db_i64(ISSUE_MERGED_MAX)),
                              &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        struct issue_merged *m = &(*out)[i];

        m->issue_id = db_get_i64(&rows, i, "issue_id");
        m->hash = db_get_str(&rows, i, "hash");
        if (m->issue_id != 0) {
            m->short_id = issue_short_id(a, db_get_str(&rows, i, "slug"),
                                         db_get_i64(&rows, i, "number"));
            m->title = db_get_str(&rows, i, "title");
            m->times_seen = db_get_i64(&rows, i, "times_seen");
            m->at = db_get_time(&rows, i, "at");
            m->by = db_get_str(&rows, i, "by");
        }
    }
    return ST_OK;
}


/* ---- taking apart */

/* The issue's own counters are taken off the other. */
static enum status
take_counters_off(struct db *db, struct arena *a, int64_t id, int64_t into)
{
    static const enum sql steps[] = {
        SQL_ISSUE_COME_BACK_HOURS,
        SQL_ISSUE_COME_BACK_TAGS,
        SQL_ISSUE_COME_BACK_FOLD,
        SQL_ISSUE_COME_BACK_SUM,
    };
    enum status st;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        st = db_query(db, a, steps[i], DB_ARGS(db_i64(id), db_i64(into)), NULL);
        if (st != ST_OK) {
            return st;
        }
    }
    return db_query(db, a, SQL_ISSUE_TIDY_COUNTS, DB_ARGS(db_i64(into)), NULL);
}


static const struct str *
hashes_of(struct arena *a, const struct db_rows *rows)
{
    struct str *v = arena_array(a, (size_t) rows->n, sizeof(*v));

    for (int i = 0; i < rows->n; i++) {
        v[i] = db_get_str(rows, i, "hash");
    }
    return v;
}


/*
 * Of an issue that was merged: its hashes, its counters, its events.  lock is
 * its row as it went.
 */
static enum status
take_out(struct db *db, struct arena *a, int64_t organization_id, int64_t id,
         int64_t into, const struct db_rows *lock, int row, int64_t account_id,
         int64_t *job_id)
{
    struct issue_split split = {
        .from = into,
        .to = id,
        .counted = db_get_i64(lock, row, "merged_event"),
        .folded = db_get_i64(lock, row, "folded_event"),
    };
    int64_t both[] = { id, into };
    struct db_rows hashes;
    enum status st;

    if ((st = fold_issues(db, a, both, 2)) != ST_OK
        || (st = db_query(db, a, SQL_ISSUE_COME_BACK_HASHES,
                          DB_ARGS(db_i64(id), db_i64(into)), &hashes))
               != ST_OK
        || (st = take_counters_off(db, a, id, into)) != ST_OK
        || (st = db_query(db, a, SQL_ISSUE_COME_BACK_STATE, DB_ARGS(db_i64(id)),
                          NULL))
               != ST_OK) {
        return st;
    }
    split.hashes = hashes_of(a, &hashes);
    split.n = (size_t) hashes.n;
    return issue_split_begin(db, a, organization_id, account_id, &split,
                             job_id);
}


enum status
issue_come_back(struct db *db, struct arena *a, int64_t id, int64_t into)
{
    struct db_rows rows;
    int64_t job_id;
    enum status st;

    if (into == 0) {
        st = db_query(db, a, SQL_ISSUE_COME_BACK_KEPT, DB_ARGS(db_i64(id)),
                      NULL);
        return st == ST_OK ? db_query(db, a, SQL_ISSUE_COME_BACK_STATE,
                                      DB_ARGS(db_i64(id)), NULL)
                           : st;
    }
    st = db_one(db, a, SQL_ISSUE_COME_BACK_LOCK,
                DB_ARGS(db_i64(id), db_i64(into)), &rows);
    return st == ST_OK
               ? take_out(db, a, db_get_i64(&rows, 0, "organization_id"), id,
                          into, &rows, 0, 0, &job_id)
               : st;
}


static enum status
unmerge(struct db *db, struct arena *a, int64_t organization_id,
        int64_t issue_id, int64_t child_id, int64_t account_id, int64_t *job_id)
{
    struct db_rows rows;
    enum status st;
    int child;

    st = db_query(
        db, a, SQL_ISSUE_UNMERGE_LOCK,
        DB_ARGS(db_i64(organization_id), db_i64(issue_id), db_i64(child_id)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    if (rows.n != 2) {
        return ST_NOT_FOUND;
    }
    child = db_get_i64(&rows, 0, "id") == child_id ? 0 : 1;
    st = take_out(db, a, organization_id, child_id, issue_id, &rows, child,
                  account_id, job_id);
    return st == ST_OK ? db_query(
               db, a, SQL_ISSUE_SPLIT_LOG,
               DB_ARGS(db_i64(issue_id), db_i64(child_id), db_i64(account_id)),
               NULL)
                       : st;
}


enum status
issue_unmerge(struct db *db, struct arena *a, int64_t organization_id,
              int64_t issue_id, int64_t child_id, int64_t account_id,
              int64_t *job_id)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    return end(db, unmerge(db, a, organization_id, issue_id, child_id,
                           account_id, job_id));
}


/* ---- splitting */

static struct db_arg
hash_array(struct arena *a, const struct str *hex, size_t n)
{
    struct str *bytes = arena_array(a, n, sizeof(struct str));

    for (size_t i = 0; i < n; i++) {
        unsigned char *p = arena_alloc(a, 16);

        if (hex[i].n != 32 || !hex_decode(hex[i], p, 16)) {
            memset(p, 0, 16); /* nobody's */
        }
        bytes[i] = str_make((const char *) p, 16);
    }
    return db_bytes_array(a, bytes, n);
}


/* A new issue with a number of its own. */
static enum status
make_split(struct db *db, struct arena *a, int64_t issue_id, int64_t project_id,
           struct db_arg hashes, int64_t *made)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_ISSUE_SPLIT_NUMBER,
                            DB_ARGS(db_i64(project_id)), &rows);

    if (st != ST_OK) {
        return st;
    }
    st = db_one(db, a, SQL_ISSUE_SPLIT_NEW,
                DB_ARGS(db_i64(issue_id),
                        db_i64(db_get_i64(&rows, 0, "last_issue")), hashes),
                &rows);
    if (st == ST_OK) {
        *made = db_get_i64(&rows, 0, "id");
    }
    return st;
}


static enum status
split(struct db *db, struct arena *a, int64_t organization_id, int64_t issue_id,
      const struct str *hex, size_t n, int64_t account_id, int64_t *made)
{
    struct db_arg hashes = hash_array(a, hex, n);
    struct issue_split split = { .from = issue_id, .hashes = hex, .n = n };
    struct db_rows rows;
    enum status st;
    int64_t both[2], job_id;

    st = db_one(db, a, SQL_ISSUE_SPLIT_LOCK,
                DB_ARGS(db_i64(organization_id), db_i64(issue_id), hashes),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    if (db_get_i64(&rows, 0, "own") != (int64_t) n) {
        return ST_NOT_FOUND;
    }
    if (db_get_i64(&rows, 0, "has") <= (int64_t) n) {
        return ST_INVALID;
    }

    if ((st = make_split(db, a, issue_id, db_get_i64(&rows, 0, "project_id"),
                         hashes, made))
            != ST_OK
        || (st = db_query(db, a, SQL_ISSUE_SPLIT_WORDS,
                          DB_ARGS(db_i64(issue_id), db_i64(*made)), NULL))
               != ST_OK
        || (st = db_query(db, a, SQL_ISSUE_SPLIT_HASHES,
                          DB_ARGS(db_i64(issue_id), db_i64(*made), hashes),
                          NULL))
               != ST_OK
        || (st = db_query(
                db, a, SQL_ISSUE_SPLIT_LOG,
                DB_ARGS(db_i64(issue_id), db_i64(*made), db_i64(account_id)),
                NULL))
               != ST_OK) {
        return st;
    }
    both[0] = issue_id;
    both[1] = split.to = *made;
    st = fold_issues(db, a, both, 2);
    return st == ST_OK ? issue_split_begin(db, a, organization_id, account_id,
                                           &split, &job_id)
                       : st;
}


enum status
issue_split(struct db *db, struct arena *a, int64_t organization_id,
            int64_t issue_id, const struct str *hashes, size_t n,
            int64_t account_id, int64_t *made)
{
    enum status st;

    if (n == 0 || n > ISSUE_MERGED_MAX) {
        return ST_INVALID;
    }
    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    return end(db, split(db, a, organization_id, issue_id, hashes, n,
                         account_id, made));
}
