/* Mattermost, by an incoming webhook. */

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
      .placeholder = "town-square",
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

    integration_post_json(
        call, &rq,
        attachment_message(call->a, n, integration_setting(call, n, "channel")),
        &reply, out);
}


const struct integration_type service_mattermost = {
    .type = "mattermost",
    .label = "Mattermost",
    .icon = "hash",
    .does = "Alerts in channels",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .send = send_notice,
};
