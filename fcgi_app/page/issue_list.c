/*
 * The issue stream: GET /:org/issues/
 *
 *     q        the search (model/issue_search.h), in any number of pieces: a
 *              hidden field for each term and the input for what is typed;
 *              absent: is:unresolved; without any argument at all the
 *              reader's own saved search (issue_searches.c), if there is one
 *     project  a slug, repeated; absent: all
 *     sort     seen, new, freq, user, priority, trend, impact
 *     graph    24h, 14d
 *     rows     25, 50, 100
 *     facets   1: frequent values beside the list (issue_facets.c)
 *     cursor   where the page starts (web/pager.h)
 *     pri, who the id of a row whose menu of priorities or people is open
 *
 * All of it is in the address, so that a view can be sent to a colleague.
 */

#include "page/issue.h"
#include "page/pages.h"
#include "page/search.h"

#include "model/account.h"
#include "model/environment.h"
#include "model/member.h"
#include "model/organization.h"
#include "model/project.h"
#include "util/hex.h"
#include "util/lang.h"
#include "web/chart.h"
#include "web/login.h"
#include "web/pager.h"
#include "web/route.h"

#define SPARK_MAX 24
#define CHOICES_MAX 24 /* projects in the menu; project: knows them all */

const struct issue_order issue_orders[ISSUE_SORTS] = {
    [ISSUE_BY_LAST_SEEN] = { "seen", N_("Last seen") },
    [ISSUE_BY_FIRST_SEEN] = { "new", N_("First seen") },
    [ISSUE_BY_EVENTS] = { "freq", N_("Events") },
    [ISSUE_BY_USERS] = { "user", N_("Users") },
    [ISSUE_BY_PRIORITY] = { "priority", N_("Priority") },
    [ISSUE_BY_TREND] = { "trend", N_("Trend") },
    [ISSUE_BY_IMPACT] = { "impact", N_("Impact") },
};

/* One request, while it is worked on. */
struct list {
    struct request *rq;
    struct data *d;
    struct search_box box;
    enum issue_sort sort;
    bool days; /* sparklines of 14 days, not of 24 hours */
    int rows;  /* of a page */
};


/* Arguments */

struct str
issue_list_query(struct request *rq)
{
    return search_text(rq, STR(DEFAULT_QUERY));
}


static enum issue_sort
read_sort(const struct request *rq, enum issue_sort otherwise)
{
    struct str name = request_arg(rq, "sort");

    for (int i = 0; i < ISSUE_SORTS; i++) {
        if (str_is(name, issue_orders[i].name)) {
            return (enum issue_sort) i;
        }
    }
    return otherwise;
}


static const int page_rows[] = { ISSUE_PAGE, 50, ISSUE_PAGE_MAX };

static int
read_rows(const struct request *rq)
{
    int64_t n = ISSUE_PAGE;

    (void) str_i64(request_arg(rq, "rows"), &n);
    for (size_t i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++) {
        if (n == page_rows[i]) {
            return (int) n;
        }
    }
    return ISSUE_PAGE;
}


/*
 * The menu's projects, all when none is ticked; a slug that is no project is
 * as good as none of them.
 */
static struct id_set
ticked_projects(struct list *l)
{
    struct data *list = data_child(l->d, "Choice");
    struct id_set set = { .limited = !str_null(request_arg(l->rq, "project")) };

    set.ids =
        arena_array(l->rq->a, l->box.names.nprojects + 1, sizeof(int64_t));
    for (size_t i = 0; i < l->box.names.nprojects; i++) {
        struct str slug = l->box.names.projects[i].name;
        struct data *row;
        struct str value;
        size_t at = 0;
        bool ticked = false;

        while (field_next(&l->rq->args, "project", &at, &value)) {
            ticked = ticked || str_ieq(value, slug);
        }
        if (ticked || i < CHOICES_MAX) {
            row = data_row(list);
            data_str(row, "slug", slug);
            data_bool(row, "ticked", ticked);
        }
        if (ticked) {
            data_str(l->d, "project", slug);
            set.ids[set.n++] = l->box.names.projects[i].id;
        }
    }
    data_i64(l->d, "projects", (int64_t) set.n);
    return set;
}


