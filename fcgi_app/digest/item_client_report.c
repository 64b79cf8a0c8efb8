/*
 * What an SDK has thrown away by itself (protocol.md §8.3): counted under the
 * outcome that it says, client_discard unless it names another.
 */

#include "digest/item.h"

#include "digest/normalize.h"
#include "digest/outcome.h"
#include "util/timeutil.h"

/* Rows of one report that are read. */
#define MAX_ROWS 200

/* Reports from further away than this say nothing about our hours. */
#define MAX_AGE (5 * US_PER_DAY)
#define MAX_AHEAD US_PER_HOUR

#define MAX_QUANTITY INT64_C(1000000000)


static const struct {
    const char *member;
    struct str outcome;
} lists[] = {
    { "discarded_events", { "client_discard", 14 } },
    { "rate_limited_events", { "rate_limited", 12 } },
    { "filtered_events", { "filtered", 8 } },
    { "filtered_sampling_events", { "filtered", 8 } },
};


/*
 * When it happened, on our clock: ISO 8601 or seconds, the time of receipt when
 * it is not told.  False when that is too far away.
 */
static bool
read_time(const struct item_context *it, const struct json *timestamp,
          int64_t *at)
{
    *at = it->received_at;
    if (json_is(timestamp, JSON_T_NUMBER)
        || json_is(timestamp, JSON_T_STRING)) {
        if (!time_of(timestamp, at)) {
            return false;
        }
        *at += envelope_drift(it->envelope, it->received_at);
    }
    if (*at <= it->received_at - MAX_AGE
        || *at >= it->received_at + MAX_AHEAD) {
        return false;
    }
    /* what was reported has been, whatever a clock that is fast says */
    *at = *at < it->received_at ? *at : it->received_at;
    return true;
}


static void
read_list(const struct item_context *it, int64_t at, const struct json *list,
          struct str outcome, unsigned *rows)
{
    int64_t quantity;

    if (!json_is(list, JSON_T_ARRAY)) {
        return;
    }
    json_each(row, list)
    {
        if (++*rows <= MAX_ROWS
            && json_i64(json_get(row, "quantity"), &quantity) && quantity > 0) {
            outcome_reported(
                it, at, outcome_category(json_text_of(row, "category")),
                outcome, outcome_client_reason(json_text_of(row, "reason")),
                quantity < MAX_QUANTITY ? quantity : MAX_QUANTITY);
        }
    }
}


void
item_client_report(struct item_context *it)
{
    static const struct json_limits limits = { .depth = 16, .nodes = 10000 };
    struct str category = str_of(it->type->category);
    struct json *doc;
    unsigned rows = 0;
    int64_t at;

    if (json_parse(it->scratch, it->item->payload, &limits, &doc, NULL) != ST_OK
        || !json_is(doc, JSON_T_OBJECT)) {
        outcome_record(it, category, OUTCOME_INVALID, STR("invalid_json"), 1);
        return;
    }
    if (!read_time(it, json_get(doc, "timestamp"), &at)) {
        outcome_record(it, category, OUTCOME_INVALID, STR("timestamp"), 1);
        return;
    }

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        read_list(it, at, json_get(doc, lists[i].member), lists[i].outcome,
                  &rows);
    }
    if (rows > MAX_ROWS) {
        outcome_record(it, category, OUTCOME_INVALID, STR("too_many"),
                       rows - MAX_ROWS);
    }
    outcome_record(it, category, OUTCOME_ACCEPTED, STR(""), 1);
}
