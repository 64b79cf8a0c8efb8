#include "model/project_key.h"

#include "util/conf.h"
#include "util/hex.h"

/* Of the statement project_key_expired. */
#define PROJECT_KEY_EXPIRE_ROWS 50


static void
read_row(const struct db_rows *rows, int i, struct project_key *out)
{
    out->id = db_get_i64(rows, i, "id");
    out->organization_id = db_get_i64(rows, i, "organization_id");
    out->project_id = db_get_i64(rows, i, "project_id");
    out->public_key = db_get_str(rows, i, "public_key");
    out->label = db_get_str(rows, i, "label");
    out->is_active = db_get_bool(rows, i, "is_active");
    out->limit_count = db_get_i64(rows, i, "limit_count");
    out->limit_window = db_get_i64(rows, i, "limit_window");
    out->created_at = db_get_time(rows, i, "created_at");
    out->last_seen_at = db_get_time(rows, i, "last_seen_at");
    out->expires_at = db_get_time(rows, i, "expires_at");
}


struct str
project_key_dsn(struct arena *a, const struct project_key *key)
{
    struct str prefix = str_of(conf_str(CONF_SYSTEM_URL_PREFIX));
    size_t scheme = (size_t) str_find(prefix, STR("://")) + 3;

    return str_printf(
        a, "%.*s%.*s@%.*s/%lld", STR_FMT(str_sub(prefix, 0, scheme)),
        STR_FMT(key->public_key), STR_FMT(str_sub(prefix, scheme, prefix.n)),
        (long long) key->project_id);
}


enum status
project_key_list(struct db *db, struct arena *a, int64_t org,
                 int64_t project_id, struct project_key **out, size_t *n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_PROJECT_KEY_LIST,
                  DB_ARGS(db_i64(org), db_i64(project_id)), &rows);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) rows.n;
    *out = arena_array(a, *n, sizeof(**out));
    for (int i = 0; i < rows.n; i++) {
        read_row(&rows, i, &(*out)[i]);
    }
    return ST_OK;
}


enum status
project_key_by_id(struct db *db, struct arena *a, int64_t org,
                  int64_t project_id, int64_t id, struct project_key *out)
{
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_KEY_BY_ID,
                DB_ARGS(db_i64(org), db_i64(project_id), db_i64(id)), &rows);
    if (st == ST_OK) {
        read_row(&rows, 0, out);
    }
    return st;
}


/* "1,000 in 60 s"; the null str for no limit. */
static struct str
limit_text(struct arena *a, const struct project_key *key)
{
    if (key->limit_window == 0) {
        return STR_NULL;
    }
    return str_printf(a, "%lld in %lld s", (long long) key->limit_count,
                      (long long) key->limit_window);
}


static struct str
state_text(const struct project_key *key)
{
    return key->is_active ? STR("on") : STR("off");
}


static struct str
until_text(struct arena *a, const struct project_key *key)
{
    return key->expires_at != 0 ? time_format_iso(a, key->expires_at, false)
                                : STR_NULL;
}


/* before: NULL for a new key, after: NULL for one that is deleted. */
static enum status
audit(struct db *db, struct arena *a, const struct actor *by,
      const char *action, struct str project, const struct project_key *before,
      const struct project_key *after)
{
    const struct project_key *key = after != NULL ? after : before;
    struct change c = change_new(a);

    change_str(&c, "label", before ? before->label : STR_NULL,
               after ? after->label : STR_NULL);
    change_str(&c, "key", before ? before->public_key : STR_NULL,
               after ? after->public_key : STR_NULL);
    change_str(&c, "state", before ? state_text(before) : STR_NULL,
               after ? state_text(after) : STR_NULL);
    change_str(&c, "limit", before ? limit_text(a, before) : STR_NULL,
               after ? limit_text(a, after) : STR_NULL);
    change_str(&c, "until", before ? until_text(a, before) : STR_NULL,
               after ? until_text(a, after) : STR_NULL);
    return audit_add(
        db, a, key->organization_id, by, action,
        str_printf(a, "%.*s, %.*s", STR_FMT(project), STR_FMT(key->label)), &c);
}


static enum status
create_row(struct db *db, struct arena *a, const struct actor *by, int64_t org,
           int64_t project_id, const struct project_key *like,
           struct project_key *out)
{
    bool limited = like->limit_window > 0;
    unsigned char id[16];
    struct db_rows rows;
    enum status st;

