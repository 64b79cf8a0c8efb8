/*
 * GET /admin/health/: the installation on one screen, for its administrators:
 * a sentence and a state for each part, then the numbers behind them.
 *
 * The page changes nothing and asks no table of an organisation.
 */

#include "config.h"
#include "web/installation.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/show.h"
#include "web/slow.h"

#define REPORT_LATE_US (60 * US_PER_SECOND)
#define DISK_LOW 10 /* per cent */
#define DISK_SOON_US (INT64_C(14) * 86400 * US_PER_SECOND)
#define CLEANUP_LATE_US (3600 * US_PER_SECOND)
#define COPY_LATE_US (60 * US_PER_SECOND)
#define CERTIFICATE_SOON_US (INT64_C(14) * 86400 * US_PER_SECOND)
#define JOBS_LATE_US (600 * US_PER_SECOND)
#define SPOOL_LATE_US (600 * US_PER_SECOND)
#define DEAD_TOLD 1000 /* rows; of fewer the share says nothing */
#define SLOW_ROWS 15
#define COUNTRIES_OLD_US (INT64_C(100) * 86400 * US_PER_SECOND)

/* A part of the line: a row of the first table. */
static struct data *
part(struct data *d, const char *name, bool ok)
{
    struct data *row = data_row(data_child(d, "Part"));

    data_text(row, "name", name);
    data_bool(row, "ok", ok);
    return row;
}


static void
show_redis(const struct installation *in, struct data *d)
{
    struct data *row =
        part(d, N_("redis"),
             in->redis && in->facts.durable && in->facts.evicted == 0);

    if (in->redis) {
        data_str(row, "version", in->facts.version);
        data_i64(row, "memory", in->facts.memory);
        data_i64(row, "took", in->facts.took);
        data_i64(row, "clients", in->facts.clients);
        data_str(row, "fsync", in->facts.fsync);
        data_str(row, "policy", in->facts.policy);
        data_i64(row, "evicted", in->facts.evicted);
    }
}


static void
show_queue(const struct installation *in, struct data *d)
{
    struct data *row = part(d, N_("queue"),
                            in->queue && in->backlog.age_ms < BACKLOG_AGE_MAX_MS
                                && in->backlog.gone == 0 && !in->backlog.full);

    if (in->queue) {
        data_i64(row, "depth", in->backlog.depth);
        data_i64(row, "age", in->backlog.age_ms * 1000);
        data_i64(row, "dead", in->backlog.dead);
        data_i64(row, "gone", in->backlog.gone);
        data_i64(row, "full", in->backlog.full);
    }
}


/* What an administrator has stopped, and how to go on. */
static void
show_brakes(const struct installation *in, struct data *d)
{
    for (size_t i = 0; i < BRAKES; i++) {
        struct data *row = data_row(data_child(d, "Brake"));

        data_text(row, "name", brake_name((enum brake) i));
        data_bool(row, "set", in->brakes[i].set);
        data_time(row, "since", in->brakes[i].since);
        data_str(row, "by", in->brakes[i].by);
    }
    data_bool(d, "drained",
              in->brakes[BRAKE_EDGE].set && in->queue
                  && in->backlog.depth == 0);
}


/* What the edges had to do in the last minutes. */
static void
show_rate(struct request *rq, const struct installation *in, struct data *row)
{
    struct edge_rate rate;

    edge_rate(in->procs, in->nprocs, &rate);
    if (rate.nodes == 0 || rate.seconds == 0) {
        return;
    }
    data_i64(row, "seconds", rate.seconds * US_PER_SECOND);
    data_str(row, "rate", str_printf(rq->a, "%.1f", rate.requests));
    data_i64(row, "accepted", rate.accepted);
    data_i64(row, "limited", rate.limited);
    data_i64(row, "p50", rate.p50);
    data_i64(row, "p99", rate.p99 < RATE_BEYOND_US ? rate.p99 : 0);
    data_bool(row, "beyond", rate.p99 >= RATE_BEYOND_US);
}


/* The statements that the installation spends its time with. */
static void
show_slow(struct request *rq, const struct installation *in, struct data *d)
{
    struct slow list[SLOW_ROWS];
    size_t n = slow_statements(rq->a, in->procs, in->nprocs, list, SLOW_ROWS);

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(d, "Slow"));

        data_str(row, "name", list[i].name);
        data_i64(row, "n", list[i].n);
        data_i64(row, "sum", list[i].us);
        data_i64(row, "mean", list[i].us / list[i].n);
    }
}


