/*
 * digest/frame_verdict.h - which built-in stack rules a frame matches, as far
 * as its own texts say, remembered by this process: the frames of an issue come
 * with each of its events.
 */

#ifndef VEDETTE_DIGEST_FRAME_VERDICT_H
#define VEDETTE_DIGEST_FRAME_VERDICT_H

#include "digest/stacks.h"

/* What the frame is remembered by; 0: its texts are too long for that. */
uint64_t frame_verdict_key(const struct frame *f);

/* A bit for each rule; false when nothing is known. */
bool frame_verdict_find(uint64_t key, uint64_t *rules);
void frame_verdict_keep(uint64_t key, uint64_t rules);

#endif
