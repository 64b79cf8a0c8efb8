#include "page/project_side.h"

#include "model/organization.h"
#include "model/project.h"
#include "model/project_key.h"
#include "page/choice.h"
#include "page/issue.h"
#include "page/releases.h"
#include "util/timeutil.h"
#include "web/data.h"
#include "web/route.h"


static void
show_release(struct request *rq, struct data *d, const struct overview_side *s)
{
    struct str project = rq->project->slug;
    struct release r = { .version = s->release, .project_slug = project };

    data_str(d, "name", issue_release(s->release));
    data_str(d, "link", release_link(rq, s->release, project));
    data_str(d, "compare", release_compare_link(rq, &r, STR_NULL));
    data_time(d, "first_seen", s->released);
    data_i64(d, "sessions", s->own.sessions);
    release_show_rate(rq->a, d, "free", s->own.crashed, s->own.sessions);
    release_show_rate(rq->a, d, "users", s->own.users_crashed, s->own.users);
    release_show_adoption(rq->a, d, s->own.sessions, s->all.sessions, false);
}


enum status
project_side(struct request *rq, struct data *d, const struct overview_query *q,
             struct str release)
{
    int64_t day = span_day(rq->now);
    struct project_key key = { .project_id = q->project_id };
    struct overview_side s;
    enum status st;

    st = overview_side(rq->db, rq->a, q, release, day, &s);
    if (st != ST_OK) {
        return st;
    }
    d = data_child(d, "Side");
    if (!str_null(s.key)) {
        key.public_key = s.key;
        data_str(d, "dsn", project_key_dsn(rq->a, &key));
    }
    if (!str_null(s.release)) {
        show_release(rq, data_child(d, "Newest"), &s);
    }
    data_bool(d, "may_write", request_may(rq, "alerts:write"));
    for (size_t i = 0; i < s.nteams; i++) {
        struct data *row = data_row(data_child(d, "Team"));

        data_str(row, "slug", s.teams[i].name);
        data_i64(row, "n", s.teams[i].n);
    }
    for (size_t i = 0; i < s.npeople; i++) {
        data_str(data_row(data_child(d, "Person")), "name", s.people[i].name);
    }
    if (s.npeople > 0) {
        data_i64(d, "more", s.people[0].n - (int64_t) s.npeople);
    }
    for (size_t i = 0; i < s.nrules && request_may(rq, "alerts:read"); i++) {
        struct data *row = data_row(data_child(d, "Rule"));

        data_i64(row, "id", s.rules[i].id);
        data_str(row, "name", s.rules[i].name);
        data_time(row, "at", s.rules[i].at);
        data_bool(row, "snoozed", s.rules[i].n != 0);
    }
    return ST_OK;
}
