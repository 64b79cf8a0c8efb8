/*
 * page/issue_suggest.c - how the term in the search box may go on: static/
 * search.js asks while it is typed.
 */

#include "json/make.h"
#include "model/issue_suggest.h"
#include "model/organization.h"
#include "page/pages.h"
#include "page/search.h"
#include "util/lang.h"


enum status
page_issue_suggest(struct request *rq, struct response *rs)
{
    struct json *list = json_new(rq->a, JSON_T_ARRAY);
    struct suggestion found[SUGGEST_MAX];
    struct buf body = buf_in(rq->a);
    struct search_box box = { 0 };
    enum status st;
    size_t n = 0;

    st = search_read(rq, rs->data, STR(""), &box);
    if (st == ST_OK) {
        st = issue_suggest(rq->db, rq->a, rq->org->id, &rq->access, &box.names,
                           box.text, found, &n);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct json *one = make_object(rq->a, list, NULL);

        make_str(rq->a, one, "text", found[i].text);
        make_str(rq->a, one, "words",
                 found[i].words != NULL ? str_of(tr(found[i].words)) : STR(""));
    }
    if (st == ST_OK) {
        json_write(&body, list);
        response_raw(rs, "application/json", buf_view(&body));
    }
    return st;
}
