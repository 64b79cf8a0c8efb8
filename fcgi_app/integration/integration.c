#include "integration/integration.h"

#include "integration/look.h"
#include "integration/services.h"
#include "integration/sync.h"
#include "util/hex.h"
#include "util/lang.h"
#include "util/timeutil.h"

#define ANSWER_MAX 500
#define MASK_MIN 6 /* shorter values are no secrets worth masking */
#define NOTE_EVERY_US (60 * US_PER_SECOND)


/* In the order in which they are shown. */
const struct integration_type *const integration_types[] = {
    &service_slack,      &service_teams,      &service_discord,
    &service_telegram,   &service_mattermost, &service_rocketchat,
    &service_googlechat, &service_zulip,      &service_matrix,
    &service_ntfy,       &service_pagerduty,  &service_opsgenie,
    &service_jira,       &service_github,     &service_gitlab,
    &service_gitea,      &service_youtrack,   &service_redmine,
    &service_webhook,
};
const size_t integration_types_count =
    sizeof(integration_types) / sizeof(integration_types[0]);


const struct integration_type *
integration_type(struct str type)
{
    for (size_t i = 0; i < integration_types_count; i++) {
        if (str_is(type, integration_types[i]->type)) {
            return integration_types[i];
        }
    }
    return NULL;
}


/* ---- results */

/* Every secret of the connection, as it stands or as a URL has it. */
static struct str
mask(const struct integration_call *call, struct str text)
{
    json_each(v, call->i->secrets)
    {
        struct str secret = json_text(v);
        struct buf out = buf_in(call->a);
        ptrdiff_t at;

        if (secret.n < MASK_MIN) {
            continue;
        }
        while ((at = str_find(text, secret)) != -1) {
            buf_str(&out, str_sub(text, 0, (size_t) at));
            buf_text(&out, "[secret]");
            text = str_sub(text, (size_t) at + secret.n, text.n);
        }
        buf_str(&out, text);
        text = buf_view(&out);
    }
    return text;
}


struct str
integration_mask(const struct integration_call *call, struct str text)
{
    return mask(call, str_cut(utf8_mend(call->a, text), ANSWER_MAX));
}


static enum outbox_result
class_of(int code)
{
    if (code >= 200 && code < 300) {
        return OUTBOX_OK;
    }
    return code >= 500 || code == 408 || code == 425 || code == 429
               ? OUTBOX_RETRY
               : OUTBOX_PERMANENT;
}


void
integration_refuse(struct integration_result *out, struct str why)
{
    *out = (struct integration_result){ .result = OUTBOX_PERMANENT,
                                        .answer = why };
}


void
integration_judge(const struct integration_call *call,
                  const struct post_reply *reply,
                  struct integration_result *out)
{
    *out = (struct integration_result){
        .code = reply->code,
        .retry_after = reply->retry_after,
        .took = reply->took,
    };
    if (reply->end != POST_ANSWERED) {
        out->result =
            reply->end == POST_REFUSED ? OUTBOX_PERMANENT : OUTBOX_RETRY;
        out->maybe = reply->sent;
        out->answer = mask(call, reply->why);
        return;
    }
    out->result = class_of(reply->code);
    if (reply->code >= 300 && reply->code < 400) {
        out->answer = STR("It answered with a redirect, which is not "
                          "followed.");
        return;
    }
    out->answer = integration_mask(call, reply->body);
}


void
integration_post(const struct integration_call *call,
                 const struct post_request *rq, struct post_reply *reply,
                 struct integration_result *out)
{
    post_send(call->a, rq, reply);
    integration_judge(call, reply, out);
}


void
integration_post_json(const struct integration_call *call,
                      struct post_request *rq, const struct json *body,
                      struct post_reply *reply, struct integration_result *out)
{
    struct buf b = buf_in(call->a);

    json_write(&b, body);
    rq->body = buf_view(&b);
    integration_post(call, rq, reply, out);
}


struct str
integration_setting(const struct integration_call *call, const struct notice *n,
                    const char *name)
{
    struct str s = json_text_of(n->settings, name);

    return s.n > 0 ? s : integration_value(call->i, name);
}


/* ---- sending */

static enum status
send_row(const struct integration_call *call, const struct outbox_row *row,
         struct integration_result *out)
{
    const struct integration_type *type = integration_type(call->i->type);
    struct notice n;

    if (str_is(row->cause, SYNC_CAUSE)) {
        return sync_job(call, row->data, out);
    }
    if (str_is(row->cause, TICKET_LOOK_CAUSE)) {
        return look_job(call, out);
    }
    if (type == NULL || type->send == NULL) {
        integration_refuse(out, STR("This connection takes no messages."));

    } else if (notice_read(call->a, row->data, &n) != ST_OK) {
        integration_refuse(out, STR("What was to be sent cannot be read."));

    } else {
        if ((type->can & CAN_WEBHOOK) != 0) {
            lang_use(0); /* programs know one language */
        }
        notice_say(call->a, &n);
        type->send(call, &n, out);
    }
    return ST_OK;
}


/*
 * Whether a result tells of the connection: a tracker that refuses one ticket
 * is none the worse.
 */
static bool
is_telling(const struct integration_call *call,
           const struct integration_result *result)
{
    const struct integration_type *type = integration_type(call->i->type);

    if (result->unasked) {
        return false;
    }
    return type == NULL || type->tracker == NULL
           || result->result != OUTBOX_PERMANENT || result->code == 401
           || result->code == 403;
}


