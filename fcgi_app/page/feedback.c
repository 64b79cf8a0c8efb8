/*
 * page/feedback.c - /ORG/feedback/ and /ORG/feedback/ID/: what people told, the
 * list on the left and one message on the right.
 *
 *     status                 resolved, spam, any; else new ones
 *     project, environment   choice.h
 *     who                    me: assigned to the reader
 *     q                      words of the message, the name or the address
 *     cursor                 pager.h
 */

#include "model/feedback.h"

#include "model/account.h"
#include "model/organization.h"
#include "page/choice.h"
#include "page/file.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/pager.h"
#include "web/show.h"

#define TEXT_MAX 200
#define LINE_MAX_BYTES 140

static const struct {
    const char *name; /* of ?status= */
    const char *title;
    int status;       /* -1: any */
    const char *done; /* how many are that now */
} states[] = {
    { "new", N_("New"), FEEDBACK_NEW,
      N_("{0} {0|message is|messages are} new again.") },
    { "resolved", N_("Resolved"), FEEDBACK_RESOLVED,
      N_("{0} {0|message is|messages are} resolved.") },
    { "spam", N_("Spam"), FEEDBACK_SPAM,
      N_("{0} {0|message is|messages are} marked as spam.") },
    { "any", N_("All"), -1, NULL },
};

#define STATES (sizeof(states) / sizeof(states[0]))

/* One request, while it is worked on. */
struct inbox {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct feedback_filter filter;
    size_t state; /* of states */
    struct feedback *rows;
    size_t n;
};


static struct str
inbox_path(const struct request *rq)
{
    return str_printf(rq->a, "/%.*s/feedback/", STR_FMT(rq->org->slug));
}


/* The same filter on another message, or on none. */
static struct str
with_query(const struct request *rq, struct str path)
{
    struct str query =
        query_with(rq->a, &rq->args, "cursor", request_arg(rq, "cursor"));

    return query.n > 1
               ? str_printf(rq->a, "%.*s%.*s", STR_FMT(path), STR_FMT(query))
               : path;
}


static struct str
link_of(const struct request *rq, int64_t id)
{
    return with_query(rq, str_printf(rq->a, "%.*s%lld/",
                                     STR_FMT(inbox_path(rq)), (long long) id));
}


static void
read_filter(struct inbox *in)
{
    struct request *rq = in->rq;
    struct str state = request_arg(rq, "status");

    for (size_t i = 0; i < STATES; i++) {
        if (str_is(state, states[i].name)) {
            in->state = i;
        }
    }
    in->filter = (struct feedback_filter){
        .projects = &in->choice.projects,
        .status = states[in->state].status,
        .assignee_id =
            str_is(request_arg(rq, "who"), "me") ? rq->account->id : 0,
        .text = str_cut(str_trim(request_arg(rq, "q")), TEXT_MAX),
        .environment = in->choice.environment,
    };
}


static enum status
show_frame(struct inbox *in)
{
    struct request *rq = in->rq;
    struct data *list = data_child(in->d, "Tab");
    struct str here = inbox_path(rq);
    int64_t counts[3];
    enum status st;

    st = feedback_counts(rq->db, rq->a, rq->org->id, &in->choice.projects,
                         counts);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < STATES; i++) {
        struct data *row = data_row(list);
        struct fields none = { 0 };
        int64_t n = states[i].status >= 0 ? counts[states[i].status] : 0;

        data_text(row, "title", tr(states[i].title));
        data_str(row, "link",
                 i == 0
                     ? here
                     : str_printf(rq->a, "%.*s%.*s", STR_FMT(here),
                                  STR_FMT(query_with(rq->a, &none, "status",
                                                     str_of(states[i].name)))));
        data_bool(row, "current", i == in->state);
        if (states[i].status >= 0) {
            data_i64(row, "n", n > FEEDBACK_COUNT_CAP ? FEEDBACK_COUNT_CAP : n);
            data_bool(row, "more", n > FEEDBACK_COUNT_CAP);
        }
    }
    data_str(in->d, "here", here);
    data_str(in->d, "action", with_query(rq, here));
    data_str(in->d, "q", in->filter.text);
    data_bool(in->d, "mine", in->filter.assignee_id != 0);
    data_text(in->d, "status", states[in->state].name);
    data_str(
        in->d, "link_mine",
        str_printf(rq->a, "%.*s%.*s", STR_FMT(here),
                   STR_FMT(query_with(
                       rq->a, &rq->args, "who",
                       in->filter.assignee_id != 0 ? STR_NULL : STR("me")))));
    data_bool(in->d, "filtered",
              in->filter.text.n > 0 || in->filter.assignee_id != 0
                  || in->filter.environment.n > 0
                  || request_arg(rq, "project").n > 0);
    return ST_OK;
}


static struct str
who_of(const struct feedback *f)
{
    return f->name.n > 0    ? f->name
           : f->email.n > 0 ? f->email
                            : str_of(tr("Somebody"));
}


