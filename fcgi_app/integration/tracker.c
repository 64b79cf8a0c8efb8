#include "integration/tracker.h"

#include "integration/ask.h"
#include "json/make.h"
#include "util/crypt.h"
#include "util/lang.h"
#include "util/seal.h"

const struct field_choice tracker_push[] = {
    { "status", "Status: resolving here moves the ticket" },
    { "assignee", N_("Assignee") },
    { "comments", N_("Comments") },
    { NULL, NULL },
};

const struct field_choice tracker_pull[] = {
    { "status", N_("Status: a ticket that is done resolves the issue") },
    { "assignee", N_("Assignee") },
    { "comments", N_("Comments") },
    { NULL, NULL },
};

const struct field_choice tracker_regression[] = {
    { "reopen", N_("Reopen the ticket") },
    { "comment", N_("Write a comment") },
    { "new", N_("Create a new ticket, linked to the old one") },
    { "nothing", N_("Leave it") },
    { NULL, NULL },
};


void
tracker_option_add(struct tracker_options *list, struct str id,
                   struct str label)
{
    if (id.n > 0 && list->n < TRACKER_OPTIONS_MAX) {
        list->v[list->n++] =
            (struct tracker_option){ id, label.n > 0 ? label : id };
    }
}


bool
tracker_does(const struct integration *i, const char *field, const char *choice)
{
    struct str rest = integration_value(i, field), part;

    while (str_split(&rest, ',', &part)) {
        if (str_is(part, choice)) {
            return true;
        }
    }
    return false;
}


bool
tracker_signed(const struct integration_call *call,
               const struct tracker_hook *hook, const char *header,
               const char *prefix)
{
    struct str sent = hook->header(hook->request, header),
               secret = integration_value(call->i, "hook_secret");

    if (secret.n == 0 || !str_starts(sent, str_of(prefix))) {
        return false;
    }
    sent = str_sub(sent, strlen(prefix), sent.n);
    return secret_equal(str_lower(call->a, sent),
                        hmac_sha256_hex(call->a, secret, hook->body));
}


bool
tracker_token(const struct integration_call *call,
              const struct tracker_hook *hook, const char *header)
{
    struct str secret = integration_value(call->i, "hook_secret");

    return secret.n > 0
           && secret_equal(hook->header(hook->request, header), secret);
}


/* ---- requests */

#define REPLY_MAX (2 * 1024 * 1024)

/* {"message": …}, {"error_description": …}, {"errors": ["…"]}: for people. */
static void
read_error(const struct integration_call *call, const struct json *v,
           struct integration_result *result)
{
    static const char *const names[] = { "message", "error_description",
                                         "error" };
    struct buf b = buf_in(call->a);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && b.n == 0; i++) {
        buf_str(&b, json_text_of(v, names[i]));
    }
    json_each(line, json_get(v, "errors"))
    {
        struct str text = json_is(line, JSON_T_OBJECT)
                              ? json_text_of(line, "message")
                              : json_text(line);

        if (text.n > 0) {
            buf_text(&b, b.n > 0 ? "; " : "");
            buf_str(&b, text);
        }
    }
    if (b.n > 0) {
        result->answer = integration_mask(call, buf_view(&b));
    }
}


struct json *
tracker_ask(const struct integration_call *call, struct post_request *rq,
            const struct json *body, struct post_reply *reply,
            struct integration_result *result)
{
    struct post_reply own = { .end = POST_REFUSED };
    struct json *v;

    reply = reply != NULL ? reply : &own;
    rq->reply_max = REPLY_MAX;
    rq->timeout_ms = TRACKER_TIMEOUT_MS;
    post_header_add(rq, call->a, "Accept", STR("application/json"));
    if (body != NULL) {
        integration_post_json(call, rq, body, reply, result);

    } else {
        integration_post(call, rq, reply, result);
    }
    if (reply->end != POST_ANSWERED) {
        return NULL;
    }
    v = ask_json(call->a, reply);
    if (result->result != OUTBOX_OK) {
        read_error(call, v, result);

    } else if (v == NULL && str_trim(reply->body).n > 0) {
        tracker_unread(result); /* some page, and no tracker */
    }
    return v;
}


void
tracker_unread(struct integration_result *result)
{
    ask_failed(result, OUTBOX_PERMANENT, STR(""));
}


/* ---- lists and keys */

void
tracker_option_match(struct tracker_options *list, struct str id,
                     struct str label, struct str text)
{
    if (text.n == 0 || str_ifind(id, text) != -1
        || str_ifind(label, text) != -1) {
        tracker_option_add(list, id, label);
    }
}


bool
tracker_key(struct str key, struct str *project, struct str *number)
{
    ptrdiff_t mark = str_rchr(key, '#');
    int64_t n;

    if (mark <= 0) {
        return false;
    }
    *project = str_sub(key, 0, (size_t) mark);
    *number = str_sub(key, (size_t) mark + 1, key.n);
    return str_i64(*number, &n) && n > 0;
}


struct str
tracker_id(const struct json *object, const char *name)
{
    const struct json *v = json_get(object, name);

    return json_is(v, JSON_T_NUMBER) || json_is(v, JSON_T_STRING) ? v->text
                                                                  : STR("");
}


void
tracker_words(struct arena *a, struct json *array, struct str words)
{
    struct str part;

    while (str_split(&words, ',', &part)) {
        part = str_trim(part);
        if (part.n > 0) {
            make_str(a, array, NULL, part);
        }
    }
}


/* ---- webhooks */

bool
tracker_read_forge(const struct integration_call *call,
                   const struct tracker_hook *hook, struct str event,
                   struct tracker_event *out)
{
    struct str action = json_text_of(hook->json, "action");
    struct json *comment = json_get(hook->json, "comment");

    out->key = str_printf(
        call->a, "%.*s#%.*s",
        STR_FMT(
            json_text(json_path(hook->json, "repository", "full_name", NULL))),
        STR_FMT(tracker_id(json_get(hook->json, "issue"), "number")));
    if (str_is(event, "issues")) {
        out->removed = str_is(action, "deleted");
        out->changed = !out->removed;
        return true;
    }
    if (!str_is(event, "issue_comment") || !str_is(action, "created")) {
        return false;
    }
    out->comment_id = tracker_id(comment, "id");
    out->comment = json_text_of(comment, "body");
    out->author = json_text(json_path(comment, "user", "login", NULL));
    return true;
}
