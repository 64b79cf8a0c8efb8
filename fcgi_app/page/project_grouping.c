/*
 * page/project_grouping.c - a project's own grouping rules, and before they
 * are saved, what they would do to the latest events.
 */

#include "digest/grouping_preview.h"
#include "model/body.h"
#include "model/event.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"
#include "util/buf.h"
#include "util/lang.h"
#include "web/route.h"

/* How long issues of earlier rules are kept together. */
#define TOGETHER_DAYS 30

/* Bytes of events, unpacked, that a preview looks at: it is waited for. */
#define PREVIEW_BYTES ((size_t) 32 * 1024 * 1024)

/* Bytes of a rule that the page of an issue has made. */
#define RULE_MAX 1000

#define JOIN_ISSUES_SHOWN 10
#define SPLIT_PARTS_SHOWN 10

/* Settings are never null. */
#define NOTHING_SET                                                            \
    {                                                                          \
        STR(""), STR(""), STR(""), STR(""), STR("")                            \
    }

static const struct json_limits limits = { .depth = 128, .nodes = 250000 };


static enum status
read_texts(struct request *rq, struct grouping_texts *texts)
{
    struct project_setting *settings;
    enum status st;
    size_t n;

    st = project_setting_list(rq->db, rq->a, &rq->org->id, &rq->project->id, 1,
                              &settings, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        grouping_text_set(rq->a, texts, settings[i].name, settings[i].value);
    }
    return st;
}


static void
fill(struct response *rs, const struct grouping_texts *texts,
     const struct grouping_texts *typed, int64_t now)
{
    int64_t until;

    data_str(rs->data, "Stack", typed->stack);
    data_str(rs->data, "Fingerprint", typed->fingerprint);
    data_i64(rs->data, "Version", GROUPING_VERSION);
    data_i64(rs->data, "Days", TOGETHER_DAYS);
    if (str_i64(texts->until, &until) && until > now / US_PER_SECOND) {
        data_time(rs->data, "Until", until * US_PER_SECOND);
    }
}


/* Two texts of rules, one below the other. */
static struct str
two(struct arena *a, struct str first, struct str second)
{
    struct buf b = buf_in(a);

    buf_str(&b, str_trim(first));
    buf_text(&b, b.n > 0 ? "\n" : "");
    buf_str(&b, second);
    return buf_view(&b);
}


enum status
page_project_grouping(struct request *rq, struct response *rs)
{
    struct grouping_texts texts = NOTHING_SET, typed;
    struct str rule = request_arg(rq, "rule"), stack = request_arg(rq, "stack");
    enum status st = read_texts(rq, &texts);

    if (st != ST_OK) {
        return st;
    }
    typed = texts;
    if (rule.n > 0 && rule.n <= RULE_MAX && request_may(rq, "project:write")) {
        /* the first that matches decides */
        typed.fingerprint = two(rq->a, rule, texts.fingerprint);
        data_bool(rs->data, "Given", true);
    }
    if (stack.n > 0 && stack.n <= RULE_MAX
        && request_may(rq, "project:write")) {
        /* later ones have the last word */
        typed.stack = two(rq->a, texts.stack, stack);
        data_bool(rs->data, "GivenStack", true);
    }
    fill(rs, &texts, &typed, rq->now);
    return ST_OK;
}


/* ---- what was typed */

static struct str
line_fault(struct arena *a, const struct rule_error *err)
{
    return lang_fill(
        a, N_("Line {0}: {1}."),
        FILL(str_printf(a, "%u", err->line), str_of(tr(err->text))));
}


/* False with what is wrong on the page. */
static bool
understood(struct request *rq, struct response *rs,
           const struct grouping_texts *t)
{
    struct fingerprint_rules *prints;
    struct stack_rules *stacks;
    struct rule_error err;
    bool right = true;

    if (t->stack.n > PROJECT_SETTING_MAX
        || t->fingerprint.n > PROJECT_SETTING_MAX) {
        data_tr(data_child(rs->data, "Wrong"), "stack", "These are too many.");
        return false;
    }
    if (stack_rules_parse(rq->a, t->stack, &stacks, &err) != ST_OK) {
        data_str(data_child(rs->data, "Wrong"), "stack",
                 line_fault(rq->a, &err));
        right = false;
    }
    if (fingerprint_rules_parse(rq->a, t->fingerprint, &prints, &err)
        != ST_OK) {
        data_str(data_child(rs->data, "Wrong"), "fingerprint",
                 line_fault(rq->a, &err));
        right = false;
    }
    return right;
}


/* ---- the preview */

static void
name_issue(struct data *row, int64_t issue, const struct event_sample *samples,
           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (samples[i].issue_id == issue) {
            data_i64(row, "id", issue);
            data_str(row, "short_id", samples[i].short_id);
            data_str(row, "title", samples[i].title);
            return;
        }
    }
}


