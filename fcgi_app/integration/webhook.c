/*
 * A webhook: JSON for programs, signed, in the shape that receivers of
 * Sentry's hooks know (resource, action, actor, installation, data), or in the
 * shape of a template.  The signature covers the body as it is sent.
 */

#include "integration/fill.h"
#include "json/make.h"
#include "integration/services.h"
#include "integration/words.h"
#include "util/crypt.h"
#include "util/hex.h"
#include "util/seal.h"
#include "util/timeutil.h"

#define HEADERS_MAX 20

static const struct integration_field fields[] = {
    { .name = "url",
      .label = "URL",
      .kind = FIELD_URL,
      .required = true,
      .placeholder = "https://hooks.example.org/vedette" },
    { .name = "secret",
      .label = "Secret",
      .kind = FIELD_SECRET,
      .help = "Signs each body: Sentry-Hook-Signature is its HMAC-SHA256 in "
              "hex." },
    { .name = "events",
      .label = "Events",
      .kind = FIELD_CHOICES,
      .choices = integration_events,
      .help = "Sent by themselves, without a rule." },
    { .name = "headers",
      .label = "Headers",
      .kind = FIELD_LINES,
      .placeholder = "X-Team: shop",
      .help = "One a line. Stored as they are: a token belongs into the "
              "authorization below." },
    { .name = "authorization",
      .label = "Authorization",
      .kind = FIELD_SECRET,
      .placeholder = "Bearer …",
      .help = "The value of the header Authorization." },
    { .name = "template",
      .label = "Body",
      .kind = FIELD_LINES,
      .help = "A template of the body, as JSON with {title}, {short_id}, "
              "{url}, {project}, {environment}, {release}, {level}, {events}, "
              "{users}, {kind}, {why}, {first_seen}, "
              "{last_seen:Europe/Riga} inside of its strings. Empty: the "
              "whole." },
    { 0 },
};


static struct str
resource_of(struct arena *a, const struct notice *n)
{
    struct str event = integration_event(a, n);
    ptrdiff_t dot = str_chr(event, '.');

    return dot == -1 ? event : str_sub(event, 0, (size_t) dot);
}


static void
put_project(struct arena *a, struct json *in, const struct notice *n)
{
    struct json *project = make_object(a, in, "project");

    make_str(a, project, "id",
             str_printf(a, "%lld", (long long) n->project_id));
    make_some(a, project, "slug", n->project);
    make_some(a, project, "name", n->project_name);
    make_some(a, project, "platform", n->platform);
}


static void
put_issue(struct arena *a, struct json *data, const struct notice *n)
{
    struct json *issue = make_object(a, data, "issue");

    make_str(a, issue, "id", str_printf(a, "%lld", (long long) n->issue_id));
    make_some(a, issue, "shortId", n->short_id);
    make_some(a, issue, "title", n->title);
    make_some(a, issue, "culprit", n->culprit);
    make_text(a, issue, "level", notice_level(n->level));
    make_some(a, issue, "substatus", n->state);
    make_some(a, issue, "web_url", n->url);
    make_str(a, issue, "count",
             str_printf(a, "%lld", (long long) n->times_seen));
    make_i64(a, issue, "userCount", n->users_seen);
    if (n->first_seen != 0) {
        make_str(a, issue, "firstSeen", words_time(a, n->first_seen));
    }
    if (n->last_seen != 0) {
        make_str(a, issue, "lastSeen", words_time(a, n->last_seen));
    }
    make_bool(a, issue, "isUnhandled", n->unhandled);
    make_some(a, issue, "assignee", n->assignee);
    put_project(a, issue, n);
}


static void
put_tags(struct arena *a, struct json *in, const struct notice *n)
{
    struct json *tags = make_array(a, in, "tags");

    for (size_t i = 0; i < n->ntags; i++) {
        struct json *pair = make_array(a, tags, NULL);

        make_str(a, pair, NULL, n->tags[i].key);
        make_str(a, pair, NULL, n->tags[i].value);
    }
}


static void
put_event(struct arena *a, struct json *data, const struct notice *n)
{
    struct json *event = make_object(a, data, "event");

    make_some(a, event, "event_id", n->event_id);
    make_str(a, event, "issue_id",
             str_printf(a, "%lld", (long long) n->issue_id));
    make_some(a, event, "title", n->title);
    make_some(a, event, "culprit", n->culprit);
    make_text(a, event, "level", notice_level(n->level));
    make_some(a, event, "platform", n->platform);
    make_some(a, event, "release", n->release);
    make_some(a, event, "environment", n->environment);
    make_some(a, event, "web_url", n->url);
    make_some(a, event, "frame", n->frame);
    put_tags(a, event, n);
    make_some(a, data, "triggered_rule", words_rules(a, n));
    put_issue(a, data, n);
}


static void
put_metric(struct arena *a, struct json *data, const struct notice *n)
{
    struct json *metric = make_object(a, data, "metric_alert");

    make_str(a, data, "description_title", words_title(a, n));
    make_str(a, data, "description_text", words_why(a, n));
    make_some(a, data, "web_url", n->url);
    make_str(a, metric, "identifier",
             str_printf(a, "%lld", (long long) n->incident));
    make_some(a, metric, "title", n->title);
    make_some(a, metric, "measured", n->measured);
    make_some(a, metric, "threshold", n->threshold);
    make_i64(a, metric, "window", n->window);
    make_some(a, metric, "query_url", n->query_url);
    put_project(a, metric, n);
}