/* Links */

static struct str
link_with(struct list *l, const char *name, struct str value)
{
    return query_with(l->rq->a, &l->box.base, name, value);
}


static void
export_link(struct list *l, const char *form)
{
    data_str(l->d, form,
             str_printf(l->rq->a, "/%.*s/issues/%s/%.*s",
                        STR_FMT(l->rq->org->slug), form,
                        STR_FMT(link_with(l, "graph", STR_NULL))));
}


/* Menus whose choice is a term of the search: it goes wherever the search goes.
 */

static struct data *
show_term(struct list *l, struct data *list, const char *key, struct str term,
          bool current)
{
    struct data *row = data_row(list);

    data_str(row, "term",
             str_null(term) ? str_printf(l->rq->a, "%s:", key) : term);
    data_bool(row, "current", current);
    return row;
}


static void
show_seen(struct list *l)
{
    static const struct {
        const char *value;
        const char *title;
    } times[] = { { "", N_("Any time") },
                  { "-1h", N_("Last hour") },
                  { "-24h", "24 hours" },
                  { "-14d", "14 days" },
                  { "-30d", "30 days" } };
    struct str value = issue_query_value(&l->box.query, "lastSeen");
    struct data *list = data_child(l->d, "Seen");

    data_str(l->d, "seen", value);
    data_str(l->d, "as_it_is", link_with(l, "", STR_NULL));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct str term =
            i > 0 ? str_printf(l->rq->a, "lastSeen:%s", times[i].value)
                  : STR_NULL;
        bool current = str_null(value) ? i == 0 : str_is(value, times[i].value);

        data_tr(show_term(l, list, "lastSeen", term, current), "title",
                times[i].title);
        if (current) {
            data_tr(l->d, "seen", times[i].title);
        }
    }
}


static enum status
show_environments(struct list *l, const struct id_set *projects)
{
    struct request *rq = l->rq;
    struct str value = issue_query_value(&l->box.query, "environment");
    struct data *d = data_child(l->d, "Environment");
    struct str *names;
    enum status st;
    size_t n;

    st = environment_names(rq->db, rq->a, rq->org->id, projects, &names, &n);
    if (st != ST_OK || n == 0) {
        return st;
    }
    data_str(l->d, "environment", value);
    (void) show_term(l, d, "environment", STR_NULL, str_null(value));
    for (size_t i = 0; i < n; i++) {
        struct str term = issue_tag_term(rq->a, STR("environment"), names[i]);

        bool current = !str_null(value) && str_ends(term, value)
                       && term.n == value.n + sizeof("environment");

        data_str(show_term(l, d, "environment", term, current), "name",
                 names[i]);
    }
    return ST_OK;
}


static void
show_menus(struct list *l)
{
    struct data *list = data_child(l->d, "Sort");

    for (int i = 0; i < ISSUE_SORTS; i++) {
        struct data *row = data_row(list);

        data_tr(row, "title", issue_orders[i].title);
        data_str(row, "link",
                 link_with(l, "sort", str_of(issue_orders[i].name)));
        data_bool(row, "current", (enum issue_sort) i == l->sort);
    }
    data_bool(data_child(l->d, "May"), "admin_events",
              request_may(l->rq, "event:admin"));
    data_text(l->d, "sort", issue_orders[l->sort].name);
    data_tr(l->d, "sort_title", issue_orders[l->sort].title);
    data_bool(l->d, "days", l->days);
    data_str(l->d, "link_24h", link_with(l, "graph", STR("24h")));
    data_str(l->d, "link_14d", link_with(l, "graph", STR("14d")));
    data_str(l->d, "link_all", link_with(l, "project", STR_NULL));
    data_str(l->d, "save",
             str_printf(l->rq->a, "/%.*s/issues/searches/?q=%.*s&sort=%s",
                        STR_FMT(l->rq->org->slug),
                        STR_FMT(url_encode(l->rq->a, l->box.text)),
                        issue_orders[l->sort].name));
    data_str(l->d, "feed",
             url_encode(l->rq->a,
                        str_printf(l->rq->a, "/%.*s/issues/atom/%.*s",
                                   STR_FMT(l->rq->org->slug),
                                   STR_FMT(link_with(l, "graph", STR_NULL)))));
    export_link(l, "csv");
    export_link(l, "ndjson");
}


