/*
 * Microsoft Teams, by the webhook of a workflow ("When a Teams webhook request
 * is received"): an adaptive card.  Teams takes 28 KB; the card is kept well
 * below it by cutting each text.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"

#define TITLE_MAX 500
#define TEXT_MAX 1000
#define VALUE_MAX 300

static const struct integration_field fields[] = {
    { .name = "webhook",
      .label = "Workflow URL",
      .kind = FIELD_SECRET_URL,
      .required = true,
      .placeholder = "https://….logic.azure.com/workflows/…",
      .help = "In Teams: Workflows, Post to a channel when a webhook request "
              "is received." },
    { 0 },
};


static struct json *
text_block(struct arena *a, struct json *body, struct str text)
{
    struct json *v = make_object(a, body, NULL);

    make_text(a, v, "type", "TextBlock");
    make_str(a, v, "text", words_markdown(a, text));
    make_bool(a, v, "wrap", true);
    return v;
}


static void
put_facts(struct arena *a, struct json *body, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct json *set, *list;

    if (k == 0) {
        return;
    }
    set = make_object(a, body, NULL);
    make_text(a, set, "type", "FactSet");
    list = make_array(a, set, "facts");
    for (size_t i = 0; i < k; i++) {
        struct json *fact = make_object(a, list, NULL);

        make_str(a, fact, "title",
                 str_null(facts[i].name) ? str_of(facts[i].label)
                                         : words_line(a, facts[i].name, 100));
        make_str(a, fact, "value",
                 words_markdown(a, words_line(a, facts[i].value, VALUE_MAX)));
    }
}


static void
put_link(struct arena *a, struct json *actions, struct str words,
         struct str url)
{
    struct json *v = make_object(a, actions, NULL);

    make_text(a, v, "type", "Action.OpenUrl");
    make_str(a, v, "title", words_line(a, words, 100));
    make_str(a, v, "url", url);
}


static void
put_card(struct arena *a, struct json *card, const struct notice *n)
{
    struct json *body, *title, *actions;
    struct str why = words_why(a, n);

    make_text(a, card, "$schema",
              "http://adaptivecards.io/schemas/adaptive-card.json");
    make_text(a, card, "type", "AdaptiveCard");
    make_text(a, card, "version", "1.2");
    make_text(a, make_object(a, card, "msteams"), "width", "full");
    body = make_array(a, card, "body");
    title = text_block(a, body, words_line(a, words_title(a, n), TITLE_MAX));
    make_text(a, title, "weight", "bolder");
    make_text(a, title, "size", "medium");
    make_text(a, title, "color",
              words_is_over(n)                               ? "good"
              : str_is(str_of(words_severity(n)), "warning") ? "warning"
              : str_is(str_of(words_severity(n)), "info")    ? "accent"
                                                             : "attention");
    text_block(a, body,
               why.n > 0 ? str_printf(a, "%.*s: %.*s",
                                      STR_FMT(words_kind(a, n)), STR_FMT(why))
                         : words_kind(a, n));
    if (n->text.n > 0) {
        text_block(a, body, words_line(a, n->text, TEXT_MAX));
    }
    if (n->notes.n > 0) {
        text_block(a, body, words_line(a, n->notes, TEXT_MAX));
    }
    put_facts(a, body, n);
    actions = make_array(a, card, "actions");
    if (n->url.n > 0) {
        put_link(a, actions, STR("View"), n->url);
    }
    for (size_t i = 0; i < n->nactions && i < 5; i++) {
        put_link(a, actions, n->actions[i].words, n->actions[i].url);
    }
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct post_request rq = { .url = integration_value(call->i, "webhook") };
    struct json *body = json_new(call->a, JSON_T_OBJECT), *attachment;
    struct post_reply reply;

    make_text(call->a, body, "type", "message");
    attachment =
        make_object(call->a, make_array(call->a, body, "attachments"), NULL);
    make_text(call->a, attachment, "contentType",
              "application/vnd.microsoft.card.adaptive");
    make_put(attachment, "contentUrl", json_new(call->a, JSON_T_NULL));
    put_card(call->a, make_object(call->a, attachment, "content"), n);
    integration_post_json(call, &rq, body, &reply, out);
}


const struct integration_type service_teams = {
    .type = "msteams",
    .label = "Microsoft Teams",
    .icon = "users",
    .does = "Alerts as cards in a channel",
    .can = CAN_CHAT,
    .fields = fields,
    .send = send_notice,
};
