/*
 * web/translate.h - a template in another language.
 *
 * Templates are written in English.  Before ClearSilver parses one, its texts
 * are replaced by those of a language; nothing is looked up while a page is
 * rendered.  A text is what stands between two tags that break a line of
 * thought (p, td, button, …, and control tags of ClearSilver), or the value of
 * an attribute that people read (title, aria-label, …).  What stands inside it
 * becomes a placeholder: a value, a macro, a tag such as b or code, or an a or
 * span with nothing but values in it:
 *
 *     <p>Seen <?cs call:count(n) ?> times by <b><?cs var:who ?></b></p>
 *     "Seen {0} times by {1}"
 *
 * The word for a number, <?cs var:form(n, "event|events") ?>, is in it as
 * "{1|event|events}".  White space is folded; at the ends, tags and icons are
 * no part of a text.  A translation may order them anew, and choose words by a
 * value's number: "{0} {0|раз|раза|раз}".  The content of pre, textarea, code,
 * kbd, style, script is left alone.  Where a template hands a text to a macro
 * or a value is one, tr() translates it while rendering: <?cs
 * call:tab(tr("Open")) ?>.
 */

#ifndef VEDETTE_WEB_TRANSLATE_H
#define VEDETTE_WEB_TRANSLATE_H

#include "util/arena.h"
#include "util/str.h"

/*
 * The translation of a text of the template; the null str: there is none, it
 * stays in English.
 */
typedef struct str (*translate_lookup)(void *context, struct str english);

/*
 * The template with its texts replaced.  ST_INVALID after a message that names
 * the text: a translation uses a placeholder that is not there, or a form of a
 * word for something that is no number.
 */
enum status translate(struct arena *a, const char *name, struct str template,
                      translate_lookup lookup, void *context,
                      struct str *out) MUST_CHECK;

#endif
