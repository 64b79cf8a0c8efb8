/*
 * web/render.h - templates.
 *
 * Every file of the folder is checked at the start, parsed and kept; in other
 * languages than English when it is first shown there, so that a process holds
 * only what its readers use.  A page's file defines the macros title(),
 * actions() and content() and includes layout.cs (or solo.cs), which calls
 * them.  Every value is escaped for HTML where it is shown; the functions of
 * show.h may be used on it.  The start is refused when an include is missing
 * (ClearSilver would render nothing), when a file uses a way around the
 * escaping (uvar, alt, lvar, evar, escape), has a script or style of its own,
 * or when a probe comes out unescaped.
 */

#ifndef VEDETTE_WEB_RENDER_H
#define VEDETTE_WEB_RENDER_H

#include "util/arena.h"
#include "util/str.h"
#include "web/data.h"

/* What is parsed at the start; the rest is when it is first shown. */
enum render_at_once {
    RENDER_MAILS,         /* a worker shows nothing else: pages take 16 MB */
    RENDER_PAGES,         /* all, in English */
    RENDER_EVERY_LANGUAGE /* so that it is known to be possible */
};

/*
 * Reads and checks all templates, and the texts of FOLDER/lang; ST_INVALID
 * after messages.
 */
enum status render_init(const char *folder,
                        enum render_at_once what) MUST_CHECK;

void render_free(void);

/*
 * Calls fn with each text of each template that can be translated, as often as
 * it occurs; render_init has been called.
 */
void render_texts(void (*fn)(void *context, const char *file,
                             struct str english),
                  void *context);

bool render_knows(const char *template);

/*
 * Renders into the arena, in the language in use (lang_use).  now and started:
 * what the time functions measure from.  ST_FAILED has been logged.
 */
enum status render(struct arena *a, const char *template, struct data *data,
                   int64_t now, int64_t started, struct str *out) MUST_CHECK;

#endif
