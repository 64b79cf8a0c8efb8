/*
 * util/stage.h - which part of the work the CPU's time goes to.
 *
 * The digest says where it is: stage(STAGE_PARSE).  Unless VEDETTE_STAGES is
 * in the environment that is a look at a flag.  With it the process reads its
 * CPU clock there, takes off what that costs, and its last line in the log is
 * what tests/bench/digest reads: "stages: parse 123456 us, …".
 *
 * Rejected: a profiler.  It knows functions, not stages, and half of them
 * (memory, text, JSON) are everybody's.
 */

#ifndef VEDETTE_UTIL_STAGE_H
#define VEDETTE_UTIL_STAGE_H

#include <stdbool.h>

enum stage {
    STAGE_REST,
    STAGE_QUEUE,     /* reading and acknowledging */
    STAGE_UNPACK,    /* encodings and envelopes */
    STAGE_PARSE,     /* JSON */
    STAGE_NORMALISE, /* and what columns, tags and searches take */
    STAGE_FILTER,
    STAGE_SCRUB,
    STAGE_GROUP,
    STAGE_PACK, /* the body, for the database */
    STAGE_STORE,
    STAGES
};

extern bool stage_wanted;

/* Once, before the others. */
void stage_begin(void);

void stage_change(enum stage to);

/* What they took, into the log. */
void stage_end(void);

/* From here on. */
static inline void
stage(enum stage to)
{
    if (stage_wanted) {
        stage_change(to);
    }
}

#endif
