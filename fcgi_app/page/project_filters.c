/*
 * page/project_filters.c - which events a project does not want, and how many
 * of them came in the last 24 hours.
 *
 * One form for all filters: a row of digest/filter.h's table is a switch, a
 * few choices, or lines of text.
 */

#include "digest/filter.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"

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
    return arena_printf(rq->a, "This line cannot be understood: %.*s",
                        STR_FMT(str_cut(bad, 100)));
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
