/*
 * queue/spool.h - reads a segment of the edge's spool (message.h, section 6).
 *
 * Nothing in a segment is believed before its checksum was seen: it lay on a
 * disk that may have lost power, or came from another machine.  A damaged
 * record costs that record; the reader tells what was lost and goes on with
 * the next one that is whole.  It always moves forward.
 */

#ifndef VEDETTE_QUEUE_SPOOL_H
#define VEDETTE_QUEUE_SPOOL_H

#include "util/arena.h"
#include "util/str.h"

struct spool_head {
    uint64_t nonce;
    int64_t created_at; /* µs */
};

enum spool_kind {
    SPOOL_RECORD,  /* a record, whole */
    SPOOL_DAMAGED, /* bytes that were records and are none any more */
    SPOOL_TORN,    /* the last bytes of a writer that did not end well; they
                      were never acknowledged, unless the disk is at fault */
    SPOOL_END,     /* nothing follows */
    SPOOL_WAIT     /* nothing follows yet: the segment has a writer */
};

struct spool_record {
    enum spool_kind kind;
    uint64_t at;   /* of its first byte in the segment */
    uint64_t next; /* where the next one begins: a place to go on from */

    /* Of a record; and of a damaged one if its head is whole (known). */
    bool known;
    uint64_t project;
    int64_t received_at; /* µs */
    unsigned char event_id[16];
    struct str payload; /* until the next call */

    uint32_t number; /* of records before the place next, lost ones too */
    uint32_t lost;   /* SPOOL_DAMAGED: how many records that were, if it can
                        be told by the numbers around, else 1 */
};

struct spool_reader;

/*
 * Reads and checks the head of a segment, or its copy, or what the first record
 * knows of it.  The descriptor is used with pread only and stays the caller's.
 * ST_INVALID: none is whole, or a newer program wrote it (*newer).  ST_FAILED:
 * a read failed, logged under name.
 */
enum status spool_read_head(int fd, const char *name, struct spool_head *out,
                            bool *newer) MUST_CHECK;

/* As above and a reader at the first record. */
enum status spool_open(int fd, const char *name,
                       struct spool_reader **out) MUST_CHECK;
void spool_close(struct spool_reader *r);

const struct spool_head *spool_head(const struct spool_reader *r);

/* Goes on from a place that a record's next and number have told. */
void spool_seek(struct spool_reader *r, uint64_t next, uint32_t number);

/*
 * The next record.  live: somebody still writes here, so that whatever is not
 * whole is SPOOL_WAIT and may be asked for again.  Otherwise one SPOOL_TORN at
 * the most, then SPOOL_END, which repeats.  Unreadable sectors count as
 * damage.  ST_FAILED: another error of reading, logged.  ST_INVALID: a record
 * of a newer version, logged; it is whole and must be kept.
 */
enum status spool_next(struct spool_reader *r, bool live,
                       struct spool_record *out) MUST_CHECK;

/*
 * The fields and values of a payload: an even number, each name of 1 to 32
 * bytes.  They point into the payload.  ST_INVALID: it is anything else.
 */
enum status spool_words(struct arena *a, struct str payload, struct str **words,
                        size_t *n) MUST_CHECK;

#endif
