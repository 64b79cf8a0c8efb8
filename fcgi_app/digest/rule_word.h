/*
 * digest/rule_word.h - the words of which a line of grouping rules consists.
 */

#ifndef VEDETTE_DIGEST_RULE_WORD_H
#define VEDETTE_DIGEST_RULE_WORD_H

#include "util/str.h"

/*
 * Takes the next line that says something off *text, trimmed: neither blank
 * nor a comment.  *number counts all lines, from 1 on; start with 0.
 */
bool rule_line(struct str *text, unsigned *number, struct str *line);

/*
 * Takes the next word off *rest: up to white space, except between double
 * quotes, which are left out, with \\ and \" in them.  False when there is
 * none or its quotation mark is not closed.
 */
bool rule_word(struct arena *a, struct str *rest, struct str *word);

/* yes, no, true, false, 1, 0 */
bool rule_bool_word(struct str s, bool *out);

#endif
