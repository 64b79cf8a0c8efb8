/*
 * page/release_compare.c - /ORG/releases/VERSION/compare/: two releases of a
 * project beside each other.
 *
 *     project      a slug, when several have the version
 *     with         the other version; else the one before
 *     by           age: each from its own first event on, for as long as the
 *                  younger one is there; else both over the same time
 *     environment  choice.h
 *     range        24h, 14d, 30d
 */

#include "page/releases.h"

#include "model/organization.h"
#include "model/version.h"
#include "page/choice.h"
#include "page/issue.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/show.h"

#define OTHERS_MAX 8 /* issues shown of each */

/* Which of the two; and what is asked of each. */
enum side { THIS, OTHER, SIDES };
enum asked { OVER, TODAY, ASKS };

/* One request, while it is worked on. */
struct pair {
    struct request *rq;
    struct data *d;
    struct choice choice;
    struct span span;
    bool by_age;
    struct release r[SIDES]; /* OTHER: id 0, there is none */
    struct release_ask asks[SIDES][ASKS];
    struct release_ask project; /* all its sessions of 24 hours */
    struct release_counts counts[SIDES];
};


struct str
release_compare_link(const struct request *rq, const struct release *r,
                     struct str with)
{
    struct str path = str_printf(
        rq->a, "/%.*s/releases/%.*s/compare/?project=%.*s",
        STR_FMT(rq->org->slug), STR_FMT(url_encode(rq->a, r->version)),
        STR_FMT(url_encode(rq->a, r->project_slug)));

    return str_null(with) ? path
                          : str_printf(rq->a, "%.*s&with=%.*s", STR_FMT(path),
                                       STR_FMT(url_encode(rq->a, with)));
}


static enum status
find(struct pair *p)
{
    struct request *rq = p->rq;
    struct str with = str_trim(request_arg(rq, "with"));
    struct id_set own = { .limited = true, .n = 1 };
    struct release *rows;
    enum status st;
    size_t n;

    st = release_find(rq->db, rq->a, rq->org->id, request_param(rq, "version"),
                      &p->choice.projects, &rows, &n);
    if (st != ST_OK) {
        return st;
    }
    p->r[THIS] = rows[0];
    if (with.n == 0) {
        st = release_before(rq->db, rq->a, &p->r[THIS], &p->r[OTHER]);
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    data_str(p->d, "with", with);
    own.ids = &p->r[THIS].project_id;
    st = release_find(rq->db, rq->a, rq->org->id, with, &own, &rows, &n);
    if (st == ST_OK) {
        p->r[OTHER] = rows[0];
    }
    data_bool(p->d, "unknown", st == ST_NOT_FOUND);
    return st == ST_NOT_FOUND ? ST_OK : st;
}


/* The versions to choose from: the newest of the project. */
static enum status
show_versions(struct pair *p)
{
    struct request *rq = p->rq;
    struct id_set own = { .limited = true,
                          .ids = &p->r[THIS].project_id,
                          .n = 1 };
    struct release_filter filter = { .projects = &own };
    struct release *rows;
    enum status st;
    bool more;
    size_t n;

    st = release_list(rq->db, rq->a, rq->org->id, &filter, 0, false, &rows, &n,
                      &more);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (rows[i].id != p->r[THIS].id) {
            data_item(data_child(p->d, "Version"), rows[i].version);
        }
    }
    return st;
}


/*
 * Where the life of a release begins: the hour before the one in which it was
 * first seen, because sessions count where they began.
 */
static int64_t
start_of(const struct release *r)
{
    return r->first_seen - r->first_seen % US_PER_HOUR - US_PER_HOUR;
}


/* For as long as both have been there, the span at most; in whole hours. */
static int64_t
common_age(const struct pair *p)
{
    int64_t mine = start_of(&p->r[THIS]), other = start_of(&p->r[OTHER]);
    int64_t first = mine > other ? mine : other;
    int64_t age = p->rq->now - first + US_PER_HOUR - 1;
    int64_t span = p->span.to - p->span.from;

    age = age < span ? age : span;
    return age - age % US_PER_HOUR;
}


