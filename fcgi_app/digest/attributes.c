/*
 * The attributes of an event, as tables (protocol.md §7.2, §7.3, §7.7).
 *
 * A row: name, rule, max, allow, depth, schema of the parts, older name of.
 * Limits of text are in characters with an allowance in which nothing is cut;
 * limits of bags are in bytes and levels.
 */

#include "digest/normalize.h"

#define NAME(text)                                                             \
    {                                                                          \
        (text), sizeof(text) - 1                                               \
    }
#define ROW(name_, ...)                                                        \
    {                                                                          \
        .name = NAME(name_), .rule = __VA_ARGS__                               \
    }
#define ALIAS(name_, of_)                                                      \
    {                                                                          \
        .name = NAME(name_), .alias_of = (of_)                                 \
    }

#define ENUM_LIKE 128, 0
#define SYMBOL 256, 20
#define PATH 256, 40
#define SHORT_PATH 128, 20
#define MESSAGE 8192, 200
#define SUMMARY 1024, 100

/* bags: bytes, (unused), depth */
#define SMALL 1024, 0, 3
#define MEDIUM 2048, 0, 5
#define LARGE 8192, 0, 7
#define MASSIVE 262144, 16384, 7

#define EXCEPTIONS_MAX 100
#define THREADS_MAX 500
#define BREADCRUMBS_MAX 100
#define IMAGES_MAX 2000
#define CONTEXT_LINES_MAX 20


/* ---- stack traces */

static const struct field frame_fields[] = {
    ROW("function", rule_string, SYMBOL),
    ROW("raw_function", rule_string, SYMBOL),
    ROW("symbol", rule_string, SYMBOL),
    ROW("module", rule_string, PATH),
    ROW("package", rule_string, PATH),
    ROW("filename", rule_string, PATH),
    ROW("abs_path", rule_string, PATH),
    ROW("lineno", rule_int),
    ROW("colno", rule_int),
    ROW("platform", rule_platform),
    ROW("pre_context", rule_strings, CONTEXT_LINES_MAX, 1024),
    ROW("context_line", rule_string, 1024, 100),
    ROW("post_context", rule_strings, CONTEXT_LINES_MAX, 1024),
    ROW("in_app", rule_bool),
    ROW("vars", rule_vars, MEDIUM),
    ROW("data", rule_bag_object, MEDIUM),
    ROW("image_addr", rule_address),
    ROW("instruction_addr", rule_address),
    ROW("addr_mode", rule_string, ENUM_LIKE),
    ROW("function_id", rule_address),
    ROW("symbol_addr", rule_address),
    ROW("trust", rule_string, ENUM_LIKE),
    ROW("lang", rule_string, ENUM_LIKE),
    ROW("stack_start", rule_bool),
    ROW("lock", rule_bag_object, SMALL),
    ROW("source_link", rule_string, PATH),
};

static struct schema frame_schema = { SCHEMA_FIELDS(frame_fields), UNKNOWN_KEEP,
                                      .finish = frame_finish };

/* the number of frames is the business of stacktrace_finish */
static const struct field stacktrace_fields[] = {
    ROW("frames", rule_list, .of = &frame_schema, .max = 250),
    ROW("registers", rule_registers, LARGE),
    ROW("lang", rule_string, ENUM_LIKE),
    ROW("snapshot", rule_bool),
    ROW("instruction_addr_adjustment", rule_adjustment),
};

static struct schema stacktrace_schema = { SCHEMA_FIELDS(stacktrace_fields),
                                           UNKNOWN_KEEP,
                                           .finish = stacktrace_finish };


/* ---- exceptions and threads */

static const struct field mechanism_fields[] = {
    ROW("type", rule_string, ENUM_LIKE),
    ROW("description", rule_string, MESSAGE),
    ROW("help_link", rule_help_link, PATH),
    ROW("handled", rule_bool),
    ROW("synthetic", rule_bool),
    ROW("data", rule_bag_object, MEDIUM),
    ROW("source", rule_string, ENUM_LIKE),
    ROW("exception_id", rule_int),
    ROW("parent_id", rule_int),
    ROW("is_exception_group", rule_bool),
    ROW("meta", rule_bag_object, MEDIUM),
};

static struct schema mechanism_schema = { SCHEMA_FIELDS(mechanism_fields),
                                          UNKNOWN_TO_DATA,
                                          .finish = mechanism_finish };

static const struct field exception_fields[] = {
    ROW("type", rule_string, SYMBOL),
    ROW("value", rule_json_text, MESSAGE),
    ROW("module", rule_string, SYMBOL),
    ROW("stacktrace", rule_object, .of = &stacktrace_schema),
    ROW("raw_stacktrace", rule_object, .of = &stacktrace_schema),
    ROW("thread_id", rule_thread_id, 128),
    ROW("mechanism", rule_object, .of = &mechanism_schema),
};

static struct schema exception_schema = { SCHEMA_FIELDS(exception_fields),
                                          UNKNOWN_KEEP,
                                          .finish = exception_finish };

