/*
 * Slack, by an incoming webhook (one channel, nothing to install) or by a
 * bot's token (any channel).  The bot's API answers 200 to everything: what
 * counts is "ok".
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"

/* Slack's own limits. */
#define SECTION_MAX 2900
#define FIELD_MAX 1900
#define FIELDS_MAX 10
#define BUTTON_MAX 70
#define BUTTON_URL_MAX 3000

static const struct integration_field fields[] = {
    { .name = "webhook",
      .label = "Incoming webhook",
      .kind = FIELD_SECRET_URL,
      .placeholder = "https://hooks.slack.com/services/…",
      .help = "For one channel. This, or a bot's token." },
    { .name = "token",
      .label = "Bot token",
      .kind = FIELD_SECRET,
      .placeholder = "xoxb-…",
      .help = "For any channel: a bot with the scope chat:write that was "
              "invited there." },
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .placeholder = "#errors",
      .help = "Where the bot writes unless a rule says another." },
    { .name = "url",
      .label = "API",
      .kind = FIELD_URL,
      .initial = "https://slack.com/api",
      .help = "Of the bot. Another one for GovSlack." },
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .placeholder = "#errors",
      .help = "Empty: the connection's. With a webhook: always its own." },
    { 0 },
};


static void
put_text(struct arena *a, struct json *in, const char *key, const char *type,
         struct str text)
{
    struct json *v = make_object(a, in, key);

    make_text(a, v, "type", type);
    make_str(a, v, "text", text);
}


static struct json *
block(struct arena *a, struct json *blocks, const char *type)
{
    struct json *v = make_object(a, blocks, NULL);

    make_text(a, v, "type", type);
    return v;
}


static void
put_title(struct arena *a, struct json *blocks, const struct notice *n)
{
    struct str title =
        words_slack(a, words_line(a, words_title(a, n), SECTION_MAX / 6));
    struct buf b = buf_in(a);

    if (n->url.n > 0) {
        buf_addf(&b, "*<%.*s|%.*s>*", STR_FMT(n->url), STR_FMT(title));

    } else {
        buf_addf(&b, "*%.*s*", STR_FMT(title));
    }
    if (n->frame.n > 0) {
        buf_addf(&b, "\n`%.*s`",
                 STR_FMT(words_slack(a, words_line(a, n->frame, 300))));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "\n> %.*s",
                 STR_FMT(words_slack(a, words_line(a, n->text, 500))));
    }
    put_text(a, block(a, blocks, "section"), "text", "mrkdwn", buf_view(&b));
}


static void
put_context(struct arena *a, struct json *blocks, struct str text)
{
    put_text(a, make_array(a, block(a, blocks, "context"), "elements"), NULL,
             "mrkdwn", words_slack(a, words_line(a, text, FIELD_MAX / 6)));
}


static void
put_fields(struct arena *a, struct json *blocks, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct json *list;

    if (k == 0) {
        return;
    }
    list = make_array(a, block(a, blocks, "section"), "fields");
    for (size_t i = 0; i < k && i < FIELDS_MAX; i++) {
        struct str label =
            str_null(facts[i].name) ? str_of(facts[i].label) : facts[i].name;

        put_text(a, list, NULL, "mrkdwn",
                 str_printf(a, "*%.*s:* %.*s",
                            STR_FMT(words_slack(a, words_line(a, label, 60))),
                            STR_FMT(words_slack(
                                a, words_line(a, facts[i].value, 200)))));
    }
}


static void
put_buttons(struct arena *a, struct json *blocks, const struct notice *n)
{
    struct json *list;

    if (n->nactions == 0) {
        return;
    }
    list = make_array(a, block(a, blocks, "actions"), "elements");
    for (size_t i = 0; i < n->nactions; i++) {
        struct json *button = make_object(a, list, NULL);

        if (n->actions[i].url.n > BUTTON_URL_MAX) {
            continue;
        }
        make_text(a, button, "type", "button");
        put_text(a, button, "text", "plain_text",
                 words_line(a, n->actions[i].words, BUTTON_MAX));
        make_str(a, button, "url", n->actions[i].url);
    }
}


/* channel: "" for a webhook's own. */
static struct json *
message(struct arena *a, const struct notice *n, struct str channel)
{
    struct json *body = json_new(a, JSON_T_OBJECT), *attachment, *blocks;
    struct str why = words_why(a, n), kind = words_kind(a, n);

    make_some(a, body, "channel", channel);
    make_str(
        a, body, "text",
        words_slack(a, words_line(a,
                                  str_printf(a, "%.*s: %.*s", STR_FMT(kind),
                                             STR_FMT(words_title(a, n))),
                                  500)));
    make_bool(a, body, "unfurl_links", false);
    attachment = make_object(a, make_array(a, body, "attachments"), NULL);
    make_str(a, attachment, "color", str_printf(a, "#%06X", words_color(n)));
    blocks = make_array(a, attachment, "blocks");
    put_title(a, blocks, n);
    put_context(a, blocks,
                why.n > 0
                    ? str_printf(a, "%.*s · %.*s", STR_FMT(kind), STR_FMT(why))
                    : kind);
    put_fields(a, blocks, n);
    if (n->notes.n > 0) {
        put_context(a, blocks, n->notes);
    }
    put_buttons(a, blocks, n);
    return body;
}


/* What the bot's API says inside of its 200. */
static void
read_ok(const struct integration_call *call, const struct post_reply *reply,
        struct integration_result *out)
{
    struct json *said = ask_json(call->a, reply);
    struct str error = json_text_of(said, "error");

    if (out->result != OUTBOX_OK || json_yes(json_get(said, "ok"))) {
        return;
    }
    ask_failed(out,
               str_is(error, "ratelimited") || str_is(error, "internal_error")
                       || str_is(error, "service_unavailable")
                   ? OUTBOX_RETRY
                   : OUTBOX_PERMANENT,
               error);
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct str token = integration_value(call->i, "token"),
               webhook = integration_value(call->i, "webhook");
    struct post_request rq = { .url = webhook };
    struct post_reply reply;

    if (token.n == 0 && webhook.n == 0) {
        integration_refuse(out, STR("It needs a webhook or a token."));
        return;
    }
    if (token.n == 0) {
        integration_post_json(call, &rq, message(call->a, n, STR("")), &reply,
                              out);
        return;
    }
    rq.url = ask_url(call, "/chat.postMessage");
    rq.type = STR("application/json; charset=utf-8");
    ask_token(call, &rq, "Bearer", token);
    integration_post_json(
        call, &rq, message(call->a, n, integration_setting(call, n, "channel")),
        &reply, out);
    read_ok(call, &reply, out);
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    struct post_request rq = { .url = ask_url(call, "/auth.test") };
    struct str token = integration_value(call->i, "token");
    struct post_reply reply;

    if (token.n == 0) {
        /* a webhook has nothing to ask */
        *out = (struct integration_result){ .result = OUTBOX_OK };
        return;
    }
    rq.body = STR("{}");
    rq.type = STR("application/json; charset=utf-8");
    ask_token(call, &rq, "Bearer", token);
    integration_post(call, &rq, &reply, out);
    read_ok(call, &reply, out);
}


const struct integration_type service_slack = {
    .type = "slack",
    .label = "Slack",
    .icon = "hash",
    .does = "Alerts in channels, with links to act",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .check = check,
    .send = send_notice,
};