static void
show(struct data *d, const struct preview_result *r,
     const struct event_sample *samples, size_t n)
{
    struct data *sums = data_child(d, "Preview");

    data_i64(sums, "events", (int64_t) r->events);
    data_i64(sums, "moved", (int64_t) r->moved);
    data_i64(sums, "joins", (int64_t) r->join_count);
    data_i64(sums, "splits", (int64_t) r->split_count);
    for (size_t i = 0; i < r->njoins; i++) {
        const struct preview_join *j = &r->joins[i];
        struct data *row = data_row(data_child(d, "Joins"));

        data_i64(row, "events", (int64_t) j->events);
        data_i64(row, "n", (int64_t) j->n);
        for (size_t k = 0; k < j->n && k < JOIN_ISSUES_SHOWN; k++) {
            name_issue(data_row(data_child(row, "Issues")), j->issues[k],
                       samples, n);
        }
        data_i64(row, "more",
                 j->n > JOIN_ISSUES_SHOWN ? (int64_t) j->n - JOIN_ISSUES_SHOWN
                                          : 0);
    }
    for (size_t i = 0; i < r->nsplits; i++) {
        const struct preview_split *s = &r->splits[i];
        struct data *row = data_row(data_child(d, "Splits"));

        name_issue(row, s->issue, samples, n);
        data_i64(row, "n", (int64_t) s->n);
        for (size_t k = 0; k < s->n && k < SPLIT_PARTS_SHOWN; k++) {
            data_i64(data_row(data_child(row, "Parts")), "events",
                     (int64_t) s->events[k]);
        }
        data_i64(row, "more",
                 s->n > SPLIT_PARTS_SHOWN ? (int64_t) s->n - SPLIT_PARTS_SHOWN
                                          : 0);
    }
}


static enum status
preview(struct request *rq, struct response *rs,
        const struct grouping_texts *texts, const struct grouping_texts *typed)
{
    struct preview *p = preview_new(rq->a, grouping_read(rq->a, texts, rq->now),
                                    grouping_read(rq->a, typed, rq->now));
    struct arena *scratch = arena_new();
    struct event_sample *samples;
    struct preview_result result;
    size_t n, bytes = 0;
    enum status st;

    st = event_sample(rq->db, rq->a, rq->project, PREVIEW_EVENTS, &samples, &n);
    for (size_t i = 0; st == ST_OK && i < n && bytes < PREVIEW_BYTES; i++) {
        struct json *doc;
        struct str body;

        /* one that cannot be read is missing on its own page too */
        if (body_unpack(rq->db, scratch, samples[i].packed, &body) == ST_OK
            && json_parse(scratch, body, &limits, &doc, NULL) == ST_OK) {
            bytes += body.n;
            preview_add(p, scratch, samples[i].issue_id, doc);
        }
        arena_reset(scratch);
    }
    arena_free(scratch);
    if (st != ST_OK) {
        return st;
    }
    result = preview_result(p);
    show(rs->data, &result, samples, n);
    return ST_OK;
}


/* ---- saving */

static enum status
save(struct request *rq, const struct grouping_texts *texts,
     const struct grouping_texts *typed, bool together)
{
    struct actor by = request_actor(rq);
    struct project_setting changes[5];
    size_t n = 0;

    changes[n++] = (struct project_setting){ .name = STR(GROUPING_STACK),
                                             .value = typed->stack };
    changes[n++] = (struct project_setting){ .name = STR(GROUPING_FINGERPRINT),
                                             .value = typed->fingerprint };
    if (together) {
        changes[n++] =
            (struct project_setting){ .name = STR(GROUPING_EARLIER_STACK),
                                      .value = texts->stack };
        changes[n++] =
            (struct project_setting){ .name = STR(GROUPING_EARLIER_FINGERPRINT),
                                      .value = texts->fingerprint };
    }
    changes[n++] = (struct project_setting){
        .name = STR(GROUPING_UNTIL),
        .value = together ? str_printf(
                     rq->a, "%lld",
                     (long long) ((rq->now + TOGETHER_DAYS * US_PER_DAY)
                                  / US_PER_SECOND))
                          : STR("0"),
    };
    for (size_t i = 0; i < n; i++) {
        changes[i].project_id = rq->project->id;
    }
    return project_setting_save(rq->db, rq->a, &by, rq->project, changes, n);
}


enum status
page_project_grouping_save(struct request *rq, struct response *rs)
{
    struct grouping_texts texts = NOTHING_SET, typed = NOTHING_SET;
    bool changed;
    enum status st;

    if ((st = read_texts(rq, &texts)) != ST_OK) {
        return st;
    }
    typed.stack = str_trim(request_field(rq, "stack"));
    typed.fingerprint = str_trim(request_field(rq, "fingerprint"));
    fill(rs, &texts, &typed, rq->now);
    if (!understood(rq, rs, &typed)) {
        rs->status = 422;
        return ST_OK;
    }
    if (str_is(request_field(rq, "do"), "preview")) {
        return preview(rq, rs, &texts, &typed);
    }

    changed = !str_eq(texts.stack, typed.stack)
              || !str_eq(texts.fingerprint, typed.fingerprint);
    if (changed) {
        st = save(rq, &texts, &typed,
                  !str_is(request_field(rq, "apply"), "all"));
    }
    return st == ST_OK ? setting_form_done(
               rq, rs, "grouping", "Saved. The workers follow within 2 s.")
                       : st;
}
