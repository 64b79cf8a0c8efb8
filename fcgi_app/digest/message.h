/*
 * digest/message.h - texts with what varies taken out, for grouping.
 */

#ifndef VEDETTE_DIGEST_MESSAGE_H
#define VEDETTE_DIGEST_MESSAGE_H

#include "util/str.h"

/*
 * The first two lines of s that are not blank, with numbers, addresses, dates,
 * identifiers and the like replaced by "<int>", "<ip>", … (grouping.md §1.9).
 * Takes time linear in the length of s.
 */
struct str message_parameterize(struct arena *a, struct str s);

/* java_name.c: generated suffixes as "<auto>"; null: says nothing (§1.6.1) */
struct str java_module_clean(struct arena *a, struct str module);
struct str java_filename_clean(struct arena *a, struct str filename);

#endif
