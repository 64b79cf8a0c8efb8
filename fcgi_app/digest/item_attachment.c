/*
 * Files: their bytes go to disk now, under their hash, and their row into the
 * batch.  Should the batch not be stored, the sweep finds the bytes without a
 * row (util/blob.h).
 */

#include "digest/item.h"

#include "digest/outcome.h"
#include "digest/scrub.h"
#include "envelope/multipart.h"
#include "util/blob.h"

#define NAME_MAX_BYTES 200
#define TYPE_MAX_BYTES 100


static void
settle(struct item_context *it, struct str outcome, struct str reason,
       struct str bytes)
{
    outcome_record(it, STR("attachment"), outcome, reason,
                   bytes.n > 0 ? (int64_t) bytes.n : 1);
    outcome_record(it, STR("attachment_item"), outcome, reason, 1);
}


/* One line of printable text, at most max bytes. */
static struct str
label(struct item_context *it, struct str s, size_t max, struct str fallback)
{
    struct str text = str_trim(str_cut(utf8_mend(it->scratch, s), max));
    char *p = str_dup(it->batch->arena, text);

    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char) p[i] < ' ' || p[i] == 0x7f) {
            p[i] = '_';
        }
    }
    return text.n > 0 ? str_make(p, text.n) : fallback;
}


/* By the project's rules; false when they leave nothing to keep. */
static bool
scrub(struct item_context *it, struct str name, struct str *bytes)
{
    const struct scrub_settings *s = it->scrub;
    enum scrub_file what = s != NULL
                               ? scrub_file(it->scratch, s->rules, s->nrules,
                                            base_name(name), bytes)
                               : SCRUB_FILE_AS_IT_IS;

    if (what == SCRUB_FILE_GONE) {
        settle(it, OUTCOME_FILTERED, STR("scrubbed"), *bytes);

    } else if (what == SCRUB_FILE_TOO_LARGE) {
        settle(it, OUTCOME_FILTERED, STR("too_large:scrubbing"), *bytes);
    }
    return what == SCRUB_FILE_AS_IT_IS || what == SCRUB_FILE_CHANGED;
}


bool
attachment_keep(struct item_context *it, const unsigned char event_id[16],
                struct str name, struct str content_type, struct str type,
                struct str bytes)
{
    unsigned char hash[BLOB_BYTES];
    struct batch_attachment *at;

    if (it->filtered != NULL) {
        settle(it, OUTCOME_FILTERED, str_of(it->filtered), bytes);
        return false;
    }
    if (it->attachments.off) {
        settle(it, OUTCOME_FILTERED, STR("attachments-off"), bytes);
        return false;
    }
    if (it->attachments.full) {
        settle(it, STR("rate_limited"), STR("attachment_storage"), bytes);
        return false;
    }
    if (!scrub(it, name, &bytes)) {
        return false;
    }
    if (blob_put(bytes, hash) != ST_OK) {
        it->st = ST_RETRY;
        return false;
    }

    at = batch_attachment_new(it->batch);
    at->organization_id = it->message->organization_id;
    at->project_id = it->message->project_id;
    at->key_id = it->message->key_id;
    memcpy(at->event_id, event_id, sizeof(at->event_id));
    at->event = it->event;
    at->received_at = it->received_at;
    at->name = label(it, base_name(name), NAME_MAX_BYTES, STR("attachment"));
    at->content_type = label(it, content_type, TYPE_MAX_BYTES, STR(""));
    at->type = label(it, type, TYPE_MAX_BYTES, STR("event.attachment"));
    at->size = (int64_t) bytes.n;
    memcpy(at->hash, hash, sizeof(at->hash));
    at->room = it->attachments.room;
    return true;
}


void
item_attachment(struct item_context *it)
{
    const struct json *header = it->item->header;
    struct str type = json_text_of(header, "attachment_type");
    unsigned char id[16];

    if (it->crash != NULL
        && (str_is(type, "event.payload")
            || str_is(type, "event.breadcrumbs"))) {
        settle(it, OUTCOME_ACCEPTED, STR("merged"), it->item->payload);
        return;
    }

    if (it->event != NULL) {
        memcpy(id, it->event->id, sizeof(id));

    } else {
        item_event_id(it, id);
    }
    attachment_keep(it, id, json_text_of(header, "filename"),
                    json_text_of(header, "content_type"), type,
                    it->item->payload);
}
