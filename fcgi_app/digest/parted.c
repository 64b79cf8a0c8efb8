/*
 * The words of an issue say more than the columns of its events (functions,
 * files, messages), so a body is understood once more; it was stored in order
 * and scrubbed, so that neither is done again.
 */

#include "digest/parted.h"

#include "digest/event.h"
#include "digest/stacks.h"
#include "model/body.h"
#include "model/issue_merge.h"


/* The null str when the body cannot be read. */
static struct str
words_of(struct db *db, struct arena *a, struct str packed)
{
    struct event ev = { .doc = NULL };
    struct str text;

    if (body_unpack(db, a, packed, &text) != ST_OK
        || json_parse(a, text, NULL, &ev.doc, NULL) != ST_OK
        || !json_is(ev.doc, JSON_T_OBJECT)) {
        return STR_NULL;
    }
    stacks_build(a, &ev);
    event_facts(a, &ev);
    return ev.search;
}


enum status
parted_step(struct db *db, struct arena *a, struct job *job)
{
    struct issue_parted parted[2];
    enum status st = issue_split_step(db, a, job);

    if (st != ST_OK || job->state != JOB_DONE) {
        return st;
    }
    st = issue_parted_bodies(db, a, job, parted);
    for (size_t i = 0; st == ST_OK && i < 2; i++) {
        struct str words = str_null(parted[i].body)
                               ? STR_NULL
                               : words_of(db, a, parted[i].body);

        if (words.n > 0) {
            st = issue_parted_words(db, a, parted[i].issue_id, words);
        }
    }
    return st;
}
