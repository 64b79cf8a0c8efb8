/*
 * model/beside.h - what an issue page shows beside an event: the files that
 * came with it, and what users told of its issue.  One statement for both.
 */

#ifndef VEDETTE_MODEL_BESIDE_H
#define VEDETTE_MODEL_BESIDE_H

#include "model/attachment.h"
#include "model/issue.h"

#define BESIDE_REPORTS 5

/* One report or message; all of it is a stranger's. */
struct told {
    int64_t id; /* of feedback */
    struct str who;
    struct str message;
    int64_t at;
};

struct beside {
    struct attachment *files; /* at most ATTACHMENT_LIST_MAX */
    size_t nfiles;
    struct told *told; /* the newest ones; no spam */
    size_t ntold;
    bool more; /* has been told than that */
};

/* event_id: 32 hex digits; the null str: reports only.  hash is not filled. */
enum status beside_list(struct db *db, struct arena *a, const struct issue *is,
                        struct str event_id, struct beside *out) MUST_CHECK;

#endif
