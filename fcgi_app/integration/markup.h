/*
 * integration/markup.h - the Markdown that descriptions and comments are
 * written in, turned into what a tracker reads.
 *
 * Understood: paragraphs, "- " lists, ``` fences, [words](url), **bold**,
 * `code`, and a backslash before a sign.  Anything else is text.
 */

#ifndef VEDETTE_INTEGRATION_MARKUP_H
#define VEDETTE_INTEGRATION_MARKUP_H

#include "json/doc.h"

#define MARKUP_MAX 30000

/* Jira Cloud: the Atlassian Document Format. */
struct json *markup_adf(struct arena *a, struct str text);

/* Jira Data Center: its wiki markup. */
struct str markup_wiki(struct arena *a, struct str text);

/* Redmine, whose default is Textile. */
struct str markup_textile(struct arena *a, struct str text);

/* The plain text of an ADF document, for comments that come in. */
struct str markup_of_adf(struct arena *a, const struct json *doc);

#endif
