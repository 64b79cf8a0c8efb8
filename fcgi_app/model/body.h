/*
 * model/body.h - bodies of events: zstd, one frame each, with a dictionary of
 * their project once there is one that pays.
 *
 * A dictionary is trained on the project's own latest events (body_train, a
 * chore) and never changes; a new one gets a new id, which the frames that it
 * packed carry.  This process keeps the few that it used last.
 */

#ifndef VEDETTE_MODEL_BODY_H
#define VEDETTE_MODEL_BODY_H

#include "db/db.h"

#define BODY_MAX (8 * 1024 * 1024) /* bytes, unpacked */

/*
 * The dictionary that each of these projects packs with now, 0: none; those
 * there is room for are made ready.
 */
enum status body_dictionaries(struct db *db, struct arena *a,
                              const int64_t *projects, size_t n,
                              int32_t **out) MUST_CHECK;

/* Into the arena; without the dictionary when it is not ready. */
struct str body_pack(struct arena *a, int32_t dictionary, struct str text);

/*
 * ST_INVALID when it is broken or larger than BODY_MAX.  db fetches a
 * dictionary that is not ready; NULL: then it is ST_INVALID, too.
 */
enum status body_unpack(struct db *db, struct arena *a, struct str packed,
                        struct str *out) MUST_CHECK;

/*
 * Trains a dictionary for one project that has none, or an old one, and many
 * events of late; *more: it did.
 */
enum status body_train(struct db *db, struct arena *a, bool *more) MUST_CHECK;

#endif
