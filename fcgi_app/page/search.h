/*
 * page/search.h - the search box of the stream and of the explorer.
 *
 * ?q= comes in any number of pieces: a hidden field for each term and the input
 * for what is typed.
 */

#ifndef VEDETTE_PAGE_SEARCH_H
#define VEDETTE_PAGE_SEARCH_H

#include "model/issue_search.h"
#include "web/http.h"

struct search_box {
    bool people;        /* set before: all members, whatever the query names */
    struct str text;    /* all pieces */
    struct fields base; /* arguments without cursor; q once, if at all */
    struct search_names names;
    struct project *projects; /* that the reader sees; names.nprojects */
    struct issue_query query;
};

/* All of q, each in parentheses that has an OR; absent: the fallback. */
struct str search_text(struct request *rq, struct str fallback);

/*
 * Reads the query; without any q it is the fallback.  One statement or two, of
 * what a query may name.  Sets Person and Team as issue_people() does, if they
 * were read.
 */
enum status search_read(struct request *rq, struct data *d, struct str fallback,
                        struct search_box *out) MUST_CHECK;

/*
 * For part/search.cs: Term {text, without, word, key, value, wrong}, words,
 * errors, Fault {text, error, without}.
 */
void search_show(struct request *rq, struct data *d,
                 const struct search_box *box);

/* Both sets must let a project pass. */
void search_limit(struct id_set *set, const struct id_set *by);

#endif
