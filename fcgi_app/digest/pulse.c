#include "digest/pulse.h"

#include <stdlib.h>

#include "envelope/store.h"
#include "json/doc.h"
#include "model/pulse.h"
#include "queue/message.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/timeutil.h"

/* Ours has some hundred bytes. */
#define BODY_MAX 4096


bool
pulse_is(const struct message *m)
{
    return m->project_id == VEDETTE_PULSE_NUMBER;
}


void
pulse_digest(struct arena *a, struct batch *b, const struct message *m,
             struct str body)
{
    struct batch_pulse pulse = { .received_at = m->received_at };
    struct json *doc;
    struct str text;

    if (store_body(a, body, m->query, BODY_MAX, &text) != ST_OK
        || json_parse(a, text, NULL, &doc, NULL) != ST_OK
        || !uuid_parse(json_text_of(doc, "event_id"), pulse.event_id)
        || !json_i64(json_get(doc, "sent_at"), &pulse.sent_at)) {
        log_warning("a synthetic event that is none of ours: left out");
        return;
    }
    pulse_add(b, &pulse);
}
