/*
 * model/health.h - how an installation is, for its administrator.
 *
 * Pages work behind the wall (sql/0013) and see one organisation at a time.
 * So the chores of "vedette worker" look at the whole every 15 s and leave
 * what they saw in Redis, as JSON, for three minutes; pages read that, and ask
 * Redis itself for what waits and who lives.
 *
 *     at, digested_at             µs
 *     accepted                    events of this hour and the one before
 *     database    version migration size connections partitions oldest newest
 *     tables []   name bytes indexes rows dead vacuumed_at
 *     chores []   name every ran_at took failures           (µs; cmd/chores.h)
 *     disk        free size hours used db_grown full_at
 *                 of the attachments' folder (model/disk.h)
 *     channels    sent failed resting host why
 *                 of the last day's notifications
 *     waiting     notices notices_since jobs jobs_since failed kind
 *                 (due; jobs that failed in the last day, and the latest's
 * kind) pending []  names of migrations that the database lacks cleanup
 * running_since finished_at events bytes next_at replication copies streaming
 * hidden behind lag idle_slots held (bytes and µs; hidden: their state is not
 * told to us) certificates []  url until why   of the addresses of the settings
 *     pulse       every since tried_at code why edge_took failures sent_at
 *                 stored_at slowest   (cmd/chore_pulse.h; none: switched off)
 */

#ifndef VEDETTE_MODEL_HEALTH_H
#define VEDETTE_MODEL_HEALTH_H

#include "db/db.h"
#include "json/doc.h"
#include "queue/redis.h"

/* Adds what PostgreSQL knows. */
enum status health_survey(struct db *db, struct arena *a,
                          struct json *report) MUST_CHECK;

enum status health_store(struct redis *r, struct arena *a,
                         const struct json *report) MUST_CHECK;

/* ST_NOT_FOUND: nobody has looked for three minutes. */
enum status health_read(struct redis *r, struct arena *a,
                        struct json **out) MUST_CHECK;

#endif
