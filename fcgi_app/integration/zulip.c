/* Zulip, by a bot: a message in a channel, under one topic an issue. */

#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"

#define TOPIC_MAX 60
#define CONTENT_MAX 9000

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Server",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://acme.zulipchat.com" },
    { .name = "email",
      .label = "Bot's address",
      .kind = FIELD_TEXT,
      .required = true,
      .placeholder = "vedette-bot@acme.zulipchat.com" },
    { .name = "token",
      .label = "API key",
      .kind = FIELD_SECRET,
      .required = true },
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .required = true,
      .placeholder = "errors" },
    { .name = "topic",
      .label = "Topic",
      .kind = FIELD_TEXT,
      .help = "Empty: one an issue, by its ID and title." },
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "channel",
      .label = "Channel",
      .kind = FIELD_TEXT,
      .help = "Empty: the connection's." },
    { .name = "topic", .label = "Topic", .kind = FIELD_TEXT },
    { 0 },
};


static struct str
topic_of(const struct integration_call *call, const struct notice *n)
{
    struct str set = integration_setting(call, n, "topic");

    if (set.n == 0) {
        set = n->short_id.n > 0 ? str_printf(
                  call->a, "%.*s %.*s", STR_FMT(n->short_id), STR_FMT(n->title))
                                : n->title;
    }
    return words_line(call->a, set, TOPIC_MAX);
}


static struct str
content_of(struct arena *a, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct str why = words_why(a, n);
    struct buf b = buf_in(a);

    buf_addf(&b, "**%.*s**: [%.*s](%.*s)\n",
             STR_FMT(words_markdown(a, words_kind(a, n))),
             STR_FMT(words_markdown(a, words_line(a, words_title(a, n), 300))),
             STR_FMT(n->url));
    if (why.n > 0) {
        buf_addf(&b, "%.*s\n", STR_FMT(words_markdown(a, why)));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "> %.*s\n",
                 STR_FMT(words_markdown(a, words_line(a, n->text, 500))));
    }
    for (size_t i = 0; i < k; i++) {
        struct str label =
            str_null(facts[i].name) ? str_of(facts[i].label) : facts[i].name;

        buf_addf(
            &b, "* %.*s: %.*s\n",
            STR_FMT(words_markdown(a, words_line(a, label, 60))),
            STR_FMT(words_markdown(a, words_line(a, facts[i].value, 200))));
    }
    if (n->notes.n > 0) {
        buf_addf(&b, "%.*s\n",
                 STR_FMT(words_markdown(a, words_line(a, n->notes, 500))));
    }
    for (size_t i = 0; i < n->nactions; i++) {
        buf_addf(&b, "%s[%.*s](%.*s)", i > 0 ? " · " : "",
                 STR_FMT(n->actions[i].words), STR_FMT(n->actions[i].url));
    }
    return str_cut(buf_view(&b), CONTENT_MAX);
}


static void
sign(const struct integration_call *call, struct post_request *rq)
{
    ask_basic(call, rq, integration_value(call->i, "email"),
              integration_value(call->i, "token"));
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct post_request rq = {
        .url = ask_url(call, "/api/v1/messages"),
        .type = STR("application/x-www-form-urlencoded"),
    };
    struct buf form = buf_in(call->a);
    struct post_reply reply;

    ask_field(&form, "type", STR("stream"));
    ask_field(&form, "to", integration_setting(call, n, "channel"));
    ask_field(&form, "topic", topic_of(call, n));
    ask_field(&form, "content", content_of(call->a, n));
    rq.body = buf_view(&form);
    sign(call, &rq);
    integration_post(call, &rq, &reply, out);
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    struct post_request rq = { .url = ask_url(call, "/api/v1/users/me") };
    struct post_reply reply;

    sign(call, &rq);
    integration_post(call, &rq, &reply, out);
}


const struct integration_type service_zulip = {
    .type = "zulip",
    .label = "Zulip",
    .icon = "feedback",
    .does = "Alerts in channels, one topic an issue",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .check = check,
    .send = send_notice,
};
