/* When a rule about a number would have opened, changed and closed incidents.
 */

#include "alert/rehearse.h"

#include <stdlib.h>

#include "model/alert_data.h"
#include "model/rehearse.h"
#include "util/lang.h"

/* Bytes of users and rows that are looked at, over all windows; then it is cut.
 */
#define WORK_MAX (256 << 20)

struct course {
    struct db *db;
    struct arena *a;
    struct arena *scratch;
    const struct metric_rule *m;
    struct past_count *v; /* of one project, by time */
    size_t n;
    int64_t *sums; /* n + 1: of all before */
    int64_t *bad;
    size_t work;
    struct alert_fire *told;
    size_t ntold;
    size_t size;
    struct rehearsal *out;
};


static bool
of_sessions(const struct metric_rule *m)
{
    return m->metric == METRIC_CRASH_FREE_SESSIONS
           || m->metric == METRIC_CRASH_FREE_USERS;
}


static enum status
gather(struct course *c, int64_t project_id, int64_t from, int64_t to)
{
    const struct past_scope scope = {
        .organization_id = c->m->row->organization_id,
        .projects = &project_id,
        .nprojects = 1,
        .environments = c->m->row->environments,
        .nenvironments = c->m->row->nenvironments,
        .from = from,
        .to = to,
    };
    enum status st;

    st = of_sessions(c->m)
             ? past_sessions(c->db, c->a, &scope, c->m->release,
                             c->m->metric == METRIC_CRASH_FREE_USERS, &c->v,
                             &c->n)
             : past_counts(c->db, c->a, &scope, c->m->level,
                           c->m->metric == METRIC_USERS, &c->v, &c->n);
    if (st != ST_OK) {
        return st;
    }
    c->out->cut = c->out->cut || c->n == REHEARSE_ROWS_MAX;
    c->sums = arena_array(c->a, c->n + 1, sizeof(int64_t));
    c->bad = arena_array(c->a, c->n + 1, sizeof(int64_t));
    for (size_t i = 0; i < c->n; i++) {
        c->sums[i + 1] = c->sums[i] + c->v[i].n;
        c->bad[i + 1] = c->bad[i] + c->v[i].bad;
    }
    return ST_OK;
}


/* The first entry not before it. */
static size_t
first_at(const struct course *c, int64_t at)
{
    size_t low = 0, high = c->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c->v[middle].at < at) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }
    return low;
}


static int64_t
users_in(struct course *c, size_t from, size_t to, int64_t place, bool bad)
{
    struct buf users = buf_in(c->scratch);
    int64_t n;

    for (size_t i = from; i < to; i++) {
        if (c->v[i].place == place) {
            buf_str(&users, bad ? c->v[i].bad_users : c->v[i].users);
        }
    }
    c->work += users.n;
    n = alert_distinct(c->scratch, buf_view(&users));
    arena_reset(c->scratch);
    return n;
}


/* The sessions, or their users, of the newest release that has any there. */
static bool
crash_free_in(struct course *c, size_t low, size_t high, double *value)
{
    int64_t place = 0, all = 0, bad = 0;

    for (size_t i = low; i < high; i++) {
        place = c->v[i].place > place ? c->v[i].place : place;
    }
    if (c->m->metric == METRIC_CRASH_FREE_USERS) {
        all = users_in(c, low, high, place, false);
        bad = users_in(c, low, high, place, true);

    } else if (place == 0) {
        all = c->sums[high] - c->sums[low];
        bad = c->bad[high] - c->bad[low];

    } else {
        for (size_t i = low; i < high; i++) {
            all += c->v[i].place == place ? c->v[i].n : 0;
            bad += c->v[i].place == place ? c->v[i].bad : 0;
        }
    }
    c->work += high - low;
    return metric_crash_free(all, bad, value) && all >= c->m->least;
}


/* As metric_value, from what was gathered; false: nothing to measure. */
static bool
value_in(struct course *c, int64_t from, int64_t to, double *value)
{
    size_t low = first_at(c, from), high = first_at(c, to);

    switch (c->m->metric) {
    case METRIC_CRASH_FREE_SESSIONS:
    case METRIC_CRASH_FREE_USERS:
        return crash_free_in(c, low, high, value);
    case METRIC_USERS:
        *value = (double) users_in(c, low, high, 0, false);
        return true;
    default:
        *value = (double) (c->sums[high] - c->sums[low]);
        return true;
    }
}


