#include "web/fault.h"

#include "json/doc.h"
#include "model/organization.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "web/form.h"
#include "web/layout.h"
#include "web/own_error.h"
#include "web/render.h"

#define ASK_MAX 4 /* people to name */

/* For programs, and so in no language but one. */
static const struct {
    int status;
    const char *detail;
} details[] = {
    { 400, "The request cannot be read" },
    { 403, "You do not have permission to perform this action" },
    { 404, "The requested resource does not exist" },
    { 405, "This address does not take the method" },
    { 409, "It has been changed in the meantime" },
    { 413, "The body is too large" },
    { 415, "a form is application/x-www-form-urlencoded" },
    { 429, "Too many attempts" },
    { 503, "The database or Redis does not answer" },
};
static const char stopped[] = "It took too long and was stopped: ask for less";


/* Who sends a token, or takes JSON and no page. */
static bool
by_program(const struct request *rq)
{
    return rq->authorization.n > 0
           || (str_find(rq->accept, STR("application/json")) != -1
               && str_find(rq->accept, STR("text/html")) == -1);
}


static const char *
detail_of(int status)
{
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        if (details[i].status == status) {
            return details[i].detail;
        }
    }
    return http_reason(status);
}


void
fault_tell(struct request *rq, struct response *rs, int status,
           const char *detail)
{
    struct json *o = json_new(rq->a, JSON_T_OBJECT);
    struct buf b = buf_in(rq->a);

    rs->status = status;
    json_set(o, STR("detail"),
             json_new_str(rq->a,
                          str_of(detail != NULL ? detail : detail_of(status))));
    json_set(o, STR("request"), json_new_str(rq->a, rq->id));
    if (status == 400 && !str_null(rq->wrong)) {
        json_set(o, STR("field"), json_new_str(rq->a, rq->wrong));
    }
    if (status == 403 && rq->need != NULL) {
        json_set(o, STR("role"), json_new_str(rq->a, str_of(rq->need)));
    }
    if (status == 413) {
        json_set(o, STR("limit"), json_new_i64(rq->a, FORM_BYTES_MAX));
    }
    json_write(&b, o);
    buf_char(&b, '\n');
    response_raw(rs, "application/json", buf_view(&b));
}


/* Who can give the role that is missing; without them the page says less. */
static void
name_people(struct request *rq, struct data *error)
{
    struct member *people;
    size_t n;

    if (member_granters(rq->db, rq->a, rq->org->id, role_of(str_of(rq->need)),
                        ASK_MAX, &people, &n)
        != ST_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct data *row = data_row(data_child(error, "People"));

        data_str(row, "name", people[i].name);
        data_str(row, "email", people[i].email);
        data_text(row, "role", role_name(people[i].role));
    }
}


void
fault_show(struct request *rq, struct response *rs, int status)
{
    struct data *error;
    struct str body;
    bool recorded = false, slow = status == 503 && db_stopped(rq->db);

    if (status >= 500 && status != 503) {
        recorded = own_error(rq, status);
    }
    if (status == 503 && !slow) {
        response_header(rs, "Retry-After", STR("5"));
    }
    if (by_program(rq)) {
        fault_tell(rq, rs, status, slow ? stopped : NULL);
        return;
    }
    rs->status = status;
    rs->data = data_new(rq->a);
    layout_fill_site(rq, rs);
    error = data_child(rs->data, "Error");
    data_i64(error, "status", status);
    data_text(error, "reason", http_reason(status));
    data_bool(error, "signed_in", rq->account != NULL);
    data_text(error, "wall", rq->refused);
    data_str(error, "wrong", rq->wrong);
    data_text(error, "gone", rq->gone);
    data_bool(error, "recorded", recorded);
    data_bool(error, "slow", slow);
    if (rq->org != NULL) {
        data_str(error, "org", rq->org->slug);
    }
    if (status == 403 && rq->need != NULL) {
        data_text(error, "need", rq->need);
        data_text(error, "role", role_name(rq->role));
        if (rq->org != NULL) {
            name_people(rq, error);
        }
    }
    if (render(rq->a, "error.cs", rs->data, rq->now, rq->started, &body)
        != ST_OK) {
        response_raw(rs, "text/plain; charset=utf-8",
                     str_printf(rq->a, "%d %s, request %.*s\n", status,
                                http_reason(status), STR_FMT(rq->id)));
        return;
    }
    response_raw(rs, "text/html; charset=utf-8", body);
}
