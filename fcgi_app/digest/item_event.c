/*
 * An error event: read, put in order, understood, grouped, packed.
 *
 * All of that happens in the scratch arena, where the tree is many times the
 * size of its text; what is stored (the columns and the packed body) is copied
 * into the batch.  So a batch costs the memory of its rows and of one tree.
 */

#include "digest/item.h"

#include <stdlib.h>

#include "digest/crash.h"
#include "digest/event.h"
#include "digest/filter.h"
#include "digest/outcome.h"
#include "digest/scrub.h"
#include "model/body.h"
#include "util/crypt.h"
#include "util/fail.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/stage.h"
#include "util/timeutil.h"

const struct json_limits event_limits = { .depth = 128, .nodes = 250000 };

/* The normalizer bounds every text; this holds if it should miss one. */
#define TEXT_MAX 4096
#define TAG_MAX 1000
#define TAGS_MAX 500


/* Of the types that an item "event" can turn out to be (protocol.md §5.1). */
static const struct {
    const char *type;
    const char *category;
    void (*keep)(struct item_context *it,
                 const struct event *ev); /* else as
                                             an event */
} by_type[] = {
    { "feedback", "feedback", item_feedback_event },
    { "csp", "security", NULL },
    { "hpkp", "security", NULL },
    { "expectct", "security", NULL },
    { "expectstaple", "security", NULL },
};

#define TYPES (sizeof(by_type) / sizeof(by_type[0]))


static size_t
row_of(const struct json *doc)
{
    struct str type = json_text_of(doc, "type");
    size_t i = 0;

    while (i < TYPES && !str_is(type, by_type[i].type)) {
        i++;
    }
    return i;
}


static struct str
keep(struct arena *a, struct str s, size_t max)
{
    return str_null(s) ? s : str_copy(a, str_cut(s, max));
}


static struct str
keep_or(struct arena *a, struct str s, struct str fallback)
{
    return s.n > 0 ? keep(a, s, TEXT_MAX) : fallback;
}


/*
 * The id that the client was told, else the one of the envelope, else the
 * payload's; an event without any gets one that depends on nothing but the
 * entry, so that reading the entry again does not make another event of it.
 * So does every event but the first that comes out of one item.
 */
static void
identify(const struct item_context *it, const struct json *doc, unsigned part,
         unsigned char id[16])
{
    if (part == 0
        && (uuid_parse(it->message->event_id, id)
            || (it->envelope != NULL && uuid_parse(it->envelope->event_id, id))
            || uuid_parse(json_text_of(doc, "event_id"), id))) {
        return;
    }
    digest16(part == 0
                 ? str_printf(it->scratch, "%.*s/%u", STR_FMT(it->message->id),
                              it->item->position)
                 : str_printf(it->scratch, "%.*s/%u/%u",
                              STR_FMT(it->message->id), it->item->position,
                              part),
             id);
}


void
item_event_id(const struct item_context *it, unsigned char id[16])
{
    identify(it, NULL, 0, id);
}


static struct str
pack(const struct item_context *it, const struct json *doc)
{
    struct buf text = buf_in(it->scratch);

    buf_room(&text, it->item->payload.n + it->item->payload.n / 4);
    json_write(&text, doc);
    return str_copy(it->batch->arena,
                    body_pack(it->scratch, it->dictionary, buf_view(&text)));
}


static void
copy_tags(struct arena *a, const struct event *ev, struct batch_event *row)
{
    size_t n = ev->ntags < TAGS_MAX ? ev->ntags : TAGS_MAX;

    row->tags = arena_array(a, n, sizeof(*row->tags));
    for (size_t i = 0; i < n; i++) {
        if (ev->tags[i].key.n > 0 && ev->tags[i].value.n > 0) {
            row->tags[row->ntags].key = keep(a, ev->tags[i].key, TAG_MAX);
            row->tags[row->ntags++].value = keep(a, ev->tags[i].value, TAG_MAX);
        }
    }
}


