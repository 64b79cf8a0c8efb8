/*
 * queue/packed.h - the fields that an edge has put into one (queue/message.h).
 */

#ifndef VEDETTE_QUEUE_PACKED_H
#define VEDETTE_QUEUE_PACKED_H

#include <stddef.h>

#include "util/str.h"

/*
 * Names and values in turn, as parts of the text; how many words, up to max.
 * 0: it is empty, broken, or has more.
 */
size_t packed_words(struct str packed, struct str *words, size_t max);

/*
 * What stands behind the 5 of an entry that several requests share: the version
 * field of each, as parts of the text, and how many.  0: it is empty, broken,
 * has more than max, or something in it that is not of version 3 or 4.
 */
size_t packed_several(struct str packed, struct str *parts, size_t max);

#endif /* VEDETTE_QUEUE_PACKED_H */
