/*
 * queue/message.h - the whole contract between the edge and the back end.
 *
 * The nginx module includes this file and no other file of fcgi_app; the two
 * sides are upgraded separately, so whatever either of them reads from Redis
 * is named here.  Nothing below is renamed or given another meaning without
 * raising VEDETTE_MESSAGE_VERSION, and a worker understands the version
 * before its own.
 *
 * Sections: the event stream, large bodies, the key records, quotas, outcomes,
 * processes, the spool, live pages, near misses, brakes, the pulse, ends of
 * events.
 */

#ifndef VEDETTE_QUEUE_MESSAGE_H
#define VEDETTE_QUEUE_MESSAGE_H


/*
 * There may be several servers, in an order that both sides are told.  An entry
 * of the stream, with what belongs to it (1, 1a), is on server n of them:
 * n = crc32(public key) % number; readers read all.  The counters of quotas (3)
 * are on the one of their organisation, id % number.  Key records and their
 * version (2) are on each.  Processes (5) write to each, and are read from the
 * first, which has everything else.
 */


/*
 * 1. The event stream.  One entry is one accepted HTTP request, its body as it
 * came over the wire, in its content coding.  Written by XADD with id "*";
 * never trimmed by length: an entry goes when the worker has acknowledged it
 * (XACK and XDEL in one MULTI) or has copied it to the dead-letter stream.
 */

#define VEDETTE_MESSAGE_VERSION "1"
#define VEDETTE_MESSAGE_VERSION_APART "2"   /* its body is apart, see 1a */
#define VEDETTE_MESSAGE_VERSION_PACKED "3"  /* fields may follow, see below */
#define VEDETTE_MESSAGE_VERSION_LZ4 "4"     /* as 3; its body is packed, too */
#define VEDETTE_MESSAGE_VERSION_SEVERAL "5" /* several requests, see below */

#define VEDETTE_STREAM "vedette:events"
#define VEDETTE_STREAM_DEAD "vedette:events:dead"

/*
 * A hash: bytes of all dead letters; how many have "gone" to make room since
 * there were none; "whole" when those are in it that were buried before there
 * was such a hash; "full", since when in µs, while an entry finds no room.  It
 * goes with the last letter.
 */
#define VEDETTE_DEAD_SUMS "vedette:events:dead:sums"
#define VEDETTE_GROUP "digest"

/*
 * Field names of an entry.  A field whose value would be empty may be left
 * out; a reader ignores fields it does not know.
 *
 * The endpoints, and what their body is:
 *
 *     envelope     an envelope
 *     store        an event: JSON, or base64 of it, or base64 of zlib of it
 *     security     a report of a browser, or an array of reports
 *     nel          the same, of Network Error Logging
 *     minidump     multipart/form-data; or a minidump, if the content type is
 *                  application/octet-stream or application/x-dmp
 *     unreal       a crash of the Unreal Engine
 *     attachments  multipart/form-data, each file an attachment of the event
 *     cron         a check-in as JSON; or nothing, and the query has it.  The
 *                  parameter is the slug of the monitor
 *     otlp_traces, otlp_logs   by content type, JSON or protobuf
 *
 * The headers are origin, referer and sec-ch-ua…, in lower case.  Positions are
 * those of items of an envelope, or of parts of a multipart body, from 0 on,
 * that a limit has dropped and an outcome has recorded.
 */
#define VEDETTE_F_VERSION "v"  /* VEDETTE_MESSAGE_VERSION */
#define VEDETTE_F_ENDPOINT "e" /* see above */
#define VEDETTE_F_ORG "o"      /* organisation id, decimal */
#define VEDETTE_F_PROJECT "p"  /* project id, decimal */
#define VEDETTE_F_KEY "k"      /* id of the project key, decimal */
#define VEDETTE_F_EVENT_ID "i" /* 32 hex: the id the client was told */
#define VEDETTE_F_RECEIVED "t" /* µs since 1970 UTC, decimal */
#define VEDETTE_F_ENCODING "c" /* "" gzip deflate br zstd lz4, lower case */
#define VEDETTE_F_TYPE "y"     /* Content-Type, as sent */
#define VEDETTE_F_CLIENT "n"   /* sentry_client of the credentials */
#define VEDETTE_F_ADDR "a"     /* client address, textual */
#define VEDETTE_F_AGENT "u"    /* User-Agent */
#define VEDETTE_F_PARAM "s"    /* parameter of the path, as sent */
#define VEDETTE_F_QUERY "q"    /* raw query, credentials taken out */
#define VEDETTE_F_HEADERS "h"  /* "name: value\n", more than one: see above */
#define VEDETTE_F_DROP "x"     /* positions, comma separated: see above */
#define VEDETTE_F_BODY "d"     /* the body */
#define VEDETTE_F_SIZE "z"     /* bytes of a body that is apart, decimal */

