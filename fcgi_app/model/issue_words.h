/*
 * model/issue_words.h - the text of an issue that bare words are looked for in
 * (table issue_words): a line a piece, and in front of each a byte that says
 * what it is.  An index of trigrams does not see that byte.
 *
 *     <TITLE>inventorylocktimeout: could not reserve 3 items
 *     <FUNCTION>reserve_stock
 *     <TAG>shop.campaign: summer sale
 *
 * digest/facts_search.c writes it, of one event now and then; lower case.
 */

#ifndef VEDETTE_MODEL_ISSUE_WORDS_H
#define VEDETTE_MODEL_ISSUE_WORDS_H

#include "util/str.h"

enum issue_piece {
    PIECE_UNKNOWN = 0, /* written before there were such bytes */
    PIECE_TITLE = 0x10,
    PIECE_EXCEPTION,
    PIECE_CULPRIT,
    PIECE_MESSAGE,
    PIECE_TRANSACTION,
    PIECE_URL,
    PIECE_FUNCTION,
    PIECE_MODULE,
    PIECE_FILE,
    PIECE_TAG, /* from here on it says nothing of the code */
    PIECE_USER,
    PIECE_END
};

/* The first line that a pattern of LIKE, "%word%", is in, without its byte. */
bool issue_words_find(struct str text, struct str pattern,
                      enum issue_piece *piece, struct str *line);

/* What is of the code alone: without tags and users. */
struct str issue_words_code(struct str text);

#endif
