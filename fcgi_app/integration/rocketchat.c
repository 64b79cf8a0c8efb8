/* Rocket.Chat, by an incoming webhook, which answers with "success". */

#include "integration/attachment.h"
#include "integration/ask.h"
#include "integration/services.h"

static const struct integration_field fields[] = {
    { .name = "webhook",
      .label = "Incoming webhook",
      .kind = FIELD_SECRET_URL,
      .required = true,
      .placeholder = "https://chat.example.org/hooks/…" },
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .placeholder = "#general",
      .help = "Empty: the webhook's own." },
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .help = "Empty: the connection's." },
    { 0 },
};


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct post_request rq = { .url = integration_value(call->i, "webhook") };
    struct post_reply reply;
    struct json *said;

    integration_post_json(
        call, &rq,
        attachment_message(call->a, n, integration_setting(call, n, "channel")),
        &reply, out);
    said = ask_json(call->a, &reply);
    if (out->result == OUTBOX_OK && json_get(said, "success") != NULL
        && !json_yes(json_get(said, "success"))) {
        ask_failed(out, OUTBOX_PERMANENT, json_text_of(said, "error"));
    }
}


const struct integration_type service_rocketchat = {
    .type = "rocketchat",
    .label = "Rocket.Chat",
    .icon = "feedback",
    .does = "Alerts in channels",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .send = send_notice,
};