/*
 * Redis takes its time for each word of a command, and again for each word of
 * an entry that it writes to a file or gives to a reader, however short.  So an
 * edge puts all fields behind the version, in its value: for each its name,
 * which is one byte, the length of its value in decimal, ':', the value.
 * "3o1:7d3:abc" is version 3 with the field o, "7", and the body, "abc".  A
 * body that is too long for that, and each of an edge of before, is a field
 * beside.  Who takes such an entry further may spell the fields out.
 */
#define VEDETTE_PACKED_MAX 999999 /* bytes of one of the values */

/*
 * What comes in one turn of an edge's loop is mostly small, and an entry of its
 * own costs Redis more than such a request does.  So several may share one,
 * that of version 5, whose only field is the version.  Behind the 5 stands for
 * each request its own version field's value, which is of version 3 or 4 and
 * has its body in it, after the length in decimal and ':'.
 * "59:3o1:7d1:a11:3o1:9d3:abc" are two.  They may be of any projects and keys.
 * The entry is acknowledged as one; who cannot store one of them gives each an
 * entry of its own (queue.h).
 */
#define VEDETTE_SEVERAL_MAX 64            /* requests */
#define VEDETTE_SEVERAL_BYTES (64 * 1024) /* of the value, about */

/*
 * What the edge itself has packed, a body that came without a coding: its
 * length in four bytes, the lowest first, then one LZ4 block.  No client may
 * send that.
 */
#define VEDETTE_ENCODING_LZ4 "lz4"

/*
 * Added to a dead letter, beside the fields of the entry itself.
 */
#define VEDETTE_F_DEAD_ID "dead_id"         /* its id in the stream */
#define VEDETTE_F_DEAD_REASON "dead_reason" /* one line, no payload */
#define VEDETTE_F_DEAD_AT "dead_at"         /* µs since 1970 UTC */


/*
 * 1a. Large bodies.  One of more than VEDETTE_BODY_INLINE bytes would make the
 * stream, and everybody who reads it, swell.  It comes before its entry, one
 * piece at a time, so that neither side ever has more of it in memory:
 *
 *     VEDETTE_BODY_PREFIX + name     a hash: field n is piece n, from 0 on;
 *                                    VEDETTE_BODY_PIECE bytes, the last fewer
 *
 * Until the entry is there, the name is 32 hex digits of chance, and the hash
 * expires VEDETTE_BODY_TTL seconds after its beginning: nobody needs to tidy
 * up after a sender that died.  The script that adds the entry renames it to
 * the entry's id, for good.  Whoever acknowledges the entry unlinks it; that
 * of a dead letter keeps its name, which is the letter's VEDETTE_F_DEAD_ID.
 *
 * VEDETTE_BODIES is a hash of what is under way or waits: name to bytes.  One
 * that would bring the sum above VEDETTE_BODIES_MAX is not begun, unless it is
 * the only one; the edge then gives it to the spool, whose replay waits.  So
 * Redis needs that much more memory than its stream, and no more.
 *
 * The three steps are scripts, each answered after Redis' fsync:
 *
 *     begin  KEYS: bodies, the hash.  ARGV: name, size, most, prefix, time to
 *            live, piece 0.  1: begun; 0: no room
 *     piece  KEYS: the hash.  ARGV: n, piece n.  1: taken; 0: it has expired
 *     end    KEYS: the hash, the stream, bodies.  ARGV: name, size, number of
 *            pieces, prefix, then the words of the entry.  Its id, or an error
 */

#define VEDETTE_BODY_INLINE (1024 * 1024)
#define VEDETTE_BODY_PIECE (256 * 1024)
#define VEDETTE_BODY_TTL 600
#define VEDETTE_BODIES_MAX (256 * 1024 * 1024)

#define VEDETTE_BODIES "vedette:bodies"
#define VEDETTE_BODY_PREFIX "vedette:body:"

