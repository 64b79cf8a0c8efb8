/*
 * Why the stream is empty: nothing has ever come, the reader may see none of
 * it, nothing passes the filter, or what came is past its age.  Silence must
 * not look like a line that is broken, so it says when the last event came.
 */

#include "page/issue.h"
#include "page/search.h"

#include "model/organization.h"
#include "model/project.h"

/*
 * Statements for the list and for the numbers together: a count takes one, and
 * another one where a word or tag has to be found first.  The list itself takes
 * one to three, and the page beside it nine.
 */
#define STATEMENTS_MAX 3

struct empty {
    struct request *rq;
    struct data *d;
    const struct search_box *box;
    const struct id_set *ticked; /* projects of the menu */
    int left;                    /* statements */
};


static int
cost(const struct issue_filter *f)
{
    return f->nwords > 0 || f->ntags > 0 || f->nany > 0 ? 2 : 1;
}


/* found, capped: what is there without something; nothing if it is too dear. */
static enum status
count(struct empty *e, struct data *row, struct issue_filter *filter)
{
    struct request *rq = e->rq;
    struct issue_list page;
    enum status st;

    if (cost(filter) > e->left) {
        return ST_OK;
    }
    e->left -= cost(filter);
    st = issue_list(rq->db, rq->a, rq->org->id, &rq->access, filter,
                    ISSUE_BY_LAST_SEEN,
                    &(struct issue_cursor){ .rows = ISSUE_PAGE }, &page);
    if (st == ST_OK) {
        data_bool(row, "counted", true);
        data_i64(row, "found", page.n);
        data_bool(row, "capped", page.later);
    }
    return st;
}


/* A row for each thing that could be left out: Filter. */
static enum status
show_filters(struct empty *e)
{
    const struct issue_query *q = &e->box->query;
    struct arena *a = e->rq->a;
    struct data *list = data_child(e->d, "Filter");
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < q->n; i++) {
        struct str text = issue_query_without(a, q, i);
        struct data *row = data_row(list);
        struct issue_query without;

        data_str(row, "text", q->terms[i].text);
        data_str(row, "without", query_with(a, &e->box->base, "q", text));
        issue_query_parse(a, text, &e->box->names, &without);
        search_limit(&without.filter.projects, e->ticked);
        st = count(e, row, &without.filter);
    }
    if (st == ST_OK && e->ticked->limited) {
        struct data *row = data_row(list);
        struct issue_query without;

        data_str(row, "without",
                 query_with(a, &e->box->base, "project", STR_NULL));
        issue_query_parse(a, e->box->text, &e->box->names, &without);
        st = count(e, row, &without.filter);
    }
    return st;
}


/* When the last event of any issue came; or that no issue is left. */
static enum status
show_last(struct empty *e)
{
    struct request *rq = e->rq;
    struct issue_query all;
    struct issue_list page;
    enum status st;

    e->left--;
    issue_query_parse(rq->a, STR(""), &e->box->names, &all);
    st = issue_list(rq->db, rq->a, rq->org->id, &rq->access, &all.filter,
                    ISSUE_BY_LAST_SEEN, &(struct issue_cursor){ .rows = 1 },
                    &page);
    if (st == ST_OK && page.n > 0) {
        data_time(e->d, "last_event", page.rows[0].last_seen);
        data_bool(e->d, "all_well",
                  str_is(e->box->text, "is:unresolved") && !e->ticked->limited);
    }
    data_bool(e->d, "gone", st == ST_OK && page.n == 0);
    return st;
}


enum status
issue_empty_show(struct request *rq, struct data *d,
                 const struct search_box *box, const struct id_set *ticked,
                 unsigned taken)
{
    struct empty e = { .rq = rq,
                       .d = d,
                       .box = box,
                       .ticked = ticked,
                       .left = STATEMENTS_MAX - (int) taken };
    const struct project *waiting = NULL;
    enum status st;

    data_bool(d, "some_hidden", !rq->access.all);
    for (size_t i = 0; i < box->names.nprojects; i++) {
        if (box->projects[i].first_event_at != 0) {
            /* when all is well, that something came is the news */
            st = box->query.n < 2 && e.left > 0 ? show_last(&e) : ST_OK;
            return st == ST_OK ? show_filters(&e) : st;
        }
        waiting = waiting == NULL ? &box->projects[i] : waiting;
    }
    data_bool(d, "none_yet", true);
    if (waiting != NULL) {
        data_str(d, "waiting", waiting->slug);
    }
    return ST_OK;
}
