/*
 * model/issue_similar.h - issues that may be the same as another, with what
 * speaks for it.
 *
 * Compared are the type, the culprit, the words of the value, and the words of
 * all that can be searched (functions, files, modules), with numbers left out.
 * The candidates are the issues of the project seen last, a bounded number.
 */

#ifndef VEDETTE_MODEL_ISSUE_SIMILAR_H
#define VEDETTE_MODEL_ISSUE_SIMILAR_H

#include "model/issue.h"

#define ISSUE_SIMILAR_MAX 10

struct issue_similar {
    struct issue issue;
    int score; /* percent */
    bool same_type;
    bool same_culprit;
    int value; /* percent of words that both values have */
    int code;  /* … of functions, files and modules */
};

/* The most similar first, none below a third. */
enum status issue_similar(struct db *db, struct arena *a,
                          const struct issue *is, struct issue_similar **out,
                          size_t *n) MUST_CHECK;

#endif
