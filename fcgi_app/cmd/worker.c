/*
 * vedette worker: so many processes, each of which takes turns of the digest
 * until it is told to stop; a turn that has begun is finished.  Beside them
 * one process for the chores.
 */

#include "cmd/cmd.h"

#include <stdio.h>
#include <time.h>

#include "cmd/chores.h"
#include "cmd/notify.h"
#include "cmd/prefork.h"
#include "cmd/usage.h"
#include "digest/digest.h"
#include "digest/geo.h"
#include "digest/user_agent.h"
#include "queue/proc.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "web/render.h"

static const char help[] =
    "usage: vedette worker\n\n"
    "Takes events out of the queue and puts them into the database, with as\n"
    "many processes as worker.processes says, until it is told to stop "
    "(TERM).\n"
    "One more process does what is due now and then, and others send\n"
    "notifications.\n"
    "HUP replaces the processes one by one.\n";

/* How long to wait for the first entry of a batch. */
#define BLOCK_MS 1000

/* Pauses while Redis or PostgreSQL is away, doubling. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 15000

/* At most so long without a sign of life. */
#define SLICE_MS 1000


struct pace {
    int64_t since; /* monotonic */
    uint64_t events;
    double rate;
};


/* One line for people: "412 events/s, last batch 200 entries in 38 ms". */
static void
beat(struct redis *r, const struct digest *d, struct pace *pace, int away_ms)
{
    const struct digest_stats *s = digest_stats(d);
    int64_t now = time_monotonic();
    char note[160];

    if (now - pace->since >= 2 * US_PER_SECOND) {
        pace->rate = (double) (s->events - pace->events) * 1e6
                     / (double) (now - pace->since);
        pace->since = now;
        pace->events = s->events;
    }
    if (away_ms > 0) {
        snprintf(note, sizeof(note), "waits: Redis or PostgreSQL is away");

    } else {
        snprintf(note, sizeof(note),
                 "%.1f events/s, last batch %zu in %lld ms, %llu events, %llu "
                 "put aside",
                 pace->rate, s->batch, (long long) (s->batch_us / 1000),
                 (unsigned long long) s->events,
                 (unsigned long long) s->buried);
    }
    proc_beat(r, "worker", note);
}


/* Sleeps in slices, to stay alive for others and to end when told. */
static void
pause_ms(struct redis *r, const struct digest *d, struct pace *pace, int ms)
{
    while (ms > 0 && !prefork_stopping()) {
        int slice = ms < SLICE_MS ? ms : SLICE_MS;
        struct timespec t = { slice / 1000, slice % 1000 * 1000000L };

        nanosleep(&t, NULL);
        ms -= slice;
        if (slice == SLICE_MS) {
            beat(r, d, pace, ms);
        }
    }
}


static int
work(void *arg)
{
    struct db *db = db_new(conf_str(CONF_DB_URL));
    struct redis *r = redis_new();
    struct digest *d = digest_new(db, r, (size_t) conf_int(CONF_WORKER_BATCH));
    struct pace pace = { .since = time_monotonic() };
    int away_ms = 0;

    (void) arg;
    log_name("worker");
    while (!prefork_stopping()) {
        size_t n;
        enum status st = digest_upkeep(d);

        if (st == ST_OK) {
            st = digest_turn(d, BLOCK_MS, &n);
        }
        if (st == ST_OK) {
            away_ms = 0;
            beat(r, d, &pace, 0);
            continue;
        }

        away_ms = away_ms == 0                 ? PAUSE_MIN_MS
                  : away_ms > PAUSE_MAX_MS / 2 ? PAUSE_MAX_MS
                                               : away_ms * 2;
        pause_ms(r, d, &pace, away_ms);
    }

    log_info("stops after %llu entries, %llu events",
             (unsigned long long) digest_stats(d)->entries,
             (unsigned long long) digest_stats(d)->events);
    digest_free(d);
    redis_free(r);
    db_free(db);
    return 0;
}


int
cmd_worker(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);
    const struct prefork_kind kinds[] = {
        { "worker", (int) conf_int(CONF_WORKER_PROCESSES), work, NULL },
        { "chores", 1, chores_run, NULL },
        { "notify", (int) conf_int(CONF_WORKER_NOTIFIERS), notify_run, NULL },
    };

    (void) app;
    if (rc != -1) {
        return rc;
    }
    if (argc > 1) {
        return usage_wrong(help, "\"%s\" means nothing here", argv[1]);
    }

    /* once for all processes, who share the memory; it warns by itself */
    if (user_agent_load(conf_str(CONF_DIGEST_USER_AGENTS)) != ST_OK) {
        log_info("browsers are told from client hints only");
    }
    if (conf_str(CONF_GEO_DATABASE)[0] != '\0'
        && geo_open(conf_str(CONF_GEO_DATABASE)) != ST_OK) {
        log_info("events go without a country");
    }
    if (render_init(conf_str(CONF_WEB_TEMPLATES), false) != ST_OK) {
        return 1; /* mails are made of templates, too */
    }
    return prefork("worker", kinds, sizeof(kinds) / sizeof(kinds[0]));
}
