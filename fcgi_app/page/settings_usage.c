/*
 * page/settings_usage.c - /:org/settings/usage/: what came in each of the last
 * twelve months, and what this one comes to.
 */

#include "model/organization.h"
#include "model/usage_month.h"
#include "page/pages.h"
#include "util/lang.h"

static const struct {
    const char *title;
    bool bytes;
} kinds[USAGE_KINDS] = {
    [USAGE_EVENTS] = { N_("Events"), false },
    [USAGE_TRANSACTIONS] = { N_("Transactions"), false },
    [USAGE_SPANS] = { N_("Spans"), false },
    [USAGE_SESSIONS] = { N_("Sessions"), false },
    [USAGE_LOGS] = { N_("Logs"), false },
    [USAGE_ATTACHMENTS] = { N_("Attachments"), true },
};


/* Which kinds there were at all; events always have their column. */
static void
find_used(const struct usage_months *all, bool *used)
{
    for (int k = 0; k < USAGE_KINDS; k++) {
        used[k] = k == USAGE_EVENTS;
        for (int i = 0; i < USAGE_MONTHS; i++) {
            used[k] = used[k] || all->v[i].accepted[k] > 0;
        }
    }
}


static void
fill_cells(struct data *row, const bool *used, const int64_t *numbers)
{
    for (int k = 0; k < USAGE_KINDS; k++) {
        if (used[k]) {
            struct data *cell = data_row(data_child(row, "Cells"));

            data_i64(cell, "n", numbers[k]);
            data_bool(cell, "bytes", kinds[k].bytes);
        }
    }
}


enum status
page_settings_usage(struct request *rq, struct response *rs)
{
    struct usage_months all;
    bool used[USAGE_KINDS];
    int64_t most = 1;
    enum status st = usage_months(rq->db, rq->a, rq->org->id, rq->now, &all);

    if (st != ST_OK) {
        return st;
    }
    find_used(&all, used);
    for (int k = 0; k < USAGE_KINDS; k++) {
        if (used[k]) {
            data_tr(data_row(data_child(rs->data, "Kinds")), "title",
                    kinds[k].title);
        }
    }
    for (int i = 0; i < USAGE_MONTHS; i++) {
        int64_t n = all.v[i].accepted[USAGE_EVENTS];

        most = n > most ? n : most;
    }
    for (int i = 0; i < USAGE_MONTHS; i++) {
        const struct usage_month *m = &all.v[i];
        struct data *row = data_row(data_child(rs->data, "Months"));

        data_str(row, "name",
                 str_printf(rq->a, "%04d-%02d", m->year, m->month));
        data_i64(row, "limited", m->limited);
        data_i64(row, "width",
                 (int64_t) (100.0 * (double) m->accepted[USAGE_EVENTS]
                            / (double) most));
        fill_cells(row, used, m->accepted);
    }
    if (all.known) {
        fill_cells(data_child(rs->data, "Forecast"), used, all.forecast);
    }
    return ST_OK;
}
