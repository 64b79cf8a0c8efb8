/*
 * The same question of the period before, as long and just as old: a line in
 * the chart, and what became more and less in the table.
 */

#include "page/explore.h"

#include "util/lang.h"

/* Groups that are counted, so that those shown are among them. */
#define BEFORE_TOP 500


bool
explore_compares(const struct explore_view *v)
{
    return str_is(request_arg(v->rq, "compare"), "1");
}


enum status
explore_before(const struct explore_view *v, struct explore_result *out)
{
    struct explore_query q = v->q;

    q.from = span_before(&v->span);
    q.to = v->span.from;
    q.top = BEFORE_TOP;
    q.meaning = NULL; /* as many events and values as there were then */
    return explore(v->rq->db, v->rq->a, &q, out);
}


int64_t
explore_number_before(const struct explore_view *v,
                      const struct explore_group *g,
                      const struct explore_result *before)
{
    for (size_t i = 0; i < before->ngroups; i++) {
        bool same = true;

        for (size_t k = 0; k < v->q.nkeys; k++) {
            same = same && str_eq(g->values[k], before->groups[i].values[k]);
        }
        if (same) {
            return before->groups[i].n;
        }
    }
    return before->other.n > 0 ? -1 : 0;
}


void
explore_show_before(const struct explore_view *v, struct data *row,
                    const struct explore_group *g,
                    struct explore_result *before)
{
    int64_t n = explore_number_before(v, g, before);

    before->total -= n > 0 ? n : 0;
    span_compare(v->rq->a, row, g->n, n);
}


void
explore_show_rest(const struct explore_view *v, struct data *row, int64_t now,
                  const struct explore_result *before)
{
    /* one user may be in several groups: what is left is no number of users */
    if (!v->q.users && before->total >= 0) {
        span_compare(v->rq->a, row, now, before->total);
    }
}


struct layer
explore_layer_before(const struct explore_view *v,
                     const struct explore_result *before)
{
    int64_t *sums = arena_array(v->rq->a, v->q.slots, sizeof(*sums));

    for (size_t s = 0; s < v->q.slots; s++) {
        sums[s] = before->other.slots[s];
        for (size_t i = 0; i < before->ngroups; i++) {
            sums[s] += before->groups[i].slots[s];
        }
    }
    return (struct layer){ .name = str_of(tr("the period before")),
                           .fill = "l-before",
                           .v = sums,
                           .line = true };
}
