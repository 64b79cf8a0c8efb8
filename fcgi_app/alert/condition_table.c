/* The rows of conditions and filters; what is done with them: condition.c. */

#include "alert/condition.h"

#include "util/lang.h"

const struct alert_choice match_choices[] = {
    { "eq", N_("is") },
    { "ne", N_("is not") },
    { "co", N_("contains") },
    { "nc", N_("does not contain") },
    { "sw", N_("starts with") },
    { "nsw", N_("does not start with") },
    { "ew", N_("ends with") },
    { "new", N_("does not end with") },
    { "is", N_("is set") },
    { "ns", N_("is not set") },
    { "in", N_("is one of") },
    { "nin", N_("is none of") },
    { NULL, NULL },
};

const struct alert_choice level_choices[] = {
    { "50", N_("fatal") }, { "40", N_("error") }, { "30", N_("warning") },
    { "20", N_("info") },  { "10", N_("debug") }, { "0", N_("sample") },
    { NULL, NULL },
};

static const struct alert_choice level_matches[] = {
    { "eq", N_("is") },
    { "gte", N_("is at least") },
    { "lte", N_("is at most") },
    { NULL, NULL },
};

static const struct alert_choice intervals[] = {
    { "1m", N_("1 minute") },    { "5m", N_("5 minutes") },
    { "15m", N_("15 minutes") }, { "1h", N_("1 hour") },
    { "1d", N_("1 day") },       { "1w", N_("1 week") },
    { "30d", N_("30 days") },    { NULL, NULL },
};

static const struct alert_choice compare_intervals[] = {
    { "5m", N_("5 minutes") },
    { "15m", N_("15 minutes") },
    { "1h", N_("1 hour") },
    { "1d", N_("1 day") },
    { "1w", N_("1 week") },
    { "30d", N_("30 days") },
    { NULL, NULL },
};

static const struct alert_choice seasons[] = { { "week", N_("week") },
                                               { "day", N_("day") },
                                               { NULL, NULL } };

/* Longer ones have no time of the day. */
static const struct alert_choice usual_intervals[] = {
    { "5m", N_("5 minutes") },
    { "15m", N_("15 minutes") },
    { "1h", N_("1 hour") },
    { "1d", N_("1 day") },
    { NULL, NULL },
};

static const struct alert_choice share_intervals[] = {
    { "5m", N_("5 minutes") },
    { "10m", N_("10 minutes") },
    { "30m", N_("30 minutes") },
    { "1h", N_("1 hour") },
    { NULL, NULL },
};

static const struct alert_choice comparisons[] = {
    { "count", N_("in number") },
    { "percent", N_("in percent more than before") },
    { NULL, NULL },
};

static const struct alert_choice age_sides[] = {
    { "older", N_("older than") },
    { "newer", N_("newer than") },
    { NULL, NULL },
};

static const struct alert_choice time_units[] = {
    { "minute", N_("minutes") }, { "hour", N_("hours") }, { "day", N_("days") },
    { "week", N_("weeks") },     { NULL, NULL },
};

static const struct alert_choice assignees[] = {
    { "Unassigned", N_("nobody") },
    { "Member", N_("the member") },
    { "Team", N_("the team") },
    { NULL, NULL },
};

static const struct alert_choice priorities[] = { { "75", N_("high") },
                                                  { "50", N_("medium") },
                                                  { "25", N_("low") },
                                                  { NULL, NULL } };

/* Those that there are come first; of others no issue is made here yet. */
static const struct alert_choice categories[] = {
    { "1", N_("error") },
    { "6", N_("feedback") },
    { "10", N_("outage") },
    { "11", N_("metric") },
    { "12", N_("database query") },
    { "13", N_("HTTP client") },
    { "14", N_("frontend") },
    { "15", N_("mobile") },
    { "2", N_("performance") },
    { "3", N_("profile") },
    { "4", N_("cron") },
    { "5", N_("replay") },
    { NULL, NULL },
};

