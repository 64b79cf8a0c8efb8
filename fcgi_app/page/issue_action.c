/*
 * POST of the stream and of the issue page.  A form has one button pressed,
 * and a button has one name and value:
 *
 *     do=resolve | unresolve | archive | comment
 *     assign=<account id>, 0 for nobody
 *     priority=75 | 50 | 25
 *
 * The stream adds an id for each ticked row.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/activity.h"
#include "model/organization.h"
#include "web/login.h"

static const struct {
    const char *name;
    enum issue_action action;
    const char *done;
} actions[] = {
    { "resolve", ISSUE_RESOLVE, "resolved" },
    { "unresolve", ISSUE_UNRESOLVE, "reopened" },
    { "archive", ISSUE_ARCHIVE, "archived" },
};


static enum status
act(struct request *rq, const int64_t *ids, size_t n, const char **done)
{
    struct str word = request_field(rq, "do");
    struct str assign = request_field(rq, "assign");
    struct str priority = request_field(rq, "priority");
    int64_t value;

    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (str_is(word, actions[i].name)) {
            *done = actions[i].done;
            return issue_act(rq->db, rq->a, rq->org->id, ids, n,
                             actions[i].action, rq->account->id, NULL);
        }
    }
    if (str_i64(assign, &value) && value >= 0) {
        *done = value != 0 ? "assigned" : "no longer assigned";
        return issue_assign(rq->db, rq->a, rq->org->id, ids, n, value,
                            rq->account->id, NULL);
    }
    if (str_i64(priority, &value)
        && (value == 25 || value == 50 || value == 75)) {
        *done = "given another priority";
        return issue_set_priority(rq->db, rq->a, rq->org->id, ids, n,
                                  (int) value, rq->account->id, NULL);
    }
    return ST_INVALID;
}


static int64_t
unique(int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            return 0;
        }
    }
    ids[n] = id;
    return 1;
}


/* POST /:org/issues/, with the stream's own query to return to. */
enum status
page_issue_bulk(struct request *rq, struct response *rs)
{
    int64_t ids[ISSUE_PAGE];
    const char *done;
    struct str text;
    struct str back;
    size_t n = 0;
    size_t at = 0;
    int64_t id;
    enum status st;

    while (field_next(&rq->form, "id", &at, &text)) {
        if (!str_i64(text, &id)) {
            return ST_NOT_FOUND;
        }
        if (n == ISSUE_PAGE) {
            return ST_INVALID;
        }
        n += (size_t) unique(ids, n, id);
    }
    back = str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug));
    if (rq->query.n > 0) {
        struct buf b = buf_in(rq->a);

        buf_str(&b, back);
        buf_char(&b, '?');
        buf_str(&b, rq->query);
        back = buf_view(&b);
    }
    if (n == 0) {
        login_flash(rq, STR("Nothing was selected."));
        response_redirect(rs, back);
        return ST_OK;
    }

    st = request_issues(rq, ids, n);
    if (st == ST_OK) {
        st = act(rq, ids, n, &done);
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, n == 1 ? str_printf(rq->a, "1 issue %s.", done)
                           : str_printf(rq->a, "%zu issues %s.", n, done));
    response_redirect(rs, back);
    return ST_OK;
}


/* POST /:org/issues/:issue/ */
enum status
page_issue_act(struct request *rq, struct response *rs)
{
    const char *done;
    enum status st;

    if (str_is(request_field(rq, "do"), "comment")) {
        st = activity_comment(rq->db, rq->a, rq->org->id, rq->issue->id,
                              rq->account->id, request_field(rq, "text"));
        if (st == ST_INVALID) {
            login_flash(rq, STR("A comment needs some text, and 10,000 "
                                "characters at most."));
            st = ST_OK;
        }
        done = NULL;
    } else {
        st = act(rq, &rq->issue->id, 1, &done);
    }
    if (st != ST_OK) {
        return st;
    }

    if (done != NULL) {
        login_flash(rq, str_printf(rq->a, "%.*s is %s.",
                                   STR_FMT(rq->issue->short_id), done));
    }
    response_redirect(rs, str_printf(rq->a, "/%.*s/issues/%.*s/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(rq->issue->short_id)));
    return ST_OK;
}
