/*
 * model/batch_items.h - what a batch holds beside events: sessions.
 *
 * Filled by the digest with everything already understood; stored by
 * batch_release.c and batch_session.c in the batch's transaction.
 */

#ifndef VEDETTE_MODEL_BATCH_ITEMS_H
#define VEDETTE_MODEL_BATCH_ITEMS_H

#include "util/str.h"

struct batch;

/* session_state.status; all but the first end a session */
enum session_status {
    SESSION_OK = 0,
    SESSION_EXITED = 1,
    SESSION_ERRORED = 2,
    SESSION_ABNORMAL = 3,
    SESSION_UNHANDLED = 4,
    SESSION_CRASHED = 5
};

/*
 * One update of a session, or a bucket of sessions that were summed up by
 * their sender (protocol.md §8.1).
 */
struct batch_session {
    int64_t organization_id;
    int64_t project_id;
    int64_t received_at; /* µs */
    int64_t started;
    struct str release;     /* never empty */
    struct str environment; /* the null str: none */
    bool has_user;
    int64_t user_hash;

    bool is_bucket;
    /* an update */
    unsigned char sid[16];
    int64_t seq;
    bool init;
    bool has_errors;
    enum session_status status;
    int64_t duration_ms; /* -1: not told */
    /* a bucket: its sessions by how they ended */
    int64_t n[SESSION_CRASHED + 1];
};

struct batch_items {
    struct batch_session *sessions;
    size_t nsessions;
};

/* An empty one, to be filled; it may move when the next one is made. */
struct batch_session *batch_session_new(struct batch *b);

#endif
