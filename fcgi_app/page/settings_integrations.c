/* GET /:org/settings/integrations/: what can be connected, and what is. */

#include "integration/integration.h"
#include "model/organization.h"
#include "page/pages.h"
#include "util/seal.h"


static const char *
state_of(const struct integration *i)
{
    switch (i->state) {
    case INTEGRATION_OFF:
        return "off";
    case INTEGRATION_TROUBLE:
        return "trouble";
    default:
        return "on";
    }
}


static void
fill_connection(struct data *row, const struct integration *i)
{
    const struct integration_type *type = integration_type(i->type);

    data_i64(row, "id", i->id);
    data_str(row, "name", i->name);
    data_str(row, "type", i->type);
    data_tr(row, "label", type != NULL ? type->label : NULL);
    data_text(row, "icon", type != NULL ? type->icon : "hook");
    data_text(row, "state", state_of(i));
    data_str(row, "error", i->error);
    data_time(row, "checked", i->checked_at);
    data_str(row, "by", i->installed_by);
}


/* A card: how many there are of a type, and whether one of them is in need. */
static void
fill_type(struct data *row, const struct integration_type *type,
          const struct integration *list, size_t n)
{
    const struct integration *only = NULL;
    int64_t count = 0;
    bool trouble = false;

    for (size_t i = 0; i < n; i++) {
        if (str_is(list[i].type, type->type)) {
            only = &list[i];
            count++;
            trouble = trouble || list[i].state != INTEGRATION_ON;
        }
    }
    data_text(row, "type", type->type);
    data_tr(row, "label", type->label);
    data_text(row, "icon", type->icon);
    data_tr(row, "does", type->does);
    data_i64(row, "count", count);
    data_bool(row, "trouble", trouble);
    if (count == 1) {
        data_i64(row, "only", only->id);
    }
}


enum status
page_settings_integrations(struct request *rq, struct response *rs)
{
    struct data *types = data_child(rs->data, "Types"),
                *rows = data_child(rs->data, "Connections");
    struct integration *list;
    enum status st;
    size_t n;

    st = integration_list(rq->db, rq->a, rq->org->id, &list, &n);
    if (st != ST_OK) {
        return st;
    }
    for (size_t i = 0; i < integration_types_count; i++) {
        fill_type(data_row(types), integration_types[i], list, n);
    }
    for (size_t i = 0; i < n; i++) {
        fill_connection(data_row(rows), &list[i]);
    }
    data_bool(rs->data, "no_key", !seal_ready());
    return ST_OK;
}
