/*
 * page/routes.h - the table of all pages.
 */

#ifndef VEDETTE_PAGE_ROUTES_H
#define VEDETTE_PAGE_ROUTES_H

#include "web/route.h"

extern const struct routes page_routes;

#endif
