/*
 * Conditions that count: events or users of an issue in a window that ends
 * with the minute that is looked at (alerts_integrations.md 1.2).
 *
 * Strictly more than the value.  In percent: how much more than in the window
 * that lies so far back; nothing to compare with is no increase.
 */

#include "alert/condition.h"


static enum verdict
compare(const struct alert_node *n, struct facts *f, enum alert_unit unit)
{
    int64_t to = f->at + US_PER_MINUTE;
    int64_t from = to - n->window * US_PER_SECOND;
    int64_t now = 0, before = 0;
    double value;

    if (f->count == NULL) {
        return LATER;
    }
    if ((f->causes & CAUSE_COUNT) == 0) {
        return NO;
    }
    if ((f->st = f->count(f, unit, from, to, &now)) != ST_OK) {
        return NO;
    }
    value = (double) now;
    if (n->compare > 0) {
        int64_t back = n->compare * US_PER_SECOND;

        f->st = f->count(f, unit, from - back, to - back, &before);
        if (f->st != ST_OK || before <= 0) {
            return NO;
        }
        value = now > before ? (double) ((now - before) * 100 / before) : 0;
    }
    if (value <= n->number) {
        return NO;
    }
    f->measured = (struct measured){ n, value, n->number, n->window };
    return YES;
}


enum verdict
cond_count_events(const struct alert_node *n, struct facts *f)
{
    return compare(n, f, ALERT_EVENTS);
}


enum verdict
cond_count_users(const struct alert_node *n, struct facts *f)
{
    return compare(n, f, ALERT_USERS);
}


static const char *
unit_of(int64_t seconds, int64_t *n)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = { { 7 * 86400, "week", "weeks" },
                  { 86400, "day", "days" },
                  { 3600, "hour", "hours" },
                  { 60, "minute", "minutes" } };

    for (size_t i = 0; i < 4; i++) {
        if (seconds % units[i].seconds == 0) {
            *n = seconds / units[i].seconds;
            return *n == 1 ? units[i].one : units[i].many;
        }
    }
    *n = seconds;
    return "seconds";
}


struct str
alert_duration(struct arena *a, int64_t seconds)
{
    int64_t n;
    const char *unit = unit_of(seconds, &n);

    return str_printf(a, "%lld %s", (long long) n, unit);
}


struct str
alert_count_words(struct arena *a, const struct alert_node *n)
{
    bool users = n->type->test == cond_count_users;
    struct str window = alert_duration(a, n->window);

    if (n->compare > 0) {
        return str_printf(a,
                          "An issue has %.0f %% more %s in %.*s than %.*s "
                          "earlier",
                          n->number, users ? "users" : "events",
                          STR_FMT(window),
                          STR_FMT(alert_duration(a, n->compare)));
    }
    return users ? str_printf(a,
                              "An issue is seen by more than %.0f users in "
                              "%.*s",
                              n->number, STR_FMT(window))
                 : str_printf(a,
                              "An issue is seen more than %.0f times in "
                              "%.*s",
                              n->number, STR_FMT(window));
}


struct str
alert_measured_words(struct arena *a, const struct measured *m)
{
    struct str window = alert_duration(a, m->window);

    if (m->node == NULL) {
        return STR_NULL;
    }
    if (m->node->compare > 0) {
        return str_printf(
            a, "%.0f %% more %s in %.*s than %.*s earlier", m->value,
            m->node->type->test == cond_count_users ? "users" : "events",
            STR_FMT(window), STR_FMT(alert_duration(a, m->node->compare)));
    }
    if (m->node->type->test == cond_count_users) {
        return str_printf(a, "%.0f users in %.*s", m->value, STR_FMT(window));
    }
    if (m->node->type->test == cond_count_events) {
        return str_printf(a, "%.0f events in %.*s", m->value, STR_FMT(window));
    }
    if (m->node->type->test == cond_silence) {
        return str_printf(a, "no event for %.0f minutes", m->value);
    }
    if (m->node->type->test == cond_delay) {
        return str_printf(a, "events wait for %.0f seconds", m->value);
    }
    return str_printf(a, "%.0f %% of the limit is used", m->value);
}
