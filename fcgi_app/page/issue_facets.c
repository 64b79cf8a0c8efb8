/*
 * The facets beside the stream, ?facets=1: frequent values as links that put a
 * term into the search, or take it out again.
 */

#include "page/issue.h"
#include "page/search.h"

#include "model/issue_facet.h"
#include "model/organization.h"
#include "util/lang.h"
#include "web/route.h"
#include "web/world.h"

static const struct {
    const char *key;
    const char *title;
} shown[] = {
    { "level", N_("Level") },          { "environment", N_("Environment") },
    { "release", N_("Release") },      { "browser.name", N_("Browser") },
    { "os.name", N_("OS") },           { "handled", N_("Handled") },
    { "geo.country_code", "Country" }, { "assigned", N_("Assignee") },
};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))
#define TAGS (SHOWN - 1) /* the last one is of the issues */


/* "tags[a]" of "tags[a]:b" */
static const char *
key_of(struct arena *a, struct str term, struct str key)
{
    size_t n = str_starts(term, STR("tags[")) ? key.n + 6 : key.n;

    return str_dup(a, str_cut(term, n));
}


static void
show_value(struct request *rq, struct data *d, const struct search_box *box,
           const struct issue_facet *f)
{
    bool person = !str_null(f->name);
    struct str term = person ? str_pair(rq->a, f->key, ":", f->value)
                             : issue_tag_term(rq->a, f->key, f->value);
    const char *key = key_of(rq->a, term, f->key);
    struct str now = issue_query_value(&box->query, key);
    bool current =
        !str_null(now) && str_eq(now, str_sub(term, strlen(key) + 1, term.n));
    struct data *row = data_row(data_child(d, "Value"));
    const struct country *country =
        str_is(f->key, "geo.country_code") ? country_find(f->value) : NULL;

    data_str(row, "value", person ? f->name : f->value);
    if (country != NULL) {
        data_tr(row, "value", country->name);
    }
    data_i64(row, "n", f->events);
    data_bool(row, "current", current);
    data_str(row, "link",
             query_with(rq->a, &box->base, "q",
                        issue_query_replace(rq->a, &box->query, key,
                                            current ? STR_NULL : term)));
}


enum status
issue_facets_show(struct request *rq, struct data *d,
                  const struct search_box *box, const struct id_set *projects)
{
    bool on = str_is(request_arg(rq, "facets"), "1");
    struct data *list = data_child(d, "Facet");
    const char *keys[SHOWN];
    struct data *nodes[SHOWN] = { 0 };
    struct issue_facet *facets;
    enum status st;
    size_t n;

    data_bool(d, "facets", on);
    data_str(d, "link_facets",
             query_with(rq->a, &box->base, "facets", on ? STR_NULL : STR("1")));
    if (!on) {
        return ST_OK;
    }
    for (size_t i = 0; i < SHOWN; i++) { /* of whom they are, too */
        keys[i] = shown[i].key;
    }
    st = issue_facets(rq->db, rq->a, rq->org->id, &rq->access, projects, keys,
                      TAGS, &facets, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        for (size_t k = 0; k < SHOWN; k++) {
            if (!str_is(facets[i].key, keys[k])) {
                continue;
            }
            if (nodes[k] == NULL) {
                nodes[k] = data_row(list);
                data_tr(nodes[k], "title", shown[k].title);
            }
            show_value(rq, nodes[k], box, &facets[i]);
        }
    }
    return st;
}
