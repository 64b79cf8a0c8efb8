/*
 * digest/facts.h - inside the facts: title and culprit, tags, search text.
 */

#ifndef VEDETTE_DIGEST_FACTS_H
#define VEDETTE_DIGEST_FACTS_H

#include "digest/event.h"

/* facts_title.c: sets title, type, value, culprit; grouping.md §2.1 */
void facts_title(struct arena *a, struct event *ev);

/* facts_tags.c: sets tags, user_tag, trace; protocol.md §7.5, grouping.md §4 */
void facts_tags(struct arena *a, struct event *ev);

/* facts_search.c: sets search */
void facts_search(struct arena *a, struct event *ev);

/* The first line of s, trimmed. */
struct str first_line(struct str s);

/* s without line breaks and tabs: what was one is a space. */
struct str one_line(struct arena *a, struct str s);

#endif
