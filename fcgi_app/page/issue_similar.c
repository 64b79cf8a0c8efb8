/* GET /:org/issues/:issue/similar/: what may be the same, and why. */

#include "page/issue.h"
#include "page/pages.h"

#include "model/issue_similar.h"
#include "util/lang.h"


static void
add(struct request *rq, struct data *list, const char *words, int percent)
{
    data_item(list, percent < 0
                        ? str_of(tr(words))
                        : str_printf(rq->a, "%s: %d %%", tr(words), percent));
}


enum status
page_issue_similar(struct request *rq, struct response *rs)
{
    struct data *list = data_child(rs->data, "Similar");
    struct issue_similar *rows;
    enum status st;
    size_t n;

    issue_summary(rq, data_child(rs->data, "Issue"), rq->issue);
    st = issue_similar(rq->db, rq->a, rq->issue, &rows, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(list), *why = data_child(row, "Why");

        issue_summary(rq, row, &rows[i].issue);
        data_i64(row, "score", rows[i].score);
        if (rows[i].same_type) {
            add(rq, why, N_("Same exception type"), -1);
        }
        if (rows[i].same_culprit) {
            add(rq, why, N_("Same place in the code"), -1);
        }
        if (rows[i].value > 0) {
            add(rq, why, N_("Words of the message in common"), rows[i].value);
        }
        if (rows[i].code > 0) {
            add(rq, why, N_("Functions, files and modules in common"),
                rows[i].code);
        }
    }
    return st;
}