static const struct field thread_fields[] = {
    ROW("id", rule_thread_id, 128),
    ROW("name", rule_lenient, SUMMARY),
    ROW("crashed", rule_bool),
    ROW("current", rule_bool),
    ROW("main", rule_bool),
    ROW("state", rule_string, ENUM_LIKE),
    ROW("stacktrace", rule_object, .of = &stacktrace_schema),
    ROW("raw_stacktrace", rule_object, .of = &stacktrace_schema),
    ROW("held_locks", rule_bag_object, LARGE),
};

static struct schema thread_schema = { SCHEMA_FIELDS(thread_fields),
                                       UNKNOWN_KEEP, .finish = NULL };


/* ---- other interfaces */

static const struct field user_fields[] = {
    ROW("id", rule_lenient, 128, 0),
    ROW("username", rule_lenient, 128, 0),
    ROW("email", rule_string, 75, 10),
    ROW("name", rule_lenient, 128, 0),
    ROW("ip_address", rule_ip),
    ROW("geo", rule_bag_object, SMALL),
    ROW("segment", rule_lenient, ENUM_LIKE),
    ROW("data", rule_bag_object, MEDIUM),
    ROW("sentry_user", rule_lenient, ENUM_LIKE),
};

static struct schema user_schema = { SCHEMA_FIELDS(user_fields),
                                     UNKNOWN_TO_DATA, .finish = NULL };

/* url and fragment are cut in request_finish, when the query is out of them */
static const struct field request_fields[] = {
    ROW("url", rule_string, 8192),
    ROW("method", rule_method),
    ROW("protocol", rule_string, ENUM_LIKE),
    ROW("query_string", rule_query, SMALL),
    ROW("fragment", rule_string, SUMMARY),
    ROW("headers", rule_headers, LARGE),
    ROW("cookies", rule_cookies, MEDIUM),
    ROW("data", rule_body, LARGE),
    ROW("env", rule_bag_object, LARGE),
    ROW("body_size", rule_int),
    ROW("api_target", rule_string, ENUM_LIKE),
    ROW("inferred_content_type", rule_string, 256),
};

static struct schema request_schema = { SCHEMA_FIELDS(request_fields),
                                        UNKNOWN_KEEP,
                                        .finish = request_finish };

static const struct field crumb_fields[] = {
    ROW("timestamp", rule_time),
    ROW("type", rule_string, ENUM_LIKE),
    ALIAS("ty", "type"),
    ROW("category", rule_string, ENUM_LIKE),
    ROW("level", rule_level),
    ROW("message", rule_json_text, MESSAGE),
    ROW("data", rule_bag_object, MEDIUM),
    ROW("event_id", rule_uuid),
    ROW("origin", rule_string, ENUM_LIKE),
};

static struct schema crumb_schema = { SCHEMA_FIELDS(crumb_fields), UNKNOWN_KEEP,
                                      .finish = breadcrumb_finish };

static const struct field template_fields[] = {
    ROW("filename", rule_string, PATH),
    ROW("abs_path", rule_string, PATH),
    ROW("lineno", rule_int),
    ROW("colno", rule_int),
    ROW("pre_context", rule_strings, CONTEXT_LINES_MAX, 1024),
    ROW("context_line", rule_string, 1024, 100),
    ROW("post_context", rule_strings, CONTEXT_LINES_MAX, 1024),
};

static struct schema template_schema = { SCHEMA_FIELDS(template_fields),
                                         UNKNOWN_KEEP, .finish = NULL };

static const struct field image_fields[] = {
    ROW("type", rule_string, ENUM_LIKE),
    ROW("code_id", rule_string, ENUM_LIKE),
    ROW("code_file", rule_string, 1024, 0),
    ROW("debug_id", rule_string, ENUM_LIKE),
    ROW("debug_file", rule_string, 1024, 0),
    ROW("debug_checksum", rule_string, ENUM_LIKE),
    ROW("arch", rule_string, ENUM_LIKE),
    ROW("image_addr", rule_address),
    ROW("image_size", rule_int),
    ROW("image_vmaddr", rule_address),
    ROW("uuid", rule_string, ENUM_LIKE),
    ROW("name", rule_string, 1024, 0),
    ROW("cpu_type", rule_int),
    ROW("cpu_subtype", rule_int),
};

static struct schema image_schema = { SCHEMA_FIELDS(image_fields), UNKNOWN_KEEP,
                                      .finish = image_finish };

static const struct field debug_meta_fields[] = {
    ROW("images", rule_list, .of = &image_schema, .max = IMAGES_MAX),
    ROW("sdk_info", rule_bag_object, SMALL),
};

static struct schema debug_meta_schema = { SCHEMA_FIELDS(debug_meta_fields),
                                           UNKNOWN_KEEP, .finish = NULL };

static const struct field package_fields[] = {
    ROW("name", rule_string, ENUM_LIKE),
    ROW("version", rule_string, ENUM_LIKE),
};

