/*
 * Merging and taking apart:
 *
 *     GET, POST /:org/issues/merge/          the issues id=…, before and after
 *     GET, POST /:org/issues/:issue/merged/  what was merged, and its hashes
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/issue_change.h"
#include "model/issue_merge.h"
#include "model/organization.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/show.h"

#define ASK_AGAIN 5 /* merging more than this many */


/* ---- merging */

static enum status
find_all(struct request *rq, const int64_t *ids, size_t n, struct issue *out)
{
    for (size_t i = 0; i < n; i++) {
        enum status st =
            issue_find(rq->db, rq->a, rq->org->id,
                       str_printf(rq->a, "%lld", (long long) ids[i]), &out[i]);

        if (st != ST_OK) {
            return st;
        }
    }
    return ST_OK;
}


static enum status
show(struct request *rq, struct response *rs, const int64_t *ids, size_t n)
{
    struct issue *issues = arena_array(rq->a, n, sizeof(*issues));
    struct data *list = data_child(rs->data, "Issue");
    size_t keep = 0;
    bool mixed = false;
    enum status st;

    if ((st = request_issues(rq, ids, n)) != ST_OK
        || (st = find_all(rq, ids, n, issues)) != ST_OK) {
        return st;
    }
    for (size_t i = 1; i < n; i++) {
        mixed = mixed || issues[i].project_id != issues[0].project_id;
        if (issues[i].times_seen > issues[keep].times_seen
            || (issues[i].times_seen == issues[keep].times_seen
                && issues[i].id < issues[keep].id)) {
            keep = i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(list);

        issue_summary(rq, row, &issues[i]);
        data_bool(row, "kept", i == keep);
    }
    data_i64(rs->data, "n", (int64_t) n);
    data_bool(rs->data, "mixed", mixed);
    data_bool(rs->data, "ask", n > ASK_AGAIN);
    return ST_OK;
}


enum status
page_issue_merge(struct request *rq, struct response *rs)
{
    int64_t ids[ISSUE_PAGE_MAX];
    enum status st;
    size_t n;

    if ((st = issue_ticked(&rq->args, ids, &n)) != ST_OK) {
        return st;
    }
    return n < 2 ? ST_INVALID : show(rq, rs, ids, n);
}


enum status
page_issue_merge_submit(struct request *rq, struct response *rs)
{
    struct issue_change c;
    struct actor by = request_actor(rq);
    int64_t ids[ISSUE_PAGE_MAX], undo_id = 0;
    enum status st;
    size_t n;

    if ((st = issue_ticked(&rq->form, ids, &n)) != ST_OK
        || (st = issue_change_read(STR("merge"), STR(""), &c)) != ST_OK) {
        return st;
    }
    if (n < 2) {
        return request_wrong(rq, "id");
    }
    if (n > ASK_AGAIN && !str_is(request_field(rq, "sure"), "1")) {
        rs->status = 422;
        data_bool(rs->data, "unsure", true);
        return show(rq, rs, ids, n);
    }
    st = request_issues(rq, ids, n);
    if (st == ST_OK) {
        st = issue_change(rq->db, rq->a, rq->org->id, ids, n, &c, &by, false,
                          &undo_id, NULL);
    }
    if (st == ST_INVALID) {
        rs->status = 422;
        return show(rq, rs, ids, n);
    }
    if (st == ST_CONFLICT) {
        login_flash(rq, STR("Events of an issue that was just taken out of "
                            "another are still on their way: try again in a "
                            "moment."));
        response_redirect(
            rs, str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug)));
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash_undo(rq,
                     lang_fill(rq->a,
                               N_("{0} {0|issue is|issues are} one now."),
                               FILL(show_full(rq->a, (int64_t) n))),
                     undo_id);
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/issues/%lld/",
                                 STR_FMT(rq->org->slug), (long long) ids[0]));
    return ST_OK;
}


/* ---- taking apart */

enum status
page_issue_merged(struct request *rq, struct response *rs)
{
    struct data *merged = data_child(rs->data, "Merged");
    struct data *hashes = data_child(rs->data, "Hash");
    struct issue_merged *rows;
    enum status st;
    size_t n;

    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    st =
        issue_merged_list(rq->db, rq->a, rq->org->id, rq->issue->id, &rows, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(rows[i].issue_id != 0 ? merged : hashes);

        if (rows[i].issue_id == 0) {
            data_str(row, "hash", rows[i].hash);
            continue;
        }
        data_i64(row, "id", rows[i].issue_id);
        data_str(row, "short_id", rows[i].short_id);
        data_str(row, "title", rows[i].title);
        data_i64(row, "events", rows[i].times_seen);
        data_time(row, "at", rows[i].at);
        data_str(row, "by", rows[i].by);
    }
    return st;
}


static enum status
take_hashes(struct request *rq, struct response *rs)
{
    struct str hashes[ISSUE_MERGED_MAX], text;
    size_t n = 0, at = 0;
    enum status st;
    int64_t made;

    while (n < ISSUE_MERGED_MAX && field_next(&rq->form, "hash", &at, &text)) {
        hashes[n++] = text;
    }
    st = n > 0 ? issue_split(rq->db, rq->a, rq->org->id, rq->issue->id, hashes,
                             n, rq->account->id, &made)
               : ST_INVALID;
    if (st == ST_INVALID) {
        login_flash(rq, STR("Choose some of the fingerprints, but not all: "
                            "one must stay."));
        response_redirect(
            rs, str_printf(rq->a, "%.*smerged/", STR_FMT(issue_path(rq))));
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, STR("This is the new issue; its events arrive within "
                        "seconds."));
    response_redirect(rs, str_printf(rq->a, "/%.*s/issues/%lld/",
                                     STR_FMT(rq->org->slug), (long long) made));
    return ST_OK;
}


enum status
page_issue_unmerge(struct request *rq, struct response *rs)
{
    struct str child = request_field(rq, "issue");
    int64_t id, job_id;
    enum status st;

    if (child.n == 0) {
        return take_hashes(rq, rs);
    }
    if (!str_i64(child, &id)) {
        return ST_NOT_FOUND;
    }
    st = issue_unmerge(rq->db, rq->a, rq->org->id, rq->issue->id, id,
                       rq->account->id, &job_id);
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, STR("The issue is back; its events follow within "
                        "seconds."));
    response_redirect(rs, str_printf(rq->a, "/%.*s/issues/%lld/",
                                     STR_FMT(rq->org->slug), (long long) id));
    return ST_OK;
}
