/*
 * web/markdown.h - what strangers wrote, in Markdown that people paste into
 * trackers and chats.  All of it stands in code, where no sign means anything:
 * no link, no picture, no @mention.
 */

#ifndef VEDETTE_WEB_MARKDOWN_H
#define VEDETTE_WEB_MARKDOWN_H

#include "util/buf.h"

/* In one line, between enough backticks. */
void markdown_code(struct buf *b, struct str s);

/* The same in a table, where a bar would end the cell. */
void markdown_cell(struct buf *b, struct str s);

/* A block of lines between fences that no line in it can close. */
void markdown_block(struct buf *b, const char *language, struct str s);

#endif
