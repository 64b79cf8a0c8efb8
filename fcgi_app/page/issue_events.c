/*
 * GET /:org/issues/:issue/events/: all events of an issue, newest first, with
 * columns of tags (?col=, repeated); and with ?q= those that pass a search in
 * the language of the stream.
 */

#include "page/explore.h"
#include "page/issue.h"
#include "page/pages.h"

#include "model/organization.h"
#include "web/pager.h"

#define COLUMNS_MAX 4
#define KEY_MAX 200 /* bytes */


static void
row(struct request *rq, struct data *d, const struct event_row *ev)
{
    ptrdiff_t colon = str_chr(ev->user_tag, ':');

    data_str(d, "id", ev->event_id);
    data_str(d, "short", str_cut(ev->event_id, 8));
    data_str(d, "link",
             str_printf(rq->a, "/%.*s/issues/%.*s/events/%.*s/",
                        STR_FMT(rq->org->slug), STR_FMT(rq->issue->short_id),
                        STR_FMT(ev->event_id)));
    data_bool(d, "thin", !ev->has_body);
    data_time(d, "at", ev->occurred_at);
    data_str(d, "title", ev->title);
    data_text(d, "level", issue_level(ev->level));
    data_str(d, "environment", ev->environment);
    data_str(d, "transaction", ev->transaction);
    data_str(d, "server", ev->server_name);
    if (!str_null(ev->release)) {
        data_str(d, "release", issue_release(ev->release));
    }
    if (colon >= 0) {
        data_str(d, "user",
                 str_sub(ev->user_tag, (size_t) colon + 1, ev->user_tag.n));
    }
}


enum status
issue_events_read(struct request *rq, struct data *d, struct explore_view *out)
{
    enum status st;

    *out = (struct explore_view){ .rq = rq, .d = d };
    if ((st = search_read(rq, d, STR(""), &out->box)) != ST_OK) {
        return st;
    }
    explore_refuse(rq->a, &out->box.query);
    out->q = (struct explore_query){
        .organization_id = rq->org->id,
        .projects = &rq->issue->project_id,
        .nprojects = 1,
        .issue = rq->issue->id,
        .from = rq->issue->first_seen - US_PER_DAY,
        .to = rq->now + US_PER_DAY,
        .step = 86400,
        .slots = 1,
        .filter = &out->box.query.filter,
    };
    return ST_OK;
}


/* The keys of ?col=, each once. */
static size_t
read_columns(const struct request *rq, struct str out[COLUMNS_MAX])
{
    struct str key;
    size_t at = 0, n = 0;

    while (n < COLUMNS_MAX && field_next(&rq->args, "col", &at, &key)) {
        bool known = false;

        key = str_trim(key);
        for (size_t i = 0; i < n; i++) {
            known = known || str_eq(out[i], key);
        }
        if (key.n > 0 && key.n <= KEY_MAX && !known) {
            out[n++] = key;
        }
    }
    return n;
}


static void
show_columns(struct request *rq, struct data *d, const struct str *keys,
             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str link = query_with(rq->a, &rq->args, "col", STR_NULL);
        struct data *column = data_row(data_child(d, "Column"));

        for (size_t k = 0; k < n; k++) {
            if (k != i) {
                link = str_printf(rq->a, "%.*s%scol=%.*s", STR_FMT(link),
                                  link.n > 1 ? "&" : "",
                                  STR_FMT(url_encode(rq->a, keys[k])));
            }
        }
        data_str(column, "key", keys[i]);
        data_str(column, "without", link);
    }
    data_bool(d, "full", n == COLUMNS_MAX);
}


