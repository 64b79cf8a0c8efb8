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

#endif /* VEDETTE_QUEUE_PACKED_H */