/* The editor of a rule that tells of what this search finds. */
static void
show_alert_link(struct list *l, const struct id_set *ticked)
{
    struct request *rq = l->rq;
    struct buf b = buf_in(rq->a);

    if (!request_may(rq, "alerts:write")) {
        return;
    }
    buf_addf(&b, "/%.*s/alerts/new/?q=%.*s", STR_FMT(rq->org->slug),
             STR_FMT(url_encode(rq->a, l->box.text)));
    for (size_t i = 0; i < ticked->n; i++) {
        for (size_t k = 0; k < l->box.names.nprojects; k++) {
            if (l->box.projects[k].id == ticked->ids[i]) {
                buf_addf(&b, "&project=%.*s", STR_FMT(l->box.projects[k].slug));
            }
        }
    }
    if (!str_is(l->box.text, DEFAULT_QUERY)) {
        buf_addf(&b, "&name=%.*s", STR_FMT(url_encode(rq->a, l->box.text)));
    }
    data_str(l->d, "alert", buf_view(&b));
}


/* Tabs */

/* -1: without a number; the number of the tab that is shown otherwise. */
static int64_t
show_tabs(struct list *l, const struct issue_counts *counts, int64_t mine)
{
    const struct {
        const char *title;
        const char *query;
        int64_t n;
    } tabs[] = {
        { N_("Unresolved"), DEFAULT_QUERY, counts->unresolved },
        { "For review", "is:for_review", counts->for_review },
        { "Regressed", "is:regressed", counts->regressed },
        { "Escalating", "is:escalating", counts->escalating },
        { N_("Assigned to me"), "is:unresolved assigned:me", mine },
        { "Archived", "is:archived", -1 },
        { "Resolved", "is:resolved", -1 },
        { "All", "", -1 },
    };
    struct data *list = data_child(l->d, "Tab");
    struct str kept = issue_view_terms(l->rq->a, &l->box.query);
    int64_t current = -1;

    for (size_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++) {
        struct data *row = data_row(list);
        struct str query = str_of(tabs[i].query);

        if (kept.n > 0) {
            query = str_pair(l->rq->a, query, query.n > 0 ? " " : "", kept);
        }
        data_tr(row, "title", tabs[i].title);
        data_str(row, "link", link_with(l, "q", query));
        /* the numbers know of no environment */
        if (tabs[i].n > 0 && kept.n == 0) {
            data_i64(row, "n",
                     tabs[i].n > ISSUE_COUNT_CAP ? ISSUE_COUNT_CAP : tabs[i].n);
            data_bool(row, "capped", tabs[i].n > ISSUE_COUNT_CAP);
        }
        if (str_eq(l->box.text, query)) {
            data_bool(row, "current", true);
            current = kept.n == 0 ? tabs[i].n : -1;
        }
    }
    return current;
}


/* Rows */

static const char *const row_menus[] = { "pri", "who" };

static bool
opens_menu(struct str name)
{
    return str_is(name, row_menus[0]) || str_is(name, row_menus[1]);
}


/* Menus stay out of links: what is left of the arguments, for the form that
 * opens one and for the form that one is of. */
