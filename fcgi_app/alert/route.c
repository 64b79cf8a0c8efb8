#include "alert/route_work.h"

#include "integration/integration.h"
#include "util/conf.h"
#include "util/lang.h"

/* The most issues that a digest of held firings lists. */
#define HELD_MAX 100


/* firings */

int64_t
route_quiet_end(const struct json *quiet, int64_t at)
{
    at -= at % US_PER_MINUTE;
    for (int i = 0; i < 7 * 1440 && alert_clock_inside(quiet, at); i++) {
        at += US_PER_MINUTE;
    }
    return at;
}


/*
 * Over the rule's cap, or in its quiet hours: the firing waits for a notice
 * that tells of all of them.  *held: it does.
 */
static enum status
hold_back(struct db *db, struct arena *a, const struct rule *r,
          const struct alert_fire *fire, struct rows *out, bool *held)
{
    int64_t now = time_now(), count, due = 0, since;
    const char *why = NULL;
    enum status st = ST_OK;

    if (r->quiet != NULL && alert_clock_inside(r->quiet, now)) {
        why = "quiet";
        due = route_quiet_end(r->quiet, now);
        since = due - US_PER_DAY;

    } else if (r->cap > 0) {
        int64_t window = r->cap_minutes * US_PER_MINUTE;

        since = now - now % window;
        st = alert_fire_count(db, a, r->row->id, since, &count);
        if (st == ST_OK && count > r->cap) {
            why = "cap";
            due = since + window;
        }
    }
    *held = why != NULL;
    if (st != ST_OK || why == NULL) {
        return st;
    }
    if ((st = alert_fire_hold(db, a, fire->id, why)) != ST_OK) {
        return st;
    }
    rows_add(out,
             &(struct outbox_row){
                 .organization_id = fire->organization_id,
                 .project_id = fire->project_id,
                 .rule_id = r->row->id,
                 .cause = STR("digest"),
                 .channel = STR("route"),
                 .data = str_printf(a, "{\"since\":%lld}", (long long) since),
                 .key = str_printf(a, "held:%lld:%lld", (long long) r->row->id,
                                   (long long) due),
                 .due_at = due,
             });
    return ST_OK;
}


static size_t
ids_of(struct arena *a, const struct json *list, int64_t **out)
{
    size_t n = 0;

    *out = arena_array(a, list != NULL ? list->n : 0, sizeof(int64_t));
    json_each(v, list)
    {
        n += json_i64(v, &(*out)[n]);
    }
    return n;
}


/* An alert: the firings of one issue, or of one project. */
static enum status
route_fires(struct alerts *al, struct db *db, struct arena *a,
            const struct outbox_row *row, const struct json *data,
            struct rows *out)
{
    struct alert_fire *fires;
    const struct rule **rules;
    unsigned *blocks;
    struct notice n;
    struct target t = { .row = row, .notice = &n };
    int64_t *ids, *rule_ids;
    size_t nids = ids_of(a, json_get(data, "fires"), &ids), nfires, k = 0;
    struct outbox_row *listeners;
    size_t nlisteners;
    enum status st;

    st = alert_fires(db, a, row->organization_id, ids, nids, &fires, &nfires);
    if (st != ST_OK || nfires == 0) {
        return st;
    }
    if ((st = tell_fire(db, a, &fires[0], &n)) != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st; /* it is gone */
    }
    n.cause = STR("issue");
    n.action = STR("triggered");

    rules = arena_array(a, nfires, sizeof(*rules));
    blocks = arena_array(a, nfires, sizeof(*blocks));
    rule_ids = arena_array(a, nfires, sizeof(*rule_ids));
    for (size_t i = 0; i < nfires; i++) {
        const struct rule *r = alerts_rule(al, fires[i].rule_id);
        bool held;

        if (r == NULL) {
            continue; /* switched off meanwhile */
        }
        if ((st = hold_back(db, a, r, &fires[i], out, &held)) != ST_OK) {
            return st;
        }
        if (held) {
            continue;
        }
        if ((st = escalate_later(db, a, r, &fires[i], out)) != ST_OK) {
            return st;
        }
        if (k == 0) {
            tell_measured(a, &fires[i], &n);
        }
        tell_rule(a, &fires[i], &n);
        rule_ids[k] = fires[i].rule_id;
        blocks[k] = fires[i].blocks;
        rules[k++] = r;
    }
    if (k == 0) {
        return ST_OK;
    }
    t.rules = rule_ids;
    t.nrules = k;
    st = alert_rule_muted(db, a, row->organization_id, rule_ids, k, &t.muted,
                          &t.nmuted);
    for (size_t i = 0; st == ST_OK && i < k; i++) {
        st = rule_act(db, a, &t, rules[i], blocks[i], false, out);
    }
    if (st != ST_OK) {
        return st;
    }
    n.key = row->key;
    st = integration_listeners(db, a, &n, &listeners, &nlisteners);
    for (size_t i = 0; st == ST_OK && i < nlisteners; i++) {
        rows_add(out, &listeners[i]);
    }
    return st;
}


/* Firings that were held back, all in one. */
static enum status
route_held(struct alerts *al, struct db *db, struct arena *a,
           const struct outbox_row *row, const struct json *data,
           struct rows *out)
{
    const struct rule *r = alerts_rule(al, row->rule_id);
    struct target t = { .row = row, .rules = &row->rule_id, .nrules = 1 };
    struct json *items = json_new(a, JSON_T_ARRAY);
    struct json *more = json_new(a, JSON_T_OBJECT);
    struct alert_fire *fires;
    int64_t since = 0;
    unsigned blocks = 0;
    struct notice n;
    enum status st;
    size_t count;