/* An attempt that says nothing new is not written down. */
static enum status
note(const struct integration_call *call,
     const struct integration_result *result)
{
    const struct integration *i = call->i;
    bool worked = result->result == OUTBOX_OK;

    if (worked && i->state == INTEGRATION_ON && i->failures == 0
        && time_now() - i->checked_at < NOTE_EVERY_US) {
        return ST_OK;
    }
    return integration_note(call->db, call->a, i, worked,
                            result->result == OUTBOX_PERMANENT, result->answer,
                            result->took);
}


enum status
integration_deliver(struct db *db, struct arena *a,
                    const struct outbox_row *row,
                    struct integration_result *out)
{
    struct integration i;
    struct integration_call call = { a, db, &i };
    enum status st;

    st =
        integration_by_id(db, a, row->organization_id, row->integration_id, &i);
    if (st == ST_NOT_FOUND) {
        integration_refuse(out, STR("The connection is not there any more."));
        return ST_OK;
    }
    if (st != ST_OK) {
        return st;
    }
    if (i.state == INTEGRATION_OFF) {
        integration_refuse(out, STR("The connection is switched off."));
        return ST_OK;
    }
    st = send_row(&call, row, out);
    return st == ST_OK && is_telling(&call, out) ? note(&call, out) : st;
}


/* ---- testing */

static struct notice
test_notice(struct arena *a, struct str organization, struct str url)
{
    unsigned char id[16];

    uuid_random(id);
    return (struct notice){
        .cause = STR("test"),
        .action = STR("triggered"),
        .key = str_printf(a, "test:%.*s", STR_FMT(uuid_hex(a, id))),
        .at = time_now(),
        .title = str_of(tr("A test message of Vedette: nothing has happened")),
        .url = url,
        .level = 20,
        .organization = organization,
        .organization_name = organization,
    };
}


void
integration_test(struct db *db, struct arena *a, const struct integration *i,
                 struct str organization, struct str url,
                 struct integration_result *out)
{
    const struct integration_type *type = integration_type(i->type);
    struct integration_call call = { a, db, i };
    struct notice n = test_notice(a, organization, url);

    if (type == NULL) {
        integration_refuse(out, STR("There is no such kind of connection."));
        return;
    }
    if (type->check != NULL) {
        type->check(&call, out);
        if (out->result != OUTBOX_OK) {
            return;
        }
    }
    if (type->send != NULL && type->tracker == NULL) {
        type->send(&call, &n, out);
    }
}


/* ---- listeners */

/* By the names that webhooks of this kind are known to use. */
const struct field_choice integration_events[] = {
    { "event_alert.triggered", N_("An alert fires") },
    { "metric_alert.critical", N_("A metric becomes critical") },
    { "metric_alert.warning", N_("A metric gives warning") },
    { "metric_alert.resolved", N_("A metric is fine again") },
    { "issue.assigned", N_("An issue is assigned") },
    { "issue.unassigned", N_("An issue loses its assignee") },
    { "issue.resolved", N_("An issue is resolved") },
    { "issue.unresolved", N_("An issue is opened again") },
    { "issue.regressed", N_("A resolved issue happens again") },
    { "issue.archived", N_("An issue is archived") },
    { "issue.escalating", N_("An issue escalates") },
    { "comment.created", N_("A comment is written") },
    { NULL, NULL },
};


struct str
integration_event(struct arena *a, const struct notice *n)
{
    if (str_is(n->cause, "issue")) {
        return STR("event_alert.triggered");
    }
    if (str_is(n->cause, "metric")) {
        return str_printf(a, "metric_alert.%.*s", STR_FMT(n->action));
    }
    if (str_is(n->cause, "workflow")) {
        return str_is(n->action, "comment") || str_is(n->action, "mention")
                   ? STR("comment.created")
                   : str_printf(a, "issue.%.*s", STR_FMT(n->action));
    }
    return STR("test");
}


static bool
listens(const struct integration *i, struct str event)
{
    struct str rest = integration_value(i, "events"), part;

    while (str_split(&rest, ',', &part)) {
        if (str_eq(str_trim(part), event)) {
            return true;
        }
    }
    return false;
}


enum status
integration_listeners(struct db *db, struct arena *a, const struct notice *n,
                      struct outbox_row **out, size_t *count)
{
    struct str event = integration_event(a, n), data = notice_write(a, n);
    struct integration *list;
    enum status st;
    size_t all;

    st = integration_list(db, a, n->organization_id, &list, &all);
    if (st != ST_OK) {
        return st;
    }
    *count = 0;
    *out = arena_array(a, all, sizeof(**out));
    for (size_t i = 0; i < all; i++) {
        if (list[i].state == INTEGRATION_OFF || !listens(&list[i], event)) {
            continue;
        }
        (*out)[(*count)++] = (struct outbox_row){
            .organization_id = n->organization_id,
            .project_id = n->project_id,
            .issue_id = n->issue_id,
            .cause = n->cause,
            .channel = list[i].type,
            .integration_id = list[i].id,
            .endpoint =
                str_printf(a, "integration:%lld", (long long) list[i].id),
            .data = data,
            .key = str_printf(a, "%.*s:hook:%lld", STR_FMT(n->key),
                              (long long) list[i].id),
        };
    }
    return ST_OK;
}
