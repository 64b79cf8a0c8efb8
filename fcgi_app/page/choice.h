/*
 * page/choice.h - which projects and which environment a page is about:
 * ?project=, a slug, repeated, and ?environment=.
 */

#ifndef VEDETTE_PAGE_CHOICE_H
#define VEDETTE_PAGE_CHOICE_H

#include "model/issue_search.h"
#include "web/http.h"

struct choice {
    struct project *all; /* that the reader sees, by name */
    size_t nall;
    struct id_set projects; /* the chosen ones, else all that the reader sees;
                               not limited: every project there is */
    size_t chosen;          /* 0: no choice was made */
    struct str environment; /* the null str: any */
};

/*
 * Reads the query, and sets for part/choice.cs: Choice.Project {slug, ticked},
 * Choice.n, Choice.project (the only one), Choice.environment,
 * Choice.Environment {name, link, current}, Choice.any (link).
 */
enum status choice_read(struct request *rq, struct data *d,
                        struct choice *out) MUST_CHECK;

/*
 * Why a list may be empty, for part/empty.cs: none_yet, when no project that
 * the reader sees has received an event, waiting, the slug of one to set up,
 * and some_hidden, when the reader does not see all.  True when none has.
 */
bool choice_none_yet(struct request *rq, struct data *d,
                     const struct choice *c);

/* What could be left out of the address: Filter {text or title, without}; the
 * row, for choice_counted. */
struct data *choice_without(struct data *d, const char *title, struct str text,
                            struct str without);

/* How many there would be without it; more: and more than that. */
void choice_counted(struct data *row, int64_t n, bool more);

/* "/acme/releases/shop%401.0/?project=shop" */
struct str release_link(const struct request *rq, struct str version,
                        struct str project);

#endif
