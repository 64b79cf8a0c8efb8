#include "page/dashboard.h"

#include "model/alert_data.h"
#include "model/organization.h"
#include "page/choice.h"
#include "page/issue.h"
#include "page/releases.h"
#include "util/lang.h"
#include "web/data.h"
#include "web/route.h"

#define ALERTS 5


static void
show_free(struct request *rq, struct data *d, const struct release_news *news)
{
    d = data_child(d, "Free");
    release_show_rate(rq->a, d, "sessions", news->all.crashed,
                      news->all.sessions);
    release_show_rate(rq->a, d, "users", news->all.users_crashed,
                      news->all.users);
    for (size_t i = 0; i < news->ntop; i++) {
        const struct release_state *r = &news->top[i];
        struct data *row = data_row(data_child(d, "Release"));

        data_str(row, "version", issue_release(r->version));
        data_str(row, "project", r->project_slug);
        data_str(row, "link", release_link(rq, r->version, r->project_slug));
        release_show_rate(rq->a, row, "free", r->crashed, r->sessions);
    }
}


enum status
dashboard_news(struct request *rq, const int64_t *projects, size_t nprojects,
               const int64_t *own, size_t nown, int64_t since, int keep,
               struct release_news **out)
{
    *out = arena_alloc(rq->a, sizeof(**out));
    return release_news(rq->db, rq->a, rq->org->id, projects, nprojects, own,
                        nown, since, span_day(rq->now), keep, *out);
}


void
dashboard_card(struct request *rq, struct data *row,
               const struct release_news *news, int64_t project_id)
{
    for (size_t i = 0; i < news->nown; i++) {
        const struct release_state *own = &news->own[i];

        if (own->project_id == project_id) {
            if (!str_null(own->version)) {
                data_str(row, "release", issue_release(own->version));
            }
            release_show_rate(rq->a, row, "free", own->crashed, own->sessions);
        }
    }
}


size_t
dashboard_releases(struct request *rq, struct data *d,
                   const struct release_news *news, struct flag *flags)
{
    for (size_t i = 0; i < news->nrecent; i++) {
        flags[i] = (struct flag){ news->recent[i].first_seen,
                                  issue_release(news->recent[i].version) };
    }
    show_free(rq, d, news);
    return news->nrecent;
}


enum status
dashboard_alerts(struct request *rq, struct data *d)
{
    struct alert_fire *fires;
    size_t n, shown = 0;
    enum status st;
    bool more;

    if (!request_may(rq, "alerts:read")) {
        return ST_OK;
    }
    st =
        alert_fire_list(rq->db, rq->a, rq->org->id, 0, 0, 0, &fires, &n, &more);
    for (size_t i = 0; st == ST_OK && i < n && shown < ALERTS; i++) {
        struct data *row;

        if (fires[i].project_id != 0
            && !access_sees(&rq->access, fires[i].project_id)) {
            continue;
        }
        row = data_row(data_child(d, "Alert"));
        data_i64(row, "rule", fires[i].rule_id);
        data_str(row, "name", fires[i].rule_name);
        data_str(row, "cause", lang_say(rq->a, fires[i].cause));
        data_time(row, "at", fires[i].fired_at);
        shown++;
    }
    return st;
}
