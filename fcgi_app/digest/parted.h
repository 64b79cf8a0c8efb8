/*
 * digest/parted.h - issues that were one and are two again.
 */

#ifndef VEDETTE_DIGEST_PARTED_H
#define VEDETTE_DIGEST_PARTED_H

#include "model/job.h"

/*
 * A job of the kind "split": a step of issue_split_step; after the last one
 * the words by which each issue is found are those of its newest event.
 */
enum status parted_step(struct db *db, struct arena *a,
                        struct job *job) MUST_CHECK;

#endif
