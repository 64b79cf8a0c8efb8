/*
 * alert/facts.h - what has happened, as conditions and filters look at it.
 *
 * Who evaluates fills in what is known; the rest is fetched when a condition
 * asks for it, once.  The same functions serve the digest, the chore that
 * counts, the notify process and the rehearsal; they differ in what they know
 * and in who counts for them.
 */

#ifndef VEDETTE_ALERT_FACTS_H
#define VEDETTE_ALERT_FACTS_H

#include "alert/memo.h"
#include "json/doc.h"
#include "model/alert_data.h"
#include "model/feedback.h"
#include "util/timeutil.h"

/* What can set off a rule. */
enum cause {
    CAUSE_NEW = 1 << 0,        /* the first event of an issue */
    CAUSE_EVENT = 1 << 1,      /* an event */
    CAUSE_TAG = 1 << 2,        /* a value of a tag that the project had not */
    CAUSE_COUNT = 1 << 3,      /* a counter that has changed */
    CAUSE_REGRESSED = 1 << 4,  /* from here on: the issue's history */
    CAUSE_REAPPEARED = 1 << 5, /* archived, and back or escalating */
    CAUSE_RESOLVED = 1 << 6,
    CAUSE_ASSIGNED = 1 << 7,
    CAUSE_COMMENT = 1 << 8,
    CAUSE_PRIORITY = 1 << 9, /* raised to high */
    CAUSE_PROJECT = 1 << 10, /* about no issue: silence, quota, delay */
    CAUSE_FEEDBACK = 1 << 11 /* somebody wrote */
};

#define CAUSES_OF_EVENTS (CAUSE_NEW | CAUSE_EVENT | CAUSE_TAG)

/* What the condition that decided has measured; for the notice. */
struct measured {
    const struct alert_node *node; /* NULL: nothing decided by itself */
    double value;
    double threshold;
    int64_t window; /* seconds; 0: no window */
    double usual;   /* what the value is compared with, if it is */
};

struct facts;

/* Counts for an issue in [from, to), in the environments of the rule. */
typedef enum status (*facts_count)(struct facts *f, enum alert_unit unit,
                                   int64_t from, int64_t to, int64_t *out);

struct facts {
    struct arena *a;
    struct db *db; /* NULL: nothing can be fetched */

    unsigned causes;
    int64_t at;    /* µs, a whole minute */
    int64_t exact; /* µs, of history: when; 0: some time in that minute */
    bool past;     /* it is replayed: the issue's row is of a later time */
    int64_t organization_id;
    int64_t project_id;
    int64_t issue_id;
    bool is_new; /* the issue is, or in the rule's environment */
    const struct alert_tag *tag; /* of CAUSE_TAG */
    struct str comment;          /* of CAUSE_COMMENT */
    double waiting; /* of CAUSE_PROJECT: seconds, the oldest in the queue */

    const struct batch_event *ev;    /* NULL: none is known */
    const struct alert_issue *issue; /* facts_issue() */
    struct json *doc;                /* facts_doc() */
    bool doc_read;
    struct memo *memo; /* NULL: what is asked is asked each time */

    /* the rule's, while it is evaluated */
    const struct str *environments;
    size_t nenvironments;
    int64_t match; /* of its tag filters: what ALERT_MATCHES counts by */

    facts_count count; /* NULL: counting comes later */
    void *counter;     /* for count */

    struct measured measured;
    enum status st; /* the first thing that could not be fetched */
};

/* The issue's row; NULL when it is gone or there is none. */
const struct alert_issue *facts_issue(struct facts *f);

/* The issue's priority at that time, and before it was last changed. */
void facts_priority(struct facts *f, int *now, int *before);

/* What happened is this message; filters look at it as at an event. */
void facts_feedback(struct facts *f, const struct feedback *fb);

/* The event's body; NULL when it is gone. */
const struct json *facts_doc(struct facts *f);

struct str facts_latest_release(struct facts *f);

/*
 * The release against the one of the environment that was adopted last: < 0
 * older, 0 the same, > 0 newer.  False when there is no such release.
 */
bool facts_against_adopted(struct facts *f, struct str environment,
                           struct str version, int *side);

/* The project's latest deploy, µs; environment "": any.  0: none in 31 days. */
int64_t facts_deploy(struct facts *f, struct str environment);

/* Sessions of the project in the last whole hour that began before at. */
int64_t facts_sessions(struct facts *f, int64_t at);

/* Decompresses and parses a body; NULL when it cannot be read. */
struct json *facts_unpack(struct db *db, struct arena *a, struct str body);

/* 00:00 is minute 0 of Monday; by the rules of a time zone ("Europe/Riga"). */
int zone_week_minute(struct str zone, int64_t us);

#endif
