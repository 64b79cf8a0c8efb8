/*
 * page/guide.h - how each platform is set up, and events to try with.
 *
 * A guide is a row of the table in guide.c and a file of templates/setup: lines
 * "install: …" and "file: …", an empty one, and the code.  In both kinds of
 * file {{DSN}}, {{URL}}, {{PROJECT}}, {{KEY}}, {{RELEASE}} and {{ID}} are
 * replaced.
 */

#ifndef VEDETTE_PAGE_GUIDE_H
#define VEDETTE_PAGE_GUIDE_H

#include "model/project_key.h"
#include "web/http.h"

struct guide {
    const char *id; /* as other tools call the platform */
    const char *name;
    const char *group; /* guides of a group follow one another */
};

extern const struct guide guides[];
extern const size_t guides_count;

/* That of exactly this id, or of the platform of a project; never NULL. */
const struct guide *guide_find(struct str id);

/* Sets Guide and the list Groups; key NULL: none is on, so no code. */
enum status guide_fill(struct request *rq, struct response *rs,
                       const struct guide *guide,
                       const struct project_key *key) MUST_CHECK;

struct sample {
    const char *id; /* templates/sample/ID.json */
    const char *name;
};

extern const struct sample samples[];
extern const size_t samples_count;

/* The event as JSON; ST_NOT_FOUND: there is no such sample. */
enum status sample_read(struct request *rq, struct str id,
                        const struct project_key *key, struct str event_id,
                        struct str *body) MUST_CHECK;

#endif