static enum status
load_numbers(struct pair *p)
{
    struct request *rq = p->rq;
    int64_t day = span_day(rq->now);
    struct release_ask asks[SIDES * ASKS + 1];
    struct str versions[SIDES];
    int64_t age = common_age(p);
    enum status st;
    size_t n = 0;

    for (size_t i = 0; i < SIDES; i++) {
        int64_t from = p->by_age ? start_of(&p->r[i]) : p->span.from;

        versions[i] = p->r[i].version;
        asks[n++] =
            (struct release_ask){ .id = p->r[i].id,
                                  .from = from,
                                  .to = p->by_age ? from + age : p->span.to,
                                  .slots = 1 };
        asks[n++] = (struct release_ask){
            .id = p->r[i].id, .from = day, .to = rq->now, .slots = 1
        };
    }
    asks[n++] = (struct release_ask){ .id = p->r[THIS].project_id,
                                      .project = true,
                                      .from = day,
                                      .to = rq->now,
                                      .slots = 1 };
    st = release_numbers(rq->db, rq->a, p->choice.environment, asks, n);
    if (st != ST_OK) {
        return st;
    }
    memcpy(p->asks, asks, sizeof(p->asks));
    p->project = asks[n - 1];
    data_i64(p->d, "age", age);
    return release_issue_counts(rq->db, rq->a, p->r[THIS].project_id, versions,
                                SIDES, p->counts);
}


static struct data *
add_row(struct pair *p, const char *title)
{
    struct data *row = data_row(data_child(p->d, "Row"));

    data_tr(row, "title", title);
    return row;
}


/* A number of each; bad: more of it is worse. */
static void
add_count(struct pair *p, const char *title, int64_t now, int64_t then,
          bool bad)
{
    struct data *row = add_row(p, title);

    data_str(row, "now", show_full(p->rq->a, now));
    data_str(row, "then", show_full(p->rq->a, then));
    if (bad && now != then) {
        data_bool(row, now > then ? "worse" : "better", true);
    }
    span_change(p->rq->a, row, "change", now, then);
}


/* Issues are counted up to a bound. */
static struct str
capped(struct arena *a, int64_t n)
{
    return n > RELEASE_COUNT_CAP ? str_printf(a, "%d+", RELEASE_COUNT_CAP)
                                 : show_full(a, n);
}


static void
add_issues(struct pair *p, const char *title, enum release_issues which)
{
    const int64_t now = p->counts[THIS].n[which];
    const int64_t then = p->counts[OTHER].n[which];
    struct data *row = add_row(p, title);
    bool bad = which != RELEASE_RESOLVED;

    data_str(row, "now", capped(p->rq->a, now));
    data_str(row, "then", capped(p->rq->a, then));
    if (bad && now != then) {
        data_bool(row, now > then ? "worse" : "better", true);
    }
    if (now != then && now <= RELEASE_COUNT_CAP && then <= RELEASE_COUNT_CAP) {
        data_str(row, "change",
                 str_printf(p->rq->a, "%s%lld", now > then ? "+" : "−",
                            (long long) llabs(now - then)));
    }
}


/* Rates with the number that they are of; few of either say nothing. */
static void
add_rate(struct pair *p, const char *title, int64_t crashed, int64_t all,
         int64_t crashed_then, int64_t all_then)
{
    double now = health_crash_free(crashed, all);
    double then = health_crash_free(crashed_then, all_then);
    struct data *row = add_row(p, title);
    double points = now - then;

    data_str(row, "now", release_rate(p->rq->a, now));
    data_str(row, "then", release_rate(p->rq->a, then));
    data_bool(row, "now_few", all < RELEASE_SAMPLE);
    data_bool(row, "then_few", all_then < RELEASE_SAMPLE);
    if (now < 0 || then < 0) {
        return;
    }
    if (points > -0.005 && points < 0.005) {
        return;
    }
    data_str(
        row, "change",
        lang_fill(p->rq->a, N_("{0} points"),
                  FILL(str_printf(p->rq->a, "%s%.2f", points > 0 ? "+" : "−",
                                  points > 0 ? points : -points))));
    if (all >= RELEASE_SAMPLE && all_then >= RELEASE_SAMPLE) {
        data_bool(row, points > 0 ? "better" : "worse", true);
    }
}


static void
add_adoption(struct pair *p)
{
    struct data *row = add_row(p, "Adoption");

    for (size_t i = 0; i < SIDES; i++) {
        struct data *d = data_child(row, i == THIS ? "This" : "That");
        int64_t today = p->asks[i][TODAY].v[0].sessions;

        release_show_adoption(p->rq->a, d, today, p->project.v[0].sessions,
                              p->asks[i][OVER].v[0].sessions > 2 * today);
    }
}


