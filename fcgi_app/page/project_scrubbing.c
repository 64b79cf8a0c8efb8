/*
 * page/project_scrubbing.c - what is taken out of a project's events before
 * they are stored, and a test of it on the latest event and on any text.
 */

#include "digest/event.h"
#include "digest/scrub.h"
#include "model/body.h"
#include "model/event.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/setting_form.h"
#include "util/lang.h"

#define CHANGES_MAX 50
#define SHOWN_MAX 200 /* bytes of a value */
#define TRY_MAX (64 * 1024)

static const struct setting_choice ip_choices[] = {
    { "keep", N_("Keep them") },
    { "network", N_("Keep the network: 192.0.2.0") },
    { "drop", N_("Drop them, here and in texts") },
    { NULL, NULL },
};


/* Lines before it matter only by the names that they give. */
static const char *
rule_fault(struct arena *a, struct str before, struct str line)
{
    struct scrub_names *names = scrub_names_new(a);
    struct str earlier;
    const char *why;

    while (str_split(&before, '\n', &earlier)) {
        earlier = str_trim(earlier);
        if (str_starts(earlier, STR("alias"))) {
            (void) scrub_rule_parse(a, names, earlier, &why);
        }
    }
    (void) scrub_rule_parse(a, names, line, &why);
    return why;
}


