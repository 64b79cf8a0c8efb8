#include "alert/metric.h"

#include <math.h>
#include <stdlib.h>

#include "model/alert_data.h"
#include "model/outbox.h"
#include "util/buf.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/log.h"

/* A new incident so soon after the last is the same trouble. */
#define REOPEN_US (10 * US_PER_MINUTE)

/* A minute is looked at when what came in then has been stored. */
#define SETTLE_US (5 * US_PER_SECOND)

/* Of minutes in which no worker looked so many are made up for. */
#define MISSED_US (10 * US_PER_MINUTE)

static const struct alert_choice metrics[] = {
    { "events", N_("events") },
    { "users", N_("different users") },
    { "crash_free_sessions", N_("% of sessions without a crash") },
    { "crash_free_users", N_("% of users without a crash") },
    { "delay", N_("seconds until an event is stored") },
    { NULL, NULL },
};

static const struct alert_choice windows[] = {
    { "1", N_("1 minute") },    { "5", N_("5 minutes") },
    { "10", N_("10 minutes") }, { "15", N_("15 minutes") },
    { "30", N_("30 minutes") }, { "60", N_("1 hour") },
    { "120", N_("2 hours") },   { "240", N_("4 hours") },
    { "1440", N_("1 day") },    { NULL, NULL },
};

static const struct alert_choice compares[] = {
    { "0", N_("not compared") },
    { "60", N_("in percent of 1 hour earlier") },
    { "1440", N_("in percent of 1 day earlier") },
    { "10080", N_("in percent of 1 week earlier") },
    { "day", N_("in percent of what is usual at this time of the day") },
    { "week", N_("in percent of what is usual at this time of the week") },
    { NULL, NULL },
};

static const struct alert_choice sides[] = { { "above", N_("above") },
                                             { "below", N_("below") },
                                             { NULL, NULL } };

static const struct alert_choice levels[] = {
    { "0", N_("any level") },
    { "30", N_("warning and above") },
    { "40", N_("error and above") },
    { "50", N_("fatal") },
    { NULL, NULL },
};

const struct alert_field metric_fields[] = {
    { "metric", N_("What"), INPUT_CHOICE, metrics, "events", 0, 0, false },
    { "level", N_("Level of events"), INPUT_CHOICE, levels, "0", 0, 0, false },
    { "window", N_("In"), INPUT_CHOICE, windows, "60", 0, 0, false },
    { "compare", N_("Compared"), INPUT_CHOICE, compares, "0", 0, 0, false },
    { "side", N_("Trouble is"), INPUT_CHOICE, sides, "above", 0, 0, false },
    { "critical", N_("Critical"), INPUT_NUMBER, NULL, "100", 0, 1e12, false },
    { "warning", N_("Warning"), INPUT_NUMBER, NULL, "", 0, 1e12, true },
    { "resolve", N_("Resolved"), INPUT_NUMBER, NULL, "", 0, 1e12, true },
    { "period", N_("Times in a row"), INPUT_NUMBER, NULL, "1", 1, 20, false },
    { "release", N_("Sessions of the release (or latest)"), INPUT_TEXT, NULL,
      "", 0, 0, true },
    { "least", N_("Of so many at least"), INPUT_NUMBER, NULL, "", 1, 1e12,
      true },
    { NULL, NULL, INPUT_TEXT, NULL, NULL, 0, 0, true },
};


static struct str
text_of(struct arena *a, const struct json *data, size_t field)
{
    return alert_field_text(a, &metric_fields[field], data);
}


static double
number_of(struct arena *a, const struct json *data, size_t field, bool *set)
{
    double v = 0;
    bool some = str_double(text_of(a, data, field), &v);

    if (set != NULL) {
        *set = some;
    }
    return v;
}


/* Whatever changes an issue has none here. */
static bool
only_tells(const struct rule_block *b, const char **fault)
{
    for (size_t i = 0; i < b->nactions; i++) {
        if (b->actions[i].type->channel == NULL) {
            *fault = "An alert about a number has no issue to change.";
            return false;
        }
    }
    return true;
}


static bool
read_actions(struct arena *a, struct metric_rule *out, const char **fault)
{
    return rule_actions(a, json_get(out->data, "actions"), &out->first, fault)
           && rule_escalation(a, out->data, &out->escalate, &out->second, fault)
           && only_tells(&out->first, fault) && only_tells(&out->second, fault);
}


