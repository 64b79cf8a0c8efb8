/*
 * The explorer's map: events or users by country, what became more and less
 * since the period before, and the countries that it had alone.
 */

#include "page/explore.h"

#include "page/map.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"
#include "web/world.h"

#define ROWS 12
#define GONE_MAX 10 /* that are named */


static bool
has(const struct explore_result *r, struct str code)
{
    for (size_t i = 0; i < r->ngroups; i++) {
        if (str_eq(r->groups[i].values[0], code)) {
            return true;
        }
    }
    return false;
}


/* "Spain 10, Italy 4" */
static void
show_gone(const struct explore_view *v, const struct explore_result *r,
          const struct explore_result *before)
{
    struct buf b = buf_in(v->rq->a);
    size_t named = 0;

    for (size_t i = 0; i < before->ngroups && named < GONE_MAX; i++) {
        const struct explore_group *g = &before->groups[i];
        const struct country *c = country_find(g->values[0]);

        if (c == NULL || has(r, g->values[0])) {
            continue;
        }
        buf_addf(&b, "%s%s ", named++ > 0 ? ", " : "", tr(c->name));
        buf_str(&b, show_full(v->rq->a, g->n));
    }
    if (named > 0) {
        data_str(v->d, "gone", buf_view(&b));
    }
}


void
explore_show_map(const struct explore_view *v, const struct explore_result *r,
                 const struct explore_result *before)
{
    struct map_count *counts =
        arena_array(v->rq->a, r->ngroups, sizeof(*counts));
    int64_t unknown = 0;
    size_t n = 0;

    for (size_t i = 0; i < r->ngroups; i++) {
        const struct explore_group *g = &r->groups[i];

        if (g->values[0].n == 0) {
            unknown = g->n;
            continue;
        }
        counts[n] = (struct map_count){
            .code = g->values[0],
            .n = g->n,
            .link = explore_narrow(v, STR(EXPLORE_COUNTRY), g->values[0]),
            .compared = before != NULL,
        };
        if (before != NULL) {
            counts[n].before = explore_number_before(v, g, before);
        }
        n++;
    }
    data_i64(v->d, "unknown", unknown);
    if (n > 0) {
        map_fill(v->rq->a, data_child(v->d, "Map"), counts, n, ROWS);
    }
    if (before != NULL) {
        show_gone(v, r, before);
    }
}