static bool
measure(struct course *c, int64_t at, double *value)
{
    int64_t window = c->m->window * US_PER_MINUTE, back[USUAL_MAX];
    double before[USUAL_MAX];
    size_t n = metric_windows(c->m, back);

    if (!value_in(c, at - window, at, value)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!value_in(c, at - window - back[i], at - back[i], &before[i])) {
            return false;
        }
    }
    return n == 0 || usual_percent(before, n, value);
}


static void
note(struct course *c, int64_t project_id, int64_t at, int severity,
     double value)
{
    const char *words = severity == SEVERITY_CRITICAL  ? N_("Critical: {0}")
                        : severity == SEVERITY_WARNING ? N_("Warning: {0}")
                                                       : N_("Resolved: {0}");
    size_t day = (size_t) ((at - c->out->from) / US_PER_DAY);

    if (severity != SEVERITY_NONE) {
        c->out->fired++;
        c->out->days[day < REHEARSE_DAYS ? day : REHEARSE_DAYS - 1]++;
    }
    if (c->ntold == c->size) {
        size_t size = c->size == 0 ? 64 : c->size * 2;

        c->told = arena_grow(c->a, c->told, c->size * sizeof(*c->told),
                             size * sizeof(*c->told));
        c->size = size;
    }
    c->told[c->ntold++] = (struct alert_fire){
        .project_id = project_id,
        .at = at,
        .cause =
            lang_keep(c->a, words, FILL(metric_measured(c->a, c->m, value))),
        .value = value,
    };
}


static void
play(struct course *c, int64_t project_id, int64_t to)
{
    int64_t every = metric_every(c->m);
    struct metric_state s = { .incident_id = 0 };

    for (int64_t at = (c->out->from + every - 1) / every * every; at <= to;
         at += every) {
        double value = 0;
        int severity;

        if (c->work > WORK_MAX) {
            c->out->cut = true;
            return;
        }
        if (!measure(c, at, &value)) {
            s.criticals = s.warnings = 0;
            continue;
        }
        severity = metric_next(c->m, &s, at, value);
        if (severity != s.severity) {
            note(c, project_id, at, severity, value);
        }
        if (s.severity != SEVERITY_NONE && severity == SEVERITY_NONE) {
            s.closed_at = at;
        }
        s.severity = severity;
        s.incident_id = severity != SEVERITY_NONE;
    }
}


static int
newest_first(const void *left, const void *right)
{
    const struct alert_fire *a = left, *b = right;

    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    return (a->project_id > b->project_id) - (a->project_id < b->project_id);
}


enum status
rehearse_metric(struct db *db, struct arena *a, const struct metric_rule *m,
                int64_t now, struct rehearsal *out)
{
    struct course c = { .db = db, .a = a, .m = m, .out = out };
    const int64_t *projects = m->row->projects;
    size_t n = m->row->nprojects;
    int64_t to = now - now % US_PER_MINUTE,
            back = (m->window + m->compare) * US_PER_MINUTE
                   + usual_reach(m->usual);
    enum status st = ST_OK;

    *out = (struct rehearsal){ .from = to - REHEARSE_DAYS * US_PER_DAY };
    if (m->metric == METRIC_DELAY) {
        out->why_not = "It depends on delays and limits, which are not kept.";
        return ST_OK;
    }
    if (m->row->all_projects) {
        st = alert_projects(db, a, m->row->organization_id, &projects, &n);
    }
    c.scratch = arena_new();
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        st = gather(&c, projects[i], out->from - back, to);
        if (st == ST_OK) {
            play(&c, projects[i], to);
        }
    }
    arena_free(c.scratch);
    if (c.ntold > 0) {
        qsort(c.told, c.ntold, sizeof(*c.told), newest_first);
    }
    out->told = (int64_t) c.ntold;
    for (; out->nshown < REHEARSE_SHOWN && out->nshown < c.ntold;
         out->nshown++) {
        out->shown[out->nshown] = c.told[out->nshown];
    }
    return st;
}