static bool
of_sessions(const struct metric_rule *m)
{
    return m->metric == METRIC_CRASH_FREE_SESSIONS
           || m->metric == METRIC_CRASH_FREE_USERS;
}


static bool
sound(const struct metric_rule *m, const char **fault)
{
    if (m->has_warning
        && (m->below ? m->warning < m->critical : m->warning > m->critical)) {
        *fault = "The warning has to come before the critical threshold.";
        return false;
    }
    if (!of_sessions(m) && (m->release.n > 0 || m->least > 0)) {
        *fault = "Only of sessions a release, or how many there are at least, "
                 "can be said.";
        return false;
    }
    if (of_sessions(m) && (m->compare > 0 || m->usual != USUAL_NONE)) {
        *fault = "A share of sessions is a percentage already.";
        return false;
    }
    if (m->metric == METRIC_DELAY && m->usual != USUAL_NONE) {
        *fault = "Delays are not kept: nothing is known of what is usual.";
        return false;
    }
    return true;
}


bool
metric_read(struct arena *a, const struct alert_rule *row,
            struct metric_rule *out, const char **fault)
{
    struct str what;

    *out = (struct metric_rule){ .row = row };
    if (json_parse(a, row->data, NULL, &out->data, NULL) != ST_OK
        || !json_is(out->data, JSON_T_OBJECT)) {
        *fault = "The rule cannot be read: it is no JSON object.";
        return false;
    }
    if (!alert_fields_check(a, metric_fields, out->data, fault)) {
        return false;
    }
    what = text_of(a, out->data, 0);
    for (int i = 0; metrics[i].id != NULL; i++) {
        if (str_is(what, metrics[i].id)) {
            out->metric = (enum metric) i;
        }
    }
    out->level = (int) number_of(a, out->data, 1, NULL);
    out->window = (int64_t) number_of(a, out->data, 2, NULL);
    out->compare = (int64_t) number_of(a, out->data, 3, NULL);
    out->usual = usual_of(text_of(a, out->data, 3));
    out->below = str_is(text_of(a, out->data, 4), "below");
    out->critical = number_of(a, out->data, 5, NULL);
    out->warning = number_of(a, out->data, 6, &out->has_warning);
    out->resolve = number_of(a, out->data, 7, &out->has_resolve);
    out->period = (int) number_of(a, out->data, 8, NULL);
    out->release = text_of(a, out->data, 9);
    out->least = (int64_t) number_of(a, out->data, 10, NULL);
    return sound(out, fault) && read_actions(a, out, fault);
}


/* words */

/* A share is told to a hundredth. */
static struct str
number_words(struct arena *a, double value)
{
    return lang_keep_number(a,
                            str_printf(a, "%.12g", round(value * 100) / 100));
}


static struct str
what_in(struct arena *a, const struct metric_rule *m)
{
    struct str what = lang_keep(a, metrics[m->metric].words, NULL, 0);
    struct str window = alert_duration(a, m->window * 60);

    if (str_is(m->release, "latest")) {
        what = lang_keep(a, N_("{0} of the newest release"), FILL(what));

    } else if (m->release.n > 0) {
        what = lang_keep(a, N_("{0} of release {1}"), FILL(what, m->release));
    }
    if (m->usual != USUAL_NONE) {
        return lang_keep(
            a,
            m->usual == USUAL_DAY
                ? N_("% of the {0} that are usual at this time of the day, in "
                     "{1}")
                : N_("% of the {0} that are usual at this time of the week, "
                     "in {1}"),
            FILL(what, window));
    }
    if (m->compare > 0) {
        return lang_keep(
            a, N_("% of the {0} of {1} earlier, in {2}"),
            FILL(what, alert_duration(a, m->compare * 60), window));
    }
    return lang_keep(a, N_("{0} in {1}"), FILL(what, window));
}


struct str
metric_words(struct arena *a, const struct metric_rule *m)
{
    return lang_keep(
        a, m->below ? N_("Less than {0} {1}") : N_("More than {0} {1}"),
        FILL(number_words(a, m->critical), what_in(a, m)));
}