static void
show_row_forms(struct list *l)
{
    const struct fields *args = &l->rq->args;
    struct fields rest = { 0 };
    size_t n = 0;

    rest.v = arena_array(l->rq->a, args->n + 1, sizeof(struct field));
    for (size_t i = 0; i < args->n; i++) {
        if (!opens_menu(args->v[i].name)) {
            struct data *row = data_row(data_child(l->d, "Keep"));

            rest.v[rest.n++] = args->v[i];
            data_str(row, "name", args->v[i].name);
            data_str(row, "value", args->v[i].value);
        }
    }
    data_str(l->d, "stay", query_with(l->rq->a, &rest, "", STR_NULL));
    for (size_t i = 0; i < l->box.base.n; i++) {
        if (!opens_menu(l->box.base.v[i].name)) {
            l->box.base.v[n++] = l->box.base.v[i];
        }
    }
    l->box.base.n = n;
}


/* The one menu that is open, in its row. */
static void
show_row_menu(struct list *l, struct data *row, int64_t id)
{
    for (size_t i = 0; i < sizeof(row_menus) / sizeof(row_menus[0]); i++) {
        int64_t chosen;

        if (str_i64(request_arg(l->rq, row_menus[i]), &chosen)
            && chosen == id) {
            data_text(row, "menu", row_menus[i]);
            data_i64(l->d, "one", id);
        }
    }
}


/* The start of the first bucket of the sparklines. */
static int64_t
spark_start(const struct list *l)
{
    int64_t now = l->rq->now;

    return l->days
               ? now / US_PER_DAY * US_PER_DAY - (ISSUE_DAYS - 1) * US_PER_DAY
               : now / US_PER_HOUR * US_PER_HOUR - 23 * US_PER_HOUR;
}


/* Red from where the present state began. */
static size_t
hot_from(const struct issue *is, const struct series *s)
{
    int64_t since = is->substatus == ISSUE_NEW ? is->first_seen : is->status_at;
    int64_t slot;

    if (is->status != ISSUE_UNRESOLVED
        || (is->substatus != ISSUE_NEW && is->substatus != ISSUE_REGRESSED
            && is->substatus != ISSUE_ESCALATING)) {
        return s->n;
    }
    slot = (since - s->from) / (s->step * US_PER_SECOND);
    return slot < 0 || since < s->from ? 0 : (size_t) slot;
}


static void
show_badges(struct data *row, const struct issue *is)
{
    data_str(row, "ticket", is->ticket);
    if (is->comments > 0) {
        data_i64(row, "comments", is->comments);
    }
    if (is->feedback > 0) {
        data_i64(row, "feedback", is->feedback);
    }
}


static enum status
show_rows(struct list *l, const struct issue_list *page)
{
    struct data *list = data_child(l->d, "Issue");
    int64_t *ids = arena_array(l->rq->a, (size_t) page->n, sizeof(int64_t));
    int n = l->days ? ISSUE_DAYS : SPARK_MAX;
    struct series s = { .name = "events",
                        .n = (size_t) n,
                        .from = spark_start(l),
                        .step = l->days ? 86400 : 3600 };
    int64_t *counts;
    enum status st;

    for (int i = 0; i < page->n; i++) {
        ids[i] = page->rows[i].id;
    }
    st = issue_hours(l->rq->db, l->rq->a, ids, page->n, s.from, s.step, n,
                     &counts);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < page->n; i++) {
        struct data *row = data_row(list);

        issue_summary(l->rq, row, &page->rows[i]);
        show_badges(row, &page->rows[i]);
        show_row_menu(l, row, page->rows[i].id);
        issue_match(l->rq, row, &page->rows[i], &l->box.query.filter);
        s.v = counts + i * n;
        s.hot_from = hot_from(&page->rows[i], &s);
        chart_spark(data_child(row, "Spark"), &s);
    }
    return ST_OK;
}