/* Each kind that a whole installation has; what others live stands below. */
static void
show_processes(struct request *rq, const struct installation *in,
               struct data *d)
{
    static const struct {
        const char *kind;
        bool needed;
    } kinds[] = {
        { N_("edge"), true },   { N_("spool"), false },  { N_("worker"), true },
        { N_("chores"), true }, { N_("notify"), false }, { N_("web"), true },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t n = installation_count(in, kinds[i].kind);
        bool spool = strcmp(kinds[i].kind, "spool") == 0;
        int64_t since, bytes = installation_spooled(in, &since);
        struct data *row = part(
            d, kinds[i].kind,
            (n > 0 || !kinds[i].needed)
                && (!spool || since == 0 || rq->now - since < SPOOL_LATE_US));
        int64_t sum = 0;

        for (size_t j = 0; j < in->nprocs; j++) {
            if (str_is(in->procs[j].kind, kinds[i].kind) && in->memory[j] > 0) {
                sum += in->memory[j];
            }
        }
        data_bool(row, "processes", true);
        data_i64(row, "n", (int64_t) n);
        data_i64(row, "memory", sum);
        if (strcmp(kinds[i].kind, "edge") == 0) {
            show_rate(rq, in, row);
        }
        data_bool(row, "spool", spool && n > 0);
        if (spool && since > 0) {
            data_i64(row, "bytes", bytes);
            data_i64(row, "age", rq->now > since ? rq->now - since : 0);
        }
    }
    for (size_t i = 0; i < in->nprocs; i++) {
        struct data *row = data_row(data_child(d, "Process"));

        data_str(row, "kind", in->procs[i].kind);
        data_str(row, "host", in->procs[i].host);
        data_i64(row, "pid", in->procs[i].pid);
        data_time(row, "since", in->procs[i].started * US_PER_SECOND);
        data_str(row, "version", in->procs[i].version);
        data_bool(row, "other", !str_is(in->procs[i].version, VEDETTE_VERSION));
        data_str(row, "note", in->procs[i].note);
        if (in->procs[i].error.n > 0) {
            data_str(row, "error", in->procs[i].error);
            data_time(row, "error_at", in->procs[i].error_at);
        }
        if (in->memory[i] >= 0) {
            data_i64(row, "memory", in->memory[i]);
        }
    }
}


/* "20261126" as "2026-11-26" */
static struct str
day_of(struct arena *a, struct str name)
{
    return name.n != 8 ? STR_NULL
                       : str_printf(a, "%.4s-%.2s-%.2s", name.p, name.p + 4,
                                    name.p + 6);
}


static void
show_database(struct request *rq, const struct json *report, struct data *d)
{
    const struct json *db = json_get(report, "database");
    const struct json *pending = json_get(report, "pending");
    struct data *row =
        part(d, N_("database"), db != NULL && json_at(pending, 0) == NULL);

    if (db == NULL) {
        return;
    }
    json_each(name, pending)
    {
        data_str(data_row(data_child(row, "Pending")), "name", json_text(name));
    }
    data_str(row, "version", json_text_of(db, "version"));
    data_str(row, "migration", json_text_of(db, "migration"));
    data_i64(row, "size", installation_i64(db, "size"));
    data_i64(row, "connections", installation_i64(db, "connections"));
    data_i64(row, "partitions", installation_i64(db, "partitions"));
    data_str(row, "oldest", day_of(rq->a, json_text_of(db, "oldest")));
    data_str(row, "newest", day_of(rq->a, json_text_of(db, "newest")));
}


/* Copies that stand still, or hold back what has to be kept for them. */
static void
show_replication(const struct json *report, struct data *d)
{
    const struct json *own = json_get(report, "replication");
    int64_t copies = installation_i64(own, "copies");
    int64_t streaming = installation_i64(own, "streaming");
    int64_t hidden = installation_i64(own, "hidden");
    int64_t idle = installation_i64(own, "idle_slots");
    struct data *row;

    if (own == NULL) {
        return;
    }
    row = part(d, N_("replication"),
               idle == 0 && streaming + hidden == copies
                   && installation_i64(own, "lag") < COPY_LATE_US);
    data_i64(row, "copies", copies);
    data_i64(row, "streaming", streaming);
    data_i64(row, "hidden", hidden);
    data_i64(row, "behind", installation_i64(own, "behind"));
    data_i64(row, "lag", installation_i64(own, "lag"));
    data_i64(row, "idle", idle);
    data_i64(row, "held", installation_i64(own, "held"));
}


