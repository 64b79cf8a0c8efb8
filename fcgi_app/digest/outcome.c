#include "digest/outcome.h"

#include "digest/refused.h"
#include "queue/message.h"
#include "util/fail.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

/* The edge's counters while they are being added; its field "_id" names them.
 */
#define DRAINING VEDETTE_OUTCOMES ":draining"


/* protocol.md §5.1 */
static const struct str categories[] = {
    { "default", 7 },
    { "error", 5 },
    { "transaction", 11 },
    { "security", 8 },
    { "attachment", 10 },
    { "session", 7 },
    { "profile", 7 },
    { "replay", 6 },
    { "transaction_processed", 21 },
    { "transaction_indexed", 19 },
    { "monitor", 7 },
    { "profile_indexed", 15 },
    { "span", 4 },
    { "monitor_seat", 12 },
    { "feedback", 8 },
    { "metric_bucket", 13 },
    { "span_indexed", 12 },
    { "profile_duration", 16 },
    { "profile_chunk", 13 },
    { "metric_second", 13 },
    { "replay_video", 12 },
    { "uptime", 6 },
    { "attachment_item", 15 },
    { "log_item", 8 },
    { "log_byte", 8 },
    { "profile_duration_ui", 19 },
    { "profile_chunk_ui", 16 },
    { "trace_metric", 12 },
    { "internal", 8 },
};

/* protocol.md §8.3, and those of §5.1 for what an SDK was told to drop */
static const struct str client_reasons[] = {
    { "queue_overflow", 14 },
    { "cache_overflow", 14 },
    { "buffer_overflow", 15 },
    { "ratelimit_backoff", 17 },
    { "network_error", 13 },
    { "sample_rate", 11 },
    { "before_send", 11 },
    { "event_processor", 15 },
    { "send_error", 10 },
    { "internal_sdk_error", 18 },
    { "insufficient_data", 17 },
    { "backpressure", 12 },
    { "ignore_spans", 12 },
    { "no_parent_span", 14 },
    { "invalid", 7 },
    { "too_big", 7 },
};


static struct str
known(const struct str *list, size_t n, struct str name, struct str other)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i], name)) {
            return list[i];
        }
    }
    return other;
}


struct str
outcome_category(struct str name)
{
    if (str_is(name, "user_report_v2")) {
        return STR("feedback");
    }
    return known(categories, sizeof(categories) / sizeof(categories[0]), name,
                 categories[0]);
}


struct str
outcome_client_reason(struct str name)
{
    return known(client_reasons,
                 sizeof(client_reasons) / sizeof(client_reasons[0]), name,
                 STR("other"));
}


/* What is an event, or the request that should have had one. */
static bool
is_of_event(struct str category, struct str reason)
{
    return str_is(category, "error") || str_is(category, "security")
           || str_is(category, "feedback")
           || (str_is(category, "default") && !str_is(reason, "unknown_item"));
}


void
outcome_note(const struct item_context *it, struct str category,
             struct str outcome, struct str reason)
{
    struct batch_ended end = { .project_id = it->message->project_id,
                               .received_at = it->received_at,
                               .category = category,
                               .outcome = outcome,
                               .reason = reason };

    if (is_of_event(category, reason)
        && (uuid_parse(it->message->event_id, end.event_id)
            || (it->envelope != NULL
                && uuid_parse(it->envelope->event_id, end.event_id)))) {
        batch_ended_add(it->batch, &end);
    }
}


static void
count(const struct item_context *it, int64_t at, struct str category,
      struct str outcome, struct str reason, int64_t quantity)
{
    const struct message *m = it->message;

    batch_outcome(it->batch, &(struct outcome){
                                 .organization_id = m->organization_id,
                                 .project_id = m->project_id,
                                 .key_id = m->key_id,
                                 .hour = outcome_hour(at),
                                 .category = category,
                                 .outcome = outcome,
                                 .reason = reason,
                                 .quantity = quantity,
                             });
}