/* What it measured stands in every one of them. */
static void
put_why(struct arena *a, struct json *data, const struct notice *n)
{
    make_some(a, data, "measured", n->measured);
    make_some(a, data, "threshold", n->threshold);
    make_some(a, data, "query_url", n->query_url);
}


static struct str
whole(const struct integration_call *call, const struct notice *n,
      struct str resource)
{
    struct arena *a = call->a;
    struct json *body = json_new(a, JSON_T_OBJECT), *actor, *data;
    struct buf b = buf_in(a);
    bool comment = str_is(resource, "comment");

    make_str(a, body, "action", comment ? STR("created") : n->action);
    actor = make_object(a, body, "actor");
    make_text(a, actor, "type", n->actor.n > 0 ? "user" : "application");
    make_str(a, actor, "id", STR("vedette"));
    make_str(a, actor, "name", n->actor.n > 0 ? n->actor : STR("Vedette"));
    make_str(a, make_object(a, body, "installation"), "uuid",
             str_printf(a, "%lld", (long long) call->i->id));
    data = make_object(a, body, "data");
    if (str_is(resource, "event_alert")) {
        put_event(a, data, n);
        put_why(a, data, n);

    } else if (str_is(resource, "metric_alert")) {
        put_metric(a, data, n);

    } else if (str_is(resource, "test")) {
        make_str(a, data, "title", n->title);

    } else {
        put_issue(a, data, n);
    }
    if (comment) {
        make_str(a, data, "comment", n->text);
        make_str(a, data, "issue_id",
                 str_printf(a, "%lld", (long long) n->issue_id));
        make_some(a, data, "project_slug", n->project);
        make_str(a, data, "timestamp", words_time(a, n->at));
    }
    json_write(&b, body);
    return buf_view(&b);
}


static struct str
by_template(const struct integration_call *call, const struct notice *n,
            struct str template)
{
    struct fill_vars vars;

    fill_notice(call->a, n, &vars);
    return fill(call->a, template, &vars, fill_json);
}


/* Names that would break the request, or that we set ourselves. */
static bool
may_be_set(struct str name)
{
    static const char *const taken[] = {
        "host",       "content-length", "content-type",  "transfer-encoding",
        "connection", "expect",         "authorization", "te",
        "upgrade",
    };

    if (name.n == 0 || str_starts(name, STR("sentry-hook"))) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", name.p[i])
            == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (str_is(name, taken[i])) {
            return false;
        }
    }
    return true;
}


static void
add_own_headers(const struct integration_call *call, struct post_request *rq)
{
    struct str rest = integration_value(call->i, "headers"), line;
    struct str authorization = integration_value(call->i, "authorization");
    int n = 0;

    if (authorization.n > 0) {
        post_header_add(rq, call->a, "Authorization", authorization);
    }
    while (str_split(&rest, '\n', &line) && n++ < HEADERS_MAX) {
        ptrdiff_t colon = str_chr(line, ':');
        struct str name;

        if (colon == -1) {
            continue;
        }
        name = str_trim(str_sub(line, 0, (size_t) colon));
        if (may_be_set(str_lower(call->a, name))) {
            post_header_add(
                rq, call->a, str_dup(call->a, name),
                str_trim(str_sub(line, (size_t) colon + 1, line.n)));
        }
    }
}


static void
send_notice(const struct integration_call *call, const struct notice *n,
            struct integration_result *out)
{
    struct arena *a = call->a;
    struct str resource = resource_of(a, n),
               template = integration_value(call->i, "template"),
               secret = integration_value(call->i, "secret");
    struct post_request rq = { .url = integration_value(call->i, "url") };
    struct post_reply reply;
    unsigned char id[DIGEST_BYTES];
    struct json *made;

    rq.body = template.n > 0 ? by_template(call, n, template)
                             : whole(call, n, resource);
    if (json_parse(a, rq.body, NULL, &made, NULL) != ST_OK) {
        integration_refuse(out, STR("The template of the body makes no JSON."));
        return;
    }
    digest16(n->key, id);
    post_header_add(&rq, a, "Request-ID", uuid_hex(a, id));
    post_header_add(&rq, a, "Idempotency-Key", n->key);
    post_header_add(&rq, a, "Sentry-Hook-Resource", resource);
    post_header_add(
        &rq, a, "Sentry-Hook-Timestamp",
        str_printf(a, "%lld", (long long) (time_now() / US_PER_SECOND)));
    if (secret.n > 0) {
        post_header_add(&rq, a, "Sentry-Hook-Signature",
                        hmac_sha256_hex(a, secret, rq.body));
    }
    add_own_headers(call, &rq);
    integration_post(call, &rq, &reply, out);
}


const struct integration_type service_webhook = {
    .type = "webhook",
    .label = "Webhook",
    .icon = "hook",
    .does = "Signed JSON for every change of an issue",
    .can = CAN_WEBHOOK,
    .fields = fields,
    .send = send_notice,
};
