/*
 * GET /:org/issues/:issue/markdown/ and …/events/:event/markdown/: an issue
 * with an event as Markdown, for a ticket, a chat or a mail.
 *
 * What strangers wrote stands in code (web/markdown.h).  It is text/plain, so
 * that a browser shows it; the page's button copies it.
 */

#include "page/issue.h"
#include "page/pages.h"

#include "model/organization.h"
#include "util/conf.h"
#include "web/markdown.h"

#define CRUMBS 20
#define TAGS 100
#define TRACE_MAX (32 * 1024)
#define EXTRA_MAX (16 * 1024)

/* The sections of an event, in their order. */
struct part {
    const char *title;
    void (*write)(struct buf *b, const struct issue_event *ev);
};


static void
fact(struct buf *b, const char *name, struct str value)
{
    if (value.n > 0) {
        buf_addf(b, "- **%s:** ", name);
        markdown_code(b, value);
        buf_char(b, '\n');
    }
}


static void
fact_time(struct buf *b, const char *name, int64_t us, struct str release)
{
    buf_addf(b, "- **%s:** %s", name,
             str_dup(b->arena, time_format_iso(b->arena, us, false)));
    if (release.n > 0) {
        buf_text(b, " in ");
        markdown_code(b, release);
    }
    buf_char(b, '\n');
}


static void
write_issue(struct buf *b, const struct request *rq)
{
    const struct issue *is = rq->issue;

    buf_text(b, "# ");
    markdown_code(b, is->title);
    buf_addf(b, "\n\n[%.*s](%s/%.*s/issues/%.*s/)\n\n", STR_FMT(is->short_id),
             conf_str(CONF_SYSTEM_URL_PREFIX), STR_FMT(rq->org->slug),
             STR_FMT(is->short_id));
    fact(b, "Level", str_of(issue_level(is->level)));
    fact(b, "Culprit", is->culprit);
    buf_addf(b, "- **Events:** %lld, users: %lld\n", (long long) is->times_seen,
             (long long) is->users_seen);
    fact_time(b, "First seen", is->first_seen, is->first_release);
    fact_time(b, "Last seen", is->last_seen, is->last_release);
}


static void
write_message(struct buf *b, const struct issue_event *ev)
{
    struct str text =
        json_text(json_path(ev->doc, "logentry", "formatted", NULL));

    if (str_trim(text).n > 0 && !str_eq(str_trim(text), ev->issue->title)) {
        markdown_block(b, "text", str_cut(text, EXTRA_MAX));
    }
}


static void
write_trace(struct buf *b, const struct issue_event *ev)
{
    struct str trace = issue_raw_trace(ev);

    if (trace.n > 0) {
        markdown_block(b, "text", str_cut(trace, TRACE_MAX));
    }
}


static void
write_crumbs(struct buf *b, const struct issue_event *ev)
{
    const struct json *list = issue_crumbs(ev->doc, NULL);
    unsigned skip = list != NULL && list->n > CRUMBS ? list->n - CRUMBS : 0;
    unsigned i = 0;

    json_each(crumb, list)
    {
        struct str category = json_text_of(crumb, "category");
        struct str line = issue_crumb_line(ev->a, crumb);
        int64_t at = issue_time(json_get(crumb, "timestamp"));

        if (i++ < skip) {
            continue;
        }
        buf_text(b, "- ");
        if (at > 0) {
            buf_str(b, time_format_iso(ev->a, at, false));
            buf_char(b, ' ');
        }
        markdown_code(b, category.n > 0 ? category : STR("default"));
        if (line.n > 0) {
            buf_char(b, ' ');
            markdown_code(b, line);
        }
        buf_char(b, '\n');
    }
}


static void
write_request(struct buf *b, const struct issue_event *ev)
{
    const struct json *request = json_get(ev->doc, "request");
    struct str url = json_text_of(request, "url");
    struct str method = json_text_of(request, "method");

    if (url.n > 0) {
        markdown_code(b, str_printf(ev->a, "%.*s%s%.*s", STR_FMT(method),
                                    method.n > 0 ? " " : "", STR_FMT(url)));
        buf_char(b, '\n');
    }
}


static void
write_tags(struct buf *b, const struct issue_event *ev)
{
    const struct json *tags = json_get(ev->doc, "tags");
    const struct json *at = tags != NULL ? tags->first : NULL;
    const struct json *value;
    struct str key;

    for (int n = 0; n < TAGS && issue_pair(tags, &at, &key, &value); n++) {
        buf_text(b, n == 0 ? "| Tag | Value |\n| --- | --- |\n" : "");
        buf_text(b, "| ");
        markdown_cell(b, key);
        buf_text(b, " | ");
        markdown_cell(b, issue_line(ev->a, value));
        buf_text(b, " |\n");
    }
}


/* Some member of the event as it is. */
static void
write_member(struct buf *b, const struct issue_event *ev, const char *name)
{
    const struct json *v = json_get(ev->doc, name);
    struct buf text = buf_in(ev->a);

    if (v != NULL && v->first != NULL) {
        json_write_pretty(&text, v);
        markdown_block(b, "json", str_cut(buf_view(&text), EXTRA_MAX));
    }
}


static void
write_contexts(struct buf *b, const struct issue_event *ev)
{
    write_member(b, ev, "contexts");
}


static void
write_extra(struct buf *b, const struct issue_event *ev)
{
    write_member(b, ev, "extra");
}


static const struct part parts[] = {
    { "Message", write_message },
    { "Stack trace", write_trace },
    { "Breadcrumbs", write_crumbs },
    { "Request", write_request },
    { "Tags", write_tags },
    { "Contexts", write_contexts },
    { "Additional data", write_extra },
};


/* A section only when it has something. */
static void
write_event(struct buf *b, const struct issue_event *ev)
{
    buf_addf(b, "\n## Event %.*s\n\n", STR_FMT(ev->row->event_id));
    fact_time(b, "Occurred", ev->row->occurred_at, ev->row->release);
    fact(b, "Environment", ev->row->environment);
    fact(b, "Transaction", ev->row->transaction);
    fact(b, "Server", ev->row->server_name);
    if (ev->doc == NULL) {
        buf_text(b, "\nThe contents of this event are not stored.\n");
        return;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct buf part = buf_in(ev->a);

        parts[i].write(&part, ev);
        if (part.n > 0) {
            buf_addf(b, "\n### %s\n\n", parts[i].title);
            buf_str(b, buf_view(&part));
        }
    }
}


enum status
page_issue_markdown(struct request *rq, struct response *rs)
{
    struct str which = request_param(rq, "event");
    struct buf b = buf_in(rq->a);
    struct event_view view;
    struct json *doc;
    enum status st;

    st = event_find(rq->db, rq->a, rq->issue,
                    str_null(which) ? STR("latest") : which, &view);
    if (st != ST_OK && (st != ST_NOT_FOUND || !str_null(which))) {
        return st;
    }
    write_issue(&b, rq);
    if (st == ST_OK) {
        struct issue_event ev = { .a = rq->a,
                                  .issue = rq->issue,
                                  .row = &view.row };

        if (!str_null(view.body)
            && json_parse(rq->a, view.body, NULL, &doc, NULL) == ST_OK) {
            ev.doc = doc;
        }
        write_event(&b, &ev);
    }
    response_header(rs, "Content-Disposition",
                    str_printf(rq->a, "inline; filename=\"%.*s.md\"",
                               STR_FMT(rq->issue->short_id)));
    response_raw(rs, "text/plain; charset=utf-8", buf_view(&b));
    return ST_OK;
}
