/*
 * POST of the stream and of the issue page.  A form has one button pressed,
 * and a button has one name and value:
 *
 *     do=WORD [VALUE]   a change of model/issue_change.h: "resolve next"
 *     do=resolve-release, with release=; do=resolve-commit, with commit=
 *     do=archive-until, with n= and unit= (minutes, hours, days, events,
 *                       users) and within= (minutes, of events)
 *     assign=<account id>, team:<team id>, or 0 for nobody
 *     priority=75 | 50 | 25
 *
 * The stream adds an id for each ticked row, or all=1 for every issue that its
 * search finds; do=ticket there leads to the form of one.  What cannot be taken
 * back wants sure=1.  The issue's takes
 * back=, the page to return to, from one that lists it.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/account.h"
#include "model/issue_change.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/route.h"

static const struct {
    const char *name;
    const char *word; /* of a snooze */
    int64_t times;
} units[] = {
    { "minutes", "minutes", 1 }, { "hours", "minutes", 60 },
    { "days", "minutes", 1440 }, { "events", "events", 1 },
    { "users", "users", 1 },
};


/* "archive" "events 100 within 60" of the fields of the form. */
static struct str
archive_until(struct request *rq)
{
    struct str unit = request_field(rq, "unit");
    int64_t n, within;

    if (!str_i64(request_field(rq, "n"), &n) || n < 1 || n > 1000000000) {
        return STR("nothing");
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!str_is(unit, units[i].name)) {
            continue;
        }
        if (str_is(unit, "events")
            && str_i64(request_field(rq, "within"), &within) && within > 0) {
            return str_printf(rq->a, "events %lld within %lld", (long long) n,
                              (long long) within);
        }
        return str_printf(rq->a, "%s %lld", units[i].word,
                          (long long) (n * units[i].times));
    }
    return STR("nothing");
}


/* Which field it is that says nothing of the kind. */
static enum status
said(struct request *rq, const char *field, enum status st)
{
    return st == ST_INVALID ? request_wrong(rq, field) : st;
}


static enum status
read_change(struct request *rq, struct issue_change *c)
{
    struct str rest = request_field(rq, "do"), word;

    if (rest.n == 0) {
        struct str assign = request_field(rq, "assign");

        return assign.n > 0
                   ? issue_change_read(STR("assign"), assign, c)
                   : issue_change_read(STR("priority"),
                                       request_field(rq, "priority"), c);
    }
    if (str_is(rest, "resolve-release")) {
        return said(
            rq, "release",
            issue_change_read(STR("resolve"),
                              str_printf(rq->a, "release %.*s",
                                         STR_FMT(request_field(rq, "release"))),
                              c));
    }
    if (str_is(rest, "resolve-commit")) {
        return said(
            rq, "commit",
            issue_change_read(
                STR("resolve"),
                str_printf(rq->a, "commit %.*s",
                           STR_FMT(str_lower(
                               rq->a, str_trim(request_field(rq, "commit"))))),
                c));
    }
    if (str_is(rest, "archive-until")) {
        return said(rq, "n",
                    issue_change_read(STR("archive"), archive_until(rq), c));
    }
    (void) str_split(&rest, ' ', &word);
    return issue_change_read(word, rest, c);
}


/* ST_DENIED: it cannot be taken back, and nobody has said to be sure. */
static enum status
check_sure(struct request *rq, const struct issue_change *c)
{
    if ((c->kind == CHANGE_DELETE || c->kind == CHANGE_DISCARD)
        && !request_may(rq, "event:admin")) {
        return request_denied(rq, "event:admin");
    }
    if (c->kind == CHANGE_DISCARD && !str_is(request_field(rq, "sure"), "1")) {
        return request_wrong(rq, "sure");
    }
    return ST_OK;
}


struct str
issue_stream(struct request *rq)
{
    struct buf b = buf_in(rq->a);

    buf_addf(&b, "/%.*s/issues/", STR_FMT(rq->org->slug));
    if (rq->query.n > 0) {
        buf_char(&b, '?');
        buf_str(&b, rq->query);
    }
    return buf_view(&b);
}


/* ---- all that match */

/* The projects that the menu of the stream has ticked, or else all that the
 * account sees. */
static enum status
ticked(struct request *rq, struct id_set *set)
{
    struct project *projects;
    struct str slug;
    size_t n, at = 0;
    enum status st;

    *set = (struct id_set){ .limited = !str_null(request_arg(rq, "project")) };
    if ((st = request_projects(rq, &projects, &n)) != ST_OK) {
        return st;
    }
    if (!set->limited) {
        *set = request_sees(rq);
        return ST_OK;
    }
    set->ids = arena_array(rq->a, n, sizeof(int64_t));
    while (field_next(&rq->args, "project", &at, &slug)) {
        for (size_t i = 0; i < n; i++) {
            if (str_ieq(projects[i].slug, slug) && set->n < n) {
                set->ids[set->n++] = projects[i].id;
            }
        }
    }
    return ST_OK;
}


