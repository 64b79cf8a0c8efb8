/*
 * integration/integration.h - services outside: one table, a row each.
 *
 * A row says what a service is called, what one types in to connect it, and
 * what it can do: chat, page somebody, take tickets, take everything as a
 * webhook.  Forms are drawn from the rows.  A new service is one file, one row
 * and one test.
 *
 * The notify process hands rows of the outbox to integration_deliver and
 * settles them by the result; the table of HTTP codes is here.
 */

#ifndef VEDETTE_INTEGRATION_INTEGRATION_H
#define VEDETTE_INTEGRATION_INTEGRATION_H

#include "outbound/post.h"
#include "model/integration.h"
#include "model/notice.h"
#include "model/outbox.h"

struct tracker;

/* ---- what is typed in */

enum field_kind {
    FIELD_TEXT,
    FIELD_SECRET,     /* sealed, never shown again */
    FIELD_SECRET_URL, /* a URL that is the secret: of an incoming webhook */
    FIELD_URL,        /* by the rules of guard.h */
    FIELD_LINES,
    FIELD_SWITCH, /* "on" or "" */
    FIELD_CHOICE, /* one of choices */
    FIELD_CHOICES /* any of choices, by commas */
};

struct field_choice {
    const char *id;
    const char *label;
};

struct integration_field {
    const char *name;
    const char *label;
    enum field_kind kind;
    bool required;
    const char *initial;                /* NULL: "" */
    const char *placeholder;            /* NULL: none */
    const char *help;                   /* a sentence; NULL: none */
    const struct field_choice *choices; /* ends with a null id */
};

/* ---- what came of it */

struct integration_result {
    enum outbox_result result;
    int code;          /* HTTP; 0: there was no answer */
    struct str answer; /* what it said, secrets masked; or why there is none */
    int64_t retry_after; /* µs; 0: it did not say */
    int64_t took;        /* µs */
    struct json *wrong;  /* what is wrong with which field; NULL: not told */
    bool maybe;   /* it went out, and no answer came: it may have been done */
    bool unasked; /* nobody was asked: it says nothing of the connection */
};

/* One use of a connection. */
struct integration_call {
    struct arena *a;
    struct db *db;
    const struct integration *i;
};

/* ---- the table */

enum integration_can {
    CAN_CHAT = 1,   /* messages for people */
    CAN_PAGE = 2,   /* wakes somebody, and knows when it is over */
    CAN_TICKET = 4, /* tracker is set */
    CAN_WEBHOOK = 8 /* everything, for programs */
};

struct integration_type {
    const char *type; /* "slack": in the database, in channel of the outbox */
    const char *label;
    const char *icon; /* of icons.svg */
    const char *does; /* what for, in a few words */
    unsigned can;
    const struct integration_field *fields; /* to connect; ends with no name */
    const struct integration_field *target; /* of an alert's action, likewise;
                                               NULL: none */
    /*
     * Asks the service whether what was typed in works, without telling
     * anybody; NULL: it has no such question, and only a message shows.
     */
    void (*check)(const struct integration_call *call,
                  struct integration_result *out);
    /* Tells it. */
    void (*send)(const struct integration_call *call, const struct notice *n,
                 struct integration_result *out);
    const struct tracker *tracker;
};

extern const struct integration_type *const integration_types[];
extern const size_t integration_types_count;

/* NULL when there is none of that name. */
const struct integration_type *integration_type(struct str type);

/* ---- using it */

/*
 * Sends a row of the outbox whose channel is a type of ours: a notice, or the
 * job of a ticket.  What became of it is also noted at the integration.
 * Another status than ST_OK: nothing is known, the database is away.
 */
enum status integration_deliver(struct db *db, struct arena *a,
                                const struct outbox_row *row,
                                struct integration_result *out) MUST_CHECK;

/*
 * Tests a connection, saved or not: its check, else a message that says that
 * it is a test.  url: of a page to look at.
 */
void integration_test(struct db *db, struct arena *a,
                      const struct integration *i, struct str organization,
                      struct str url, struct integration_result *out);

/*
 * What a connection may hear of by itself, without a rule: it chooses in its
 * field "events" which.  A list that ends with a null id.
 */
extern const struct field_choice integration_events[];

/* "issue.resolved": what this notice is in the words of that list. */
struct str integration_event(struct arena *a, const struct notice *n);

/*
 * Rows for outbox_add, one for each connection of the organisation that has
 * chosen the event of this notice; data is set, and the key made from the
 * notice's.
 */
enum status integration_listeners(struct db *db, struct arena *a,
                                  const struct notice *n,
                                  struct outbox_row **out,
                                  size_t *count) MUST_CHECK;

/* ---- for the files of the services */

/* Takes a reply apart by the common rules; secrets are masked. */
void integration_judge(const struct integration_call *call,
                       const struct post_reply *reply,
                       struct integration_result *out);

/* Sends, and judges. */
void integration_post(const struct integration_call *call,
                      const struct post_request *rq, struct post_reply *reply,
                      struct integration_result *out);

/* The same with JSON. */
void integration_post_json(const struct integration_call *call,
                           struct post_request *rq, const struct json *body,
                           struct post_reply *reply,
                           struct integration_result *out);

/* What somebody said, for people: mended, cut, secrets masked. */
struct str integration_mask(const struct integration_call *call,
                            struct str text);

/* A failure that is known without asking. */
void integration_refuse(struct integration_result *out, struct str why);

/* A value of the notice's settings (the alert's action), else the connection's.
 */
struct str integration_setting(const struct integration_call *call,
                               const struct notice *n, const char *name);

#endif
