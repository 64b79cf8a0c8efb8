/*
 * Containers: one item that holds many (protocol.md §8.7).  What is in them is
 * counted and not kept; but one that cannot be what it says, and one that a
 * filter of the project drops, is counted as that.
 *
 * A container whose header does not tell its number is refused whole, for the
 * edge has measured it by that.
 */

#include "digest/item.h"

#include "digest/filter.h"
#include "digest/normalize.h"
#include "digest/outcome.h"
#include "util/stage.h"

#define CONTAINER "application/vnd.sentry.items."

/* As of an event: a tree of 25 MB, which is 5,000 logs or more. */
static const struct json_limits limits = { .depth = 32, .nodes = 250000 };


static bool
is_log(const struct json *v)
{
    int64_t at;

    return time_of(json_get(v, "timestamp"), &at)
           && item_has_id(v, "trace_id", TRACE_ID)
           && json_text_of(v, "level").n > 0
           && json_is(json_get(v, "body"), JSON_T_STRING);
}


static bool
is_metric(const struct json *v)
{
    static const char *const kinds[] = { "counter", "gauge", "distribution" };
    struct str type = json_text_of(v, "type");
    int64_t at;
    double value;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (str_is(type, kinds[i])) {
            return time_of(json_get(v, "timestamp"), &at)
                   && item_has_id(v, "trace_id", TRACE_ID)
                   && json_text_of(v, "name").n > 0
                   && json_double(json_get(v, "value"), &value);
        }
    }
    return false;
}


static bool
is_span(const struct json *v)
{
    return item_lasts(v, "end_timestamp")
           && item_has_id(v, "trace_id", TRACE_ID)
           && item_has_id(v, "span_id", SPAN_ID);
}


/* A kind is a row: by what it is known, what it has to have, what filters it.
 */
static const struct kind {
    const char *item;
    const char *content_type;
    const char *wrong; /* the reason of one that lacks something */
    bool (*is_sound)(const struct json *v);
    const char *text; /* the member that a filter of its own looks at, or "" */
} kinds[] = {
    { "log", CONTAINER "log+json", "invalid_log", is_log, "body" },
    { "trace_metric", CONTAINER "trace-metric+json", "invalid_trace_metric",
      is_metric, "name" },
    { "span", CONTAINER "span.v2+json", "invalid_span", is_span, "" },
};


static const struct kind *
kind_of(const struct item *item)
{
    struct str type = json_text_of(item->header, "content_type");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (str_is(item->type, kinds[i].item)
            && str_is(type, kinds[i].content_type)) {
            return &kinds[i];
        }
    }
    return NULL;
}


/* So many of them, so many bytes in all. */
static void
count(const struct item_context *it, struct str outcome, struct str reason,
      size_t n, size_t bytes)
{
    const struct item_type *type = it->type;

    if (n == 0) {
        return;
    }
    outcome_record(it, str_of(type->category), outcome, reason,
                   (int64_t) (!type->by_bytes ? n
                              : bytes > 0     ? bytes
                                              : 1));
    if (type->by_count != NULL) {
        outcome_record(it, str_of(type->by_count), outcome, reason,
                       (int64_t) n);
    }
}


/* All of it: as many as were counted at the edge, if that can be. */
static void
refuse(const struct item_context *it, const char *reason)
{
    size_t bytes = it->item->payload.n;
    int64_t n;

    if (!json_i64(json_get(it->item->header, "item_count"), &n) || n < 1
        || (uint64_t) n > bytes) {
        n = 1;
    }
    count(it, OUTCOME_INVALID, str_of(reason), (size_t) n, bytes);
}


/* Of one of them, by what the project filters. */
static const char *
filter_of(struct item_context *it, const struct kind *kind,
          const struct json *v)
{
    struct json *doc = json_new(it->scratch, JSON_T_OBJECT);
    const struct json *release =
        json_path(v, "attributes", "sentry.release", "value", NULL);

    json_set(doc, STR("release"),
             json_new_str(it->scratch, json_text(release)));
    json_set(doc, str_of(kind->item),
             json_new_str(it->scratch, json_text_of(v, kind->text)));
    return item_filter(it, doc);
}


static size_t
size_of(struct item_context *it, const struct json *v)
{
    struct buf text = buf_in(it->scratch);

    json_write(&text, v);
    return text.n;
}


static void
read_all(struct item_context *it, const struct kind *kind,
         const struct json *list)
{
    size_t good = list->n, bytes = it->item->payload.n;

    json_each(v, list)
    {
        struct str outcome = OUTCOME_INVALID, reason = str_of(kind->wrong);
        const char *filter;
        size_t size;

        if (kind->is_sound(v)) {
            if ((filter = filter_of(it, kind, v)) == NULL) {
                continue;
            }
            outcome = OUTCOME_FILTERED;
            reason = str_of(filter);
        }
        size = size_of(it, v);
        size = size < bytes ? size : bytes;
        good--;
        bytes -= size;
        count(it, outcome, reason, 1, size);
    }
    count(it, OUTCOME_ACCEPTED, STR("not_kept"), good, bytes);
}


static void
read_container(struct item_context *it, const struct kind *kind)
{
    struct json *doc;
    const struct json *list;
    int64_t n;

    stage(STAGE_PARSE);
    if (json_parse(it->scratch, it->item->payload, &limits, &doc, NULL)
        != ST_OK) {
        refuse(it, "invalid_json");
        return;
    }
    list = json_get(doc, "items");
    if (!json_is(list, JSON_T_ARRAY) || list->n == 0
        || !json_i64(json_get(it->item->header, "item_count"), &n)
        || n != (int64_t) list->n) {
        refuse(it, kind->wrong);
        return;
    }
    stage(STAGE_FILTER);
    read_all(it, kind, list);
}


void
item_container(struct item_context *it)
{
    const struct kind *kind = kind_of(it->item);

    if (it->envelope == NULL) {
        /* OTLP, which says these things in another way */
        item_settle(it, OUTCOME_ACCEPTED, STR("not_kept"));

    } else if (kind == NULL) {
        /* of a log there is no other form */
        refuse(it, "content_type");

    } else if (it->logs > 1 && str_is(it->item->type, "log")) {
        refuse(it, "duplicate_item");

    } else {
        read_container(it, kind);
    }
}


/* One by itself, as SDKs sent them before there were containers. */
void
item_span(struct item_context *it)
{
    struct json *doc;

    if (it->envelope == NULL || kind_of(it->item) != NULL) {
        item_container(it);

    } else if (json_parse(it->scratch, it->item->payload, &limits, &doc, NULL)
               != ST_OK) {
        refuse(it, "invalid_json");

    } else {
        bool good = item_is_span(doc);

        count(it, good ? OUTCOME_ACCEPTED : OUTCOME_INVALID,
              good ? STR("not_kept") : STR("invalid_span"), 1, 0);
    }
}
