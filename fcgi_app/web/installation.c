#include "web/installation.h"

#include <unistd.h>

#include "model/account.h"
#include "model/audit.h"
#include "model/health.h"
#include "util/lang.h"
#include "util/memory.h"


static void
look_at_processes(struct request *rq, struct installation *out)
{
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) == -1) {
        host[0] = '\0';
    }
    if (proc_list(rq->redis, rq->a, &out->procs, &out->nprocs) != ST_OK) {
        out->nprocs = 0;
    }
    out->memory = arena_array(rq->a, out->nprocs, sizeof(int64_t));
    for (size_t i = 0; i < out->nprocs; i++) {
        out->memory[i] = str_is(out->procs[i].host, host)
                             ? memory_pss((pid_t) out->procs[i].pid)
                             : -1;
    }
}


void
installation_look(struct request *rq, struct installation *out)
{
    *out = (struct installation){ 0 };
    out->redis = redis_facts(rq->redis, rq->a, &out->facts) == ST_OK;
    if (!out->redis) {
        return;
    }
    out->queue = backlog_read(rq->redis, rq->a, &out->backlog) == ST_OK;
    if (brake_look(rq->redis, rq->a, out->brakes) != ST_OK) {
        return;
    }
    look_at_processes(rq, out);
    if (health_read(rq->redis, rq->a, &out->report) != ST_OK) {
        out->report = NULL;
    }
    out->pulse = pulse_state(out->report, rq->now);
}


enum status
installation_brake(struct request *rq, enum brake brake, bool set)
{
    struct actor by = request_actor(rq);
    enum status st = db_begin(rq->db);

    if (st != ST_OK) {
        return st;
    }
    st = audit_add(rq->db, rq->a, 0, &by,
                   set ? "system.brake" : "system.release",
                   str_of(brake_name(brake)), NULL);
    if (st == ST_OK) {
        st = set ? brake_set(rq->redis, rq->a, brake, by.email)
                 : brake_release(rq->redis, rq->a, brake);
    }
    return db_finish(rq->db, st);
}


size_t
installation_count(const struct installation *in, const char *kind)
{
    size_t n = 0;

    for (size_t i = 0; i < in->nprocs; i++) {
        n += str_is(in->procs[i].kind, kind);
    }
    return n;
}


int64_t
installation_spooled(const struct installation *in, int64_t *since)
{
    int64_t bytes = 0;

    *since = 0;
    for (size_t i = 0; i < in->nprocs; i++) {
        const struct proc *p = &in->procs[i];

        if (p->spooled_since > 0) {
            bytes += p->spooled;
            *since = *since == 0 || p->spooled_since < *since ? p->spooled_since
                                                              : *since;
        }
    }
    return bytes;
}


int64_t
installation_i64(const struct json *report, const char *name)
{
    int64_t n;

    return json_i64(json_get(report, name), &n) ? n : 0;
}


const char *
installation_fault(const struct installation *in)
{
    if (!in->redis || !in->queue) {
        return N_("Redis does not answer");
    }
    if (in->brakes[BRAKE_EDGE].set) {
        return N_("an administrator has closed the edge");
    }
    if (in->brakes[BRAKE_DIGEST].set) {
        return N_("an administrator has paused the digest");
    }
    if (installation_count(in, "worker") == 0) {
        return N_("no worker gives a sign of life");
    }
    if (in->backlog.full) {
        return N_("the dead letters are full, and the digest waits for room");
    }
    if (in->backlog.age_ms >= BACKLOG_AGE_MAX_MS) {
        return N_("the oldest event waits too long");
    }
    if (in->pulse.late) {
        return N_("the synthetic event does not arrive");
    }
    return NULL;
}
