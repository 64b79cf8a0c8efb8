/*
 * page/project_origins.c - from which web pages a browser may send with the
 * keys of a project.
 */

#include "model/organization.h"
#include "model/origins.h"
#include "page/pages.h"
#include "page/setting_form.h"


static void
fill(struct response *rs, struct str lines)
{
    data_str(rs->data, "Origins", lines);
    data_bool(rs->data, "Any", str_is(str_trim(lines), "*"));
    data_bool(rs->data, "None", str_trim(lines).n == 0);
}


enum status
page_project_origins(struct request *rq, struct response *rs)
{
    struct str lines;
    enum status st = origins_of(rq->db, rq->a, rq->project, &lines);

    if (st == ST_OK) {
        fill(rs, lines);
    }
    return st;
}


enum status
page_project_origins_save(struct request *rq, struct response *rs)
{
    struct str lines = request_field(rq, "origins"), wrong;
    struct actor by = request_actor(rq);
    enum status st;

    lines = str_null(lines) ? STR("") : lines;
    st =
        origins_save(rq->db, rq->redis, rq->a, &by, rq->project, lines, &wrong);
    if (st == ST_INVALID) {
        rs->status = 422;
        fill(rs, lines);
        data_bool(rs->data, "Wrong", true);
        data_str(rs->data, "Line", str_cut(wrong, 100));
        return ST_OK;
    }
    return st == ST_OK ? setting_form_done(
               rq, rs, "origins", "Saved. Every edge follows within 2 s.")
                       : st;
}
