/*
 * From what was counted to a rule that watches it: the editor of metric alerts,
 * filled in.  A rule counts a project's events or users, by level and
 * environment; what else was asked for is named there as left out.
 */

#include "page/explore.h"

#include "model/organization.h"
#include "model/project.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/route.h"

#define LEAST 10 /* that a threshold says */
#define TIMES 3  /* the mean of an hour */

struct link {
    struct arena *a;
    struct buf b;
};


static void
add(struct link *l, const char *name, struct str value)
{
    if (value.n > 0) {
        buf_addf(&l->b, "&%s=", name);
        buf_str(&l->b, url_encode(l->a, value));
    }
}


/* The lowest level that may pass: 30, 40, 50; 0: any. */
static int
least_level(const bool *levels)
{
    int level = 0;

    while (level < 5 && !levels[level]) {
        level++;
    }
    return level < 3 ? 0 : level * 10;
}


/* Whether "that level and above" is just what may pass. */
static bool
goes_up(const bool *levels)
{
    int least = least_level(levels) / 10;

    for (int i = 0; i < 6; i++) {
        if (levels[i] != (i >= least)) {
            return false;
        }
    }
    return true;
}


/* Whether the rule asks for the same; an environment is put into the link. */
static bool
takes(struct link *l, const struct explore_view *v, const struct issue_term *t)
{
    if (str_null(t->key) || !str_null(t->error)) {
        return !str_null(t->error); /* the page has left it out itself */
    }
    if (str_ieq(t->key, STR("level"))) {
        return goes_up(v->q.filter->levels);
    }
    if (str_ieq(t->key, STR("project"))) {
        return true; /* of those that are asked for */
    }
    if (str_ieq(t->key, STR("environment")) && !t->negated
        && str_null(v->choice.environment) && str_chr(t->value, '*') < 0
        && str_chr(t->value, '[') < 0 && str_chr(t->value, '"') < 0) {
        add(l, "environment", t->value);
        return true;
    }
    return false;
}


static void
add_projects(struct link *l, const struct explore_view *v)
{
    if (v->q.nprojects == v->choice.nall) {
        return;
    }
    for (size_t i = 0; i < v->choice.nall; i++) {
        for (size_t k = 0; k < v->q.nprojects; k++) {
            if (v->q.projects[k] == v->choice.all[i].id) {
                add(l, "project", v->choice.all[i].slug);
            }
        }
    }
}


/* Far above the mean of an hour, in two digits; the editor rehearses it. */
static int64_t
threshold(const struct explore_view *v, int64_t total)
{
    int64_t hours = (v->q.to - v->q.from) / US_PER_HOUR;
    int64_t n = hours > 0 ? total * TIMES / hours : 0;
    int64_t unit = 1;

    while (n / unit >= 100) {
        unit *= 10;
    }
    n = (n + unit - 1) / unit * unit;
    return n < LEAST ? LEAST : n;
}


void
explore_show_alert(const struct explore_view *v, int64_t total)
{
    struct request *rq = v->rq;
    struct link l = { .a = rq->a, .b = buf_in(rq->a) };
    const struct issue_query *query = &v->box.query;
    const char *what = v->q.users ? N_("Users") : N_("Events");

    if (!request_may(rq, "alerts:write")) {
        return;
    }
    buf_addf(&l.b, "/%.*s/alerts/new/?kind=metric&metric=%s&level=%d",
             STR_FMT(rq->org->slug), v->q.users ? "users" : "events",
             least_level(v->q.filter->levels));
    buf_addf(&l.b, "&critical=%lld", (long long) threshold(v, total));
    add_projects(&l, v);
    add(&l, "environment", v->choice.environment);
    for (size_t i = 0; i < query->n; i++) {
        if (!takes(&l, v, &query->terms[i])) {
            add(&l, "left", query->terms[i].text);
        }
    }
    if (v->box.text.n > 0) {
        add(&l, "name",
            str_printf(rq->a, "%s: %.*s", tr(what), STR_FMT(v->box.text)));
    }
    data_str(v->d, "alert", buf_view(&l.b));
}


/* Half as many crashes more than there were, in tenths of a per cent. */
static double
least_good(double good)
{
    double bad = (100 - good) * 1.5;
    int64_t tenths = (int64_t) ((100 - bad) * 10);

    return good < 0 ? 99 : tenths < 0 ? 0 : (double) tenths / 10;
}


void
explore_show_session_alert(struct request *rq, struct data *d,
                           const struct choice *choice, struct str release,
                           double good)
{
    struct link l = { .a = rq->a, .b = buf_in(rq->a) };

    if (!request_may(rq, "alerts:write")) {
        return;
    }
    buf_addf(&l.b,
             "/%.*s/alerts/new/?kind=metric&metric=crash_free_sessions"
             "&side=below&least=50&critical=%.1f",
             STR_FMT(rq->org->slug), least_good(good));
    for (size_t i = 0; i < choice->nall && choice->projects.limited; i++) {
        for (size_t k = 0; k < choice->projects.n; k++) {
            if (choice->projects.ids[k] == choice->all[i].id) {
                add(&l, "project", choice->all[i].slug);
            }
        }
    }
    add(&l, "environment", choice->environment);
    add(&l, "left",
        release.n > 0 ? str_printf(rq->a, "release:*%.*s*", STR_FMT(release))
                      : STR_NULL);
    data_str(d, "alert", buf_view(&l.b));
}
