/*
 * Issues as data: GET /:org/issues/csv/ and …/ndjson/, what the stream shows
 * with the same arguments, and /:org/issues/:issue/json/, one issue with its
 * latest event.  One table says what is told of an issue.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/organization.h"
#include "util/conf.h"
#include "web/csv.h"

#define EXPORT_MAX 5000 /* issues of a file */

static const char *const statuses[] = {
    [ISSUE_UNRESOLVED] = "unresolved",
    [ISSUE_RESOLVED] = "resolved",
    [ISSUE_ARCHIVED] = "archived",
};

static const char *const substatuses[] = {
    [ISSUE_UNTIL_ESCALATING] = "until_escalating",
    [ISSUE_ESCALATING] = "escalating",
    [ISSUE_ONGOING] = "ongoing",
    [ISSUE_UNTIL_CONDITION] = "until_condition",
    [ISSUE_FOREVER] = "forever",
    [ISSUE_REGRESSED] = "regressed",
    [ISSUE_NEW] = "new",
};


static struct str
link_of(const struct request *rq, const struct issue *is)
{
    return str_printf(rq->a, "%s/%.*s/issues/%.*s/",
                      conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(rq->org->slug),
                      STR_FMT(is->short_id));
}


static struct json *
text(struct arena *a, struct str s)
{
    return str_null(s) ? json_new(a, JSON_T_NULL) : json_new_str(a, s);
}


static struct json *
moment(struct arena *a, int64_t us)
{
    return json_new_str(a, time_format_iso(a, us, false));
}


/* In the order of the columns; a member more is a column more. */
static struct json *
describe(const struct request *rq, const struct issue *is)
{
    struct arena *a = rq->a;
    struct json *o = json_new(a, JSON_T_OBJECT);
    const char *sub = substatuses[is->substatus];

    json_set(o, STR("id"), json_new_str(a, is->short_id));
    json_set(o, STR("project"), json_new_str(a, is->project_slug));
    json_set(o, STR("title"), json_new_str(a, is->title));
    json_set(o, STR("type"), text(a, is->type));
    json_set(o, STR("value"), text(a, is->value));
    json_set(o, STR("culprit"), text(a, is->culprit));
    json_set(o, STR("level"), json_new_str(a, str_of(issue_level(is->level))));
    json_set(o, STR("status"), json_new_str(a, str_of(statuses[is->status])));
    json_set(o, STR("substatus"),
             sub != NULL ? json_new_str(a, str_of(sub))
                         : json_new(a, JSON_T_NULL));
    json_set(o, STR("priority"), json_new_i64(a, is->priority));
    json_set(o, STR("unhandled"), json_new_bool(a, is->unhandled));
    json_set(o, STR("assignee"),
             is->assignee_id != 0 ? json_new_str(a, is->assignee)
                                  : json_new(a, JSON_T_NULL));
    json_set(o, STR("events"), json_new_i64(a, is->times_seen));
    json_set(o, STR("users"), json_new_i64(a, is->users_seen));
    json_set(o, STR("first_seen"), moment(a, is->first_seen));
    json_set(o, STR("last_seen"), moment(a, is->last_seen));
    json_set(o, STR("first_release"), text(a, is->first_release));
    json_set(o, STR("last_release"), text(a, is->last_release));
    json_set(o, STR("link"), json_new_str(a, link_of(rq, is)));
    return o;
}


static void
csv_row(struct buf *b, struct arena *a, const struct json *o, bool head)
{
    json_each(member, o)
    {
        buf_text(b, member != o->first ? "," : "");
        if (head) {
            buf_str(b, member->key);
        } else {
            csv_field(b, json_is(member, JSON_T_NULL) ? STR("")
                                                      : issue_line(a, member));
        }
    }
    buf_text(b, "\r\n");
}


static void
as_file(const struct request *rq, struct response *rs, const char *form,
        const char *type, struct str body)
{
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a, "attachment; filename=\"%.*s-issues.%s\"",
                               STR_FMT(rq->org->slug), form));
    response_raw(rs, type, body);
}


enum status
page_issue_csv(struct request *rq, struct response *rs)
{
    static const struct issue none;
    struct buf b = buf_in(rq->a);
    struct issue_list list;
    enum status st;

    if ((st = issue_list_chosen(rq, EXPORT_MAX, ISSUE_BY_LAST_SEEN, &list))
        != ST_OK) {
        return st;
    }
    csv_row(&b, rq->a, describe(rq, &none), true);
    for (int i = 0; i < list.n; i++) {
        csv_row(&b, rq->a, describe(rq, &list.rows[i]), false);
    }
    if (list.later) {
        buf_addf(&b, "cut after %d issues: narrow the search\r\n", EXPORT_MAX);
    }
    as_file(rq, rs, "csv", "text/csv; charset=utf-8", buf_view(&b));
    return ST_OK;
}


enum status
page_issue_ndjson(struct request *rq, struct response *rs)
{
    struct buf b = buf_in(rq->a);
    struct issue_list list;
    enum status st;

    if ((st = issue_list_chosen(rq, EXPORT_MAX, ISSUE_BY_LAST_SEEN, &list))
        != ST_OK) {
        return st;
    }
    for (int i = 0; i < list.n; i++) {
        json_write(&b, describe(rq, &list.rows[i]));
        buf_char(&b, '\n');
    }
    if (list.later) {
        buf_addf(&b, "{\"cut_after\":%d}\n", EXPORT_MAX);
    }
    as_file(rq, rs, "ndjson", "application/x-ndjson", buf_view(&b));
    return ST_OK;
}


/* The issue and, while it is stored, its latest event. */
enum status
page_issue_data(struct request *rq, struct response *rs)
{
    struct json *o = describe(rq, rq->issue);
    struct event_view view;
    struct buf b = buf_in(rq->a);
    struct json *event;
    enum status st;

    st = event_find(rq->db, rq->a, rq->issue, STR("latest"), &view);
    if (st == ST_OK && !str_null(view.body)
        && json_parse(rq->a, view.body, NULL, &event, NULL) == ST_OK) {
        json_set(o, STR("event"), event);

    } else if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    json_write_pretty(&b, o);
    buf_char(&b, '\n');
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a, "inline; filename=\"%.*s.json\"",
                               STR_FMT(rq->issue->short_id)));
    response_raw(rs, "application/json", buf_view(&b));
    return ST_OK;
}