static void
show_pager(struct list *l, const struct pager *pager,
           const struct issue_list *page, int64_t total)
{
    struct pager first = { 0 };
    struct pager last = { 0 };

    if (page->n > 0) {
        const struct issue *a = &page->rows[0];
        const struct issue *z = &page->rows[page->n - 1];

        first = (struct pager){ .set = true, .key = a->key, .id = a->id };
        last = (struct pager){ .set = true, .key = z->key, .id = z->id };
    }
    pager_show(l->d, l->rq, pager, (size_t) page->n,
               pager->backward ? page->earlier : page->later, first, last);
    data_i64(l->d, "n", page->n);
    data_bool(l->d, "first_page", !pager->set);
    for (size_t i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++) {
        struct data *row = data_row(data_child(l->d, "Size"));
        bool usual = page_rows[i] == ISSUE_PAGE;

        data_i64(row, "n", page_rows[i]);
        data_bool(row, "current", page_rows[i] == l->rows);
        data_str(row, "link",
                 link_with(l, "rows",
                           usual ? STR_NULL
                                 : str_printf(l->rq->a, "%d", page_rows[i])));
    }
    data_i64(l->d, "rows", l->rows == ISSUE_PAGE ? 0 : l->rows);
    if (total >= 0) {
        data_i64(l->d, "total",
                 total > ISSUE_COUNT_CAP ? ISSUE_COUNT_CAP : total);
        data_bool(l->d, "total_capped", total > ISSUE_COUNT_CAP);
    }
}


/* Jumps: a search that is nothing but an id leads to what it names. */

static enum status
find_named(struct list *l, struct issue *is)
{
    struct request *rq = l->rq;
    unsigned char uuid[16];
    int64_t *ids;
    int64_t id;
    enum status st;

    if (!uuid_parse(l->box.text, uuid)) {
        return str_chr(l->box.text, '-') > 0
                   ? issue_find(rq->db, rq->a, rq->org->id, l->box.text, is)
                   : ST_NOT_FOUND;
    }
    ids = arena_array(rq->a, l->box.names.nprojects + 1, sizeof(int64_t));
    for (size_t i = 0; i < l->box.names.nprojects; i++) {
        ids[i] = l->box.names.projects[i].id;
    }
    st = event_issue(rq->db, rq->a, ids, l->box.names.nprojects,
                     uuid_hex(rq->a, uuid), &id);
    return st == ST_OK
               ? issue_find(rq->db, rq->a, rq->org->id,
                            str_printf(rq->a, "%lld", (long long) id), is)
               : st;
}


/*
 * An id that is no event's: of a trace, to its event or its issues, else to the
 * page that says what became of an event.
 */
static bool
trace(struct list *l, struct response *rs)
{
    struct request *rq = l->rq;
    struct id_set seen = { true, NULL, l->box.names.nprojects };
    struct event_traced *events;
    struct issue is;
    unsigned char uuid[16];
    size_t n;

    if (!uuid_parse(l->box.text, uuid)) {
        return false;
    }
    seen.ids = arena_array(rq->a, seen.n + 1, sizeof(int64_t));
    for (size_t i = 0; i < seen.n; i++) {
        seen.ids[i] = l->box.names.projects[i].id;
    }
    if (event_of_trace(rq->db, rq->a, rq->org->id, &seen, uuid_hex(rq->a, uuid),
                       2, &events, &n)
            == ST_OK
        && n > 0) {
        struct str path =
            str_printf(rq->a, "/%.*s/issues/", STR_FMT(rq->org->slug));

        if (n > 1
            || issue_find(
                   rq->db, rq->a, rq->org->id,
                   str_printf(rq->a, "%lld", (long long) events[0].issue_id),
                   &is)
                   != ST_OK) {
            response_redirect(rs, str_printf(rq->a, "%.*s?q=trace%%3A%.*s",
                                             STR_FMT(path),
                                             STR_FMT(uuid_hex(rq->a, uuid))));
            return true;
        }
        response_redirect(rs, str_printf(rq->a, "%.*s%.*s/events/%.*s/",
                                         STR_FMT(path), STR_FMT(is.short_id),
                                         STR_FMT(events[0].event_id)));
        return true;
    }
    response_redirect(rs, str_printf(l->rq->a, "/%.*s/stats/event/?id=%.*s",
                                     STR_FMT(l->rq->org->slug),
                                     STR_FMT(uuid_hex(l->rq->a, uuid))));
    return true;
}


