#include "alert/condition.h"

#define DAY 86400

const struct alert_choice match_choices[] = {
    { "eq", "is" },          { "ne", "is not" },
    { "co", "contains" },    { "nc", "does not contain" },
    { "sw", "starts with" }, { "nsw", "does not start with" },
    { "ew", "ends with" },   { "new", "does not end with" },
    { "is", "is set" },      { "ns", "is not set" },
    { "in", "is one of" },   { "nin", "is none of" },
    { NULL, NULL },
};

const struct alert_choice level_choices[] = {
    { "50", "fatal" }, { "40", "error" }, { "30", "warning" }, { "20", "info" },
    { "10", "debug" }, { "0", "sample" }, { NULL, NULL },
};

static const struct alert_choice level_matches[] = {
    { "eq", "is" },
    { "gte", "is at least" },
    { "lte", "is at most" },
    { NULL, NULL },
};

static const struct alert_choice intervals[] = {
    { "1m", "1 minute" }, { "5m", "5 minutes" }, { "15m", "15 minutes" },
    { "1h", "1 hour" },   { "1d", "1 day" },     { "1w", "1 week" },
    { "30d", "30 days" }, { NULL, NULL },
};

static const struct alert_choice compare_intervals[] = {
    { "5m", "5 minutes" }, { "15m", "15 minutes" }, { "1h", "1 hour" },
    { "1d", "1 day" },     { "1w", "1 week" },      { "30d", "30 days" },
    { NULL, NULL },
};

static const struct alert_choice comparisons[] = {
    { "count", "in number" },
    { "percent", "in percent more than before" },
    { NULL, NULL },
};

static const struct alert_choice age_sides[] = {
    { "older", "older than" },
    { "newer", "newer than" },
    { NULL, NULL },
};

static const struct alert_choice time_units[] = {
    { "minute", "minutes" }, { "hour", "hours" }, { "day", "days" },
    { "week", "weeks" },     { NULL, NULL },
};

static const struct alert_choice assignees[] = {
    { "Unassigned", "nobody" },
    { "Member", "the member" },
    { "Team", "the team" },
    { NULL, NULL },
};

static const struct alert_choice priorities[] = {
    { "75", "high" }, { "50", "medium" }, { "25", "low" }, { NULL, NULL }
};

static const struct alert_choice inside[] = { { "inside", "inside" },
                                              { "outside", "outside" },
                                              { NULL, NULL } };

static const struct alert_choice days[] = {
    { "all", "every day" },
    { "work", "Monday to Friday" },
    { "weekend", "Saturday and Sunday" },
    { NULL, NULL },
};

static const struct alert_choice quota_shares[] = {
    { "50", "50 %" }, { "80", "80 %" },   { "90", "90 %" },
    { "95", "95 %" }, { "100", "100 %" }, { NULL, NULL },
};

static const struct alert_choice attributes[] = {
    { "message", "message" },
    { "platform", "platform" },
    { "environment", "environment" },
    { "type", "type" },
    { "error.handled", "error.handled" },
    { "error.unhandled", "error.unhandled" },
    { "error.main_thread", "error.main_thread" },
    { "exception.type", "exception.type" },
    { "exception.value", "exception.value" },
    { "user.id", "user.id" },
    { "user.email", "user.email" },
    { "user.username", "user.username" },
    { "user.ip_address", "user.ip_address" },
    { "http.method", "http.method" },
    { "http.url", "http.url" },
    { "http.status_code", "http.status_code" },
    { "sdk.name", "sdk.name" },
    { "stacktrace.code", "stacktrace.code" },
    { "stacktrace.module", "stacktrace.module" },
    { "stacktrace.filename", "stacktrace.filename" },
    { "stacktrace.abs_path", "stacktrace.abs_path" },
    { "stacktrace.package", "stacktrace.package" },
    { "app.in_foreground", "app.in_foreground" },
    { "os.distribution_name", "os.distribution_name" },
    { "os.distribution_version", "os.distribution_version" },
    { "geo.country_code", "geo.country_code" },
    { NULL, NULL },
};