static const struct alert_choice types[] = {
    { "error", N_("an exception") },
    { "default", N_("a message") },
    { "csp", N_("a report of a content security policy") },
    { "nel", N_("a network error of a browser") },
    { "expectct", N_("a report of certificate transparency") },
    { "expectstaple", N_("a report of certificate stapling") },
    { "hpkp", N_("a report of public key pinning") },
    { "feedback", N_("what somebody wrote") },
    { NULL, NULL },
};

static const struct alert_choice release_ends[] = { { "oldest", N_("oldest") },
                                                    { "newest", N_("newest") },
                                                    { NULL, NULL } };

static const struct alert_choice release_sides[] = { { "older", N_("older") },
                                                     { "newer", N_("newer") },
                                                     { NULL, NULL } };

static const struct alert_choice inside[] = { { "inside", N_("inside") },
                                              { "outside", N_("outside") },
                                              { NULL, NULL } };

static const struct alert_choice days[] = {
    { "all", N_("every day") },
    { "work", N_("Monday to Friday") },
    { "weekend", N_("Saturday and Sunday") },
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
    { "user.", "user." },
    { "extra.", "extra." },
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
    { "unreal.crash_type", "unreal.crash_type" },
    { "os.distribution_name", "os.distribution_name" },
    { "os.distribution_version", "os.distribution_version" },
    { "geo.country_code", "geo.country_code" },
    { NULL, NULL },
};

/* Fields that several have. */
#define COUNTED(number, windows)                                                \
    { "value", N_("Number"), INPUT_NUMBER, NULL, number, 0, 1e9, false },       \
        { "comparisonType",                                                     \
          N_("Compared"),                                                       \
          INPUT_CHOICE,                                                         \
          comparisons,                                                          \
          "count",                                                              \
          0,                                                                    \
          0,                                                                    \
          true },                                                               \
        { "interval", N_("Window"), INPUT_CHOICE, windows, "1h", 0, 0, false }, \
    {                                                                           \
        "comparisonInterval", N_("The same window before"), INPUT_CHOICE,       \
            compare_intervals, "1d", 0, 0, true                                 \
    }
#define COUNT_FIELDS COUNTED("100", intervals)
#define SHARE_FIELDS COUNTED("5", share_intervals)
#define MATCH_FIELD                                                            \
    {                                                                          \
        "match", N_("Comparison"), INPUT_CHOICE, match_choices, "eq", 0, 0,    \
            false                                                              \
    }
