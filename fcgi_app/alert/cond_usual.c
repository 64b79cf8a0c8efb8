/* The condition that an issue deviates from what is usual for it. */

#include "alert/condition.h"

#include <math.h>

#include "alert/usual.h"
#include "util/lang.h"


static enum usual
season_of(const struct alert_node *n)
{
    return usual_of(json_text_of(n->json, "season")) == USUAL_DAY ? USUAL_DAY
                                                                  : USUAL_WEEK;
}


int64_t
unusual_least(const struct alert_node *n)
{
    const struct json *v = json_get(n->json, "least");
    int64_t least;

    return v != NULL && str_i64(v->text, &least) ? least : 10;
}


int64_t
unusual_reach(const struct alert_node *n)
{
    return n->type->test == cond_unusual ? usual_reach(season_of(n)) : 0;
}


/* It was there in most of the windows, so that one can say what is usual. */
static bool
is_old(const struct facts *f, int64_t from, const int64_t *back, size_t n)
{
    return f->issue != NULL && f->issue->first_seen <= from - back[n / 2];
}


enum verdict
cond_unusual(const struct alert_node *n, struct facts *f)
{
    int64_t to = f->at + US_PER_MINUTE, back[USUAL_MAX], count;
    int64_t from = to - n->window * US_PER_SECOND;
    double before[USUAL_MAX], usual, limit;
    size_t windows = usual_windows(season_of(n), back);

    if (f->count == NULL) {
        return LATER;
    }
    if ((f->causes & CAUSE_COUNT) == 0) {
        return NO;
    }
    f->st = f->count(f, ALERT_EVENTS, from, to, &count);
    if (f->st != ST_OK || count < unusual_least(n) || facts_issue(f) == NULL
        || !is_old(f, from, back, windows)) {
        return NO;
    }
    for (size_t i = 0; i < windows; i++) {
        int64_t then;

        f->st = f->count(f, ALERT_EVENTS, from - back[i], to - back[i], &then);
        if (f->st != ST_OK) {
            return NO;
        }
        before[i] = (double) then;
    }
    usual = usual_median(before, windows);
    limit = fmax(usual, 1) * (100 + n->number) / 100;
    if ((double) count <= limit) {
        return NO;
    }
    f->measured =
        (struct measured){ n, (double) count, limit, n->window, usual };
    return YES;
}


static struct str
whole(struct arena *a, int64_t v)
{
    return lang_keep_number(a, str_printf(a, "%lld", (long long) v));
}


struct str
unusual_words(struct arena *a, const struct alert_node *n)
{
    return lang_keep(
        a,
        season_of(n) == USUAL_DAY
            ? N_("An issue is seen {0} % more than is usual at this time of "
                 "the day, {1} {1|time|times} at least, in {2}")
            : N_("An issue is seen {0} % more than is usual at this time of "
                 "the week, {1} {1|time|times} at least, in {2}"),
        FILL(lang_keep_number(a, str_printf(a, "%.10g", n->number)),
             whole(a, unusual_least(n)), alert_duration(a, n->window)));
}


struct str
unusual_measured(struct arena *a, const struct measured *m)
{
    return lang_keep(
        a,
        season_of(m->node) == USUAL_DAY
            ? N_("{0} {0|event|events} in {1}; usual at this time of the day: "
                 "{2}")
            : N_("{0} {0|event|events} in {1}; usual at this time of the "
                 "week: {2}"),
        FILL(whole(a, (int64_t) m->value), alert_duration(a, m->window),
             lang_keep_number(a, str_printf(a, "%.10g", m->usual))));
}
