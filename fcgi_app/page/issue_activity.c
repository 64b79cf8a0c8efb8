/* What happened to the issue and who took part, for the rail. */

#include "page/issue.h"

#include "model/activity.h"

/* What a kind says after the name; with more to say, data has it. */
static const struct {
    const char *kind;
    const char *text;
    const char *icon; /* when Vedette did it */
} kinds[] = {
    { "resolved", "resolved it", "ok" },
    { "unresolved", "reopened it", "refresh" },
    { "archived", "archived it", "archive" },
    { "assigned", "assigned it to", "user" },
    { "unassigned", "took the assignment away", "user" },
    { "priority", "set the priority to", "warn" },
    { "comment", "commented", "feedback" },
    { "regressed", "marked it regressed", "refresh" },
    { "ticket", "linked the ticket", "ticket" },
    { "first_seen", "saw it for the first time", "star" },
};


/* What was done with a ticket, and with which. */
static void
ticket(const struct activity *v, struct data *row)
{
    static const struct {
        const char *what;
        const char *text;
    } words[] = {
        { "created", "created the ticket" },
        { "linked", "linked the ticket" },
        { "unlinked", "unlinked the ticket" },
        { "moved", "heard of the ticket" },
    };
    struct str what = json_text_of(v->data, "what"),
               url = json_text_of(v->data, "url");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(what, words[i].what)) {
            data_text(row, "text", words[i].text);
        }
    }
    data_str(row, "object", json_text_of(v->data, "key"));
    data_str(row, "status", json_text_of(v->data, "status"));
    if (issue_is_url(url)) {
        data_str(row, "url", url);
    }
}


static void
details(const struct activity *v, struct data *row)
{
    struct str release = json_text_of(v->data, "release");
    struct str name = json_text_of(v->data, "name");
    int64_t account = 0;
    int64_t priority = 0;

    if (str_is(v->kind, "assigned")) {
        (void) json_i64(json_get(v->data, "account_id"), &account);
        if (account == v->account_id && account != 0) {
            data_text(row, "text", "took it over");
        } else {
            data_str(row, "object", name);
        }

    } else if (str_is(v->kind, "priority")) {
        (void) json_i64(json_get(v->data, "priority"), &priority);
        data_text(row, "object",
                  priority >= 75   ? "high"
                  : priority >= 50 ? "medium"
                                   : "low");

    } else if (str_is(v->kind, "comment")) {
        data_str(row, "comment", json_text_of(v->data, "text"));
        if (json_text_of(v->data, "author").n > 0) {
            data_str(row, "who", json_text_of(v->data, "author"));
            data_text(row, "text", "commented on");
            data_str(row, "object", json_text_of(v->data, "ticket"));
        }

    } else if (str_is(v->kind, "ticket")) {
        ticket(v, row);

    } else if (release.n > 0) {
        data_str(row, "release", issue_release(release));
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
                data_text(row, "text", kinds[k].text);
                data_text(row, "icon", kinds[k].icon);
            }
        }
        details(&rows[i], row);
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
