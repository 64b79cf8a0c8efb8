/*
 * digest/message.h - texts with what varies taken out, for grouping.
 */

#ifndef VEDETTE_DIGEST_MESSAGE_H
#define VEDETTE_DIGEST_MESSAGE_H

#include "util/str.h"

/*
 * The first two lines of s that are not blank, with numbers, addresses, dates,
 * identifiers and the like replaced by "<int>", "<ip>", … (grouping.md §1.9).
 * Takes time linear in the length of s.  By the rules of a version, at most
 * GROUPING_VERSION; sets *differs when an earlier one takes out less.
 */
struct str message_parameterize(struct arena *a, struct str s, unsigned version,
                                bool *differs);

/* java_name.c: generated suffixes as "<auto>"; null: says nothing (§1.6.1) */
struct str java_module_clean(struct arena *a, struct str module,
                             unsigned version);
struct str java_filename_clean(struct arena *a, struct str filename);

#endif
