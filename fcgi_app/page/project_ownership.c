/*
 * page/project_ownership.c - whose a project's issues are: the rules, a try of
 * them before they are saved, and what a CODEOWNERS file says in our words.
 * A job of the worker asks new rules about the issues that there are.
 */

#include "digest/codeowners.h"
#include "digest/ownership.h"
#include "digest/wishes.h"
#include "model/account.h"
#include "model/assignee.h"
#include "model/body.h"
#include "model/event.h"
#include "model/job.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"

/* What the page has in its fields. */
struct typed {
    struct str rules;
    struct str names;
    bool assign;
};


/* What holds while nobody has said anything. */
static const struct setting_row kept[] = {
    { .name = OWNERSHIP_RULES, .kind = SETTING_LINES, .value = "" },
    { .name = OWNERSHIP_NAMES, .kind = SETTING_LINES, .value = "" },
    { .name = OWNERSHIP_ASSIGN, .kind = SETTING_SWITCH, .value = "on" },
};

#define NKEPT (sizeof(kept) / sizeof(kept[0]))


static enum status
read_saved(struct request *rq, struct typed *out)
{
    struct str values[NKEPT];
    enum status st = setting_form_read(rq, kept, NKEPT, values);

    if (st == ST_OK) {
        *out =
            (struct typed){ values[0], values[1], !str_is(values[2], "off") };
    }
    return st;
}


static void
fill(struct response *rs, const struct typed *t)
{
    data_str(rs->data, "Rules", t->rules);
    data_str(rs->data, "Names", t->names);
    data_bool(rs->data, "Assign", t->assign);
}


enum status
page_project_ownership(struct request *rq, struct response *rs)
{
    struct typed saved;
    enum status st = read_saved(rq, &saved);

    if (st == ST_OK) {
        fill(rs, &saved);
    }
    return st;
}


/* ---- what was typed */

/* Never null: settings are not. */
static struct str
field(const struct request *rq, const char *name)
{
    struct str text = request_field(rq, name);

    return str_null(text) ? STR("") : str_trim(text);
}


static void
wrong(struct response *rs, const struct ownership_error *err)
{
    struct data *d = data_child(rs->data, "Wrong");

    data_i64(d, "line", err->line);
    data_str(d, "word", err->word);
    data_text(d, "text", err->text);
    rs->status = 422;
}


static bool
is_known(const struct assignee *v, size_t n, struct str word)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(v[i].word, word)) {
            return true;
        }
    }
    return false;
}


/* Owners who are not here are wrong, too: nobody would be told. */
static enum status
check_owners(struct request *rq, const struct ownership *o,
             struct ownership_error *err)
{
    struct str *words = arena_array(rq->a, o->n * OWNERS_MAX, sizeof(*words));
    struct assignee *known;
    size_t n = 0, nknown;
    enum status st;

    for (size_t i = 0; i < o->n; i++) {
        for (size_t k = 0; k < o->rules[i].n; k++) {
            words[n++] = o->rules[i].owners[k];
        }
    }
    st = assignee_words(rq->db, rq->a, rq->org->id, words, n, &known, &nknown);
    for (size_t i = 0; st == ST_OK && i < o->n; i++) {
        for (size_t k = 0; k < o->rules[i].n; k++) {
            struct str word = o->rules[i].owners[k];

            if (!is_known(known, nknown, word)) {
                *err = (struct ownership_error){
                    o->rules[i].line,
                    word,
                    str_starts(word, STR("#")) ? "There is no such team."
                                               : "No member has this address.",
                };
                return ST_OK;
            }
        }
    }
    return st;
}


/* Reads and checks the rules; *fine false: what is wrong is on the page. */
static enum status
understand(struct request *rq, struct response *rs, const struct typed *t,
           struct ownership *o, bool *fine)
{
    struct ownership_error err = { .text = NULL };
    enum status st = ST_OK;

    if (t->rules.n > PROJECT_SETTING_MAX || t->names.n > PROJECT_SETTING_MAX) {
        err.text = "These are too many.";

    } else if (ownership_parse(rq->a, t->rules, o, &err) == ST_OK) {
        st = check_owners(rq, o, &err);
    }
    *fine = err.text == NULL;
    if (!*fine) {
        wrong(rs, &err);
    }
    return st;
}


/* ---- a try */

static void
show_rule(struct response *rs, const struct owner_rule *rule)
{
    struct data *d = data_child(rs->data, "Found");

    data_bool(d, "tried", true);
    if (rule == NULL) {
        return;
    }
    data_i64(d, "line", rule->line);
    data_str(d, "rule", rule->text);
    for (size_t i = 0; i < rule->n; i++) {
        data_str(data_row(data_child(d, "Owner")), "word", rule->owners[i]);
    }
}


