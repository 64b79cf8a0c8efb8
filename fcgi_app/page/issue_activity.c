/* What happened to the issue and who took part, for the rail. */

#include "page/issue.h"

#include "model/account.h"
#include "model/activity.h"
#include "model/organization.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/show.h"

/* What a kind says after the name; with more to say, data has it. */
static const struct {
    const char *kind;
    const char *text;
    const char *icon; /* when Vedette did it */
} kinds[] = {
    { "resolved", N_("resolved it"), "ok" },
    { "unresolved", N_("reopened it"), "refresh" },
    { "archived", N_("archived it"), "archive" },
    { "reviewed", N_("marked it as reviewed"), "ok" },
    { "assigned", N_("assigned it to"), "user" },
    { "unassigned", N_("took the assignment away"), "user" },
    { "priority", N_("set the priority to"), "warn" },
    { "comment", N_("commented"), "feedback" },
    { "merged", N_("merged into it"), "merge" },
    { "unmerged", N_("took out of it"), "merge" },
    { "undone", N_("took back:"), "refresh" },
    { "shared", N_("shared it by a link"), "link" },
    { "unshared", N_("stopped sharing it"), "link" },
    { "regressed", N_("marked it regressed"), "refresh" },
    { "ticket", N_("linked the ticket"), "ticket" },
    { "escalating", N_("marked it escalating"), "warn" },
    { "ongoing", N_("marked it ongoing"), "info" },
    { "fired", N_("fired the alert"), "bell" },
    { "first_seen", N_("saw it for the first time"), "star" },
};


/* What was done with a ticket, and with which. */
static void
ticket(const struct activity *v, struct data *row)
{
    static const struct {
        const char *what;
        const char *text;
    } words[] = {
        { "created", N_("created the ticket") },
        { "linked", N_("linked the ticket") },
        { "unlinked", N_("unlinked the ticket") },
        { "moved", N_("heard of the ticket") },
    };
    struct str what = json_text_of(v->data, "what"),
               url = json_text_of(v->data, "url");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(what, words[i].what)) {
            data_tr(row, "text", words[i].text);
        }
    }
    data_str(row, "object", json_text_of(v->data, "key"));
    data_str(row, "status", json_text_of(v->data, "status"));
    if (issue_is_url(url)) {
        data_str(row, "url", url);
    }
}


static void
resolved(struct arena *a, const struct activity *v, struct data *row)
{
    int64_t hours;

    if (json_yes(json_get(v->data, "next"))) {
        data_tr(row, "more", N_("in the next release"));

    } else if (json_text_of(v->data, "commit").n > 0) {
        data_str(row, "more",
                 lang_fill(a, N_("in the commit {0}"),
                           FILL(json_text_of(v->data, "commit"))));

    } else if (json_i64(json_get(v->data, "age"), &hours)) {
        data_str(row, "more",
                 lang_fill(a,
                           N_("because it was not seen for {0} {0|day|days}"),
                           FILL(show_full(a, hours / 24))));
    }
}


static void
archived(struct arena *a, const struct activity *v, struct data *row)
{
    struct str until = json_text_of(v->data, "until");
    int64_t n, window;

    if (str_is(until, "escalating")) {
        data_tr(row, "more", N_("until it escalates"));

    } else if (str_is(until, "forever")) {
        data_tr(row, "more", N_("forever"));

    } else if (json_i64(json_get(v->data, "minutes"), &n)) {
        data_str(row, "more",
                 n % 1440 == 0 ? lang_fill(a, N_("for {0} {0|day|days}"),
                                           FILL(show_full(a, n / 1440)))
                 : n % 60 == 0 ? lang_fill(a, N_("for {0} {0|hour|hours}"),
                                           FILL(show_full(a, n / 60)))
                               : lang_fill(a, N_("for {0} {0|minute|minutes}"),
                                           FILL(show_full(a, n))));

    } else if (json_i64(json_get(v->data, "events"), &n)) {
        data_str(row, "more",
                 json_i64(json_get(v->data, "window"), &window)
                     ? lang_fill(a,
                                 N_("until {0} {0|event|events} in "
                                    "{1} {1|minute|minutes}"),
                                 FILL(show_full(a, n), show_full(a, window)))
                     : lang_fill(a, N_("until {0} more {0|event|events}"),
                                 FILL(show_full(a, n))));

    } else if (json_i64(json_get(v->data, "users"), &n)) {
        data_str(row, "more",
                 lang_fill(a, N_("until {0} more {0|user|users}"),
                           FILL(show_full(a, n))));
    }
}


