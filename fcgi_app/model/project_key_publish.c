/*
 * What the edges know of keys (message.h, 2 and 3): read here from the
 * database, written to Redis.
 *
 * Two who publish the same key at once must not leave the older record behind,
 * so the database lets one at a time read and write: whoever comes second
 * reads what the first had not seen yet.
 */

#include "model/project_key.h"

#include <stdio.h>

#include "json/doc.h"
#include "queue/message.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

/* Keys that are read and written at once. */
#define PAGE 500

/* A set: the numbers of servers that have missed a change. */
#define BEHIND "vedette:keys:behind"


/* The lines of its limits: its own, those of quota.h, the cap on a spike. */
static struct str
limits_of(struct arena *a, const struct db_rows *rows, int i)
{
    int64_t window = db_get_i64(rows, i, "limit_window");
    int64_t cap = db_get_i64(rows, i, "spike_count");
    struct buf b = buf_in(a);

    if (window > 0) {
        buf_addf(&b, "k%lld key %lld %lld error;default;security key_quota\n",
                 (long long) db_get_i64(rows, i, "id"), (long long) window,
                 (long long) db_get_i64(rows, i, "limit_count"));
    }
    buf_str(&b, db_get_str(rows, i, "quotas"));
    if (cap > 0) {
        buf_addf(&b,
                 "s%lld project %lld %lld error;default;security "
                 "spike_protection\n",
                 (long long) db_get_i64(rows, i, "project_id"),
                 (long long) db_get_i64(rows, i, "spike_seconds"),
                 (long long) cap);
    }
    return buf_view(&b);
}


static struct str
number(struct arena *a, const struct db_rows *rows, int i, const char *column)
{
    return str_printf(a, "%lld", (long long) db_get_i64(rows, i, column));
}


/* Its patterns with spaces between; the null str: any page may send. */
static struct str
origins_of(struct arena *a, const struct db_rows *rows, int i)
{
    struct str lines, line;
    struct buf b = buf_in(a);

    if (db_is_null(rows, i, "origins")) {
        return STR_NULL;
    }
    lines = db_get_str(rows, i, "origins");
    while (str_split(&lines, '\n', &line)) {
        buf_addf(&b, "%s%.*s", b.n > 0 ? " " : "", STR_FMT(line));
    }
    return str_is(buf_view(&b), "*") ? STR_NULL : buf_view(&b);
}


/* The words of one HSET; room for 14. */
static size_t
record_words(struct arena *a, const struct db_rows *rows, int i, struct str *w)
{
    struct str origins = origins_of(a, rows, i);
    size_t n = 0;

    w[n++] = STR("HSET");
    w[n++] = str_printf(a, VEDETTE_KEY_PREFIX "%.*s",
                        STR_FMT(db_get_str(rows, i, "public_key")));
    w[n++] = STR(VEDETTE_K_ORG);
    w[n++] = number(a, rows, i, "organization_id");
    w[n++] = STR(VEDETTE_K_PROJECT);
    w[n++] = number(a, rows, i, "project_id");
    w[n++] = STR(VEDETTE_K_KEY);
    w[n++] = number(a, rows, i, "id");
    w[n++] = STR(VEDETTE_K_STATE);
    w[n++] = db_get_bool(rows, i, "is_active") ? STR("on") : STR("off");
    w[n++] = STR(VEDETTE_K_LIMITS);
    w[n++] = limits_of(a, rows, i);
    if (!str_null(origins)) {
        w[n++] = STR(VEDETTE_K_ORIGINS);
        w[n++] = origins;
    }
    return n;
}


/*
 * Carries out the commands, and sets the version that makes edges look, in one
 * MULTI; version: what it is to be, or the null str for one more than it was.
 */
