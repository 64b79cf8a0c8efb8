/*
 * queue/access.h - who may do what in Redis: a user for each part.
 *
 * With the setting redis.users each part signs in to Redis as a user of its
 * own, vedette_PART, whose rights are a row of the table in access.c.  The
 * setting names a file with a line for each part of this machine,
 *
 *     PART SP PASSWORD
 *
 * which is read at each connection, so that a changed password holds without a
 * restart.  Without the setting all parts are one user, as redis.password says.
 *
 * The parts: edge, spool, worker, web, and admin, which is every other command.
 * The edge is told in nginx.conf.
 */

#ifndef VEDETTE_QUEUE_ACCESS_H
#define VEDETTE_QUEUE_ACCESS_H

#include <stdbool.h>
#include <stdio.h>

#include "util/arena.h"
#include "util/str.h"

#define REDIS_USER_PREFIX "vedette_"

/* The sub-command that this process is. */
void redis_part_set(const char *command);

/*
 * As whom this process signs in: false without redis.users; ST_FAILED when its
 * file cannot be read or has no line for this part, which has been logged.
 */
enum status redis_user(struct arena *a, bool *any, struct str *user,
                       struct str *password) MUST_CHECK;

/* A new file of passwords, a line for each part. */
void redis_users_print(FILE *out, struct arena *a);

/*
 * The users that the file of passwords names, as lines of Redis' aclfile: the
 * hash of the password, then the rights; and the default user, switched off.
 */
enum status redis_acl_print(FILE *out, struct arena *a) MUST_CHECK;

#endif
