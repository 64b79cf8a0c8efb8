/*
 * page/project_keys.c - the client keys of a project: their DSNs, whether they
 * are on, how much each may send, and how one takes the place of another.
 */

#include "model/organization.h"
#include "model/project_key.h"
#include "model/usage.h"
#include "page/pages.h"
#include "page/snippets.h"
#include "util/lang.h"
#include "util/utf8.h"
#include "web/chart.h"
#include "web/login.h"
#include "web/route.h"

#define LABEL_MAX_CHARS 60
#define KEYS_MAX 100
#define COUNT_MAX INT64_C(1000000000)

#define LABEL_RULE "A key needs a name of 60 characters at most."
#define FULL "A project has 100 keys at most."

static const struct {
    int64_t seconds;
    const char *name;
} windows[] = {
    { 60, N_("minute") },
    { 3600, N_("hour") },
    { 86400, N_("day") },
};


/* How long an old key may work beside its successor. */
static const struct {
    int64_t seconds;
    const char *name;
} overlaps[] = {
    { 0, N_("not at all") },       { 3600, N_("1 hour") },
    { 86400, N_("1 day") },        { 7 * 86400, N_("7 days") },
    { 30 * 86400, N_("30 days") }, { 90 * 86400, N_("90 days") },
};

#define OVERLAP_USUAL (7 * 86400)


static void
fill_overlaps(struct response *rs)
{
    for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
        struct data *row = data_row(data_child(rs->data, "Overlaps"));

        data_i64(row, "seconds", overlaps[i].seconds);
        data_tr(row, "name", overlaps[i].name);
        data_bool(row, "chosen", overlaps[i].seconds == OVERLAP_USUAL);
    }
}


