#include "model/health.h"

#include "model/server.h"

#define KEY "vedette:health"
#define LASTS_S "180"


static void
set_i64(struct arena *a, struct json *o, const char *name, int64_t v)
{
    json_set(o, str_of(name), json_new_i64(a, v));
}


static void
set_str(struct arena *a, struct json *o, const char *name, struct str v)
{
    if (!str_null(v)) {
        json_set(o, str_of(name), json_new_str(a, v));
    }
}


static enum status
add_tables(struct db *db, struct arena *a, struct json *report)
{
    struct json *list = json_new(a, JSON_T_ARRAY);
    struct db_rows rows;
    enum status st;

    st = db_query(db, a, SQL_HEALTH_TABLES, DB_NO_ARGS, &rows);
    for (int i = 0; st == ST_OK && i < rows.n; i++) {
        struct json *row = json_new(a, JSON_T_OBJECT);

        set_str(a, row, "name", db_get_str(&rows, i, "name"));
        set_i64(a, row, "bytes", db_get_i64(&rows, i, "bytes"));
        set_i64(a, row, "indexes", db_get_i64(&rows, i, "indexes"));
        set_i64(a, row, "rows", db_get_i64(&rows, i, "rows"));
        set_i64(a, row, "dead", db_get_i64(&rows, i, "dead"));
        set_i64(a, row, "vacuumed_at", db_get_time(&rows, i, "vacuumed_at"));
        json_append(list, row);
    }
    json_set(report, STR("tables"), list);
    return st;
}


static enum status
add_channels(struct db *db, struct arena *a, struct json *report)
{
    struct json *o = json_new(a, JSON_T_OBJECT);
    struct db_rows row;
    enum status st = db_one(db, a, SQL_HEALTH_CHANNELS, DB_NO_ARGS, &row);

    if (st == ST_OK) {
        set_i64(a, o, "sent", db_get_i64(&row, 0, "sent"));
        set_i64(a, o, "failed", db_get_i64(&row, 0, "failed"));
        set_i64(a, o, "resting", db_get_i64(&row, 0, "resting"));
        set_str(a, o, "host", db_get_str(&row, 0, "host"));
        set_str(a, o, "why", db_get_str(&row, 0, "why"));
        json_set(report, STR("channels"), o);
    }
    return st;
}


static enum status
add_waiting(struct db *db, struct arena *a, struct json *report)
{
    struct json *o = json_new(a, JSON_T_OBJECT);
    struct db_rows row;
    enum status st = db_one(db, a, SQL_HEALTH_WAITING, DB_NO_ARGS, &row);

    if (st == ST_OK) {
        set_i64(a, o, "notices", db_get_i64(&row, 0, "notices"));
        set_i64(a, o, "notices_since", db_get_time(&row, 0, "notices_since"));
        set_i64(a, o, "jobs", db_get_i64(&row, 0, "jobs"));
        set_i64(a, o, "jobs_since", db_get_time(&row, 0, "jobs_since"));
        set_i64(a, o, "failed", db_get_i64(&row, 0, "failed"));
        set_str(a, o, "kind", db_get_str(&row, 0, "kind"));
        json_set(report, STR("waiting"), o);
    }
    return st;
}


static enum status
add_replication(struct db *db, struct arena *a, struct json *report)
{
    static const char *const names[] = { "copies", "streaming", "hidden",
                                         "behind", "lag",       "idle_slots",
                                         "held" };
    struct json *o = json_new(a, JSON_T_OBJECT);
    struct db_rows row;
    enum status st = db_one(db, a, SQL_HEALTH_REPLICATION, DB_NO_ARGS, &row);

    if (st == ST_OK) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            set_i64(a, o, names[i], db_get_i64(&row, 0, names[i]));
        }
        json_set(report, STR("replication"), o);
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


enum status
health_survey(struct db *db, struct arena *a, struct json *report)
{
    struct json *about = json_new(a, JSON_T_OBJECT);
    struct server server;
    struct db_rows line;
    enum status st;

    if ((st = server_read(db, a, &server)) != ST_OK
        || (st = db_one(db, a, SQL_HEALTH_LINE, DB_NO_ARGS, &line)) != ST_OK) {
        return st;
    }
    set_i64(a, report, "digested_at", db_get_time(&line, 0, "digested_at"));
    set_i64(a, report, "accepted", db_get_i64(&line, 0, "accepted"));
    set_str(a, about, "version", server.version);
    set_str(a, about, "migration", server.migration);
    set_i64(a, about, "size", server.size_bytes);
    set_i64(a, about, "connections", server.connections);
    set_i64(a, about, "partitions", db_get_i64(&line, 0, "partitions"));
    set_str(a, about, "oldest", db_get_str(&line, 0, "oldest"));
    set_str(a, about, "newest", db_get_str(&line, 0, "newest"));
    json_set(report, STR("database"), about);
    st = add_tables(db, a, report);
    if (st == ST_OK) {
        st = add_replication(db, a, report);
    }
    if (st == ST_OK) {
        st = add_waiting(db, a, report);
    }
    return st == ST_OK ? add_channels(db, a, report) : st;
}


enum status
health_store(struct redis *r, struct arena *a, const struct json *report)
{
    struct buf text = buf_in(a);

    json_write(&text, report);
    return redis_command(r, a, NULL,
                         REDIS_WORDS(STR("SET"), STR(KEY), buf_view(&text),
                                     STR("EX"), STR(LASTS_S)));
}


enum status
health_read(struct redis *r, struct arena *a, struct json **out)
{
    redisReply *reply;
    enum status st;

    st = redis_command(r, a, &reply, REDIS_WORDS(STR("GET"), STR(KEY)));
    if (st != ST_OK) {
        return st;
    }
    return !str_null(redis_text(reply))
                   && json_parse(a, redis_text(reply), NULL, out, NULL) == ST_OK
               ? ST_OK
               : ST_NOT_FOUND;
}
