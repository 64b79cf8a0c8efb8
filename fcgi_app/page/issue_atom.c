/*
 * page/issue_atom.c - what the stream shows as a feed (RFC 4287), the newest
 * issue first unless ?sort= says otherwise.
 *
 * Nothing in it changes with each event or with the time of day: a reader that
 * has seen it is told so by its ETag.
 */

#include "model/organization.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/conf.h"
#include "util/crypt.h"
#include "web/render.h"

#define ENTRIES 50


static void
show_entry(const struct request *rq, struct data *row, const struct issue *is)
{
    data_str(row, "link",
             str_printf(rq->a, "%s/%.*s/issues/%.*s/",
                        conf_str(CONF_SYSTEM_URL_PREFIX),
                        STR_FMT(rq->org->slug), STR_FMT(is->short_id)));
    data_str(row, "short_id", is->short_id);
    data_str(row, "title", is->title);
    data_str(row, "culprit", is->culprit);
    data_str(row, "project", is->project_slug);
    data_text(row, "level", issue_level(is->level));
    data_time(row, "first_seen", is->first_seen);
    data_time(row, "updated",
              is->status_at > is->first_seen ? is->status_at : is->first_seen);
}


enum status
page_issue_atom(struct request *rq, struct response *rs)
{
    struct data *d = data_new(rq->a);
    struct issue_list page;
    struct str body, tag;
    int64_t updated = 0;
    enum status st;

    st = issue_list_chosen(rq, ENTRIES, ISSUE_BY_FIRST_SEEN, &page);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < page.n; i++) {
        const struct issue *is = &page.rows[i];

        show_entry(rq, data_row(data_child(d, "Entry")), is);
        updated = is->status_at > updated ? is->status_at : updated;
        updated = is->first_seen > updated ? is->first_seen : updated;
    }
    data_time(d, "updated",
              updated > 0 ? updated : rq->now / US_PER_DAY * US_PER_DAY);
    data_str(d, "organization", rq->org->name);
    data_str(d, "query", issue_list_query(rq));
    data_str(d, "stream",
             str_printf(rq->a, "%s/%.*s/issues/?q=%.*s",
                        conf_str(CONF_SYSTEM_URL_PREFIX),
                        STR_FMT(rq->org->slug),
                        STR_FMT(url_encode(rq->a, issue_list_query(rq)))));
    st = render(rq->a, "issue_atom.cs", d, rq->now, rq->started, &body);
    if (st != ST_OK) {
        return st;
    }

    tag = str_printf(rq->a, "\"%.*s\"",
                     STR_FMT(str_cut(secret_digest(rq->a, body), 32)));
    response_header(rs, "ETag", tag);
    rs->cache = STR("private, max-age=60");
    if (str_find(rq->known, tag) >= 0) { /* also W/"…", or one of a list */
        rs->status = 304;
        body = STR("");
    }
    response_raw(rs, "application/atom+xml; charset=utf-8", body);
    return ST_OK;
}
