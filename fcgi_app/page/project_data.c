/*
 * page/project_data.c - how much of a project's events is kept, and how long:
 * bodies, attachments.
 */

#include "model/attachment.h"
#include "model/keep.h"
#include "model/organization.h"
#include "model/project.h"
#include "model/retention.h"
#include "page/pages.h"
#include "page/setting_form.h"

#define MIB ((int64_t) 1024 * 1024)

static const struct setting_row rows[] = {
    { .name = KEEP_DAYS,
      .kind = SETTING_NUMBER,
      .value = "",
      .label = "Keep events",
      .help = "After that an event goes; its issue and what was counted stay. "
              "Empty: as long as the organisation keeps them; 0: for ever.",
      .unit = "days",
      .least = 0,
      .most = RETENTION_DAYS_MAX },
    { .name = KEEP_ATTACHMENT_DAYS,
      .kind = SETTING_NUMBER,
      .value = "",
      .label = "Keep attachments",
      .help = "Empty: as events.",
      .unit = "days",
      .least = 0,
      .most = RETENTION_DAYS_MAX },
    { .name = KEEP_BYTES,
      .kind = SETTING_NUMBER,
      .value = "",
      .label = "Room for bodies",
      .help = "When the bodies of events take more, the oldest go first. "
              "Empty: no bound.",
      .unit = "MiB",
      .least = 1,
      .most = 100000000,
      .scale = MIB },
    { .name = KEEP_SAMPLING,
      .kind = SETTING_SWITCH,
      .value = "on",
      .label = "Sample bodies",
      .help =
          "Of an issue that floods, keep the bodies that tell something "
          "new: the first ones, and the first of each release, environment, "
          "browser and country. Every event counts all the same." },
    { .name = ATTACHMENT_SETTING,
      .kind = SETTING_SWITCH,
      .value = "on",
      .label = "Attachments",
      .help = "Keep files that come with events: screenshots, logs, "
              "minidumps." },
    { .name = ATTACHMENT_LIMIT_SETTING,
      .kind = SETTING_NUMBER,
      .value = "",
      .label = "Room for attachments",
      .help = "What comes beyond is counted as rate limited. Empty: as this "
              "installation has it.",
      .unit = "MiB",
      .least = 0,
      .most = 100000000 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))


static enum status
fill_usage(struct request *rq, struct response *rs)
{
    int64_t *bytes;
    enum status st =
        attachment_usage(rq->db, rq->a, &rq->project->id, 1, &bytes);

    if (st == ST_OK) {
        data_i64(rs->data, "Attachments", bytes[0]);
    }
    return st;
}


enum status
page_project_data(struct request *rq, struct response *rs)
{
    enum status st = setting_form_fill(rq, rs, rows, ROWS);

    return st == ST_OK ? fill_usage(rq, rs) : st;
}


enum status
page_project_data_save(struct request *rq, struct response *rs)
{
    bool saved;
    enum status st = setting_form_save(rq, rs, rows, ROWS, &saved);

    if (st != ST_OK) {
        return st;
    }
    return saved ? setting_form_done(rq, rs, "data",
                                     "Saved. The workers follow within 2 s.")
                 : fill_usage(rq, rs);
}
