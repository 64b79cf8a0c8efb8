/*
 * web/pulse.h - how the installation's own event does (cmd/chore_pulse.h), as
 * the worker has reported it (model/health.h).
 */

#ifndef VEDETTE_WEB_PULSE_H
#define VEDETTE_WEB_PULSE_H

#include "json/doc.h"
#include "util/buf.h"

struct pulse_state {
    bool on;
    int64_t every;     /* µs */
    int64_t tried_at;  /* 0: not since the worker started */
    int64_t sent_at;   /* the last one that has arrived; 0: none ever has */
    int64_t stored_at; /* … in the database */
    int64_t slowest;   /* from one to the other, in the last hour, in µs */
    int code;       /* of the edge's last answer, if it was not 200; else 0 */
    bool failing;   /* the edge does not take it, or does not answer */
    struct str why; /* it does not answer: the reason, in curl's words */
    /*
     * It has come through before, and nothing has for some minutes, no real
     * event either.  Where it never came through the way is not one that it
     * can take, which says nothing of others.
     */
    bool late;
};

/* report may be NULL. */
struct pulse_state pulse_state(const struct json *report, int64_t now);

/* One line for programs; nothing when it is off. */
void pulse_write(struct buf *b, const struct pulse_state *p, int64_t now);

#endif