/* Fields that several have. */
#define COUNT_FIELDS                                                           \
    { "value", "Number", INPUT_NUMBER, NULL, "100", 0, 1e9, false },           \
        { "comparisonType",                                                    \
          "Compared",                                                          \
          INPUT_CHOICE,                                                        \
          comparisons,                                                         \
          "count",                                                             \
          0,                                                                   \
          0,                                                                   \
          true },                                                              \
        { "interval", "Window", INPUT_CHOICE, intervals, "1h", 0, 0, false },  \
    {                                                                          \
        "comparisonInterval", "The same window before", INPUT_CHOICE,          \
            compare_intervals, "1d", 0, 0, true                                \
    }
#define MATCH_FIELD                                                            \
    {                                                                          \
        "match", "Comparison", INPUT_CHOICE, match_choices, "eq", 0, 0, false  \
    }
#define VALUE_FIELD                                                            \
    {                                                                          \
        "value", "Value", INPUT_TEXT, NULL, "", 0, ALERT_TEXT_MAX, true        \
    }

#define S "sentry.rules.conditions."
#define F "sentry.rules.filters."
#define V "vedette.conditions."
#define VF "vedette.filters."

const struct condition conditions[] = {
    /* WHEN */
    { .id = S "first_seen_event.FirstSeenEventCondition",
      .words = "A new issue is created",
      .icon = "plus",
      .causes = CAUSE_NEW,
      .test = cond_cause },
    { .id = S "regression_event.RegressionEventCondition",
      .words = "A resolved issue comes back",
      .icon = "refresh",
      .causes = CAUSE_REGRESSED,
      .test = cond_cause },
    { .id = S "reappeared_event.ReappearedEventCondition",
      .words = "An archived issue comes back or escalates",
      .icon = "refresh",
      .causes = CAUSE_REAPPEARED,
      .test = cond_cause },
    { .id = S "event_frequency.EventFrequencyCondition",
      .words = "An issue is seen more than {value} times {comparisonType} in "
               "{interval} (percent: against the window {comparisonInterval} "
               "earlier)",
      .icon = "stats",
      .fields = { COUNT_FIELDS },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_count_events },
    { .id = S "event_frequency.EventUniqueUserFrequencyCondition",
      .words = "An issue is seen by more than {value} users {comparisonType} "
               "in {interval} (percent: against the window "
               "{comparisonInterval} earlier)",
      .icon = "users",
      .fields = { COUNT_FIELDS },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_count_users },
    { .id = S "high_priority_issue.NewHighPriorityIssueCondition",
      .words = "A new issue has a high priority",
      .icon = "plus",
      .causes = CAUSE_NEW,
      .test = cond_high_priority_new },
    { .id = S "high_priority_issue.ExistingHighPriorityIssueCondition",
      .words = "An issue gets a high priority",
      .icon = "warn",
      .causes = CAUSE_PRIORITY | CAUSE_REAPPEARED,
      .test = cond_high_priority_existing },
    { .id = S "every_event.EveryEventCondition",
      .words = "An event comes in",
      .icon = "bell",
      .causes = CAUSE_EVENT,
      .test = cond_cause },
    { .id = V "tag.NewTagValueCondition",
      .words = "The tag {key} has a value that the project never had",
      .icon = "hash",
      .fields = { { "key", "Tag", INPUT_TEXT, NULL, "", 1, 200, false } },
      .causes = CAUSE_TAG,
      .test = cond_new_tag },
    { .id = V "tag.NewReleaseCondition",
      .words = "The first event of a release comes in",
      .icon = "hash",
      .causes = CAUSE_TAG,
      .test = cond_new_tag },
    { .id = V "tag.NewCountryCondition",
      .words = "The first event from a country comes in",
      .icon = "hash",
      .causes = CAUSE_TAG,
      .test = cond_new_tag },
    { .id = V "issue.ResolvedCondition",
      .words = "An issue is resolved",
      .icon = "check",
      .causes = CAUSE_RESOLVED,
      .test = cond_cause },
    { .id = V "issue.AssignedCondition",
      .words = "An issue is assigned",
      .icon = "user",
      .causes = CAUSE_ASSIGNED,
      .test = cond_cause },
    { .id = V "issue.CommentCondition",
      .words = "Somebody comments on an issue; with this in the text, if "
               "given: {text}",
      .icon = "edit",
      .fields = { { "text", "Text", INPUT_TEXT, NULL, "", 0, 200, true } },
      .causes = CAUSE_COMMENT,
      .test = cond_mention },
    { .id = V "project.SilenceCondition",
      .words = "A project gets no event for {value} minutes",
      .icon = "bell",
      .fields = { { "value", "Minutes", INPUT_NUMBER, NULL, "60", 1, 43200,
                    false } },
      .causes = CAUSE_PROJECT,
      .test = cond_silence },
    { .id = V "project.DelayCondition",
      .words = "Events wait longer than {value} seconds to be digested",
      .icon = "bell",
      .fields = { { "value", "Seconds", INPUT_NUMBER, NULL, "60", 1, 86400,
                    false } },
      .causes = CAUSE_PROJECT,
      .no_rehearsal = true,
      .test = cond_delay },
    { .id = V "project.QuotaCondition",
      .words = "{value} of a key's rate limit is used",
      .icon = "warn",
      .fields = { { "value", "Share", INPUT_CHOICE, quota_shares, "90", 0, 0,
                    false } },
      .causes = CAUSE_PROJECT,
      .no_rehearsal = true,
      .test = cond_quota },

    /* IF */
    { .id = F "level.LevelFilter",
      .filter = true,
      .words = "The level {match} {level}",
      .icon = "filter",
      .fields = { { "match", "Comparison", INPUT_CHOICE, level_matches, "eq", 0,
                    0, false },
                  { "level", "Level", INPUT_CHOICE, level_choices, "40", 0, 0,
                    false } },
      .event = true,
      .test = filter_level },
    { .id = F "tagged_event.TaggedEventFilter",
      .filter = true,
      .words = "The tag {key} {match} {value}",
      .icon = "filter",
      .fields = { { "key", "Tag", INPUT_TEXT, NULL, "", 1, 200, false },
                  MATCH_FIELD,
                  VALUE_FIELD },
      .event = true,
      .test = filter_tag },
    { .id = F "event_attribute.EventAttributeFilter",
      .filter = true,
      .words = "The event's {attribute} {match} {value}",
      .icon = "filter",
      .fields = { { "attribute", "Attribute", INPUT_CHOICE, attributes,
                    "message", 0, 0, false },
                  MATCH_FIELD,
                  VALUE_FIELD },
      .event = true,
      .test = filter_attribute },
    { .id = F "age_comparison.AgeComparisonFilter",
      .filter = true,
      .words = "The issue is {comparison_type} {value} {time}",
      .icon = "filter",
      .fields = { { "comparison_type", "Side", INPUT_CHOICE, age_sides, "older",
                    0, 0, false },
                  { "value", "Number", INPUT_NUMBER, NULL, "10", 0, 1e6,
                    false },
                  { "time", "Unit", INPUT_CHOICE, time_units, "minute", 0, 0,
                    false } },
      .test = filter_age },
    { .id = F "issue_occurrences.IssueOccurrencesFilter",
      .filter = true,
      .words = "The issue was seen at least {value} times",
      .icon = "filter",
      .fields = { { "value", "Number", INPUT_NUMBER, NULL, "10", 0, 1e12,
                    false } },
      .no_rehearsal = true,
      .test = filter_occurrences },
    { .id = VF "issue.UsersFilter",
      .filter = true,
      .words = "The issue was seen by at least {value} users",
      .icon = "filter",
      .fields = { { "value", "Number", INPUT_NUMBER, NULL, "10", 0, 1e12,
                    false } },
      .no_rehearsal = true,
      .test = filter_users },
    { .id = F "assigned_to.AssignedToFilter",
      .filter = true,
      .words = "The issue is assigned to {targetType} {targetIdentifier}",
      .icon = "filter",
      .fields = { { "targetType", "Kind", INPUT_CHOICE, assignees, "Unassigned",
                    0, 0, false },
                  { "targetIdentifier", "Member or team", INPUT_ACCOUNT, NULL,
                    "", 0, 0, true } },
      .no_rehearsal = true,
      .test = filter_assigned },
    { .id = F "issue_priority.IssuePriorityFilter",
      .filter = true,
      .words = "The issue's priority is at least {value}",
      .icon = "filter",
      .fields = { { "value", "Priority", INPUT_CHOICE, priorities, "75", 0, 0,
                    false } },
      .no_rehearsal = true,
      .test = filter_priority },
    { .id = F "latest_release.LatestReleaseFilter",
      .filter = true,
      .words = "The event is of the project's latest release",
      .icon = "filter",
      .event = true,
      .no_rehearsal = true,
      .test = filter_latest_release },
    { .id = VF "time.TimeFilter",
      .filter = true,
      .words = "It is {side} {from} to {to}, {days}, in {zone}",
      .icon = "filter",
      .fields = { { "side", "Side", INPUT_CHOICE, inside, "inside", 0, 0,
                    false },
                  { "from", "From", INPUT_CLOCK, NULL, "09:00", 0, 0, false },
                  { "to", "To", INPUT_CLOCK, NULL, "18:00", 0, 0, false },
                  { "days", "Days", INPUT_CHOICE, days, "all", 0, 0, false },
                  { "zone", "Time zone", INPUT_ZONE, NULL, "UTC", 0, 0,
                    false } },
      .test = filter_time },
};
const size_t conditions_count = sizeof(conditions) / sizeof(conditions[0]);