static struct schema package_schema = { SCHEMA_FIELDS(package_fields),
                                        UNKNOWN_KEEP, .finish = NULL };

static const struct field sdk_fields[] = {
    ROW("name", rule_string, ENUM_LIKE),
    ROW("version", rule_string, ENUM_LIKE),
    ROW("integrations", rule_strings, 100, 128),
    ROW("features", rule_strings, 100, 128),
    ROW("packages", rule_list, .of = &package_schema, .max = 100),
    ROW("settings", rule_bag_object, SMALL),
};

static struct schema sdk_schema = { SCHEMA_FIELDS(sdk_fields), UNKNOWN_KEEP,
                                    .finish = NULL };

static const struct field error_fields[] = {
    ROW("type", rule_string, ENUM_LIKE),
    ROW("name", rule_string, SYMBOL),
    ROW("value", rule_bag, SMALL),
};

static struct schema error_schema = { SCHEMA_FIELDS(error_fields), UNKNOWN_KEEP,
                                      .finish = NULL };

static const struct field transaction_info_fields[] = {
    ROW("source", rule_source),
    ROW("original", rule_string, 200, 0),
    ROW("changes", rule_bag, SMALL),
    ROW("propagations", rule_int),
};

static struct schema transaction_info_schema = {
    SCHEMA_FIELDS(transaction_info_fields), UNKNOWN_KEEP, .finish = NULL
};


/* ---- the event itself */

static const struct field event_fields[] = {
    ROW("event_id", rule_uuid),
    ROW("type", rule_string, ENUM_LIKE),
    ROW("level", rule_level),
    ROW("timestamp", rule_time),
    ROW("start_timestamp", rule_time),
    ROW("received", rule_keep),
    ROW("platform", rule_platform),
    ROW("logger", rule_logger, 64),
    ROW("transaction", rule_trimmed, 200, 0),
    ROW("transaction_info", rule_object, .of = &transaction_info_schema),
    ROW("server_name", rule_trimmed, 256, 0),
    ROW("release", rule_release, 200),
    ROW("dist", rule_dist, 64),
    ROW("environment", rule_environment, 64),
    ROW("logentry", rule_logentry, MESSAGE),
    ALIAS("message", "logentry"),
    ALIAS("sentry.interfaces.Message", "logentry"),
    ROW("tags", rule_tags, 200),
    ROW("extra", rule_extra, MASSIVE),
    ROW("contexts", rule_contexts, 65536, 8192, 7),
    ALIAS("sentry.interfaces.Contexts", "contexts"),
    ROW("user", rule_object, .of = &user_schema),
    ALIAS("sentry.interfaces.User", "user"),
    ROW("request", rule_object, .of = &request_schema),
    ALIAS("sentry.interfaces.Http", "request"),
    ROW("breadcrumbs", rule_values, .of = &crumb_schema,
        .max = BREADCRUMBS_MAX),
    ALIAS("sentry.interfaces.Breadcrumbs", "breadcrumbs"),
    ROW("exception", rule_values, .of = &exception_schema,
        .max = EXCEPTIONS_MAX),
    ALIAS("sentry.interfaces.Exception", "exception"),
    ROW("stacktrace", rule_object, .of = &stacktrace_schema),
    ALIAS("sentry.interfaces.Stacktrace", "stacktrace"),
    ROW("threads", rule_values, .of = &thread_schema, .max = THREADS_MAX),
    ROW("template", rule_object, .of = &template_schema),
    ALIAS("sentry.interfaces.Template", "template"),
    ROW("debug_meta", rule_object, .of = &debug_meta_schema),
    ROW("modules", rule_bag_object, LARGE),
    ROW("sdk", rule_object, .of = &sdk_schema),
    ALIAS("sentry.interfaces.Sdk", "sdk"),
    ROW("fingerprint", rule_strings, 50, 1024),
    ROW("errors", rule_list, .of = &error_schema, .max = 100),
    ROW("csp", rule_bag_object, LARGE),
    ALIAS("sentry.interfaces.Csp", "csp"),
    ROW("hpkp", rule_bag_object, LARGE),
    ROW("expectct", rule_bag_object, LARGE),
    ROW("expectstaple", rule_bag_object, LARGE),
    ROW("spans", rule_bag, 262144, 0, 7),
    ROW("measurements", rule_measurements, LARGE),
    ROW("breakdowns", rule_bag_object, LARGE),
    ROW("culprit", rule_string, 200, 10),
    ROW("checksum", rule_string, 128, 0),
    ROW("site", rule_lenient, 128, 0),
    ROW("time_spent", rule_int),
    ROW("version", rule_lenient, ENUM_LIKE),
    ROW("_metrics", rule_bag_object, SMALL),
    ROW("scraping_attempts", rule_bag, LARGE),
};

struct schema event_schema = { SCHEMA_FIELDS(event_fields), UNKNOWN_DROP,
                               .finish = NULL };