static enum status
write_to(struct redis *r, struct arena *a, const struct redis_batch *commands,
         size_t n, struct str version, int64_t *now)
{
    struct redis_batch *batch = arena_array(a, n + 3, sizeof(*batch));
    redisReply **replies = arena_array(a, n + 3, sizeof(redisReply *));
    const redisReply *done;
    enum status st;

    batch[0] = (struct redis_batch){ REDIS_WORDS(STR("MULTI")) };
    memcpy(batch + 1, commands, n * sizeof(*batch));
    batch[n + 1] = str_null(version)
                       ? (struct redis_batch){ REDIS_WORDS(
                           STR("INCR"), STR(VEDETTE_KEYS_VERSION)) }
                       : (struct redis_batch){ REDIS_WORDS(
                           STR("SET"), STR(VEDETTE_KEYS_VERSION), version) };
    batch[n + 2] = (struct redis_batch){ REDIS_WORDS(STR("EXEC")) };
    st = redis_pipeline(r, a, batch, n + 3, replies);
    if (st != ST_OK) {
        return st;
    }
    done = replies[n + 2];
    *now = done->type == REDIS_REPLY_ARRAY && done->elements == n + 1
               ? redis_i64(done->element[n])
               : 0;
    return ST_OK;
}


/*
 * To every server, the first of them first, which notes who of the others was
 * away and has to be told of all keys when it is back.
 */
static enum status
write_everywhere(struct redis *r, struct arena *a,
                 const struct redis_batch *commands, size_t n)
{
    int64_t version, ignored;
    enum status st = write_to(r, a, commands, n, STR_NULL, &version);

    for (size_t i = 1; st == ST_OK && i < redis_servers(); i++) {
        if (write_to(redis_server(r, i), a, commands, n,
                     str_printf(a, "%lld", (long long) version), &ignored)
            != ST_OK) {
            log_warning("redis server %zu does not know of changed client "
                        "keys: they are published when it is back",
                        i);
            st = redis_command(
                r, a, NULL,
                REDIS_WORDS(STR("SADD"), STR(BEHIND), str_printf(a, "%zu", i)));
        }
    }
    return st;
}


/*
 * What a record does not have any more must not linger, so the old hash goes
 * first.
 */
static enum status
write_records(struct redis *r, struct arena *a, const struct db_rows *rows)
{
    size_t n = 0;
    struct redis_batch *batch =
        arena_array(a, 2 * (size_t) rows->n, sizeof(*batch));

    for (int i = 0; i < rows->n; i++) {
        struct str *words = arena_array(a, 16, sizeof(*words));
        size_t count = record_words(a, rows, i, words + 2);

        words[0] = STR("DEL");
        words[1] = words[3];
        batch[n++] = (struct redis_batch){ words, 2 };
        batch[n++] = (struct redis_batch){ words + 2, count };
    }
    return write_everywhere(r, a, batch, n);
}


static enum status
read_and_write(struct db *db, struct redis *r, struct arena *a,
               const int64_t *ids, size_t n)
{
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_PROJECT_KEY_PUBLISH_LOCK, DB_NO_ARGS, NULL);
    if (st != ST_OK) {
        return st;
    }
    st = db_query(db, a, SQL_PROJECT_KEY_RECORDS,
                  DB_ARGS(db_i64_array(a, ids, n)), &rows);
    if (st != ST_OK || rows.n == 0) {
        return st;
    }
    return write_records(r, a, &rows);
}


