/*
 * page/release.c - /ORG/releases/VERSION/: is this release worse?
 *
 *     project      a slug, when several have the version
 *     environment  choice.h
 *     range        24h, 14d, 30d
 *     issues       new, unhandled, regressed, resolved
 */

#include "page/releases.h"

#include "model/organization.h"
#include "model/version.h"
#include "page/chart.h"
#include "page/choice.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/platform.h"

/* The order of enum release_issues. */
static const struct {
    const char *name;
    const char *title;
} tabs[RELEASE_LISTS] = {
    [RELEASE_NEW] = { "new", "New" },
    [RELEASE_UNHANDLED] = { "unhandled", N_("Unhandled") },
    [RELEASE_REGRESSED] = { "regressed", N_("Regressed") },
    [RELEASE_RESOLVED] = { "resolved", "Resolved" },
};

/* What is asked of the counters. */
enum asked {
    NOW,           /* this release over the span */
    THEN,          /* the one before, likewise */
    TODAY,         /* this one in the last 24 hours */
    PROJECT_TODAY, /* all of the project, likewise */
    OWN,           /* this one by slot of the span */
    ALL,           /* all of the project by slot */
    ASKS
};

/* One request, while it is worked on. */
struct view {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct span span;
    struct release r;
    struct release before; /* id 0: it is the first */
    struct health now;
    struct health then; /* of the one before, over the same time */
    struct release_ask asks[ASKS];
};


/* The release of the path, of the chosen project or the first that has it. */
static enum status
find(struct view *v)
{
    struct request *rq = v->rq;
    struct data *list = data_child(v->d, "Also");
    struct release *rows;
    enum status st;
    size_t n;

    st = release_find(rq->db, rq->a, rq->org->id, request_param(rq, "version"),
                      &v->choice.projects, &rows, &n);
    if (st != ST_OK) {
        return st;
    }
    v->r = rows[0];
    for (size_t i = 1; i < n; i++) {
        struct data *row = data_row(list);

        data_str(row, "project", rows[i].project_slug);
        data_str(row, "link",
                 release_link(rq, rows[i].version, rows[i].project_slug));
    }
    st = release_before(rq->db, rq->a, &v->r, &v->before);
    return st == ST_NOT_FOUND ? ST_OK : st;
}


static void
show_head(struct view *v)
{
    struct data *d = data_child(v->d, "Release");
    struct str url = v->r.url;
    struct version parts;

    version_parse(v->r.version, &parts);
    data_str(d, "version", v->r.version);
    data_str(d, "short", version_short(v->r.version));
    data_str(d, "package", parts.package.n > 0 ? parts.package : STR_NULL);
    data_str(d, "build", parts.build.n > 0 ? parts.build : STR_NULL);
    data_str(d, "project", v->r.project_slug);
    platform_fill(d, v->r.platform);
    data_time(d, "first_seen", v->r.first_seen);
    data_time(d, "last_seen", v->r.last_seen);
    data_time(d, "released", v->r.released_at);
    if (issue_is_url(url)) {
        data_str(d, "url", url);
    }
    data_str(d, "compare", release_compare_link(v->rq, &v->r, STR_NULL));
    if (v->before.id != 0) {
        data_str(d, "before", version_short(v->before.version));
        data_str(
            d, "before_link",
            release_link(v->rq, v->before.version, v->before.project_slug));
    }
}


/* All numbers of the page. */
static enum status
load_health(struct view *v)
{
    struct request *rq = v->rq;
    int64_t day = span_day(rq->now);

    v->asks[NOW] = (struct release_ask){
        .id = v->r.id, .from = v->span.from, .to = v->span.to, .slots = 1
    };
    v->asks[THEN] = v->asks[NOW];
    v->asks[THEN].id = v->before.id;
    v->asks[TODAY] = (struct release_ask){
        .id = v->r.id, .from = day, .to = rq->now, .slots = 1
    };
    v->asks[PROJECT_TODAY] = v->asks[TODAY];
    v->asks[PROJECT_TODAY].id = v->r.project_id;
    v->asks[PROJECT_TODAY].project = true;
    v->asks[OWN] = v->asks[NOW];
    v->asks[OWN].step = v->span.step;
    v->asks[OWN].slots = v->span.slots;
    v->asks[ALL] = v->asks[OWN];
    v->asks[ALL].id = v->r.project_id;
    v->asks[ALL].project = true;
    return release_numbers(rq->db, rq->a, v->choice.environment, v->asks, ASKS);
}


