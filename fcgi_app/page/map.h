/*
 * page/map.h - how many by country, as a map with its table.
 */

#ifndef VEDETTE_PAGE_MAP_H
#define VEDETTE_PAGE_MAP_H

#include "web/data.h"

struct map_count {
    struct str code; /* as in the event: perhaps no country at all */
    int64_t n;
    struct str link;
    bool compared; /* with the period before, which had this: */
    int64_t before;
};

/*
 * Fills node for part/map.cs: the land, a shape for each country that has any
 * (its class q1 to q5 by rank), a legend of the classes, and rows for the first
 * rows counts, which are sorted by n, largest first; what is left is summed up.
 */
void map_fill(struct arena *a, struct data *node,
              const struct map_count *counts, size_t n, size_t rows);

#endif