static void
show_certificates(const struct json *report, int64_t now, struct data *d)
{
    json_each(own, json_get(report, "certificates"))
    {
        int64_t until = installation_i64(own, "until");
        struct str why = json_text_of(own, "why");
        struct data *row =
            part(d, N_("certificate"),
                 why.n == 0 && until - now > CERTIFICATE_SOON_US);

        data_str(row, "url", json_text_of(own, "url"));
        data_time(row, "until", until);
        data_i64(row, "left", until > now ? until - now : 0);
        data_str(row, "why", why);
    }
}


static void
show_pulse(const struct installation *in, struct data *d)
{
    const struct pulse_state *p = &in->pulse;
    struct data *row;

    if (!p->on) {
        return;
    }
    row = part(d, N_("synthetic event"), !p->late && !p->failing);
    data_i64(row, "every", p->every);
    data_time(row, "tried", p->tried_at);
    data_time(row, "stored", p->stored_at);
    data_i64(row, "took", p->stored_at - p->sent_at);
    data_i64(row, "slowest", p->slowest);
    data_bool(row, "failing", p->failing);
    data_i64(row, "code", p->code);
    data_str(row, "why", p->why);
}


static void
show_disk(const struct json *report, int64_t now, struct data *d)
{
    const struct json *disk = json_get(report, "disk");
    int64_t size = installation_i64(disk, "size");
    int64_t free_ = installation_i64(disk, "free"), full;
    struct data *row;

    if (size <= 0) {
        return;
    }
    full = installation_i64(disk, "full_at");
    row = part(d, N_("disk"),
               free_ / (size / 100 + 1) >= DISK_LOW
                   && (full == 0 || full - now > DISK_SOON_US));
    data_bool(row, "watched", installation_i64(disk, "hours") >= 24);
    data_i64(row, "used", installation_i64(disk, "used"));
    data_i64(row, "grown", installation_i64(disk, "db_grown"));
    data_time(row, "full", full);
    data_i64(row, "left", full - now);
    data_i64(row, "free", free_);
    data_i64(row, "size", size);
    data_i64(row, "percent", free_ * 100 / size);
}


/* waiting, age: how many of them are due, and the oldest for how long. */
static void
show_since(struct data *row, const struct json *waiting, const char *what,
           int64_t now)
{
    char since[32];

    snprintf(since, sizeof(since), "%s_since", what);
    data_i64(row, "waiting", installation_i64(waiting, what));
    if (installation_i64(waiting, since) > 0) {
        int64_t age = now - installation_i64(waiting, since);

        data_i64(row, "age", age > 0 ? age : 0);
    }
}


/* Notifications of all organisations: what their services took. */
static void
show_channels(const struct json *report, int64_t now, struct data *d)
{
    const struct json *own = json_get(report, "channels");
    int64_t failed = installation_i64(own, "failed");
    int64_t resting = installation_i64(own, "resting");
    struct data *row;

    if (own == NULL) {
        return;
    }
    row = part(d, N_("channels"), failed == 0 && resting == 0);
    data_i64(row, "sent", installation_i64(own, "sent"));
    data_i64(row, "failed", failed);
    data_i64(row, "resting", resting);
    data_str(row, "host", json_text_of(own, "host"));
    data_str(row, "why", json_text_of(own, "why"));
    show_since(row, json_get(report, "waiting"), "notices", now);
}


/* What people have asked for, and workers do beside the events. */
static void
show_jobs(const struct json *report, int64_t now, struct data *d)
{
    const struct json *own = json_get(report, "waiting");
    int64_t since = installation_i64(own, "jobs_since");
    struct data *row;

    if (own == NULL) {
        return;
    }
    row = part(d, N_("jobs"), since == 0 || now - since < JOBS_LATE_US);
    show_since(row, own, "jobs", now);
    data_i64(row, "failed", installation_i64(own, "failed"));
    data_str(row, "kind", json_text_of(own, "kind"));
}


