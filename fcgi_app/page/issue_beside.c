/* What came beside an event: its attachments, and what users told of its issue.
 */

#include "page/file.h"
#include "page/issue.h"

#include "model/beside.h"
#include "model/organization.h"
#include "util/lang.h"


static void
show_told(struct request *rq, struct data *row, const struct told *told)
{
    data_str(row, "name", told->who.n > 0 ? told->who : str_of(tr("Somebody")));
    data_str(row, "message", told->message);
    data_time(row, "at", told->at);
    data_str(row, "link",
             str_printf(rq->a, "/%.*s/feedback/%lld/?status=any",
                        STR_FMT(rq->org->slug), (long long) told->id));
}


enum status
issue_beside(struct request *rq, struct str event_id, struct data *d)
{
    struct beside beside;
    enum status st;

    st = beside_list(rq->db, rq->a, rq->issue, event_id, &beside);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < beside.nfiles; i++) {
        file_row(rq, data_row(data_child(d, "File")), rq->issue->project_slug,
                 &beside.files[i]);
    }
    for (size_t i = 0; i < beside.ntold; i++) {
        show_told(rq, data_row(data_child(d, "Told")), &beside.told[i]);
    }
    data_bool(d, "told_more", beside.more);
    return ST_OK;
}
