/*
 * vedette worker: so many processes, each of which takes turns of the digest
 * until it is told to stop; a turn that has begun is finished.  Beside them
 * one process for the chores.
 */

#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/chores.h"
#include "cmd/notify.h"
#include "cmd/prefork.h"
#include "cmd/usage.h"
#include "digest/digest.h"
#include "digest/geo.h"
#include "digest/user_agent.h"
#include "queue/brake.h"
#include "queue/proc.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/stage.h"
#include "util/timeutil.h"
#include "web/render.h"

static const char help[] =
    "usage: vedette worker\n\n"
    "Takes events out of the queue and puts them into the database, with as\n"
    "many processes as worker.processes says, until it is told to stop "
    "(TERM).\n"
    "One more process does what is due now and then, and others send\n"
    "notifications: two, and more, up to worker.notifiers, while all of them\n"
    "wait for somebody.\n"
    "HUP replaces the processes one by one.\n";

/* How long to wait for the first entry of a batch; for all servers in turn. */
#define BLOCK_MS 1000
#define SHARED_BLOCK_MS 200

/* Pauses while Redis or PostgreSQL is away, doubling. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 4000

/* At most so long without a sign of life. */
#define SLICE_MS 1000

/* How often to look whether the digest is to rest. */
#define LOOK_US US_PER_SECOND

/* Notifiers that are always there. */
#define NOTIFIERS 2


struct pace {
    int64_t since; /* monotonic */
    uint64_t events;
    double rate;
};


/* Whether somebody has stopped the digest, as far as is known. */
struct rest {
    int64_t looked; /* monotonic */
    bool set;
};


/* One server's stream, and how long it is left alone after a failure. */
struct source {
    struct digest *digest;
    int away_ms;
    int64_t due; /* monotonic */
};


