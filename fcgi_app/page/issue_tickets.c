/* The tickets of an issue, for the rail: as they were seen last. */

#include "page/issue.h"

#include "model/organization.h"
#include "model/ticket.h"


enum status
issue_tickets(struct request *rq, struct data *d)
{
    struct data *list = data_child(d, "Ticket");
    struct ticket *rows;
    enum status st;
    size_t n;

    st = ticket_list(rq->db, rq->a, rq->org->id, rq->issue->id, &rows, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(list);

        data_i64(row, "id", rows[i].id);
        data_str(row, "key", rows[i].key);
        data_str(row, "title", rows[i].title);
        data_str(row, "on", rows[i].integration);
        data_str(row, "status", rows[i].status);
        data_bool(row, "done", rows[i].done);
        data_str(row, "assignee", rows[i].assignee);
        data_str(row, "error", rows[i].error);
        if (issue_is_url(rows[i].url)) {
            data_str(row, "url", rows[i].url);
        }
    }
    return st;
}
