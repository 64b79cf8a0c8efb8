/*
 * GET /metrics: the installation in the text format of Prometheus, for a token
 * of a system administrator.  The edges tell their own numbers (vedette_status
 * of nginx).
 */

#include "config.h"
#include "web/installation.h"
#include "page/pages.h"
#include "util/buf.h"
#include "web/slow.h"

#define STATEMENTS_MAX 15

static void
head(struct buf *b, const char *name, const char *help)
{
    buf_addf(b, "# HELP vedette_%s %s\n# TYPE vedette_%s gauge\n", name, help,
             name);
}


static void
gauge(struct buf *b, const char *name, const char *help, double value)
{
    head(b, name, help);
    buf_addf(b, "vedette_%s %.15g\n", name, value);
}


/* Names are of our own tables and chores: nothing in them needs escaping. */
static void
labelled(struct buf *b, const char *name, const char *label, struct str of,
         double value)
{
    buf_addf(b, "vedette_%s{%s=\"%.*s\"} %.15g\n", name, label, STR_FMT(of),
             value);
}


static void
queue_part(struct buf *b, const struct installation *in, int64_t now)
{
    int64_t since, bytes = installation_spooled(in, &since);

    gauge(b, "queue_depth", "Events that no worker has dealt with yet.",
          (double) in->backlog.depth);
    gauge(b, "queue_age_seconds", "How long the oldest of them waits.",
          (double) in->backlog.age_ms / 1e3);
    gauge(b, "dead_letters", "Messages that could not be digested.",
          (double) in->backlog.dead);
    gauge(b, "dead_letters_full",
          "1: there is no room for another, and the digest waits for it.",
          in->backlog.full);
    gauge(b, "spool_bytes", "On the disks of the edges, still to be sent.",
          (double) bytes);
    gauge(b, "spool_age_seconds", "How long the oldest event there waits.",
          since > 0 && since < now ? (double) (now - since) / 1e6 : 0);
    gauge(b, "redis_memory_bytes", "Resident memory of Redis.",
          (double) in->facts.memory);
    gauge(b, "redis_evicted_keys", "Keys that Redis has thrown away.",
          (double) in->facts.evicted);
    gauge(b, "redis_durable", "1: what Redis acknowledges is on a disk.",
          in->facts.durable);
}


/* By kind, in the order of the list, which is sorted by kind. */
static void
process_part(struct buf *b, const struct installation *in)
{
    head(b, "processes", "Processes that give a sign of life.");
    for (size_t i = 0; i < in->nprocs; i++) {
        struct str kind = in->procs[i].kind;

        if (i == 0 || !str_eq(in->procs[i - 1].kind, kind)) {
            labelled(b, "processes", "kind", kind,
                     (double) installation_count(in, str_dup(b->arena, kind)));
        }
    }
    head(b, "process_memory_bytes",
         "Proportional set size of the processes on this machine.");
    for (size_t i = 0; i < in->nprocs; i++) {
        int64_t sum = 0;

        if (i > 0 && str_eq(in->procs[i - 1].kind, in->procs[i].kind)) {
            continue;
        }
        for (size_t j = i; j < in->nprocs; j++) {
            if (str_eq(in->procs[j].kind, in->procs[i].kind)
                && in->memory[j] > 0) {
                sum += in->memory[j];
            }
        }
        labelled(b, "process_memory_bytes", "kind", in->procs[i].kind,
                 (double) sum);
    }
}


static void
list_part(struct buf *b, const struct json *list, const char *label,
          const char *member, const char *name, const char *help, double unit)
{
    head(b, name, help);
    json_each(row, list)
    {
        labelled(b, name, label, json_text_of(row, "name"),
                 (double) installation_i64(row, member) / unit);
    }
}


static void
pulse_part(struct buf *b, const struct pulse_state *p)
{
    gauge(b, "pulse_timestamp_seconds",
          "When the last synthetic event was stored.",
          (double) p->stored_at / 1e6);
    gauge(b, "pulse_duration_seconds",
          "How long it took from the sender to the database.",
          (double) (p->stored_at - p->sent_at) / 1e6);
    gauge(b, "pulse_up", "1: the edge takes it, and it is not late.",
          !p->failing && !p->late);
}


