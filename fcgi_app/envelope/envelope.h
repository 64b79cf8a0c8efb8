/*
 * envelope/envelope.h - the framing of envelopes (protocol.md §2.1).
 *
 *     struct envelope env;
 *     struct item it;
 *     enum status st = envelope_open(a, text, &env);
 *
 *     while (st == ST_OK && (st = envelope_next(&env, &it)) == ST_OK) {
 *         …
 *     }
 *     if (st != ST_NOT_FOUND) …        // env.reason says what is wrong
 *
 * Nothing is copied: payloads point into text.
 */

#ifndef VEDETTE_ENVELOPE_ENVELOPE_H
#define VEDETTE_ENVELOPE_ENVELOPE_H

#include "json/doc.h"

struct envelope {
    struct json *header; /* an object; never NULL after envelope_open */
    struct str event_id; /* as sent; the null str when there is none */
    int64_t sent_at;     /* µs; 0: not told */
    const char *reason;  /* of ST_INVALID: protocol.md §1.7; static */

    struct arena *arena; /* what is left to read */
    struct str rest;
    unsigned position;
};

struct item {
    unsigned position; /* 0-based */
    struct str type;
    struct str payload;
    struct json *header;
};

/* Reads the first line; ST_INVALID with env->reason. */
enum status envelope_open(struct arena *a, struct str text,
                          struct envelope *env) MUST_CHECK;

/* The next item; ST_NOT_FOUND after the last; ST_INVALID with env->reason. */
enum status envelope_next(struct envelope *env, struct item *it) MUST_CHECK;

/*
 * What is to be added to the client's times, for its clock was wrong when it
 * sent this; 0 when it was right enough, not told, or there is no envelope.
 */
int64_t envelope_drift(const struct envelope *env, int64_t received_at);

#endif
