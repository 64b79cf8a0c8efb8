/*
 * page/setup.c - getting started: how the platform is set up, an event to try
 * with, who knocked and was refused, and a page that turns by itself when the
 * first event has come.
 */

#include "model/issue.h"
#include "model/miss.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/sample.h"
#include "model/usage.h"
#include "page/guide.h"
#include "page/pages.h"
#include "page/snippets.h"
#include "util/hex.h"
#include "util/lang.h"
#include "web/health.h"
#include "web/login.h"

#define REFRESH_SECONDS "5"


/* The first issue, when there is still one of that number. */
static enum status
fill_first_issue(struct request *rq, struct data *first)
{
    struct str ref = issue_short_id(rq->a, rq->project->slug, 1);
    struct issue issue;
    enum status st;

    st = issue_find(rq->db, rq->a, rq->org->id, ref, &issue);
    if (st == ST_OK) {
        data_str(first, "issue", issue.short_id);
        data_str(first, "title", issue.title);
    }
    return st == ST_NOT_FOUND ? ST_OK : st;
}


/* What could be in the way, as far as it can be seen from here. */
static enum status
fill_checks(struct request *rq, struct response *rs,
            const struct project_key *keys, size_t n)
{
    struct data *checks = data_child(rs->data, "Checks");
    int64_t id = rq->project->id, accepted = 0;
    struct usage *usage;
    enum status st;

    st = usage_of_projects(rq->db, rq->a, rq->org->id, &id, 1,
                           usage_start(rq->now), &usage);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < USAGE_HOURS; i++) {
        accepted += usage->accepted[i];
    }
    data_bool(checks, "key", snippets_key(keys, n) != NULL);
    data_bool(checks, "worker", health_worker(rq));
    data_i64(checks, "accepted", accepted);
    data_i64(checks, "limited", usage->limited);
    data_i64(checks, "refused", usage->refused);
    return ST_OK;
}


/* Why something was refused, for templates/setup.cs: what it knows words for.
 */
static const char *
miss_word(struct str reason)
{
    static const char *const words[] = {
        "key_unknown",       "key_off",
        "key_other_project", "cors",
        "public_key",        "auth_missing",
        "too_large",         "item_too_large",
        "rate_limited",      "content_encoding",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_is(reason, words[i])) {
            return words[i];
        }
    }
    return "other";
}


static enum status
fill_misses(struct request *rq, struct response *rs)
{
    struct miss misses[MISSES_MAX];
    size_t n;
    enum status st = miss_list(rq->redis, rq->a, rq->project->id, misses, &n);

    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(rs->data, "Misses"));

        data_tr(row, "why", miss_word(misses[i].reason));
        data_str(row, "reason", misses[i].reason);
        data_str(row, "address", misses[i].address);
        if (misses[i].origin.n > 0) {
            data_str(row, "origin", misses[i].origin);
        }
        data_time(row, "at", misses[i].at);
    }
    data_i64(rs->data, "Knocked", miss_mark(misses, n));
    return st;
}


static void
fill_samples(struct response *rs)
{
    for (size_t i = 0; i < samples_count; i++) {
        struct data *row = data_row(data_child(rs->data, "Samples"));

        data_text(row, "id", samples[i].id);
        data_tr(row, "name", samples[i].name);
    }
}


enum status
page_setup(struct request *rq, struct response *rs)
{
    struct data *first = data_child(rs->data, "First");
    struct str wanted = request_arg(rq, "platform");
    struct project_key *keys;
    enum status st;
    size_t n;

    st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id, &keys,
                          &n);
    if (st != ST_OK) {
        return st;
    }
    snippets_fill(rq, rs, snippets_key(keys, n));
    fill_samples(rs);
    st = guide_fill(
        rq, rs, guide_find(str_null(wanted) ? rq->project->platform : wanted),
        snippets_key(keys, n));
    if (st == ST_OK) {
        st = fill_misses(rq, rs);
    }
    if (st != ST_OK) {
        return st;
    }
    data_time(first, "created", rq->project->created_at);
    if (rq->project->first_event_at == 0) {
        data_text(data_child(rs->data, "Page"), "refresh", REFRESH_SECONDS);
        return fill_checks(rq, rs, keys, n);
    }
    data_time(first, "at", rq->project->first_event_at);
    return fill_first_issue(rq, first);
}


/* app.js asks this every few seconds. */
enum status
page_setup_poll(struct request *rq, struct response *rs)
{
    struct miss misses[MISSES_MAX];
    size_t n;
    enum status st = miss_list(rq->redis, rq->a, rq->project->id, misses, &n);

    if (st != ST_OK) {
        return st;
    }
    response_raw(rs, "application/json",
                 str_printf(rq->a, "{\"first_event\":%s,\"knocked\":%lld}",
                            rq->project->first_event_at != 0 ? "true" : "false",
                            (long long) miss_mark(misses, n)));
    return ST_OK;
}


enum status
page_setup_sample(struct request *rq, struct response *rs)
{
    const struct project_key *key;
    struct project_key *keys;
    unsigned char id[16];
    struct str event_id, body;
    enum status st;
    size_t n;

    st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id, &keys,
                          &n);
    if (st != ST_OK) {
        return st;
    }
    uuid_random(id);
    event_id = uuid_hex(rq->a, id);
    key = snippets_key(keys, n);
    if (key != NULL) {
        st = sample_read(rq, request_field(rq, "kind"), key, event_id, &body);
        if (st == ST_OK) {
            st = sample_send(rq->redis, rq->a, key, event_id, rq->now, body);
        }
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, key != NULL ? lang_fill(rq->a, N_("Sent: event {0}."),
                                            FILL(event_id))
                                : STR("No client key is on, so nothing was "
                                      "sent."));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/projects/%.*s/getting-started/",
                       STR_FMT(rq->org->slug), STR_FMT(rq->project->slug)));
    return ST_OK;
}
