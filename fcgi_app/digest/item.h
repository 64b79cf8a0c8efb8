/*
 * digest/item.h - the table of item types (protocol.md §2.4).
 *
 * A row says in which category an item of the type is counted, how large it
 * may be, and which function digests it.  A type without a function is known
 * but not kept yet: it is recorded as accepted with the reason "not_kept", so
 * that the ledger adds up and Stats tell the truth.  One row, one item_x.c and
 * one test add a type.
 */

#ifndef VEDETTE_DIGEST_ITEM_H
#define VEDETTE_DIGEST_ITEM_H

#include "envelope/envelope.h"
#include "model/batch.h"
#include "queue/queue.h"

struct item_type;
struct crash;          /* digest/crash.h */
struct filters;        /* digest/filter.h */
struct event;          /* digest/event.h */
struct scrub_settings; /* digest/scrub.h */

/* What the project wants of attachments. */
struct attachment_wish {
    bool off;
    bool full;    /* lately; what is decisive is decided when it is stored */
    int64_t room; /* bytes that it may keep in all */
};

/* One item on its way into the batch. */
struct item_context {
    struct arena *scratch; /* until the end of this item */
    struct batch *batch;
    const struct message *message;
    const struct envelope *envelope; /* NULL: a store request */
    const struct item *item;
    const struct item_type *type;
    struct str request; /* all of its body; null: it could not be unpacked */
    const struct filters *filters;      /* the project's */
    const struct grouping *grouping;    /* its own rules, or NULL */
    const struct scrub_settings *scrub; /* NULL: the defaults */
    struct attachment_wish attachments;
    bool sampling;       /* bodies may be left out of issues that flood */
    int32_t dictionary;  /* to pack bodies with, 0: none (model/body.h) */
    int64_t received_at; /* µs; the message's, if it can be true */

    /* what the other items of its envelope tell: attachments of a crash, for
     * the event, or NULL; how many hold logs */
    struct crash *crash;
    unsigned logs;

    /* what the items of this request that hang on its event have to know */
    const struct batch_event *event; /* NULL: none is stored */
    const char *filtered;            /* the filter that dropped it, or NULL */

    enum status st; /* ST_RETRY: something is away, digest it all again */
};

struct item_type {
    const char *name;
    const char *category;
    const char *by_count; /* a second category, counted by 1, or NULL */
    size_t max_bytes;
    bool by_bytes; /* the category's quantity is the size */
    bool hangs;    /* on the event of its request, and comes after it */
    void (*digest)(struct item_context *it);
};

/* Digests one item: whatever it is, it ends in the batch as an event or as
 * exactly one outcome in each of its categories. */
void item_digest(struct item_context *it);

/* The item's outcome, in each of its categories. */
void item_settle(const struct item_context *it, struct str outcome,
                 struct str reason);

/* Did the edge drop what stands at this position, and record why? */
bool item_dropped(const struct item_context *it, unsigned position);

/*
 * Of what is no event: the key of a filter of the project that it runs into, or
 * NULL.  doc has what there is of an event's attributes.
 */
const char *item_filter(struct item_context *it, struct json *doc);

/* Never NULL: a type that nobody knows has a row as well. */
const struct item_type *item_type_find(struct str name);

/* item_event.c: "event" */
void item_event(struct item_context *it);

/*
 * An event's payload that another item holds or makes; the part says which of
 * its events, from 0 on.
 */
void item_event_doc(struct item_context *it, struct json *doc, unsigned part);

/*
 * item_feedback.c: "feedback" and "user_report"; and an event that is feedback,
 * understood, scrubbed and with its facts.
 */
void item_feedback(struct item_context *it);
void item_user_report(struct item_context *it);
void item_feedback_event(struct item_context *it, const struct event *ev);

/* item_attachment.c: "attachment" */
void item_attachment(struct item_context *it);

/*
 * Keeps a file with the event of this id; false when it could not be, and
 * its outcome says why.
 */
bool attachment_keep(struct item_context *it, const unsigned char event_id[16],
                     struct str name, struct str content_type, struct str type,
                     struct str bytes);

/* The id of the event that the request is about: item_event.c. */
void item_event_id(const struct item_context *it, unsigned char id[16]);

/* item_crash.c: "minidump", which may be a form, and "unreal_report" */
void item_minidump(struct item_context *it);
void item_unreal(struct item_context *it);

/* item_security.c: what browsers report: "nel", "security", "raw_security" */
void item_security(struct item_context *it);

/* item_session.c: "session" and "sessions" */
void item_session(struct item_context *it);
void item_sessions(struct item_context *it);

/* item_transaction.c: "transaction", and an event that is one */
void item_transaction(struct item_context *it);
void item_transaction_doc(struct item_context *it, struct json *doc);

/* … and what spans have: such an id, an end that is not before the start */
#define TRACE_ID 16 /* bytes */
#define SPAN_ID 8
bool item_has_id(const struct json *v, const char *name, size_t bytes);
bool item_lasts(const struct json *v, const char *end);
bool item_is_span(const struct json *v);

/* item_container.c: "log", "trace_metric"; "span" is one, or is in one */
void item_container(struct item_context *it);
void item_span(struct item_context *it);

/* item_check_in.c: "check_in" */
void item_check_in(struct item_context *it);

/* item_client_report.c: "client_report" */
void item_client_report(struct item_context *it);

#endif
