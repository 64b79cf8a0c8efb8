/*
 * integration/ask.h - parts of requests that many services share.
 */

#ifndef VEDETTE_INTEGRATION_ASK_H
#define VEDETTE_INTEGRATION_ASK_H

#include "integration/integration.h"

/*
 * The connection's address (its field "url", without slashes at the end) and
 * a path behind it; what goes into the path is made by ask_part.
 */
struct str ask_url(const struct integration_call *call, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* For "%s" of a path or a query. */
const char *ask_part(struct arena *a, struct str s);

/* "Authorization: Bearer TOKEN", or another word for "Bearer". */
void ask_token(const struct integration_call *call, struct post_request *rq,
               const char *word, struct str token);

void ask_basic(const struct integration_call *call, struct post_request *rq,
               struct str name, struct str password);

/* "a=1&b=2", values encoded; begin with an empty buffer. */
void ask_field(struct buf *form, const char *name, struct str value);

/* The reply as JSON; NULL when it is none. */
struct json *ask_json(struct arena *a, const struct post_reply *reply);

/*
 * A service that answers 200 and says inside that it did not work: what it
 * says becomes the answer.
 */
void ask_failed(struct integration_result *out, enum outbox_result result,
                struct str why);

#endif
