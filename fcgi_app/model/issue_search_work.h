/*
 * model/issue_search_work.h - between the files of the search language:
 * issue_search_cut.c makes words and signs of the text without knowing what
 * they mean, issue_search_key.c knows the keys, issue_search_any.c joins the
 * ways in which a query with OR may hold, and issue_search.c reads the
 * parentheses and asks the others.
 */

#ifndef VEDETTE_MODEL_ISSUE_SEARCH_WORK_H
#define VEDETTE_MODEL_ISSUE_SEARCH_WORK_H

#include "model/issue_search.h"

enum search_sign { SIGN_TERM, SIGN_AND, SIGN_OR, SIGN_OPEN, SIGN_CLOSE };

struct search_token {
    enum search_sign sign;
    struct issue_term term; /* of any other sign its text alone */
    size_t from, to;        /* where it stands in the query */
};

/* All of a text; a list that ends with its array in the arena. */
size_t search_cut(struct arena *a, struct str text, struct search_token **out);

bool search_space(char c);

/* From an opening quote to behind the closing one, or to the end. */
size_t search_skip_quoted(struct str s, size_t i);

/* "a b" and a without the quotes, \" inside as a quote. */
struct str search_unquote(struct arena *a, struct str s);

/* Whether a row of the table, or the name of a range, says so. */
bool search_knows(struct str key);

/* Whether key:value asks for that value of the tag "key", and is no level. */
bool search_is_tag(struct str key);

/* Whether it is one of those listed, limited or not. */
bool search_has_id(const struct id_set *set, int64_t id);

/* One that lets everything pass, with room for SEARCH_TERMS_MAX terms. */
void search_filter_open(struct arena *a, struct issue_filter *f);

/*
 * Narrows the filter by a term; the null str, or what is wrong with it.  Every
 * term only narrows, which is what "and" means, so their order is no matter.
 */
struct str search_apply(struct arena *a, const struct search_names *names,
                        struct issue_term *term, struct issue_filter *f);

/* One filter of the ways of which any will do; at least one. */
void search_any(struct arena *a, struct issue_filter *ways, size_t n,
                struct issue_filter *out);

#endif
