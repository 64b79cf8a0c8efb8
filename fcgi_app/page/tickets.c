#include "page/tickets.h"

#include "model/issue.h"
#include "model/organization.h"


struct str
tickets_issue(const struct request *rq)
{
    return str_printf(rq->a, "/%.*s/issues/%.*s/", STR_FMT(rq->org->slug),
                      STR_FMT(rq->issue->short_id));
}


static bool
keeps_tickets(const struct integration *i)
{
    const struct integration_type *type = integration_type(i->type);

    return type != NULL && type->tracker != NULL && i->state != INTEGRATION_OFF;
}


static void
fill(struct data *d, const struct trackers *t)
{
    struct data *list = data_child(d, "Tracker");
    const struct integration_type *type;

    for (size_t i = 0; i < t->n; i++) {
        struct data *row = data_row(list);

        data_i64(row, "id", t->list[i].id);
        data_str(row, "name", t->list[i].name);
        data_bool(row, "chosen", t->list[i].id == t->chosen.id);
    }
    if (t->tracker != NULL) {
        type = integration_type(t->chosen.type);
        data_i64(data_child(d, "Chosen"), "id", t->chosen.id);
        data_str(data_child(d, "Chosen"), "name", t->chosen.name);
        data_tr(data_child(d, "Chosen"), "label", type->label);
        data_text(data_child(d, "Chosen"), "icon", type->icon);
    }
}


enum status
trackers_read(struct request *rq, struct data *d, struct str asked,
              struct trackers *out)
{
    struct integration *all;
    int64_t id = 0;
    enum status st;
    size_t n;

    *out = (struct trackers){ 0 };
    if (asked.n > 0 && !str_i64(asked, &id)) {
        return ST_NOT_FOUND;
    }
    st = integration_list(rq->db, rq->a, rq->org->id, &all, &n);
    if (st != ST_OK) {
        return st;
    }
    out->list = arena_array(rq->a, n, sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        if (keeps_tickets(&all[i])) {
            out->list[out->n++] = all[i];
        }
    }
    if (id == 0 && out->n > 0) {
        id = out->list[0].id;
    }
    if (id != 0) {
        st = integration_by_id(rq->db, rq->a, rq->org->id, id, &out->chosen);
        if (st == ST_OK && !keeps_tickets(&out->chosen)) {
            st = ST_NOT_FOUND;
        }
        if (st != ST_OK) {
            return st;
        }
        out->tracker = integration_type(out->chosen.type)->tracker;
    }
    fill(d, out);
    data_str(d, "Back", tickets_issue(rq));
    data_str(d, "ShortId", rq->issue->short_id);
    return ST_OK;
}


void
tickets_failure(struct data *d, const struct integration_result *result)
{
    struct data *f = data_child(d, "Failure");

    data_str(f, "answer", result->answer);
    data_i64(f, "code", result->code);
    data_bool(f, "maybe", result->maybe);
}
