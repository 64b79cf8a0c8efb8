/*
 * model/batch_items.h - what a batch holds beside events: sessions,
 * attachments, feedback, ends of events, samples of what was refused.
 *
 * Filled by the digest with everything already understood; stored by
 * batch_release.c, batch_session.c, batch_attachment.c, batch_ended.c and
 * refused.c in the batch's transaction.
 */

#ifndef VEDETTE_MODEL_BATCH_ITEMS_H
#define VEDETTE_MODEL_BATCH_ITEMS_H

#include "util/str.h"

struct batch;
struct batch_event;
struct refused;

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

/*
 * A file, whose bytes have been put into the store already (util/blob.h).  Its
 * outcome is decided when it is stored: there may be no room.
 */
struct batch_attachment {
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id;
    unsigned char event_id[16];
    const struct batch_event *event; /* of the same request; NULL: none */
    int64_t received_at;
    struct str name;
    struct str content_type;
    struct str type;
    int64_t size;
    unsigned char hash[32];
    int64_t room; /* bytes that the project may keep */
};

struct batch_feedback {
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id;
    unsigned char event_id[16];
    const struct batch_event *event; /* of the same request; NULL: none */
    bool is_report;
    bool has_subject;
    unsigned char subject[16];
    int64_t received_at;
    struct str name; /* never null, as the next five */
    struct str email;
    struct str message;
    struct str url;
    struct str source;
    struct str replay;
    struct str release; /* null: none, as what follows */
    struct str environment;
    struct str browser;
    struct str os;
    struct str country;
};

/* An event that ends without being stored, for whoever asks after its id. */
struct batch_ended {
    int64_t project_id;
    unsigned char event_id[16];
    int64_t received_at;
    struct str category;
    struct str outcome;
    struct str reason;
    int64_t status; /* of the edge's answer, if that was its end */
};

#define BATCH_ENDED_MAX 100 /* of one batch: the ledger counts all */

struct batch_items {
    struct batch_session *sessions;
    size_t nsessions;
    struct batch_attachment *attachments;
    size_t nattachments;
    struct batch_feedback *feedback;
    size_t nfeedback;
    struct batch_ended *ended;
    size_t nended;
    struct refused *refused; /* model/refused.h */
    size_t nrefused;
};

/* An empty one, to be filled; it may move when the next one is made. */
struct batch_session *batch_session_new(struct batch *b);
struct batch_attachment *batch_attachment_new(struct batch *b);
struct batch_feedback *batch_feedback_new(struct batch *b);

/* One more, as long as there are not too many. */
void batch_ended_add(struct batch *b, const struct batch_ended *e);

/*
 * Those that the edges have refused themselves; of each project some of the
 * newest.  What is there already is not there twice.
 */
enum status batch_ended_at_edge(struct db *db, struct arena *a,
                                const struct batch_ended *list,
                                size_t n) MUST_CHECK;

#endif
