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

/* "/acme/releases/shop%401.0/?project=shop" */
struct str release_link(const struct request *rq, struct str version,
                        struct str project);

#endif
