/*
 * GET /:org/settings/roles/: what each role may do, drawn from the table that
 * decides it (web/route.c), so that the page cannot say anything else.
 */

#include "model/member.h"
#include "page/pages.h"
#include "web/route.h"


enum status
page_settings_roles(struct request *rq, struct response *rs)
{
    for (int role = ROLE_OWNER; role >= ROLE_VIEWER; role--) {
        struct data *row = data_row(data_child(rs->data, "Roles"));

        data_text(row, "name", role_name((enum role) role));
        data_bool(row, "mine", role == (int) rq->role);
    }
    for (size_t i = 0; i < scopes_count; i++) {
        struct data *row;

        if (scopes[i].words == NULL || scope_system(&scopes[i])) {
            continue;
        }
        row = data_row(data_child(rs->data, "Scopes"));
        data_text(row, "name", scopes[i].name);
        data_tr(row, "words", scopes[i].words);
        for (int role = ROLE_OWNER; role >= ROLE_VIEWER; role--) {
            data_bool(data_row(data_child(row, "Roles")), "may",
                      role >= (int) scopes[i].role);
        }
    }
    return ST_OK;
}
