/* The issue page: GET /:org/issues/:issue/ and …/events/:event/ */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/organization.h"
#include "page/choice.h"
#include "util/hex.h"
#include "util/log.h"
#include "web/show.h"


/* The address of another event, on the same walk. */
static void
event_link(struct request *rq, const struct issue_walk *walk, struct data *d,
           const char *name, struct str id)
{
    if (!str_null(id)) {
        data_str(d, name,
                 str_printf(rq->a, "/%.*s/issues/%.*s/events/%.*s/%.*s",
                            STR_FMT(rq->org->slug),
                            STR_FMT(rq->issue->short_id), STR_FMT(id),
                            STR_FMT(walk->query)));
    }
}


static void
navigation(struct request *rq, const struct issue_walk *walk,
           const struct event_view *view, struct data *d)
{
    static const struct issue_walk free_walk = { .query = { "", 0 } };
    const struct event_row *row = &view->row;
    int64_t late = row->received_at - row->occurred_at;

    data_str(d, "id", row->event_id);
    data_str(d, "short", str_cut(row->event_id, 8));
    data_str(d, "hash", view->hash);
    data_time(d, "at", row->occurred_at);
    data_time(d, "received_at", row->received_at);
    if (late >= 0 && late < US_PER_DAY * 60) {
        data_i64(d, "late", late);
    }
    data_i64(d, "bytes", (int64_t) view->body.n);
    data_bool(d, "thin", !row->has_body);
    if (view->thinned > 0) {
        data_i64(d, "all", rq->issue->times_seen);
        data_i64(d, "kept", rq->issue->times_seen - view->thinned);
    }
    if (view->number > 0) {
        data_i64(d, "number", view->number);
        data_bool(d, "about", view->about);
    }
    event_link(rq, &free_walk, d, "link", row->event_id);
    event_link(rq, walk, d, "first",
               str_null(view->earlier) ? STR_NULL : STR("oldest"));
    event_link(rq, walk, d, "earlier", view->earlier);
    event_link(rq, walk, d, "best", STR("recommended"));
    event_link(rq, walk, d, "later", view->later);
    event_link(rq, walk, d, "last",
               str_null(view->later) ? STR_NULL : STR("latest"));
}


static void
parts(struct request *rq, const struct issue_event *ev, struct data *d)
{
    issue_highlights(ev, d);
    issue_message(ev, d);
    issue_stack(ev, d);
    issue_trail(rq, ev, d);
    issue_request(ev, d);
    issue_user(ev, d);
    issue_tag_tree(ev, d);
    issue_contexts(ev, d);
    issue_extra(ev, d);
    issue_packages(rq, ev, d);
    issue_images(ev, d);
    issue_problems(ev, d);
    issue_grouping(ev, d);
    issue_rule(ev, d);
}


/*
 * The body, when it is there and is JSON.  It was written by our own digest,
 * so anything else is a fault of ours: the page then says so and shows the
 * rest.
 */
static enum status
event(struct request *rq, struct response *rs, const struct issue_walk *walk,
      const struct event_view *view, const struct assignee *people,
      size_t npeople)
{
    struct data *d = rs->data;
    unsigned led = 0;
    struct issue_event ev = {
        .a = rq->a,
        .issue = rq->issue,
        .row = &view->row,
        .stream = str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug)),
        .led = &led,
        .sdks = view->sdks,
        .text = query_with(rq->a, &rq->args, "trace", STR("text")),
    };
    struct data *node = data_child(d, "Event");
    struct json *doc;
    enum status st;

    navigation(rq, walk, view, node);
    if (view->beside
        && (st = issue_beside(rq, view->row.event_id, d)) != ST_OK) {
        return st;
    }
    if (str_null(view->body)) {
        data_bool(node, "gone", true);
        return ST_OK;
    }
    if (json_parse(rq->a, view->body, NULL, &doc, NULL) != ST_OK) {
        log_error("event %.*s: its body is no JSON",
                  STR_FMT(view->row.event_id));
        data_bool(node, "gone", true);
        return ST_OK;
    }
    ev.doc = doc;
    if (str_is(request_arg(rq, "trace"), "text")) {
        response_raw(rs, "text/plain; charset=utf-8", issue_raw_trace(&ev));
        return ST_OK;
    }
    if (!str_is(request_arg(rq, "frames"), "all")) {
        ev.whole = query_with(rq->a, &rq->args, "frames", STR("all"));
    }
    ev.code = issue_code_read(rq->a, view);
    if (view->commits && (st = issue_commits_of(rq, &ev)) != ST_OK) {
        return st;
    }
    parts(rq, &ev, d);
    issue_suspect(rq, &ev, people, npeople, d);
    return issue_distribution(rq, &ev, d);
}


