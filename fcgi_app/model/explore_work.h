/*
 * model/explore_work.h - between explore.c, which asks, and explore_group.c,
 * which counts what came.
 */

#ifndef VEDETTE_MODEL_EXPLORE_WORK_H
#define VEDETTE_MODEL_EXPLORE_WORK_H

#include "model/explore.h"

/* A value that a term names, by its number. */
struct term_value {
    int64_t value;
    int64_t term; /* from 1 on */
};

/* Terms of all ways together. */
#define EXPLORE_TERMS ((SEARCH_ANY_MAX + 1) * SEARCH_TERMS_MAX)

/* What the filter has been found to mean in these projects. */
struct meaning {
    int64_t events; /* in these projects, whatever the filter */
    int64_t since;  /* a day, from which on there are enough of them; or 0 */
    bool wide;      /* the only key has too many values to be counted each */
    struct term_value *sorted; /* by value */
    size_t nvalues;
    /* of the filter, then of each of its ways */
    const struct tag_filter **terms;
    size_t nterms;
    int64_t *narrow; /* values of the rarest term, if they are few */
    size_t nnarrow;
    int64_t *issues; /* that have the words, if they are few */
    size_t nissues;
    bool by_tags, by_issues; /* which of them narrows */
    bool cut;
    /* the newest that pass, when all were looked at by explore() */
    bool known;
    struct newest {
        int64_t id;
        struct str day;
    } newest[EXPLORE_SHOWN];
    size_t nnewest;
};

/* Room for the groups of a result. */
void explore_groups(struct arena *a, const struct explore_query *q,
                    struct explore_result *out);

/* Of a place from 1 on; any other is what the rest goes into. */
struct explore_group *explore_group_at(struct explore_result *out,
                                       const struct explore_query *q,
                                       int64_t place);

/* A slot outside of the time that was asked for counts for nothing. */
void explore_add(struct explore_group *g, const struct explore_query *q,
                 int64_t slot, int64_t n);

/* How many of the keys are no column of an event. */
size_t explore_tag_keys(const struct explore_query *q);

/* Whether the terms of the filter, and one of its ways, let an event pass; row:
 * tags, severity, project_id. */
bool explore_passes(const struct explore_query *q, const struct db_rows *rows,
                    int row);

/* Groups the rows of explore_scan. */
enum status explore_count(struct db *db, struct arena *a,
                          const struct explore_query *q,
                          const struct db_rows *rows,
                          struct explore_result *out) MUST_CHECK;

#endif
