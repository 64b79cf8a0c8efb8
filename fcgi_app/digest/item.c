#include "digest/item.h"

#include "digest/filter.h"
#include "digest/outcome.h"
#include "digest/stacks.h"

#define KIB ((size_t) 1024)
#define MIB (1024 * KIB)


static const struct item_type types[] = {
    { "attachment", "attachment", "attachment_item", 200 * MIB, true, true,
      item_attachment },
    { "check_in", "monitor", NULL, 100 * KIB, false, false, item_check_in },
    { "client_report", "internal", NULL, 100 * KIB, false, false,
      item_client_report },
    { "event", "error", NULL, MIB, false, false, item_event },
    { "feedback", "feedback", NULL, MIB, false, false, item_feedback },
    { "form_data", "default", NULL, MIB, false, false, NULL },
    { "log", "log_byte", "log_item", 12 * MIB, true, false, item_container },
    { "metric_buckets", "metric_bucket", NULL, MIB, false, false, NULL },
    { "metric_meta", "metric_bucket", NULL, MIB, false, false, NULL },
    { "minidump", "error", NULL, 200 * MIB, false, false, item_minidump },
    { "nel", "error", NULL, 12 * MIB, false, false, item_security },
    { "profile", "profile", NULL, 50 * MIB, false, false, NULL },
    { "profile_chunk", "profile_chunk", NULL, 50 * MIB, false, false, NULL },
    { "profile_chunk_ui", "profile_chunk_ui", NULL, 50 * MIB, false, false,
      NULL },
    { "raw_security", "security", NULL, MIB, false, false, item_security },
    { "replay_event", "replay", NULL, MIB, false, false, NULL },
    { "replay_recording", "replay", NULL, 100 * MIB, false, false, NULL },
    { "replay_video", "replay", NULL, 100 * MIB, false, false, NULL },
    { "security", "security", NULL, MIB, false, false, item_security },
    { "session", "session", NULL, 10 * MIB, false, false, item_session },
    { "sessions", "session", NULL, 10 * MIB, false, false, item_sessions },
    { "span", "span", NULL, 12 * MIB, false, false, item_span },
    { "statsd", "metric_bucket", NULL, MIB, false, false, NULL },
    { "trace_metric", "trace_metric", NULL, 12 * MIB, false, false,
      item_container },
    { "transaction", "transaction", NULL, MIB, false, false, item_transaction },
    { "unreal_report", "error", NULL, 200 * MIB, false, false, item_unreal },
    { "user_report", "feedback", NULL, MIB, false, true, item_user_report },
};

static const struct item_type unknown = { "",    "default", NULL, 200 * MIB,
                                          false, false,     NULL };


const struct item_type *
item_type_find(struct str name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_is(name, types[i].name)) {
            return &types[i];
        }
    }
    return &unknown;
}


void
item_settle(const struct item_context *it, struct str outcome,
            struct str reason)
{
    int64_t size = (int64_t) it->item->payload.n;
    int64_t quantity = it->type->by_bytes && size > 0 ? size : 1;

    outcome_record(it, str_of(it->type->category), outcome, reason, quantity);
    if (it->type->by_count != NULL) {
        outcome_record(it, str_of(it->type->by_count), outcome, reason, 1);
    }
}


bool
item_dropped(const struct item_context *it, unsigned position)
{
    struct str positions = it->message->drop, part;
    int64_t n;

    while (str_split(&positions, ',', &part)) {
        if (str_i64(part, &n) && n == (int64_t) position) {
            return true;
        }
    }
    return false;
}


const char *
item_filter(struct item_context *it, struct json *doc)
{
    static struct stacks no_stacks;
    struct event ev = { .doc = doc,
                        .stacks = &no_stacks,
                        .received_at = it->received_at,
                        .remote_addr =
                            utf8_mend(it->scratch, it->message->addr) };

    return filters_match(it->filters, &ev);
}


void
item_digest(struct item_context *it)
{
    it->type = item_type_find(it->item->type);

    if (it->type == &unknown) {
        item_settle(it, OUTCOME_INVALID, STR("unknown_item"));

    } else if (it->item->payload.n > it->type->max_bytes) {
        item_settle(
            it, OUTCOME_INVALID,
            str_printf(it->batch->arena, "too_large:%s", it->type->name));

    } else if (it->type->digest == NULL) {
        item_settle(it, OUTCOME_ACCEPTED, STR("not_kept"));

    } else {
        it->type->digest(it);
    }
}
