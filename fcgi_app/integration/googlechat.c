/*
 * Google Chat, by a space's webhook: a card, in one thread for what is about
 * one issue.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"

static const struct integration_field fields[] = {
    { .name = "webhook",
      .label = "Webhook URL",
      .kind = FIELD_SECRET_URL,
      .required = true,
      .placeholder = "https://chat.googleapis.com/v1/spaces/…",
      .help = "Of a space: Apps and integrations, Webhooks." },
    { 0 },
};


static void
put_fact(struct arena *a, struct json *widgets, struct str label,
         struct str text)
{
    struct json *v =
        make_object(a, make_object(a, widgets, NULL), "decoratedText");

    make_str(a, v, "topLabel", words_line(a, label, 100));
    make_str(a, v, "text", words_html(a, words_line(a, text, 300)));
    make_bool(a, v, "wrapText", true);
}


static void
put_button(struct arena *a, struct json *buttons, struct str words,
           struct str url)
{
    struct json *v = make_object(a, buttons, NULL);

    make_str(a, v, "text", words_line(a, words, 60));
    make_str(a, make_object(a, make_object(a, v, "onClick"), "openLink"), "url",
             url);
}


static void
put_widgets(struct arena *a, struct json *widgets, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct str why = words_why(a, n);
    struct json *buttons;

    if (why.n > 0) {
        put_fact(a, widgets, STR("Why now"), why);
    }
    if (n->text.n > 0) {
        put_fact(a, widgets, STR("Comment"), n->text);
    }
    for (size_t i = 0; i < k; i++) {
        put_fact(a, widgets,
                 str_null(facts[i].name) ? str_of(facts[i].label)
                                         : facts[i].name,
                 facts[i].value);
    }
    if (n->notes.n > 0) {
        put_fact(a, widgets, STR("Note"), n->notes);
    }
    if (n->url.n == 0 && n->nactions == 0) {
        return;
    }
    buttons = make_array(
        a, make_object(a, make_object(a, widgets, NULL), "buttonList"),
        "buttons");
    if (n->url.n > 0) {
        put_button(a, buttons, STR("View"), n->url);
    }
    for (size_t i = 0; i < n->nactions; i++) {
        put_button(a, buttons, n->actions[i].words, n->actions[i].url);
    }
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct arena *a = call->a;
    struct str webhook = integration_value(call->i, "webhook");
    struct post_request rq = { 0 };
    struct json *body = json_new(a, JSON_T_OBJECT), *card, *header;
    struct post_reply reply;

    rq.url = str_of(arena_printf(
        a, "%s%cmessageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
        str_dup(a, webhook), str_chr(webhook, '?') == -1 ? '?' : '&'));
    make_str(a, body, "text",
             words_line(a,
                        str_printf(a, "%.*s: %.*s", STR_FMT(words_kind(a, n)),
                                   STR_FMT(words_title(a, n))),
                        500));
    make_str(a, make_object(a, body, "thread"), "threadKey",
             words_subject_key(a, n));
    card = make_object(a, make_array(a, body, "cardsV2"), NULL);
    make_text(a, card, "cardId", "vedette");
    card = make_object(a, card, "card");
    header = make_object(a, card, "header");
    make_str(a, header, "title", words_line(a, words_title(a, n), 200));
    make_str(a, header, "subtitle", words_kind(a, n));
    put_widgets(
        a,
        make_array(a, make_object(a, make_array(a, card, "sections"), NULL),
                   "widgets"),
        n);
    integration_post_json(call, &rq, body, &reply, out);
}


const struct integration_type service_googlechat = {
    .type = "googlechat",
    .label = "Google Chat",
    .icon = "feedback",
    .does = "Alerts in a space, one thread an issue",
    .can = CAN_CHAT,
    .fields = fields,
    .send = send_notice,
};