/* One line for people: "412 events/s, last batch 200 entries in 38 ms". */
static void
beat(struct redis *r, const struct source *sources, size_t n, struct pace *pace,
     bool resting, int away_ms)
{
    struct digest_stats sum = { 0 };
    const struct digest_stats *s = &sum;
    int64_t now = time_monotonic();
    char note[160];

    for (size_t i = 0; i < n; i++) {
        const struct digest_stats *one = digest_stats(sources[i].digest);

        sum.events += one->events;
        sum.buried += one->buried;
        if (one->batch > 0) {
            sum.batch = one->batch;
            sum.batch_us = one->batch_us;
        }
    }
    if (now - pace->since >= 2 * US_PER_SECOND) {
        pace->rate = (double) (s->events - pace->events) * 1e6
                     / (double) (now - pace->since);
        pace->since = now;
        pace->events = s->events;
    }
    if (resting) {
        snprintf(note, sizeof(note), "rests: the digest is paused");

    } else if (away_ms > 0) {
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
pause_ms(struct redis *r, const struct source *sources, size_t n,
         struct pace *pace, bool resting, int ms)
{
    while (ms > 0 && !prefork_stopping()) {
        int slice = ms < SLICE_MS ? ms : SLICE_MS;
        struct timespec t = { slice / 1000, slice % 1000 * 1000000L };

        nanosleep(&t, NULL);
        ms -= slice;
        if (slice == SLICE_MS) {
            beat(r, sources, n, pace, resting, ms);
        }
    }
}


/* An administrator's word, told once; one that cannot be read is as before. */
static bool
is_resting(struct redis *r, struct rest *rest)
{
    int64_t now = time_monotonic();
    struct brake_state brakes[BRAKES];
    struct arena *a;

    if (rest->looked != 0 && now - rest->looked < LOOK_US) {
        return rest->set;
    }
    rest->looked = now;
    a = arena_new();
    if (brake_look(r, a, brakes) == ST_OK
        && brakes[BRAKE_DIGEST].set != rest->set) {
        rest->set = brakes[BRAKE_DIGEST].set;
        if (rest->set) {
            log_warning("rests: %.*s has paused the digest",
                        STR_FMT(brakes[BRAKE_DIGEST].by));
        } else {
            log_info("goes on");
        }
    }
    arena_free(a);
    return rest->set;
}


/* A turn with one source; false when there was nothing to do. */
static bool
turn(struct source *s, int block_ms)
{
    size_t n = 0;
    enum status st = digest_upkeep(s->digest);

    if (st == ST_OK) {
        st = digest_turn(s->digest, block_ms, &n);
    }
    if (st == ST_OK) {
        s->away_ms = 0;
        return n > 0;
    }
    s->away_ms = s->away_ms == 0                 ? PAUSE_MIN_MS
                 : s->away_ms > PAUSE_MAX_MS / 2 ? PAUSE_MAX_MS
                                                 : s->away_ms * 2;
    s->due = time_monotonic() + s->away_ms * (US_PER_SECOND / 1000);
    return false;
}


/*
 * Every source that is due, once.  Returns how long there is nothing to try
 * with any of them, in ms.
 */
static int
turns(struct source *sources, size_t n, bool *busy)
{
    /* whoever waits for one server does not hear of the others */
    int block_ms = n == 1 ? BLOCK_MS : *busy ? 1 : SHARED_BLOCK_MS / (int) n;
    int64_t now, first = INT64_MAX;

    *busy = false;
    for (size_t i = 0; i < n && !prefork_stopping(); i++) {
        if (sources[i].due <= time_monotonic()) {
            *busy = turn(&sources[i], block_ms) || *busy;
        }
        if (sources[i].due < first) {
            first = sources[i].due;
        }
    }
    now = time_monotonic();
    return first > now ? (int) ((first - now) / 1000) + 1 : 0;
}


static int
work(void *arg)
{
    struct db *db = db_new(conf_str(CONF_DB_URL));
    struct redis *r = redis_new();
    size_t n = redis_servers();
    struct source *sources = calloc(n, sizeof(*sources));
    struct pace pace = { .since = time_monotonic() };
    struct rest rest = { 0 };
    bool busy = false;

    (void) arg;
    if (sources == NULL) {
        abort();
    }
    db_role(db, DB_ROLE_WORKER);
    log_name("worker");
    stage_begin();
    for (size_t i = 0; i < n; i++) {
        sources[i].digest = digest_new(db, redis_server(r, i),
                                       (size_t) conf_int(CONF_WORKER_BATCH));
    }
    while (!prefork_stopping()) {
        int wait_ms;

        if (is_resting(r, &rest)) {
            pause_ms(r, sources, n, &pace, true, SLICE_MS);
            continue;
        }
        wait_ms = turns(sources, n, &busy);
        if (wait_ms == 0) {
            beat(r, sources, n, &pace, false, 0);

        } else {
            pause_ms(r, sources, n, &pace, false, wait_ms);
        }
    }

    for (size_t i = 0; i < n; i++) {
        log_info("stops after %llu entries, %llu events",
                 (unsigned long long) digest_stats(sources[i].digest)->entries,
                 (unsigned long long) digest_stats(sources[i].digest)->events);
        digest_free(sources[i].digest);
    }
    stage_end();
    free(sources);
    redis_free(r);
    db_free(db);
    return 0;
}


int
cmd_worker(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);
    int notifiers = (int) conf_int(CONF_WORKER_NOTIFIERS);
    const struct prefork_kind kinds[] = {
        { "worker", (int) conf_int(CONF_WORKER_PROCESSES), 0, work, NULL,
          NULL },
        { "chores", 1, 0, chores_run, NULL, NULL },
        { "notify", notifiers < NOTIFIERS ? notifiers : NOTIFIERS, notifiers,
          notify_run, NULL, NULL },
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
    if (conf_str(CONF_GEO_DATABASE)[0] == '\0'
        || geo_open(conf_str(CONF_GEO_DATABASE)) != ST_OK) {
        log_info("events go without a country");
    }
    if (render_init(conf_str(CONF_WEB_TEMPLATES), RENDER_MAILS) != ST_OK) {
        return 1; /* mails are made of templates, too */
    }
    return prefork("worker", kinds, sizeof(kinds) / sizeof(kinds[0]));
}
