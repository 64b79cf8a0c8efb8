/*
 * page/project_code.c - where the files of a project's stacks are in their
 * repositories, and a try of it before it is saved.
 */

#include "model/code_mapping.h"
#include "model/organization.h"
#include "model/project_setting.h"
#include "page/pages.h"
#include "page/setting_form.h"
#include "util/lang.h"

/* What holds while nobody has said anything. */
static const struct setting_row kept[] = {
    { .name = CODE_MAPPINGS, .kind = SETTING_LINES, .value = "" },
};


enum status
page_project_code(struct request *rq, struct response *rs)
{
    struct str text;
    enum status st = setting_form_read(rq, kept, 1, &text);

    if (st == ST_OK) {
        data_str(rs->data, "Mappings", text);
    }
    return st;
}


/* False with what is wrong on the page. */
static bool
understood(struct request *rq, struct response *rs, struct str text,
           struct code_mapping **v, size_t *n)
{
    struct code_error err = { 0, NULL };

    if (text.n > PROJECT_SETTING_MAX) {
        err.text = N_("These are too many");

    } else if (code_mappings_parse(rq->a, text, v, n, &err) == ST_OK) {
        return true;
    }
    data_i64(data_child(rs->data, "Wrong"), "line", err.line);
    data_tr(data_child(rs->data, "Wrong"), "text", err.text);
    rs->status = 422;
    return false;
}


static void
try(struct request *rq, struct response *rs, const struct code_mapping *v,
    size_t n)
{
    struct data *d = data_child(rs->data, "Found");
    struct str name = str_trim(request_field(rq, "file")), path;
    const struct code_mapping *m =
        code_mapping_find(rq->a, v, n, &name, 1, &path);

    data_bool(d, "tried", true);
    if (m != NULL) {
        data_i64(d, "line", m->line);
        data_str(d, "link", code_link(rq->a, m, path, STR_NULL, 1));
    }
}


enum status
page_project_code_save(struct request *rq, struct response *rs)
{
    struct str text = request_field(rq, "mappings");
    struct actor by = request_actor(rq);
    struct project_setting change = {
        .project_id = rq->project->id,
        .name = STR(CODE_MAPPINGS),
        .value = str_null(text) ? STR("") : str_trim(text),
    };
    struct code_mapping *v;
    enum status st;
    size_t n;

    data_str(rs->data, "Mappings", change.value);
    data_str(rs->data, "File", str_trim(request_field(rq, "file")));
    if (!understood(rq, rs, change.value, &v, &n)) {
        return ST_OK;
    }
    if (str_is(request_field(rq, "do"), "try")) {
        try(rq, rs, v, n);
        return ST_OK;
    }
    st = project_setting_save(rq->db, rq->a, &by, rq->project, &change, 1);
    return st == ST_OK
               ? setting_form_done(rq, rs, "code",
                                   "Saved. Calls of a stack that have a file "
                                   "in a repository now link to it.")
               : st;
}