static void
report_part(struct buf *b, const struct json *report)
{
    const struct json *db = json_get(report, "database");
    const struct json *tables = json_get(report, "tables");
    const struct json *chores = json_get(report, "chores");
    const struct json *disk = json_get(report, "disk");

    gauge(b, "last_event_timestamp_seconds", "When an event was stored last.",
          (double) installation_i64(report, "digested_at") / 1e6);
    gauge(b, "events_accepted",
          "Events stored in this hour and the one before.",
          (double) installation_i64(report, "accepted"));
    gauge(b, "database_size_bytes", "The database on its disk.",
          (double) installation_i64(db, "size"));
    gauge(b, "database_connections", "Connections to the database.",
          (double) installation_i64(db, "connections"));
    gauge(b, "event_partitions", "Days of events that have a table.",
          (double) installation_i64(db, "partitions"));
    list_part(b, tables, "table", "bytes", "table_size_bytes",
              "A table with its partitions and indexes.", 1);
    list_part(b, tables, "table", "dead", "table_dead_rows",
              "Rows of it that wait for a vacuum.", 1);
    list_part(b, chores, "chore", "ran_at", "chore_timestamp_seconds",
              "When a chore ran last.", 1e6);
    list_part(b, chores, "chore", "took", "chore_duration_seconds",
              "How long it took.", 1e6);
    list_part(b, chores, "chore", "failures", "chore_failures",
              "How often it failed in a row.", 1);
    if (disk != NULL) {
        gauge(b, "disk_free_bytes", "Free, where attachments are kept.",
              (double) installation_i64(disk, "free"));
        gauge(b, "disk_size_bytes", "The size of that file system.",
              (double) installation_i64(disk, "size"));
        gauge(b, "disk_full_timestamp_seconds",
              "When it is full as it goes; 0: nobody can tell.",
              (double) installation_i64(disk, "full_at") / 1e6);
    }
}


/* Only what is known: a copy that does not exist is not in time. */
static void
far_part(struct buf *b, const struct json *report)
{
    const struct json *copies = json_get(report, "replication");
    int64_t first = 0;

    if (installation_i64(copies, "copies") > 0) {
        gauge(b, "replication_lag_seconds",
              "How far the slowest copy of the database is behind.",
              (double) installation_i64(copies, "lag") / 1e6);
        gauge(b, "replication_copies", "Copies that follow the database.",
              (double) installation_i64(copies, "copies"));
    }
    json_each(own, json_get(report, "certificates"))
    {
        int64_t until = installation_i64(own, "until");

        first = first == 0 || until < first ? until : first;
    }
    if (first > 0) {
        gauge(b, "certificate_expiry_timestamp_seconds",
              "When the first certificate of our addresses runs out.",
              (double) first / 1e6);
    }
}


static void
statement_part(struct buf *b, const struct installation *in)
{
    struct slow list[STATEMENTS_MAX];
    size_t n =
        slow_statements(b->arena, in->procs, in->nprocs, list, STATEMENTS_MAX);

    head(b, "statement_calls",
         "How often a statement was asked, in this hour and the one before.");
    for (size_t i = 0; i < n; i++) {
        labelled(b, "statement_calls", "statement", list[i].name,
                 (double) list[i].n);
    }
    head(b, "statement_seconds", "How long PostgreSQL took for them.");
    for (size_t i = 0; i < n; i++) {
        labelled(b, "statement_seconds", "statement", list[i].name,
                 (double) list[i].us / 1e6);
    }
}


enum status
page_metrics(struct request *rq, struct response *rs)
{
    struct installation in;
    struct buf b = buf_in(rq->a);

    installation_look(rq, &in);
    gauge(&b, "up", "1: events get through.", installation_fault(&in) == NULL);
    head(&b, "build_info", "The version of this process.");
    labelled(&b, "build_info", "version", STR(VEDETTE_VERSION), 1);
    if (in.redis) {
        queue_part(&b, &in, rq->now);
        process_part(&b, &in);
        statement_part(&b, &in);
    }
    if (in.report != NULL) {
        report_part(&b, in.report);
        far_part(&b, in.report);
    }
    if (in.pulse.on) {
        pulse_part(&b, &in.pulse);
    }
    response_raw(rs, "text/plain; version=0.0.4; charset=utf-8", buf_view(&b));
    return ST_OK;
}
