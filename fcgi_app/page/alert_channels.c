/* page/alert_channels.c - how well each way to tell somebody works. */

#include "model/organization.h"
#include "model/outbox.h"
#include "page/alerts.h"
#include "page/pages.h"

#define DAYS 7


/* "0.3 s"; nothing when nothing was delivered. */
static void
fill_delay(struct request *rq, struct data *row, const char *name,
           double seconds)
{
    if (seconds >= 0) {
        data_str(row, name,
                 seconds < 10 ? str_printf(rq->a, "%.1f", seconds)
                              : str_printf(rq->a, "%.0f", seconds));
    }
}


static void
fill_channel(struct request *rq, struct data *row,
             const struct outbox_channel *c)
{
    bool trouble = c->failed_at != 0 && c->failed_at >= c->sent_at;

    data_str(row, "channel", c->channel);
    data_str(row, "address", c->name);
    data_i64(row, "integration", c->integration_id);
    data_text(row, "state", trouble ? "bad" : c->sent > 0 ? "ok" : "waiting");
    data_i64(row, "sent", c->sent);
    data_i64(row, "failed", c->failed);
    data_i64(row, "waiting", c->waiting);
    fill_delay(rq, row, "median", c->median);
    fill_delay(rq, row, "slow", c->slow);
    data_time(row, "sent_at", c->sent_at);
    data_time(row, "failed_at", c->failed_at);
    if (c->failed_at != 0) {
        data_i64(row, "code", c->last_code);
        data_str(row, "answer", c->last_answer);
    }
}


enum status
page_alert_channels(struct request *rq, struct response *rs)
{
    struct outbox_channel *list;
    enum status st;
    size_t n;

    st = outbox_channels(rq->db, rq->a, rq->org->id,
                         rq->now - DAYS * US_PER_DAY, &list, &n);
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        fill_channel(rq, data_row(data_child(rs->data, "Rows")), &list[i]);
    }
    alert_tabs(rq, rs, "channels");
    return st;
}