struct str
metric_measured(struct arena *a, const struct metric_rule *m, double value)
{
    static const char *const measured[] = {
        N_("{0} {0|event|events} in {1}"),
        N_("{0} different {0|user|users} in {1}"),
        N_("{0} % of sessions without a crash in {1}"),
        N_("{0} % of users without a crash in {1}"),
        N_("{0} {0|second|seconds} until an event is stored, in {1}"),
    };
    struct str number = number_words(a, value);

    if (m->compare > 0 || m->usual != USUAL_NONE || m->release.n > 0) {
        return lang_keep(a, "{0} {1}", FILL(number, what_in(a, m)));
    }
    return lang_keep(a, measured[m->metric],
                     FILL(number, alert_duration(a, m->window * 60)));
}


struct str
metric_threshold(struct arena *a, const struct metric_rule *m, double value)
{
    return lang_keep(a, m->below ? N_("less than {0}") : N_("more than {0}"),
                     FILL(number_words(a, value)));
}


/* " level:[error,fatal]" of "error and above", as the search box takes it */
static void
add_levels(struct buf *b, int least)
{
    static const struct {
        int level;
        const char *name;
    } names[] = {
        { 10, "debug" }, { 20, "info" },  { 30, "warning" },
        { 40, "error" }, { 50, "fatal" },
    };

    buf_text(b, "level:[");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].level >= least) {
            buf_addf(b, "%s%s", names[i].name, names[i].level < 50 ? "," : "]");
        }
    }
}


struct str
metric_query(struct arena *a, const struct metric_rule *m, struct str project)
{
    const struct alert_rule *r = m->row;
    struct buf b = buf_in(a), search = buf_in(a);

    if (of_sessions(m) && m->release.n > 0 && !str_is(m->release, "latest")) {
        return str_printf(a, "releases/%.*s/?project=%.*s",
                          STR_FMT(url_encode(a, m->release)), STR_FMT(project));
    }
    if (of_sessions(m)) {
        return str_printf(a, "releases/?project=%.*s", STR_FMT(project));
    }
    if (m->metric == METRIC_DELAY) {
        return str_printf(a, "projects/%.*s/", STR_FMT(project));
    }
    buf_addf(&b, "explore/?project=%.*s&range=%s%s%s", STR_FMT(project),
             m->window <= 24 * 60 ? "24h" : "14d",
             m->metric == METRIC_USERS ? "&show=users" : "",
             m->compare > 0 ? "&compare=1" : "");
    if (r->nenvironments == 1) {
        buf_addf(&b, "&environment=%.*s",
                 STR_FMT(url_encode(a, r->environments[0])));
    }
    if (m->level > 0) {
        add_levels(&search, m->level);
        buf_addf(&b, "&q=%.*s", STR_FMT(url_encode(a, buf_view(&search))));
    }
    return buf_view(&b);
}


/* evaluating */

static bool
beyond(const struct metric_rule *m, double value, double threshold)
{
    return m->below ? value < threshold : value > threshold;
}


/* Short windows every minute, long ones more seldom. */
int64_t
metric_every(const struct metric_rule *m)
{
    int64_t minutes = m->window < 30     ? 1
                      : m->window < 60   ? 2
                      : m->window < 240  ? 3
                      : m->window < 1440 ? 5
                                         : 15;

    return minutes * (m->compare > 0 ? 2 : 1) * US_PER_MINUTE;
}


size_t
metric_windows(const struct metric_rule *m, int64_t back[USUAL_MAX])
{
    if (m->compare > 0) {
        back[0] = m->compare * US_PER_MINUTE;
        return 1;
    }
    return usual_windows(m->usual, back);
}


enum status
metric_measure(struct db *db, struct arena *a, const struct metric_rule *m,
               int64_t project_id, int64_t at, double *value, bool *some)
{
    const struct metric_scope scope = {
        .metric = m->metric,
        .project_id = project_id,
        .environments = m->row->environments,
        .nenvironments = m->row->nenvironments,
        .level = m->level,
        .release = m->release,
        .least = m->least,
    };
    int64_t window = m->window * US_PER_MINUTE, back[USUAL_MAX];
    double before[USUAL_MAX];
    size_t n = metric_windows(m, back);
    enum status st;

    st = metric_value(db, a, &scope, at - window, at, value, some);
    for (size_t i = 0; st == ST_OK && *some && i < n; i++) {
        st = metric_value(db, a, &scope, at - window - back[i], at - back[i],
                          &before[i], some);
    }
    if (st == ST_OK && *some && n > 0) {
        *some = usual_percent(before, n, value);
    }
    return st;
}


