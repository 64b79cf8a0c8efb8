#include "model/event.h"

#include "model/body.h"
#include "util/hex.h"
#include "util/log.h"

/* A client's clock may run ahead by this, so that first_seen may, too. */
#define CLOCK_SLACK US_PER_DAY


void
event_from_row(struct arena *a, const struct db_rows *rows, int row,
               struct event_row *out)
{
    unsigned char id[16] = { 0 };

    (void) uuid_parse(db_get_str(rows, row, "event_id"), id);
    out->id = db_get_i64(rows, row, "id");
    out->event_id = uuid_hex(a, id);
    out->occurred_at = db_get_time(rows, row, "occurred_at");
    out->received_at = db_get_time(rows, row, "received_at");
    out->level = (int) db_get_i64(rows, row, "level");
    out->platform = db_get_str(rows, row, "platform");
    out->title = db_get_str(rows, row, "title");
    out->release = db_get_str(rows, row, "release");
    out->environment = db_get_str(rows, row, "environment");
    out->transaction = db_get_str(rows, row, "transaction");
    out->server_name = db_get_str(rows, row, "server_name");
    out->user_tag = db_get_str(rows, row, "user_tag");
    out->has_body = db_get_bool(rows, row, "has_body");
}


static struct db_arg
first_day(const struct issue *is)
{
    return db_time(is->first_seen - CLOCK_SLACK);
}


static struct str
neighbour(struct arena *a, const struct db_rows *rows, const char *col)
{
    unsigned char id[16];

    if (!uuid_parse(db_get_str(rows, 0, col), id)) {
        return STR_NULL;
    }
    return uuid_hex(a, id);
}


static void
read_view(struct db *db, struct arena *a, const struct db_rows *rows,
          struct event_view *out)
{
    event_from_row(a, rows, 0, &out->row);
    out->earlier = neighbour(a, rows, "earlier");
    out->later = neighbour(a, rows, "later");
    out->hash = db_get_str(rows, 0, "hash");
    out->thinned = db_get_i64(rows, 0, "thinned");
    out->beside = db_get_bool(rows, 0, "beside");
    out->commits = db_get_bool(rows, 0, "commits");
    out->mappings = db_get_str(rows, 0, "mappings");
    out->revisions = db_get_str(rows, 0, "revisions");
    out->sdks = db_get_str(rows, 0, "sdks");
    out->body = STR_NULL;
    if (!db_is_null(rows, 0, "body")
        && body_unpack(db, a, db_get_bytes(a, rows, 0, "body"), &out->body)
               != ST_OK) {
        log_error("event %.*s: its body cannot be unpacked",
                  STR_FMT(out->row.event_id));
    }
}


/*
 * From the nearer end; where both are far, or retention has taken the far one,
 * by what the hours have counted.
 */
static void
number(const struct db_rows *rows, const struct issue *is,
       struct event_view *out)
{
    int64_t newer = db_get_i64(rows, 0, "newer");

    if (newer < EVENT_NUMBER_LOOK) {
        out->number = is->times_seen - newer;

    } else if (!db_is_null(rows, 0, "older")) {
        out->number = db_get_i64(rows, 0, "older") + 1;

    } else {
        out->number = is->times_seen - db_get_i64(rows, 0, "by_hour");
        out->about = true;
    }
    out->number = out->number > 0 ? out->number : 1;
}


enum status
event_find(struct db *db, struct arena *a, const struct issue *is,
           struct str which, struct event_view *out)
{
    return event_walk(db, a, is, which, &(struct event_walk){ STR_NULL, 0, 0 },
                      out);
}


enum status
event_walk(struct db *db, struct arena *a, const struct issue *is,
           struct str which, const struct event_walk *walk,
           struct event_view *out)
{
    enum { LATEST, OLDEST, BY_ID, FULLEST } how = BY_ID;
    bool timed = walk->to != 0, narrow = timed || !str_null(walk->environment);
    /* where all can be looked at, so can those that came late */
    bool near = timed && is->times_seen > EVENT_WALK_LOOK;
    unsigned char uuid[16] = { 0 };
    struct db_rows rows;
    enum status st;

    if (str_is(which, "latest")) {
        how = LATEST;

    } else if (str_is(which, "oldest")) {
        how = OLDEST;

    } else if (str_is(which, "recommended")) {
        how = FULLEST;

    } else if (!uuid_parse(which, uuid)) {
        return ST_NOT_FOUND;
    }
    st = db_one(
        db, a, SQL_EVENT_VIEW,
        DB_ARGS(
            db_i64(is->id),
            timed && how != BY_ID ? db_time(walk->from) : first_day(is),
            db_i64(is->project_id),
            how == BY_ID ? db_str(uuid_hex(a, uuid)) : db_null(), db_i64(how),
            db_str(walk->environment), timed ? db_time(walk->from) : db_null(),
            timed ? db_time(walk->to) : db_null(),
            near ? db_time(walk->to + CLOCK_SLACK) : db_str(STR("infinity")),
            db_i64(narrow ? EVENT_WALK_LOOK : 1),
            db_i64(narrow ? EVENT_WALK_LOOK : EVENT_NUMBER_LOOK), db_bool(near),
            db_time(is->first_seen)),
        &rows);
    if (st == ST_OK) {
        read_view(db, a, &rows, out);
        out->number = 0;
        out->about = false;
        if (!narrow) {
            number(&rows, is, out);
        }
    }
    return st;
}