static void
show_row(struct inbox *in, const struct feedback *f, int64_t chosen)
{
    struct data *row = data_row(data_child(in->d, "Feedback"));

    data_i64(row, "id", f->id);
    data_str(row, "who", who_of(f));
    data_str(row, "message", str_cut(f->message, LINE_MAX_BYTES));
    data_str(row, "project", f->project_slug);
    data_str(row, "issue", f->issue);
    data_str(row, "link", link_of(in->rq, f->id));
    data_time(row, "at", f->received_at);
    data_bool(row, "current", f->id == chosen);
    data_str(row, "assignee", f->assignee);
    data_bool(row, "report", f->is_report);
}


/* "mailto:jo@example.org?subject=…&body=…", the message quoted. */
static struct str
reply_to(const struct request *rq, const struct feedback *f)
{
    struct buf body = buf_in(rq->a);
    struct str rest = f->message, line, user, host;
    ptrdiff_t at = str_rchr(f->email, '@');

    if (at <= 0 || str_chr(f->email, ' ') != -1) {
        return STR_NULL;
    }
    user = str_sub(f->email, 0, (size_t) at);
    host = str_sub(f->email, (size_t) at + 1, f->email.n);
    buf_text(&body, "\r\n\r\n");
    while (body.n < 1500 && str_split(&rest, '\n', &line)) {
        buf_text(&body, "> ");
        buf_str(&body, str_cut(str_trim(line), 200));
        buf_text(&body, "\r\n");
    }
    return str_printf(
        rq->a, "mailto:%.*s@%.*s?subject=%.*s&body=%s",
        STR_FMT(url_encode(rq->a, user)), STR_FMT(url_encode(rq->a, host)),
        STR_FMT(
            url_encode(rq->a, lang_fill(rq->a, N_("Re: your feedback on {0}"),
                                        FILL(f->project_slug)))),
        str_dup(rq->a, url_encode(rq->a, buf_view(&body))));
}


static void
show_facts(struct data *d, const struct feedback *f)
{
    const struct {
        const char *title;
        struct str value;
    } rows[] = {
        { N_("Release"), f->release }, { N_("Environment"), f->environment },
        { N_("Browser"), f->browser }, { N_("Operating system"), f->os },
        { N_("Country"), f->country }, { N_("Sent by"), f->source },
        { N_("Replay"), f->replay },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].value.n > 0) {
            struct data *row = data_row(data_child(d, "Fact"));

            data_text(row, "k", tr(rows[i].title));
            data_str(row, "v", rows[i].value);
        }
    }
}


static enum status
show_files(struct request *rq, struct data *d, const struct feedback *f)
{
    struct attachment *files;
    enum status st;
    size_t n;

    st = attachment_list(rq->db, rq->a, rq->org->id, f->project_id, f->event_id,
                         &files, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        file_row(rq, data_row(data_child(d, "File")), f->project_slug,
                 &files[i]);
    }
    return st;
}


static enum status
show_message(struct inbox *in, const struct feedback *f)
{
    struct request *rq = in->rq;
    struct data *d = data_child(in->d, "Message");

    data_i64(d, "id", f->id);
    data_str(d, "who", who_of(f));
    data_str(d, "email", f->email.n > 0 ? f->email : STR_NULL);
    data_str(d, "message", f->message);
    data_str(d, "project", f->project_slug);
    data_str(d, "event", f->is_report ? f->event_id : f->subject);
    data_time(d, "at", f->received_at);
    data_text(d, "state", states[f->status].name);
    data_str(d, "assignee", f->assignee);
    data_str(d, "reply", reply_to(rq, f));
    if (f->url.n > 0) {
        data_str(d, "url", f->url);
        data_bool(d, "url_links", issue_is_url(f->url));
    }
    if (f->issue_id != 0) {
        data_str(d, "issue", f->issue);
        data_str(d, "issue_title", f->issue_title);
        data_str(d, "issue_link",
                 str_printf(rq->a, "/%.*s/issues/%.*s/", STR_FMT(rq->org->slug),
                            STR_FMT(f->issue)));
    }
    show_facts(d, f);
    return show_files(rq, d, f);
}


/* The message of the path, else the first of the list, if there is any. */
static enum status
choose(struct inbox *in, struct feedback *out, bool *any)
{
    struct request *rq = in->rq;
    struct str path = request_param(rq, "feedback");
    struct id_set seen = request_sees(rq);
    int64_t id;

    *any = true;
    if (!str_null(path)) {
        if (!str_i64(path, &id)) {
            return ST_NOT_FOUND;
        }
        data_bool(in->d, "opened", true);
        return feedback_find(rq->db, rq->a, rq->org->id, id, &seen, out);
    }
    *any = in->n > 0;
    if (*any) {
        *out = in->rows[0];
    }
    return ST_OK;
}


/* How many there would be without one part of what was asked for. */
static enum status
count(struct inbox *in, struct data *row, const struct feedback_filter *filter)
{
    struct request *rq = in->rq;
    struct feedback *rows;
    enum status st;
    bool more = false;
    size_t n = 0;

    st = feedback_list(rq->db, rq->a, rq->org->id, filter, 0, false, &rows, &n,
                       &more);
    choice_counted(row, (int64_t) n, more);
    return st;
}


