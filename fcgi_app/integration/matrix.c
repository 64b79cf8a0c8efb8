/*
 * Matrix: a message in a room.  The transaction's id is the delivery's key, so
 * a repeated one is no second message.
 */

#include "json/make.h"
#include "integration/ask.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/timeutil.h"

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "Homeserver",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://matrix.example.org" },
    { .name = "token",
      .label = "Access token",
      .kind = FIELD_SECRET,
      .required = true },
    { .name = "room",
      .label = "Room",
      .kind = FIELD_TEXT,
      .required = true,
      .placeholder = "!abc:example.org",
      .help = "Its internal ID; the account has to be in it." },
    { 0 },
};

static const struct integration_field target[] = {
    { .name = "room",
      .label = "Room",
      .kind = FIELD_TEXT,
      .help = "Empty: the connection's." },
    { 0 },
};


static struct str
html_of(struct arena *a, const struct notice *n)
{
    struct fact facts[FACTS_MAX];
    size_t k = words_facts(a, n, facts);
    struct str why = words_why(a, n);
    struct buf b = buf_in(a);

    buf_addf(&b, "<b>%.*s</b>: <a href=\"%.*s\">%.*s</a>",
             STR_FMT(words_kind(a, n)), STR_FMT(words_html(a, n->url)),
             STR_FMT(words_html(a, words_line(a, words_title(a, n), 300))));
    if (why.n > 0) {
        buf_addf(&b, "<br>%.*s", STR_FMT(words_html(a, why)));
    }
    if (n->text.n > 0) {
        buf_addf(&b, "<br>%.*s",
                 STR_FMT(words_html(a, words_line(a, n->text, 400))));
    }
    for (size_t i = 0; i < k; i++) {
        struct str label =
            str_null(facts[i].name) ? str_of(facts[i].label) : facts[i].name;

        buf_addf(&b, "<br>%.*s: <code>%.*s</code>",
                 STR_FMT(words_html(a, words_line(a, label, 60))),
                 STR_FMT(words_html(a, words_line(a, facts[i].value, 200))));
    }
    for (size_t i = 0; i < n->nactions; i++) {
        buf_addf(&b, "%s<a href=\"%.*s\">%.*s</a>", i > 0 ? " · " : "<br>",
                 STR_FMT(words_html(a, n->actions[i].url)),
                 STR_FMT(words_html(a, n->actions[i].words)));
    }
    return buf_view(&b);
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT);
    struct post_request rq = { .method = "PUT" };
    unsigned char id[DIGEST_BYTES];
    struct post_reply reply;
    int64_t pause;

    digest16(n->key, id);
    rq.url = ask_url(call, "/_matrix/client/v3/rooms/%s/send/m.room.message/%s",
                     ask_part(a, integration_setting(call, n, "room")),
                     str_dup(a, uuid_hex(a, id)));
    ask_token(call, &rq, "Bearer", integration_value(call->i, "token"));
    make_text(a, body, "msgtype", "m.text");
    make_str(a, body, "body", words_plain(a, n, 4000));
    make_text(a, body, "format", "org.matrix.custom.html");
    make_str(a, body, "formatted_body", html_of(a, n));
    integration_post_json(call, &rq, body, &reply, out);
    if (out->code == 429
        && json_i64(json_get(ask_json(a, &reply), "retry_after_ms"), &pause)
        && pause > 0 && pause < 86400000) {
        out->retry_after = pause * 1000;
    }
}


static void
check(const struct integration_call *call, struct integration_result *out)
{
    struct post_request rq = {
        .url = ask_url(call, "/_matrix/client/v3/account/whoami"),
    };
    struct post_reply reply;

    ask_token(call, &rq, "Bearer", integration_value(call->i, "token"));
    integration_post(call, &rq, &reply, out);
}


const struct integration_type service_matrix = {
    .type = "matrix",
    .label = "Matrix",
    .icon = "feedback",
    .does = "Alerts in a room",
    .can = CAN_CHAT,
    .fields = fields,
    .target = target,
    .check = check,
    .send = send_notice,
};
