/*
 * page/project_filters.c - which events a project does not want, and how many
 * of them came in the last 24 hours.
 *
 * One form for all filters: a row of digest/filter.h's table is a switch, a
 * few choices, or lines of text.
 */

#include "digest/filter.h"
#include "digest/filter_trial.h"
#include "digest/user_agent.h"
#include "model/body.h"
#include "model/event.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"
#include "util/conf.h"
#include "util/lang.h"
#include "util/log.h"

/* Stored events that a trial looks at, and their bytes, unpacked. */
#define TRIAL_EVENTS 500
#define TRIAL_BYTES ((size_t) 16 * 1024 * 1024)

#define FILTERS_MAX 32


static struct str
name_of(struct arena *a, const struct filter *f)
{
    return str_printf(a, FILTER_SETTING "%s", f->key);
}


/* What holds now, for each filter. */
static enum status
read_values(struct request *rq, struct str values[FILTERS_MAX])
{
    struct project_setting *settings;
    enum status st;
    size_t n;

    st = project_setting_list(rq->db, rq->a, &rq->org->id, &rq->project->id, 1,
                              &settings, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < filter_count; i++) {
        struct str name = name_of(rq->a, &filter_rows[i]);

        values[i] = str_of(filter_rows[i].value);
        for (size_t k = 0; k < n; k++) {
            if (str_eq(settings[k].name, name)) {
                values[i] = settings[k].value;
            }
        }
    }
    return ST_OK;
}


static bool
has_line(struct str lines, const char *id)
{
    struct str line;

    while (str_split(&lines, '\n', &line)) {
        if (str_is(str_trim(line), id)) {
            return true;
        }
    }
    return false;
}


static int64_t
lines_of(struct str text)
{
    int64_t n = 0;
    struct str line;

    while (str_split(&text, '\n', &line)) {
        n += str_trim(line).n > 0;
    }
    return n;
}


static void
fill_row(struct data *row, const struct filter *f, struct str value)
{
    data_text(row, "key", f->key);
    data_tr(row, "name", f->name);
    data_tr(row, "help", f->help);
    switch (f->kind) {
    case FILTER_SWITCH:
        data_bool(row, "switch", true);
        data_bool(row, "on", str_is(value, "on"));
        return;

    case FILTER_CHOICES:
        for (const struct filter_choice *c = f->choices; c->id != NULL; c++) {
            struct data *choice = data_row(data_child(row, "Choices"));

            data_text(choice, "id", c->id);
            data_tr(choice, "name", c->name);
            data_bool(choice, "on", has_line(value, c->id));
        }
        return;

    case FILTER_LINES:
        data_bool(row, "lines", true);
        data_str(row, "value", value);
        data_i64(row, "count", lines_of(value));
        return;
    }
}


/* The page with these values; wrong[i]: what is not right about one, or NULL.
 */
static enum status
fill(struct request *rq, struct response *rs, const struct str *values,
     const char *const *wrong)
{
    struct data *list = data_child(rs->data, "Filters");
    struct filtered *counts;
    enum status st;
    size_t n;

    st = project_setting_filtered(rq->db, rq->a, rq->org->id, rq->project->id,
                                  rq->now - US_PER_DAY, &counts, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < filter_count; i++) {
        struct data *row = data_row(list);

        fill_row(row, &filter_rows[i], values[i]);
        if (wrong != NULL && wrong[i] != NULL) {
            data_tr(row, "wrong", wrong[i]);
        }
        for (size_t k = 0; k < n; k++) {
            if (str_is(counts[k].reason, filter_rows[i].key)) {
                data_i64(row, "dropped", counts[k].quantity);
            }
        }
    }
    return ST_OK;
}


enum status
page_project_filters(struct request *rq, struct response *rs)
{
    struct str values[FILTERS_MAX];
    enum status st = read_values(rq, values);

    return st == ST_OK ? fill(rq, rs, values, NULL) : st;
}


/* ---- trying */

static const struct json_limits limits = { .depth = 128, .nodes = 250000 };


/* What each filter, as typed, would have dropped of the last 24 hours. */
static enum status
run_trial(struct request *rq, struct filter_trial *t, size_t *seen)
{
    static bool asked;
    struct arena *scratch = arena_new();
    struct event_sample *samples;
    size_t n = 0, bytes = 0;
    enum status st;

    if (!asked && user_agent_load(conf_str(CONF_DIGEST_USER_AGENTS)) != ST_OK) {
        log_warning("old browsers are not known to trials of filters");
    }
    asked = true;
    *seen = 0;
    st = event_sample_day(rq->db, rq->a, rq->project, TRIAL_EVENTS, &samples,
                          &n);
    for (size_t i = 0; st == ST_OK && i < n && bytes < TRIAL_BYTES; i++) {
        struct json *doc;
        struct str body;

        if (body_unpack(rq->db, scratch, samples[i].packed, &body) == ST_OK
            && json_parse(scratch, body, &limits, &doc, NULL) == ST_OK) {
            bytes += body.n;
            *seen += 1;
            filter_trial_add(t, doc, samples[i].stands_for);
        }
        arena_reset(scratch);
    }
    arena_free(scratch);
    return st;
}


