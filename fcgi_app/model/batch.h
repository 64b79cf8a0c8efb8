/*
 * model/batch.h - the write side of events: one batch, one transaction.
 *
 * The digest fills a batch with what is to be stored and counted; batch_store
 * does all of it or none.  Filling it again from the same entries and storing
 * it again changes nothing: entries that an earlier transaction has dealt with
 * are known (batch_done), and events are unique by project and event id.
 */

#ifndef VEDETTE_MODEL_BATCH_H
#define VEDETTE_MODEL_BATCH_H

#include "db/db.h"
#include "model/batch_items.h"
#include "model/outcome.h"

#define BATCH_HASHES 8

/* Bytes of a value that an event is counted by. */
#define BATCH_TAG_MAX 200

/* How many days back an event id is looked for, the day itself included. */
#define BATCH_DUPLICATE_DAYS 3

struct batch_tag {
    struct str key;
    struct str value;
};

/*
 * An event to store; all text in the batch's arena, valid UTF-8 without NUL,
 * bounded.  A null str is "none".
 */
struct batch_event {
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id; /* 0: not known */
    unsigned char id[16];
    int64_t received_at; /* µs; decides the partition */
    int64_t occurred_at;
    int level;
    bool unhandled;
    bool sampled; /* its body may be left out if its issue floods */
    struct str platform;
    struct str title;
    struct str type;
    struct str value;
    struct str culprit;
    struct str release;
    struct str environment;
    struct str transaction;
    struct str server_name;
    struct str user_tag;
    struct str sdk_name;
    struct str sdk_version;
    struct str search;
    struct str trace;       /* 16 bytes */
    struct batch_tag *tags; /* keys are distinct */
    size_t ntags;
    int32_t *tag_ids; /* batch_store's: their numbers */
    size_t ntag_ids;
    unsigned char hashes[BATCH_HASHES][16]; /* the first owned one wins */
    size_t nhashes;                         /* at least 1 */
    size_t nbound; /* at least 1: the others find an issue, but mark none */
    struct str category; /* of its outcome */
    struct str body;     /* packed: event_body.body */
};

/* A release in the order of its project. */
struct batch_release {
    struct str version; /* the null str: none */
    int64_t at;         /* µs, when it came; 0: nobody has seen it yet */
};

/* How an issue was resolved. */
struct batch_resolution {
    enum {
        BATCH_RESOLVED,       /* plainly */
        BATCH_RESOLVED_IN,    /* a release */
        BATCH_RESOLVED_NEXT,  /* in whatever comes after it */
        BATCH_RESOLVED_COMMIT /* that no release has brought yet */
    } kind;
    struct batch_release release;
    bool ordered; /* the project's releases are, by their versions */
    int64_t at;
};

/*
 * True when an event of this release makes an issue in this state
 * (model/issue.h) a regression.
 */
typedef bool (*batch_regresses)(int status, const struct batch_resolution *how,
                                const struct batch_release *of);

/*
 * A stored event and what it did to its issue; in the order of their ids.
 * Passed on inside the transaction (batch.stored), for alerts.
 */
struct batch_change {
    const struct batch_event *ev;
    int64_t issue_id;
    bool fresh;     /* the first event of a new issue */
    bool regressed; /* … of one that comes back */
};

typedef enum status (*batch_stored)(void *context, struct db *db,
                                    struct arena *a,
                                    const struct batch_change *changes,
                                    size_t n);

/* Where the digest believes a project to be: it may have moved since. */
struct batch_home {
    int64_t project_id;
    int64_t organization_id;
};

/* The installation's own event: model/pulse.h. */
struct batch_pulse {
    unsigned char event_id[16];
    int64_t sent_at; /* µs */
    int64_t received_at;
};

struct batch {
    struct arena *arena;
    const struct batch_home *homes; /* of all that the batch has */
    size_t nhomes;
    struct batch_event **events;
    size_t nevents;
    struct outcome *outcomes; /* of everything that is no event */
    size_t noutcomes;
    struct batch_items items; /* of the other types */
    struct batch_pulse *pulses;
    size_t npulses;

    const char *consumer; /* for batch_done */
    const struct str *entries;
    size_t nentries;
    int64_t deadline; /* monotonic µs: no commit after it; 0: none */
    batch_regresses regresses;
    batch_stored stored; /* may be NULL */
    void *context;       /* for stored */
};

/* What became of it; the arrays are in the arena given to batch_store. */
struct batch_result {
    size_t stored;
    size_t duplicates;
    size_t issues; /* new ones */
    size_t regressions;
    struct batch_touched {
        int64_t organization_id;
        int64_t project_id;
        int64_t issue_id;
        int64_t events; /* new ones */
        bool fresh;     /* made by this batch */
    } * touched;        /* an issue each */
    size_t ntouched;
};

/* An empty event of the batch, to be filled. */
struct batch_event *batch_event_new(struct batch *b);

/* An outcome of something that is no stored event. */
void batch_outcome(struct batch *b, const struct outcome *o);

/*
 * Stores the batch.  ST_RETRY: the database is away or the outcome of the
 * commit is not known; the same entries have to be settled (batch_done) and
 * digested again.  ST_INVALID, ST_FAILED: something in it cannot be stored;
 * nothing has been.
 */
enum status batch_store(struct db *db, struct arena *a, const struct batch *b,
                        struct batch_result *out) MUST_CHECK;

/* Which of these entries a committed transaction has dealt with. */
enum status batch_done(struct db *db, struct arena *a,
                       const struct str *entries, size_t n, struct str **done,
                       size_t *ndone) MUST_CHECK;

/*
 * Makes the partitions of the day of this time and of the next day; cheap when
 * they are known to stand.  Outside of a transaction.
 */
enum status batch_partitions(struct db *db, struct arena *a,
                             int64_t us) MUST_CHECK;

/*
 * Notes an entry as a dead letter and counts it as invalid (dead_letter), once,
 * however often it is called.
 */
enum status batch_bury(struct db *db, struct arena *a, struct str entry,
                       int64_t organization_id, int64_t project_id,
                       struct str reason, int64_t key_id) MUST_CHECK;

/* What becomes of a dead letter's outcome. */
enum batch_end {
    BATCH_PURGED, /* it stays */
    BATCH_AGAIN,  /* taken back: it will have another one */
    BATCH_PUSHED  /* "dead_letter_gone": others needed the room */
};

/*
 * Forgets that an entry is a dead letter.  Calling it twice does nothing more.
 */
enum status batch_exhume(struct db *db, struct arena *a, struct str entry,
                         int64_t key_id, enum batch_end how) MUST_CHECK;

/*
 * Adds counters that came as a set under a fresh name, once, however often it
 * is called with that name.  Sets come one after the other.
 */
enum status batch_outcome_set(struct db *db, struct arena *a, struct str name,
                              struct outcome *outcomes, size_t n) MUST_CHECK;

/*
 * A chore: forgets ends of events that are a week old, or more than a million;
 * some thousands a call.
 */
enum status batch_ended_forget(struct db *db, struct arena *a,
                               bool *more) MUST_CHECK;

/* Forgets the marks of consumers that have long been silent. */
enum status batch_forget(struct db *db, struct arena *a) MUST_CHECK;

#endif
