/*
 * queue/spool_dir.h - the folder of a spool: its segments, how far each has
 * been replayed, and what was damaged.
 *
 * Beside the segments of the edge it holds notes of ours:
 *
 *     NAME.ckpt            how far NAME.seg has been replayed
 *     quarantine/          damaged bytes, in files whose names tell segment,
 *                          place and the number of records lost
 *
 * A note is on the disk before a function returns that has written it.
 */

#ifndef VEDETTE_QUEUE_SPOOL_DIR_H
#define VEDETTE_QUEUE_SPOOL_DIR_H

#include "queue/spool.h"

enum spool_state {
    SPOOL_SEALED, /* nobody writes */
    SPOOL_LIVE,   /* has a writer */
    SPOOL_NEWER,  /* of a newer version: to be left alone */
    SPOOL_BROKEN  /* its head and the copy of it are damaged */
};

/* What a checkpoint says; all zero: nothing has been replayed. */
struct spool_place {
    uint64_t next;     /* byte to go on from */
    uint32_t number;   /* the record expected there */
    uint64_t replayed; /* records that Redis has */
    uint64_t lost;     /* records found damaged */
    bool done;         /* all; the segment goes */
};

struct spool_segment {
    const char *name;
    uint64_t size; /* bytes on the disk */
    enum spool_state state;
    struct spool_head head; /* of SEALED and LIVE */
    struct spool_place place;
};

/* The folder as a descriptor; ST_FAILED after a message. */
enum status spool_dir_open(const char *path, int *dir) MUST_CHECK;

/*
 * Makes this process the only replayer of the folder, as long as *lock stays
 * open.  ST_CONFLICT: another one is at work.  ST_FAILED: the folder cannot
 * be written, logged.
 */
enum status spool_dir_lock(int dir, int *lock) MUST_CHECK;

/* All segments, oldest first. */
enum status spool_dir_list(struct arena *a, int dir, struct spool_segment **out,
                           size_t *n) MUST_CHECK;

/*
 * Opens a segment for reading; *live: it has a writer.  A segment that has
 * none keeps it so for as long as the descriptor is open.
 */
enum status spool_segment_open(int dir, const char *name, int *fd,
                               bool *live) MUST_CHECK;

/* ST_NOT_FOUND: none for this segment (nonce), or a damaged one. */
enum status spool_place_read(int dir, const char *name, uint64_t nonce,
                             struct spool_place *out) MUST_CHECK;
enum status spool_place_write(int dir, const char *name, uint64_t nonce,
                              const struct spool_place *place) MUST_CHECK;

/* Removes a segment whose checkpoint says done, then the checkpoint. */
enum status spool_segment_remove(int dir, const char *name) MUST_CHECK;

/*
 * Removes checkpoints without a segment; *missing: those that were not done,
 * so that somebody else has removed the segment.
 */
enum status spool_dir_sweep(int dir, size_t *missing) MUST_CHECK;

/*
 * Copies the bytes [at, end) of a segment to the quarantine, without the zeros
 * at their end; when 256 MiB lie there already only the file name is kept.
 */
enum status spool_quarantine(int dir, const char *name, int fd, uint64_t at,
                             uint64_t end, uint32_t lost) MUST_CHECK;

/* Moves a whole segment there. */
enum status spool_quarantine_segment(int dir, const char *name) MUST_CHECK;

struct spool_quarantined {
    size_t files;
    uint64_t bytes;
    uint64_t lost; /* records, as far as known */
};

enum status spool_quarantine_count(int dir,
                                   struct spool_quarantined *out) MUST_CHECK;

#endif
