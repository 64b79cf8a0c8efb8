/*
 * digest/geo.h - the country of an address, from a local file in MaxMind's DB
 * format.  Nobody is asked over the network.
 */

#ifndef VEDETTE_DIGEST_GEO_H
#define VEDETTE_DIGEST_GEO_H

#include "util/status.h"
#include "util/str.h"

/*
 * Opens the file, in the place of one that is open; before forking, so that
 * all workers share it.  Without one no country is known, which is all that
 * happens after an error: ST_NOT_FOUND, logged.
 */
enum status geo_open(const char *path) MUST_CHECK;
void geo_close(void);

/* When the open file was made, as it says itself; 0: none is open. */
int64_t geo_made_at(void);

/*
 * The two letters of ISO 3166-1, into code with an ending NUL; false when the
 * address is none or its country is not known.
 */
bool geo_country(struct str address, char code[3]);

#endif
