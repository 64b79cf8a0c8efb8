#include "page/saved.h"

#include "model/account.h"
#include "model/organization.h"
#include "util/utf8.h"
#include "web/login.h"
#include "web/route.h"

#define NAME_MAX_CHARS 60
#define MAY_SHARE "project:write"


void
saved_menu(struct request *rq, struct data *d, const struct saved_shelf *shelf,
           const struct saved_search *v, size_t n,
           const struct saved_search *now)
{
    for (size_t i = 0; i < n; i++) {
        const struct saved_search *s = &v[i];
        struct data *row = data_row(data_child(d, "Saved"));
        bool current =
            str_eq(s->query, now->query) && str_eq(s->sort, now->sort);

        data_str(row, "name", s->name);
        data_str(row, "link", shelf->link(rq, s));
        data_bool(row, "current", current);
        /* a caption where the shared ones begin */
        data_bool(row, "shared", s->shared && (i == 0 || !s[-1].shared));
        if (current) {
            data_str(d, "saved", s->name);
        }
    }
}


/* The form for a new one holds what was typed, or what the address says. */
static enum status
show(struct request *rq, struct response *rs, const struct saved_shelf *shelf,
     const struct saved_search *typed, const char *wrong)
{
    struct data *form = data_child(rs->data, "New");
    struct data *d = data_child(rs->data, "Shelf");
    struct saved_search *list;
    enum status st;
    size_t n = 0;

    data_text(d, "home", shelf->home);
    data_text(d, "path", shelf->path);
    data_bool(d, "stream", shelf->place == SAVED_IN_STREAM);
    st = saved_search_list(rq->db, rq->a, rq->org->id, rq->account->id,
                           shelf->place, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Saved"));
        bool again = typed->id == list[i].id;

        data_i64(row, "id", list[i].id);
        data_str(row, "link", shelf->link(rq, &list[i]));
        data_str(row, "was", list[i].name);
        data_str(row, "name", again ? typed->name : list[i].name);
        data_str(row, "query", again ? typed->query : list[i].query);
        data_bool(row, "wrong", again);
        data_bool(row, "shared", list[i].shared);
        data_bool(row, "chosen", list[i].chosen);
        data_bool(row, "mine", !list[i].shared || request_may(rq, MAY_SHARE));
        shelf->show(rq, row, again ? typed : &list[i]);
    }
    data_bool(data_child(rs->data, "May"), "share", request_may(rq, MAY_SHARE));
    data_tr(rs->data, "wrong", wrong);
    if (typed->id == 0) {
        data_str(form, "name", typed->name);
        data_str(form, "query", typed->query);
        data_bool(form, "shared", typed->shared);
        shelf->show(rq, form, typed);

    } else {
        static const struct saved_search none = { 0 };

        shelf->show(rq, form, &none);
    }
    return st;
}


enum status
saved_page(struct request *rq, struct response *rs,
           const struct saved_shelf *shelf)
{
    struct saved_search s = { .place = shelf->place };

    return show(rq, rs, shelf, &s, shelf->read(rq, true, &s));
}


static enum status
refuse(struct request *rq, struct response *rs, const struct saved_shelf *shelf,
       int status, const struct saved_search *typed, const char *why)
{
    rs->status = status;
    return show(rq, rs, shelf, typed, why);
}


static enum status
done(struct request *rq, struct response *rs, const struct saved_shelf *shelf,
     const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/%s", STR_FMT(rq->org->slug), shelf->path));
    return ST_OK;
}


/* What the form says, into an old one or a new one. */
static enum status
save(struct request *rq, struct response *rs, const struct saved_shelf *shelf,
     struct saved_search *s)
{
    struct actor by = request_actor(rq);
    const char *wrong = shelf->read(rq, false, s);
    enum status st;

    s->name = request_field(rq, "name");
    if (s->name.n == 0 || utf8_length(s->name) > NAME_MAX_CHARS) {
        s->name = str_cut(s->name, 4 * NAME_MAX_CHARS);
        return refuse(rq, rs, shelf, 422, s,
                      "A name of 60 characters at most.");
    }
    if (wrong != NULL) {
        return refuse(rq, rs, shelf, 422, s, wrong);
    }
    st = saved_search_save(rq->db, rq->a, &by, rq->org->id, s);
    switch (st) {
    case ST_CONFLICT:
        return refuse(rq, rs, shelf, 409, s, "There is a search of this name.");
    case ST_LIMITED:
        return refuse(rq, rs, shelf, 429, s,
                      "50 searches are there. Delete one.");
    default:
        return st == ST_OK ? done(rq, rs, shelf, "The search is saved.") : st;
    }
}


enum status
saved_new(struct request *rq, struct response *rs,
          const struct saved_shelf *shelf)
{
    struct saved_search s = {
        .place = shelf->place,
        .shared = str_is(request_field(rq, "shared"), "1"),
    };

    return s.shared && !request_may(rq, MAY_SHARE)
               ? request_denied(rq, MAY_SHARE)
               : save(rq, rs, shelf, &s);
}


static enum status
choose(struct request *rq, struct response *rs, const struct saved_shelf *shelf,
       int64_t id)
{
    enum status st =
        saved_search_choose(rq->db, rq->a, rq->org->id, rq->account->id, id);

    return st == ST_OK ? done(rq, rs, shelf,
                              id != 0 ? "Issues now open with this search."
                                      : "Issues open with the unresolved ones.")
                       : st;
}


enum status
saved_act(struct request *rq, struct response *rs,
          const struct saved_shelf *shelf)
{
    struct str what = request_field(rq, "do");
    struct actor by = request_actor(rq);
    struct saved_search s;
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, shelf->param), &id)) {
        return ST_NOT_FOUND;
    }
    st = saved_search_find(rq->db, rq->a, rq->org->id, rq->account->id,
                           shelf->place, id, &s);
    if (st != ST_OK) {
        return st;
    }
    if (shelf->place == SAVED_IN_STREAM
        && (str_is(what, "choose") || str_is(what, "unchoose"))) {
        return choose(rq, rs, shelf, str_is(what, "choose") ? id : 0);
    }
    if (s.shared && !request_may(rq, MAY_SHARE)) {
        return request_denied(rq, MAY_SHARE);
    }
    if (str_is(what, "save")) {
        return save(rq, rs, shelf, &s);
    }
    if (!str_is(what, "delete")) {
        return request_wrong(rq, "do");
    }
    st = saved_search_remove(rq->db, rq->a, &by, rq->org->id, &s);
    return st == ST_OK ? done(rq, rs, shelf, "The search is deleted.") : st;
}
