/*
 * web/comment.h - comments of people as HTML.
 */

#ifndef VEDETTE_WEB_COMMENT_H
#define VEDETTE_WEB_COMMENT_H

#include "util/str.h"

/*
 * CommonMark without what can do harm: HTML in it is shown as it was typed, a
 * link goes to http, https or mailto only, and an image becomes a link, so that
 * reading a comment asks nobody else's server.  A line break stays one.
 */
struct str comment_html(struct arena *a, struct str text);

#endif
