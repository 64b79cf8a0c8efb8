/*
 * Discord, by a channel's webhook: one embed.  Nobody is called by a name that
 * stands in an event (allowed_mentions).  A 429 tells the pause in its body,
 * with fractions.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/timeutil.h"

/* Discord's own limits; 6,000 in all. */
#define TITLE_MAX 250
#define DESCRIPTION_MAX 1500
#define NAME_MAX 100
#define VALUE_MAX 200
#define FIELDS_MAX 12

static const struct integration_field fields[] = {
    { .name = "webhook",
      .label = "Webhook URL",
      .kind = FIELD_SECRET_URL,
      .required = true,
      .placeholder = "https://discord.com/api/webhooks/…",
      .help = "Of a channel: Edit channel, Integrations, Webhooks." },
    { 0 },
};


static struct str
description(struct arena *a, const struct notice *n)
{
    struct str why = words_why(a, n);
    struct buf b = buf_in(a);

    buf_addf(&b, "**%.*s**", STR_FMT(words_markdown(a, words_kind(a, n))));
    if (why.n > 0) {
        buf_addf(&b, " %.*s", STR_FMT(words_markdown(a, why)));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "\n%.*s",
                 STR_FMT(words_markdown(a, words_line(a, n->text, 400))));
    }
    if (n->notes.n > 0) {
        buf_addf(&b, "\n%.*s",
                 STR_FMT(words_markdown(a, words_line(a, n->notes, 400))));
    }
    for (size_t i = 0; i < n->nactions; i++) {
        if (b.n + n->actions[i].url.n + 60 < DESCRIPTION_MAX) {
            buf_addf(&b, "%s[%.*s](%.*s)", i > 0 ? " · " : "\n",
                     STR_FMT(n->actions[i].words), STR_FMT(n->actions[i].url));
        }
    }
    return buf_view(&b);
}


static void
put_embed(struct arena *a, struct json *embed, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct json *list;

    make_str(a, embed, "title", words_line(a, words_title(a, n), TITLE_MAX));
    make_some(a, embed, "url", n->url);
    make_str(a, embed, "description", description(a, n));
    make_i64(a, embed, "color", (int64_t) words_color(n));
    if (n->at != 0) {
        make_str(a, embed, "timestamp", words_time(a, n->at));
    }
    list = make_array(a, embed, "fields");
    for (size_t i = 0; i < k && i < FIELDS_MAX; i++) {
        struct json *f = make_object(a, list, NULL);

        make_str(a, f, "name",
                 str_null(facts[i].name)
                     ? str_of(facts[i].label)
                     : words_line(a, facts[i].name, NAME_MAX));
        make_str(a, f, "value",
                 words_markdown(a, words_line(a, facts[i].value, VALUE_MAX)));
        make_bool(a, f, "inline", true);
    }
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct post_request rq = { .url = integration_value(call->i, "webhook") };
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_reply reply;
    double pause;

    make_text(a, body, "username", "Vedette");
    make_text(a, body, "content", "");
    make_array(a, make_object(a, body, "allowed_mentions"), "parse");
    put_embed(a, make_object(a, make_array(a, body, "embeds"), NULL), n);
    integration_post_json(call, &rq, body, &reply, out);
    if (out->code == 429
        && json_double(json_get(ask_json(a, &reply), "retry_after"), &pause)
        && pause > 0 && pause < 86400) {
        out->retry_after = (int64_t) (pause * (double) US_PER_SECOND);
    }
}


const struct integration_type service_discord = {
    .type = "discord",
    .label = "Discord",
    .icon = "feedback",
    .does = "Alerts in a channel of a server",
    .can = CAN_CHAT,
    .fields = fields,
    .send = send_notice,
};
