/* GET /:org/settings/audit/: who changed what, newest first. */

#include "model/organization.h"
#include "page/audit.h"
#include "page/pages.h"

#define TEXT_MAX 200


static void
fill_actions(struct response *rs, struct str chosen)
{
    for (size_t i = 0; i < audit_actions_count; i++) {
        struct str name = str_of(audit_actions[i].name);
        struct data *row;

        if (!str_starts(name, STR("system."))) { /* of no organisation */
            row = data_row(data_child(rs->data, "Actions"));
            data_str(row, "name", name);
            data_bool(row, "chosen", str_eq(chosen, name));
        }
    }
}


static struct str
filter(const struct request *rq, const char *name)
{
    struct str value = str_trim(str_cut(request_arg(rq, name), TEXT_MAX));

    return value.n > 0 ? value : STR_NULL;
}


enum status
page_settings_audit(struct request *rq, struct response *rs)
{
    struct pager pager = pager_read(rq);
    struct str action = filter(rq, "action"), text = filter(rq, "q");
    struct audit *rows;
    enum status st;
    bool more;
    size_t n;

    st = audit_list(rq->db, rq->a, rq->org->id, pager.set ? pager.id : 0,
                    pager.backward, action,
                    str_null(text) ? text : str_lower(rq->a, text), &rows, &n,
                    &more);
    if (st != ST_OK) {
        return st;
    }
    fill_actions(rs, action);
    data_str(rs->data, "q", text);
    data_bool(rs->data, "filtered", !str_null(action) || !str_null(text));
    audit_show(rq, rs, &pager, rows, n, more);
    return ST_OK;
}
