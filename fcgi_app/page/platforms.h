/*
 * page/platforms.h - the choice of a project's platform.
 */

#ifndef VEDETTE_PAGE_PLATFORMS_H
#define VEDETTE_PAGE_PLATFORMS_H

#include "web/http.h"

/* Sets Platforms, the list that part/platforms.cs shows. */
void platforms_fill(struct response *rs, struct str chosen);

#endif
