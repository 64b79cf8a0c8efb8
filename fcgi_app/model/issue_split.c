/*
 * Events that follow their hashes to another issue (model/issue_merge.h): they
 * are walked in the order of the digest, moved, and counted there and no
 * longer here.
 *
 * Up to one and the same event the tags of both issues are folded into rows
 * (model/fold.h).  What came later is counted from the events themselves; so
 * these events are moved at once, before anybody folds further, and those
 * below the mark, whose tags are moved from row to row, by a job.
 */

#include "model/issue_merge.h"

#include <stdlib.h>

#include "model/outcome.h"
#include "util/crypt.h"
#include "util/hex.h"

#define STEP 1000 /* events looked at */

struct hour {
    int64_t at;
    int64_t n;
};

struct walk {
    struct db *db;
    struct arena *a;
    struct issue_split split;
    struct db_arg hashes;
    int64_t until; /* the last event to look at */
    bool tags;     /* are in rows */

    struct str *days; /* of the events that move */
    int64_t *ids;
    size_t n;
    size_t first_tagged; /* of these on, tags are to be moved */
    struct hour *hours;
    size_t nhours;
    size_t counted;    /* events that are to be counted */
    struct str *users; /* hashes */
    size_t nusers;
    int64_t first;
    int64_t last;
};


static void
set_hashes(struct walk *w)
{
    struct str *bytes = arena_array(w->a, w->split.n, sizeof(struct str));
    size_t n = 0;

    for (size_t i = 0; i < w->split.n; i++) {
        unsigned char *p = arena_alloc(w->a, 16);

        if (w->split.hashes[i].n == 32
            && hex_decode(w->split.hashes[i], p, 16)) {
            bytes[n++] = str_make((const char *) p, 16);
        }
    }
    w->hashes = db_bytes_array(w->a, bytes, n);
}


static void
add_user(struct walk *w, struct str user_tag)
{
    unsigned char *hash;

    if (user_tag.n > 0) {
        hash = arena_alloc(w->a, 16);
        digest16(user_tag, hash);
        w->users[w->nusers++] = str_make((const char *) hash, 16);
    }
}


/* Events come about in the order of their time: few hours in a row. */
static void
add_hour(struct walk *w, int64_t at)
{
    int64_t hour = outcome_hour(at);

    for (size_t i = w->nhours; i > 0; i--) {
        if (w->hours[i - 1].at == hour) {
            w->hours[i - 1].n++;
            return;
        }
    }
    w->hours[w->nhours++] = (struct hour){ hour, 1 };
}


static void
take(struct walk *w, const struct db_rows *rows, int i)
{
    int64_t id = db_get_i64(rows, i, "id");
    int64_t at = db_get_time(rows, i, "occurred_at");

    if (id <= w->split.folded) {
        w->first_tagged = w->n + 1;
    }
    w->days[w->n] = db_get_str(rows, i, "day");
    w->ids[w->n++] = id;
    add_user(w, db_get_str(rows, i, "user_tag"));
    if (id > w->split.counted) {
        add_hour(w, at);
        w->counted++;
        w->first = w->first == 0 || at < w->first ? at : w->first;
        w->last = at > w->last ? at : w->last;
    }
}


static enum status
write_hours(struct walk *w)
{
    int64_t *at = arena_array(w->a, w->nhours, sizeof(int64_t));
    int64_t *counts = arena_array(w->a, w->nhours, sizeof(int64_t));

    for (size_t i = 0; i < w->nhours; i++) {
        at[i] = w->hours[i].at;
        counts[i] = w->hours[i].n;
    }
    return db_query(w->db, w->a, SQL_ISSUE_SPLIT_HOURS,
                    DB_ARGS(db_i64(w->split.from), db_i64(w->split.to),
                            db_time_array(w->a, at, w->nhours),
                            db_i64_array(w->a, counts, w->nhours)),
                    NULL);
}


static enum status
write_tags(struct walk *w)
{
    size_t from = w->first_tagged, n = w->n - from;

    if (!w->tags || n == 0) {
        return ST_OK;
    }
    return db_query(w->db, w->a, SQL_ISSUE_SPLIT_TAGS,
                    DB_ARGS(db_i64(w->split.from), db_i64(w->split.to),
                            db_str_array(w->a, w->days + from, n),
                            db_i64_array(w->a, w->ids + from, n)),
                    NULL);
}