static const struct setting_row rows[] = {
    { .name = SCRUB_SETTING_ON,
      .kind = SETTING_SWITCH,
      .value = "on",
      .label = "Scrub events",
      .help =
          "Before anything of them is stored. What was taken out is nowhere "
          "kept. Switched off, only addresses and rules are seen to." },
    { .name = SCRUB_SETTING_DEFAULTS,
      .kind = SETTING_SWITCH,
      .value = "on",
      .label = "The usual secrets",
      .help = "Passwords, tokens, keys, session cookies, card and account "
              "numbers." },
    { .name = SCRUB_SETTING_IP,
      .kind = SETTING_CHOICE,
      .value = "keep",
      .label = "IP addresses",
      .help = "The country is found out before.",
      .choices = ip_choices },
    { .name = SCRUB_SETTING_SENSITIVE,
      .kind = SETTING_LINES,
      .value = "",
      .label = "Further secret fields",
      .help =
          "One a line, as part of a name: \"salary\" takes base_salary, too.",
      .most = SCRUB_NAMES_MAX },
    { .name = SCRUB_SETTING_SAFE,
      .kind = SETTING_LINES,
      .value = "",
      .label = "Fields that stay",
      .help = "One a line, the whole name: what the lines above would take "
              "wrongly.",
      .most = SCRUB_NAMES_MAX },
    { .name = SCRUB_SETTING_RULES,
      .kind = SETTING_LINES,
      .value = "",
      .label = "Rules",
      .help =
          "One a line: remove, mask, hash or replace; what; from where. For "
          "example: mask email from extra.** !extra.support",
      .most = SCRUB_RULES_MAX,
      .fault = rule_fault },
    { .name = SCRUB_SETTING_REFUSED,
      .kind = SETTING_SWITCH,
      .value = "on",
      .label = "Samples of what is refused",
      .help = "Of what cannot be read, the beginning of the latest three of a "
              "reason is kept for a day, scrubbed, for administrators. With "
              "rules of your own nothing of the contents is." },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct json_limits limits = { .depth = 128, .nodes = 250000 };


/* ---- the test */

struct diff {
    struct arena *a;
    struct data *list;
    int64_t n;
};


static struct str
text_of(struct arena *a, const struct json *v)
{
    struct buf b = buf_in(a);

    if (v->type == JSON_T_STRING) {
        return str_cut(v->text, SHOWN_MAX);
    }
    json_write(&b, v);
    return str_cut(buf_view(&b), SHOWN_MAX);
}


static bool
is_container(const struct json *v)
{
    return v->type == JSON_T_OBJECT || v->type == JSON_T_ARRAY;
}


/* Both have one shape, but for values that were replaced. */
static void
compare(struct diff *d, struct str path, const struct json *was,
        const struct json *is, unsigned depth)
{
    const struct json *other = is->first;
    unsigned i = 0;

    if (is_container(was) && is_container(is)) {
        for (const struct json *e = was->first; e != NULL && other != NULL;
             e = e->next, other = other->next, i++) {
            struct str name =
                was->type == JSON_T_OBJECT ? e->key : str_printf(d->a, "%u", i);

            if (depth > 0) {
                compare(d,
                        path.n > 0 ? str_printf(d->a, "%.*s.%.*s",
                                                STR_FMT(path), STR_FMT(name))
                                   : name,
                        e, other, depth - 1);
            }
        }
        return;
    }
    if (was->type != is->type || !str_eq(was->text, is->text)) {
        if (d->n++ < CHANGES_MAX) {
            struct data *row = data_row(d->list);

            data_str(row, "path", str_cut(path, SHOWN_MAX));
            data_str(row, "before", text_of(d->a, was));
            data_str(row, "after", text_of(d->a, is));
        }
    }
}


/* The latest event as it is stored, by these settings. */
static enum status
try_event(struct request *rq, struct response *rs,
          const struct scrub_settings *settings)
{
    struct data *test = data_child(rs->data, "Test");
    struct diff d = { .a = rq->a, .list = data_child(test, "Changes") };
    struct event_sample *samples;
    struct json *doc, *before;
    struct event ev = { 0 };
    struct str text;
    size_t n = 0;
    enum status st = event_sample(rq->db, rq->a, rq->project, 1, &samples, &n);

    if (st != ST_OK || n == 0) {
        data_bool(test, "none", st == ST_OK);
        return st;
    }
    st = body_unpack(rq->db, rq->a, samples[0].packed, &text);
    if (st == ST_OK) {
        st = json_parse(rq->a, text, &limits, &doc, NULL);
    }
    if (st == ST_RETRY) {
        return st;
    }
    if (st != ST_OK) {
        data_bool(test, "none", true); /* its body is not readable any more */
        return ST_OK;
    }
    (void) json_remove(doc, "_meta");
    before = json_clone(rq->a, doc);
    ev.doc = doc;
    scrub_event(rq->a, &ev, settings);
    (void) json_remove(doc, "_meta");
    compare(&d, STR(""), before, doc, SCRUB_PATH_MAX);
    data_str(test, "issue", samples[0].short_id);
    data_str(test, "title", samples[0].title);
    data_i64(test, "n", d.n);
    data_bool(test, "more", d.n > CHANGES_MAX);
    return ST_OK;
}


/* A text that was typed, as if it stood in an event. */
static void
try_text(struct request *rq, struct response *rs,
         const struct scrub_settings *settings)
{
    struct data *test = data_child(rs->data, "Test");
    struct str text = request_field(rq, "text");
    struct json *doc = json_new(rq->a, JSON_T_OBJECT);
    struct json *extra = json_new(rq->a, JSON_T_OBJECT);
    struct event ev = { .doc = doc };

    if (str_null(text) || text.n == 0) {
        return;
    }
    text = str_cut(text, TRY_MAX);
    data_str(test, "text", text);
    json_set(doc, STR("extra"), extra);
    json_set(extra, STR("text"), json_new_str(rq->a, text));
    scrub_event(rq->a, &ev, settings);
    data_str(test, "result", text_of(rq->a, json_get(extra, "text")));
}


static enum status
try_settings(struct request *rq, struct response *rs, const struct str *values)
{
    struct scrub_settings settings = { 0 };

    for (size_t i = 0; i < ROWS; i++) {
        scrub_setting(rq->a, &settings, str_of(rows[i].name), values[i]);
    }
    try_text(rq, rs, &settings);
    return try_event(rq, rs, &settings);
}


/* ---- the page */

enum status
page_project_scrubbing(struct request *rq, struct response *rs)
{
    return setting_form_fill(rq, rs, rows, ROWS);
}


static enum status
test_page(struct request *rq, struct response *rs)
{
    struct str values[SETTING_ROWS_MAX];
    const char *wrong[SETTING_ROWS_MAX];
    bool fine = setting_form_typed(rq, rows, ROWS, values, wrong);

    setting_form_show(rq, rs, rows, ROWS, values, wrong);
    if (!fine) {
        rs->status = 422;
        return ST_OK;
    }
    return try_settings(rq, rs, values);
}


enum status
page_project_scrubbing_save(struct request *rq, struct response *rs)
{
    bool saved;
    enum status st;

    if (!str_null(field_get(&rq->form, "test"))) {
        return test_page(rq, rs); /* nothing is changed */
    }
    st = setting_form_save(rq, rs, rows, ROWS, &saved);
    return st == ST_OK && saved
               ? setting_form_done(rq, rs, "scrubbing",
                                   "Saved. It holds for events that come from "
                                   "2 s on; what is stored stays as it is.")
               : st;
}
