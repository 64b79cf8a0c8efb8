/* Filters on the issue and on the time. */

#include "alert/condition.h"


enum verdict
filter_age(const struct alert_node *n, struct facts *f)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = { { "minute", US_PER_MINUTE },
                  { "hour", US_PER_HOUR },
                  { "day", US_PER_DAY },
                  { "week", 7 * US_PER_DAY } };
    const struct alert_issue *is = facts_issue(f);
    struct str unit = json_text_of(n->json, "time");
    int64_t us = US_PER_MINUTE, border;

    if (is == NULL) {
        return NO;
    }
    for (size_t i = 0; i < 4; i++) {
        if (str_is(unit, units[i].name)) {
            us = units[i].us;
        }
    }
    border = f->at - (int64_t) (n->number * (double) us);
    if (str_is(json_text_of(n->json, "comparison_type"), "newer")) {
        return is->first_seen > border ? YES : NO;
    }
    return is->first_seen < border ? YES : NO;
}


enum verdict
filter_occurrences(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);

    return is != NULL && (double) is->times_seen >= n->number ? YES : NO;
}


enum verdict
filter_users(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);

    return is != NULL && (double) is->users_seen >= n->number ? YES : NO;
}


/* As in model/assignee.h, 0 for nobody; false: whom it means is not told. */
static bool
target_of(const struct alert_node *n, int64_t *id)
{
    struct str target = json_text_of(n->json, "targetType");
    const struct json *v = json_get(n->json, "targetIdentifier");
    bool team = str_is(target, "Team");

    *id = 0;
    if (!team && !str_is(target, "Member")) {
        return true;
    }
    if (!str_i64(v != NULL ? v->text : STR_NULL, id)) {
        return false;
    }
    *id = team ? -*id : *id;
    return true;
}


enum verdict
filter_assigned(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);
    int64_t wanted;

    return is != NULL && target_of(n, &wanted) && is->assignee_id == wanted
               ? YES
               : NO;
}


enum verdict
filter_owned(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);
    int64_t wanted;

    if (is == NULL || !target_of(n, &wanted)) {
        return NO;
    }
    if (wanted == 0) {
        return is->owners.n == 0 ? YES : NO;
    }
    return str_find(is->owners, str_printf(f->a, ",%lld,", (long long) wanted))
                   >= 0
               ? YES
               : NO;
}


enum verdict
filter_priority(const struct alert_node *n, struct facts *f)
{
    const struct alert_issue *is = facts_issue(f);

    if (f->past) {
        int now, before;

        facts_priority(f, &now, &before);
        return now >= (int) n->number ? YES : NO;
    }
    return is != NULL && is->priority >= (int) n->number ? YES : NO;
}


/* What changed its priority last lowered it: it was high, and is not now. */
enum verdict
filter_deescalated(const struct alert_node *n, struct facts *f)
{
    int now, before;

    (void) n;
    facts_priority(f, &now, &before);
    return now < before ? YES : NO;
}


static int
clock_of(const struct json *json, const char *name, int standard)
{
    struct str s = json_text_of(json, name);
    int64_t h, m;

    return s.n == 5 && str_i64(str_sub(s, 0, 2), &h)
                   && str_i64(str_sub(s, 3, 5), &m)
               ? (int) (h * 60 + m)
               : standard;
}


/* From 22:00 to 06:00 passes midnight, and belongs to the day it began on. */
bool
alert_clock_inside(const struct json *json, int64_t us)
{
    struct str zone = json_text_of(json, "zone");
    struct str days = json_text_of(json, "days");
    int from = clock_of(json, "from", 0), to = clock_of(json, "to", 1440);
    int minute = zone_week_minute(zone, us), day = minute / 1440;
    bool in;

    minute %= 1440;
    if (from <= to) {
        in = minute >= from && minute < to;

    } else {
        in = minute >= from || minute < to;
        day = minute < to ? (day + 6) % 7 : day;
    }
    if (str_is(days, "work")) {
        return in && day < 5;
    }
    return str_is(days, "weekend") ? in && day >= 5 : in;
}


enum verdict
filter_time(const struct alert_node *n, struct facts *f)
{
    bool in = alert_clock_inside(n->json, f->at);

    return in != str_is(json_text_of(n->json, "side"), "outside") ? YES : NO;
}