/* Names that older tools write. */
static const struct {
    const char *id;
    const char *now;
} aliases[] = {
    { "sentry.rules.conditions.event_attribute.EventAttributeCondition",
      F "event_attribute.EventAttributeFilter" },
    { "sentry.rules.conditions.tagged_event.TaggedEventCondition",
      F "tagged_event.TaggedEventFilter" },
    { "sentry.rules.conditions.level.LevelCondition", F "level.LevelFilter" },
};


const struct condition *
condition_find(struct str id, bool filter)
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (str_is(id, aliases[i].id)) {
            id = str_of(aliases[i].now);
        }
    }
    for (size_t i = 0; i < conditions_count; i++) {
        if (conditions[i].filter == filter && str_is(id, conditions[i].id)) {
            return &conditions[i];
        }
    }
    return NULL;
}


/* fields */

struct str
alert_field_text(struct arena *a, const struct alert_field *field,
                 const struct json *json)
{
    const struct json *v = json_get(json, field->name);

    if (json_is(v, JSON_T_STRING) || json_is(v, JSON_T_NUMBER)) {
        return v->text;
    }
    if (json_is(v, JSON_T_BOOL)) {
        return json_yes(v) ? STR("1") : STR("0");
    }
    (void) a;
    return v == NULL || json_is(v, JSON_T_NULL) ? str_of(field->value)
                                                : STR_NULL;
}


