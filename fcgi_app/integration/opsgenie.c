/* Opsgenie: an alert by an alias, closed by the same when it is over. */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/lang.h"

/* Opsgenie's own limits. */
#define MESSAGE_MAX 130
#define DESCRIPTION_MAX 14000
#define ENTITY_MAX 500
#define TAG_MAX 50
#define TAGS_MAX 20

static const struct integration_field fields[] = {
    { .name = "token",
      .label = "API key",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "Of an API integration." },
    { .name = "team",
      .label = "Team",
      .kind = FIELD_TEXT,
      .help = "Empty: whom the integration's own rules name." },
    { .name = "url",
      .label = "API",
      .kind = FIELD_URL,
      .required = true,
      .initial = "https://api.opsgenie.com",
      .help = "https://api.eu.opsgenie.com in Europe." },
    { 0 },
};

static const struct field_choice priorities[] = {
    { "", N_("By level") }, { "P1", "P1" }, { "P2", "P2" }, { "P3", "P3" },
    { "P4", "P4" },         { "P5", "P5" }, { NULL, NULL },
};

static const struct integration_field target[] = {
    { .name = "team",
      .label = "Team",
      .kind = FIELD_TEXT,
      .help = "Empty: the connection's." },
    { .name = "priority",
      .label = "Priority",
      .kind = FIELD_CHOICE,
      .choices = priorities },
    { 0 },
};


static const char *
priority_of(const struct notice *n)
{
    switch (words_severity(n)[0]) {
    case 'c':
        return "P1";
    case 'e':
        return "P3";
    case 'w':
        return str_is(n->cause, "metric") ? "P2" : "P4";
    default:
        return "P5";
    }
}


static void
put_details(struct arena *a, struct json *body, const struct notice *n)
{
    struct json *details = make_object(a, body, "details"), *tags;
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);

    make_some(a, details, "URL", n->url);
    make_some(a, details, "Why", words_why(a, n));
    for (size_t i = 0; i < k; i++) {
        if (str_null(facts[i].name)) {
            make_str(a, details, facts[i].label,
                     words_line(a, facts[i].value, 1000));
        }
    }
    tags = make_array(a, body, "tags");
    for (size_t i = 0; i < n->ntags && i < TAGS_MAX; i++) {
        make_str(a, tags, NULL,
                 words_line(a,
                            str_printf(a, "%.*s:%.*s", STR_FMT(n->tags[i].key),
                                       STR_FMT(n->tags[i].value)),
                            TAG_MAX));
    }
}


static void
open_alert(const struct integration_call *call, const struct notice *n,
           struct integration_result *out)
{
    struct arena *a = call->a;
    struct post_request rq = { .url = ask_url(call, "/v2/alerts") };
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct str priority = json_text_of(n->settings, "priority"),
               team = integration_setting(call, n, "team");
    struct post_reply reply;

    make_str(a, body, "message", words_line(a, words_title(a, n), MESSAGE_MAX));
    make_str(a, body, "alias", words_subject_key(a, n));
    make_str(a, body, "description", words_plain(a, n, DESCRIPTION_MAX));
    make_text(a, body, "source", "Vedette");
    make_str(a, body, "priority",
             priority.n > 0 ? priority : str_of(priority_of(n)));
    make_some(a, body, "entity", words_line(a, n->culprit, ENTITY_MAX));
    if (team.n > 0) {
        struct json *v =
            make_object(a, make_array(a, body, "responders"), NULL);

        make_text(a, v, "type", "team");
        make_str(a, v, "name", team);
    }
    put_details(a, body, n);
    ask_token(call, &rq, "GenieKey", integration_value(call->i, "token"));
    integration_post_json(call, &rq, body, &reply, out);
}


static void
close_alert(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct arena *a = call->a;
    struct post_request rq = {
        .url = ask_url(call, "/v2/alerts/%s/close?identifierType=alias",
                       ask_part(a, words_subject_key(a, n))),
    };
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_reply reply;

    make_text(a, body, "source", "Vedette");
    ask_token(call, &rq, "GenieKey", integration_value(call->i, "token"));
    integration_post_json(call, &rq, body, &reply, out);
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    if (words_is_over(n)) {
        close_alert(call, n, out);
        return;
    }
    open_alert(call, n, out);
    /* a test wakes nobody for long */
    if (str_is(n->cause, "test") && out->result == OUTBOX_OK) {
        close_alert(call, n, out);
    }
}


const struct integration_type service_opsgenie = {
    .type = "opsgenie",
    .label = "Opsgenie",
    .icon = "bell",
    .does = "Alert the team on call",
    .can = CAN_PAGE,
    .fields = fields,
    .target = target,
    .send = send_notice,
};