/* What it is now; an open incident holds until it is resolved. */
static int
severity_of(const struct metric_rule *m, const struct metric_state *s,
            double value)
{
    double lowest = m->has_warning ? m->warning : m->critical;

    if (s->criticals >= m->period) {
        return SEVERITY_CRITICAL;
    }
    if (m->has_warning && s->warnings >= m->period) {
        return SEVERITY_WARNING;
    }
    if (s->incident_id == 0) {
        return SEVERITY_NONE;
    }
    if (beyond(m, value, m->has_resolve ? m->resolve : lowest)) {
        /* better, and not yet well: a warning is what it is at least */
        return m->has_warning && !beyond(m, value, m->critical)
                   ? SEVERITY_WARNING
                   : s->severity;
    }
    return SEVERITY_NONE;
}


int
metric_next(const struct metric_rule *m, struct metric_state *s, int64_t at,
            double value)
{
    int severity;

    s->criticals = beyond(m, value, m->critical) ? s->criticals + 1 : 0;
    s->warnings =
        m->has_warning && beyond(m, value, m->warning) ? s->warnings + 1 : 0;
    severity = severity_of(m, s, value);
    return s->incident_id == 0 && s->closed_at >= at - REOPEN_US ? SEVERITY_NONE
                                                                 : severity;
}


/* Tells of a change, and keeps it in the rule's history. */
static enum status
tell(struct db *db, struct arena *a, const struct metric_rule *m,
     int64_t project_id, int64_t incident_id, int severity, int64_t at,
     double value)
{
    const char *action = severity == SEVERITY_CRITICAL  ? "critical"
                         : severity == SEVERITY_WARNING ? "warning"
                                                        : "resolved";
    struct alert_fire fire = {
        .organization_id = m->row->organization_id,
        .rule_id = m->row->id,
        .project_id = project_id,
        .issue_id = -project_id,
        .at = at,
        .cause = metric_measured(a, m, value),
        .value = value,
        .threshold = severity == SEVERITY_WARNING ? m->warning : m->critical,
        .window = m->window * 60,
        .blocks = 1,
    };
    struct outbox_row row = {
        .organization_id = m->row->organization_id,
        .project_id = project_id,
        .rule_id = m->row->id,
        .cause = STR("metric"),
        .channel = STR("route"),
        .key = str_printf(a, "incident:%lld:%s:%lld", (long long) incident_id,
                          action, (long long) (at / US_PER_MINUTE)),
    };
    enum status st = ST_OK;

    if (severity != SEVERITY_NONE) {
        st = alert_fire_add(db, a, &fire, 1);
        row.fire_id = fire.id;
    }
    row.data =
        str_printf(a,
                   "{\"incident\":%lld,\"action\":\"%s\","
                   "\"value\":%.17g,\"at\":%lld}",
                   (long long) incident_id, action, value, (long long) at);
    return st == ST_OK ? outbox_add(db, a, &row, 1) : st;
}


static enum status
step(struct db *db, struct arena *a, const struct metric_rule *m,
     int64_t project_id, struct metric_state *s, int64_t at, double value)
{
    int severity;
    enum status st = ST_OK;

    severity = metric_next(m, s, at, value);
    if (s->incident_id == 0 && severity != SEVERITY_NONE) {
        struct incident i = {
            .organization_id = m->row->organization_id,
            .rule_id = m->row->id,
            .project_id = project_id,
            .title = metric_words(a, m),
            .severity = severity,
            .value = value,
            .threshold =
                severity == SEVERITY_CRITICAL ? m->critical : m->warning,
            .started_at = at - m->window * US_PER_MINUTE
                          - (m->period - 1) * metric_every(m),
        };

        if ((st = incident_open(db, a, &i)) == ST_OK) {
            s->incident_id = i.id;
            st = tell(db, a, m, project_id, i.id, severity, at, value);
        }
        return st;
    }
    if (s->incident_id != 0) {
        int64_t id = s->incident_id;

        st = incident_change(
            db, a, id, severity, value,
            severity == SEVERITY_WARNING ? m->warning : m->critical, at);
        if (severity == SEVERITY_NONE) {
            s->incident_id = 0;
        }
        if (st == ST_OK && severity != s->severity) {
            st = tell(db, a, m, project_id, id, severity, at, value);
        }
    }
    return st;
}