#define VEDETTE_BODY_BEGIN                                                     \
    "local sum, all = 0, redis.call('HGETALL', KEYS[1]) "                      \
    "for i = 1, #all, 2 do "                                                   \
    "if redis.call('EXISTS', ARGV[4] .. all[i]) == 1 then "                    \
    "sum = sum + all[i + 1] "                                                  \
    "else redis.call('HDEL', KEYS[1], all[i]) end "                            \
    "end "                                                                     \
    "if sum > 0 and sum + ARGV[2] > tonumber(ARGV[3]) then return 0 end "      \
    "redis.call('HSET', KEYS[2], '0', ARGV[6]) "                               \
    "redis.call('EXPIRE', KEYS[2], ARGV[5]) "                                  \
    "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) "                           \
    "return 1"

#define VEDETTE_BODY_NEXT                                                      \
    "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end "                 \
    "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) "                           \
    "return 1"

#define VEDETTE_BODY_END                                                       \
    "if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[3]) then "                \
    "return redis.error_reply('ERR the body is not complete') end "            \
    "local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5)) "            \
    "redis.call('PERSIST', KEYS[1]) "                                          \
    "redis.call('RENAME', KEYS[1], ARGV[4] .. id) "                            \
    "redis.call('HDEL', KEYS[3], ARGV[1]) "                                    \
    "redis.call('HSET', KEYS[3], id, ARGV[2]) "                                \
    "return id"


/*
 * 2. Key records.  A hash per project key, under the public key; the back end
 * writes it, the edge reads it.  No record means: no such key.  A change of
 * any record increments VEDETTE_KEYS_VERSION in the same MULTI; an edge looks
 * at that number once a second and re-reads a record that it cached before
 * the number changed.
 */

#define VEDETTE_KEY_PREFIX "vedette:key:" /* + public key, 32 hex */
#define VEDETTE_KEYS_VERSION "vedette:keys:version"

#define VEDETTE_K_ORG "org" /* decimal ids */
#define VEDETTE_K_PROJECT "project"
#define VEDETTE_K_KEY "key"
#define VEDETTE_K_STATE "state" /* "on" or "off" */
#define VEDETTE_K_ORIGINS                                                      \
    "origins"                     /* patterns, space separated; absent: any    \
                                   */
#define VEDETTE_K_LIMITS "limits" /* lines, see 3; absent: none */


/*
 * 3. Quotas.  A line of VEDETTE_K_LIMITS has six words:
 *
 *     id scope window limit categories reason
 *
 * id: names the counter, [a-z0-9_]+ ("k12": the limit of key 12).  scope: key,
 * project or organization.  window: seconds.  limit: units a window, 0 refuses
 * all.  categories: joined by ';', or '*'.  reason: [a-z_]+.
 *
 * Fixed windows: slot = floor(now / window).  The counter is a string, raised
 * by INCRBY, that expires a minute after its window.  For a moment it may be
 * above the limit, by what somebody has found no room for and takes back.
 */

#define VEDETTE_QUOTA_PREFIX "vedette:quota:" /* + id ":" slot */


/*
 * 4. Outcomes that the edge alone knows of (refused or limited requests of a
 * known key).  A hash of counters raised by HINCRBY, gathered in shared memory
 * and sent about once a second; the worker renames it, adds it to the hourly
 * outcomes, deletes it.
 *
 *     field = hour ":" org ":" project ":" key ":" outcome ":" category
 *             ":" reason
 *
 * hour: hours since 1970 UTC.  outcome: rate_limited or invalid.  category
 * and reason: names of the protocol (error, transaction, …; key_quota, …).  A
 * reason may itself hold a colon (too_large:event).
 *
 * An edge sends a batch until it has an answer, under a name of its own that
 * it sets in the same script: a name that is there already has been counted.
 */

#define VEDETTE_OUTCOMES "vedette:outcomes"
#define VEDETTE_OUTCOMES_BATCH "vedette:outcomes:batch:" /* + name */


/*
 * Users, of whom events are: model/affected.h.  Behind it come the organisation
 * and ":h" hour or ":d" day.
 */

#define VEDETTE_USERS "vedette:users:"
#define VEDETTE_USERS_SINCE "vedette:users:since" /* µs */


/*
 * 5. Processes.  Each process keeps a hash under its kind, host and pid that
 * expires VEDETTE_PROC_TTL seconds after its last sign of life.
 */

#define VEDETTE_PROC_PREFIX "vedette:proc:" /* + kind ":" host ":" pid */
#define VEDETTE_PROC_TTL 15

