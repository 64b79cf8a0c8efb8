/* What the stream's rows and the head of the issue page have in common. */

#include "page/issue.h"

#include <stdlib.h>

#include "model/account.h"
#include "model/organization.h"
#include "util/lang.h"
#include "web/chart.h"
#include "web/platform.h"
#include "web/show.h"


/* A state that people have to know of: one chip. */
static void
state(struct data *d, const struct issue *is)
{
    static const struct {
        enum issue_status status;
        enum issue_substatus substatus; /* NO_SUBSTATUS: any */
        const char *text;
        const char *chip;
        bool fresh; /* a dot: nobody has dealt with it */
    } states[] = {
        { ISSUE_UNRESOLVED, ISSUE_NEW, N_("New"), "chip-accent", true },
        { ISSUE_UNRESOLVED, ISSUE_REGRESSED, N_("Regressed"), "chip-bad",
          true },
        { ISSUE_UNRESOLVED, ISSUE_ESCALATING, N_("Escalating"), "chip-warn",
          false },
        { ISSUE_RESOLVED, ISSUE_NO_SUBSTATUS, N_("Resolved"), "chip-ok",
          false },
        { ISSUE_ARCHIVED, ISSUE_NO_SUBSTATUS, N_("Archived"), "chip-line",
          false },
    };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (states[i].status == is->status
            && (states[i].substatus == ISSUE_NO_SUBSTATUS
                || states[i].substatus == is->substatus)) {
            data_tr(d, "state", states[i].text);
            data_text(d, "chip", states[i].chip);
            data_bool(d, "fresh", states[i].fresh);
            return;
        }
    }
}


static void
priority(struct data *d, int value)
{
    data_text(d, "pri", value >= 75 ? "high" : value >= 50 ? "med" : "low");
    data_tr(d, "priority",
            value >= 75   ? N_("High")
            : value >= 50 ? N_("Medium")
                          : N_("Low"));
}


/* "2 mo" of "2 mo ago", in any language: all but the last word. */
static struct str
age(struct arena *a, int64_t us)
{
    struct str text = show_ago(a, us);
    size_t n = text.n;

    if (n == 0 || text.p[0] < '0' || text.p[0] > '9') {
        return text;
    }
    while (n > 0 && text.p[n - 1] != ' ') {
        n--;
    }
    return str_trim(str_sub(text, 0, n));
}


struct str
issue_path(const struct request *rq)
{
    return str_printf(rq->a, "/%.*s/issues/%.*s/", STR_FMT(rq->org->slug),
                      STR_FMT(rq->issue->short_id));
}


void
issue_summary(struct request *rq, struct data *d, const struct issue *is)
{
    bool typed = is->type.n > 0;

    show_clock(rq->now, rq->started);
    data_i64(d, "id", is->id);
    data_str(d, "short_id", is->short_id);
    data_str(d, "link",
             str_printf(rq->a, "/%.*s/issues/%.*s/", STR_FMT(rq->org->slug),
                        STR_FMT(is->short_id)));
    data_str(d, "title", is->title);
    data_str(d, "name", typed ? is->type : is->title);
    data_str(d, "text", typed ? is->value : STR(""));
    data_str(d, "culprit", is->culprit);
    data_str(d, "project", is->project_slug);
    platform_fill(d, is->platform);
    data_text(d, "level", issue_level(is->level));
    data_bool(d, "unhandled", is->unhandled);
    state(d, is);
    priority(d, is->priority);
    data_i64(d, "events", is->times_seen);
    data_i64(d, "users", is->users_seen);
    data_time(d, "last_seen", is->last_seen);
    data_time(d, "first_seen", is->first_seen);
    data_str(d, "age", age(rq->a, is->first_seen));
    if (is->assignee_id != 0) {
        data_str(d, "assignee", is->assignee);
        data_i64(d, "colour", 1 + llabs(is->assignee_id) % 6);
        data_bool(d, "team", is->assignee_id < 0);
    }
}


