/*
 * Transactions (protocol.md §8.6).  They are counted and not kept; but one that
 * cannot be one, and one that a filter of the project drops, is counted as
 * that.
 */

#include "digest/item.h"

#include "digest/event.h"
#include "digest/filter.h"
#include "digest/normalize.h"
#include "digest/outcome.h"
#include "util/hex.h"
#include "util/stage.h"
#include "util/utf8.h"


bool
item_has_id(const struct json *v, const char *name, size_t bytes)
{
    struct str text = json_text_of(v, name);
    unsigned char id[TRACE_ID];

    /* a trace's may be written as a UUID */
    return bytes == TRACE_ID ? uuid_parse(text, id)
                             : hex_decode(text, id, bytes);
}


/* Both times are there, and the end is not before the beginning. */
bool
item_lasts(const struct json *v, const char *end)
{
    int64_t from, till;

    return time_of(json_get(v, "start_timestamp"), &from)
           && time_of(json_get(v, end), &till) && from <= till;
}


bool
item_is_span(const struct json *v)
{
    return item_lasts(v, "timestamp") && item_has_id(v, "span_id", SPAN_ID)
           && item_has_id(v, "trace_id", TRACE_ID);
}


static bool
is_sound(const struct json *doc)
{
    const struct json *trace = json_path(doc, "contexts", "trace", NULL);

    if (!item_lasts(doc, "timestamp")
        || !item_has_id(trace, "trace_id", TRACE_ID)
        || !item_has_id(trace, "span_id", SPAN_ID)) {
        return false;
    }
    json_each(span, json_get(doc, "spans"))
    {
        if (!item_is_span(span)) {
            return false;
        }
    }
    return true;
}


/* What no filter asks for is not put in order either: it is most of it. */
static void
leave_out(struct json *doc)
{
    static const char *const unread[] = { "spans",        "breadcrumbs",
                                          "contexts",     "extra",
                                          "modules",      "debug_meta",
                                          "measurements", "breakdowns" };

    for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
        json_remove(doc, unread[i]);
    }
}


void
item_transaction_doc(struct item_context *it, struct json *doc)
{
    const struct message *m = it->message;
    struct str category = STR("transaction");
    struct event ev = {
        .received_at = it->received_at,
        .remote_addr = utf8_mend(it->scratch, m->addr),
        .user_agent = utf8_mend(it->scratch, m->agent),
        .doc = doc,
    };
    const char *filter;

    if (!is_sound(doc)) {
        outcome_record(it, category, OUTCOME_INVALID,
                       STR("invalid_transaction"), 1);
        return;
    }
    stage(STAGE_NORMALISE);
    leave_out(doc);
    json_set(doc, STR("type"), json_new_str(it->scratch, category));
    normalize_event(it->scratch, &ev);

    stage(STAGE_FILTER);
    if ((filter = filters_match(it->filters, &ev)) != NULL) {
        it->filtered = filter;
        outcome_record(it, category, OUTCOME_FILTERED, str_of(filter), 1);
        return;
    }
    outcome_record(it, category, OUTCOME_ACCEPTED, STR("not_kept"), 1);
}


void
item_transaction(struct item_context *it)
{
    struct json *doc;

    stage(STAGE_PARSE);
    if (json_parse(it->scratch, it->item->payload, &event_limits, &doc, NULL)
            != ST_OK
        || !json_is(doc, JSON_T_OBJECT)) {
        outcome_record(it, STR("transaction"), OUTCOME_INVALID,
                       STR("invalid_json"), 1);
        return;
    }
    item_transaction_doc(it, doc);
}