#define VEDETTE_P_VERSION "version" /* of the program */
#define VEDETTE_P_STARTED "started" /* seconds since 1970 UTC */
#define VEDETTE_P_NOTE "note"       /* one line for people */
#define VEDETTE_P_SQL "sql"         /* lines of db/times.h */
#define VEDETTE_P_ERROR "error"     /* its last one, and when, in µs */
#define VEDETTE_P_ERROR_AT "error_at"
#define VEDETTE_P_RATE "rate" /* of an edge, see queue/rate.h */
#define VEDETTE_P_SPOOL                                                        \
    "spool" /* of a replay: bytes on the disk that are still                   \
               to be sent, and since when, in µs; 0: none */


/*
 * Edge nodes: a sorted set of "host:pid of the master" by the seconds since
 * 1970 UTC of the last sign of life, by Redis' clock.  Who has given none for
 * VEDETTE_EDGE_TTL seconds is taken out.  Its size is what a node divides
 * limits by while Redis is away.
 */

#define VEDETTE_EDGES "vedette:edges"
#define VEDETTE_EDGE_TTL 60


/*
 * 6. The spool.  What the edge accepts while Redis is away goes to a folder of
 * its disk; "vedette spool" sends it to the stream later, perhaps on another
 * machine.  The folder holds segments:
 *
 *     boot "-" pid "-" n ".seg"
 *
 * boot: the boot id of the machine, 32 hex digits, or zeros where there is
 * none.  pid: of the nginx worker that writes it.  n: the first number from 1
 * that is free.  The writer holds flock(LOCK_EX) on a segment; one without a
 * lock is sealed and never written again.  Names starting with a dot or ending
 * otherwise are no segments (a reader keeps its own notes there).
 *
 * A segment has its full size from the beginning (posix_fallocate, the rest
 * is zeros), but a reader takes its end from the file.  Numbers are unsigned
 * and little-endian; records begin at multiples of 8.
 *
 *     0     segment head
 *     4096  copy of the segment head
 *     8192  record, record, …, perhaps an end record; zeros
 *
 * Segment head, 64 bytes          Record head, 64 bytes
 *     0  8  "VEDSPOOL"                0  4  "VREC"
 *     8  2  version: 1                4  2  version: 1
 *    10  6  zero                      6  2  flags: 1 end record
 *    16  8  bytes of the segment      8  8  the segment's nonce
 *    24  8  nonce                    16  4  number in the segment: 0, 1, 2, …
 *    32  8  µs since 1970 UTC        20  4  bytes of payload
 *    40 20  zero                     24  8  received, µs since 1970 UTC
 *    60  4  CRC32C of 0…59           32  8  project id
 *                                    40 16  event id
 *                                    56  4  CRC32C of the payload
 *                                    60  4  CRC32C of 0…59
 *
 * The payload follows the record head, then zeros to the next multiple of 8:
 * the number of words as 4 bytes, then for each word its length as 4 bytes and
 * its bytes.  The words are the fields and values of a stream entry (section
 * 1) as XADD gets them after the id.
 *
 * The nonce is random.  After damage a reader looks for the next record head;
 * one that an attacker has put into a body does not know the nonce.
 *
 * A record counts when fdatasync has returned success after it was written.
 * When that fails, the segment gets no further records.  An end record has the
 * number of records as its number and no payload; it is written when a segment
 * is full or no longer needed.  Without one the last records may be torn.
 */

#define VEDETTE_SPOOL_SUFFIX ".seg"
#define VEDETTE_SPOOL_VERSION 1
#define VEDETTE_SPOOL_MAGIC "VEDSPOOL"
#define VEDETTE_SPOOL_RECORD_MAGIC "VREC"
#define VEDETTE_SPOOL_END 1 /* flag */

#define VEDETTE_SPOOL_HEAD 64 /* bytes of either head */
#define VEDETTE_SPOOL_COPY 4096
#define VEDETTE_SPOOL_FIRST 8192
#define VEDETTE_SPOOL_ALIGN 8

/* Usual size; a larger record gets a larger segment. */
#define VEDETTE_SPOOL_SEGMENT (64 * 1024 * 1024)

/* Bounds that a reader checks before it believes a length. */
#define VEDETTE_SPOOL_PAYLOAD_MAX (1024 * 1024 * 1024)
#define VEDETTE_SPOOL_WORDS_MAX 128

