/*
 * digest/owner.h - asks the ownership rules of the projects whose new and
 * regressed issues are.
 */

#ifndef VEDETTE_DIGEST_OWNER_H
#define VEDETTE_DIGEST_OWNER_H

#include "digest/wishes.h"
#include "model/batch.h"

/* Inside the batch's transaction, before the alerts are told. */
enum status owners_find(const struct wishes *w, struct db *db, struct arena *a,
                        const struct batch_change *changes,
                        size_t n) MUST_CHECK;

#endif