/* The latest that is due, or the first of some that were missed. */
static int64_t
due(const struct metric_rule *m, int64_t checked_at, int64_t at, bool *more)
{
    int64_t every = metric_every(m),
            next = checked_at - checked_at % every + every;

    at -= at % every;
    if (next < at && checked_at >= at - MISSED_US && next > m->row->updated_at
        && next > m->row->snoozed_until) {
        *more = true;
        return next;
    }
    return at;
}


static enum status
look(struct db *db, struct arena *a, const struct metric_rule *m,
     int64_t project_id, int64_t at, bool *more)
{
    struct metric_state s;
    double value = 0;
    bool some = false;
    enum status st;

    if ((st = db_begin(db)) != ST_OK) {
        return st;
    }
    st = metric_state_lock(db, a, m->row->organization_id, m->row->id,
                           project_id, &s);
    if (st == ST_OK && (at = due(m, s.checked_at, at, more)) > s.checked_at) {
        st = metric_measure(db, a, m, project_id, at, &value, &some);
        s.checked_at = at;
        if (st == ST_OK && some) {
            st = step(db, a, m, project_id, &s, at, value);

        } else {
            s.criticals = s.warnings = 0;
        }
        if (st == ST_OK) {
            st = metric_state_save(db, a, m->row->id, project_id, &s, some,
                                   value);
        }
    }
    if (st != ST_OK) {
        db_rollback(db);
        return st == ST_NOT_FOUND ? ST_OK : st; /* deleted meanwhile */
    }
    return db_commit(db);
}


static int
by_rule_and_project(const void *left, const void *right)
{
    const struct metric_checked *a = left, *b = right;

    if (a->rule_id != b->rule_id) {
        return a->rule_id < b->rule_id ? -1 : 1;
    }
    return (a->project_id > b->project_id) - (a->project_id < b->project_id);
}


struct turn {
    int64_t at;
    struct metric_checked *checked;
    size_t nchecked;
};


static bool
is_due(const struct turn *t, const struct metric_rule *m, int64_t project_id)
{
    const struct metric_checked key = { m->row->id, project_id, 0 };
    const struct metric_checked *last =
        t->nchecked == 0 ? NULL
                         : bsearch(&key, t->checked, t->nchecked, sizeof(key),
                                   by_rule_and_project);

    return last == NULL || last->at < t->at - t->at % metric_every(m);
}


static enum status
turn_of_rule(struct db *db, struct arena *a, const struct turn *t,
             const struct alert_rule *row, bool *more)
{
    const int64_t *projects = row->projects;
    size_t n = row->nprojects;
    struct metric_rule m;
    const char *fault;
    enum status st = ST_OK;

    if (!metric_read(a, row, &m, &fault)) {
        log_warning("alert rule %lld is left out: %s", (long long) row->id,
                    fault);
        return ST_OK;
    }
    if (row->all_projects) {
        st = alert_projects(db, a, row->organization_id, &projects, &n);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (is_due(t, &m, projects[i])) {
            st = look(db, a, &m, projects[i], t->at, more);
        }
    }
    return st;
}


enum status
metric_turn(struct db *db, struct arena *a, int64_t now, bool *more)
{
    struct turn t = { .at = (now - SETTLE_US) / US_PER_MINUTE * US_PER_MINUTE };
    struct alert_rule *rows;
    enum status st;
    size_t n;

    if ((st = alert_rules_active(db, a, now, &rows, &n)) == ST_OK) {
        st = metric_checked(db, a, t.at - US_PER_DAY, &t.checked, &t.nchecked);
    }
    for (size_t i = 0; st == ST_OK && i < n; i++) {
        if (rows[i].metric) {
            st = turn_of_rule(db, a, &t, &rows[i], more);
        }
    }
    return st;
}
