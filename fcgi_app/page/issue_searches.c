/*
 * page/issue_searches.c - saved searches of the stream: the menu there, and
 * /:org/issues/searches/, where they are saved, changed and deleted.
 *
 * Everybody has own ones; those of the whole organisation are its admins' to
 * change.
 */

#include "model/account.h"
#include "model/organization.h"
#include "model/saved_search.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/route.h"

#define NAME_MAX_CHARS 60
#define MAY_SHARE "project:write"


/* Where the stream shows it. */
static struct str
link_of(struct request *rq, const struct saved_search *s)
{
    struct field v[2] = { { STR("q"), s->query }, { STR("sort"), s->sort } };
    struct fields args = { v, str_is(s->sort, issue_orders[0].name) ? 1 : 2 };

    return query_with(rq->a, &args, "", STR_NULL);
}


/* The stream */

enum status
issue_searches_read(struct request *rq, struct issue_searches *out)
{
    return saved_search_list(rq->db, rq->a, rq->org->id, rq->account->id,
                             &out->v, &out->n);
}


void
issue_searches_show(struct request *rq, struct data *d,
                    const struct issue_searches *saved, struct str query,
                    enum issue_sort sort)
{
    for (size_t i = 0; i < saved->n; i++) {
        const struct saved_search *s = &saved->v[i];
        struct data *row = data_row(data_child(d, "Saved"));
        bool current =
            str_eq(s->query, query) && str_is(s->sort, issue_orders[sort].name);

        data_str(row, "name", s->name);
        data_str(row, "link", link_of(rq, s));
        data_bool(row, "current", current);
        /* a caption where the shared ones begin */
        data_bool(row, "shared", s->shared && (i == 0 || !s[-1].shared));
        if (current) {
            data_str(d, "saved", s->name);
        }
    }
}


struct str
issue_searches_open(struct request *rq, const struct issue_searches *saved)
{
    for (size_t i = 0; i < saved->n; i++) {
        if (saved->v[i].chosen) {
            return link_of(rq, &saved->v[i]);
        }
    }
    return STR_NULL;
}


/* The page */

static void
show_sorts(struct data *d, struct str chosen)
{
    for (int i = 0; i < ISSUE_SORTS; i++) {
        struct data *row = data_row(data_child(d, "Sort"));

        data_text(row, "name", issue_orders[i].name);
        data_tr(row, "title", issue_orders[i].title);
        data_bool(row, "chosen", str_is(chosen, issue_orders[i].name));
    }
}


/* The form for a new one holds what was typed, or what the stream has shown. */
static enum status
show(struct request *rq, struct response *rs, const struct saved_search *typed,
     const char *wrong)
{
    struct data *form = data_child(rs->data, "New");
    struct saved_search *list;
    enum status st;
    size_t n = 0;

    st = saved_search_list(rq->db, rq->a, rq->org->id, rq->account->id, &list,
                           &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Saved"));
        bool again = typed->id == list[i].id;

        data_i64(row, "id", list[i].id);
        data_str(row, "link", link_of(rq, &list[i]));
        data_str(row, "was", list[i].name);
        data_str(row, "name", again ? typed->name : list[i].name);
        data_str(row, "query", again ? typed->query : list[i].query);
        data_bool(row, "wrong", again);
        data_bool(row, "shared", list[i].shared);
        data_bool(row, "chosen", list[i].chosen);
        data_bool(row, "mine", !list[i].shared || request_may(rq, MAY_SHARE));
        show_sorts(row, again ? typed->sort : list[i].sort);
    }
    data_bool(data_child(rs->data, "May"), "share", request_may(rq, MAY_SHARE));
    data_tr(rs->data, "wrong", wrong);
    if (typed->id == 0) {
        data_str(form, "name", typed->name);
        data_str(form, "query", typed->query);
        data_bool(form, "shared", typed->shared);
    }
    show_sorts(form, typed->id == 0 ? typed->sort : STR_NULL);
    return st;
}


enum status
page_issue_searches(struct request *rq, struct response *rs)
{
    struct str query = request_arg(rq, "q");

    return show(rq, rs,
                &(struct saved_search){
                    .query = str_cut(query, SEARCH_TEXT_MAX),
                    .sort = request_arg(rq, "sort"),
                },
                NULL);
}


static enum status
refuse(struct request *rq, struct response *rs, int status,
       const struct saved_search *typed, const char *why)
{
    rs->status = status;
    return show(rq, rs, typed, why);
}


static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/issues/searches/",
                                     STR_FMT(rq->org->slug)));
    return ST_OK;
}


/* What the form says, into an old one or a new one. */
static enum status
save(struct request *rq, struct response *rs, struct saved_search *s)
{
    struct actor by = request_actor(rq);
    enum status st;

    s->name = request_field(rq, "name");
    s->query = request_field(rq, "query");
    s->sort = str_of(issue_orders[0].name);
    for (int i = 0; i < ISSUE_SORTS; i++) {
        if (str_is(request_field(rq, "sort"), issue_orders[i].name)) {
            s->sort = str_of(issue_orders[i].name);
        }
    }
    s->query = str_null(s->query) ? STR("") : s->query;
    if (s->name.n == 0 || utf8_length(s->name) > NAME_MAX_CHARS) {
        s->name = str_cut(s->name, 4 * NAME_MAX_CHARS);
        return refuse(rq, rs, 422, s, "A name of 60 characters at most.");
    }
    if (s->query.n > SEARCH_TEXT_MAX) {
        s->query = str_cut(s->query, SEARCH_TEXT_MAX);
        return refuse(rq, rs, 422, s, "A search of 1000 characters at most.");
    }
    st = saved_search_save(rq->db, rq->a, &by, rq->org->id, s);
    switch (st) {
    case ST_CONFLICT:
        return refuse(rq, rs, 409, s, "There is a search of this name.");
    case ST_LIMITED:
        return refuse(rq, rs, 429, s, "50 searches are there. Delete one.");
    default:
        return st == ST_OK ? done(rq, rs, "The search is saved.") : st;
    }
}


enum status
page_issue_search_new(struct request *rq, struct response *rs)
{
    struct saved_search s = {
        .shared = str_is(request_field(rq, "shared"), "1"),
    };

    return s.shared && !request_may(rq, MAY_SHARE) ? ST_DENIED
                                                   : save(rq, rs, &s);
}


enum status
page_issue_search_act(struct request *rq, struct response *rs)
{
    struct str what = request_field(rq, "do");
    struct actor by = request_actor(rq);
    struct saved_search s;
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, "search"), &id)) {
        return ST_NOT_FOUND;
    }
    st = saved_search_find(rq->db, rq->a, rq->org->id, rq->account->id, id, &s);
    if (st != ST_OK) {
        return st;
    }
    if (str_is(what, "choose") || str_is(what, "unchoose")) {
        bool chosen = str_is(what, "choose");

        st = saved_search_choose(rq->db, rq->a, rq->org->id, rq->account->id,
                                 chosen ? id : 0);
        return st == ST_OK
                   ? done(rq, rs,
                          chosen ? "Issues now open with this search."
                                 : "Issues open with the unresolved ones.")
                   : st;
    }
    if (s.shared && !request_may(rq, MAY_SHARE)) {
        return ST_DENIED;
    }
    if (str_is(what, "save")) {
        return save(rq, rs, &s);
    }
    if (!str_is(what, "delete")) {
        return ST_INVALID;
    }
    st = saved_search_remove(rq->db, rq->a, &by, rq->org->id, &s);
    return st == ST_OK ? done(rq, rs, "The search is deleted.") : st;
}
