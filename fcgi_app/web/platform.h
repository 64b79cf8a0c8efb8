/*
 * web/platform.h - the platforms of projects and events: how each is called.
 */

#ifndef VEDETTE_WEB_PLATFORM_H
#define VEDETTE_WEB_PLATFORM_H

#include "web/data.h"

struct platform {
    const char *id;    /* as SDKs send it */
    const char *name;  /* for people */
    const char *badge; /* two letters */
    const char *setup; /* which snippet of the set-up page is open */
    bool offered;      /* when a project is created */
};

extern const struct platform platforms[];
extern const size_t platforms_count;

/* That of "other" for an id that is not known. */
const struct platform *platform_find(struct str id);

/* Sets platform, platform_name and badge. */
void platform_fill(struct data *d, struct str id);

#endif