static void
fill_probe(struct data *list, const struct filter_probe *p)
{
    struct data *row = data_row(list);

    data_text(row, "name", p->filter->name);
    if (p->choice != NULL) {
        data_text(row, "choice", p->choice->name);
    }
    data_bool(row, "possible", p->possible);
    data_bool(row, "unkept", p->unkept);
    data_i64(row, "events", (int64_t) (p->events + 0.5));
}


static enum status
try(struct request *rq, struct response *rs, const struct str *values)
{
    struct filter_trial t = filter_trial_new(rq->a, values);
    struct data *trial = data_child(rs->data, "Trial");
    size_t seen;
    enum status st = run_trial(rq, &t, &seen);

    if (st != ST_OK) {
        return st;
    }
    data_i64(trial, "seen", (int64_t) seen);
    data_bool(trial, "done", true);
    for (size_t i = 0; i < t.n; i++) {
        /* of choices those that say something */
        if (t.probes[i].events > 0 || t.probes[i].choice == NULL) {
            fill_probe(data_child(trial, "Probes"), &t.probes[i]);
        }
    }
    return fill(rq, rs, values, NULL);
}


/* ---- saving */

/* Lines without blanks around them and without empty ones. */
static struct str
tidy(struct arena *a, struct str text)
{
    struct buf out = buf_in(a);
    struct str line;

    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0) {
            buf_text(&out, out.n > 0 ? "\n" : "");
            buf_str(&out, line);
        }
    }
    return buf_view(&out);
}


static struct str
chosen(struct request *rq, const struct filter *f)
{
    struct buf out = buf_in(rq->a);
    struct str value;
    size_t at = 0;

    while (field_next(&rq->form, f->key, &at, &value)) {
        buf_text(&out, out.n > 0 ? "\n" : "");
        buf_str(&out, value);
    }
    return buf_view(&out);
}


static struct str
typed(struct request *rq, const struct filter *f)
{
    switch (f->kind) {
    case FILTER_SWITCH:
        return str_null(field_get(&rq->form, f->key)) ? STR("off") : STR("on");

    case FILTER_CHOICES:
        return chosen(rq, f);

    default:
        return tidy(rq->a, request_field(rq, f->key));
    }
}


/* NULL when the value can be read. */
static const char *
fault(struct request *rq, const struct filter *f, struct str value)
{
    struct filter_setting s;
    struct str bad;

    if (value.n > PROJECT_SETTING_MAX || lines_of(value) > FILTER_ENTRIES_MAX) {
        return "These are too many: 500 lines at most.";
    }
    if (filter_read(rq->a, f, value, &s, &bad)) {
        return NULL;
    }
    if (bad.n > FILTER_ENTRY_MAX) {
        return "A line has 1,000 bytes at most.";
    }
    return str_dup(rq->a,
                   lang_fill(rq->a, N_("This line cannot be understood: {0}"),
                             FILL(str_cut(bad, 100))));
}


enum status
page_project_filters_save(struct request *rq, struct response *rs)
{
    struct str before[FILTERS_MAX], after[FILTERS_MAX];
    struct project_setting changes[FILTERS_MAX];
    const char *wrong[FILTERS_MAX];
    struct actor by = request_actor(rq);
    bool refused = false;
    size_t n = 0;
    enum status st;

    if ((st = read_values(rq, before)) != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < filter_count; i++) {
        after[i] = typed(rq, &filter_rows[i]);
        wrong[i] = fault(rq, &filter_rows[i], after[i]);
        refused = refused || wrong[i] != NULL;
        if (!str_eq(before[i], after[i])) {
            changes[n++] = (struct project_setting){
                .project_id = rq->project->id,
                .name = name_of(rq->a, &filter_rows[i]),
                .value = after[i],
            };
        }
    }
    if (!refused && str_is(request_field(rq, "do"), "try")) {
        return try(rq, rs, after);
    }
    if (refused) {
        rs->status = 422;
        return fill(rq, rs, after, wrong);
    }
    st = project_setting_save(rq->db, rq->a, &by, rq->project, changes, n);
    if (st != ST_OK) {
        return st;
    }
    return setting_form_done(rq, rs, "filters",
                             "Saved. The workers follow within 2 s.");
}
