/*
 * alert/memo.h - what was asked about a project, remembered for as long as an
 * arena lives: a batch, a turn or a rehearsal asks once, not for each event.
 *
 * An answer holds for a span of time, because a rehearsal goes through the
 * past.
 */

#ifndef VEDETTE_ALERT_MEMO_H
#define VEDETTE_ALERT_MEMO_H

#include "util/str.h"

enum memo_kind { MEMO_LATEST, MEMO_ADOPTED, MEMO_DEPLOY, MEMO_SESSIONS };

struct memo_entry {
    enum memo_kind kind;
    int64_t project_id;
    struct str key; /* what else was asked with */
    int64_t from;   /* µs: it holds in [from, to) */
    int64_t to;
    int64_t n; /* the answer */
    struct str text;
    struct memo_entry *next;
};

struct memo;

struct memo *memo_new(struct arena *a);

/* NULL when it was not asked before; memo may be NULL. */
const struct memo_entry *memo_find(const struct memo *memo, enum memo_kind kind,
                                   int64_t project_id, struct str key,
                                   int64_t at);

/* Texts are copied. */
void memo_add(struct memo *memo, const struct memo_entry *entry);

#endif
