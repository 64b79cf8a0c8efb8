/*
 * page/stats_storage.c - what projects hold, and when one reaches its size
 * limit if it goes on as in the last two weeks.
 */

#include "model/organization.h"
#include "model/retention.h"
#include "page/pages.h"
#include "page/stats.h"


/* Sets the one of full, still, aged and left (days) that is so. */
static void
forecast(struct data *row, const struct retention_growth *g)
{
    double rate = (double) g->grown / RETENTION_GROWTH_DAYS;

    if (g->bytes >= g->limit) {
        data_bool(row, "full", true);

    } else if (g->grown == 0) {
        data_bool(row, "still", true);

    } else if (g->days > 0 && rate * (double) g->days <= (double) g->limit) {
        data_bool(row, "aged", true);

    } else {
        double left = (double) (g->limit - g->bytes) / rate;

        data_i64(row, "left", left < 1 ? 1 : (int64_t) (left + 0.5));
    }
}


enum status
stats_storage(struct request *rq, struct data *d, const int64_t *projects,
              size_t nprojects)
{
    struct retention_growth *list;
    size_t n = 0;
    enum status st = retention_growth(rq->db, rq->a, rq->org->id, projects,
                                      nprojects, &list, &n);

    for (size_t i = 0; st == ST_OK && i < n; i++) {
        struct data *row = data_row(data_child(d, "Storage"));

        data_str(row, "slug", list[i].slug);
        data_i64(row, "events", list[i].events);
        data_i64(row, "bytes", list[i].bytes);
        data_i64(row, "attachments", list[i].attachments);
        data_i64(row, "grown", list[i].grown);
        data_i64(row, "limit", list[i].limit);
        if (list[i].limit > 0) {
            forecast(row, &list[i]);
        }
    }
    return st;
}
