#include "model/attachment.h"

#include "util/conf.h"
#include "util/hex.h"
#include "util/log.h"

#define MIB (INT64_C(1) << 20)
#define LIMIT_MAX INT64_C(100000000) /* MiB */

/* Files of a shelf that one step of the sweep looks at. */
#define SWEEP_FILES 1000

/* Rows that one step of retention takes away. */
#define EXPIRE_ROWS 2000


static void
read_row(struct arena *a, const struct db_rows *rows, int i,
         struct attachment *out)
{
    struct str hash = db_get_bytes(a, rows, i, "hash");
    unsigned char id[16];

    *out = (struct attachment){
        .id = db_get_i64(rows, i, "id"),
        .project_id = db_get_i64(rows, i, "project_id"),
        .event_id = db_get_str(rows, i, "event_id"),
        .name = db_get_str(rows, i, "name"),
        .content_type = db_get_str(rows, i, "content_type"),
        .type = db_get_str(rows, i, "type"),
        .size = db_get_i64(rows, i, "size"),
        .received_at = db_get_time(rows, i, "received_at"),
    };
    if (uuid_parse(out->event_id, id)) {
        out->event_id = uuid_hex(a, id);
    }
    if (hash.n == sizeof(out->hash)) {
        memcpy(out->hash, hash.p, sizeof(out->hash));
    }
}


enum status
attachment_list(struct db *db, struct arena *a, int64_t organization_id,
                int64_t project_id, struct str event_id,
                struct attachment **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    *n = 0;
    st = db_query(db, a, SQL_ATTACHMENT_LIST,
                  DB_ARGS(db_i64(organization_id), db_i64(project_id),
                          db_str(event_id), db_i64(ATTACHMENT_LIST_MAX)),
                  &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_row(a, &rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
attachment_find(struct db *db, struct arena *a, int64_t organization_id,
                int64_t project_id, int64_t id, struct attachment *out)
{
    struct db_rows row;
    enum status st;

    st = db_one(
        db, a, SQL_ATTACHMENT_BY_ID,
        DB_ARGS(db_i64(organization_id), db_i64(project_id), db_i64(id)), &row);
    if (st == ST_OK) {
        read_row(a, &row, 0, out);
    }
    return st;
}


enum status
attachment_delete(struct db *db, struct arena *a, int64_t organization_id,
                  const struct actor *by, const struct attachment *at)
{
    struct change c = change_new(a);
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    change_str(&c, "event", at->event_id, STR_NULL);
    if ((st = db_one(db, a, SQL_ATTACHMENT_DELETE,
                     DB_ARGS(db_i64(organization_id), db_i64(at->project_id),
                             db_i64(at->id)),
                     NULL))
            != ST_OK
        || (st = audit_add(db, a, organization_id, by, "attachment.remove",
                           at->name, &c))
               != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


enum status
attachment_usage(struct db *db, struct arena *a, const int64_t *projects,
                 size_t n, int64_t **out)
{
    struct db_rows rows;
    enum status st;

    *out = arena_array(a, n, sizeof(int64_t));
    st = db_query(db, a, SQL_ATTACHMENT_USAGE,
                  DB_ARGS(db_i64_array(a, projects, n)), &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        size_t at = (size_t) db_get_i64(&rows, i, "n") - 1;

        if (at < n) {
            (*out)[at] = db_get_i64(&rows, i, "bytes");
        }
    }
    return st;
}


int64_t
attachment_room(struct str value)
{
    int64_t n;

    if (!str_i64(str_trim(value), &n) || n < 0 || n > LIMIT_MAX) {
        n = conf_int(CONF_ATTACHMENT_LIMIT);
    }
    return n * MIB;
}


enum status
attachment_sweep(struct db *db, struct arena *a, bool *more)
{
    static unsigned shelf;
    struct db_rows rows;
    struct str *hashes;
    enum status st;
    size_t n;

    st = blob_shelf(a, shelf, SWEEP_FILES, &hashes, &n);
    if (st == ST_OK && n > 0) {
        st = db_query(db, a, SQL_ATTACHMENT_UNKNOWN,
                      DB_ARGS(db_bytes_array(a, hashes, n)), &rows);
        for (int i = 0; st == ST_OK && i < rows.n; i++) {
            blob_forget(db_get_bytes(a, &rows, i, "hash"));
        }
        if (st == ST_OK && rows.n > 0) {
            log_info("%d files that no event has any more are removed", rows.n);
        }
    }
    /* one that is full of files in use is not gone through for ever */
    shelf = (shelf + 1) % BLOB_SHELVES;
    *more = shelf != 0;
    return st;
}


enum status
attachment_expire(struct db *db, struct arena *a, int64_t project_id,
                  int64_t before, struct attachment_freed *freed, bool *more)
{
    struct db_rows row;
    enum status st;

    st = db_one(
        db, a, SQL_ATTACHMENT_EXPIRE,
        DB_ARGS(db_i64(project_id), db_time(before), db_i64(EXPIRE_ROWS)),
        &row);
    if (st != ST_OK) {
        return st;
    }
    freed->files = db_get_i64(&row, 0, "n");
    freed->bytes = db_get_i64(&row, 0, "bytes");
    *more = freed->files == EXPIRE_ROWS;
    return ST_OK;
}