static bool
has_word(struct str which)
{
    return str_is(which, "latest") || str_is(which, "oldest")
           || str_is(which, "recommended");
}


/*
 * The event that the path asks for.  One that is not there, perhaps no longer,
 * is no error page: the issue is shown with its latest event and a sentence.
 * So it is when there is none on the walk.
 */
static enum status
chosen(struct request *rq, struct response *rs, const struct issue_walk *walk,
       struct event_view *view)
{
    struct str which = request_param(rq, "event");
    unsigned char uuid[16];
    enum status st;

    which = str_null(which) ? STR("latest") : which;
    st = event_walk(rq->db, rq->a, rq->issue, which, &walk->events, view);
    if (st != ST_NOT_FOUND) {
        return st;
    }
    if (!has_word(which)) {
        bool is_id = uuid_parse(which, uuid);

        /* the link of an old mail still leads to the issue */
        rs->status = is_id ? rs->status : status_http(ST_NOT_FOUND);
        data_bool(rs->data, "no_id", !is_id);
        data_str(rs->data, "missing", which);

    } else if (walk->narrow) {
        data_bool(rs->data, "none_there", true);

    } else {
        return st;
    }
    return event_find(rq->db, rq->a, rq->issue, STR("latest"), view);
}


static void
facts(struct request *rq, struct data *d)
{
    const struct issue *is = rq->issue;
    struct data *node = data_child(d, "Issue");

    issue_summary(rq, node, is);
    data_bool(node, "open", is->status == ISSUE_UNRESOLVED);
    data_bool(node, "archived", is->status == ISSUE_ARCHIVED);
    if (!str_null(is->first_release)) {
        data_str(node, "first_release", issue_release(is->first_release));
        data_str(node, "first_link",
                 release_link(rq, is->first_release, is->project_slug));
    }
    if (!str_null(is->last_release)) {
        data_str(node, "last_release", issue_release(is->last_release));
        data_str(node, "last_link",
                 release_link(rq, is->last_release, is->project_slug));
    }
}


enum status
page_issue(struct request *rq, struct response *rs)
{
    struct event_view view = { 0 };
    struct issue_walk walk;
    struct assignee *people = NULL;
    bool ticketed = false;
    size_t npeople = 0;
    enum status st;

    facts(rq, rs->data);
    issue_walk_read(rq, &walk);
    st = issue_chart(rq, &walk, rs->data);
    if (st == ST_OK) {
        st = issue_actions(rq, data_child(rs->data, "Issue"), &ticketed);
    }
    if (st == ST_OK) {
        st = issue_activity(rq, rs->data);
    }
    if (st == ST_OK && ticketed) {
        st = issue_tickets(rq, rs->data);
    }
    if (st == ST_OK) {
        st = assignee_list(rq->db, rq->a, rq->org->id, rq->account->id,
                           rq->issue->id, &people, &npeople);
    }
    if (st != ST_OK) {
        return st;
    }
    issue_people_find(rq, rs->data, people, npeople, rq->issue->assignee_id);

    st = chosen(rq, rs, &walk, &view);
    if (st == ST_NOT_FOUND) {
        data_bool(rs->data, "no_events", true);
        return issue_beside(rq, STR_NULL, rs->data);
    }
    return st == ST_OK ? event(rq, rs, &walk, &view, people, npeople) : st;
}
