/*
 * Telegram, by a bot.  The token is a part of the address, so it is masked in
 * everything that is kept (integration.c).  The text is HTML of 4,096 signs:
 * lines that do not fit are left out, never cut inside of a tag.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/timeutil.h"

#define TEXT_MAX 4000
#define BUTTONS_MAX 6

static const struct integration_field fields[] = {
    { .name = "token",
      .label = "Bot token",
      .kind = FIELD_SECRET,
      .required = true,
      .placeholder = "123456:ABC-…",
      .help = "From @BotFather. The bot has to be in the group." },
    { .name = "chat",
      .label = "Chat",
      .kind = FIELD_TEXT,
      .required = true,
      .placeholder = "-1001234567890",
      .help = "The number of a chat, or @name of a public channel." },
    { .name = "topic",
      .label = "Topic",
      .kind = FIELD_TEXT,
      .help = "The number of a topic in a group that has them." },
    { .name = "url",
      .label = "API",
      .kind = FIELD_URL,
      .initial = "https://api.telegram.org",
      .help = "Another one for a Bot API server of your own." },
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "chat",
      .label = "Chat",
      .kind = FIELD_TEXT,
      .help = "Empty: the connection's." },
    { .name = "topic", .label = "Topic", .kind = FIELD_TEXT },
    { 0 },
};


static void
add_line(struct buf *b, struct str line)
{
    if (b->n + line.n + 1 < TEXT_MAX) {
        buf_str(b, line);
        buf_char(b, '\n');
    }
}


static struct str
text_of(struct arena *a, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct str title = words_html(a, words_line(a, words_title(a, n), 300)),
               why = words_why(a, n);
    struct buf b = buf_in(a);

    add_line(&b, str_printf(a, "<b>%.*s</b>", STR_FMT(words_kind(a, n))));
    add_line(&b, n->url.n > 0 ? str_printf(a, "<a href=\"%.*s\">%.*s</a>",
                                           STR_FMT(words_html(a, n->url)),
                                           STR_FMT(title))
                              : title);
    if (why.n > 0) {
        add_line(&b, words_html(a, words_line(a, why, 300)));
    }
    if (n->text.n > 0) {
        add_line(&b, words_html(a, words_line(a, n->text, 150)));
    }
    for (size_t i = 0; i < k; i++) {
        struct str label =
            str_null(facts[i].name) ? str_of(facts[i].label) : facts[i].name;

        add_line(&b,
                 str_printf(a, "%.*s: <code>%.*s</code>",
                            STR_FMT(words_html(a, words_line(a, label, 60))),
                            STR_FMT(words_html(
                                a, words_line(a, facts[i].value, 150)))));
    }
    if (n->notes.n > 0) {
        add_line(&b, words_html(a, words_line(a, n->notes, 150)));
    }
    return str_sub(buf_view(&b), 0, b.n - 1);
}


static void
put_buttons(struct arena *a, struct json *body, const struct notice *n)
{
    struct json *rows, *row = NULL;

    if (n->nactions == 0) {
        return;
    }
    rows =
        make_array(a, make_object(a, body, "reply_markup"), "inline_keyboard");
    for (size_t i = 0; i < n->nactions && i < BUTTONS_MAX; i++) {
        struct json *button;

        if (i % 2 == 0) {
            row = make_array(a, rows, NULL);
        }
        button = make_object(a, row, NULL);
        make_str(a, button, "text", words_line(a, n->actions[i].words, 60));
        make_str(a, button, "url", n->actions[i].url);
    }
}


static void
read_ok(const struct integration_call *call, const struct post_reply *reply,
        struct integration_result *out)
{
    struct json *said = ask_json(call->a, reply);
    int64_t pause;

    if (reply->end != POST_ANSWERED) {
        return;
    }
    if (json_i64(json_path(said, "parameters", "retry_after", NULL), &pause)
        && pause > 0 && pause < 86400) {
        out->retry_after = pause * US_PER_SECOND;
    }
    if (out->result == OUTBOX_OK && !json_yes(json_get(said, "ok"))) {
        ask_failed(out, OUTBOX_PERMANENT, json_text_of(said, "description"));
    }
}


static struct str
method_url(const struct integration_call *call, const char *method)
{
    /* a token has letters, digits, ":", "-" and "_": no path of its own */
    struct buf token = buf_in(call->a);
    struct str typed = integration_value(call->i, "token");

    for (size_t i = 0; i < typed.n; i++) {
        if (strchr("/?#%\\", typed.p[i]) == NULL) {
            buf_char(&token, typed.p[i]);
        }
    }
    return ask_url(call, "/bot%s/%s", str_dup(call->a, buf_view(&token)),
                   method);
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct post_request rq = { .url = method_url(call, "sendMessage") };
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_reply reply;
    int64_t topic;

    make_str(a, body, "chat_id", integration_setting(call, n, "chat"));
    if (str_i64(integration_setting(call, n, "topic"), &topic)) {
        make_i64(a, body, "message_thread_id", topic);
    }
    make_str(a, body, "text", text_of(a, n));
    make_text(a, body, "parse_mode", "HTML");
    make_bool(a, body, "disable_web_page_preview", true);
    put_buttons(a, body, n);
    integration_post_json(call, &rq, body, &reply, out);
    read_ok(call, &reply, out);
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    struct post_request rq = { .url = method_url(call, "getMe") };
    struct post_reply reply;

    integration_post(call, &rq, &reply, out);
    read_ok(call, &reply, out);
}


const struct integration_type service_telegram = {
    .type = "telegram",
    .label = "Telegram",
    .icon = "plane",
    .does = "Alerts to people, groups and channels",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .check = check,
    .send = send_notice,
};
