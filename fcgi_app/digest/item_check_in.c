/*
 * Check-ins of monitors (protocol.md §8.2): counted and not kept; but one that
 * no monitor could make anything of is counted as that.
 */

#include "digest/item.h"

#include <ctype.h>

#include "digest/outcome.h"
#include "envelope/store.h"
#include "util/hex.h"

static const struct json_limits limits = { .depth = 16, .nodes = 5000 };

/* Members of a monitor that are numbers. */
static const char *const numbers[] = { "checkin_margin", "max_runtime",
                                       "failure_issue_threshold",
                                       "recovery_threshold" };


/* What is left of it as a slug is something. */
static bool
is_slug(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (isalnum(c) || c >= 0x80 || c == '_') {
            return true;
        }
    }
    return false;
}


static bool
absent(const struct json *v)
{
    return v == NULL || json_is(v, JSON_T_NULL);
}


/* {"type":"crontab","value":"0 * * * *"}, or every so many of a unit */
static bool
is_schedule(const struct json *v)
{
    static const char *const units[] = { "year", "month", "week",
                                         "day",  "hour",  "minute" };
    struct str type = json_text_of(v, "type");
    int64_t n;

    if (str_is(type, "crontab")) {
        return str_trim(json_text_of(v, "value")).n > 0;
    }
    if (str_is(type, "interval") && json_i64(json_get(v, "value"), &n)
        && n > 0) {
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
            if (str_is(json_text_of(v, "unit"), units[i])) {
                return true;
            }
        }
    }
    return false;
}


static bool
is_monitor(const struct json *v)
{
    int64_t n;

    if (!is_schedule(json_get(v, "schedule"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const struct json *number = json_get(v, numbers[i]);

        if (!absent(number) && (!json_i64(number, &n) || n < 0)) {
            return false;
        }
    }
    return absent(json_get(v, "timezone"))
           || json_is(json_get(v, "timezone"), JSON_T_STRING);
}


static bool
is_check_in(const struct json *v, struct str slug)
{
    const struct json *id = json_get(v, "check_in_id");
    const struct json *duration = json_get(v, "duration");
    const struct json *monitor = json_get(v, "monitor_config");
    unsigned char bytes[16];
    double seconds;

    return is_slug(slug) && json_text_of(v, "status").n > 0
           && (absent(id) || uuid_parse(json_text(id), bytes))
           && (absent(duration)
               || (json_double(duration, &seconds) && seconds >= 0))
           && (absent(monitor) || is_monitor(monitor));
}


/* The same by the query of a request without a body. */
static struct json *
of_query(struct arena *a, struct str query)
{
    static const char *const names[] = { "status", "check_in_id", "duration" };
    struct json *doc = json_new(a, JSON_T_OBJECT);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct str value = query_value(a, query, str_of(names[i]));
        double seconds;

        if (value.n > 0) {
            json_set(doc, str_of(names[i]),
                     str_is(str_of(names[i]), "duration")
                             && str_double(value, &seconds)
                         ? json_new_double(a, seconds)
                         : json_new_str(a, utf8_mend(a, value)));
        }
    }
    return doc;
}


void
item_check_in(struct item_context *it)
{
    struct str payload = it->item->payload, slug;
    struct json *doc;

    if (it->envelope == NULL && payload.n == 0) {
        doc = of_query(it->scratch, it->message->query);

    } else if (json_parse(it->scratch, payload, &limits, &doc, NULL) != ST_OK) {
        item_settle(it, OUTCOME_INVALID, STR("invalid_json"));
        return;
    }
    slug = it->envelope == NULL ? it->message->param
                                : json_text_of(doc, "monitor_slug");
    if (is_check_in(doc, slug)) {
        item_settle(it, OUTCOME_ACCEPTED, STR("not_kept"));

    } else {
        item_settle(it, OUTCOME_INVALID, STR("invalid_check_in"));
    }
}
