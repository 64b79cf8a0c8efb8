/*
 * page/snippets.h - what part/snippets.cs needs: a DSN and its parts.
 */

#ifndef VEDETTE_PAGE_SNIPPETS_H
#define VEDETTE_PAGE_SNIPPETS_H

#include "model/project.h"
#include "model/project_key.h"
#include "web/http.h"

/* Sets Setup.dsn, key, url, project, slug, lang.  key NULL: none is on. */
void snippets_fill(const struct request *rq, struct response *rs,
                   const struct project_key *key);

/* The first key that is on, or NULL. */
const struct project_key *snippets_key(const struct project_key *keys,
                                       size_t n);

#endif
