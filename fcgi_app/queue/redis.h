/*
 * queue/redis.h - Redis for the back end: one blocking connection.
 *
 * There may be several servers (redis.shards).  Each has a stream of events and
 * the records of all keys; everything else is on the first one, which is what
 * "redis" means wherever nothing is said.
 *
 * Opened on first use, reopened after it broke; connecting takes 2 s at most.
 * A reply belongs to the arena.  ST_RETRY: not reachable or cut (the command
 * may have been carried out); ST_FAILED: Redis answered with an error, which
 * has been logged.
 */

#ifndef VEDETTE_QUEUE_REDIS_H
#define VEDETTE_QUEUE_REDIS_H

#include <hiredis/hiredis.h>

#include "util/arena.h"
#include "util/str.h"

struct redis;

/* Where it is comes from the settings redis.*. */
struct redis *redis_new(void);
void redis_free(struct redis *r);

/* How many servers there are: 1, and those of redis.shards. */
size_t redis_servers(void);

/*
 * The connection to server i, which r's first one keeps; 0 is the first.  One
 * that could not be reached is not tried again for a second.
 */
struct redis *redis_server(struct redis *r, size_t i);

/* Which one this is. */
size_t redis_number(const struct redis *r);

/*
 * The id of an entry, told from an equal one on another server: "1700-0", or
 * "1700-0@2".  For what the database and people are told of it.
 */
struct str redis_entry(struct arena *a, const struct redis *r, struct str id);

/* How long a reply may take, in ms; default 5000.  For blocking reads. */
void redis_timeout(struct redis *r, int ms);

/*
 * One command of n words with lengths.  reply may be NULL.
 *
 *     redis_command(r, a, &reply, REDIS_WORDS(STR("GET"), key));
 */
enum status redis_command(struct redis *r, struct arena *a, redisReply **reply,
                          const struct str *words, size_t n) MUST_CHECK;

#define REDIS_WORDS(...)                                                       \
    ((const struct str[]){ __VA_ARGS__ }),                                     \
        (sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

/*
 * Several commands in one write; replies[i] for each that is asked for.  The
 * first error of all is returned and logged, after all replies were read; on
 * ST_RETRY, replies has those that came before the connection was lost.
 */
struct redis_batch {
    const struct str *words;
    size_t n;
};

enum status redis_pipeline(struct redis *r, struct arena *a,
                           const struct redis_batch *commands, size_t n,
                           redisReply **replies) MUST_CHECK;

/* A string or status reply; the null str for anything else. */
struct str redis_text(const redisReply *reply);

/* An integer reply, or a string that is one; 0 for anything else. */
int64_t redis_i64(const redisReply *reply);

#endif
