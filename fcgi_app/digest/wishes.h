/*
 * digest/wishes.h - what each project wants of its digest, kept for a moment.
 *
 * Read from the database once for all projects of a batch and believed for
 * WISHES_US, so that a change holds within seconds and a batch costs at most
 * one statement.
 */

#ifndef VEDETTE_DIGEST_WISHES_H
#define VEDETTE_DIGEST_WISHES_H

#include "db/db.h"
#include "digest/filter.h"
#include "digest/grouping.h"
#include "digest/item.h"
#include "digest/ownership.h"
#include "digest/scrub.h"
#include "queue/queue.h"

#define WISHES_US (2 * US_PER_SECOND)

struct wishes;

struct wishes *wishes_new(void);
void wishes_free(struct wishes *w);

/*
 * Knows the projects of these messages afterwards, and has put the messages
 * into the organisations where their projects are now: an edge knows of a
 * move two seconds later.  ST_RETRY: database away.
 */
enum status wishes_refresh(struct wishes *w, struct db *db, struct message *m,
                           size_t n) MUST_CHECK;

/* All is asked for anew at the next refresh. */
void wishes_forget(struct wishes *w);

/* Never NULL: of a project that has set nothing, the defaults. */
const struct filters *wishes_filters(const struct wishes *w,
                                     int64_t project_id);

/* Its own rules; NULL: it has none. */
const struct grouping *wishes_grouping(const struct wishes *w,
                                       int64_t project_id);

/* NULL: it has no ownership rules. */
const struct ownership *wishes_owners(const struct wishes *w,
                                      int64_t project_id);

/* NULL: the defaults. */
const struct scrub_settings *wishes_scrub(const struct wishes *w,
                                          int64_t project_id);

struct attachment_wish wishes_attachments(const struct wishes *w,
                                          int64_t project_id);

/* Whether bodies may be left out of issues that flood. */
bool wishes_sampling(const struct wishes *w, int64_t project_id);

/* What its bodies are packed with (model/body.h). */
int32_t wishes_dictionary(const struct wishes *w, int64_t project_id);

#endif
