/*
 * model/issue_share.h - a link by which anybody sees an issue, without signing
 * in, until it is taken back.
 */

#ifndef VEDETTE_MODEL_ISSUE_SHARE_H
#define VEDETTE_MODEL_ISSUE_SHARE_H

#include "model/audit.h"
#include "model/issue.h"

/* Makes a link when there is none, or (on false) takes it back. */
enum status issue_share(struct db *db, struct arena *a, int64_t organization_id,
                        const struct issue *is, bool on,
                        const struct actor *by) MUST_CHECK;

/* The issue behind a link. */
enum status issue_share_find(struct db *db, struct arena *a, struct str token,
                             struct issue *out) MUST_CHECK;

#endif
