/*
 * vedette status - one line a part, in the order in which an event passes
 * them.  A part is a row of the table; its function writes what it found and
 * says whether events can get through.
 */

#include "cmd/cmd.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "util/memory.h"
#include "cmd/usage.h"
#include "model/server.h"
#include "queue/backlog.h"
#include "queue/facts.h"
#include "queue/proc.h"
#include "util/buf.h"
#include "util/conf.h"
#include "util/timeutil.h"

static const char help[] =
    "usage: vedette status\n\n"
    "Prints one line for each part: edge, spool, redis, queue, worker,\n"
    "chores, database, web; with the memory (PSS) of processes that run on "
    "this\n"
    "machine and are ours to look at.  Exits with 1 when a part is broken,\n"
    "so that events do not get through or pages are not served.\n";

#define EDGE_TIMEOUT_MS 3000

struct look {
    struct app *app;
    struct proc *procs;
    size_t nprocs;
    struct buf text;
};


/* "3 processes, 21.4 MB (pid 12 7.1 MB, …)"; how many there are */
static int
describe_processes(struct look *l, const char *kind)
{
    char host[256] = "";
    int n = 0;
    int64_t sum = 0;
    struct buf each = buf_in(l->app->arena);

    if (gethostname(host, sizeof(host) - 1) == -1) {
        host[0] = '\0';
    }
    for (size_t i = 0; i < l->nprocs; i++) {
        const struct proc *p = &l->procs[i];
        int64_t pss = -1;

        if (!str_is(p->kind, kind)
            || (str_is(p->host, host) && kill((pid_t) p->pid, 0) == -1
                && errno == ESRCH)) {
            continue; /* its record outlives a process by some seconds */
        }
        n++;
        if (str_is(p->host, host)) {
            pss = memory_pss((pid_t) p->pid);
        }
        buf_addf(&each, "%spid %lld", each.n > 0 ? ", " : "",
                 (long long) p->pid);
        if (pss >= 0) {
            sum += pss;
            buf_addf(&each, " %.1f MB", (double) pss / 1e6);
        }
        if (p->note.n > 0) {
            buf_addf(&each, " %.*s", STR_FMT(p->note));
        }
    }
    if (n == 0) {
        buf_text(&l->text, "no process gives a sign of life");
        return 0;
    }
    buf_addf(&l->text, "%d process%s, ", n, n == 1 ? "" : "es");
    if (sum > 0) {
        buf_addf(&l->text, "%.1f MB ", (double) sum / 1e6);
    }
    buf_addf(&l->text, "(%.*s)", STR_FMT(buf_view(&each)));
    return n;
}


static size_t
ignore_body(char *p, size_t size, size_t n, void *arg)
{
    (void) p;
    (void) arg;
    return size * n;
}


static bool
look_edge(struct look *l)
{
    const char *url =
        arena_printf(l->app->arena, "%s/api/relay/healthcheck/ready/",
                     conf_str(CONF_SYSTEM_URL_PREFIX));
    CURL *curl = curl_easy_init();
    long http = 0;
    double seconds = 0;
    CURLcode rc;

    if (curl == NULL) {
        buf_text(&l->text, "no memory to ask it");
        return false;
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) EDGE_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body);
    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &seconds);
    curl_easy_cleanup(curl);

    if (rc != CURLE_OK) {
        buf_addf(&l->text, "%s: %s", url, curl_easy_strerror(rc));
        return false;
    }
    buf_addf(&l->text, "%ld in %.1f ms; ", http, seconds * 1e3);
    describe_processes(l, "edge");
    return http == 200;
}


static bool
look_server(struct look *l, struct redis *r)
{
    struct redis_facts f;

    if (redis_facts(r, l->app->arena, &f) != ST_OK) {
        buf_text(&l->text, "does not answer");
        return false;
    }
    buf_addf(&l->text, "%.*s, %.1f MB, append-only %.*s, %.*s",
             STR_FMT(f.version), (double) f.memory / 1e6, STR_FMT(f.fsync),
             STR_FMT(f.policy));
    if (!f.durable) {
        buf_text(&l->text, "; it may lose accepted events: give it appendonly "
                           "yes, appendfsync always, no-appendfsync-on-rewrite "
                           "no and maxmemory-policy noeviction");
    }
    return true;
}


