/*
 * GET /admin/audit/: what was done to the installation itself, newest first:
 * by its administrators, and by commands.
 */

#include "page/audit.h"
#include "page/pages.h"


enum status
page_admin_audit(struct request *rq, struct response *rs)
{
    struct pager pager = pager_read(rq);
    struct audit *rows;
    enum status st;
    bool more;
    size_t n;

    st = audit_system(rq->db, rq->a, pager.set ? pager.id : 0, pager.backward,
                      &rows, &n, &more);
    if (st == ST_OK) {
        audit_show(rq, rs, &pager, rows, n, more);
    }
    return st;
}
