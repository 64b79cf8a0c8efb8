/*
 * GET /:org/issues/:issue/tags/: how the issue's events share out over the
 * values of each tag; countries on the map.
 */

#include "page/issue.h"
#include "page/map.h"
#include "page/pages.h"

#include "model/issue_page.h"
#include "model/organization.h"
#include "web/world.h"


/* The stream of this project's issues with the value. */
static struct str
link_of(struct request *rq, const struct issue_tag_row *tag)
{
    struct str term = issue_tag_term(rq->a, tag->key, tag->value);

    return str_printf(rq->a, "/%.*s/issues/?project=%.*s&q=%.*s",
                      STR_FMT(rq->org->slug), STR_FMT(rq->issue->project_slug),
                      STR_FMT(url_encode(rq->a, term)));
}


static void
value(struct request *rq, struct data *d, const struct issue_tag_row *tag)
{
    data_str(d, "full", tag->value);
    data_str(d, "v",
             str_is(tag->key, "release")
                 ? issue_release(tag->value)
                 : issue_tag_name(tag->key, tag->value));
    data_str(d, "link", link_of(rq, tag));
    data_i64(d, "percent", issue_percent(tag->times_seen, tag->total));
    data_i64(d, "n", tag->times_seen);
    data_time(d, "last_seen", tag->last_seen);
}


/* Those of one key, and what of it is not among them. */
static void
group(struct request *rq, struct data *d, const struct issue_tag_row *tags,
      size_t n)
{
    int64_t rest = tags->total;

    data_str(d, "key", tags->key);
    data_i64(d, "values", tags->values);
    for (size_t i = 0; i < n && i < ISSUE_TAG_VALUES; i++) {
        value(rq, data_row(data_child(d, "Value")), &tags[i]);
        rest -= tags[i].times_seen;
    }
    if (rest > 0) {
        data_i64(d, "rest", rest);
        data_i64(d, "rest_percent", issue_percent(rest, tags->total));
    }
}


static void
map(struct request *rq, struct data *d, const struct issue_tag_row *tags,
    size_t n)
{
    struct map_count *counts = arena_array(rq->a, n, sizeof(*counts));

    for (size_t i = 0; i < n; i++) {
        counts[i] = (struct map_count){ .code = tags[i].value,
                                        .n = tags[i].times_seen,
                                        .link = link_of(rq, &tags[i]) };
    }
    map_fill(rq->a, data_child(d, "Map"), counts, n, ISSUE_TAG_VALUES);
}


enum status
page_issue_tags(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Tag");
    struct issue_tag_row *tags;
    enum status st;
    size_t n, end;

    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    st = issue_tag_list(rq->db, rq->a, rq->issue, &tags, &n);
    for (size_t i = 0; st == ST_OK && i < n; i = end) {
        for (end = i; end < n && str_eq(tags[end].key, tags[i].key); end++) {
        }
        group(rq, data_row(list), &tags[i], end - i);
        if (str_is(tags[i].key, "geo.country_code")) {
            map(rq, rs->data, &tags[i], end - i);
        }
    }
    return st;
}
