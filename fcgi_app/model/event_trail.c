#include "model/event_trail.h"

#include "model/issue.h"
#include "util/conf.h"
#include "util/hex.h"


enum status
event_trail_stored(struct db *db, struct arena *a, int64_t organization,
                   const unsigned char id[16], struct stored_event **out,
                   size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_EVENT_TRAIL_STORED,
                 DB_ARGS(db_str(uuid_hex(a, id)),
                         organization != 0 ? db_i64(organization) : db_null()),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct stored_event));
    for (int i = 0; i < rows.n; i++) {
        struct stored_event *e = &(*out)[i];

        e->project_id = db_get_i64(&rows, i, "project_id");
        e->organization = db_get_str(&rows, i, "organization");
        e->project = db_get_str(&rows, i, "slug");
        e->issue =
            db_is_null(&rows, i, "number")
                ? STR_NULL
                : issue_short_id(a, e->project, db_get_i64(&rows, i, "number"));
        e->title = db_get_str(&rows, i, "title");
        e->occurred_at = db_get_time(&rows, i, "occurred_at");
        e->received_at = db_get_time(&rows, i, "received_at");
        e->digested_at = db_get_time(&rows, i, "digested_at");
        e->has_body = db_get_bool(&rows, i, "has_body");
        e->key_id = db_get_i64(&rows, i, "key_id");
    }
    return ST_OK;
}


enum status
event_trail_ended(struct db *db, struct arena *a, int64_t organization,
                  const unsigned char id[16], struct ended_event **out,
                  size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_EVENT_TRAIL_ENDED,
                 DB_ARGS(db_str(uuid_hex(a, id)),
                         organization != 0 ? db_i64(organization) : db_null()),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct ended_event));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct ended_event){
            .project_id = db_get_i64(&rows, i, "project_id"),
            .organization = db_get_str(&rows, i, "organization"),
            .project = db_get_str(&rows, i, "slug"),
            .category = db_get_str(&rows, i, "category"),
            .outcome = db_get_str(&rows, i, "outcome"),
            .reason = db_get_str(&rows, i, "reason"),
            .received_at = db_get_time(&rows, i, "received_at"),
            .ended_at = db_get_time(&rows, i, "ended_at"),
            .status = db_get_i64(&rows, i, "status"),
        };
    }
    return ST_OK;
}


/* What a search has found, for one organisation. */
static enum status
for_organization(enum status st, const struct message *m, int64_t organization,
                 bool whole, bool *all)
{
    *all = *all && (whole || st == ST_OK);
    return st == ST_OK && m->organization_id != organization ? ST_NOT_FOUND
                                                             : st;
}


enum status
event_trail_waiting(struct redis *r, struct arena *a, int64_t organization,
                    struct str event_id, struct found_entry *out, bool *all)
{
    bool whole = true;
    enum status st;

    *out = (struct found_entry){ 0 };
    st = queue_find(r, a, event_id, QUEUE_FIND_PAGE, out, &whole);
    return for_organization(st, &out->message, organization, whole, all);
}


enum status
event_trail_dead(struct redis *r, struct arena *a, int64_t organization,
                 struct str event_id, struct dead_letter *out, bool *all)
{
    bool whole = true;
    enum status st;

    *out = (struct dead_letter){ 0 };
    st = queue_find_dead(r, a, event_id, QUEUE_FIND_PAGE, out, &whole);
    return for_organization(st, &out->message, organization, whole, all);
}


enum status
event_trail_project(struct db *db, struct arena *a, int64_t organization,
                    int64_t project, struct str *out)
{
    struct db_rows rows;
    enum status st =
        db_one(db, a, SQL_EVENT_TRAIL_PROJECT,
               DB_ARGS(db_i64(organization), db_i64(project)), &rows);

    if (st == ST_OK) {
        *out = str_printf(a, "%.*s/%.*s",
                          STR_FMT(db_get_str(&rows, 0, "organization")),
                          STR_FMT(db_get_str(&rows, 0, "slug")));
    }
    return st;
}


enum status
event_trail_ends(struct db *db, struct arena *a, int64_t organization,
                 int64_t since, struct event_end **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_EVENT_TRAIL_ENDS,
                 DB_ARGS(db_time(since),
                         organization != 0 ? db_i64(organization) : db_null()),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct event_end));
    for (int i = 0; i < rows.n; i++) {
        struct event_end *e = &(*out)[i];

        e->project_id = db_get_i64(&rows, i, "project_id");
        e->organization = db_get_str(&rows, i, "organization");
        e->project = db_get_str(&rows, i, "slug");
        e->category = db_get_str(&rows, i, "category");
        e->outcome = db_get_str(&rows, i, "outcome");
        e->reason = db_get_str(&rows, i, "reason");
        e->quantity = db_get_i64(&rows, i, "quantity");
        e->latest = db_get_time(&rows, i, "latest");
    }
    return ST_OK;
}


enum status
event_trail_gone(struct db *db, struct arena *a, int64_t organization,
                 struct event_gone **out, size_t *n)
{
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_EVENT_TRAIL_GONE,
                 DB_ARGS(db_i64(conf_int(CONF_SYSTEM_EVENT_RETENTION_DAYS)),
                         organization != 0 ? db_i64(organization) : db_null()),
                 &rows);

    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(struct event_gone));
    for (int i = 0; i < rows.n; i++) {
        (*out)[i] = (struct event_gone){
            .project_id = db_get_i64(&rows, i, "project_id"),
            .organization = db_get_str(&rows, i, "organization"),
            .project = db_get_str(&rows, i, "slug"),
            .days = db_get_i64(&rows, i, "days"),
            .oldest = db_get_time(&rows, i, "oldest"),
            .events = db_get_i64(&rows, i, "events"),
        };
    }
    return ST_OK;
}
