/*
 * How the reader looks at the stream: its columns and how close its rows are
 * (POST /:org/issues/view/), and what the menus of project, environment and
 * time were set to last (POST /:org/issues/filter/); an address without any
 * argument leads to what was kept.
 */

#include "page/issue.h"
#include "page/pages.h"
#include "page/search.h"

#include "model/account.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/hex.h"
#include "util/lang.h"

static const struct {
    const char *name;
    const char *title;
} columns[] = {
    { "seen", N_("Last seen") },    { "graph", N_("Trend") },
    { "events", N_("Events") },     { "users", N_("Users") },
    { "priority", N_("Priority") }, { "assignee", N_("Assignee") },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))


static bool
has_word(struct str words, struct str word)
{
    struct str part;

    while (str_split(&words, ' ', &part)) {
        if (str_eq(part, word)) {
            return true;
        }
    }
    return false;
}


void
issue_view_show(struct data *d, const struct stream_view *v)
{
    struct data *shown = data_child(d, "Show");

    for (size_t i = 0; i < COLUMNS; i++) {
        struct data *row = data_row(data_child(d, "Column"));
        bool on = !has_word(v->hidden, str_of(columns[i].name));

        data_text(row, "name", columns[i].name);
        data_tr(row, "title", columns[i].title);
        data_bool(row, "shown", on);
        data_bool(shown, columns[i].name, on);
    }
    data_bool(d, "compact", v->compact);
}


struct str
issue_view_terms(struct arena *a, const struct issue_query *q)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < q->n; i++) {
        const struct issue_term *t = &q->terms[i];

        if (!t->negated && !str_null(t->key)
            && (str_ieq(t->key, STR("environment"))
                || str_ieq(t->key, STR("lastSeen")))) {
            buf_text(&b, b.n > 0 ? " " : "");
            buf_str(&b, t->text);
        }
    }
    return buf_view(&b);
}


/* Of the slugs that are still projects. */
static enum status
add_projects(struct request *rq, struct buf *b, struct str slugs)
{
    struct project *projects;
    struct str slug;
    size_t n;
    enum status st = request_projects(rq, &projects, &n);

    while (st == ST_OK && str_split(&slugs, ' ', &slug)) {
        for (size_t i = 0; i < n; i++) {
            if (str_eq(projects[i].slug, slug)) {
                buf_addf(b, "&project=%.*s", STR_FMT(slug));
            }
        }
    }
    return st;
}


enum status
issue_view_opens(struct request *rq, const struct stream_view *v,
                 struct str query, struct str *args)
{
    struct buf b = buf_in(rq->a);
    size_t usual;
    enum status st;

    *args = STR_NULL;
    buf_addf(&b, "?q=%.*s", STR_FMT(url_encode(rq->a, query)));
    usual = b.n;
    if (v->terms.n > 0) {
        buf_addf(&b, "%%20%.*s", STR_FMT(url_encode(rq->a, v->terms)));
    }
    st = add_projects(rq, &b, v->projects);
    if (st == ST_OK && b.n > usual) {
        *args = buf_view(&b);
    }
    return st;
}


static enum status
keep(struct request *rq, const struct issue_query *q)
{
    struct stream_view v = { .terms = issue_view_terms(rq->a, q) };
    struct buf slugs = buf_in(rq->a);
    struct str slug;
    size_t at = 0;

    while (field_next(&rq->args, "project", &at, &slug)) {
        buf_text(&slugs, slugs.n > 0 ? " " : "");
        buf_str(&slugs, slug);
    }
    v.projects = buf_view(&slugs);
    return stream_view_filter(rq->db, rq->a, rq->org->id, rq->account->id, &v);
}


/* The stream as it is, with the term that a menu was set to: "lastSeen:-24h",
 * "lastSeen:" for none. */
static enum status
with_term(struct request *rq, struct data *d, struct str term, struct str *to)
{
    static const char *const keys[] = { "environment", "lastSeen" };
    struct str key, value = term;
    struct search_box box = { 0 };
    enum status st = search_read(rq, d, STR(DEFAULT_QUERY), &box);

    if (st != ST_OK || !str_split(&value, ':', &key)) {
        return st == ST_OK ? ST_INVALID : st;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (str_is(key, keys[i])) {
            *to =
                query_with(rq->a, &box.base, "q",
                           issue_query_replace(rq->a, &box.query, keys[i],
                                               value.n > 0 ? term : STR_NULL));
            return ST_OK;
        }
    }
    return ST_INVALID;
}


/*
 * POST /:org/issues/filter/: keeps what a menu was set to, and leads there: to
 * the query with a "term", or to the fields of the form.
 */
enum status
page_issue_filter(struct request *rq, struct response *rs)
{
    struct str term = request_field(rq, "term");
    struct str to = query_with(rq->a, &rq->form, "csrf", STR_NULL);
    struct search_box box = { 0 };
    enum status st = ST_OK;

    if (!str_null(term)) {
        st = with_term(rq, rs->data, term, &to);
    }
    if (st == ST_OK) {
        st = form_parse(rq->a, str_sub(to, 1, to.n), &rq->args);
    }
    if (st == ST_OK) {
        st = search_read(rq, rs->data, STR(""), &box);
    }
    if (st == ST_OK) {
        st = keep(rq, &box.query);
    }
    if (st == ST_OK) {
        response_redirect(rs, str_printf(rq->a, "/%.*s/issues/%.*s",
                                         STR_FMT(rq->org->slug), STR_FMT(to)));
    }
    return st;
}


/* POST /:org/issues/view/, with the stream's own query to return to. */
enum status
page_issue_view(struct request *rq, struct response *rs)
{
    struct stream_view v = { .compact =
                                 str_is(request_field(rq, "compact"), "1") };
    struct buf hidden = buf_in(rq->a);
    enum status st;

    for (size_t i = 0; i < COLUMNS; i++) {
        struct str name;
        size_t at = 0;
        bool shown = false;

        while (field_next(&rq->form, "col", &at, &name)) {
            shown = shown || str_is(name, columns[i].name);
        }
        if (!shown) {
            buf_addf(&hidden, "%s%s", hidden.n > 0 ? " " : "", columns[i].name);
        }
    }
    v.hidden = buf_view(&hidden);
    st = stream_view_look(rq->db, rq->a, rq->org->id, rq->account->id, &v);
    if (st == ST_OK) {
        response_redirect(rs, issue_stream(rq));
    }
    return st;
}
