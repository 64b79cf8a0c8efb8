/*
 * page/settings_import.c - projects of another server, with their numbers and
 * keys: first what would be done, then doing it.
 */

#include "model/import.h"
#include "page/pages.h"
#include "util/lang.h"
#include "web/login.h"


enum status
page_settings_import(struct request *rq, struct response *rs)
{
    (void) rq;
    (void) rs;
    return ST_OK;
}


static void
fill_plan(struct response *rs, const struct import *import)
{
    struct data *plan = data_child(rs->data, "Plan");

    data_str(plan, "from", import->from);
    data_i64(plan, "n", (int64_t) import->nprojects);
    data_i64(plan, "keys", (int64_t) import->nkeys);
    data_i64(plan, "teams", (int64_t) import->nteams);
    data_i64(plan, "members", (int64_t) import->members);
    for (size_t i = 0; i < import->nprojects; i++) {
        const struct import_project *p = &import->projects[i];
        struct data *row = data_row(data_child(plan, "Projects"));

        data_i64(row, "id", p->id);
        data_str(row, "name", p->name);
        data_str(row, "slug", p->slug);
        data_i64(row, "keys", (int64_t) p->nkeys);
    }
    for (size_t i = 0; i < import->nremarks; i++) {
        data_item(data_child(plan, "Remarks"), import->remarks[i]);
    }
}


static enum status
refuse(struct response *rs, struct str why)
{
    rs->status = 422;
    data_str(data_child(rs->data, "Wrong"), "why", tr_str(why));
    return ST_OK;
}


enum status
page_settings_import_submit(struct request *rq, struct response *rs)
{
    struct str text = request_field(rq, "text");
    struct str slug = request_field(rq, "slug");
    struct actor by = request_actor(rq);
    struct import import;
    struct str why;
    enum status st;

    data_str(data_child(rs->data, "Form"), "text", text);
    data_str(data_child(rs->data, "Form"), "slug", slug);
    st = import_read(rq->a, str_null(text) ? STR("") : text,
                     slug.n > 0 ? slug : STR_NULL, &import, &why);
    if (st == ST_INVALID) {
        return refuse(rs, why);
    }
    if (st != ST_OK || str_null(field_get(&rq->form, "import"))) {
        fill_plan(rs, &import);
        return st;
    }
    st =
        import_apply(rq->db, rq->redis, rq->a, &by, rq->org->id, &import, &why);
    if (st == ST_CONFLICT && !str_null(why)) {
        return refuse(rs, why);
    }
    if (st != ST_OK) {
        return st;
    }
    login_flash(rq, STR("Imported. The edge takes their events within 2 s: now "
                        "lead the old name here."));
    response_redirect(
        rs, str_printf(rq->a, "/%.*s/projects/", STR_FMT(rq->org->slug)));
    return ST_OK;
}