    json_i64(json_get(data, "since"), &since);
    if (r == NULL) {
        return ST_OK;
    }
    st = alert_fires_held(db, a, row->organization_id, row->rule_id, since,
                          HELD_MAX, &fires, &count);
    if (st != ST_OK || count == 0) {
        return st;
    }
    st = tell_project(db, a, &fires[0], &n);
    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    for (size_t i = 0; i < count; i++) {
        struct json *item = json_new(a, JSON_T_OBJECT);

        blocks |= fires[i].blocks;
        json_set(item, STR("short_id"),
                 json_new_str(a, str_null(fires[i].issue_short_id)
                                     ? STR("")
                                     : fires[i].issue_short_id));
        json_set(item, STR("title"),
                 json_new_str(a, str_null(fires[i].issue_title)
                                     ? fires[i].cause
                                     : fires[i].issue_title));
        json_set(item, STR("cause"), json_new_str(a, fires[i].cause));
        json_set(item, STR("at"), json_new_i64(a, fires[i].at));
        json_set(item, STR("url"),
                 json_new_str(a, fires[i].issue_id != 0
                                     ? tell_page(a, n.organization, "issues",
                                                 fires[i].issue_id)
                                     : n.url));
        json_append(items, item);
    }
    json_set(more, STR("items"), items);
    n.cause = STR("digest");
    n.action = STR("triggered");
    n.more = more;
    n.title = lang_keep(
        a, N_("{0} more {0|alert|alerts} of \"{1}\""),
        FILL(lang_keep_number(a, str_printf(a, "%zu", count)), r->row->name));
    n.url = tell_page(a, n.organization, "alerts", row->rule_id);
    n.query_url = n.url;
    n.measured = STR_NULL;
    tell_rule(a, &fires[0], &n);
    t.notice = &n;
    st = alert_rule_muted(db, a, row->organization_id, &row->rule_id, 1,
                          &t.muted, &t.nmuted);
    return st == ST_OK ? rule_act(db, a, &t, r, blocks, true, out) : st;
}


/* the whole */

static enum status
route(struct alerts *al, struct db *db, struct arena *a,
      const struct outbox_row *row)
{
    struct rows out = { .v = arena_array(a, ROWS_MAX, sizeof(*out.v)) };
    struct json *data;
    enum status st = ST_OK;

    if (json_parse(a, row->data, NULL, &data, NULL) != ST_OK) {
        data = NULL;
    }
    if (str_is(row->cause, "issue")) {
        st = route_fires(al, db, a, row, data, &out);

    } else if (str_is(row->cause, "digest")) {
        st = route_held(al, db, a, row, data, &out);

    } else if (str_is(row->cause, "feedback")) {
        st = route_feedback(al, db, a, row, data);

    } else if (str_is(row->cause, "escalate")) {
        st = json_get(data, "incident") != NULL
                 ? escalate_metric(db, a, row, data, &out)
                 : escalate_route(al, db, a, row, &out);

    } else if (str_is(row->cause, "metric")) {
        st = route_metric(db, a, row, data, &out);

    } else if (str_is(row->cause, "workflow")) {
        st = route_activity(al, db, a, row, data, &out);
    }
    if (st != ST_OK || (st = outbox_add(db, a, out.v, out.n)) != ST_OK) {
        return st;
    }
    return outbox_routed(db, a, row->id);
}


enum status
route_row(struct alerts *al, struct db *db, struct arena *a,
          const struct outbox_row *row)
{
    enum status st;

    if ((st = alerts_refresh(al, db)) != ST_OK
        || (st = db_begin(db)) != ST_OK) {
        return st;
    }
    if ((st = route(al, db, a, row)) != ST_OK) {
        db_rollback(db);
        return st;
    }
    return db_commit(db);
}


/* testing */

void
test_block(struct arena *a, const struct target *t, const struct actor *by,
           const struct rule_block *b, struct rows *out)
{
    for (size_t i = 0; i < b->nactions; i++) {
        const struct alert_act *act = &b->actions[i];

        if (act->type->channel == NULL) {
            continue;
        }
        if (strcmp(act->type->channel, "mail") == 0) {
            mail_add(a, t, by->email, by->account_id, STR_NULL, out);

        } else {
            integration_add(a, t, act, out);
        }
    }
}


enum status
route_test(struct db *db, struct arena *a, const struct rule *rule,
           const struct actor *by, struct str prefix, size_t *n)
{
    struct rows out = { .v = arena_array(a, ROWS_MAX, sizeof(*out.v)) };
    struct outbox_row row = { .organization_id = rule->row->organization_id,
                              .rule_id = rule->row->id,
                              .key = prefix };
    struct alert_fire fire = { .organization_id = row.organization_id,
                               .rule_id = rule->row->id,
                               .rule_name = rule->row->name,
                               .at = time_now() };
    struct notice notice;
    struct target t = { .row = &row, .notice = &notice };
    int64_t issue_id;
    enum status st;

    st = alert_sample(db, a, row.organization_id, rule->row->projects,
                      rule->row->all_projects ? 0 : rule->row->nprojects,
                      &issue_id);
    if (st == ST_OK) {
        st = route_notice(db, a, row.organization_id, issue_id, STR_NULL,
                          &notice);
    }
    if (st != ST_OK) {
        return st;
    }
    notice.cause = STR("test");
    notice.action = STR("triggered");
    notice.measured = rule_words(a, rule);
    tell_rule(a, &fire, &notice);
    for (size_t i = 0; i < rule->nblocks; i++) {
        test_block(a, &t, by, &rule->blocks[i], &out);
    }
    test_block(a, &t, by, &rule->second, &out);
    *n = out.n;
    return outbox_add(db, a, out.v, out.n);
}
