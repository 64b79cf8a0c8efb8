/* The issue page: GET /:org/issues/:issue/ and …/events/:event/ */

#include "page/issue.h"
#include "page/pages.h"

#include "model/organization.h"
#include "model/issue_page.h"
#include "page/chart.h"
#include "page/choice.h"
#include "util/log.h"
#include "web/show.h"

#define BAR_HOURS 8 /* of a bar in 14 days */
#define HOURS (ISSUE_DAYS * 24)


static int64_t
round_up(int64_t us, int64_t to)
{
    return (us + to - 1) / to * to;
}


static const char *
fill_of(int level)
{
    return level >= 40   ? "f-error"
           : level >= 30 ? "f-warning"
           : level >= 20 ? "f-info"
                         : "f-bar";
}


/* The last 24 hours against the 24 before: "+312 %", or just a number. */
static void
change(struct arena *a, struct data *d, const int64_t *hours, int n)
{
    int64_t now = 0;
    int64_t before = 0;
    int64_t percent;

    for (int i = 0; i < 24; i++) {
        now += hours[n - 24 + i];
        before += hours[n - 48 + i];
    }
    data_i64(d, "day", now);
    if (before == 0) {
        return;
    }
    percent = (now - before) * 100 / before;
    data_str(d, "change",
             str_printf(a, "%s%lld %%", percent < 0 ? "−" : "+",
                        (long long) (percent < 0 ? -percent : percent)));
    data_bool(d, "worse", percent > 0);
}


/*
 * Hours, because the change of a day needs them; the bars of 14 days add up
 * eight of them each and end where a third of a UTC day ends.
 */
enum status
issue_chart(struct request *rq, struct data *d)
{
    bool day = str_is(request_arg(rq, "range"), "24h");
    int per_bar = day ? 1 : BAR_HOURS;
    int64_t end = round_up(rq->now + 1, per_bar * US_PER_HOUR);
    int64_t from = end - HOURS * US_PER_HOUR;
    int n = day ? 24 : HOURS / BAR_HOURS;
    int first = HOURS - n * per_bar;
    int past = (int) ((round_up(rq->now + 1, US_PER_HOUR) - from)
                      / US_PER_HOUR); /* hours up to now */
    int64_t bars[HOURS] = { 0 };
    struct flag flags[ISSUE_CHART_FLAGS];
    struct issue_chart read;
    enum status st;

    st = issue_chart_read(rq->db, rq->a, rq->issue, from, HOURS, &read);
    if (st != ST_OK) {
        return st;
    }
    change(rq->a, d, read.hours, past);
    for (int i = 0; i < n * per_bar; i++) {
        bars[i / per_bar] += read.hours[first + i];
    }
    for (size_t i = 0; i < read.nflags; i++) {
        flags[i] = (struct flag){ read.flags[i].first_seen,
                                  issue_release(read.flags[i].version) };
    }

    data_bool(data_child(d, "Chart"), "day", day);
    chart_bars(rq->a, data_child(d, "Chart"),
               &(struct series){ .name = "events",
                                 .v = bars,
                                 .n = (size_t) n,
                                 .from = from + first * US_PER_HOUR,
                                 .step = per_bar * 3600,
                                 .hot_from = (size_t) n },
               fill_of(rq->issue->level), flags, read.nflags);
    return ST_OK;
}


static void
event_link(struct request *rq, struct data *d, const char *name, struct str id)
{
    if (!str_null(id)) {
        data_str(d, name,
                 str_printf(rq->a, "/%.*s/issues/%.*s/events/%.*s/",
                            STR_FMT(rq->org->slug),
                            STR_FMT(rq->issue->short_id), STR_FMT(id)));
    }
}


static void
navigation(struct request *rq, const struct event_view *view, struct data *d)
{
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
    event_link(rq, d, "link", row->event_id);
    event_link(rq, d, "first", view->first);
    event_link(rq, d, "earlier", view->earlier);
    event_link(rq, d, "later", view->later);
    event_link(rq, d, "last", view->last);
}


static void
parts(struct request *rq, const struct issue_event *ev, struct data *d)
{
    issue_highlights(ev, d);
    issue_stack(ev, d);
    issue_trail(ev, d, str_is(request_arg(rq, "crumbs"), "all"));
    issue_request(ev, d);
    issue_user(ev, d);
    issue_tag_tree(ev, d);
    issue_contexts(ev, d);
    issue_extra(ev, d);
    issue_packages(ev, d);
    issue_grouping(ev, d);
}


/*
 * The body, when it is there and is JSON.  It was written by our own digest,
 * so anything else is a fault of ours: the page then says so and shows the
 * rest.
 */
static enum status
event(struct request *rq, struct data *d, const struct event_view *view)
{
    struct issue_event ev = {
        .a = rq->a,
        .issue = rq->issue,
        .row = &view->row,
        .stream = str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug)),
    };
    struct data *node = data_child(d, "Event");
    struct json *doc;
    enum status st;

    navigation(rq, view, node);
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
    parts(rq, &ev, d);
    return issue_distribution(rq, &ev, d);
}


/*
 * The event that the path asks for.  One that is not there, perhaps no longer,
 * is no error page: the issue is shown with its latest event and a sentence.
 */
static enum status
chosen(struct request *rq, struct response *rs, struct event_view *view)
{
    struct str which = request_param(rq, "event");
    enum status st;

    if (!str_null(which)) {
        st = event_find(rq->db, rq->a, rq->issue, which, view);
        if (st != ST_NOT_FOUND) {
            return st;
        }
        rs->status = status_http(ST_NOT_FOUND);
        data_str(rs->data, "missing", which);
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
    bool ticketed = false;
    enum status st;

    facts(rq, rs->data);
    st = issue_chart(rq, rs->data);
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
        st = issue_people(rq, rs->data, rq->issue->id, rq->issue->assignee_id);
    }
    if (st != ST_OK) {
        return st;
    }

    st = chosen(rq, rs, &view);
    if (st == ST_NOT_FOUND) {
        data_bool(rs->data, "no_events", true);
        return issue_beside(rq, STR_NULL, rs->data);
    }
    return st == ST_OK ? event(rq, rs->data, &view) : st;
}