static enum status
write(struct walk *w)
{
    enum status st;

    if (w->n == 0) {
        return ST_OK;
    }
    if ((st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_MOVE,
                       DB_ARGS(db_i64(w->split.to),
                               db_str_array(w->a, w->days, w->n),
                               db_i64_array(w->a, w->ids, w->n)),
                       NULL))
            != ST_OK
        || (st = write_tags(w)) != ST_OK
        || (st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_USERS,
                          DB_ARGS(db_i64(w->split.to),
                                  db_bytes_array(w->a, w->users, w->nusers)),
                          NULL))
               != ST_OK) {
        return st;
    }
    if (w->counted == 0) {
        return ST_OK;
    }
    if ((st = write_hours(w)) != ST_OK) {
        return st;
    }
    return db_query(w->db, w->a, SQL_ISSUE_SPLIT_SUM,
                    DB_ARGS(db_i64(w->split.from), db_i64(w->split.to),
                            db_i64((int64_t) w->counted), db_time(w->first),
                            db_time(w->last)),
                    NULL);
}


/* The next STEP events; *after moves on, *last: there are no more. */
static enum status
walk(struct walk *w, int64_t *after, bool *last)
{
    struct db_rows rows;
    enum status st;

    st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_SOME,
                  DB_ARGS(db_i64(w->split.from), db_i64(*after), db_i64(STEP),
                          w->hashes, db_i64(w->until)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *last = rows.n < STEP;
    w->days = arena_array(w->a, STEP, sizeof(*w->days));
    w->ids = arena_array(w->a, STEP, sizeof(*w->ids));
    w->hours = arena_array(w->a, STEP, sizeof(*w->hours));
    w->users = arena_array(w->a, STEP, sizeof(*w->users));
    w->n = w->nhours = w->nusers = w->counted = w->first_tagged = 0;
    w->first = w->last = 0;
    for (int i = 0; i < rows.n; i++) {
        *after = db_get_i64(&rows, i, "id");
        if (db_get_bool(&rows, i, "mine")) {
            take(w, &rows, i);
        }
    }
    return write(w);
}


/* ---- at once */

static struct str
params_of(struct arena *a, const struct issue_split *s, int64_t until)
{
    struct buf b = buf_in(a);

    buf_addf(&b,
             "{\"from\":%lld,\"to\":%lld,\"counted\":%lld,"
             "\"folded\":%lld,\"until\":%lld,\"hashes\":[",
             (long long) s->from, (long long) s->to, (long long) s->counted,
             (long long) s->folded, (long long) until);
    for (size_t i = 0; i < s->n && i < ISSUE_MERGE_MAX; i++) {
        buf_text(&b, i > 0 ? "," : "");
        json_write_str(&b, s->hashes[i]);
    }
    buf_text(&b, "]}");
    return buf_view(&b);
}


enum status
issue_split_begin(struct db *db, struct arena *a, int64_t organization_id,
                  int64_t account_id, const struct issue_split *split,
                  int64_t *job_id)
{
    struct walk w = {
        .db = db,
        .a = a,
        .split = *split,
        .until = INT64_MAX,
    };
    struct job job = {
        .organization_id = organization_id,
        .account_id = account_id,
        .kind = STR("split"),
        .title = STR("The events of unmerged issues are moved and counted."),
        .total = -1,
    };
    int64_t both[] = { split->from, split->to };
    struct db_rows rows;
    enum status st;
    int64_t after;
    bool last = false;

    set_hashes(&w);
    st = db_query(db, a, SQL_ISSUE_SPLIT_PART,
                  DB_ARGS(db_i64(split->from), db_i64(split->to)), NULL);
    if (st == ST_OK) {
        st = db_one(db, a, SQL_ISSUE_SPLIT_MARK, DB_ARGS(db_i64(split->from)),
                    &rows);
    }
    if (st != ST_OK) {
        return st;
    }
    after = db_get_i64(&rows, 0, "folded");
    job.params = params_of(a, split, after);
    while (st == ST_OK && !last) {
        st = walk(&w, &after, &last);
    }
    if (st != ST_OK || (st = job_add(db, a, &job, job_id)) != ST_OK) {
        return st;
    }
    return db_query(db, a, SQL_ISSUE_MERGE_JOB_ISSUES,
                    DB_ARGS(db_i64(*job_id), db_i64_array(a, both, 2)), NULL);
}


/* ---- by a job */

static bool
read_params(struct walk *w, const struct json *params)
{
    const struct json *list = json_get(params, "hashes");
    struct issue_split *s = &w->split;
    struct str *hashes;

    if (!json_i64(json_get(params, "from"), &s->from)
        || !json_i64(json_get(params, "to"), &s->to)
        || !json_i64(json_get(params, "counted"), &s->counted)
        || !json_i64(json_get(params, "folded"), &s->folded)
        || !json_i64(json_get(params, "until"), &w->until)
        || !json_is(list, JSON_T_ARRAY)) {
        return false;
    }
    hashes = arena_array(w->a, list->n, sizeof(struct str));
    json_each(v, list)
    {
        hashes[s->n++] = json_text(v);
    }
    s->hashes = hashes;
    return true;
}


/*
 * All events have been seen: users that are left, and of both when they were
 * seen and what they are called.
 */
static enum status
finish(struct walk *w)
{
    const int64_t both[] = { w->split.from, w->split.to };
    struct db_rows rows;
    enum status st;

    st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_USER_TAGS,
                  DB_ARGS(db_i64(w->split.from)), &rows);
    if (st != ST_OK) {
        return st;
    }
    w->users = arena_array(w->a, (size_t) rows.n, sizeof(struct str));
    w->nusers = 0;
    for (int i = 0; i < rows.n; i++) {
        add_user(w, db_get_str(&rows, i, "user_tag"));
    }
    if ((st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_USERS_LEFT,
                       DB_ARGS(db_i64(w->split.from), db_i64(w->split.to),
                               db_bytes_array(w->a, w->users, w->nusers)),
                       NULL))
            != ST_OK
        || (st = db_query(w->db, w->a, SQL_ISSUE_TIDY_COUNTS,
                          DB_ARGS(db_i64(w->split.from)), NULL))
               != ST_OK) {
        return st;
    }
    for (size_t i = 0; st == ST_OK && i < sizeof(both) / sizeof(both[0]); i++) {
        st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_SEEN,
                      DB_ARGS(db_i64(both[i])), NULL);
        if (st == ST_OK) {
            st = db_query(w->db, w->a, SQL_ISSUE_SPLIT_HEAD,
                          DB_ARGS(db_i64(both[i])), NULL);
        }
    }
    return st;
}