static bool
look_redis(struct look *l)
{
    bool ok = true;

    for (size_t i = 0; i < redis_servers(); i++) {
        if (i > 0) {
            buf_addf(&l->text, "; server %zu: ", i);
        }
        ok = look_server(l, redis_server(l->app->redis, i)) && ok;
    }
    return ok;
}


static bool
look_queue(struct look *l)
{
    struct backlog b;

    if (backlog_read(l->app->redis, l->app->arena, &b) != ST_OK) {
        buf_text(&l->text, "cannot be read");
        return false;
    }
    buf_addf(&l->text, "%lld waiting, the oldest for %.1f s; %lld dead letters",
             (long long) b.depth, (double) b.age_ms / 1e3, (long long) b.dead);
    if (b.full) {
        buf_text(&l->text, ", which are full: the digest waits until they are "
                           "sent again or thrown away, or worker.dead-letters "
                           "is raised");
    }
    return !b.full && b.age_ms < BACKLOG_AGE_MAX_MS;
}


static bool
look_worker(struct look *l)
{
    return describe_processes(l, "worker") > 0;
}


static bool
look_chores(struct look *l)
{
    return describe_processes(l, "chores") > 0;
}


/* Not every installation has a spool, and an empty one needs nobody. */
static bool
look_spool(struct look *l)
{
    describe_processes(l, "spool");
    return true;
}


static bool
look_web(struct look *l)
{
    return describe_processes(l, "web") > 0;
}


static bool
look_database(struct look *l)
{
    struct db *db = db_new(conf_str(CONF_DB_URL));
    struct server server;
    int64_t start = time_monotonic(), took, pss;
    bool ok = false;
    int n;

    if (server_read(db, l->app->arena, &server) != ST_OK) {
        buf_text(&l->text, "does not answer");

    } else if (str_null(server.migration)) {
        buf_text(&l->text, "has no tables: run \"vedette migrate\"");

    } else {
        took = time_monotonic() - start;
        pss = memory_tree(memory_parent((pid_t) server.backend_pid), &n);
        buf_addf(&l->text,
                 "PostgreSQL %.*s in %.1f ms, %.*s, %.1f MB on disk, "
                 "%lld connection%s",
                 STR_FMT(server.version), (double) took / 1e3,
                 STR_FMT(server.migration), (double) server.size_bytes / 1e6,
                 (long long) server.connections,
                 server.connections == 1 ? "" : "s");
        if (pss >= 0) {
            buf_addf(&l->text, ", %d processes %.1f MB", n, (double) pss / 1e6);
        }
        ok = true;
    }
    db_free(db);
    return ok;
}


static const struct part {
    const char *name;
    bool (*look)(struct look *l);
} parts[] = {
    { "edge", look_edge },         { "spool", look_spool },
    { "redis", look_redis },       { "queue", look_queue },
    { "worker", look_worker },     { "chores", look_chores },
    { "database", look_database }, { "web", look_web },
};


int
cmd_status(struct app *app, int argc, char **argv)
{
    int rc = usage_check(argc, argv, 0, help);
    struct look l = { .app = app };

    if (rc != -1) {
        return rc;
    }
    if (argc != 1) {
        return usage_wrong(help, "there is no \"status %s\"", argv[1]);
    }

    if (proc_list(app->redis, app->arena, &l.procs, &l.nprocs) != ST_OK) {
        l.nprocs = 0;
    }

    rc = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        bool ok;

        l.text = buf_in(app->arena);
        ok = parts[i].look(&l);
        rc = ok ? rc : 1;
        printf("%-9s %-7s %.*s\n", parts[i].name, ok ? "ok" : "BROKEN",
               (int) l.text.n, buf_view(&l.text).p);
    }
    return rc;
}
