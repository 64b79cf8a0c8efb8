#include "page/setting_form.h"

#include "model/organization.h"
#include "model/project_setting.h"
#include "util/lang.h"
#include "web/login.h"
#include "web/show.h"

#define LINE_MAX_BYTES 1000


/* A number as it is kept, and as people write it. */
static struct str
scaled(struct arena *a, const struct setting_row *row, struct str value,
       bool up)
{
    int64_t number;

    if (row->scale == 0 || !str_i64(value, &number)) {
        return value;
    }
    number = up ? number * row->scale : number / row->scale;
    return str_printf(a, "%lld", (long long) number);
}


enum status
setting_form_read(struct request *rq, const struct setting_row *rows, size_t n,
                  struct str *values)
{
    struct project_setting *settings;
    enum status st;
    size_t count;

    st = project_setting_list(rq->db, rq->a, &rq->org->id, &rq->project->id, 1,
                              &settings, &count);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = str_of(rows[i].value);
        for (size_t k = 0; k < count; k++) {
            if (str_is(settings[k].name, rows[i].name)) {
                values[i] = scaled(rq->a, &rows[i], settings[k].value, false);
            }
        }
    }
    return ST_OK;
}


/* ---- what was typed */

static const char *
number_fault(struct arena *a, const struct setting_row *row, struct str value)
{
    int64_t number;

    if (value.n == 0
        || (str_i64(value, &number) && number >= row->least
            && number <= row->most)) {
        return NULL;
    }
    return str_dup(
        a, lang_fill(a, N_("A whole number from {0} to {1}, or nothing."),
                     FILL(show_full(a, row->least), show_full(a, row->most))));
}


static const char *
choice_fault(const struct setting_row *row, struct str value)
{
    for (const struct setting_choice *c = row->choices; c->id != NULL; c++) {
        if (str_is(value, c->id)) {
            return NULL;
        }
    }
    return "Choose one of these.";
}


/* Lines without blanks around them and without empty ones. */
static const char *
read_lines(struct arena *a, const struct setting_row *row, struct str *value)
{
    struct str text = *value, line;
    struct buf out = buf_in(a);
    const char *why = NULL;
    int64_t count = 0;

    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0) {
            continue;
        }
        buf_text(&out, out.n > 0 ? "\n" : "");
        buf_str(&out, line);
        if (why != NULL) {
            continue;
        }
        if (++count > row->most) {
            why = str_dup(
                a, lang_fill(
                       a, N_("These are too many: {0} {0|line|lines} at most."),
                       FILL(show_full(a, row->most))));

        } else if (line.n > LINE_MAX_BYTES) {
            why = "A line has 1,000 bytes at most.";

        } else if (row->fault != NULL
                   && (why = row->fault(
                           a, str_sub(*value, 0, (size_t) (line.p - value->p)),
                           line))
                          != NULL) {
            why = arena_printf(a, "%.*s: %s", STR_FMT(str_cut(line, 100)),
                               tr(why));
        }
    }
    *value = buf_view(&out);
    return why;
}


bool
setting_form_typed(struct request *rq, const struct setting_row *rows, size_t n,
                   struct str *values, const char **wrong)
{
    bool fine = true;

    for (size_t i = 0; i < n; i++) {
        const struct setting_row *row = &rows[i];

        wrong[i] = NULL;
        values[i] = request_field(rq, row->name);
        switch (row->kind) {
        case SETTING_SWITCH:
            values[i] = str_null(values[i]) ? STR("off") : STR("on");
            break;

        case SETTING_NUMBER:
            values[i] = str_null(values[i]) ? STR("") : values[i];
            wrong[i] = number_fault(rq->a, row, values[i]);
            break;

        case SETTING_CHOICE:
            wrong[i] = choice_fault(row, values[i]);
            break;

        case SETTING_LINES:
            wrong[i] = read_lines(rq->a, row, &values[i]);
            break;
        }
        fine = fine && wrong[i] == NULL;
    }
    return fine;
}


/* ---- the page */

static int64_t
lines_of(struct str text)
{
    int64_t n = 0;
    struct str line;

    while (str_split(&text, '\n', &line)) {
        n++;
    }
    return n;
}


static void
show_row(struct data *d, const struct setting_row *row, struct str value)
{
    data_text(d, "name", row->name);
    data_tr(d, "label", row->label);
    data_tr(d, "help", row->help);
    data_tr(d, "unit", row->unit);
    data_str(d, "value", value);
    switch (row->kind) {
    case SETTING_SWITCH:
        data_bool(d, "switch", true);
        data_bool(d, "on", str_is(value, "on"));
        break;

    case SETTING_NUMBER:
        data_bool(d, "number", true);
        break;

    case SETTING_CHOICE:
        for (const struct setting_choice *c = row->choices; c->id != NULL;
             c++) {
            struct data *choice = data_row(data_child(d, "Choices"));

            data_text(choice, "id", c->id);
            data_tr(choice, "name", c->name);
            data_bool(choice, "chosen", str_is(value, c->id));
        }
        break;

    case SETTING_LINES:
        data_bool(d, "lines", true);
        data_i64(d, "count", lines_of(value));
        break;
    }
}


void
setting_form_show(struct request *rq, struct response *rs,
                  const struct setting_row *rows, size_t n,
                  const struct str *values, const char *const *wrong)
{
    struct data *list = data_child(rs->data, "Settings");

    (void) rq;
    for (size_t i = 0; i < n; i++) {
        struct data *d = data_row(list);

        show_row(d, &rows[i], values[i]);
        if (wrong != NULL && wrong[i] != NULL) {
            data_tr(d, "wrong", wrong[i]);
        }
    }
}


enum status
setting_form_fill(struct request *rq, struct response *rs,
                  const struct setting_row *rows, size_t n)
{
    struct str values[SETTING_ROWS_MAX];
    enum status st = setting_form_read(rq, rows, n, values);

    if (st == ST_OK) {
        setting_form_show(rq, rs, rows, n, values, NULL);
    }
    return st;
}


enum status
setting_form_save(struct request *rq, struct response *rs,
                  const struct setting_row *rows, size_t n, bool *saved)
{
    struct project_setting changes[SETTING_ROWS_MAX];
    struct str before[SETTING_ROWS_MAX], after[SETTING_ROWS_MAX];
    const char *wrong[SETTING_ROWS_MAX];
    struct actor by = request_actor(rq);
    size_t count = 0;
    enum status st = setting_form_read(rq, rows, n, before);

    *saved = false;
    if (st != ST_OK) {
        return st;
    }
    if (!setting_form_typed(rq, rows, n, after, wrong)) {
        rs->status = 422;
        setting_form_show(rq, rs, rows, n, after, wrong);
        return ST_OK;
    }
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(before[i], after[i])) {
            changes[count++] = (struct project_setting){
                .project_id = rq->project->id,
                .name = str_of(rows[i].name),
                .value = scaled(rq->a, &rows[i], after[i], true),
            };
        }
    }
    st = project_setting_save(rq->db, rq->a, &by, rq->project, changes, count);
    *saved = st == ST_OK;
    return st;
}


enum status
setting_form_done(struct request *rq, struct response *rs, const char *page,
                  const char *text)
{
    login_flash(rq, str_of(text));
    response_redirect(rs, str_printf(rq->a, "/%.*s/projects/%.*s/%s/",
                                     STR_FMT(rq->org->slug),
                                     STR_FMT(rq->project->slug), page));
    return ST_OK;
}