static enum status
show_health(struct view *v)
{
    struct request *rq = v->rq;
    struct data *d = data_child(v->d, "Health");
    enum status st = load_health(v);
    int64_t today;

    if (st != ST_OK) {
        return st;
    }
    v->now = v->asks[NOW].v[0];
    v->then = v->asks[THEN].v[0];
    today = v->asks[TODAY].v[0].sessions;
    data_i64(d, "events", v->now.events);
    data_i64(d, "sessions", v->now.sessions);
    data_i64(d, "crashed", v->now.crashed);
    data_i64(d, "errored",
             v->now.errored - v->now.crashed - v->now.abnormal
                 - v->now.unhandled);
    data_i64(d, "unhandled", v->now.unhandled);
    data_i64(d, "abnormal", v->now.abnormal);
    data_i64(d, "user_days", v->now.users);
    if (v->now.durations > 0) {
        data_i64(d, "duration", v->now.duration_ms * 1000 / v->now.durations);
    }
    release_show_rate(rq->a, d, "free", v->now.crashed, v->now.sessions);
    release_show_rate(rq->a, d, "users", v->now.users_crashed, v->now.users);
    release_show_adoption(rq->a, d, today, v->asks[PROJECT_TODAY].v[0].sessions,
                          v->now.sessions > 2 * today);
    release_judge(rq->a, data_child(v->d, "Verdict"), &v->now, &v->then);
    return ST_OK;
}


/* This release among all of its project; sessions, or events without any. */
static void
show_adoption(struct view *v)
{
    struct request *rq = v->rq;
    size_t slots = v->span.slots;
    int64_t *mine = arena_array(rq->a, slots, sizeof(int64_t));
    int64_t *others = arena_array(rq->a, slots, sizeof(int64_t));
    const struct health *own = v->asks[OWN].v, *all = v->asks[ALL].v;
    bool sessions = v->now.sessions > 0;
    struct layer layers[2] = {
        { .name = str_of(tr("this release")), .fill = "f-c1", .v = mine },
        { .name = str_of(tr("other releases")), .fill = "f-c7", .v = others },
    };
    struct flag flag = { v->r.first_seen, version_short(v->r.version) };
    bool inside = v->r.first_seen >= v->span.from;

    for (size_t i = 0; i < slots; i++) {
        mine[i] = sessions ? own[i].sessions : own[i].events;
        others[i] = (sessions ? all[i].sessions : all[i].events) - mine[i];
    }
    data_bool(v->d, "by_sessions", sessions);
    chart_stack(rq->a, data_child(v->d, "Chart"), &v->span, layers, 2, &flag,
                inside ? 1 : 0);
}


