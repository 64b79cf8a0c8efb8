/*
 * web/asset.h - files of static/, which nginx serves.
 */

#ifndef VEDETTE_WEB_ASSET_H
#define VEDETTE_WEB_ASSET_H

#include "util/str.h"

/*
 * Reads the folder once; its digest is the ?v= of all links, so that browsers
 * may keep the files for ever.
 */
void asset_init(const char *folder);

/* 8 hex digits. */
const char *asset_version(void);

#endif