static bool
jump(struct list *l, struct response *rs)
{
    struct request *rq = l->rq;
    unsigned char uuid[16];
    struct issue is;
    struct buf path = buf_in(rq->a);

    if (l->box.query.n != 1 || !str_null(l->box.query.terms[0].key)) {
        return false;
    }
    if (find_named(l, &is) != ST_OK) {
        return trace(l, rs);
    }
    buf_addf(&path, "/%.*s/issues/%.*s/", STR_FMT(rq->org->slug),
             STR_FMT(is.short_id));
    if (uuid_parse(l->box.text, uuid)) {
        buf_addf(&path, "events/%.*s/", STR_FMT(uuid_hex(rq->a, uuid)));
    }
    response_redirect(rs, buf_view(&path));
    return true;
}


/* What was on this page is gone from the list: to the one before it. */
static void
go_back(struct list *l, struct response *rs, const struct pager *pager)
{
    struct str cursor = pager->backward ? STR_NULL
                                        : str_printf(l->rq->a, "-%lld.%lld",
                                                     (long long) pager->key,
                                                     (long long) pager->id);
    struct str args = query_with(l->rq->a, &l->rq->args, "cursor", cursor);

    response_redirect(rs, str_printf(l->rq->a, "/%.*s/issues/%.*s",
                                     STR_FMT(l->rq->org->slug), STR_FMT(args)));
}


/* How many issues of this list had events since it was shown. */
static void
show_news_link(struct list *l)
{
    data_str(l->d, "news",
             str_printf(l->rq->a, "/%.*s/live/issues/?since=%lld&%.*s",
                        STR_FMT(l->rq->org->slug), (long long) l->rq->now,
                        STR_FMT(l->rq->query)));
}


/* The page before the one that begins with what was seen at ?since. */
enum status
page_issue_news(struct request *rq, struct response *rs)
{
    struct list l = { .rq = rq, .d = rs->data };
    struct issue_cursor cursor = { .id = INT64_MAX, .back = true };
    struct issue_list page;
    struct id_set ticked;
    enum status st;

    if (!str_i64(request_arg(rq, "since"), &cursor.key)) {
        return request_wrong(rq, "since");
    }
    st = search_read(rq, l.d, STR(DEFAULT_QUERY), &l.box);
    if (st != ST_OK) {
        return st;
    }
    ticked = ticked_projects(&l);
    search_limit(&l.box.query.filter.projects, &ticked);
    st = issue_list(rq->db, rq->a, rq->org->id, &rq->access,
                    &l.box.query.filter, ISSUE_BY_LAST_SEEN, &cursor, &page);
    if (st == ST_OK) {
        response_raw(rs, "application/json",
                     str_printf(rq->a, "{\"n\":%d,\"more\":%s}", page.n,
                                page.earlier ? "true" : "false"));
    }
    return st;
}


enum status
issue_list_chosen(struct request *rq, int rows, enum issue_sort otherwise,
                  struct issue_list *out)
{
    struct list l = { .rq = rq,
                      .d = data_new(rq->a),
                      .sort = read_sort(rq, otherwise) };
    struct id_set ticked;
    enum status st;

    st = search_read(rq, l.d, STR(DEFAULT_QUERY), &l.box);
    if (st != ST_OK) {
        return st;
    }
    ticked = ticked_projects(&l);
    search_limit(&l.box.query.filter.projects, &ticked);
    return issue_list(rq->db, rq->a, rq->org->id, &rq->access,
                      &l.box.query.filter, l.sort,
                      &(struct issue_cursor){ .rows = rows }, out);
}