static void
show_table(struct pair *p)
{
    const struct health *now = &p->asks[THIS][OVER].v[0];
    const struct health *then = &p->asks[OTHER][OVER].v[0];

    add_rate(p, N_("Crash-free sessions"), now->crashed, now->sessions,
             then->crashed, then->sessions);
    add_rate(p, N_("Crash-free users"), now->users_crashed, now->users,
             then->users_crashed, then->users);
    add_count(p, N_("Sessions"), now->sessions, then->sessions, false);
    add_count(p, N_("Users a day, added up"), now->users, then->users, false);
    add_count(p, N_("Events"), now->events, then->events, true);
    add_adoption(p);
    add_issues(p, N_("New issues"), RELEASE_NEW);
    add_issues(p, N_("Of those, unhandled"), RELEASE_UNHANDLED);
    add_issues(p, N_("Regressed"), RELEASE_REGRESSED);
    add_issues(p, N_("Resolved"), RELEASE_RESOLVED);
}


/* What is new in either, in lists beside each other. */
static enum status
show_issues(struct pair *p)
{
    struct request *rq = p->rq;
    struct span coarse = span_coarse(&p->span);
    struct str versions[SIDES] = { p->r[THIS].version, p->r[OTHER].version };
    int64_t ids[SIDES * RELEASE_ISSUES_MAX], *hours;
    size_t n, shown[SIDES] = { 0 };
    struct issue *list;
    enum status st;

    st = release_new_issues(rq->db, rq->a, p->r[THIS].project_id, versions,
                            SIDES, &list, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        ids[i] = list[i].id;
    }
    st = issue_hours(rq->db, rq->a, ids, (int) n, coarse.from, coarse.step,
                     (int) coarse.slots, &hours);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        size_t side =
            str_eq(list[i].first_release, versions[THIS]) ? THIS : OTHER;

        if (shown[side]++ < OTHERS_MAX) {
            issue_mini(
                rq,
                data_row(data_child(
                    data_child(p->d, side == THIS ? "This" : "That"), "Issue")),
                &list[i], hours + i * coarse.slots, &coarse);
        }
    }
    return st;
}


static void
show_head(struct pair *p)
{
    for (size_t i = 0; i < SIDES && p->r[i].id != 0; i++) {
        const struct release *r = &p->r[i];
        struct data *d = data_child(p->d, i == THIS ? "This" : "That");

        data_str(d, "version", r->version);
        data_str(d, "short", version_short(r->version));
        data_str(d, "link", release_link(p->rq, r->version, r->project_slug));
        data_time(d, "first_seen", r->first_seen);
    }
    data_str(p->d, "project", p->r[THIS].project_slug);
    data_str(p->d, "here", release_compare_link(p->rq, &p->r[THIS], STR_NULL));
    data_bool(p->d, "by_age", p->by_age);
    data_str(p->d, "link_time",
             query_with(p->rq->a, &p->rq->args, "by", STR_NULL));
    data_str(p->d, "link_age",
             query_with(p->rq->a, &p->rq->args, "by", STR("age")));
    if (p->r[OTHER].id != 0) {
        data_str(p->d, "turned",
                 release_compare_link(p->rq, &p->r[OTHER], p->r[THIS].version));
    }
}


enum status
page_release_compare(struct request *rq, struct response *rs)
{
    struct pair p = { .rq = rq, .d = rs->data, .span = span_read(rq) };
    enum status st;

    p.by_age = str_is(request_arg(rq, "by"), "age");
    if ((st = choice_read(rq, rs->data, &p.choice)) != ST_OK
        || (st = find(&p)) != ST_OK || (st = show_versions(&p)) != ST_OK) {
        return st;
    }
    span_show(rs->data, rq, &p.span);
    show_head(&p);
    if (p.r[OTHER].id == 0) {
        return ST_OK;
    }
    if ((st = load_numbers(&p)) != ST_OK) {
        return st;
    }
    release_judge(rq->a, data_child(rs->data, "Verdict"),
                  &p.asks[THIS][OVER].v[0], &p.asks[OTHER][OVER].v[0]);
    show_table(&p);
    return show_issues(&p);
}
