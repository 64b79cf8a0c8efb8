/*
 * What the explorer says in one number: how much there was, how much of it a
 * minute, and when most of it came; and the links of what is asked for often.
 */

#include "page/explore.h"

#include "util/lang.h"
#include "web/show.h"

/* "Counts by" */
static const struct {
    const char *key;
    const char *title;
} presets[] = {
    { "level", N_("Level") },
    { "error.type", N_("Type") },
    { "release", "Release" },
    { "environment", "Environment" },
    { "browser.name", "Browser" },
    { "os.name", "Operating system" },
    { "url", N_("URL") },
    { "server_name", N_("Server") },
    { EXPLORE_COUNTRY, N_("Country") },
    { "user", "User" },
};


void
explore_show_presets(const struct explore_view *v)
{
    const struct explore_query *q = &v->q;

    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        struct data *row = data_row(data_child(v->d, "Preset"));
        bool current = q->nkeys == 1 && str_is(q->keys[0], presets[i].key);

        data_tr(row, "title", presets[i].title);
        data_bool(row, "current", current);
        data_str(row, "link",
                 query_with(v->rq->a, &v->box.base, "by",
                            current ? STR_NULL : str_of(presets[i].key)));
    }
}


/* "0.42"; with as many places as say something. */
static struct str
rate(struct arena *a, double n)
{
    return n > 0 && n < .01 ? STR("< 0.01")
                            : str_printf(a,
                                         n < 10    ? "%.2f"
                                         : n < 100 ? "%.1f"
                                                   : "%.0f",
                                         n);
}


void
explore_show_number(const struct explore_view *v,
                    const struct explore_result *r)
{
    struct data *d = data_child(v->d, "Number");
    int64_t now = v->rq->now, most = 0, all;
    int64_t to = v->span.to < now ? v->span.to : now;
    double minutes = (double) (to - v->span.from) / US_PER_MINUTE;

    if (!v->q.users && minutes >= 1) {
        data_str(d, "minute", rate(v->rq->a, (double) r->total / minutes));
    }
    for (size_t s = 0; s < v->q.slots && !(v->q.users && v->q.nkeys > 0); s++) {
        all = r->other.n > 0 ? r->other.slots[s] : 0;
        for (size_t i = 0; i < r->ngroups; i++) {
            all += r->groups[i].slots[s];
        }
        if (all > most) {
            most = all;
            data_time(d, "at",
                      v->span.from
                          + (int64_t) s * v->span.step * US_PER_SECOND);
        }
    }
    data_i64(d, "most", most);
    data_bool(d, "hours", v->span.step < 86400);
}