static bool
is_clock(struct str s)
{
    int64_t h, m;

    return s.n == 5 && s.p[2] == ':' && str_i64(str_sub(s, 0, 2), &h)
           && str_i64(str_sub(s, 3, 5), &m) && h >= 0 && h < 24 && m >= 0
           && m < 60;
}


/* NULL when the text is what the field takes. */
static const char *
fault_of(struct arena *a, const struct alert_field *f, struct str text)
{
    int64_t id;
    double v;

    if (text.n == 0) {
        return f->optional ? NULL : arena_printf(a, "%s is needed.", f->label);
    }
    if (text.n > ALERT_TEXT_MAX) {
        return arena_printf(a, "%s is too long: 1,000 bytes at most.",
                            f->label);
    }
    switch (f->kind) {
    case INPUT_TEXT:
        return NULL;

    case INPUT_NUMBER:
        if (str_double(text, &v) && v >= f->min && v <= f->max) {
            return NULL;
        }
        return arena_printf(a, "%s is a number from %.0f to %.0f.", f->label,
                            f->min, f->max);

    case INPUT_CHOICE:
        for (const struct alert_choice *c = f->choices; c->id != NULL; c++) {
            if (str_is(text, c->id)) {
                return NULL;
            }
        }
        return arena_printf(a, "%s cannot be \"%.*s\".", f->label,
                            STR_FMT(str_cut(text, 100)));

    case INPUT_ACCOUNT:
    case INPUT_TEAM:
    case INPUT_INTEGRATION:
        return str_i64(text, &id) && id > 0
                   ? NULL
                   : arena_printf(a, "%s has to be chosen.", f->label);

    case INPUT_ZONE:
        return zone_known(text)
                   ? NULL
                   : arena_printf(a, "There is no time zone \"%.*s\".",
                                  STR_FMT(str_cut(text, 100)));

    case INPUT_CLOCK:
        return is_clock(text)
                   ? NULL
                   : arena_printf(a, "%s is a time like 09:00.", f->label);
    }
    return NULL;
}


