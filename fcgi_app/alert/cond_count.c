/*
 * Conditions that count: events or users of an issue in a window that ends
 * with the minute that is looked at (alerts_integrations.md 1.2).
 *
 * Strictly more than the value.  In percent: how much more than in the window
 * that lies so far back; nothing to compare with is no increase.
 */

#include "alert/condition.h"

#include <math.h>

#include "util/lang.h"

/* Fewer sessions in an hour say nothing about their share. */
#define SESSIONS_MIN 50


/* What there is in [from, to), in the condition's own unit. */
static double
measure(const struct alert_node *n, struct facts *f, enum alert_unit unit,
        int64_t from, int64_t to)
{
    int64_t count = 0, sessions;

    f->st = f->count(f, unit, from, to, &count);
    if (f->st != ST_OK || n->type->test != cond_count_share) {
        return (double) count;
    }
    /* in percent of the sessions that a window has, by those of an hour */
    sessions = facts_sessions(f, to - US_PER_MINUTE);
    return sessions < SESSIONS_MIN
               ? 0
               : (double) (count * 100 * 3600 / n->window * 100 / sessions)
                     / 100;
}


static enum verdict
compare(const struct alert_node *n, struct facts *f, enum alert_unit unit)
{
    int64_t to = f->at + US_PER_MINUTE;
    int64_t from = to - n->window * US_PER_SECOND;
    double value, before;

    if (f->count == NULL) {
        return LATER;
    }
    if ((f->causes & CAUSE_COUNT) == 0) {
        return NO;
    }
    value = measure(n, f, unit, from, to);
    if (f->st != ST_OK) {
        return NO;
    }
    if (n->compare > 0) {
        int64_t back = n->compare * US_PER_SECOND;

        before = measure(n, f, unit, from - back, to - back);
        if (f->st != ST_OK || before <= 0) {
            return NO;
        }
        value = value > before ? floor((value - before) * 100 / before) : 0;
    }
    if (value <= n->number) {
        return NO;
    }
    f->measured = (struct measured){ n, value, n->number, n->window, 0 };
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


enum verdict
cond_count_matching(const struct alert_node *n, struct facts *f)
{
    return compare(n, f, ALERT_MATCHES);
}


enum verdict
cond_count_share(const struct alert_node *n, struct facts *f)
{
    return compare(n, f, ALERT_EVENTS);
}


static const char *
unit_of(int64_t seconds, int64_t *n)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } units[] = { { 7 * 86400, N_("{0} {0|week|weeks}") },
                  { 86400, N_("{0} {0|day|days}") },
                  { 3600, N_("{0} {0|hour|hours}") },
                  { 60, N_("{0} {0|minute|minutes}") } };

    for (size_t i = 0; i < 4; i++) {
        if (seconds % units[i].seconds == 0) {
            *n = seconds / units[i].seconds;
            return units[i].text;
        }
    }
    *n = seconds;
    return N_("{0} {0|second|seconds}");
}


struct str
alert_duration(struct arena *a, int64_t seconds)
{
    int64_t n;
    const char *unit = unit_of(seconds, &n);

    return lang_keep(a, unit, FILL(str_printf(a, "%lld", (long long) n)));
}


/* How a condition that counts speaks: of events, users or sessions. */
struct unit_words {
    condition_test test;
    const char *seen;  /* more than a number of times in a window */
    const char *more;  /* than in a window before */
    const char *unit;  /* what was measured */
    const char *above; /* what was measured in percent */
};

static const struct unit_words unit_words[] = {
    { cond_count_events,
      N_("An issue is seen more than {0} {0|time|times} in {1}"),
      N_("An issue has {0} % more events in {1} than {2} earlier"),
      N_("{0} {0|event|events} in {1}"),
      N_("{0} % more events in {1} than {2} earlier") },
    { cond_count_users,
      N_("An issue is seen by more than {0} {0|user|users} in {1}"),
      N_("An issue has {0} % more users in {1} than {2} earlier"),
      N_("{0} {0|user|users} in {1}"),
      N_("{0} % more users in {1} than {2} earlier") },
    { cond_count_matching,
      N_("An issue is seen by more than {0} {0|user|users} whose events match "
         "the tag filters in {1}"),
      N_("An issue has {0} % more users whose events match the tag filters in "
         "{1} than {2} earlier"),
      N_("{0} {0|user|users} with events that match in {1}"),
      N_("{0} % more users with events that match in {1} than {2} earlier") },
    { cond_count_share,
      N_("An issue is seen in more than {0} % of sessions in {1}"),
      N_("An issue has {0} % more sessions with it in {1} than {2} earlier"),
      N_("{0} % of sessions in {1}"),
      N_("{0} % more sessions with it in {1} than {2} earlier") },
};


static const struct unit_words *
words_of(const struct alert_node *n)
{
    for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
        if (unit_words[i].test == n->type->test) {
            return &unit_words[i];
        }
    }
    return NULL;
}


/* Shares to a hundredth; all else is whole. */
static struct str
number_of(struct arena *a, double value)
{
    return lang_keep_number(a,
                            str_printf(a, "%.10g", round(value * 100) / 100));
}


struct str
alert_count_words(struct arena *a, const struct alert_node *n)
{
    const struct unit_words *w = words_of(n);
    struct str window = alert_duration(a, n->window);
    struct str number = number_of(a, n->number);

    if (w == NULL) {
        return unusual_words(a, n);
    }
    if (n->compare > 0) {
        return lang_keep(a, w->more,
                         FILL(number, window, alert_duration(a, n->compare)));
    }
    return lang_keep(a, w->seen, FILL(number, window));
}


struct str
alert_measured_words(struct arena *a, const struct measured *m)
{
    struct str window = alert_duration(a, m->window);
    struct str number = number_of(a, m->value);
    const struct unit_words *w;

    if (m->node == NULL) {
        return STR_NULL;
    }
    if (m->node->type->test == cond_unusual) {
        return unusual_measured(a, m);
    }
    w = words_of(m->node);
    if (w != NULL && m->node->compare > 0) {
        return lang_keep(
            a, w->above,
            FILL(number, window, alert_duration(a, m->node->compare)));
    }
    if (w != NULL) {
        return lang_keep(a, w->unit, FILL(number, window));
    }
    if (m->node->type->test == cond_silence) {
        return lang_keep(a, N_("no event for {0} {0|minute|minutes}"),
                         FILL(number));
    }
    if (m->node->type->test == cond_delay) {
        return lang_keep(a, N_("events wait for {0} {0|second|seconds}"),
                         FILL(number));
    }
    return lang_keep(a, N_("{0} % of the limit is used"), FILL(number));
}