enum status
project_key_publish(struct db *db, struct redis *r, struct arena *a,
                    const int64_t *ids, size_t n)
{
    enum status st = db_begin(db);

    if (st != ST_OK) {
        return st;
    }
    st = read_and_write(db, r, a, ids, n);
    if (st != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* All keys of an organisation, or of everybody (0), by pages. */
static enum status
publish_pages(struct db *db, struct redis *r, int64_t org)
{
    struct arena *a = arena_new();
    int64_t ids[PAGE], after = 0;
    struct db_rows rows;
    enum status st;

    do {
        arena_reset(a);
        st = db_query(
            db, a, SQL_PROJECT_KEY_IDS,
            DB_ARGS(org != 0 ? db_i64(org) : db_null(), db_i64(after)), &rows);
        if (st != ST_OK || rows.n == 0) {
            break;
        }
        for (int i = 0; i < rows.n; i++) {
            ids[i] = after = db_get_i64(&rows, i, "id");
        }
        st = project_key_publish(db, r, a, ids, (size_t) rows.n);
    } while (st == ST_OK && rows.n == PAGE);

    arena_free(a);
    return st;
}


enum status
project_key_publish_project(struct db *db, struct redis *r, struct arena *a,
                            int64_t org, int64_t project_id)
{
    struct project_key *keys;
    int64_t *ids;
    size_t n;
    enum status st = project_key_list(db, a, org, project_id, &keys, &n);

    if (st != ST_OK) {
        return st;
    }
    ids = arena_array(a, n, sizeof(*ids));
    for (size_t i = 0; i < n; i++) {
        ids[i] = keys[i].id;
    }
    return project_key_publish(db, r, a, ids, n);
}


enum status
project_key_publish_organization(struct db *db, struct redis *r, int64_t org)
{
    return publish_pages(db, r, org);
}


/* Removes one record, and makes the edges look. */
static enum status
unpublish(struct redis *r, struct arena *a, struct str public_key)
{
    const struct redis_batch batch = { REDIS_WORDS(
        STR("DEL"),
        str_printf(a, VEDETTE_KEY_PREFIX "%.*s", STR_FMT(public_key))) };

    return write_everywhere(r, a, &batch, 1);
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


/* Records of keys that are no more, on one server. */
static enum status
tidy(struct db *db, struct redis *r, struct arena *a)
{
    char cursor[32] = "0";
    redisReply *page;
    enum status st;

    do {
        arena_reset(a);
        st =
            redis_command(r, a, &page,
                          REDIS_WORDS(STR("SCAN"), str_of(cursor), STR("MATCH"),
                                      STR(VEDETTE_KEY_PREFIX "*"), STR("COUNT"),
                                      STR("1000")));
        if (st != ST_OK) {
            return st;
        }
        if (page->type != REDIS_REPLY_ARRAY || page->elements != 2) {
            return ST_FAILED;
        }
        snprintf(cursor, sizeof(cursor), "%.*s",
                 STR_FMT(redis_text(page->element[0])));
        st = remove_unknown(db, redis_server(r, 0), a, page->element[1]);
    } while (st == ST_OK && strcmp(cursor, "0") != 0);
    return st;
}


/* A server that is away is told when it is back. */
enum status
project_key_publish_all(struct db *db, struct redis *r)
{
    struct arena *a = arena_new();
    enum status st = publish_pages(db, r, 0);

    if (st == ST_OK) {
        st = tidy(db, r, a);
    }
    for (size_t i = 1; st == ST_OK && i < redis_servers(); i++) {
        st = tidy(db, redis_server(r, i), a);
        st = st == ST_RETRY ? ST_OK : st;
    }
    arena_free(a);
    return st;
}


/* Redis has lost what it knew. */
static enum status
publish_lost(struct db *db, struct redis *r, struct arena *a)
{
    enum status st;

    log_warning("redis knows no client keys: all are published anew");

    /* not from 1 again: an edge would take it for a number it has seen */
    st = redis_command(
        r, a, NULL,
        REDIS_WORDS(
            STR("SET"), STR(VEDETTE_KEYS_VERSION),
            str_printf(a, "%lld", (long long) (time_now() / US_PER_SECOND)),
            STR("NX")));
    return st == ST_OK ? project_key_publish_all(db, r) : st;
}


/* Is server i there, and does it lack something? */
static bool
is_behind(struct redis *r, struct arena *a, size_t i)
{
    struct str number = str_printf(a, "%zu", i);
    redisReply *version, *noted;

    if (redis_command(redis_server(r, i), a, &version,
                      REDIS_WORDS(STR("GET"), STR(VEDETTE_KEYS_VERSION)))
            != ST_OK
        || redis_command(r, a, &noted,
                         REDIS_WORDS(STR("SREM"), STR(BEHIND), number))
               != ST_OK) {
        return false;
    }
    return redis_i64(noted) > 0 || str_null(redis_text(version));
}


enum status
project_key_publish_lost(struct db *db, struct redis *r)
{
    struct arena *a = arena_new();
    redisReply *reply;
    bool behind = false;
    enum status st;

    st = redis_command(r, a, &reply,
                       REDIS_WORDS(STR("GET"), STR(VEDETTE_KEYS_VERSION)));
    if (st == ST_OK && str_null(redis_text(reply))) {
        st = publish_lost(db, r, a);
    }
    for (size_t i = 1; st == ST_OK && i < redis_servers(); i++) {
        behind = is_behind(r, a, i) || behind;
    }
    if (behind) {
        log_info("client keys are published to a redis server that is back");
        st = project_key_publish_all(db, r);
    }
    arena_free(a);
    return st;
}