enum status
page_issue_list(struct request *rq, struct response *rs)
{
    struct list l = {
        .rq = rq,
        .d = rs->data,
        .box.people = true,
        .sort = read_sort(rq, ISSUE_BY_LAST_SEEN),
        .days = str_is(request_arg(rq, "graph"), "14d"),
        .rows = read_rows(rq),
    };
    struct pager pager = pager_read(rq);
    struct issue_searches saved;
    struct stream_view view;
    struct issue_counts counts;
    struct issue_list page;
    struct id_set ticked, menu;
    struct str opens;
    int64_t mine;
    unsigned taken;
    enum status st = stream_view(rq->db, rq->a, rq->org->id, rq->account->id,
                                 &view, &saved.v, &saved.n);

    if (st != ST_OK) {
        return st;
    }
    opens = rq->args.n == 0 ? issue_searches_open(rq, &saved) : STR_NULL;
    if (rq->args.n == 0 && str_null(opens)
        && (st = issue_view_opens(rq, &view, STR(DEFAULT_QUERY), &opens))
               != ST_OK) {
        return st;
    }
    if (!str_null(opens)) {
        response_redirect(rs,
                          str_printf(rq->a, "/%.*s/issues/%.*s",
                                     STR_FMT(rq->org->slug), STR_FMT(opens)));
        return ST_OK;
    }
    st = search_read(rq, l.d, STR(DEFAULT_QUERY), &l.box);
    if (st != ST_OK) {
        return st;
    }
    if (jump(&l, rs)) {
        return ST_OK;
    }
    show_row_forms(&l);
    /* the tabs count what the menu has chosen, whatever the search says */
    ticked = menu = ticked_projects(&l);
    search_limit(&l.box.query.filter.projects, &ticked);
    /* whoever has just changed some looks for the difference */
    st = issue_counts(rq->db, rq->a, rq->org->id, &rq->access, &ticked,
                      !str_null(rq->login->flash), &counts);
    if (st == ST_OK) {
        st = issue_count_mine(rq->db, rq->a, rq->org->id, &rq->access, &ticked,
                              rq->account->id, &mine);
    }
    if (st != ST_OK) {
        return st;
    }

    taken = db_statements(rq->db);
    st = issue_list(
        rq->db, rq->a, rq->org->id, &rq->access, &l.box.query.filter, l.sort,
        &(struct issue_cursor){ .key = pager.key,
                                .id = pager.set ? pager.id : 0,
                                .back = pager.backward,
                                .rows = l.rows == ISSUE_PAGE ? 0 : l.rows },
        &page);
    taken = db_statements(rq->db) - taken;
    if (st == ST_OK && page.n == 0 && pager.set) {
        go_back(&l, rs, &pager);
        return ST_OK;
    }
    if (st == ST_OK) {
        st = show_rows(&l, &page);
    }
    if (st != ST_OK) {
        return st;
    }
    if (!pager.set) {
        show_news_link(&l);
    }
    search_show(rq, l.d, &l.box);
    show_menus(&l);
    issue_view_show(l.d, &view);
    show_alert_link(&l, &ticked);
    show_seen(&l);
    if (!ticked.limited) {
        ticked = request_sees(rq);
    }
    if ((st = show_environments(&l, &ticked)) != ST_OK
        || (st = issue_facets_show(rq, l.d, &l.box, &ticked)) != ST_OK) {
        return st;
    }
    taken += str_is(request_arg(rq, "facets"), "1");
    issue_searches_show(rq, l.d, &saved, l.box.text, l.sort);
    show_pager(&l, &pager, &page, show_tabs(&l, &counts, mine));
    return page.n == 0 && !pager.set
               ? issue_empty_show(rq, l.d, &l.box, &menu, taken)
               : ST_OK;
}
