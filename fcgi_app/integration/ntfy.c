/* ntfy: push messages to phones, by its JSON at the root of the server. */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"

#define BUTTONS_MAX 3 /* ntfy's own limit */

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Server",
      .kind = FIELD_URL,
      .required = true,
      .initial = "https://ntfy.sh" },
    { .name = "topic",
      .label = "Topic",
      .kind = FIELD_SECRET,
      .required = true,
      .help = "On a server without accounts whoever knows it can read it." },
    { .name = "token", .label = "Access token", .kind = FIELD_SECRET },
    { 0 },
};


static int
priority_of(const struct notice *n)
{
    const char *severity = words_severity(n);

    if (words_is_over(n) || str_is(n->cause, "test")) {
        return 3;
    }
    switch (severity[0]) {
    case 'c':
        return 5;
    case 'e':
        return 4;
    case 'w':
        return 3;
    default:
        return 2;
    }
}


static void
put_buttons(struct arena *a, struct json *body, const struct notice *n)
{
    struct json *list;

    if (n->nactions == 0) {
        return;
    }
    list = make_array(a, body, "actions");
    for (size_t i = 0; i < n->nactions && i < BUTTONS_MAX; i++) {
        struct json *v = make_object(a, list, NULL);

        make_text(a, v, "action", "view");
        make_str(a, v, "label", words_line(a, n->actions[i].words, 60));
        make_str(a, v, "url", n->actions[i].url);
    }
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct arena *a = call->a;
    struct post_request rq = { .url = ask_url(call, "/") };
    struct str token = integration_value(call->i, "token"),
               plain = words_plain(a, n, 3500);
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_reply reply;

    make_str(a, body, "topic", integration_value(call->i, "topic"));
    make_str(a, body, "title", words_line(a, words_title(a, n), 200));
    make_str(a, body, "message", plain);
    make_i64(a, body, "priority", priority_of(n));
    make_text(a, make_array(a, body, "tags"), NULL,
              words_is_over(n) ? "white_check_mark" : "rotating_light");
    make_some(a, body, "click", n->url);
    put_buttons(a, body, n);
    if (token.n > 0) {
        ask_token(call, &rq, "Bearer", token);
    }
    integration_post_json(call, &rq, body, &reply, out);
}


const struct integration_type service_ntfy = {
    .type = "ntfy",
    .label = "ntfy",
    .icon = "bell",
    .does = "Push messages to phones",
    .can = CAN_CHAT | CAN_PAGE,
    .fields = fields,
    .send = send_notice,
};