bool
alert_fields_check(struct arena *a, const struct alert_field *fields,
                   const struct json *json, const char **fault)
{
    for (const struct alert_field *f = fields;
         f < fields + ALERT_FIELDS_MAX && f->name != NULL; f++) {
        struct str text = alert_field_text(a, f, json);

        *fault = fault_of(a, f, text);
        if (*fault != NULL) {
            return false;
        }
    }
    return true;
}


/* "15m" in seconds; 0 when it is none. */
static int64_t
seconds_of(struct str s)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', DAY }, { 'w', 7 * DAY } };
    int64_t n;

    if (s.n < 2 || !str_i64(str_sub(s, 0, s.n - 1), &n)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (s.p[s.n - 1] == units[i].unit) {
            return n * units[i].seconds;
        }
    }
    return 0;
}


static int
match_of(struct str s)
{
    static const char *const names[] = { "eq",  "ne",  "sw",  "nsw", "ew",
                                         "new", "co",  "nc",  "is",  "ns",
                                         "in",  "nin", "gte", "lte" };

    for (int i = 0; i < (int) (sizeof(names) / sizeof(names[0])); i++) {
        if (str_is(s, names[i])) {
            return i;
        }
    }
    return MATCH_EQ;
}


static struct str
field_named(struct arena *a, const struct condition *type,
            const struct json *json, const char *name)
{
    for (size_t i = 0; i < ALERT_FIELDS_MAX && type->fields[i].name; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return alert_field_text(a, &type->fields[i], json);
        }
    }
    return STR_NULL;
}


bool
condition_read(struct arena *a, const struct condition *type,
               const struct json *json, struct alert_node *out,
               const char **fault)
{
    struct str value;

    if (!alert_fields_check(a, type->fields, json, fault)) {
        return false;
    }
    value = field_named(a, type, json, "value");
    *out = (struct alert_node){
        .type = type,
        .json = json,
        .match = match_of(field_named(a, type, json, "match")),
        .key = str_lower(a, field_named(a, type, json, "key")),
        .value = str_lower(a, value),
        .window = seconds_of(field_named(a, type, json, "interval")),
    };
    if (!str_double(value, &out->number)) {
        out->number = 0;
    }
    if (str_is(field_named(a, type, json, "comparisonType"), "percent")) {
        out->compare =
            seconds_of(field_named(a, type, json, "comparisonInterval"));
    }
    if (type->test == filter_tag || type->test == filter_attribute) {
        if (value.n == 0 && out->match != MATCH_IS && out->match != MATCH_NS) {
            *fault = "A value to compare with is needed.";
            return false;
        }
    }
    return true;
}


/* words */

static struct str
shown(struct arena *a, const struct alert_field *field, const struct json *json)
{
    struct str text = alert_field_text(a, field, json);

    for (const struct alert_choice *c = field->choices;
         c != NULL && c->id != NULL; c++) {
        if (str_is(text, c->id)) {
            return str_of(c->words);
        }
    }
    return text;
}


struct str
alert_sentence(struct arena *a, const char *words,
               const struct alert_field *fields, const struct json *json)
{
    struct buf out = buf_in(a);

    while (*words != '\0') {
        size_t n = strcspn(words, "{");
        const char *end;

        buf_add(&out, words, n);
        words += n;
        if (*words == '\0' || (end = strchr(words, '}')) == NULL) {
            break;
        }
        for (size_t i = 0; i < ALERT_FIELDS_MAX && fields[i].name; i++) {
            if (str_is(str_make(words + 1, (size_t) (end - words) - 1),
                       fields[i].name)) {
                buf_str(&out, shown(a, &fields[i], json));
            }
        }
        words = end + 1;
    }
    return str_trim(buf_view(&out));
}


struct str
condition_words(struct arena *a, const struct alert_node *n)
{
    return n->type->counts
               ? alert_count_words(a, n)
               : alert_sentence(a, n->type->words, n->type->fields, n->json);
}
