/*
 * GET /:org/issues/:issue/similar/: what may be the same, and why; with
 * ?with=ID, one of those, the stacks of both side by side.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "json/doc.h"
#include "model/event.h"
#include "model/issue_similar.h"
#include "util/lang.h"


static void
add(struct request *rq, struct data *list, const char *words, int percent)
{
    data_item(list, percent < 0
                        ? str_of(tr(words))
                        : str_printf(rq->a, "%s: %d %%", tr(words), percent));
}


/* Of the issue's latest event; *found false: it has none that can be read. */
static enum status
latest(struct request *rq, const struct issue *is, struct event_view *view,
       struct issue_event *ev, bool *found)
{
    enum status st = event_find(rq->db, rq->a, is, STR("latest"), view);
    struct json *doc;

    *found = st == ST_OK && !str_null(view->body)
             && json_parse(rq->a, view->body, NULL, &doc, NULL) == ST_OK;
    if (*found) {
        *ev = (struct issue_event){
            .a = rq->a, .issue = is, .row = &view->row, .doc = doc
        };
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


static enum status
compare(struct request *rq, const struct issue *other, struct data *d)
{
    struct event_view views[2];
    struct issue_event left, right;
    bool here, there;
    enum status st;

    data_str(d, "short_id", other->short_id);
    if ((st = latest(rq, rq->issue, &views[0], &left, &here)) != ST_OK
        || (st = latest(rq, other, &views[1], &right, &there)) != ST_OK) {
        return st;
    }
    if (here && there) {
        issue_compare(&left, &right, d);
    }
    return ST_OK;
}


enum status
page_issue_similar(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Similar");
    struct issue_similar *rows;
    int64_t with = 0;
    enum status st;
    size_t n;

    (void) str_i64(request_arg(rq, "with"), &with);
    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    st = issue_similar(rq->db, rq->a, rq->issue, &rows, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(list), *why = data_child(row, "Why");

        issue_summary(rq, row, &rows[i].issue);
        data_i64(row, "score", rows[i].score);
        if (rows[i].same_type) {
            add(rq, why, N_("Same exception type"), -1);
        }
        if (rows[i].same_culprit) {
            add(rq, why, N_("Same place in the code"), -1);
        }
        if (rows[i].value > 0) {
            add(rq, why, N_("Words of the message in common"), rows[i].value);
        }
        if (rows[i].code > 0) {
            add(rq, why, N_("Functions, files and modules in common"),
                rows[i].code);
        }
        if (rows[i].issue.id == with) {
            data_bool(row, "compared", true);
            st = compare(rq, &rows[i].issue, data_child(rs->data, "With"));
        }
    }
    return st;
}
