/*
 * queue/entry.h - what an entry of the stream says (queue/message.h): one
 * request, or several that share it.
 */

#ifndef VEDETTE_QUEUE_ENTRY_H
#define VEDETTE_QUEUE_ENTRY_H

#include "queue/redis.h"

/* One accepted request (queue/message.h); text lives in the reader's arena. */
struct message {
    struct str id; /* of the stream entry: "1700000000000-0" */
    size_t of;     /* requests of that entry, from this one on; 1: the last */
    bool shared;   /* the entry holds, or held, others */
    struct str packed; /* of a shared entry: an own one's version field */
    int64_t organization_id;
    int64_t project_id;
    int64_t key_id;
    int64_t received_at; /* µs; 0: not told */
    struct str version;
    struct str endpoint;
    struct str event_id; /* what the client was told */
    struct str encoding;
    struct str type; /* Content-Type */
    struct str client;
    struct str addr;
    struct str agent;
    struct str param; /* of the path: a monitor's slug */
    struct str query;
    struct str headers;
    struct str drop;
    struct str body;
    int64_t apart; /* bytes of a body that is elsewhere (queue/body.h), or 0 */

    struct str *fields; /* all, as they stand: names and values in turn */
    size_t nfields;
    bool suspect;  /* its worker may have died of it */
    int64_t tries; /* queue_tries, queue_begin */
};

/*
 * Reads an entry of a reply to XRANGE or XREADGROUP; false when it has no
 * fields, because it has been deleted.  One that several requests share is a
 * message of a version that nobody knows.
 */
bool message_read(struct arena *a, const redisReply *entry, struct message *m);

/*
 * The requests of an entry, VEDETTE_SEVERAL_MAX of them at most; 0 when it has
 * been deleted.  They have the id of the entry, which is stored, acknowledged
 * and put aside as one: lists of messages have them side by side, and
 * m->of tells where the next entry begins.  When what tells them apart is
 * broken, the entry is one message, as above.
 */
size_t messages_read(struct arena *a, const redisReply *entry,
                     struct message *out);

/* The same of an entry that has been read as one. */
size_t messages_of(struct arena *a, const struct message *entry,
                   struct message *out);

/* Ids of the entries of these messages, each once. */
struct str *message_ids(struct arena *a, const struct message *m, size_t n,
                        size_t *nids);

#endif /* VEDETTE_QUEUE_ENTRY_H */