enum status
event_list(struct db *db, struct arena *a, const struct issue *is,
           int64_t before, bool back, struct event_row **out, int *n,
           bool *more)
{
    enum sql stmt = back ? SQL_EVENT_LIST_BACK : SQL_EVENT_LIST;
    struct db_rows rows;
    enum status st;
    int first;

    st = db_query(db, a, stmt,
                  DB_ARGS(db_i64(is->id), first_day(is),
                          before != 0 ? db_i64(before) : db_null(),
                          db_i64(EVENT_PAGE + 1)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }

    *more = rows.n > EVENT_PAGE;
    *n = *more ? EVENT_PAGE : rows.n;
    first = *more && back ? 1 : 0;
    *out = arena_array(a, (size_t) *n, sizeof(struct event_row));
    for (int i = 0; i < *n; i++) {
        event_from_row(a, &rows, first + i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
event_values(struct db *db, struct arena *a, const struct issue *is,
             const int64_t *ids, size_t nids, const struct str *keys,
             size_t nkeys, struct event_value **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_EVENT_TAGS,
                  DB_ARGS(db_i64(is->id), first_day(is),
                          db_i64_array(a, ids, nids), db_i64(is->project_id),
                          db_str_array(a, keys, nkeys)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct event_value){ db_get_i64(&rows, i, "id"),
                                          db_get_str(&rows, i, "key"),
                                          db_get_str(&rows, i, "value") };
    }
    return ST_OK;
}


enum status
event_issue(struct db *db, struct arena *a, const int64_t *project_ids,
            size_t n, struct str event_id, int64_t *issue_id)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_EVENT_ISSUE,
                DB_ARGS(db_i64_array(a, project_ids, n), db_str(event_id)),
                &rows);
    if (st == ST_OK) {
        *issue_id = db_get_i64(&rows, 0, "issue_id");
    }
    return st;
}


enum status
event_of_trace(struct db *db, struct arena *a, int64_t organization_id,
               const struct id_set *projects, struct str trace, int64_t max,
               struct event_traced **out, size_t *n)
{
    bool all = projects == NULL || !projects->limited;
    struct db_rows rows;
    enum status st;

    st = db_query(
        db, a, SQL_EVENT_OF_TRACE,
        DB_ARGS(db_i64(organization_id),
                all ? db_null() : db_i64_array(a, projects->ids, projects->n),
                db_str(trace), db_i64(max)),
        &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct event_traced){ db_get_i64(&rows, i, "issue_id"),
                                           db_get_str(&rows, i, "event_id") };
    }
    return ST_OK;
}


/* Either sample's rows, of which *out has room for as many. */
static enum status
read_sample(struct db *db, struct arena *a, enum sql statement,
            const struct project *project, size_t max, struct db_rows *rows,
            struct event_sample **out, size_t *n)
{
    enum status st =
        db_query(db, a, statement,
                 DB_ARGS(db_i64(project->organization_id), db_i64(project->id),
                         db_i64(SAMPLE_ISSUES), db_i64(SAMPLE_OF_ISSUE),
                         db_i64((int64_t) max)),
                 rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows->n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows->n; i++) {
        (*out)[i] = (struct event_sample){
            .issue_id = db_get_i64(rows, i, "issue_id"),
            .packed = db_get_bytes(a, rows, i, "body"),
        };
    }
    return ST_OK;
}


enum status
event_sample(struct db *db, struct arena *a, const struct project *project,
             size_t max, struct event_sample **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        read_sample(db, a, SQL_EVENT_SAMPLE, project, max, &rows, out, n);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct event_sample *s = &(*out)[i];

        s->short_id =
            issue_short_id(a, project->slug, db_get_i64(&rows, i, "number"));
        s->title = db_get_str(&rows, i, "title");
    }
    return st;
}


enum status
event_sample_day(struct db *db, struct arena *a, const struct project *project,
                 size_t max, struct event_sample **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        read_sample(db, a, SQL_EVENT_SAMPLE_DAY, project, max, &rows, out, n);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        (*out)[i].stands_for = (double) db_get_i64(&rows, i, "events")
                               / (double) db_get_i64(&rows, i, "sampled");
    }
    return st;
}