    uuid_random(id);
    st = db_one(db, a, SQL_PROJECT_KEY_CREATE,
                DB_ARGS(db_i64(org), db_i64(project_id),
                        db_str(uuid_hex(a, id)), db_str(like->label),
                        limited ? db_i64(like->limit_count) : db_null(),
                        limited ? db_i64(like->limit_window) : db_null()),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(&rows, 0, out);
    return audit(db, a, by, "projectkey.create",
                 db_get_str(&rows, 0, "project"), NULL, out);
}


enum status
project_key_create(struct db *db, struct redis *r, struct arena *a,
                   const struct actor *by, int64_t org, int64_t project_id,
                   struct str label, struct project_key *out)
{
    struct project_key like = { .label = label };
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = create_row(db, a, by, org, project_id, &like, out);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? project_key_publish(db, r, a, &out->id, 1) : st;
}


static enum status
update_row(struct db *db, struct arena *a, const struct actor *by,
           const struct project_key *key, struct project_key *stored)
{
    bool limited = key->limit_window > 0;
    struct project_key before;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_KEY_LOCK,
                DB_ARGS(db_i64(key->organization_id), db_i64(key->project_id),
                        db_i64(key->id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(&rows, 0, &before);
    st = db_one(db, a, SQL_PROJECT_KEY_UPDATE,
                DB_ARGS(db_i64(key->organization_id), db_i64(key->project_id),
                        db_i64(key->id), db_str(key->label),
                        db_bool(key->is_active),
                        limited ? db_i64(key->limit_count) : db_null(),
                        limited ? db_i64(key->limit_window) : db_null(),
                        db_time(key->expires_at)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(&rows, 0, stored);
    return audit(db, a, by, "projectkey.edit", db_get_str(&rows, 0, "project"),
                 &before, stored);
}


enum status
project_key_update(struct db *db, struct redis *r, struct arena *a,
                   const struct actor *by, const struct project_key *key)
{
    struct project_key stored;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = update_row(db, a, by, key, &stored);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? project_key_publish(db, r, a, &stored.id, 1) : st;
}


/* These three inside a transaction. */

static enum status
rotate_row(struct db *db, struct arena *a, const struct actor *by,
           const struct project_key *key, int64_t until,
           struct project_key *out)
{
    struct project_key old = *key;
    enum status st;

    st = create_row(db, a, by, key->organization_id, key->project_id, key, out);
    if (st == ST_OK) {
        st = db_query(db, a, SQL_PROJECT_KEY_COPY_QUOTAS,
                      DB_ARGS(db_i64(key->organization_id),
                              db_i64(key->project_id), db_i64(key->id),
                              db_i64(out->id)),
                      NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    old.expires_at = until;
    old.is_active = until != 0;
    return update_row(db, a, by, &old, &old);
}


static enum status
delete_row(struct db *db, struct arena *a, const struct actor *by,
           const struct project_key *key)
{
    struct project_key before;
    struct db_rows rows;
    enum status st;

    st = db_one(db, a, SQL_PROJECT_KEY_LOCK,
                DB_ARGS(db_i64(key->organization_id), db_i64(key->project_id),
                        db_i64(key->id)),
                &rows);
    if (st != ST_OK) {
        return st;
    }
    read_row(&rows, 0, &before);
    st = db_one(db, a, SQL_PROJECT_KEY_DELETE,
                DB_ARGS(db_i64(key->organization_id), db_i64(key->project_id),
                        db_i64(key->id)),
                &rows);
    return st == ST_OK ? audit(db, a, by, "projectkey.remove",
                               db_get_str(&rows, 0, "project"), &before, NULL)
                       : st;
}


/* ids: room for the rows of SQL_PROJECT_KEY_EXPIRED. */
static enum status
expire_rows(struct db *db, struct arena *a, int64_t now, int64_t *ids,
            size_t *n)
{
    struct actor by = actor_command;
    struct project_key key;
    struct db_rows rows;
    enum status st =
        db_query(db, a, SQL_PROJECT_KEY_EXPIRED, DB_ARGS(db_time(now)), &rows);

    *n = 0;
    by.name = STR("Vedette"); /* nobody asks */
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        read_row(&rows, i, &key);
        ids[(*n)++] = key.id;
        key.is_active = false;
        key.expires_at = 0;
        st = update_row(db, a, &by, &key, &key);
    }
    return st;
}


enum status
project_key_rotate(struct db *db, struct redis *r, struct arena *a,
                   const struct actor *by, const struct project_key *key,
                   int64_t now, int64_t seconds, struct project_key *out)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_finish(
        db, rotate_row(db, a, by, key,
                       seconds > 0 ? now + seconds * US_PER_SECOND : 0, out));
    return st == ST_OK ? project_key_publish(
               db, r, a, (const int64_t[]){ key->id, out->id }, 2)
                       : st;
}


enum status
project_key_delete(struct db *db, struct redis *r, struct arena *a,
                   const struct actor *by, const struct project_key *key)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_finish(db, delete_row(db, a, by, key));
    return st == ST_OK ? project_key_unpublish(r, a, key, 1) : st;
}


enum status
project_key_expire(struct db *db, struct redis *r, struct arena *a, int64_t now,
                   bool *more)
{
    int64_t ids[PROJECT_KEY_EXPIRE_ROWS];
    size_t n = 0;
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = db_finish(db, expire_rows(db, a, now, ids, &n));
    *more = n == PROJECT_KEY_EXPIRE_ROWS;
    return st == ST_OK && n > 0 ? project_key_publish(db, r, a, ids, n) : st;
}
