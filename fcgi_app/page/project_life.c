/*
 * page/project_life.c - what becomes of a project's issues by themselves.
 */

#include "model/issue_life.h"
#include "page/pages.h"
#include "page/setting_form.h"

static const struct setting_row rows[] = {
    { .name = ISSUE_AUTO_RESOLVE,
      .kind = SETTING_NUMBER,
      .value = "",
      .label = "Resolve what is not seen any more",
      .help = "An open issue without an event for so long is resolved; a new "
              "event opens it again. Empty: never.",
      .unit = "days",
      .least = 1,
      .most = 365,
      .scale = 24 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))


enum status
page_project_life(struct request *rq, struct response *rs)
{
    return setting_form_fill(rq, rs, rows, ROWS);
}


enum status
page_project_life_save(struct request *rq, struct response *rs)
{
    bool saved;
    enum status st = setting_form_save(rq, rs, rows, ROWS, &saved);

    if (st != ST_OK || !saved) {
        return st;
    }
    return setting_form_done(rq, rs, "life", "Saved.");
}
