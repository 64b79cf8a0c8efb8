/*
 * page/reason.c - the reasons of outcomes (protocol.md §5.1), for people.
 *
 * The ledger, its file and the protocol have the machine's word; an inbound
 * filter is called as on its own page.
 */

#include "page/reason.h"

#include "digest/filter.h"
#include "util/lang.h"

struct wording {
    const char *reason;
    const char *words;
};

static const struct wording wordings[] = {
    /* refused by a limit */
    { "key_quota", N_("Limit of the client key") },
    { "project_quota", N_("Limit of the project") },
    { "org_quota", N_("Limit of the organisation") },
    { "spike_protection", N_("Spike protection") },
    { "attachment_storage", N_("Storage for attachments is full") },
    { "spool_full", N_("The edge had no room left") },

    /* accepted, but not as a row of its own */
    { "not_kept", N_("Counted, not kept") },
    { "merged", N_("Merged into its event") },

    /* dropped as the project asked for */
    { "attachments-off", N_("Attachments are switched off") },
    { "scrubbed", N_("Removed by a rule of scrubbing") },
    { "discarded", N_("Issue was deleted and is discarded") },

    /* could not be taken */
    { "auth_client", N_("Client did not say who it is") },
    { "auth_version", N_("Version of the protocol is not known") },
    { "body_lost", N_("Body was lost on its way") },
    { "content_type", N_("Content type is not known") },
    { "cors", N_("Origin is not allowed") },
    { "dead_letter", N_("Put aside as a dead letter") },
    { "dead_letter_gone", N_("Dead letter that had to make room") },
    { "disallowed_method", N_("Method is not allowed") },
    { "duplicate", N_("Sent twice") },
    { "duplicate_item", N_("Twice in one envelope") },
    { "empty_envelope", N_("Empty envelope") },
    { "feature_disabled", N_("Feature is switched off") },
    { "internal", N_("Internal error") },
    { "invalid_check_in", N_("Check-in cannot be read") },
    { "invalid_compression", N_("Cannot be unpacked") },
    { "invalid_envelope", N_("Envelope cannot be read") },
    { "invalid_json", N_("Not JSON") },
    { "invalid_log", N_("Log cannot be read") },
    { "invalid_minidump", N_("Minidump cannot be read") },
    { "invalid_multipart", N_("Form cannot be read") },
    { "invalid_session", N_("Session cannot be read") },
    { "invalid_span", N_("Span cannot be read") },
    { "invalid_trace_metric", N_("Metric cannot be read") },
    { "invalid_transaction", N_("Transaction cannot be read") },
    { "missing_minidump_upload", N_("Form has no minidump") },
    { "multi_project_id", N_("Items of several projects") },
    { "no_data", N_("Nothing in it") },
    { "no_event_payload", N_("Attachment without its event") },
    { "payload", N_("Payload cannot be read") },
    { "process_unreal", N_("Unreal crash cannot be read") },
    { "project_id", N_("Project or key is not known") },
    { "project_state", N_("Project's settings are not known") },
    { "security_report", N_("Security report cannot be read") },
    { "security_report_type", N_("Kind of security report is not known") },
    { "timestamp", N_("Too old, or in the future") },
    { "too_many", N_("More in one item than is read") },
    { "unknown_item", N_("Kind of item is not known") },

    /* thrown away by a client before it was sent */
    { "backpressure", N_("Client was overloaded") },
    { "before_send", N_("Application's before_send") },
    { "buffer_overflow", N_("Client's buffer was full") },
    { "cache_overflow", N_("Client's cache was full") },
    { "event_processor", N_("Application's event processor") },
    { "ignore_spans", N_("Application's ignore_spans") },
    { "insufficient_data", N_("Client had too little data") },
    { "internal_sdk_error", N_("Error in the client") },
    { "network_error", N_("Network error at the client") },
    { "queue_overflow", N_("Client's queue was full") },
    { "ratelimit_backoff", N_("Client waited after a limit") },
    { "sample_rate", N_("Sampled out by the client") },
    { "send_error", N_("Client's request was refused") },
};

#define TOO_LARGE STR("too_large:")


static struct str
words_of(struct arena *a, struct str reason)
{
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        if (str_is(reason, wordings[i].reason)) {
            return str_of(tr(wordings[i].words));
        }
    }
    for (size_t i = 0; i < filter_count; i++) {
        if (str_is(reason, filter_rows[i].key)) {
            return str_of(filter_rows[i].name);
        }
    }
    if (str_starts(reason, TOO_LARGE)) {
        return lang_fill(a, N_("Too large: {0}"),
                         FILL(str_sub(reason, TOO_LARGE.n, reason.n)));
    }
    return reason;
}


void
reason_show(struct arena *a, struct data *row, struct str reason)
{
    struct str words = words_of(a, reason);

    data_str(row, "name", reason.n > 0 ? words : str_of(tr("no reason given")));
    if (!str_eq(words, reason)) {
        data_str(row, "code", reason);
    }
}