static enum status
change_matching(struct request *rq, struct response *rs,
                const struct issue_change *c)
{
    struct actor by = request_actor(rq);
    struct id_set projects;
    enum status st;
    int64_t job_id;

    if ((st = ticked(rq, &projects)) != ST_OK
        || (st = issue_change_matching(rq->db, rq->a, rq->org->id,
                                       issue_list_query(rq), &projects, c, &by,
                                       issue_stream(rq), &job_id))
               != ST_OK) {
        return st;
    }
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/jobs/%lld/",
                                 STR_FMT(rq->org->slug), (long long) job_id));
    return ST_OK;
}


/* ---- those that are ticked */

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


enum status
issue_ticked(const struct fields *from, int64_t ids[ISSUE_PAGE_MAX], size_t *n)
{
    struct str text;
    size_t at = 0;
    int64_t id;

    *n = 0;
    while (field_next(from, "id", &at, &text)) {
        if (!str_i64(text, &id)) {
            return ST_NOT_FOUND;
        }
        if (*n == ISSUE_PAGE_MAX) {
            return ST_INVALID;
        }
        *n += (size_t) unique(ids, *n, id);
    }
    return ST_OK;
}


/* A merge is looked at before it is done. */
static void
ask_to_merge(struct request *rq, struct response *rs, const int64_t *ids,
             size_t n)
{
    struct buf b = buf_in(rq->a);

    buf_addf(&b, "/%.*s/issues/merge/", STR_FMT(rq->org->slug));
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "%sid=%lld", i == 0 ? "?" : "&", (long long) ids[i]);
    }
    response_redirect(rs, buf_view(&b));
}


/* A ticket is filled in from one issue. */
static enum status
ask_for_ticket(struct request *rq, struct response *rs, const int64_t *ids,
               size_t n)
{
    if (n != 1) {
        login_flash(rq, STR("A ticket is made from one issue: others are "
                            "linked to it on their own pages."));
        response_redirect(rs, issue_stream(rq));
        return ST_OK;
    }
    response_redirect(rs,
                      str_printf(rq->a, "/%.*s/issues/%lld/tickets/new/",
                                 STR_FMT(rq->org->slug), (long long) ids[0]));
    return ST_OK;
}


/* POST /:org/issues/, with the stream's own query to return to. */
enum status
page_issue_bulk(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    bool all = str_is(request_field(rq, "all"), "1");
    struct issue_change c;
    int64_t ids[ISSUE_PAGE_MAX], undo_id = 0;
    enum status st;
    size_t n;

    if ((st = issue_ticked(&rq->form, ids, &n)) != ST_OK) {
        return st;
    }
    if (n == 0 && !all) {
        login_flash(rq, STR("Nothing was selected."));
        response_redirect(rs, issue_stream(rq));
        return ST_OK;
    }
    if (str_is(request_field(rq, "do"), "ticket")) {
        return ask_for_ticket(rq, rs, ids, all ? 0 : n);
    }
    if ((st = read_change(rq, &c)) != ST_OK
        || (st = check_sure(rq, &c)) != ST_OK) {
        return st;
    }
    if (all) {
        return change_matching(rq, rs, &c);
    }
    if (c.kind == CHANGE_MERGE) {
        if (n < 2) {
            login_flash(rq, STR("A merge needs two issues at least."));
            response_redirect(rs, issue_stream(rq));
            return ST_OK;
        }
        ask_to_merge(rq, rs, ids, n);
        return ST_OK;
    }

    st = request_issues(rq, ids, n);
    if (st == ST_OK) {
        st = issue_change(rq->db, rq->a, rq->org->id, ids, n, &c, &by, false,
                          &undo_id, NULL);
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash_undo(rq, lang_say(rq->a, issue_change_done_many(rq->a, &c, n)),
                     undo_id);
    response_redirect(rs, issue_stream(rq));
    return ST_OK;
}


/* POST /:org/issues/:issue/ */
enum status
page_issue_act(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct issue_change c;
    int64_t undo_id = 0;
    struct str back;
    bool gone;
    enum status st;

    if ((st = read_change(rq, &c)) != ST_OK
        || (st = check_sure(rq, &c)) != ST_OK) {
        return st;
    }
    st = issue_change(rq->db, rq->a, rq->org->id, &rq->issue->id, 1, &c, &by,
                      false, &undo_id, NULL);
    if (st != ST_OK) {
        return st;
    }

    gone = c.kind == CHANGE_DELETE || c.kind == CHANGE_DISCARD;
    login_flash_undo(
        rq,
        lang_say(rq->a, issue_change_done(rq->a, &c, rq->issue->short_id, 1)),
        undo_id);
    back = request_field(rq, "back");
    response_redirect(
        rs, back.n > 0 ? login_next(back)
            : gone ? str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug))
                   : issue_path(rq));
    return ST_OK;
}