static void
copy_event(struct item_context *it, const struct event *ev, struct str category)
{
    struct arena *a = it->batch->arena;
    struct batch_event *row = batch_event_new(it->batch);
    const struct json *sdk = json_get(ev->doc, "sdk");

    row->organization_id = ev->organization_id;
    row->project_id = ev->project_id;
    row->key_id = ev->key_id;
    memcpy(row->id, ev->id, sizeof(row->id));
    row->received_at = ev->received_at;
    row->occurred_at = ev->occurred_at > 0 ? ev->occurred_at : ev->received_at;
    row->level = (int) ev->level;
    row->unhandled = ev->unhandled;
    row->sampled = it->sampling;
    row->platform = keep_or(a, ev->platform, STR("other"));
    row->title = keep_or(a, ev->title, STR("<unlabeled event>"));
    row->type = keep(a, ev->type, TEXT_MAX);
    row->value = keep(a, ev->value, TEXT_MAX);
    row->culprit = keep(a, ev->culprit, TEXT_MAX);
    row->release = keep(a, ev->release, TEXT_MAX);
    row->environment = keep(a, ev->environment, TEXT_MAX);
    row->transaction = keep(a, ev->transaction, TEXT_MAX);
    row->server_name = keep(a, ev->server_name, TEXT_MAX);
    row->user_tag = keep(a, ev->user_tag, TEXT_MAX);
    row->sdk_name = keep(a, json_text_of(sdk, "name"), TEXT_MAX);
    row->sdk_version = keep(a, json_text_of(sdk, "version"), TEXT_MAX);
    row->search = keep(a, ev->search, TEXT_MAX);
    row->trace = str_null(ev->trace) ? STR_NULL : str_copy(a, ev->trace);
    copy_tags(a, ev, row);

    row->nhashes = ev->nhashes < BATCH_HASHES ? ev->nhashes : BATCH_HASHES;
    row->nbound = ev->nbound < row->nhashes ? ev->nbound : row->nhashes;
    memcpy(row->hashes, ev->hashes, row->nhashes * sizeof(row->hashes[0]));
    if (row->nhashes == 0) {
        digest16(STR("no grouping info"), row->hashes[0]);
        row->nhashes = row->nbound = 1;
    }
    row->category = category;
    row->body = pack(it, ev->doc);
    it->event = row;
}


void
item_event_doc(struct item_context *it, struct json *doc, unsigned part)
{
    const struct message *m = it->message;
    struct str category = str_of(it->type->category);
    const char *filter;
    struct event ev;
    size_t row;

    if (str_is(json_text_of(doc, "type"), "transaction")) {
        item_transaction_doc(it, doc);
        return;
    }
    ev = (struct event){
        .organization_id = m->organization_id,
        .project_id = m->project_id,
        .key_id = m->key_id,
        .received_at = it->received_at,
        .sent_at = it->envelope != NULL ? it->envelope->sent_at : 0,
        .remote_addr = utf8_mend(it->scratch, m->addr),
        .user_agent = utf8_mend(it->scratch, m->agent),
        .sentry_client = utf8_mend(it->scratch, m->client),
        .grouping = it->grouping,
        .doc = doc,
    };
    identify(it, doc, part, ev.id);
    FAIL_POINT_OF("event", ev.id);
    stage(STAGE_NORMALISE);
    normalize_event(it->scratch, &ev);

    row = row_of(ev.doc);
    if (row < TYPES) {
        category = str_of(by_type[row].category);
    }

    stage(STAGE_FILTER);
    if ((filter = filters_match(it->filters, &ev)) != NULL) {
        it->filtered = filter;
        outcome_record(it, category, OUTCOME_FILTERED, str_of(filter), 1);
        return;
    }

    /* before anything is read out of it: no column holds a secret either */
    stage(STAGE_SCRUB);
    scrub_event(it->scratch, &ev, it->scrub);
    stage(STAGE_NORMALISE);
    event_facts(it->scratch, &ev);
    if (row < TYPES && by_type[row].keep != NULL) {
        by_type[row].keep(it, &ev);
        return;
    }
    stage(STAGE_GROUP);
    fingerprint_event(it->scratch, &ev);
    stage(STAGE_PACK);
    copy_event(it, &ev, category);
}


void
item_event(struct item_context *it)
{
    struct json *doc;

    stage(STAGE_PARSE);
    if (json_parse(it->scratch, it->item->payload, &event_limits, &doc, NULL)
            != ST_OK
        || !json_is(doc, JSON_T_OBJECT)) {
        outcome_record(it, str_of(it->type->category), OUTCOME_INVALID,
                       STR("invalid_json"), 1);
        return;
    }
    if (it->crash != NULL && it->crash->alone) {
        crash_finish(it->scratch, it->crash, doc);
        it->crash->alone = false;
    }
    item_event_doc(it, doc, 0);
}