static void
assigned(const struct activity *v, struct data *row)
{
    struct str rule = json_text_of(v->data, "rule");
    int64_t account = 0;

    (void) json_i64(json_get(v->data, "account_id"), &account);
    if (account == v->account_id && account != 0) {
        data_tr(row, "text", N_("took it over"));
        return;
    }
    data_str(row, "object", json_text_of(v->data, "name"));
    if (rule.n > 0) {
        data_str(row, "rule", rule);
    }
}


static void
merged(struct arena *a, const struct activity *v, struct data *row)
{
    struct json *first = json_at(json_get(v->data, "issues"), 0);
    int64_t n = 1;

    (void) json_i64(json_get(v->data, "n"), &n);
    data_str(row, "object", json_text_of(first, "title"));
    if (n > 1) {
        data_str(row, "more",
                 lang_fill(a, N_("and {0} more"), FILL(show_full(a, n - 1))));
    }
}


static void
unmerged(const struct activity *v, struct data *row)
{
    if (!json_yes(json_get(v->data, "from"))) {
        data_tr(row, "text", N_("took it out of"));
    }
    data_str(row, "object", json_text_of(v->data, "title"));
}


static void
escalating(const struct activity *v, struct data *row)
{
    struct str why = json_text_of(v->data, "why");

    data_tr(row, "more",
            str_is(why, "events")  ? N_("because so many events have come")
            : str_is(why, "users") ? N_("because so many users have seen it")
                                   : N_("because many more come than usual"));
}


static void
ongoing(const struct activity *v, struct data *row)
{
    if (str_is(json_text_of(v->data, "why"), "time")) {
        data_tr(row, "more", N_("because its time was up"));
    }
}


static void
priority(const struct activity *v, struct data *row)
{
    int64_t value = 0;

    (void) json_i64(json_get(v->data, "priority"), &value);
    data_tr(row, "object",
            value >= 75   ? N_("high")
            : value >= 50 ? N_("medium")
                          : N_("low"));
}


static void
comment(struct request *rq, const struct activity *v, struct data *row)
{
    data_i64(row, "id", v->id);
    data_str(row, "comment", json_text_of(v->data, "text"));
    data_bool(row, "edited", json_yes(json_get(v->data, "edited")));
    data_bool(row, "own", v->account_id == rq->account->id);
    if (json_text_of(v->data, "author").n > 0) {
        data_str(row, "who", json_text_of(v->data, "author"));
        data_tr(row, "text", N_("commented on"));
        data_str(row, "object", json_text_of(v->data, "ticket"));
    }
}


/* "slack #ops: Delivered 200 · mail ann@example.org: Waiting" */
static struct str
deliveries(struct arena *a, const struct json *sent)
{
    static const char *const states[] = { N_("Waiting"), N_("Delivered"),
                                          N_("Given up"), N_("Left out") };
    struct buf b = buf_in(a);

    json_each(o, sent)
    {
        struct str address = json_text_of(o, "address");
        int64_t state = 0, code = 0;

        (void) json_i64(json_get(o, "state"), &state);
        (void) json_i64(json_get(o, "code"), &code);
        buf_text(&b, b.n > 0 ? " · " : "");
        buf_str(&b, json_text_of(o, "channel"));
        /* an address of the net may hold a secret */
        if (address.n > 0 && str_find(address, STR("://")) < 0) {
            buf_text(&b, " ");
            buf_str(&b, address);
        }
        buf_text(&b, ": ");
        buf_text(&b, tr(states[state >= 0 && state < 4 ? state : 0]));
        if (code > 0) {
            buf_addf(&b, " %lld", (long long) code);
        }
    }
    return buf_view(&b);
}


