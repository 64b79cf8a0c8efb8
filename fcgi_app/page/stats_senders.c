/*
 * page/stats_senders.c - /ORG/stats/senders/: who sends most, and what takes
 * the room.
 *
 *     range, from, to   in whole days
 *     project           repeated; absent: all
 *
 * Addresses stand here as far as projects keep them: as users of whom nothing
 * else is known (model/batch.h, user_tag).
 */

#include "model/account.h"
#include "model/explore.h"
#include "model/organization.h"
#include "model/project.h"
#include "page/choice.h"
#include "page/issue.h"
#include "page/pages.h"
#include "page/span.h"
#include "page/stats.h"

#define ROWS 10

/* One request, while it is worked on. */
struct senders {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct span span;
    int64_t *ids;
    size_t n;
};


static void
read_days(struct senders *s)
{
    s->span = span_read(s->rq);
    s->span.from -= s->span.from % US_PER_DAY;
    s->span.to += (US_PER_DAY - s->span.to % US_PER_DAY) % US_PER_DAY;
}


static void
read_projects(struct senders *s)
{
    const struct choice *c = &s->choice;

    if (c->projects.limited) {
        s->ids = c->projects.ids;
        s->n = c->projects.n;
        return;
    }
    s->ids = arena_array(s->rq->a, c->nall, sizeof(*s->ids));
    for (size_t i = 0; i < c->nall; i++) {
        s->ids[s->n++] = c->all[i].id;
    }
}


static void
show_share(struct arena *a, struct data *row, int64_t part, int64_t whole)
{
    double share = whole > 0 ? (double) part * 100 / (double) whole : 0;

    data_str(row, "share",
             str_printf(a, share < 10 ? "%.1f %%" : "%.0f %%", share));
}


static struct str
slug_of(const struct senders *s, int64_t id)
{
    for (size_t i = 0; i < s->choice.nall; i++) {
        if (s->choice.all[i].id == id) {
            return s->choice.all[i].slug;
        }
    }
    return STR("");
}


static enum status
show_issues(struct senders *s)
{
    struct request *rq = s->rq;
    struct stats_query q = { .organization_id = rq->org->id,
                             .projects = s->ids,
                             .nprojects = s->n,
                             .from = s->span.from,
                             .to = s->span.to };
    struct stats_issues found;
    enum status st = stats_issues(rq->db, rq->a, &q, &found);

    if (st != ST_OK) {
        return st;
    }
    data_i64(s->d, "bytes", found.bytes);
    data_i64(s->d, "looked", found.looked);
    data_i64(s->d, "of", found.of);
    data_bool(s->d, "sampled", found.looked < found.of);
    for (size_t i = 0; i < found.n; i++) {
        const struct stats_issue *one = &found.v[i];
        struct data *row = data_row(data_child(s->d, "Issue"));

        data_str(
            row, "short_id",
            issue_short_id(rq->a, slug_of(s, one->project_id), one->number));
        data_str(row, "title", one->title);
        data_i64(row, "events", one->events);
        data_i64(row, "bytes", one->bytes);
        show_share(rq->a, row, one->bytes, found.bytes);
    }
    return ST_OK;
}


/* By one tag, as the explorer counts it, with a way there. */
static enum status
show_by(struct senders *s, struct str key, const char *name)
{
    struct request *rq = s->rq;
    struct search_names names = { .account_id = rq->account->id };
    struct issue_query all;
    struct explore_query q = { .organization_id = rq->org->id,
                               .projects = s->ids,
                               .nprojects = s->n,
                               .from = s->span.from,
                               .to = s->span.to,
                               .step = 86400,
                               .keys = { key },
                               .nkeys = 1,
                               .top = ROWS };
    struct data *list = data_child(s->d, name);
    struct explore_result r;
    enum status st;

    q.slots = (size_t) ((q.to - q.from) / US_PER_DAY);
    issue_query_parse(rq->a, STR(""), &names, &all);
    q.filter = &all.filter;
    st = explore(rq->db, rq->a, &q, &r);
    if (st != ST_OK) {
        return st;
    }
    data_bool(list, "sampled", r.source == EXPLORE_SAMPLED);
    for (size_t i = 0; i < r.ngroups; i++) {
        struct str value = r.groups[i].values[0];
        struct data *row;

        if (value.n == 0) {
            continue;
        }
        row = data_row(data_child(list, "Row"));
        data_str(row, "name", value);
        data_str(row, "q",
                 url_encode(rq->a, issue_tag_term(rq->a, key, value)));
        data_i64(row, "n", r.groups[i].n);
        show_share(rq->a, row, r.groups[i].n, r.total);
    }
    return ST_OK;
}


enum status
page_stats_senders(struct request *rq, struct response *rs)
{
    struct senders s = { .rq = rq, .d = data_child(rs->data, "Senders") };
    enum status st = choice_read(rq, rs->data, &s.choice);

    if (st != ST_OK) {
        return st;
    }
    read_projects(&s);
    read_days(&s);
    span_show(rs->data, rq, &s.span);
    if ((st = show_issues(&s)) != ST_OK
        || (st = show_by(&s, STR("sdk"), "Sdk")) != ST_OK) {
        return st;
    }
    return show_by(&s, STR("user"), "User");
}
