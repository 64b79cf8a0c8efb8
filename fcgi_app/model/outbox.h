/*
 * model/outbox.h - what is to be sent, and what became of it.
 *
 * Whoever changes something that others want to know of adds rows in the same
 * transaction; a notify process of "vedette worker" leases rows that are due
 * (outbox_lane.h), sends, and says how it went.  At least once, and at most one
 * more: what a sender that dies had in flight is sent again under the same key.
 *
 * channel "route": nobody knows yet who gets it.  The notify process works it
 * out (alert/route.h) and adds a row for each receiver.
 * channel "mail":  to address; anything else is a type of integration.h.
 *
 * A failed attempt waits longer each time (with chance, and as long as the
 * other side asks for); after OUTBOX_TRIES or a day it is given up.  Failures
 * of an endpoint are counted: after OUTBOX_BREAK in a row it rests, then gets
 * one row at a time until one arrives.
 */

#ifndef VEDETTE_MODEL_OUTBOX_H
#define VEDETTE_MODEL_OUTBOX_H

#include "db/db.h"

#define OUTBOX_TRIES 10
#define OUTBOX_BREAK 5
#define OUTBOX_ANSWER_MAX 2000 /* bytes of last_answer */
#define OUTBOX_PAGE 50

enum outbox_state {
    OUTBOX_WAITING = 0,
    OUTBOX_SENT = 1,
    OUTBOX_DEAD = 2,    /* given up */
    OUTBOX_LEFT_OUT = 3 /* muted, over a cap, or put into a digest */
};

/* 0 and the null str: none. */
struct outbox_row {
    int64_t id;
    int64_t organization_id;
    int64_t project_id;
    int64_t issue_id;
    int64_t rule_id;
    int64_t fire_id;
    struct str cause; /* as notice.cause */
    struct str channel;
    int64_t integration_id;
    int64_t account_id;
    struct str address;
    struct str endpoint;
    struct str data;
    struct str key;
    enum outbox_state state;
    int64_t due_at; /* µs; 0 when adding: now */
    int attempts;   /* this one included, while leased */
    int last_code;
    struct str last_answer;
    int64_t created_at;
    int64_t done_at;
};

/*
 * Adds rows, best inside the transaction of what they tell of; a key that is
 * there already is left alone.  The notify process wakes up at the commit.
 */
enum status outbox_add(struct db *db, struct arena *a,
                       const struct outbox_row *rows, size_t n) MUST_CHECK;

/*
 * A mail about an account (password reset, invitation, confirmation): to an
 * address, with the words of the subject, a text of whole sentences and a link
 * with the words of its button.  organization_id 0: the installation's.  The
 * key makes the same request twice one mail.
 */
enum status outbox_mail(struct db *db, struct arena *a, int64_t organization_id,
                        struct str address, struct str subject, struct str text,
                        struct str button, struct str url,
                        struct str key) MUST_CHECK;

/* A row of any statement that selects all its columns. */
void outbox_from_row(const struct db_rows *rows, int i, struct outbox_row *out);

/*
 * Who gets a row: the language of the account, or of the one that has the
 * address, else the organisation's; "": nobody has said.  Likewise the time
 * zone; without an account "".
 */
struct outbox_reader {
    struct str language;
    struct str time_zone;
};

enum status outbox_reader(struct db *db, struct arena *a,
                          const struct outbox_row *row,
                          struct outbox_reader *out) MUST_CHECK;

/* How sending went. */
enum outbox_result { OUTBOX_OK, OUTBOX_RETRY, OUTBOX_PERMANENT };

/*
 * Notes the end of an attempt; retry_after in µs, 0: as the table of waits
 * says.  *dead: the row was given up by this.
 */
enum status outbox_settle(struct db *db, struct arena *a,
                          const struct outbox_row *row,
                          enum outbox_result result, int code,
                          struct str answer, int64_t retry_after,
                          bool *dead) MUST_CHECK;

/* A row of channel "route" has become others; inside their transaction. */
enum status outbox_routed(struct db *db, struct arena *a,
                          int64_t id) MUST_CHECK;

/* Takes the row out without sending; why is for people. */
enum status outbox_leave_out(struct db *db, struct arena *a, int64_t id,
                             struct str why) MUST_CHECK;

/* Removes rows that were settled so many days ago, a bounded number of them. */
enum status outbox_forget(struct db *db, struct arena *a, int days,
                          bool *more) MUST_CHECK;

/*
 * Deliveries of an organisation, newest first, OUTBOX_PAGE at most: of one
 * integration, one rule, one firing (0: all), failed ones only; before the id
 * (0: from the start).  Rows of channel "route" are not shown.
 */
struct outbox_filter {
    int64_t integration_id;
    int64_t rule_id;
    int64_t fire_id;
    bool failed;
    int64_t before;
};

enum status outbox_list(struct db *db, struct arena *a, int64_t organization_id,
                        const struct outbox_filter *filter,
                        struct outbox_row **out, size_t *n,
                        bool *more) MUST_CHECK;

/* What was sent because of these firings, 500 rows at most. */
enum status outbox_of_fires(struct db *db, struct arena *a,
                            int64_t organization_id, const int64_t *fires,
                            size_t nfires, struct outbox_row **out,
                            size_t *n) MUST_CHECK;

/*
 * How a channel did: what was delivered by it and what was given up, the last
 * trouble, and how long deliveries took.
 */
struct outbox_channel {
    struct str channel;
    int64_t integration_id; /* 0: none, mails */
    struct str name;        /* the integration's */
    int64_t sent;
    int64_t failed;
    int64_t waiting;
    double median;   /* seconds from the alert to the receiver; < 0: unknown */
    double slow;     /* 99 of 100 took no longer */
    int64_t sent_at; /* the last one; 0: none */
    int64_t failed_at; /* the last trouble; 0: none */
    int last_code;
    struct str last_answer;
};

/* Of the last OUTBOX_CHANNEL_ROWS deliveries since a time (µs). */
#define OUTBOX_CHANNEL_ROWS 20000

enum status outbox_channels(struct db *db, struct arena *a,
                            int64_t organization_id, int64_t since,
                            struct outbox_channel **out, size_t *n) MUST_CHECK;

#endif
