/* The rows of conditions and filters; what is done with them: condition.c. */

#include "alert/condition.h"

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

static const struct alert_choice share_intervals[] = {
    { "5m", "5 minutes" }, { "10m", "10 minutes" }, { "30m", "30 minutes" },
    { "1h", "1 hour" },    { NULL, NULL },
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

static const struct alert_choice categories[] = {
    { "1", "error" },
    { "6", "feedback" },
    { "10", "outage" },
    { "11", "metric" },
    { "12", "database query" },
    { "13", "HTTP client" },
    { "14", "frontend" },
    { "15", "mobile" },
    { "2", "performance" },
    { "3", "profile" },
    { "4", "cron" },
    { "5", "replay" },
    { NULL, NULL },
};

static const struct alert_choice types[] = {
    { "error", "an exception" },
    { "default", "a message" },
    { "csp", "a report of a content security policy" },
    { "nel", "a network error of a browser" },
    { "expectct", "a report of certificate transparency" },
    { "expectstaple", "a report of certificate stapling" },
    { "hpkp", "a report of public key pinning" },
    { NULL, NULL },
};

static const struct alert_choice release_ends[] = { { "oldest", "oldest" },
                                                    { "newest", "newest" },
                                                    { NULL, NULL } };

static const struct alert_choice release_sides[] = { { "older", "older" },
                                                     { "newer", "newer" },
                                                     { NULL, NULL } };

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
#define COUNTED(number, windows)                                               \
    { "value", "Number", INPUT_NUMBER, NULL, number, 0, 1e9, false },          \
        { "comparisonType",                                                    \
          "Compared",                                                          \
          INPUT_CHOICE,                                                        \
          comparisons,                                                         \
          "count",                                                             \
          0,                                                                   \
          0,                                                                   \
          true },                                                              \
        { "interval", "Window", INPUT_CHOICE, windows, "1h", 0, 0, false },    \
    {                                                                          \
        "comparisonInterval", "The same window before", INPUT_CHOICE,          \
            compare_intervals, "1d", 0, 0, true                                \
    }
#define COUNT_FIELDS COUNTED("100", intervals)
#define SHARE_FIELDS COUNTED("5", share_intervals)
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
    { .id = S "event_frequency.EventFrequencyPercentCondition",
      .words = "An issue is seen in more than {value} percent of sessions "
               "{comparisonType} in {interval} (percent: against the window "
               "{comparisonInterval} earlier)",
      .icon = "stats",
      .fields = { SHARE_FIELDS },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_count_share },
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
    { .id = F "latest_adopted_release_filter.LatestAdoptedReleaseFilter",
      .filter = true,
      .words = "The issue's {oldest_or_newest} release is {older_or_newer} "
               "than the latest adopted release in {environment}",
      .icon = "filter",
      .fields = { { "oldest_or_newest", "Which release", INPUT_CHOICE,
                    release_ends, "oldest", 0, 0, false },
                  { "older_or_newer", "Side", INPUT_CHOICE, release_sides,
                    "newer", 0, 0, false },
                  { "environment", "Environment", INPUT_TEXT, NULL, "", 1, 64,
                    false } },
      .no_rehearsal = true,
      .test = filter_adopted_release },
    { .id = F "issue_type.IssueTypeFilter",
      .filter = true,
      .words = "The event is {value}",
      .icon = "filter",
      .fields = { { "value", "Type", INPUT_CHOICE, types, "error", 0, 0,
                    false } },
      .event = true,
      .test = filter_type },
    { .id = F "issue_category.IssueCategoryFilter",
      .filter = true,
      .words = "The issue's category is {value}",
      .icon = "filter",
      .fields = { { "value", "Category", INPUT_CHOICE, categories, "1", 0, 0,
                    false } },
      .hidden = true,
      .test = filter_category },
    { .id = VF "time.DeployFilter",
      .filter = true,
      .words = "It is {side} the {value} minutes after a deploy; of this "
               "environment only, if given: {environment}",
      .icon = "filter",
      .fields = { { "side", "Side", INPUT_CHOICE, inside, "outside", 0, 0,
                    false },
                  { "value", "Minutes", INPUT_NUMBER, NULL, "30", 1, 10080,
                    false },
                  { "environment", "Environment", INPUT_TEXT, NULL, "", 0, 64,
                    true } },
      .test = filter_deploy },
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
