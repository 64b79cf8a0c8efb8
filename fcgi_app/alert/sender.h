/*
 * alert/sender.h - a notify process: takes a lane of the outbox that has rows
 * to send (model/outbox_lane.h) and deals with some of them, one after the
 * other; then another lane.
 *
 * A row is leased before and settled after; whoever dies in between has done
 * one of them perhaps, and it is done again under the same key.
 */

#ifndef VEDETTE_ALERT_SENDER_H
#define VEDETTE_ALERT_SENDER_H

#include "alert/link.h"
#include "alert/smtp.h"
#include "model/notice.h"

/* What a mail is made of; the templates are not known here. */
struct mail_parts {
    struct str subject;
    struct str text;
    struct str html;
};

/* key: signs links; account_id 0: a bare address, which gets no such links. */
typedef enum status (*mail_render)(struct arena *a, const struct notice *n,
                                   struct str key, int64_t account_id,
                                   struct str unsubscribe,
                                   struct mail_parts *out);

struct sender;

/*
 * One of so many senders; half of them at most are at endpoints that have
 * failed.  busy: is told when there is something to do, and when not any more.
 */
struct sender *sender_new(struct db *db, mail_render render, int senders,
                          void (*busy)(bool is));
void sender_free(struct sender *s);

/* What has been done since the start, for the sign of life. */
uint64_t sender_sent(const struct sender *s);

/* How long it has had nothing to do, µs. */
int64_t sender_idle(const struct sender *s);

/*
 * Deals with what is due; when nothing is, waits for something, wait_ms at
 * most.  ST_RETRY: the database is away.
 */
enum status sender_turn(struct sender *s, int wait_ms) MUST_CHECK;

#endif