static void
show_cleanup(struct request *rq, const struct json *report, struct data *d)
{
    const struct json *own = json_get(report, "cleanup");
    int64_t since = installation_i64(own, "running_since");
    int64_t left = installation_i64(own, "next_at") - rq->now;
    struct data *row;

    if (own == NULL) {
        return;
    }
    row = part(d, N_("clean-up"), since > 0 || left > -CLEANUP_LATE_US);
    data_time(row, "since", since);
    data_time(row, "last", installation_i64(own, "finished_at"));
    data_i64(row, "events", installation_i64(own, "events"));
    data_i64(row, "bytes", installation_i64(own, "bytes"));
    data_i64(row, "next", left > 0 ? left : 0);
}


/* Without a file no country is told, which is somebody's choice. */
static void
show_countries(struct request *rq, const struct json *report, struct data *d)
{
    int64_t made = installation_i64(report, "countries_made_at");

    if (json_get(report, "countries_made_at") != NULL) {
        data_time(part(d, N_("countries"),
                       made == 0 || rq->now - made < COUNTRIES_OLD_US),
                  "made", made);
    }
}


/* How much of a table is rows that nobody sees any more, in per cent. */
static int64_t
dead_share(const struct json *table)
{
    int64_t dead = installation_i64(table, "dead");
    int64_t rows = installation_i64(table, "rows") + dead;

    return dead >= DEAD_TOLD ? dead * 100 / rows : 0;
}


static void
show_report(struct request *rq, const struct json *report, struct data *d)
{
    int64_t at = installation_i64(report, "at");
    int64_t n = 0, failing = 0;

    data_bool(d, "reported", report != NULL);
    data_bool(d, "late", report != NULL && rq->now - at > REPORT_LATE_US);
    data_time(d, "at", at);
    data_time(d, "last_event", installation_i64(report, "digested_at"));
    data_i64(d, "accepted", installation_i64(report, "accepted"));
    json_each(table, json_get(report, "tables"))
    {
        struct data *row = data_row(data_child(d, "Table"));

        data_str(row, "name", json_text_of(table, "name"));
        data_i64(row, "bytes", installation_i64(table, "bytes"));
        data_i64(row, "indexes", installation_i64(table, "indexes"));
        data_i64(row, "rows", installation_i64(table, "rows"));
        data_i64(row, "dead", installation_i64(table, "dead"));
        data_i64(row, "percent", dead_share(table));
        data_time(row, "vacuumed", installation_i64(table, "vacuumed_at"));
    }
    json_each(chore, json_get(report, "chores"))
    {
        struct data *row = data_row(data_child(d, "Chore"));

        data_str(row, "name", json_text_of(chore, "name"));
        data_i64(row, "every", installation_i64(chore, "every"));
        data_time(row, "ran", installation_i64(chore, "ran_at"));
        data_i64(row, "took", installation_i64(chore, "took"));
        data_i64(row, "failures", installation_i64(chore, "failures"));
        failing += installation_i64(chore, "failures") > 0;
        n++;
    }
    data_i64(d, "chores", n);
    data_i64(d, "chores_failing", failing);
}


enum status
page_admin_health(struct request *rq, struct response *rs)
{
    struct data *d = data_child(rs->data, "Health");
    struct installation in;
    const char *fault;

    installation_look(rq, &in);
    fault = installation_fault(&in);
    data_text(d, "fault", fault != NULL ? tr(fault) : NULL);
    data_bool(d, "closed", in.brakes[BRAKE_EDGE].set);
    show_queue(&in, d);
    if (in.queue) {
        show_brakes(&in, d);
    }
    show_redis(&in, d);
    show_processes(rq, &in, d);
    show_pulse(&in, d);
    show_database(rq, in.report, d);
    show_replication(in.report, d);
    show_disk(in.report, rq->now, d);
    show_channels(in.report, rq->now, d);
    show_jobs(in.report, rq->now, d);
    show_cleanup(rq, in.report, d);
    show_countries(rq, in.report, d);
    show_certificates(in.report, rq->now, d);
    show_slow(rq, &in, d);
    show_report(rq, in.report, d);
    return ST_OK;
}
