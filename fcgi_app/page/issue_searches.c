/*
 * page/issue_searches.c - saved searches of the stream: the menu there, and
 * /:org/issues/searches/ (page/saved.h).
 */

#include "model/account.h"
#include "model/organization.h"
#include "page/issue.h"
#include "page/pages.h"
#include "page/saved.h"


/* Where the stream shows it. */
static struct str
query_of(struct request *rq, const struct saved_search *s)
{
    struct field v[2] = { { STR("q"), s->query }, { STR("sort"), s->sort } };
    struct fields args = { .v = v,
                           .n = str_is(s->sort, issue_orders[0].name) ? 1 : 2 };

    return query_with(rq->a, &args, "", STR_NULL);
}


static const char *
read_search(struct request *rq, bool args, struct saved_search *s)
{
    struct str query = args ? request_arg(rq, "q") : request_field(rq, "query");
    struct str sort =
        args ? request_arg(rq, "sort") : request_field(rq, "sort");

    s->sort = str_of(issue_orders[0].name);
    for (int i = 0; i < ISSUE_SORTS; i++) {
        if (str_is(sort, issue_orders[i].name)) {
            s->sort = str_of(issue_orders[i].name);
        }
    }
    s->query = str_null(query) ? STR("") : str_cut(query, SEARCH_TEXT_MAX);
    return !args && query.n > SEARCH_TEXT_MAX
               ? "A search of 1000 characters at most."
               : NULL;
}


static void
show_sorts(struct request *rq, struct data *d, const struct saved_search *s)
{
    (void) rq;
    for (int i = 0; i < ISSUE_SORTS; i++) {
        struct data *row = data_row(data_child(d, "Sort"));

        data_text(row, "name", issue_orders[i].name);
        data_tr(row, "title", issue_orders[i].title);
        data_bool(row, "chosen", str_is(s->sort, issue_orders[i].name));
    }
}


static const struct saved_shelf shelf = {
    .place = SAVED_IN_STREAM,
    .home = "issues/",
    .path = "issues/searches/",
    .param = "search",
    .read = read_search,
    .link = query_of,
    .show = show_sorts,
};


/* The stream */

void
issue_searches_show(struct request *rq, struct data *d,
                    const struct issue_searches *saved, struct str query,
                    enum issue_sort sort)
{
    saved_menu(rq, d, &shelf, saved->v, saved->n,
               &(struct saved_search){
                   .query = query, .sort = str_of(issue_orders[sort].name) });
}


struct str
issue_searches_open(struct request *rq, const struct issue_searches *saved)
{
    for (size_t i = 0; i < saved->n; i++) {
        if (saved->v[i].chosen) {
            return query_of(rq, &saved->v[i]);
        }
    }
    return STR_NULL;
}


/* The page */

enum status
page_issue_searches(struct request *rq, struct response *rs)
{
    return saved_page(rq, rs, &shelf);
}


enum status
page_issue_search_new(struct request *rq, struct response *rs)
{
    return saved_new(rq, rs, &shelf);
}


enum status
page_issue_search_act(struct request *rq, struct response *rs)
{
    return saved_act(rq, rs, &shelf);
}
