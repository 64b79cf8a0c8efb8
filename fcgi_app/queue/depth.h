/*
 * queue/depth.h - how many requests wait, for scripts that Redis runs.
 *
 * XLEN counts entries, of which each may have several requests, and people want
 * to know of events.  Nobody counts them as they come and go: it would be one
 * more command for each.  So a script looks at the oldest and at the newest
 * entries of KEYS[1], DEPTH_EACH of either, or fewer when they are large.  When
 * that is all of them, it has counted; else what it says is the number of
 * entries times what these have on average.  Their bodies stay in Redis.
 *
 *     requests(fields)  of one entry, as it stands in the reply to XRANGE
 *     depth()           how many wait, and the id of the oldest or nil
 *
 * A user of before who may not read backwards knows the oldest ones only.
 */

#ifndef VEDETTE_QUEUE_DEPTH_H
#define VEDETTE_QUEUE_DEPTH_H

#include "queue/message.h"

#define DEPTH_EACH "8"
#define DEPTH_BYTES "1048576" /* of either end, about */

#define DEPTH_TEXT_OF(number) #number
#define DEPTH_TEXT(number) DEPTH_TEXT_OF(number)
#define DEPTH_SEVERAL_MAX DEPTH_TEXT(VEDETTE_SEVERAL_MAX)

/* One that is broken, or of a version that is not known, is one request. */
#define DEPTH_REQUESTS                                                         \
    "local function requests(fields) "                                         \
    "  local v, at, n = '', 2, 0 "                                             \
    "  for k = 1, #fields, 2 do "                                              \
    "    if fields[k] == '" VEDETTE_F_VERSION "' then v = fields[k + 1] end "  \
    "  end "                                                                   \
    "  while string.sub(v, 1, 1) == '" VEDETTE_MESSAGE_VERSION_SEVERAL         \
    "' and n < " DEPTH_SEVERAL_MAX " do "                                      \
    "    local length, from = "                                                \
    "string.match(v, '^(%d%d?%d?%d?%d?%d?):()', at) "                          \
    "    if not length then break end "                                        \
    "    at, n = from + length, n + 1 "                                        \
    "  end "                                                                   \
    "  return n > 0 and n or 1 "                                               \
    "end "

#define DEPTH                                                                  \
    DEPTH_REQUESTS                                                             \
    "local function look(command, at, to, most) "                              \
    "  local n, sum, bytes, first = 0, 0, 0 "                                  \
    "  while n < most and bytes < " DEPTH_BYTES " do "                         \
    "    local e = redis.pcall(command, KEYS[1], at, to, 'COUNT', 1)[1] "      \
    "    if not e then break end "                                             \
    "    n, sum, at = n + 1, sum + requests(e[2]), '(' .. e[1] "               \
    "    first = first or e[1] "                                               \
    "    for k = 2, #e[2], 2 do bytes = bytes + #e[2][k] end "                 \
    "  end "                                                                   \
    "  return n, sum, first "                                                  \
    "end "                                                                     \
    "local function depth() "                                                  \
    "  local all = redis.call('XLEN', KEYS[1]) "                               \
    "  local n, sum, first = "                                                 \
    "look('XRANGE', '-', '+', math.min(" DEPTH_EACH ", all)) "                 \
    "  local m, more = "                                                       \
    "look('XREVRANGE', '+', '-', math.min(" DEPTH_EACH ", all - n)) "          \
    "  if n == 0 then return 0 end "                                           \
    "  return math.floor(all * (sum + more) / (n + m) + 0.5), first "          \
    "end "

#endif
