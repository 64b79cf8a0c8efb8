/*
 * page/explore.h - the question that the explorer and its exports ask.
 *
 *     q, project, environment    search.h, choice.h
 *     range                      24h, 14d, 30d
 *     by                         a key, up to three times
 *     show                       users: different users, else events
 *     top                        groups: 5, 10, 20, 50
 *     as                         chart, table, map
 */

#ifndef VEDETTE_PAGE_EXPLORE_H
#define VEDETTE_PAGE_EXPLORE_H

#include "model/explore.h"
#include "page/choice.h"
#include "page/search.h"
#include "page/span.h"

struct explore_view {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct search_box box;
    struct span span; /* in slots of hours or of whole days */
    struct explore_query q;
};

/* Reads the address and shows its filters. */
enum status explore_read(struct request *rq, struct data *d,
                         struct explore_view *out) MUST_CHECK;

#endif
