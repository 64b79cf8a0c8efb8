/*
 * web/installation.h - a look at all parts, for /healthz, /metrics and the
 * health page.  What cannot be had is left empty; it never fails.
 */

#ifndef VEDETTE_WEB_INSTALLATION_H
#define VEDETTE_WEB_INSTALLATION_H

#include "json/doc.h"
#include "queue/backlog.h"
#include "queue/brake.h"
#include "queue/facts.h"
#include "queue/proc.h"
#include "queue/rate.h"
#include "web/http.h"
#include "web/pulse.h"

struct installation {
    bool redis; /* it answers */
    struct redis_facts facts;
    bool queue; /* backlog is known */
    struct backlog backlog;
    struct brake_state brakes[BRAKES];
    struct proc *procs; /* those that live */
    int64_t *memory;    /* of each: bytes; -1: not of this machine */
    size_t nprocs;
    struct json *report; /* model/health.h; NULL: none */
    struct pulse_state pulse;
};

void installation_look(struct request *rq, struct installation *out);

/*
 * In the name of the request's account, with its line in the audit log; see
 * queue/brake.h.
 */
enum status installation_brake(struct request *rq, enum brake brake,
                               bool set) MUST_CHECK;

/* How many processes of a kind live. */
size_t installation_count(const struct installation *in, const char *kind);

/*
 * What the replays say that waits on the disks of the edges: bytes, and since
 * when, in µs; 0: nothing does.
 */
int64_t installation_spooled(const struct installation *in,
                             int64_t *since) MUST_CHECK;

/* A number of the report by its path; 0 when there is none. */
int64_t installation_i64(const struct json *report, const char *name);

/* Why no event gets through: a text for tr(); NULL: they do. */
const char *installation_fault(const struct installation *in);

#endif
