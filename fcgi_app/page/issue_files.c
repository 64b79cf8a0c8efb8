/* What came beside an event: its attachments; and what users told of the issue.
 */

#include "page/file.h"
#include "page/issue.h"

#include "model/feedback.h"
#include "model/organization.h"

#define REPORTS_SHOWN 5


enum status
issue_files(struct request *rq, const struct issue_event *ev, struct data *d)
{
    struct attachment *list;
    enum status st;
    size_t n;

    st = attachment_list(rq->db, rq->a, rq->org->id, rq->issue->project_id,
                         ev->row->event_id, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        file_row(rq, data_row(data_child(d, "File")), rq->issue->project_slug,
                 &list[i]);
    }
    return st;
}


enum status
issue_reports(struct request *rq, struct data *d)
{
    struct feedback *list;
    enum status st;
    size_t n;

    st =
        feedback_of_issue(rq->db, rq->a, rq->org->id, rq->issue->id, &list, &n);
    if (st != ST_OK) {
        return st;
    }
    data_i64(d, "reports", (int64_t) n);
    for (size_t i = 0; i < n && i < REPORTS_SHOWN; i++) {
        struct data *row = data_row(data_child(d, "Report"));

        data_str(row, "name",
                 list[i].name.n > 0    ? list[i].name
                 : list[i].email.n > 0 ? list[i].email
                                       : STR("Somebody"));
        data_str(row, "message", list[i].message);
        data_time(row, "at", list[i].received_at);
        data_str(row, "link",
                 str_printf(rq->a, "/%.*s/feedback/%lld/?status=any",
                            STR_FMT(rq->org->slug), (long long) list[i].id));
    }
    return ST_OK;
}