/* The event that came last; *doc NULL: none that could be read. */
static enum status
latest(struct request *rq, struct response *rs, struct json **doc)
{
    struct event_sample *samples;
    struct data *d = data_child(rs->data, "Found");
    struct str body;
    enum status st;
    size_t n;

    *doc = NULL;
    st = event_sample(rq->db, rq->a, rq->project, 1, &samples, &n);
    if (st != ST_OK || n == 0
        || body_unpack(rq->db, rq->a, samples[0].packed, &body) != ST_OK
        || json_parse(rq->a, body, NULL, doc, NULL) != ST_OK) {
        return st;
    }
    data_i64(d, "issue", samples[0].issue_id);
    data_str(d, "short_id", samples[0].short_id);
    data_str(d, "title", samples[0].title);
    return ST_OK;
}


static enum status
try(struct request *rq, struct response *rs, const struct ownership *o,
    bool of_latest)
{
    struct str what = str_trim(request_field(rq, "what"));
    struct json *doc = ownership_example(rq->a, what);
    enum status st = ST_OK;

    data_str(rs->data, "What", what);
    if (of_latest) {
        st = latest(rq, rs, &doc);
    }
    if (st == ST_OK && doc != NULL) {
        show_rule(rs, ownership_match(rq->a, o, doc));
    }
    data_bool(data_child(rs->data, "Found"), "none", doc == NULL);
    return st;
}


/* ---- CODEOWNERS */

static enum status
translate(struct request *rq, struct response *rs, struct typed *t)
{
    struct str text = request_field(rq, "codeowners");
    struct data *d = data_child(rs->data, "Read");
    struct assignee *people;
    struct codeowners c;
    enum status st;
    size_t n;

    st = assignee_list(rq->db, rq->a, rq->org->id, rq->account->id, 0, &people,
                       &n);
    if (st != ST_OK) {
        return st;
    }
    codeowners_read(rq->a, text, t->names, people, n, &c);
    t->rules = codeowners_put(rq->a, t->rules, &c);
    data_str(rs->data, "Codeowners", text);
    data_bool(d, "done", true);
    data_i64(d, "n", (int64_t) c.n);
    for (size_t i = 0; i < c.nunknown; i++) {
        data_str(data_row(data_child(d, "Unknown")), "name", c.unknown[i]);
    }
    return ST_OK;
}


/* ---- saving */

static enum status
save(struct request *rq, const struct typed *t)
{
    struct actor by = request_actor(rq);
    const struct project_setting changes[] = {
        { rq->project->id, STR(OWNERSHIP_RULES), t->rules },
        { rq->project->id, STR(OWNERSHIP_NAMES), t->names },
        { rq->project->id, STR(OWNERSHIP_ASSIGN),
          t->assign ? STR("on") : STR("off") },
    };

    return project_setting_save(rq->db, rq->a, &by, rq->project, changes,
                                sizeof(changes) / sizeof(changes[0]));
}


/* Issues from before the rules, once all workers know these. */
static enum status
ask_for_open_issues(struct request *rq)
{
    const struct job job = {
        .organization_id = rq->org->id,
        .project_id = rq->project->id,
        .account_id = rq->account->id,
        .kind = STR("owners"),
        .title = STR("Open issues get the owners that the rules name."),
        .params = STR("{}"),
        .total = -1,
        .back = rq->path,
        .due_at = rq->now + 2 * WISHES_US,
    };
    int64_t id;

    return job_add(rq->db, rq->a, &job, &id);
}


enum status
page_project_ownership_save(struct request *rq, struct response *rs)
{
    struct str what = request_field(rq, "do");
    struct typed typed = {
        .rules = field(rq, "rules"),
        .names = field(rq, "names"),
        .assign = str_is(request_field(rq, "assign"), "on"),
    };
    struct ownership rules;
    enum status st;
    bool fine;

    if (str_is(what, "translate")) {
        st = translate(rq, rs, &typed);
        fill(rs, &typed);
        return st;
    }
    fill(rs, &typed);
    st = understand(rq, rs, &typed, &rules, &fine);
    if (st != ST_OK || !fine) {
        return st;
    }
    if (str_is(what, "try") || str_is(what, "latest")) {
        return try(rq, rs, &rules, str_is(what, "latest"));
    }
    if ((st = save(rq, &typed)) == ST_OK) {
        st = ask_for_open_issues(rq);
    }
    return st == ST_OK ? setting_form_done(rq, rs, "ownership",
                                           "Saved. The workers follow within 2 "
                                           "s, and then look at the open "
                                           "issues.")
                       : st;
}
