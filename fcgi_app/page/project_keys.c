/*
 * page/project_keys.c - the client keys of a project: their DSNs, whether they
 * are on, how much each may send.
 */

#include "model/organization.h"
#include "model/project_key.h"
#include "model/usage.h"
#include "page/pages.h"
#include "page/snippets.h"
#include "util/utf8.h"
#include "web/chart.h"
#include "web/login.h"

#define LABEL_MAX_CHARS 60
#define KEYS_MAX 100
#define COUNT_MAX INT64_C(1000000000)

static const struct {
    int64_t seconds;
    const char *name;
} windows[] = {
    { 60, "minute" },
    { 3600, "hour" },
    { 86400, "day" },
};


static void
fill_windows(struct data *key, int64_t seconds)
{
    bool known = seconds == 0;

    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        struct data *row = data_row(data_child(key, "Windows"));

        data_i64(row, "seconds", windows[i].seconds);
        data_text(row, "name", windows[i].name);
        data_bool(row, "chosen", windows[i].seconds == seconds);
        known = known || windows[i].seconds == seconds;
    }
    if (!known) {
        /* set by a command: keep it when the form is saved */
        struct data *row = data_row(data_child(key, "Windows"));

        data_i64(row, "seconds", seconds);
        data_i64(row, "odd", seconds);
        data_bool(row, "chosen", true);
    }
}


static void
fill_key(struct request *rq, struct data *row, const struct project_key *key,
         const struct usage *usage, int64_t start)
{
    int64_t total = 0;

    for (size_t i = 0; i < USAGE_HOURS; i++) {
        total += usage->accepted[i];
    }
    data_i64(row, "id", key->id);
    data_str(row, "label", key->label);
    data_str(row, "dsn", project_key_dsn(rq->a, key));
    data_bool(row, "on", key->is_active);
    data_time(row, "created", key->created_at);
    if (key->limit_window > 0) {
        data_i64(row, "limit", key->limit_count);
    }
    fill_windows(row, key->limit_window);
    data_i64(row, "events", total);
    data_i64(row, "limited", usage->limited);
    chart_spark(data_child(row, "Spark"), &(struct series){
                                              .name = "events",
                                              .v = usage->accepted,
                                              .n = USAGE_HOURS,
                                              .from = start,
                                              .step = 3600,
                                              .hot_from = USAGE_HOURS,
                                          });
}


enum status
page_project_keys(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Keys");
    int64_t ids[KEYS_MAX], start = usage_start(rq->now);
    struct project_key *keys;
    struct usage *usage;
    enum status st;
    size_t n;

    st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id, &keys,
                          &n);
    if (st != ST_OK) {
        return st;
    }
    n = n > KEYS_MAX ? KEYS_MAX : n;
    for (size_t i = 0; i < n; i++) {
        ids[i] = keys[i].id;
    }
    st = usage_of_keys(rq->db, rq->a, rq->org->id, rq->project->id, ids, n,
                       start, &usage);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        fill_key(rq, data_row(list), &keys[i], &usage[i], start);
    }
    snippets_fill(rq, rs, snippets_key(keys, n));
    return ST_OK;
}


/* Back to the list after a change. */
static enum status
done(struct request *rq, struct response *rs, const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/projects/%.*s/keys/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(rq->project->slug)));
    return ST_OK;
}


/* The page again, with one sentence at the key (0: the new one). */
static enum status
refuse(struct request *rq, struct response *rs, int64_t key, const char *why)
{
    struct data *wrong = data_child(rs->data, "Wrong");

    rs->status = 422;
    data_i64(wrong, "key", key);
    data_text(wrong, "why", why);
    data_str(wrong, "label",
             str_cut(request_field(rq, "label"), 4 * LABEL_MAX_CHARS));
    data_str(wrong, "limit", str_cut(request_field(rq, "limit"), 40));
    return page_project_keys(rq, rs);
}


enum status
page_project_key_new(struct request *rq, struct response *rs)
{
    struct str label = request_field(rq, "label");
    struct actor by = request_actor(rq);
    struct project_key *keys, key;
    enum status st;
    size_t n;

    if (label.n == 0 || utf8_length(label) > LABEL_MAX_CHARS) {
        return refuse(rq, rs, 0,
                      "A key needs a name of 60 characters at most.");
    }
    st = project_key_list(rq->db, rq->a, rq->org->id, rq->project->id, &keys,
                          &n);
    if (st == ST_OK && n >= KEYS_MAX) {
        return refuse(rq, rs, 0, "A project has 100 keys at most.");
    }
    if (st == ST_OK) {
        st = project_key_create(rq->db, rq->redis, rq->a, &by, rq->org->id,
                                rq->project->id, label, &key);
    }
    return st == ST_OK ? done(rq, rs, "The new key may be used at once.") : st;
}


/* "": no limit.  False when it cannot be read. */
static bool
read_limit(const struct request *rq, struct project_key *key)
{
    struct str text = request_field(rq, "limit");
    int64_t window;

    key->limit_count = 0;
    key->limit_window = 0;
    if (text.n == 0) {
        return true;
    }
    if (!str_i64(text, &key->limit_count) || key->limit_count < 0
        || key->limit_count > COUNT_MAX) {
        return false;
    }
    if (!str_i64(request_field(rq, "window"), &window) || window < 1
        || window > 30 * 86400) {
        return false;
    }
    key->limit_window = window;
    return true;
}


enum status
page_project_key_save(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct project_key key;
    enum status st;
    int64_t id;

    if (!str_i64(request_param(rq, "key"), &id)) {
        return ST_NOT_FOUND;
    }
    st = project_key_by_id(rq->db, rq->a, rq->org->id, rq->project->id, id,
                           &key);
    if (st != ST_OK) {
        return st;
    }
    if (!read_limit(rq, &key)) {
        return refuse(rq, rs, id,
                      "The limit is a whole number, or empty for none.");
    }
    key.is_active = !str_null(field_get(&rq->form, "on"));
    st = project_key_update(rq->db, rq->redis, rq->a, &by, &key);
    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                key.is_active ? "Saved. The edge follows within 2 s."
                              : "The key is off. The edge refuses its events "
                                "within 2 s.");
}