/* Row, each with a Tag {v} for every column. */
static enum status
show_rows(struct request *rq, struct data *d, const struct event_row *rows,
          size_t n, const struct str *keys, size_t nkeys)
{
    int64_t *ids = arena_array(rq->a, n, sizeof(*ids));
    struct event_value *tags = NULL;
    enum status st = ST_OK;
    size_t ntags = 0;
    bool thin = false;

    for (size_t i = 0; i < n; i++) {
        ids[i] = rows[i].id;
    }
    if (n > 0 && nkeys > 0) {
        st = event_values(rq->db, rq->a, rq->issue, ids, n, keys, nkeys, &tags,
                          &ntags);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *line = data_row(data_child(d, "Row"));

        row(rq, line, &rows[i]);
        thin = thin || !rows[i].has_body;
        for (size_t k = 0; k < nkeys; k++) {
            struct data *cell = data_row(data_child(line, "Tag"));

            for (size_t t = 0; t < ntags; t++) {
                if (tags[t].id == ids[i] && str_eq(tags[t].key, keys[k])) {
                    data_str(cell, "v",
                             issue_tag_name(tags[t].key, tags[t].value));
                }
            }
        }
    }
    data_bool(d, "thin", thin);
    data_i64(d, "n", (int64_t) n);
    return st;
}


static enum status
list_all(struct request *rq, struct data *d, struct event_row **rows, size_t *n)
{
    struct pager pager = pager_read(rq);
    struct pager first = { 0 };
    struct pager last = { 0 };
    enum status st;
    bool more;
    int count;

    st = event_list(rq->db, rq->a, rq->issue, pager.set ? pager.id : 0,
                    pager.backward, rows, &count, &more);
    if (st != ST_OK) {
        return st;
    }
    *n = (size_t) count;
    if (count > 0) {
        int64_t newest = (*rows)[0].id, oldest = (*rows)[count - 1].id;

        first = (struct pager){ .set = true, .key = newest, .id = newest };
        last = (struct pager){ .set = true, .key = oldest, .id = oldest };
    }
    pager_show(d, rq, &pager, *n, more, first, last);
    return ST_OK;
}


/* What a search has found leads on only to older events, and to its start. */
static enum status
list_found(struct explore_view *v, struct event_row **rows, size_t *n)
{
    struct request *rq = v->rq;
    struct pager pager = pager_read(rq);
    struct data *links = data_child(v->d, "Pager");
    struct explore_event *found;
    int64_t next = 0;
    enum status st;

    st = explore_events(rq->db, rq->a, &v->q, pager.set ? pager.id : 0,
                        EVENT_PAGE, &found, n, &next);
    if (st != ST_OK) {
        return st;
    }
    *rows = arena_array(rq->a, *n, sizeof(**rows));
    for (size_t i = 0; i < *n; i++) {
        (*rows)[i] = found[i].row;
    }
    if (pager.set) {
        data_str(links, "start",
                 query_with(rq->a, &rq->args, "cursor", STR_NULL));
    }
    if (next > 0) {
        data_str(links, "older",
                 query_with(rq->a, &rq->args, "cursor",
                            str_printf(rq->a, "%lld.%lld", (long long) next,
                                       (long long) next)));
    }
    return ST_OK;
}


enum status
page_issue_events(struct request *rq, struct response *rs)
{
    struct str keys[COLUMNS_MAX];
    size_t nkeys = read_columns(rq, keys), n = 0;
    struct event_row *rows = NULL;
    struct explore_view v;
    enum status st;
    bool found;

    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    if ((st = issue_events_read(rq, rs->data, &v)) != ST_OK) {
        return st;
    }
    search_show(rq, rs->data, &v.box);
    found = v.box.query.n > 0;
    st = found ? list_found(&v, &rows, &n) : list_all(rq, rs->data, &rows, &n);
    if (st != ST_OK) {
        return st;
    }
    show_columns(rq, rs->data, keys, nkeys);
    data_bool(rs->data, "found", found);
    data_str(rs->data, "export",
             query_with(rq->a, &rq->args, "cursor", STR_NULL));
    return show_rows(rq, rs->data, rows, n, keys, nkeys);
}
