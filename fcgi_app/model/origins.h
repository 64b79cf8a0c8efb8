/*
 * model/origins.h - which web pages may send with a project's keys
 * (protocol.md §1, §6.3).
 *
 * Patterns of origins, a line each: [scheme://]domain[:port], "*" for any part
 * and "*.example.org" for a domain with all below it.  "*" alone lets any page
 * send, as a project does that has set nothing; no pattern at all lets none.
 * What comes without an origin, from a server, is never held against them.
 *
 * The edge holds to them within two seconds.
 */

#ifndef VEDETTE_MODEL_ORIGINS_H
#define VEDETTE_MODEL_ORIGINS_H

#include "db/db.h"
#include "model/audit.h"
#include "model/project.h"
#include "queue/redis.h"

#define ORIGINS_SETTING "origins.allowed" /* of a project: the lines */

/* Bytes of all lines; the edge has room for as many. */
#define ORIGINS_MAX ((size_t) 8192)

/* The patterns, one a line; "*" when nothing is set. */
enum status origins_of(struct db *db, struct arena *a,
                       const struct project *project,
                       struct str *lines) MUST_CHECK;

/*
 * Stores them and publishes them.  Empty lines and white space at the ends are
 * left out.  ST_INVALID: *wrong is the line that is no pattern, or the null
 * str when they are too many.
 */
enum status origins_save(struct db *db, struct redis *r, struct arena *a,
                         const struct actor *by, const struct project *project,
                         struct str lines, struct str *wrong) MUST_CHECK;

#endif
