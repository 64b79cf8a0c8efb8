#include "model/project_key.h"

#include <stdio.h>

#include "json/doc.h"
#include "queue/message.h"
#include "util/conf.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

#define PAGE 500


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


/*
 * One MULTI: the record anew, then the version that makes edges look.  An
 * absent limit must not linger, so the old hash goes first.
 */
static enum status
publish(struct redis *r, struct arena *a, const struct project_key *key)
{
    struct str name =
        str_printf(a, VEDETTE_KEY_PREFIX "%.*s", STR_FMT(key->public_key));
    struct str limits = STR("");

    if (key->limit_window > 0) {
        limits = str_printf(a,
                            "k%lld key %lld %lld error;default;security "
                            "key_quota\n",
                            (long long) key->id, (long long) key->limit_window,
                            (long long) key->limit_count);
    }

    return redis_pipeline(
        r, a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("MULTI")) },
            { REDIS_WORDS(STR("DEL"), name) },
            { REDIS_WORDS(
                STR("HSET"), name, STR(VEDETTE_K_ORG),
                str_printf(a, "%lld", (long long) key->organization_id),
                STR(VEDETTE_K_PROJECT),
                str_printf(a, "%lld", (long long) key->project_id),
                STR(VEDETTE_K_KEY), str_printf(a, "%lld", (long long) key->id),
                STR(VEDETTE_K_STATE), key->is_active ? STR("on") : STR("off"),
                STR(VEDETTE_K_LIMITS), limits) },
            { REDIS_WORDS(STR("INCR"), STR(VEDETTE_KEYS_VERSION)) },
            { REDIS_WORDS(STR("EXEC")) } },
        5, NULL);
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


/* before: NULL for a new key. */
static enum status
audit(struct db *db, struct arena *a, const struct actor *by,
      const char *action, struct str project, const struct project_key *before,
      const struct project_key *after)
{
    struct change c = change_new(a);

    change_str(&c, "label", before ? before->label : STR_NULL, after->label);
    change_str(&c, "key", before ? before->public_key : STR_NULL,
               after->public_key);
    change_str(&c, "state", before ? state_text(before) : STR_NULL,
               state_text(after));
    change_str(&c, "limit", before ? limit_text(a, before) : STR_NULL,
               limit_text(a, after));
    return audit_add(
        db, a, after->organization_id, by, action,
        str_printf(a, "%.*s, %.*s", STR_FMT(project), STR_FMT(after->label)),
        &c);
}


static enum status
create_row(struct db *db, struct arena *a, const struct actor *by, int64_t org,
           int64_t project_id, struct str label, struct project_key *out)
{
    unsigned char id[16];
    struct db_rows rows;
    enum status st;

    uuid_random(id);
    st = db_one(db, a, SQL_PROJECT_KEY_CREATE,
                DB_ARGS(db_i64(org), db_i64(project_id),
                        db_str(uuid_hex(a, id)), db_str(label)),
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
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = create_row(db, a, by, org, project_id, label, out);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    st = db_commit(db);
    return st == ST_OK ? publish(r, a, out) : st;
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
                        limited ? db_i64(key->limit_window) : db_null()),
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
    return st == ST_OK ? publish(r, a, &stored) : st;
}


/* Removes one record, and makes the edges look. */
static enum status
unpublish(struct redis *r, struct arena *a, struct str public_key)
{
    return redis_pipeline(
        r, a,
        (const struct redis_batch[]){
            { REDIS_WORDS(STR("DEL"), str_printf(a, VEDETTE_KEY_PREFIX "%.*s",
                                                 STR_FMT(public_key))) },
            { REDIS_WORDS(STR("INCR"), STR(VEDETTE_KEYS_VERSION)) } },
        2, NULL);
}


enum status
project_key_unpublish(struct redis *r, struct arena *a,
                      const struct project_key *keys, size_t n)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = unpublish(r, a, keys[i].public_key);
    }
    return st;
}


static enum status
publish_known(struct db *db, struct redis *r)
{
    struct arena *a = arena_new();
    int64_t after = 0;
    struct db_rows rows;
    enum status st;

    do {
        arena_reset(a);
        st =
            db_query(db, a, SQL_PROJECT_KEY_ALL, DB_ARGS(db_i64(after)), &rows);
        for (int i = 0; st == ST_OK && i < rows.n; i++) {
            struct project_key key;

            read_row(&rows, i, &key);
            after = key.id;
            st = publish(r, a, &key);
        }
    } while (st == ST_OK && rows.n == PAGE);

    arena_free(a);
    return st;
}


/* Removes those of the named records that belong to no key. */
static enum status
remove_unknown(struct db *db, struct redis *r, struct arena *a,
               const redisReply *names)
{
    size_t prefix = sizeof(VEDETTE_KEY_PREFIX) - 1;
    struct str *keys = arena_array(a, names->elements + 1, sizeof(*keys));
    struct db_rows rows;
    enum status st;

    for (size_t i = 0; i < names->elements; i++) {
        struct str name = redis_text(names->element[i]);

        keys[i] = utf8_mend(a, str_sub(name, prefix, name.n));
    }
    st = db_query(db, a, SQL_PROJECT_KEY_UNKNOWN,
                  DB_ARGS(db_str_array(a, keys, names->elements)), &rows);

    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        st = unpublish(r, a, db_get_str(&rows, i, "public_key"));
    }
    return st;
}


enum status
project_key_publish_all(struct db *db, struct redis *r)
{
    struct arena *a = arena_new();
    char cursor[32] = "0";
    enum status st = publish_known(db, r);

    while (st == ST_OK) {
        redisReply *page;

        arena_reset(a);
        st =
            redis_command(r, a, &page,
                          REDIS_WORDS(STR("SCAN"), str_of(cursor), STR("MATCH"),
                                      STR(VEDETTE_KEY_PREFIX "*"), STR("COUNT"),
                                      STR("1000")));
        if (st != ST_OK) {
            break;
        }
        if (page->type != REDIS_REPLY_ARRAY || page->elements != 2) {
            st = ST_FAILED;
            break;
        }
        snprintf(cursor, sizeof(cursor), "%.*s",
                 STR_FMT(redis_text(page->element[0])));
        st = remove_unknown(db, r, a, page->element[1]);
        if (strcmp(cursor, "0") == 0) {
            break;
        }
    }
    arena_free(a);
    return st;
}


enum status
project_key_publish_lost(struct db *db, struct redis *r)
{
    struct arena *a = arena_new();
    redisReply *reply;
    enum status st;

    st = redis_command(r, a, &reply,
                       REDIS_WORDS(STR("GET"), STR(VEDETTE_KEYS_VERSION)));
    if (st == ST_OK && str_null(redis_text(reply))) {
        log_warning("redis knows no client keys: all are published anew");

        /* not from 1 again: an edge would take it for a number it has seen */
        st = redis_command(
            r, a, NULL,
            REDIS_WORDS(
                STR("SET"), STR(VEDETTE_KEYS_VERSION),
                str_printf(a, "%lld", (long long) (time_now() / US_PER_SECOND)),
                STR("NX")));
        if (st == ST_OK) {
            st = project_key_publish_all(db, r);
        }
    }
    arena_free(a);
    return st;
}