static void
fill_windows(struct data *key, int64_t seconds)
{
    bool known = seconds == 0;

    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        struct data *row = data_row(data_child(key, "Windows"));

        data_i64(row, "seconds", windows[i].seconds);
        data_tr(row, "name", windows[i].name);
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


/* SDKs of before 2017 want a secret; nobody looks at what it says. */
static struct str
old_dsn(struct arena *a, struct str dsn)
{
    int64_t at = str_find(dsn, STR("@"));
    int64_t key = str_find(dsn, STR("://")) + 3;

    return str_printf(a, "%.*s:%.*s%.*s", STR_FMT(str_sub(dsn, 0, (size_t) at)),
                      STR_FMT(str_sub(dsn, (size_t) key, (size_t) at)),
                      STR_FMT(str_sub(dsn, (size_t) at, dsn.n)));
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
    data_str(row, "old_dsn", old_dsn(rq->a, project_key_dsn(rq->a, key)));
    data_bool(row, "on", key->is_active);
    data_time(row, "created", key->created_at);
    data_time(row, "seen", key->last_seen_at);
    data_time(row, "expires", key->expires_at);
    if (key->expires_at > rq->now) {
        data_i64(row, "left", key->expires_at - rq->now);
    }
    data_str(row, "key", key->public_key);
    if (key->limit_window > 0) {
        data_i64(row, "limit", key->limit_count);
    }
    fill_windows(row, key->limit_window);
    data_i64(row, "events", total);
    data_i64(row, "limited", usage->limited);
    data_i64(row, "refused", usage->refused);
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
    fill_overlaps(rs);
    data_bool(data_child(rs->data, "May"), "delete",
              request_may(rq, "project:admin"));
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
    data_tr(wrong, "why", why);
    data_str(wrong, "label",
             str_cut(request_field(rq, "label"), 4 * LABEL_MAX_CHARS));
    data_str(wrong, "limit", str_cut(request_field(rq, "limit"), 40));
    return page_project_keys(rq, rs);
}


static bool
label_ok(struct str label)
{
    return label.n > 0 && utf8_length(label) <= LABEL_MAX_CHARS;
}


/* For one key more? */
static enum status
have_room(struct request *rq, bool *room)
{
    struct project_key *keys;
    size_t n = 0;
    enum status st = project_key_list(rq->db, rq->a, rq->org->id,
                                      rq->project->id, &keys, &n);

    *room = n < KEYS_MAX;
    return st;
}


enum status
page_project_key_new(struct request *rq, struct response *rs)
{
    struct str label = request_field(rq, "label");
    struct actor by = request_actor(rq);
    struct project_key key;
    bool room = false;
    enum status st;

    if (!label_ok(label)) {
        return refuse(rq, rs, 0, LABEL_RULE);
    }
    st = have_room(rq, &room);
    if (st == ST_OK && !room) {
        return refuse(rq, rs, 0, FULL);
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


/* That of the path. */
static enum status
find_key(struct request *rq, struct project_key *key)
{
    int64_t id;

    if (!str_i64(request_param(rq, "key"), &id)) {
        return ST_NOT_FOUND;
    }
    return project_key_by_id(rq->db, rq->a, rq->org->id, rq->project->id, id,
                             key);
}


enum status
page_project_key_save(struct request *rq, struct response *rs)
{
    struct str label = request_field(rq, "label");
    struct actor by = request_actor(rq);
    struct project_key key;
    enum status st = find_key(rq, &key);

    if (st != ST_OK) {
        return st;
    }
    if (!read_limit(rq, &key)) {
        return refuse(rq, rs, key.id,
                      "The limit is a whole number, or empty for none.");
    }
    if (!str_null(label)) {
        if (!label_ok(label)) {
            return refuse(rq, rs, key.id, LABEL_RULE);
        }
        key.label = label;
    }
    key.is_active = !str_null(field_get(&rq->form, "on"));
    if (!key.is_active || !str_null(field_get(&rq->form, "keep"))) {
        key.expires_at = 0;
    }
    st = project_key_update(rq->db, rq->redis, rq->a, &by, &key);
    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                key.is_active ? "Saved. The edge follows within 2 s."
                              : "The key is off. The edge refuses its events "
                                "within 2 s.");
}


static bool
overlap_known(int64_t seconds)
{
    for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
        if (overlaps[i].seconds == seconds) {
            return true;
        }
    }
    return false;
}


enum status
page_project_key_rotate(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct project_key key, fresh;
    int64_t seconds = -1;
    bool room = false;
    enum status st = find_key(rq, &key);

    if (st == ST_OK) {
        st = have_room(rq, &room);
    }
    if (st != ST_OK) {
        return st;
    }
    if (!str_i64(request_field(rq, "overlap"), &seconds)
        || !overlap_known(seconds)) {
        return refuse(rq, rs, key.id, "Choose how long the old key works on.");
    }
    if (!key.is_active) {
        return refuse(rq, rs, key.id,
                      "The key is off. Make a new one, or switch it on first.");
    }
    if (!room) {
        return refuse(rq, rs, key.id, FULL);
    }
    st = project_key_rotate(rq->db, rq->redis, rq->a, &by, &key, rq->now,
                            seconds, &fresh);
    if (st != ST_OK) {
        return st;
    }
    return done(rq, rs,
                seconds > 0 ? "The new key works at once, the old one until "
                              "its time is over: change the DSN meanwhile."
                            : "The new key works at once. The edge refuses the "
                              "old one within 2 s.");
}


enum status
page_project_key_delete(struct request *rq, struct response *rs)
{
    struct actor by = request_actor(rq);
    struct project_key key;
    enum status st = find_key(rq, &key);

    if (st != ST_OK) {
        return st;
    }
    if (key.is_active) {
        return refuse(rq, rs, key.id,
                      "The key is on. Switch it off first, and delete it when "
                      "nobody misses it.");
    }
    st = project_key_delete(rq->db, rq->redis, rq->a, &by, &key);
    return st == ST_OK ? done(rq, rs, "Deleted.") : st;
}
