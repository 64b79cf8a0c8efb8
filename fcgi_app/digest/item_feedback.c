/*
 * What people tell (protocol.md §8.4): "feedback", an event of its own with
 * the text in a context, and the older "user_report" on an event of somebody
 * else's.  A report is turned into such an event, so that both are put in
 * order, filtered and scrubbed in the same way; what is left goes into the
 * inbox and not among the events.
 */

#include "digest/item.h"

#include "digest/event.h"
#include "digest/outcome.h"
#include "util/hex.h"

#define MESSAGE_MAX (4096 * 4) /* bytes: normalize.c counts characters */
#define TEXT_MAX 250
#define URL_MAX 2000


static void
refuse(struct item_context *it, struct str reason)
{
    outcome_record(it, STR("feedback"), OUTCOME_INVALID, reason, 1);
}


static struct json *
parse(struct item_context *it)
{
    struct json *doc;

    if (json_parse(it->scratch, it->item->payload, &event_limits, &doc, NULL)
            == ST_OK
        && json_is(doc, JSON_T_OBJECT)) {
        return doc;
    }
    refuse(it, STR("invalid_json"));
    return NULL;
}


void
item_feedback(struct item_context *it)
{
    struct json *doc = parse(it);

    if (doc != NULL) {
        json_set(doc, STR("type"), json_new_str(it->scratch, STR("feedback")));
        item_event_doc(it, doc, 0);
    }
}


static void
move(struct item_context *it, struct json *to, const char *to_name,
     const struct json *from, const char *name)
{
    struct str text = json_text_of(from, name);

    if (text.n > 0) {
        json_set(to, str_of(to_name), json_new_str(it->scratch, text));
    }
}


void
item_user_report(struct item_context *it)
{
    struct json *report = parse(it), *doc, *contexts, *feedback;
    unsigned char id[16];

    if (report == NULL) {
        return;
    }
    if (it->filtered != NULL) {
        outcome_record(it, STR("feedback"), OUTCOME_FILTERED,
                       str_of(it->filtered), 1);
        return;
    }
    if (!uuid_parse(json_text_of(report, "event_id"), id)) {
        refuse(it, STR("no_event_payload"));
        return;
    }
    feedback = json_new(it->scratch, JSON_T_OBJECT);
    move(it, feedback, "message", report, "comments");
    move(it, feedback, "name", report, "name");
    move(it, feedback, "contact_email", report, "email");
    move(it, feedback, "associated_event_id", report, "event_id");
    contexts = json_new(it->scratch, JSON_T_OBJECT);
    json_set(contexts, STR("feedback"), feedback);
    doc = json_new(it->scratch, JSON_T_OBJECT);
    json_set(doc, STR("type"), json_new_str(it->scratch, STR("feedback")));
    json_set(doc, STR("contexts"), contexts);
    item_event_doc(it, doc, 0);
}


/* The first that says something, one line; never null. */
static struct str
text_of(struct item_context *it, const struct json *first, const char *name,
        const struct json *other, const char *other_name, size_t max)
{
    struct str s = str_trim(json_text_of(first, name));

    if (s.n == 0) {
        s = str_trim(json_text_of(other, other_name));
    }
    return s.n > 0 ? str_copy(it->batch->arena, str_cut(s, max)) : STR("");
}


static struct str
fact(struct item_context *it, struct str s)
{
    return s.n > 0 ? str_copy(it->batch->arena, str_cut(s, TEXT_MAX))
                   : STR_NULL;
}


static struct str
tag(struct item_context *it, const struct event *ev, const char *key)
{
    for (size_t i = 0; i < ev->ntags; i++) {
        if (str_is(ev->tags[i].key, key)) {
            return fact(it, ev->tags[i].value);
        }
    }
    return STR_NULL;
}


void
item_feedback_event(struct item_context *it, const struct event *ev)
{
    const struct json *f = json_path(ev->doc, "contexts", "feedback", NULL);
    const struct json *user = json_get(ev->doc, "user");
    struct str message =
        text_of(it, f, "message", json_get(ev->doc, "logentry"), "formatted",
                MESSAGE_MAX);
    struct batch_feedback *row;

    if (message.n == 0) {
        refuse(it, STR("no_data"));
        return;
    }
    row = batch_feedback_new(it->batch);
    row->organization_id = ev->organization_id;
    row->project_id = ev->project_id;
    row->key_id = ev->key_id;
    row->is_report = str_is(it->item->type, "user_report");
    row->has_subject =
        uuid_parse(json_text_of(f, "associated_event_id"), row->subject);
    memcpy(row->event_id, row->is_report ? row->subject : ev->id,
           sizeof(row->event_id));
    row->event = it->event;
    row->received_at = ev->received_at;
    row->message = message;
    row->name = text_of(it, f, "name", user, "username", TEXT_MAX);
    row->email = text_of(it, f, "contact_email", user, "email", TEXT_MAX);
    row->url =
        text_of(it, f, "url", json_get(ev->doc, "request"), "url", URL_MAX);
    row->source = text_of(it, f, "source", NULL, "", TEXT_MAX);
    row->replay = text_of(it, f, "replay_id", NULL, "", TEXT_MAX);
    row->release = fact(it, ev->release);
    row->environment = fact(it, ev->environment);
    row->browser = tag(it, ev, "browser");
    row->os = tag(it, ev, "os");
    row->country = tag(it, ev, "geo.country_code");
}
