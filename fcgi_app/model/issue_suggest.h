/*
 * model/issue_suggest.h - how a term of a search may go on while it is typed:
 * keys, then the values of a key, of the language itself (issue_search.h) or
 * of the tags that events came with.
 */

#ifndef VEDETTE_MODEL_ISSUE_SUGGEST_H
#define VEDETTE_MODEL_ISSUE_SUGGEST_H

#include "db/db.h"
#include "model/access.h"
#include "model/issue_search.h"

#define SUGGEST_MAX 12

struct suggestion {
    struct str text;   /* the whole term, or a key with its colon */
    const char *words; /* what it means, in English; NULL: it says so itself */
};

/*
 * The best ends of what has been typed of a term.  names: as for a query; the
 * assignees when assigned: is typed.  At most one statement, of look-ups in an
 * index; values of tags are found by how they begin.
 */
enum status issue_suggest(struct db *db, struct arena *a,
                          int64_t organization_id, const struct access *access,
                          const struct search_names *names, struct str typed,
                          struct suggestion out[SUGGEST_MAX],
                          size_t *n) MUST_CHECK;

/*
 * The key number i that people are told of, the most useful ones first; NULL
 * behind the last one.  *words: what it is about, in English; *values: with
 * spaces between, NULL when they are names or a tag's.
 */
const char *issue_suggest_key(size_t i, const char **words,
                              const char **values);

#endif
