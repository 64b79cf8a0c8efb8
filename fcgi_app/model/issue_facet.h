/*
 * model/issue_facet.h - what a search of the stream can be narrowed by: the
 * most frequent values of some tags among all events of its projects.
 */

#ifndef VEDETTE_MODEL_ISSUE_FACET_H
#define VEDETTE_MODEL_ISSUE_FACET_H

#include "db/db.h"
#include "model/access.h"
#include "model/issue_search.h"

#define FACET_DAYS 14
#define FACET_VALUES 6

struct issue_facet {
    struct str key;
    struct str value;
    struct str name; /* of whom it is assigned to */
    int64_t events;  /* of the last FACET_DAYS days; or issues of assignees */
};

/*
 * The FACET_VALUES most frequent values of each key, in the order of the keys,
 * from the counters by day, and behind them "assigned", whom most open issues
 * are assigned to, as that key names them; they may be a minute old.  projects:
 * not limited, all that may be seen.
 */
enum status issue_facets(struct db *db, struct arena *a,
                         int64_t organization_id, const struct access *access,
                         const struct id_set *projects, const char *const *keys,
                         size_t nkeys, struct issue_facet **out,
                         size_t *n) MUST_CHECK;

#endif