enum status
issue_split_step(struct db *db, struct arena *a, struct job *job)
{
    struct walk w = { .db = db, .a = a, .tags = true };
    struct db_rows rows;
    int64_t after = 0;
    enum status st;
    bool last;

    if (!read_params(&w, job_params(a, job))) {
        return ST_INVALID;
    }
    set_hashes(&w);
    (void) str_i64(job->position, &after);
    st = db_query(db, a, SQL_ISSUE_SPLIT_LOCK_BOTH,
                  DB_ARGS(db_i64(w.split.from), db_i64(w.split.to)), &rows);
    if (st != ST_OK) {
        return st;
    }
    if (rows.n != 2) {
        job->state = JOB_DONE; /* one of them has been deleted meanwhile */
        return ST_OK;
    }
    if ((st = walk(&w, &after, &last)) != ST_OK) {
        return st;
    }
    job->done += (int64_t) w.n;
    job->position = str_printf(a, "%lld", (long long) after);
    if (last) {
        job->state = JOB_DONE;
        st = finish(&w);
    }
    return st;
}


enum status
issue_parted_bodies(struct db *db, struct arena *a, const struct job *job,
                    struct issue_parted out[2])
{
    struct walk w = { .db = db, .a = a };
    struct db_rows rows;
    int64_t ids[2];

    if (!read_params(&w, job_params(a, job))) {
        return ST_INVALID;
    }
    ids[0] = w.split.from;
    ids[1] = w.split.to;
    for (size_t i = 0; i < 2; i++) {
        enum status st = db_query(db, a, SQL_ISSUE_PARTED_BODY,
                                  DB_ARGS(db_i64(ids[i])), &rows);

        if (st != ST_OK) {
            return st;
        }
        out[i] = (struct issue_parted){
            .issue_id = ids[i],
            .body = rows.n > 0 ? db_get_bytes(a, &rows, 0, "body") : STR_NULL,
        };
    }
    return ST_OK;
}


enum status
issue_parted_words(struct db *db, struct arena *a, int64_t issue_id,
                   struct str words)
{
    return db_query(db, a, SQL_ISSUE_PARTED_WORDS,
                    DB_ARGS(db_i64(issue_id), db_str(words)), NULL);
}
