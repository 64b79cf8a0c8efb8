#include "model/pulse.h"

#include "queue/message.h"
#include "util/hex.h"
#include "util/timeutil.h"

/* Seconds that a key lasts: the longest pause between two, and some more. */
#define KEY_LASTS "7200"

/* Of one batch; there is hardly ever more than one. */
#define PULSES_MAX 64


enum status
pulse_admit(struct redis *r, struct arena *a, struct str key)
{
    struct str name = str_printf(a, VEDETTE_KEY_PREFIX "%.*s", STR_FMT(key));
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < redis_servers(); i++) {
        st = redis_pipeline(
            redis_server(r, i), a,
            (const struct redis_batch[]){
                { REDIS_WORDS(STR("HSET"), name, STR(VEDETTE_K_ORG), STR("0"),
                              STR(VEDETTE_K_PROJECT),
                              STR(VEDETTE_PULSE_PROJECT), STR(VEDETTE_K_KEY),
                              STR("0"), STR(VEDETTE_K_STATE), STR("on"),
                              STR(VEDETTE_K_LIMITS), STR("")) },
                { REDIS_WORDS(STR("EXPIRE"), name, STR(KEY_LASTS)) } },
            2, NULL);
    }
    return st;
}


void
pulse_add(struct batch *b, const struct batch_pulse *pulse)
{
    if (b->pulses == NULL) {
        b->pulses = arena_array(b->arena, PULSES_MAX, sizeof(*b->pulses));
    }
    if (b->npulses < PULSES_MAX) {
        b->pulses[b->npulses++] = *pulse;
    }
}


enum status
pulse_store(struct db *db, struct arena *a, const struct batch *b)
{
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < b->npulses; i++) {
        const struct batch_pulse *p = &b->pulses[i];

        st = db_query(db, a, SQL_PULSE_ADD,
                      DB_ARGS(db_str(uuid_hex(a, p->event_id)),
                              db_time(p->sent_at), db_time(p->received_at),
                              db_time(time_now())),
                      NULL);
    }
    return st;
}


enum status
pulse_last(struct db *db, struct arena *a, struct pulse *out)
{
    struct db_rows rows;
    enum status st = db_one(db, a, SQL_PULSE_LAST, DB_NO_ARGS, &rows);

    *out = (struct pulse){ 0 };
    if (st == ST_OK) {
        out->sent_at = db_get_time(&rows, 0, "sent_at");
        out->stored_at = db_get_time(&rows, 0, "stored_at");
        out->slowest = db_get_i64(&rows, 0, "slowest");
    }
    return st;
}


enum status
pulse_forget(struct db *db, struct arena *a)
{
    return db_query(db, a, SQL_PULSE_FORGET, DB_NO_ARGS, NULL);
}
