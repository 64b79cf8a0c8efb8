/*
 * PagerDuty, Events v2: an incident by the key of what it is about, closed by
 * the same key when that is over.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/lang.h"

#define SUMMARY_MAX 1000

static const struct integration_field fields[] = {
    { .name = "routing_key",
      .label = "Integration key",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "Of a service: Integrations, Events API v2." },
    { .name = "url",
      .label = "API",
      .kind = FIELD_URL,
      .required = true,
      .initial = "https://events.pagerduty.com",
      .help = "https://events.eu.pagerduty.com in Europe." },
    { 0 },
};

static const struct field_choice severities[] = {
    { "", N_("By level") },        { "critical", N_("Critical") },
    { "error", "Error" },          { "warning", "Warning" },
    { "info", N_("Information") }, { NULL, NULL },
};

static const struct integration_field target[] = {
    { .name = "severity",
      .label = "Severity",
      .kind = FIELD_CHOICE,
      .choices = severities },
    { 0 },
};


static void
put_payload(const struct integration_call *call, struct json *body,
            const struct notice *n)
{
    struct arena *a = call->a;
    struct json *payload = make_object(a, body, "payload"), *details;
    struct str severity = json_text_of(n->settings, "severity");
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);

    make_str(a, payload, "summary",
             words_line(a, words_title(a, n), SUMMARY_MAX));
    make_str(a, payload, "source",
             n->culprit.n > 0 ? n->culprit : STR("Vedette"));
    make_str(a, payload, "severity",
             severity.n > 0 ? severity : str_of(words_severity(n)));
    make_some(a, payload, "component", n->project);
    make_some(a, payload, "group", n->environment);
    make_some(a, payload, "class", n->cause);
    if (n->at != 0) {
        make_str(a, payload, "timestamp", words_time(a, n->at));
    }
    details = make_object(a, payload, "custom_details");
    make_some(a, details, "why", words_why(a, n));
    make_some(a, details, "note", n->notes);
    for (size_t i = 0; i < k; i++) {
        struct str label =
            str_null(facts[i].name)
                ? str_of(facts[i].label)
                : str_printf(a, "tag %.*s", STR_FMT(facts[i].name));

        json_set(details, label,
                 json_new_str(a, words_line(a, facts[i].value, 1000)));
    }
    make_text(a, body, "client", "Vedette");
    make_some(a, body, "client_url", n->url);
    if (n->url.n > 0) {
        struct json *link = make_object(a, make_array(a, body, "links"), NULL);

        make_str(a, link, "href", n->url);
        make_text(a, link, "text", "Look at it in Vedette");
    }
}


static void
send_action(const struct integration_call *call, const struct notice *n,
            const char *action, struct integration_result *out)
{
    struct arena *a = call->a;
    struct post_request rq = { .url = ask_url(call, "/v2/enqueue") };
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_reply reply;

    make_str(a, body, "routing_key", integration_value(call->i, "routing_key"));
    make_text(a, body, "event_action", action);
    make_str(a, body, "dedup_key", words_subject_key(a, n));
    if (strcmp(action, "resolve") != 0) {
        put_payload(call, body, n);
    }
    integration_post_json(call, &rq, body, &reply, out);
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    send_action(call, n, words_is_over(n) ? "resolve" : "trigger", out);
    /* a test wakes nobody for long */
    if (str_is(n->cause, "test") && out->result == OUTBOX_OK) {
        send_action(call, n, "resolve", out);
    }
}


const struct integration_type service_pagerduty = {
    .type = "pagerduty",
    .label = "PagerDuty",
    .icon = "bell",
    .does = "Page the engineer on call",
    .can = CAN_PAGE,
    .fields = fields,
    .target = target,
    .send = send_notice,
};
