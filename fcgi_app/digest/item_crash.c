/*
 * Crashes: first the event, then its files, and what the user said about it.
 */

#include "digest/item.h"

#include "digest/crash.h"
#include "digest/outcome.h"
#include "json/make.h"
#include "util/hex.h"


static void
add_comment(struct item_context *it, const unsigned char id[16],
            struct str comment)
{
    struct arena *a = it->scratch;
    struct json *doc = json_new(a, JSON_T_OBJECT);
    struct json *feedback =
        make_object(a, make_object(a, doc, "contexts"), "feedback");

    make_text(a, doc, "type", "feedback");
    make_str(a, feedback, "message", comment);
    make_str(a, feedback, "associated_event_id", uuid_hex(a, id));
    item_event_doc(it, doc, 1);
}


static void
keep(struct item_context *it, struct crash *c)
{
    unsigned char id[16];

    crash_finish(it->scratch, c, c->doc);
    item_event_doc(it, c->doc, 0);
    item_event_id(it, id);
    for (size_t i = 0; i < c->nfiles && it->st == ST_OK; i++) {
        const struct crash_file *f = &c->files[i];

        if (!item_dropped(it, f->position)) {
            attachment_keep(it, id, f->name, f->content_type, f->type,
                            f->bytes);
        }
    }
    if (c->comment.n > 0 && it->filtered == NULL) {
        add_comment(it, id, c->comment);
    }
}


/* What could not be read: the event, and the file that it was. */
static void
refuse(struct item_context *it, struct str reason)
{
    int64_t size = (int64_t) it->item->payload.n;

    outcome_record(it, str_of(it->type->category), OUTCOME_INVALID, reason, 1);
    outcome_record(it, STR("attachment"), OUTCOME_INVALID, reason,
                   size > 0 ? size : 1);
    outcome_record(it, STR("attachment_item"), OUTCOME_INVALID, reason, 1);
}


void
item_minidump(struct item_context *it)
{
    struct crash *c = crash_new(it->scratch);
    const char *reason;

    if (crash_of_form(it->scratch, it->message->type, it->item->payload, c,
                      &reason)
        == ST_OK) {
        keep(it, c);
        return;
    }
    refuse(it, str_of(reason));
}


void
item_unreal(struct item_context *it)
{
    struct crash *c = crash_new(it->scratch);
    const char *reason;

    if (crash_of_unreal(it->scratch, it->message->query, it->item->payload, c,
                        &reason)
        == ST_OK) {
        keep(it, c);
        return;
    }
    refuse(it, str_of(reason));
}