void
issue_mini(struct request *rq, struct data *row, const struct issue *is,
           const int64_t *counts, const struct span *span)
{
    int64_t events = 0;

    for (size_t i = 0; i < span->slots; i++) {
        events += counts[i];
    }
    issue_summary(rq, row, is);
    data_i64(row, "events", events);
    chart_spark(data_child(row, "Spark"), &(struct series){
                                              .name = "events",
                                              .v = counts,
                                              .n = span->slots,
                                              .from = span->from,
                                              .step = span->step,
                                              .hot_from = span->slots,
                                          });
}


/* A menu of more than so many is searched, and then has these at most. */
#define PEOPLE_SHOWN 25
#define PEOPLE_FOUND 50


static void
fill_owner(struct data *row, const struct assignee *p, bool current)
{
    data_bool(row, "team", p->id < 0);
    data_i64(row, "id", llabs(p->id));
    data_i64(row, "colour", 1 + llabs(p->id) % 6);
    data_str(row, "assignee", p->id < 0 ? p->word : p->name);
    data_str(row, "why", p->rule);
    data_bool(row, "current", current);
}


/* Those that a menu of the page of an issue names. */
static bool
is_named(const struct assignee *p, int64_t assignee_id, struct str who)
{
    return p->mine || p->id == assignee_id || !str_null(p->rule)
           || (who.n > 0
               && (str_ifind(p->name, who) >= 0
                   || str_ifind(p->word, who) >= 0));
}


void
issue_people_find(struct request *rq, struct data *d,
                  const struct assignee *people, size_t n, int64_t assignee_id)
{
    static const char *const kept[] = { "range", "environment", "at" };
    struct str who = str_trim(request_arg(rq, "who"));
    struct assignee *some = arena_array(rq->a, n, sizeof(*some));
    struct data *find = data_child(d, "Find");
    size_t nsome = 0, found = 0;

    if (n <= PEOPLE_SHOWN) {
        issue_people_fill(d, people, n, assignee_id);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool named = is_named(&people[i], assignee_id, who);

        if (named && nsome < PEOPLE_FOUND) {
            some[nsome++] = people[i];
        }
        found += named;
    }
    /* of nobody in particular, the first */
    for (size_t i = 0; who.n == 0 && i < n && nsome < PEOPLE_SHOWN; i++) {
        if (!is_named(&people[i], assignee_id, who)) {
            some[nsome++] = people[i];
            found++;
        }
    }
    issue_people_fill(d, some, nsome, assignee_id);
    data_bool(find, "shown", true);
    data_str(find, "who", who);
    data_bool(find, "open", who.n > 0);
    data_i64(find, "more", (int64_t) ((who.n > 0 ? found : n) - nsome));
    data_str(find, "action", rq->path);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        struct str value = request_arg(rq, kept[i]);

        if (value.n > 0) {
            struct data *row = data_row(data_child(find, "Keep"));

            data_text(row, "name", kept[i]);
            data_str(row, "value", value);
        }
    }
}


void
issue_people_fill(struct data *d, const struct assignee *people, size_t n,
                  int64_t assignee_id)
{
    for (size_t i = 0; i < n; i++) {
        bool team = people[i].id < 0;
        struct data *row = data_row(data_child(d, team ? "Team" : "Person"));

        data_i64(row, "id", team ? -people[i].id : people[i].id);
        data_str(row, "name", people[i].name);
        data_str(row, team ? "slug" : "email", people[i].word);
        data_bool(row, team ? "mine" : "me", people[i].mine);
        data_bool(row, "current", people[i].id == assignee_id);
        if (!str_null(people[i].rule)) {
            data_str(row, "why", people[i].rule);
            fill_owner(data_row(data_child(d, "Owner")), &people[i],
                       people[i].id == assignee_id);
        }
    }
}


enum status
issue_people(struct request *rq, struct data *d, int64_t issue_id,
             int64_t assignee_id)
{
    struct assignee *people;
    enum status st;
    size_t n;

    st = assignee_list(rq->db, rq->a, rq->org->id, rq->account->id, issue_id,
                       &people, &n);
    if (st == ST_OK) {
        issue_people_fill(d, people, n, assignee_id);
    }
    return st;
}
