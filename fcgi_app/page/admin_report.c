/*
 * POST /admin/health/report/: what the health page knows, as a file to hand to
 * whoever helps: versions, numbers and states, which settings differ from the
 * default; no secret, no address, no event.
 */

#include "config.h"
#include "json/doc.h"
#include "model/audit.h"
#include "page/pages.h"
#include "util/conf.h"
#include "util/timeutil.h"
#include "web/installation.h"
#include "web/slow.h"

#define SLOW_ROWS 30


/* A name in quotes, and what stands before it in an object or array. */
static void
name(struct buf *b, const char *key)
{
    char last = b->n > 0 ? b->p[b->n - 1] : '{';

    buf_text(b, last == '{' || last == '[' ? "\n\"" : ",\n\"");
    buf_addf(b, "%s\": ", key);
}


static void
text(struct buf *b, const char *key, struct str value)
{
    name(b, key);
    json_write_str(b, value);
}


static void
number(struct buf *b, const char *key, int64_t value)
{
    name(b, key);
    buf_addf(b, "%lld", (long long) value);
}


static void
add_processes(struct buf *b, const struct installation *in)
{
    name(b, "processes");
    buf_char(b, '[');
    for (size_t i = 0; i < in->nprocs; i++) {
        buf_text(b, i > 0 ? ",{" : "{");
        text(b, "kind", in->procs[i].kind);
        text(b, "version", in->procs[i].version);
        number(b, "started", in->procs[i].started);
        number(b, "memory", in->memory[i]);
        text(b, "note", in->procs[i].note);
        number(b, "error_at", in->procs[i].error_at);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}


static void
add_queue(struct buf *b, const struct installation *in)
{
    name(b, "queue");
    buf_char(b, '{');
    number(b, "depth", in->backlog.depth);
    number(b, "oldest_ms", in->backlog.age_ms);
    number(b, "dead_letters", in->backlog.dead);
    number(b, "dead_letters_full", in->backlog.full);
    number(b, "digest_paused", in->brakes[BRAKE_DIGEST].since);
    number(b, "edge_closed", in->brakes[BRAKE_EDGE].since);
    buf_char(b, '}');
    name(b, "redis");
    buf_char(b, '{');
    text(b, "version", in->facts.version);
    text(b, "fsync", in->facts.fsync);
    text(b, "policy", in->facts.policy);
    number(b, "memory", in->facts.memory);
    number(b, "clients", in->facts.clients);
    number(b, "evicted", in->facts.evicted);
    buf_char(b, '}');
}


/* What the edges had to do in the last minutes. */
static void
add_rate(struct buf *b, const struct installation *in)
{
    struct edge_rate rate;

    edge_rate(in->procs, in->nprocs, &rate);
    name(b, "edge");
    buf_char(b, '{');
    number(b, "nodes", (int64_t) rate.nodes);
    number(b, "seconds", rate.seconds);
    name(b, "requests_per_second");
    buf_addf(b, "%.1f", rate.nodes > 0 ? rate.requests : 0.0);
    number(b, "accepted", rate.accepted);
    number(b, "limited", rate.limited);
    number(b, "p50_us", rate.p50);
    number(b, "p99_us", rate.p99);
    buf_char(b, '}');
}


/* Where the time with PostgreSQL goes, by the names of the statements. */
static void
add_statements(struct buf *b, struct arena *a, const struct installation *in)
{
    struct slow list[SLOW_ROWS];
    size_t n = slow_statements(a, in->procs, in->nprocs, list, SLOW_ROWS);

    name(b, "statements");
    buf_char(b, '[');
    for (size_t i = 0; i < n; i++) {
        buf_text(b, i > 0 ? ",{" : "{");
        text(b, "name", list[i].name);
        number(b, "times", list[i].n);
        number(b, "us", list[i].us);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}


/* Numbers as they are; of a text only whether there is one. */
static void
add_settings(struct buf *b)
{
    const char *key, *value;

    name(b, "settings");
    buf_char(b, '{');
    for (size_t i = 0; i < CONF_COUNT; i++) {
        conf_tell((enum conf_key) i, &key, &value);
        text(b, key, str_of(value));
    }
    buf_char(b, '}');
}


/*
 * Of the chores' report: texts by these names are our own words and numbers of
 * versions.  Of any other, an address or what somebody's server said, it is
 * told that there is one.
 */
static void
mask(struct json *v, struct str key)
{
    static const char *const told[] = { "name",   "version", "migration",
                                        "oldest", "newest",  "kind",
                                        "pending" };
    bool plain = v->type != JSON_T_STRING || v->text.n == 0;

    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        plain = plain || str_is(key, told[i]);
    }
    if (!plain) {
        v->text = STR("set");
    }
    json_each(e, v)
    {
        mask(e, v->type == JSON_T_OBJECT ? e->key : key);
    }
}


enum status
page_admin_report(struct request *rq, struct response *rs)
{
    struct buf b = buf_in(rq->a);
    struct installation in;
    struct actor by = request_actor(rq);
    enum status st = audit_add(rq->db, rq->a, 0, &by, "system.report",
                               STR("the installation"), NULL);
    const char *fault;

    if (st != ST_OK) {
        return st;
    }
    installation_look(rq, &in);
    fault = installation_fault(&in);
    buf_char(&b, '{');
    text(&b, "version", STR(VEDETTE_VERSION));
    text(&b, "at", time_format_iso(rq->a, rq->now, true));
    text(&b, "fault", str_of(fault != NULL ? fault : ""));
    add_queue(&b, &in);
    add_processes(&b, &in);
    add_rate(&b, &in);
    add_statements(&b, rq->a, &in);
    add_settings(&b);
    if (in.report != NULL) {
        name(&b, "report");
        mask(in.report, STR(""));
        json_write_pretty(&b, in.report);
    }
    buf_text(&b, "\n}\n");
    response_header(rs, "Content-Disposition",
                    STR("attachment; filename=\"vedette-report.json\""));
    response_raw(rs, "application/json", buf_view(&b));
    return ST_OK;
}
