/*
 * digest/grouping_preview.h - what other rules would do to events that are
 * here: which issues would become one, and which would come apart.
 *
 * Each event is grouped twice, by the rules of now and by the draft.  What an
 * issue was merged or split by hand does not show: only what the draft changes
 * is told.
 */

#ifndef VEDETTE_DIGEST_GROUPING_PREVIEW_H
#define VEDETTE_DIGEST_GROUPING_PREVIEW_H

#include "digest/grouping.h"

#define PREVIEW_EVENTS 1000

/* Of each kind; *_count tells how many there are. */
#define PREVIEW_SHOWN 50

/* Issues whose events the draft would put together. */
struct preview_join {
    int64_t *issues; /* by id */
    size_t n;        /* two at least */
    size_t events;
};

/* An issue whose events the draft would put into several. */
struct preview_split {
    int64_t issue;
    size_t *events; /* of each part, the largest first */
    size_t n;       /* more than now */
};

struct preview_result {
    size_t events; /* looked at */
    size_t moved;  /* that have another hash by the draft */
    struct preview_join *joins;
    size_t njoins;
    size_t join_count;
    struct preview_split *splits;
    size_t nsplits;
    size_t split_count;
};

struct preview;

/* Either may be NULL: the built-in rules alone. */
struct preview *preview_new(struct arena *a, const struct grouping *now,
                            const struct grouping *draft);

/*
 * Takes an event as it is stored (protocol.md §7), which the rules change; a
 * belongs to this call.  Those over PREVIEW_EVENTS are left out.
 */
void preview_add(struct preview *p, struct arena *a, int64_t issue,
                 struct json *doc);

struct preview_result preview_result(struct preview *p);

#endif