void
outcome_record(const struct item_context *it, struct str category,
               struct str outcome, struct str reason, int64_t quantity)
{
    count(it, it->received_at, category, outcome, reason, quantity);
    if (!str_eq(outcome, OUTCOME_ACCEPTED)) {
        outcome_note(it, category, outcome, reason);
        if (str_eq(outcome, OUTCOME_INVALID)) {
            refused_keep(it, category, reason);
        }
    }
}


void
outcome_reported(const struct item_context *it, int64_t at, struct str category,
                 struct str outcome, struct str reason, int64_t quantity)
{
    count(it, at, category, outcome, reason, quantity);
}


/* the edge's counters */

/*
 * Sets the counters aside under a name, if none are being added already, and
 * returns those that are set aside.
 */
static enum status
set_aside(struct redis *r, struct arena *a, redisReply **out)
{
    static const char script[] =
        "if redis.call('EXISTS', KEYS[2]) == 0 then "
        "if redis.call('EXISTS', KEYS[1]) == 0 then return {} end "
        "redis.call('RENAME', KEYS[1], KEYS[2]) "
        "redis.call('HSET', KEYS[2], '_id', ARGV[1]) end "
        "return redis.call('HGETALL', KEYS[2])";
    unsigned char id[16];

    uuid_random(id);
    return redis_command(r, a, out,
                         REDIS_WORDS(STR("EVAL"), STR(script), STR("2"),
                                     STR(VEDETTE_OUTCOMES), STR(DRAINING),
                                     uuid_hex(a, id)));
}


static enum status
throw_away(struct redis *r, struct arena *a, struct str id)
{
    static const char script[] =
        "if redis.call('HGET', KEYS[1], '_id') == ARGV[1] then "
        "redis.call('DEL', KEYS[1]) end return 1";

    return redis_command(
        r, a, NULL,
        REDIS_WORDS(STR("EVAL"), STR(script), STR("1"), STR(DRAINING), id));
}


/* "hour:org:project:key:outcome:category:reason" */
static bool
counter_of(struct arena *a, struct str field, struct str value,
           struct outcome *out)
{
    struct str parts[7], rest = field;
    int64_t hour;

    for (size_t i = 0; i < 6; i++) {
        if (!str_split(&rest, ':', &parts[i])) {
            return false;
        }
    }
    /* a reason may hold colons itself: "too_large:event" */
    parts[6] = str_null(rest) ? STR("") : rest;

    if (!str_i64(parts[0], &hour) || hour < 0
        || hour > INT64_MAX / US_PER_HOUR / 10
        || !str_i64(parts[1], &out->organization_id)
        || !str_i64(parts[2], &out->project_id)
        || !str_i64(parts[3], &out->key_id)
        || !str_i64(value, &out->quantity)) {
        return false;
    }
    out->hour = hour * US_PER_HOUR;
    out->outcome = str_cut(utf8_mend(a, parts[4]), 32);
    out->category = outcome_category(parts[5]);
    out->reason = str_cut(utf8_mend(a, parts[6]), 64);
    return true;
}


enum status
outcome_drain(struct db *db, struct redis *r, struct arena *a)
{
    struct str id = STR_NULL;
    struct outcome *list;
    redisReply *reply;
    enum status st;
    size_t n = 0;

    st = set_aside(r, a, &reply);
    if (st != ST_OK || reply->type != REDIS_REPLY_ARRAY
        || reply->elements == 0) {
        return st;
    }

    list = arena_array(a, reply->elements / 2, sizeof(*list));
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        struct str field = redis_text(reply->element[i]);
        struct str value = redis_text(reply->element[i + 1]);

        if (str_is(field, "_id")) {
            id = value;

        } else if (counter_of(a, field, value, &list[n])) {
            n++;

        } else {
            log_warning("a counter of the edge has a name that says nothing: "
                        "%.*s",
                        STR_FMT(field));
        }
    }

    if ((st = batch_outcome_set(db, a, id, list, n)) != ST_OK) {
        return st;
    }
    FAIL_POINT("after_drain");
    return throw_away(r, a, id);
}