static void
fired(struct request *rq, const struct activity *v, struct data *row)
{
    struct str held = json_text_of(v->data, "held");
    struct str sent = deliveries(rq->a, json_get(v->data, "sent"));
    int64_t rule = 0;

    (void) json_i64(json_get(v->data, "rule_id"), &rule);
    data_str(row, "object", json_text_of(v->data, "name"));
    data_str(row, "url",
             str_printf(rq->a, "/%.*s/alerts/%lld/", STR_FMT(rq->org->slug),
                        (long long) rule));
    data_str(row, "cause", lang_say(rq->a, json_text_of(v->data, "cause")));
    if (str_is(held, "cap")) {
        data_tr(row, "sent", N_("Held back by the cap"));

    } else if (str_is(held, "quiet")) {
        data_tr(row, "sent", N_("Held back, quiet hours"));

    } else if (sent.n > 0) {
        data_str(row, "sent", sent);
    }
}


static void
details(struct request *rq, const struct activity *v, struct data *row)
{
    struct str release = json_text_of(v->data, "release");

    if (release.n > 0) {
        data_str(row, "release", issue_release(release));
    }
    if (str_is(v->kind, "resolved")) {
        resolved(rq->a, v, row);

    } else if (str_is(v->kind, "archived")) {
        archived(rq->a, v, row);

    } else if (str_is(v->kind, "assigned")) {
        assigned(v, row);

    } else if (str_is(v->kind, "priority")) {
        priority(v, row);

    } else if (str_is(v->kind, "comment")) {
        comment(rq, v, row);

    } else if (str_is(v->kind, "ticket")) {
        ticket(v, row);

    } else if (str_is(v->kind, "merged")) {
        merged(rq->a, v, row);

    } else if (str_is(v->kind, "unmerged")) {
        unmerged(v, row);

    } else if (str_is(v->kind, "undone")) {
        data_str(row, "object", lang_say(rq->a, json_text_of(v->data, "what")));

    } else if (str_is(v->kind, "escalating")) {
        escalating(v, row);

    } else if (str_is(v->kind, "fired")) {
        fired(rq, v, row);

    } else if (str_is(v->kind, "ongoing")) {
        ongoing(v, row);
    }
}


static void
participant(struct data *people, const struct activity *v,
            const struct activity *newer, int n)
{
    struct data *row;

    if (v->account_id == 0) {
        return;
    }
    for (int i = 0; i < n; i++) {
        if (newer[i].account_id == v->account_id) {
            return;
        }
    }
    row = data_row(people);
    data_str(row, "name", v->account);
    data_i64(row, "colour", 1 + v->account_id % 6);
}


enum status
issue_activity(struct request *rq, struct data *d)
{
    struct data *list = data_child(d, "Activity");
    struct data *people = data_child(d, "Participant");
    struct str regressed = STR_NULL; /* the release of the latest time */
    struct activity *rows;
    enum status st;
    bool more;
    int n;

    st = activity_list(rq->db, rq->a, rq->issue->id, &rows, &n, &more);
    if (st != ST_OK) {
        return st;
    }
    for (int i = 0; i < n; i++) {
        struct data *row = data_row(list);

        data_str(row, "who",
                 rows[i].account_id != 0 ? rows[i].account : STR("Vedette"));
        if (rows[i].account_id != 0) {
            data_i64(row, "colour", 1 + rows[i].account_id % 6);
        }
        data_str(row, "text", rows[i].kind);
        data_text(row, "icon", "info");
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (str_is(rows[i].kind, kinds[k].kind)) {
                data_tr(row, "text", kinds[k].text);
                data_text(row, "icon", kinds[k].icon);
            }
        }
        details(rq, &rows[i], row);
        data_time(row, "at", rows[i].at);
        if (str_is(rows[i].kind, "regressed") && str_null(regressed)) {
            regressed = json_text_of(rows[i].data, "release");
        }
        participant(people, &rows[i], rows, i);
    }
    if (regressed.n > 0) {
        data_str(d, "regressed_in", issue_release(regressed));
    }
    data_bool(d, "activity_more", more);
    return ST_OK;
}