static enum status
show_empty(struct inbox *in)
{
    struct request *rq = in->rq;
    struct id_set seen = request_sees(rq);
    struct feedback_filter other = in->filter;
    enum status st = ST_OK;

    if (choice_none_yet(rq, in->d, &in->choice)) {
        return ST_OK;
    }
    if (other.text.n > 0) {
        other.text = STR("");
        st = count(in,
                   choice_without(in->d, NULL, in->filter.text,
                                  query_with(rq->a, &rq->args, "q", STR_NULL)),
                   &other);
    }
    other = in->filter;
    if (st == ST_OK && other.assignee_id != 0) {
        other.assignee_id = 0;
        st =
            count(in,
                  choice_without(in->d, N_("Anybody's"), STR_NULL,
                                 query_with(rq->a, &rq->args, "who", STR_NULL)),
                  &other);
    }
    other = in->filter;
    if (st == ST_OK && !str_null(other.environment)) {
        other.environment = STR_NULL;
        st = count(in,
                   choice_without(
                       in->d, N_("All environments"), STR_NULL,
                       query_with(rq->a, &rq->args, "environment", STR_NULL)),
                   &other);
    }
    other = in->filter;
    if (st == ST_OK && in->choice.chosen > 0) {
        other.projects = &seen;
        st = count(
            in,
            choice_without(in->d, N_("All projects"), STR_NULL,
                           query_with(rq->a, &rq->args, "project", STR_NULL)),
            &other);
    }
    return st;
}


enum status
page_feedback(struct request *rq, struct response *rs)
{
    struct inbox in = { .rq = rq, .d = rs->data };
    struct pager pager = pager_read(rq), first = { 0 }, last = { 0 };
    struct feedback chosen = { 0 };
    bool more, any;
    enum status st;

    if ((st = choice_read(rq, rs->data, &in.choice)) != ST_OK) {
        return st;
    }
    read_filter(&in);
    st = feedback_list(rq->db, rq->a, rq->org->id, &in.filter,
                       pager.set ? pager.id : 0, pager.set && pager.backward,
                       &in.rows, &in.n, &more);
    if (st != ST_OK || (st = choose(&in, &chosen, &any)) != ST_OK
        || (st = show_frame(&in)) != ST_OK
        || (st = issue_people(rq, rs->data, 0, chosen.assignee_id)) != ST_OK) {
        return st;
    }
    if (in.n == 0 && (st = show_empty(&in)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < in.n; i++) {
        show_row(&in, &in.rows[i], chosen.id);
    }
    if (in.n > 0) {
        first = (struct pager){ .set = true, .id = in.rows[0].id };
        last = (struct pager){ .set = true, .id = in.rows[in.n - 1].id };
    }
    pager_show(rs->data, rq, &pager, in.n, more, first, last);
    data_i64(rs->data, "n", (int64_t) in.n);
    return any ? show_message(&in, &chosen) : ST_OK;
}


/* POST /:org/feedback/: do=new, resolved, spam; or assign=ID; id repeated */

static size_t
read_ids(const struct request *rq, int64_t *ids)
{
    struct str value;
    size_t at = 0, n = 0;

    while (n < FEEDBACK_PAGE && field_next(&rq->form, "id", &at, &value)) {
        n += str_i64(value, &ids[n]);
    }
    return n;
}


/* What the form asks for, and what is said when it is done. */
static enum status
read_change(struct request *rq, struct feedback_change *c, const char **done)
{
    struct str what = request_field(rq, "do");

    *c = (struct feedback_change){ .account_id = rq->account->id };
    if (str_i64(request_field(rq, "assign"), &c->assignee_id)) {
        c->assigns = true;
        *done = c->assignee_id != 0
                    ? N_("{0} {0|message is|messages are} assigned.")
                    : N_("{0} {0|message is|messages are} nobody's now.");
        return ST_OK;
    }
    for (size_t i = 0; i < STATES; i++) {
        if (states[i].status >= 0 && str_is(what, states[i].name)) {
            c->status = (enum feedback_status) states[i].status;
            *done = states[i].done;
            return ST_OK;
        }
    }
    return ST_INVALID;
}


enum status
page_feedback_change(struct request *rq, struct response *rs)
{
    struct id_set seen = request_sees(rq);
    int64_t ids[FEEDBACK_PAGE], changed = 0, undo = 0;
    size_t n = read_ids(rq, ids);
    const char *done = NULL;
    struct feedback_change c;
    enum status st;

    if (n == 0) {
        login_flash(rq, str_of(tr("Nothing was selected.")));

    } else {
        if ((st = read_change(rq, &c, &done)) != ST_OK) {
            return st;
        }
        c.title = lang_keep(rq->a, done, FILL(show_full(rq->a, (int64_t) n)));
        st = feedback_change(rq->db, rq->a, rq->org->id, &seen, ids, n, &c,
                             &changed, &undo);
        if (st != ST_OK) {
            return st;
        }
        login_flash_undo(
            rq, lang_fill(rq->a, done, FILL(show_full(rq->a, changed))), undo);
    }
    response_redirect(rs, with_query(rq, inbox_path(rq)));
    return ST_OK;
}