static enum status
show_issues(struct view *v)
{
    struct request *rq = v->rq;
    struct span coarse = span_coarse(&v->span);
    struct str asked = request_arg(rq, "issues");
    int64_t ids[RELEASE_ISSUES_MAX], *hours;
    struct release_counts counts = { 0 };
    enum release_issues which = RELEASE_NEW;
    struct issue *list;
    enum status st;
    size_t n;

    st = release_issue_counts(rq->db, rq->a, v->r.project_id, &v->r.version, 1,
                              &counts);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < RELEASE_LISTS; i++) {
        if (str_is(asked, tabs[i].name)) {
            which = (enum release_issues) i;
        }
    }
    for (size_t i = 0; i < RELEASE_LISTS; i++) {
        struct data *row = data_row(data_child(v->d, "Tab"));

        data_tr(row, "title", tabs[i].title);
        data_str(
            row, "link",
            query_with(rq->a, &rq->args, "issues",
                       i == RELEASE_NEW ? STR_NULL : str_of(tabs[i].name)));
        data_i64(row, "n",
                 counts.n[i] > RELEASE_COUNT_CAP ? RELEASE_COUNT_CAP
                                                 : counts.n[i]);
        data_bool(row, "more", counts.n[i] > RELEASE_COUNT_CAP);
        data_bool(row, "current", i == which);
    }
    data_bool(v->d, "resolvable",
              which == RELEASE_NEW && counts.n[RELEASE_NEW] > 0);
    if ((st = release_issues(rq->db, rq->a, &v->r, which, &list, &n))
        != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = list[i].id;
    }
    st = issue_hours(rq->db, rq->a, ids, (int) n, coarse.from, coarse.step,
                     (int) coarse.slots, &hours);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        issue_mini(rq, data_row(data_child(v->d, "Issue")), &list[i],
                   hours + i * coarse.slots, &coarse);
    }
    data_str(v->d, "stream",
             str_printf(rq->a, "/%.*s/issues/?project=%.*s&q=release:%.*s",
                        STR_FMT(rq->org->slug), STR_FMT(v->r.project_slug),
                        STR_FMT(url_encode(rq->a, v->r.version))));
    return st;
}


/* Who wrote it, in the order of their newest commit, with how many each. */
static void
show_authors(struct view *v, const struct origin *origin)
{
    for (size_t i = 0; i < origin->ncommits; i++) {
        struct str name = origin->commits[i].author;
        bool again = name.n == 0;
        int64_t n = 0;

        for (size_t k = 0; k < origin->ncommits; k++) {
            bool same = str_eq(origin->commits[k].author, name);

            again = again || (same && k < i);
            n += same;
        }
        if (!again) {
            struct data *row = data_row(data_child(v->d, "Author"));

            data_str(row, "name", name);
            data_i64(row, "n", n);
        }
    }
}


static enum status
show_origin(struct view *v)
{
    struct request *rq = v->rq;
    struct origin origin;
    enum status st = release_origin(rq->db, rq->a, v->r.id, &origin);

    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < origin.ndeploys; i++) {
        const struct deploy *deploy = &origin.deploys[i];
        struct data *row = data_row(data_child(v->d, "Deploy"));

        data_str(row, "environment", deploy->environment);
        data_str(row, "name", deploy->name);
        data_time(row, "at", deploy->finished_at);
        if (issue_is_url(deploy->url)) {
            data_str(row, "url", deploy->url);
        }
        if (deploy->started_at > 0
            && deploy->finished_at > deploy->started_at) {
            data_i64(row, "took", deploy->finished_at - deploy->started_at);
        }
    }
    show_authors(v, &origin);
    for (size_t i = 0; i < origin.ncommits; i++) {
        const struct commit *commit = &origin.commits[i];
        struct data *row = data_row(data_child(v->d, "Commit"));
        struct str rest = commit->message, line;

        data_str(row, "short", str_sub(commit->revision, 0, 8));
        data_str(row, "revision", commit->revision);
        data_str(row, "repository", commit->repository);
        data_str(row, "message",
                 str_split(&rest, '\n', &line) ? line : STR(""));
        data_str(row, "author", commit->author);
        data_time(row, "at", commit->at);
    }
    return ST_OK;
}


enum status
page_release(struct request *rq, struct response *rs)
{
    struct view v = { .rq = rq, .d = rs->data, .span = span_read(rq) };
    enum status st;

    if ((st = choice_read(rq, rs->data, &v.choice)) != ST_OK
        || (st = find(&v)) != ST_OK) {
        return st;
    }
    span_show(rs->data, rq, &v.span);
    show_head(&v);
    data_str(rs->data, "here",
             str_printf(rq->a, "/%.*s/releases/%.*s/", STR_FMT(rq->org->slug),
                        STR_FMT(url_encode(rq->a, v.r.version))));
    if ((st = show_health(&v)) != ST_OK || (st = show_issues(&v)) != ST_OK) {
        return st;
    }
    show_adoption(&v);
    return show_origin(&v);
}
