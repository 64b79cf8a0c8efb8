/*
 * util/blob.h - large bytes, kept under the hash of what they are.
 *
 * The store is a folder (attachment.path), in it 256 shelves by the first byte
 * of the hash, in them a file each.  The same bytes are kept once.  These four
 * functions are all that the rest knows of it, so that another kind of store
 * may take the folder's place.
 *
 * Nothing here counts references: whoever keeps a hash in the database is a
 * reference, and blob_shelf with blob_forget sweep up what has none
 * (model/attachment.h).  Bytes are put before the row is committed; so the
 * sweep leaves alone what was put less than BLOB_GRACE ago.
 */

#ifndef VEDETTE_UTIL_BLOB_H
#define VEDETTE_UTIL_BLOB_H

#include "util/str.h"

#define BLOB_BYTES 32
#define BLOB_SHELVES 256
#define BLOB_GRACE_S (24 * 3600)

/*
 * Keeps the bytes; on ST_OK they are on disk for good.  ST_RETRY: they could
 * not be written, which has been logged.
 */
enum status blob_put(struct str bytes,
                     unsigned char hash[BLOB_BYTES]) MUST_CHECK;

/* Mapped until the arena is reset; ST_NOT_FOUND when they are not there. */
enum status blob_get(struct arena *a, const unsigned char hash[BLOB_BYTES],
                     struct str *out) MUST_CHECK;

/*
 * Hashes on a shelf that were put before BLOB_GRACE_S, at most max of them,
 * BLOB_BYTES bytes each; what an interrupted blob_put left is removed.
 */
enum status blob_shelf(struct arena *a, unsigned shelf, size_t max,
                       struct str **hashes, size_t *n) MUST_CHECK;

/* Removes what nobody has put again in the meantime. */
void blob_forget(struct str hash);

#endif
