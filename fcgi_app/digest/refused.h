/*
 * digest/refused.h - a sample of what could not be taken, so that a person can
 * see what is wrong with it (model/refused.h).
 */

#ifndef VEDETTE_DIGEST_REFUSED_H
#define VEDETTE_DIGEST_REFUSED_H

#include "digest/item.h"

/*
 * Keeps what the item, or the whole request, began with, unless the batch has
 * one of this reason already, or the project wants none.
 */
void refused_keep(const struct item_context *it, struct str category,
                  struct str reason);

/*
 * The beginning of a text as these settings leave it, at most max bytes; NULL
 * stands for the defaults.  The null str: nothing of it may be kept.
 */
struct str refused_text(struct arena *a, const struct scrub_settings *settings,
                        struct str s, size_t max);

#endif
