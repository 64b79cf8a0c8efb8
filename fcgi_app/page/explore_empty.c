/*
 * Why the explorer has found nothing: nothing has come, or what was asked for
 * leaves nothing, with what would be there without each part of it.
 */

#include "page/explore.h"

#include "model/organization.h"
#include "model/project.h"
#include "model/retention.h"
#include "util/lang.h"

#define COUNTS 2 /* of two statements each; the page has taken seven */


/* How many events there are without it; v has none of the reader's address. */
static enum status
count(struct explore_view *v, struct data *row, int *left)
{
    struct request *rq = v->rq;
    struct explore_result r;
    enum status st;

    explore_aim(v);
    if (*left == 0 || v->q.filter->nwords > 0) {
        return ST_OK;
    }
    --*left;
    v->q.nkeys = 0;
    v->q.users = false;
    st = explore(rq->db, rq->a, &v->q, &r);
    if (st == ST_OK) {
        choice_counted(row, r.total, false);
    }
    return st;
}


static enum status
show_filters(const struct explore_view *v, int *left)
{
    struct request *rq = v->rq;
    struct explore_view other = *v;
    enum status st = ST_OK;

    for (size_t i = 0; st == ST_OK && i < v->box.query.n; i++) {
        struct str text = issue_query_without(rq->a, &v->box.query, i);
        struct data *row =
            choice_without(v->d, NULL, v->box.query.terms[i].text,
                           query_with(rq->a, &v->box.base, "q", text));

        other = *v;
        issue_query_parse(rq->a, text, &v->box.names, &other.box.query);
        st = count(&other, row, left);
    }
    if (st == ST_OK && !str_null(v->choice.environment)) {
        other = *v;
        other.choice.environment = STR_NULL;
        issue_query_parse(rq->a, v->box.text, &v->box.names, &other.box.query);
        st = count(&other,
                   choice_without(
                       v->d, N_("All environments"), STR_NULL,
                       query_with(rq->a, &rq->args, "environment", STR_NULL)),
                   left);
    }
    if (st == ST_OK && v->choice.chosen > 0) {
        other = *v;
        other.choice.projects = (struct id_set){ 0 };
        issue_query_parse(rq->a, v->box.text, &v->box.names, &other.box.query);
        st = count(
            &other,
            choice_without(v->d, N_("All projects"), STR_NULL,
                           query_with(rq->a, &rq->args, "project", STR_NULL)),
            left);
    }
    return st;
}


enum status
explore_show_empty(const struct explore_view *v)
{
    struct request *rq = v->rq;
    struct retention_limits limits = { 0 };
    int left = COUNTS;
    enum status st;

    if (choice_none_yet(rq, v->d, &v->choice)) {
        return ST_OK;
    }
    st = show_filters(v, &left);
    if (st == ST_OK && left > 0) {
        st = retention_limits(rq->db, rq->a, rq->org->id, &limits);
    }
    if (st == ST_OK && limits.days > 0
        && v->span.from < rq->now - limits.days * US_PER_DAY) {
        data_i64(v->d, "kept_days", limits.days);
    }
    return st;
}
