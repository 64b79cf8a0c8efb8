#include "page/dashboard.h"

#include "model/alert_data.h"
#include "model/organization.h"
#include "model/release.h"
#include "page/issue.h"
#include "util/lang.h"
#include "web/data.h"
#include "web/route.h"

#define ALERTS 5


enum status
dashboard_flags(struct request *rq, const int64_t *projects, size_t nprojects,
                int64_t since, struct flag *flags, size_t *n)
{
    struct id_set seen = { .limited = true, .n = nprojects };
    struct release *releases;
    enum status st;

    seen.ids = arena_array(rq->a, nprojects, sizeof(*seen.ids));
    memcpy(seen.ids, projects, nprojects * sizeof(*seen.ids));
    st = release_recent(rq->db, rq->a, rq->org->id, &seen, since,
                        DASHBOARD_FLAGS, &releases, n);
    for (size_t i = 0; st == ST_OK && i < *n; i++) {
        flags[i] = (struct flag){ releases[i].first_seen,
                                  issue_release(releases[i].version) };
    }
    return st;
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