/* Offsets in the heads. */
#define VEDETTE_SPOOL_S_VERSION 8
#define VEDETTE_SPOOL_S_SIZE 16
#define VEDETTE_SPOOL_S_NONCE 24
#define VEDETTE_SPOOL_S_CREATED 32
#define VEDETTE_SPOOL_R_VERSION 4
#define VEDETTE_SPOOL_R_FLAGS 6
#define VEDETTE_SPOOL_R_NONCE 8
#define VEDETTE_SPOOL_R_NUMBER 16
#define VEDETTE_SPOOL_R_LENGTH 20
#define VEDETTE_SPOOL_R_RECEIVED 24
#define VEDETTE_SPOOL_R_PROJECT 32
#define VEDETTE_SPOOL_R_EVENT_ID 40
#define VEDETTE_SPOOL_R_PAYLOAD_CRC 56
#define VEDETTE_SPOOL_CRC 60 /* of either head */


/*
 * 7. Live pages.  What a commit has changed, for browsers that wait for it at
 * the edge: entries of a short stream, field VEDETTE_LIVE_CHANGES, a line for
 * each project:
 *
 *     org SP project SP events SP new-issues [SP issue:events[,issue:events…]]
 *
 * The issues are some of those that got events, not always all.  It is a hint:
 * written about twice a second at most, and only as long as Redis answers.
 *
 * Who may listen has a ticket, 32 hex digits, which vedette web has made: a
 * string that expires after VEDETTE_LIVE_TICKET_TTL seconds, with the words
 * org, project, project, ….
 */

#define VEDETTE_LIVE "vedette:live"
#define VEDETTE_LIVE_CHANGES "d"
#define VEDETTE_LIVE_KEEP 1000                     /* entries, about */
#define VEDETTE_LIVE_TICKET "vedette:live:ticket:" /* + ticket */
#define VEDETTE_LIVE_TICKET_TTL 600


/*
 * 8. Near misses.  Requests that named a project and were refused, newest
 * first: a list of VEDETTE_MISSES_LAST + 1 entries at most, that is gone
 * VEDETTE_MISSES_TTL seconds after the last of them.  An entry has words:
 *
 *     seconds SP project SP reason SP address SP [origin]
 *
 * seconds: since 1970 UTC.  The project is the one that was asked for, which
 * need not exist.  reason: key_unknown, key_off, key_other_project, or the
 * name of a verdict (cors, public_key, …).  The origin is printable ASCII of
 * VEDETTE_MISS_ORIGIN bytes at most.  It is a hint: not each is told.
 */

#define VEDETTE_MISSES "vedette:misses"
#define VEDETTE_MISSES_LAST "499"
#define VEDETTE_MISSES_TTL "3600"
#define VEDETTE_MISS_ORIGIN 200


/*
 * 9. Brakes.  Strings that are there while an administrator has stopped the
 * digest, or closed the edge; workers and edges look once a second.  An edge
 * answers 503 with Retry-After: VEDETTE_BRAKE_RETRY meanwhile.  The value has
 * words:
 *
 *     microseconds since 1970 UTC SP who
 */

#define VEDETTE_BRAKE_DIGEST "vedette:brake:digest"
#define VEDETTE_BRAKE_EDGE "vedette:brake:edge"
#define VEDETTE_BRAKE_RETRY "60"


/*
 * 10. The pulse: the installation's own event, which the back end sends to an
 * edge now and then, to see it arrive.  Its key, which is random and has a
 * record as any other (2) but an end, is of organisation 0 and of a project
 * that can never be.  To an edge it is an event as any other.
 */

#define VEDETTE_PULSE_NUMBER 9223372036854775807
#define VEDETTE_PULSE_PROJECT "9223372036854775807"


/*
 * 11. Ends of events: requests of a known key that the edge has refused whole,
 * by the id of their event, newest first: a list of VEDETTE_ENDED_LAST + 1
 * entries at most, that is gone VEDETTE_ENDED_TTL seconds after the last of
 * them.  The worker takes it from its end.  An entry has words:
 *
 *     microseconds SP org SP project SP key SP status SP event-id SP outcome
 *         SP category SP reason
 *
 * status: of the edge's answer.  The last three as in 4, which counts all of
 * them; of a flood only some are here, and one may be here twice.
 */

#define VEDETTE_ENDED "vedette:ended"
#define VEDETTE_ENDED_LAST "9999"
#define VEDETTE_ENDED_TTL "86400"


#endif /* VEDETTE_QUEUE_MESSAGE_H */