#define VALUE_FIELD                                                            \
    {                                                                          \
        "value", N_("Value"), INPUT_TEXT, NULL, "", 0, ALERT_TEXT_MAX, true    \
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
      .words = "An archived issue comes back, or an issue escalates",
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
    { .id = S "event_frequency.EventUniqueUserFrequencyConditionWithConditions",
      .words = "An issue is seen by more than {value} users whose events match "
               "the tag filters of the first IF {comparisonType} in {interval} "
               "(percent: against the window {comparisonInterval} earlier)",
      .icon = "users",
      .fields = { COUNT_FIELDS },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_count_matching },
    { .id = S "event_frequency.EventFrequencyPercentCondition",
      .words = "An issue is seen in more than {value} percent of sessions "
               "{comparisonType} in {interval} (percent: against the window "
               "{comparisonInterval} earlier)",
      .icon = "stats",
      .fields = { SHARE_FIELDS },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_count_share },
    { .id = V "count.UnusualCondition",
      .words = "An issue is seen {value} % more than is usual at this time of "
               "the {season}, {least} times at least, in {interval}",
      .icon = "stats",
      .fields = { { "value", N_("Percent"), INPUT_NUMBER, NULL, "100", 1, 1e6,
                    false },
                  { "season", N_("Usual"), INPUT_CHOICE, seasons, "week", 0, 0,
                    false },
                  { "least", N_("Times at least"), INPUT_NUMBER, NULL, "10", 1,
                    1e9, false },
                  { "interval", N_("Window"), INPUT_CHOICE, usual_intervals,
                    "1h", 0, 0, false } },
      .causes = CAUSE_COUNT,
      .counts = true,
      .test = cond_unusual },
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
    { .id = V "issue.DeescalatedCondition",
      .words = "An issue's priority is lowered: it has de-escalated",
      .icon = "down",
      .causes = CAUSE_PRIORITY,
      .test = cond_deescalated },
    { .id = S "every_event.EveryEventCondition",
      .words = "An event comes in",
      .icon = "bell",
      .causes = CAUSE_EVENT,
      .test = cond_cause },
    { .id = V "tag.NewTagValueCondition",
      .words = "The tag {key} has a value that the project never had",
      .icon = "hash",
      .fields = { { "key", N_("Tag"), INPUT_TEXT, NULL, "", 1, 200, false } },
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
      .icon = "feedback",
      .fields = { { "text", N_("Text"), INPUT_TEXT, NULL, "", 0, 200, true } },
      .causes = CAUSE_COMMENT,
      .test = cond_mention },
    { .id = V "feedback.FeedbackCondition",
      .words = "Somebody sends feedback",
      .icon = "feedback",
      .causes = CAUSE_FEEDBACK,
      .test = cond_cause },
    { .id = V "project.SilenceCondition",
      .words = "A project gets no event for {value} minutes",
      .icon = "bell",
      .fields = { { "value", N_("Minutes"), INPUT_NUMBER, NULL, "60", 1, 43200,
                    false } },
      .causes = CAUSE_PROJECT,
      .test = cond_silence },
    { .id = V "project.DelayCondition",
      .words = "Events wait longer than {value} seconds to be digested",
      .icon = "bell",
      .fields = { { "value", N_("Seconds"), INPUT_NUMBER, NULL, "60", 1, 86400,
                    false } },
      .causes = CAUSE_PROJECT,
      .no_rehearsal = true,
      .test = cond_delay },
    { .id = V "project.QuotaCondition",
      .words = "{value} of a key's rate limit is used",
      .icon = "warn",
      .fields = { { "value", N_("Share"), INPUT_CHOICE, quota_shares, "90", 0,
                    0, false } },
      .causes = CAUSE_PROJECT,
      .no_rehearsal = true,
      .test = cond_quota },

    /* IF */
    { .id = F "level.LevelFilter",
      .filter = true,
      .words = "The level {match} {level}",
      .icon = "filter",
      .fields = { { "match", N_("Comparison"), INPUT_CHOICE, level_matches,
                    "eq", 0, 0, false },
                  { "level", N_("Level"), INPUT_CHOICE, level_choices, "40", 0,
                    0, false } },
      .event = true,
      .test = filter_level },
    { .id = F "tagged_event.TaggedEventFilter",
      .filter = true,
      .words = "The tag {key} {match} {value}",
      .icon = "filter",
      .fields = { { "key", N_("Tag"), INPUT_TEXT, NULL, "", 1, 200, false },
                  MATCH_FIELD,
                  VALUE_FIELD },
      .event = true,
      .test = filter_tag },
    { .id = F "event_attribute.EventAttributeFilter",
      .filter = true,
      .words = "The event's {attribute} {match} {value}",
      .icon = "filter",
      .fields = { { "attribute", N_("Attribute"), INPUT_PATH, attributes,
                    "message", 0, 0, false },
                  MATCH_FIELD,
                  VALUE_FIELD },
      .event = true,
      .test = filter_attribute },
    { .id = F "age_comparison.AgeComparisonFilter",
      .filter = true,
      .words = "The issue is {comparison_type} {value} {time}",
      .icon = "filter",
      .fields = { { "comparison_type", N_("Side"), INPUT_CHOICE, age_sides,
                    "older", 0, 0, false },
                  { "value", N_("Number"), INPUT_NUMBER, NULL, "10", 0, 1e6,
                    false },
                  { "time", N_("Unit"), INPUT_CHOICE, time_units, "minute", 0,
                    0, false } },
      .test = filter_age },
    { .id = F "issue_occurrences.IssueOccurrencesFilter",
      .filter = true,
      .words = "The issue was seen at least {value} times",
      .icon = "filter",
      .fields = { { "value", N_("Number"), INPUT_NUMBER, NULL, "10", 0, 1e12,
                    false } },
      .no_rehearsal = true,
      .test = filter_occurrences },
    { .id = VF "issue.UsersFilter",
      .filter = true,
      .words = "The issue was seen by at least {value} users",
      .icon = "filter",
      .fields = { { "value", N_("Number"), INPUT_NUMBER, NULL, "10", 0, 1e12,
                    false } },
      .no_rehearsal = true,
      .test = filter_users },
    { .id = F "assigned_to.AssignedToFilter",
      .filter = true,
      .words = "The issue is assigned to {targetType} {targetIdentifier}",
      .icon = "filter",
      .fields = { { "targetType", N_("Kind"), INPUT_CHOICE, assignees,
                    "Unassigned", 0, 0, false },
                  { "targetIdentifier", N_("Member or team"), INPUT_ACCOUNT,
                    NULL, "", 0, 0, true } },
      .no_rehearsal = true,
      .test = filter_assigned },
    { .id = VF "issue.OwnedFilter",
      .filter = true,
      .words = "The issue is owned, by the ownership rules, by {targetType} "
               "{targetIdentifier}",
      .icon = "filter",
      .fields = { { "targetType", "Kind", INPUT_CHOICE, assignees, "Unassigned",
                    0, 0, false },
                  { "targetIdentifier", "Member or team", INPUT_ACCOUNT, NULL,
                    "", 0, 0, true } },
      .no_rehearsal = true,
      .test = filter_owned },
    { .id = F "issue_priority.IssuePriorityFilter",
      .filter = true,
      .words = "The issue's priority is at least {value}",
      .icon = "filter",
      .fields = { { "value", N_("Priority"), INPUT_CHOICE, priorities, "75", 0,
                    0, false } },
      .test = filter_priority },
    { .id = VF "issue.DeescalatedFilter",
      .filter = true,
      .words = "The issue has de-escalated: its priority was higher before",
      .icon = "filter",
      .test = filter_deescalated },
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
      .fields = { { "oldest_or_newest", N_("Which release"), INPUT_CHOICE,
                    release_ends, "oldest", 0, 0, false },
                  { "older_or_newer", N_("Side"), INPUT_CHOICE, release_sides,
                    "newer", 0, 0, false },
                  { "environment", N_("Environment"), INPUT_TEXT, NULL, "", 1,
                    64, false } },
      .no_rehearsal = true,
      .test = filter_adopted_release },
    { .id = F "issue_type.IssueTypeFilter",
      .filter = true,
      .words = "The event is {value}",
      .icon = "filter",
      .fields = { { "value", N_("Type"), INPUT_CHOICE, types, "error", 0, 0,
                    false } },
      .event = true,
      .test = filter_type },
    { .id = F "issue_category.IssueCategoryFilter",
      .filter = true,
      .words = "The issue's category is {value}",
      .icon = "filter",
      .fields = { { "value", N_("Category"), INPUT_CHOICE, categories, "1", 0,
                    0, false } },
      .offered = 2,
      .test = filter_category },
    { .id = VF "time.DeployFilter",
      .filter = true,
      .words = "It is {side} the {value} minutes after a deploy; of this "
               "environment only, if given: {environment}",
      .icon = "filter",
      .fields = { { "side", N_("Side"), INPUT_CHOICE, inside, "outside", 0, 0,
                    false },
                  { "value", N_("Minutes"), INPUT_NUMBER, NULL, "30", 1, 10080,
                    false },
                  { "environment", N_("Environment"), INPUT_TEXT, NULL, "", 0,
                    64, true } },
      .test = filter_deploy },
    { .id = VF "time.TimeFilter",
      .filter = true,
      .words = "It is {side} {from} to {to}, {days}, in {zone}",
      .icon = "filter",
      .fields = { { "side", N_("Side"), INPUT_CHOICE, inside, "inside", 0, 0,
                    false },
                  { "from", N_("From"), INPUT_CLOCK, NULL, "09:00", 0, 0,
                    false },
                  { "to", N_("To"), INPUT_CLOCK, NULL, "18:00", 0, 0, false },
                  { "days", N_("Days"), INPUT_CHOICE, days, "all", 0, 0,
                    false },
                  { "zone", N_("Time zone"), INPUT_ZONE, NULL, "UTC", 0, 0,
                    false } },
      .test = filter_time },
};
const size_t conditions_count = sizeof(conditions) / sizeof(conditions[0]);
