/*
 * web/world.h - the countries: names, and how the map draws them.
 */

#ifndef VEDETTE_WEB_WORLD_H
#define VEDETTE_WEB_WORLD_H

#include "util/str.h"

/* The map's coordinates. */
#define WORLD_WIDTH 237
#define WORLD_HEIGHT 97

struct country {
    const char *code; /* ISO 3166-1, two capitals */
    const char *name; /* English, for tr() */
    const char *dots; /* an SVG path whose dashes are dots; "" has none */
};

/* All, in the order of their codes. */
extern const struct country countries[];
extern const size_t ncountries;

/* NULL: not a code that we know. */
const struct country *country_find(struct str code);

#endif
